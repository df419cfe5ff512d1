"""Drivers by which ports come to applications: that they exist, fit the device, find it, and have an IOMMU."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc import codes
from netc.checks.kernels import surely_lacks
from netc.checks.wording import quoted, spoken_nics
from netc.checks.xdp import label_at
from netc.diagnostics import Sentence
from netc.dpdk.applications import application_of
from netc.dpdk.binding import (
    IGB_UIO,
    UIO_PCI_GENERIC,
    address_of,
    confined,
    given,
    goes_without_iommu,
    handed_over,
    is_bifurcated,
    unconfined,
)
from netc.model import AF_XDP, UIO_HV_GENERIC, VFIO_PCI
from netc.places import name_in, value_of
from netc.suggest import did_you_mean

if TYPE_CHECKING:
    from netc.diagnostics import Diagnostic, Report
    from netc.model import Host, Nic
    from netc.source import Span

PCI_DRIVERS = (VFIO_PCI, UIO_PCI_GENERIC, IGB_UIO)
WORDS = (*PCI_DRIVERS, UIO_HV_GENERIC, AF_XDP)
"""What may follow `driver` of `dpdk`, beside the driver of a bifurcated port."""
OVERRIDE_SINCE = {"pci": "3.16", "vmbus": "4.20"}
"""The first kernels whose devices have `driver_override` (Documentation/ABI/testing/sysfs-bus-pci and -vmbus)."""
BY_DRIVER = "leave `driver` out, so that netc takes what fits"


def place_of(nic: Nic) -> Span | None:
    """Where a port is handed over: `driver` of its `dpdk`, else `dpdk`."""
    entry, section = nic.within("dpdk", "driver"), nic.section.section("dpdk")
    if entry is not None:
        return value_of(entry, "driver")
    return section.span if section is not None else nic.span


def drivers_give_ports(host: Host, report: Report) -> None:
    """The driver is one by which DPDK has ports, of this device too."""
    for nic in handed_over(host):
        word = nic.dpdk_driver
        if not _is_known(word):
            notes = [f"it is {quoted(WORDS, 'or')}, or the port's own driver where that stays bound, as `mlx5_core`"]
            help_lines = did_you_mean(word, WORDS) or (BY_DRIVER,)
            report.add(codes.DPDK_DRIVER_UNKNOWN.at(place_of(nic), driver=word, notes=notes, help=help_lines))
            continue
        problem, notes, help_lines = _misfit(nic)
        if problem:
            report.add(
                codes.DPDK_DRIVER_UNFIT.at(
                    place_of(nic),
                    driver=word,
                    nic=nic.name,
                    problem=Sentence(problem),
                    labels=label_at(value_of(nic.driver, "driver") if nic.driver is not None else None, "its driver"),
                    notes=notes,
                    help=help_lines,
                )
            )
        elif _is_uncertain(nic) and not _is_of_nobody(host, nic):
            report.add(_uncertain(nic))


def _is_known(word: str) -> bool:
    return word in WORDS or is_bifurcated(word)


def _fits(nic: Nic) -> bool:
    return _is_known(nic.dpdk_driver) and not _misfit(nic)[0]


def _misfit(nic: Nic) -> tuple[str, list[str], tuple[str, ...]]:
    """Why the driver cannot give the port away, what is known of that, and the way out; empty where it can."""
    word, knowledge = nic.dpdk_driver, nic.knowledge
    own = nic.driver.value if nic.driver is not None else ""
    if is_bifurcated(word) and not nic.bifurcated:
        known = f"the port's is `{own}`" if own else "nothing tells the port's: name it by `driver` of `nic`"
        return f"a driver that stays bound is the port's own, and {known}", [], (BY_DRIVER,)
    if knowledge is None or word == AF_XDP or nic.bifurcated:
        return "", [], ()
    model, to_af_xdp = knowledge.dpdk.model, "write `dpdk { driver af_xdp }`, which leaves the port to the kernel"
    if model == "bifurcated":
        note = f"DPDK comes to its queues by verbs, which `{own}` gives; without that driver it finds no port"
        return f"a port of `{own}` keeps its driver", [note], (BY_DRIVER,)
    if (word == UIO_HV_GENERIC) != (knowledge.bus == "vmbus"):
        sits = {"vmbus": "the VMBus", "none": "no bus", "virtio": "PCI"}.get(knowledge.bus, "PCI")
        return f"a port of `{own}` sits on {sits}", [], (BY_DRIVER if model != "none" else to_af_xdp,)
    if model == "none" and knowledge.dpdk.verified:
        return f"DPDK has no driver for ports of `{own}`", [], (to_af_xdp,)
    return "", [], ()


def _is_of_nobody(host: Host, nic: Nic) -> bool:
    """Whether it is a virtual function of a NIC that the host does not have, which has been said."""
    return nic.match.vf is not None and host.nic(nic.match.vf.value[1]) is None


def _is_uncertain(nic: Nic) -> bool:
    if nic.dpdk_driver == AF_XDP:
        return False
    return nic.knowledge is None or not nic.knowledge.dpdk.verified


def _uncertain(nic: Nic) -> Diagnostic:
    if nic.driver is None:
        note = "its driver is not named; some, as `mlx5_core`, must stay bound, and then its port is not taken at boot"
        way_out = "name it by `driver` of `nic`: `ethtool -i` tells it"
    else:
        note = f"what DPDK does with `{nic.driver.value}` was not read in a source"
        way_out = "look for its poll mode driver among the network drivers of DPDK's guide"
    return codes.DPDK_DRIVER_UNCERTAIN.at(
        place_of(nic), nic=nic.name, driver=nic.dpdk_driver, notes=[note], help=[way_out]
    )


def devices_have_an_address(host: Host, report: Report) -> None:
    """A port without an interface is found by the address of its device."""
    for nic in given(host):
        if address_of(host, nic) is not None or host.may_be_unread(nic.span) or not _fits(nic):
            continue
        if _is_of_nobody(host, nic):
            continue
        vmbus, match = nic.dpdk_driver == UIO_HV_GENERIC, nic.match.section
        note = "a MAC address or name is the interface's, which is gone as soon as another driver has the port"
        purpose = "the application names it" if nic.bifurcated else f"it is bound to `{nic.dpdk_driver}`"
        report.add(
            codes.DEVICE_WITHOUT_ADDRESS.at(
                match.span if match is not None else nic.span,
                bus="VMBus device" if vmbus else "PCI address",
                nic=nic.name,
                purpose=Sentence(purpose),
                labels=label_at(place_of(nic), "it is handed over here"),
                notes=[] if nic.bifurcated else [note],
                help=[_where_it_stands(nic)],
            )
        )


def _where_it_stands(nic: Nic) -> str:
    if nic.dpdk_driver == UIO_HV_GENERIC:
        return "write `match vmbus UUID`; /sys/class/net/NAME/device leads to it"
    if nic.match.vf is not None:
        return f"write `match pci 0000:18:00.0` in nic `{nic.match.vf.value[1]}`, whose virtual function it is"
    return "write `match pci 0000:18:00.0`; /sys/class/net/NAME/device leads to it, and `netc probe` shows it"


def kernel_can_override(host: Host, report: Report) -> None:
    """The target's kernel lets one device have another driver."""
    for nic in given(host):
        since = OVERRIDE_SINCE["vmbus" if nic.dpdk_driver == UIO_HV_GENERIC else "pci"]
        if not nic.bifurcated and surely_lacks(host, since):
            kernel = host.system.kernel.value
            report.add(
                codes.DPDK_DRIVER_UNFIT.at(
                    place_of(nic),
                    driver=nic.dpdk_driver,
                    nic=nic.name,
                    problem=Sentence(f"kernel {kernel} has no `driver_override`, which came with {since}"),
                    help=["name a newer kernel in `system`"],
                )
            )


def the_iommu_is_on(host: Host, report: Report) -> None:
    """No argument of the file turns off the IOMMU that ports of `vfio-pci` need."""
    ports = confined(host)
    for entry in host.kernel_arguments if ports else ():
        name, _, value = entry.value.text.partition("=")
        if name in ("iommu", "intel_iommu", "amd_iommu") and "off" in value.split(","):
            report.add(
                codes.IOMMU_OFF.at(
                    name_in(entry, entry.value.text),
                    argument=entry.value.text,
                    ports=Sentence(spoken_nics([nic.name for nic in ports])),
                    labels=label_at(place_of(ports[0]), "it is handed over here"),
                    notes=["vfio-pci refuses a device that is in no IOMMU group (drivers/vfio/group.c)"],
                    help=["remove the `kernel-argument`: netc writes what the IOMMU needs"],
                )
            )


def doing_without_is_possible(host: Host, report: Report) -> None:
    """`no-iommu on` has a kernel that can, and is not said without its price."""
    ports = [nic for nic in given(host) if goes_without_iommu(host, nic)]
    told = []
    for nic in ports:
        application = application_of(host, nic)
        entry = application.entry("no-iommu") if application is not None else None
        if entry is None or entry in told:
            continue
        told.append(entry)
        distribution = host.system.distribution
        if distribution.modules.vfio_noiommu == "n":
            report.add(
                codes.NO_IOMMU_MISSING.at(
                    entry.span,
                    system=f"{distribution.name} {distribution.release or ''}".strip(),
                    notes=["it is built without CONFIG_VFIO_NOIOMMU", f"source: {distribution.source}"],
                    help=[
                        "write `dpdk { driver af_xdp }` in the NIC, which leaves it to the kernel",
                        "give the virtual machine an IOMMU, and leave `no-iommu` out",
                        "write `distribution generic` for a kernel of your own that has it",
                    ],
                )
            )
            continue
        notes = ["the kernel is tainted, and the port opens for CAP_SYS_RAWIO alone (drivers/vfio/group.c)"]
        if distribution.modules.vfio_noiommu is None:
            notes.append("it takes a kernel with CONFIG_VFIO_NOIOMMU, and nothing tells whether the target's has it")
        names = [each.name for each in ports if application_of(host, each) is application]
        shown = Sentence(spoken_nics(names))
        report.add(codes.NO_IOMMU_UNPROTECTED.at(entry.span, ports=shown, notes=notes, help=[WITHOUT]))


WITHOUT = "leave `no-iommu` out where the machine has an IOMMU"


def guests_have_an_iommu(host: Host, report: Report) -> None:
    """A port of a virtual machine is bound to `vfio-pci` where the machine was given an IOMMU."""
    for nic in filter(_fits, confined(host)):
        knowledge, application = nic.knowledge, application_of(host, nic)
        if knowledge is None or not knowledge.dpdk.guest:
            continue
        notes = [f"DPDK's guide of `{knowledge.name}`: {knowledge.dpdk.note}"] if knowledge.dpdk.note else []
        help_lines = ["write `dpdk { driver af_xdp }`, which leaves the port to the kernel"]
        if host.system.distribution.modules.vfio_noiommu != "n" and application is not None:
            help_lines.append(f'write `no-iommu on` in `dpdk "{application.unit}"` where the machine has none')
        report.add(codes.IOMMU_IN_A_GUEST.at(place_of(nic), nic=nic.name, notes=notes, help=help_lines))


def drivers_are_confined(host: Host, report: Report) -> None:
    for nic in filter(_fits, unconfined(host)):
        notes = ["no IOMMU stands in between, so the application runs as root, and a kernel under lockdown refuses it"]
        if nic.dpdk_driver == IGB_UIO:
            notes.append("the kernel has no such module: it is built for each kernel from DPDK's dpdk-kmods")
        elif nic.match.vf is not None:
            notes.append("a virtual function has no interrupt line, which `uio_pci_generic` needs")
        help_lines = [f"leave `driver` out, so that the port is bound to `{VFIO_PCI}`"]
        report.add(
            codes.UNCONFINED_DRIVER.at(
                place_of(nic), driver=nic.dpdk_driver, nic=nic.name, notes=notes, help=help_lines
            )
        )


def ports_go_together(host: Host, report: Report) -> None:
    """Whoever shares an IOMMU group or a PCI function with a port that is taken from the kernel goes too."""
    taken = [nic for nic in given(host) if not nic.bifurcated]
    for nic in taken:
        address = address_of(host, nic)
        sharing: list[tuple[str, str, Span | None]] = []
        for other in host.nics:
            if other in taken or other is nic or _is_one_port(nic, other):
                continue
            if address is not None and address.function is None and address == address_of(host, other):
                sharing.append((f"nic `{other.name}`", f"the PCI function {address.text}", other.span))
            elif nic.dpdk_driver == VFIO_PCI and (group := _group(nic)) is not None and group == _group(other):
                sharing.append((f"nic `{other.name}`", f"IOMMU group {group}", other.span))
        sharing += _strangers(host, nic)
        for name, shared, place in sharing:
            report.add(_goes_too(nic, name, shared, place))


def _is_one_port(nic: Nic, other: Nic) -> bool:
    """Whether two NICs match one port by its PCI address, which has been said."""
    return nic.match.pci is not None and all(
        (one.value if one is not None else None) == (two.value if two is not None else None)
        for one, two in ((getattr(nic.match, word), getattr(other.match, word)) for word in ("pci", "port", "mac"))
    )


def _group(nic: Nic) -> int | None:
    return nic.fact.iommu_group if nic.fact is not None else None


def _strangers(host: Host, nic: Nic) -> list[tuple[str, str, Span | None]]:
    """Ports of the facts that the file says nothing of, in the IOMMU group of a port of `vfio-pci`."""
    group = _group(nic)
    if host.facts is None or group is None or nic.dpdk_driver != VFIO_PCI or goes_without_iommu(host, nic):
        return []
    described = [each.fact for each in host.nics]
    return [
        (f"port `{fact.name or fact.pci or fact.mac}`", f"IOMMU group {group}", host.facts.span_of("nics", index))
        for index, fact in enumerate(host.facts.facts.nics)
        if fact.iommu_group == group and not any(fact is known for known in described)
    ]


def _goes_too(nic: Nic, other: str, shared: str, place: Span | None) -> Diagnostic:
    group = shared.startswith("IOMMU")
    note = "an application can open a group when the kernel drives none of its devices (driver-api/vfio.rst)"
    if not group:
        note = "a function has one driver, and with it all its ports go"
    too = f"hand {other.rpartition(' ')[2]} over too"
    return codes.CANNOT_STAY.at(
        place_of(nic),
        other=Sentence(other),
        nic=nic.name,
        shared=Sentence(shared),
        labels=label_at(place, "this port stays with the kernel"),
        notes=[note],
        help=[f"{too}, or put the cards into slots of groups of their own" if group else too],
    )

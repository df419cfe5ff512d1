"""Ports for applications: what each is bound to, the modules and the kernel arguments that takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.dpdk.applications import application_of
from netc.dpdk.binding import (
    NO_IOMMU_OPTION,
    UNCONFINED,
    address_of,
    bound_driver,
    confined,
    device_driver,
    given,
    goes_without_iommu,
    iommu_arguments,
    modules_of,
    unconfined,
    vendor_of,
)
from netc.dpdk.memory import reservations
from netc.model import UIO_HV_GENERIC, VFIO_PCI
from netc.plan import Device, Why
from netc.planning.arithmetic import power_of_two
from netc.planning.draft import is_builtin
from netc.units import counted

if TYPE_CHECKING:
    from netc.model import Host, Nic
    from netc.planning.draft import Draft


def plan_devices(draft: Draft) -> None:
    host = draft.host
    for nic in given(host):
        _bind(draft, nic)
        for module in modules_of(nic):
            if not is_builtin(host, module):
                why = Why((_place(nic),), "module of a port's driver", _module_reason(nic, module))
                draft.module(module, why)
    _iommu(draft)
    _mappings(draft)
    bare = [nic for nic in given(host) if goes_without_iommu(host, nic)]
    if bare:
        module, parameter = NO_IOMMU_OPTION
        reason = (
            f"`no-iommu` is on: vfio-pci takes {_named(bare)} where there is no IOMMU, the application may then let "
            "them write to any memory, and the kernel is tainted"
        )
        places = tuple(dict.fromkeys(_permission(host, nic) for nic in bare))
        draft.module_option(module, parameter, "1", Why(places, "VFIO without an IOMMU", reason))


def _bind(draft: Draft, nic: Nic) -> None:
    address = address_of(draft.host, nic)
    assert address is not None  # noqa: S101 - checked before anything is planned
    application = application_of(draft.host, nic)
    places = (_place(nic),) if application is None else (_place(nic), application.section.place)
    user = f"`{application.unit}`" if application is not None else "an application"
    draft.devices.append(
        Device(
            nic=nic.name,
            bus=address.bus,
            address=address.text,
            driver=bound_driver(nic),
            why=Why(places, "port for an application", f"{user} polls the queues of {nic.name}; {_model(draft, nic)}"),
            function=address.function,
            kernel_driver=device_driver(nic),
            bifurcated=nic.bifurcated,
            group=application.group if application is not None else "",
            optional=nic.entry("optional") is not None,
        )
    )


def _model(draft: Draft, nic: Nic) -> str:
    """How the application comes to the device."""
    own, driver = device_driver(nic) or "the kernel's driver", nic.dpdk_driver
    if nic.bifurcated:
        return f"{own} stays bound, keeps the interface, and hands queues out by verbs"
    if driver == UIO_HV_GENERIC:
        return f"{driver} takes the place of {own} on the VMBus"
    if driver in UNCONFINED:
        return f"{driver} takes the place of {own}, and no IOMMU keeps the device to the application's memory"
    if goes_without_iommu(draft.host, nic):
        return f"{driver} takes the place of {own}; where there is no IOMMU the device may reach any memory"
    return f"{driver} takes the place of {own}, and the IOMMU keeps the device to the application's memory"


def _module_reason(nic: Nic, module: str) -> str:
    if nic.bifurcated:
        return f"an application comes to the queues of {nic.name} by verbs, which need {module}"
    return f"{nic.name} is bound to {nic.dpdk_driver}, which needs {module}"


def _iommu(draft: Draft) -> None:
    """The IOMMU is on for ports of vfio-pci, and the ports of the kernel do without its translation."""
    host = draft.host
    places = tuple(_place(nic) for nic in (*confined(host), *unconfined(host)))
    for name, value in iommu_arguments(host).items():
        reason = _on(host) if name == "intel_iommu" else _passed_through(host)
        draft.kernel_argument(f"{name}={value}", Why(places, RULES[name], reason))


def _mappings(draft: Draft) -> None:
    """VFIO maps as many pages for an application as there may be."""
    ports = [nic for nic in given(draft.host) if nic.dpdk_driver == VFIO_PCI]
    pages = sum(reserved.count for reserved in reservations(draft.host))
    if not ports or pages <= MAPPINGS:
        return
    places = tuple(dict.fromkeys(place for reserved in reservations(draft.host) for place in reserved.places))
    reason = (
        f"{pages} huge pages are reserved, DPDK maps each by itself for the device, and vfio allows {MAPPINGS} "
        "mappings unless told otherwise"
    )
    why = Why((*places, *map(_place, ports)), "mappings of VFIO", reason)
    draft.module_option("vfio_iommu_type1", "dma_entry_limit", str(power_of_two(pages + 1)), why)


MAPPINGS = 65535
"""The default of `dma_entry_limit` (drivers/vfio/vfio_iommu_type1.c); each page is mapped alone, so
that it can be unmapped alone (DPDK's guide to Linux drivers, VFIO memory mapping limits)."""

RULES = {
    "intel_iommu": "IOMMU for user space drivers",
    "iommu": "no translation for the kernel's own devices",
    "iommu.passthrough": "no translation for the kernel's own devices",
}
"""Argument → the derivation it follows."""


def _on(host: Host) -> str:
    ports = f"vfio-pci needs the IOMMU for {_named(confined(host))}"
    if vendor_of(host) == "intel":
        return f"{ports}, and not every kernel turns Intel's on by itself; where it is on the argument does no harm"
    return f"{ports}; nothing tells who made the CPUs, and an IOMMU that is not Intel's passes the argument over"


def _passed_through(host: Host) -> str:
    others = "devices that stay with the kernel reach memory without translation, which costs time for each packet"
    if ports := unconfined(host):
        verb = "is" if len(ports) == 1 else "are"
        return f"{_named(ports)} {verb} given addresses of memory as they are, which translation would refuse; {others}"
    return f"{others}; {_named(confined(host))} {'is' if len(confined(host)) == 1 else 'are'} translated all the same"


def _named(nics: tuple[Nic, ...] | list[Nic]) -> str:
    """Ports by name, and of more than a few their number."""
    names = [nic.name for nic in nics]
    if len(names) > MOST_NAMES:
        return counted(len(names), "port")
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


MOST_NAMES = 4
"""Names that a reason spells out; of more it says the number."""


def _place(nic: Nic) -> str:
    section = nic.section.section("dpdk")
    return section.place if section is not None else nic.section.place


def _permission(host: Host, nic: Nic) -> str:
    """The statement that permits a port to be used without an IOMMU."""
    application = application_of(host, nic)
    entry = application.entry("no-iommu") if application is not None else None
    return entry.place if entry is not None else _place(nic)

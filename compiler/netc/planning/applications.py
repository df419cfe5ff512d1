"""Applications of DPDK: the arguments that each is started with, and what on the host would undo what they need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.cpulist import spoken
from netc.dpdk.applications import applications, kernel_name
from netc.dpdk.binding import address_of, goes_without_iommu
from netc.dpdk.lcores import MOST_LCORES, main_lcore
from netc.dpdk.memory import hugepage_folder, page_size, reservations, socket_memory
from netc.model import AF_XDP
from netc.plan import Application, EalArgument, Why
from netc.queues import queues_of
from netc.units import counted, show_size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.dpdk.applications import DpdkApplication
    from netc.dpdk.binding import Address
    from netc.model import Host, Nic
    from netc.planning.draft import Draft


def plan_applications(draft: Draft) -> None:
    host = draft.host
    for application in applications(host):
        draft.applications.append(
            Application(
                unit=application.unit,
                nics=tuple(nic.name for nic in application.nics),
                lcores=str(application.lcores),
                arguments=tuple(eal_arguments(host, application)),
                folder=hugepage_folder(host, application),
                why=Why((application.section.place,), "application", _summary(application)),
                group=application.group,
            )
        )
    _mask(draft)


def _summary(application: DpdkApplication) -> str:
    ports = ", ".join(f"`{nic.name}`" for nic in application.nics) or "no port"
    return f"it polls {ports} on {spoken(application.lcores)}"


def _mask(draft: Draft) -> None:
    """The service that the package of DPDK brings, where the distribution has it."""
    host = draft.host
    handed = [nic for nic in host.nics if nic.given_to_dpdk]
    if not host.system.distribution.dpdk_service or not (reservations(host) or handed):
        return
    places = [place for each in reservations(host) for place in each.places]
    places += [section.place for nic in handed if (section := nic.section.section("dpdk")) is not None]
    reason = (
        "the package dpdk brings a service that is enabled, frees the huge pages that are reserved when it starts "
        "(FREE_PREVIOUS_ALLOCATIONS=1) and binds devices by a list of its own"
    )
    draft.service("dpdk.service", "masked", Why(tuple(dict.fromkeys(places)), "service of the package dpdk", reason))


def eal_arguments(host: Host, application: DpdkApplication) -> Iterator[EalArgument]:
    """What EAL is told, in the order in which it stands."""
    yield from _lcores(application)
    yield from _memory(host, application)
    if any(goes_without_iommu(host, nic) for nic in application.nics):
        reason = (
            "without an IOMMU a device knows physical addresses alone, and EAL says at once when it may not read them"
        )
        yield EalArgument("--iova-mode", "pa", _why(application, "no-iommu", "physical addresses", reason))
    yield from _devices(host, application)


def _lcores(application: DpdkApplication) -> Iterator[EalArgument]:
    cpus, main = application.lcores, main_lcore(application)
    why = _why(application, "lcores", "lcores", f"each lcore polls on a CPU of its own, {spoken(cpus)}")
    if cpus.highest < MOST_LCORES:
        yield EalArgument("-l", str(cpus), why)
    else:
        numbered = {cpu: number for number, cpu in enumerate(cpus)}
        reason = (
            f"lcores are numbered below {MOST_LCORES} (RTE_MAX_LCORE): lcore 0 is on CPU {next(iter(cpus))}, and so on"
        )
        value = ",".join(f"{number}@{cpu}" for cpu, number in numbered.items())
        yield EalArgument("--lcores", value, Why(why.places, why.rule, f"{why.reason}; {reason}"))
        main = numbered.get(main, 0)
    written = application.entry("main-lcore") is not None
    reason = f"the main thread runs on lcore {main}, {'as written' if written else 'the first'}"
    word = "main-lcore" if written else "lcores"
    yield EalArgument("--main-lcore", str(main), _why(application, word, "main lcore", reason))


def _memory(host: Host, application: DpdkApplication) -> Iterator[EalArgument]:
    amounts = socket_memory(host, application)
    places = tuple(entry.place for entry in application.memory) or (application.section.place,)
    told = [f"{show_size(mib << 20)} of node {node}" for node, mib in enumerate(amounts) if mib]
    if len(amounts) == 1:
        told = [show_size(amounts[0] << 20)]
    reason = f"it takes {' and '.join(told)} when it starts, and fails at once where there is less"
    if unseen := _seen_since_25_03(host, amounts):
        reason += f"; before 25.03 DPDK sees {unseen} only where it is built for more than {MOST_LCORES} lcores"
    yield EalArgument("--socket-mem", ",".join(map(str, amounts)), Why(places, "memory of each node, in MiB", reason))
    folder, size = hugepage_folder(host, application), show_size(page_size(host, application))
    reason = f"its pages of {size} are mounted there; of pages of another size it takes none"
    yield EalArgument("--huge-dir", folder, _why(application, "page", "mount of its huge pages", reason))
    reason = "the names of its pages and sockets begin with it, so that several applications run beside one another"
    prefix = application.unit.removesuffix(".service")
    yield EalArgument("--file-prefix", prefix, Why((application.section.place,), "one prefix for each unit", reason))


def _seen_since_25_03(host: Host, amounts: tuple[int, ...]) -> str:
    """Nodes with memory that have no CPU among those that EAL looked at before ("eal: fix undetected NUMA nodes")."""
    nodes = host.topology.nodes if host.topology is not None else {}
    return " and ".join(
        f"node {node}"
        for node, each in nodes.items()
        if each.cpus and next(iter(each.cpus)) >= MOST_LCORES and any(amounts[node : node + 1])
    )


def _devices(host: Host, application: DpdkApplication) -> Iterator[EalArgument]:
    sockets = [nic for nic in application.nics if nic.dpdk_driver == AF_XDP]
    opened = [nic for nic in application.nics if nic.given_to_dpdk]
    buses = {found.bus for nic in opened if (found := address_of(host, nic)) is not None}
    if "pci" not in buses:
        reason = "no port of it is opened by a PCI address, and of a bus without a list EAL takes all that it can"
        yield EalArgument("--no-pci", "", _why(application, "nics", "no PCI devices", reason))
    devices: dict[Address | None, list[Nic]] = {}
    for nic in opened:
        devices.setdefault(address_of(host, nic), []).append(nic)
    for ports in devices.values():
        yield _device(application, ports)
    for number, nic in enumerate(sockets):
        yield _socket_port(host, application, nic, number)


def _device(application: DpdkApplication, ports: list[Nic]) -> EalArgument:
    """A device and its ports, one for most. EAL forgets the first `-a` of a device that has two."""
    written = ",".join(dict.fromkeys(filter(None, map(application.devargs, ports))))
    chosen = _chosen_ports(ports, written)
    names = " and ".join(f"`{nic.name}`" for nic in ports)
    stays = ", whose kernel driver stays bound" if ports[0].bifurcated else ""
    reason = f"port{'s' * (len(ports) > 1)} {names}{stays}; no device of its bus beside those that are named"
    if chosen:
        reason += f", and with `{chosen}` no other port of the device"
    if written:
        reason += f"; `{written}` as written"
    words = "".join(f",{each}" for each in (chosen, written) if each)
    return EalArgument("-a", words, _why_of_ports(application, ports, reason), device=ports[0].name)


def _chosen_ports(ports: list[Nic], written: str) -> str:
    """The arguments that pick ports of a device with several; empty where all are meant, or somebody wrote them."""
    knowledge = ports[0].knowledge
    word = knowledge.dpdk.port_argument if knowledge is not None else ""
    entries = [getattr(nic.match, word) for nic in ports] if word else []
    if not entries or None in entries or any(each.startswith(f"{word}=") for each in written.split(",")):
        return ""
    return ",".join(f"{word}={entry.value}" for entry in entries)


def _socket_port(host: Host, application: DpdkApplication, nic: Nic, number: int) -> EalArgument:
    """A port that stays the kernel's: a virtual device with a socket for each of its queues."""
    written = application.devargs(nic)
    names = {each.partition("=")[0] for each in written.split(",")}
    queues = queues_of(host, nic) or 1
    derived = {"iface": kernel_name(nic), "start_queue": "0", "queue_count": str(queues)}
    words = [f"{name}={value}" for name, value in derived.items() if name not in names]
    count = counted(queues, "socket")
    reason = f"port `{nic.name}`, whose kernel driver stays, by {count}: one for each of its queues"
    value = ",".join([f"net_af_xdp{number}", *words, *filter(None, [written])])
    return EalArgument("--vdev", value, _why_of_ports(application, [nic], reason))


def _why(application: DpdkApplication, word: str, rule: str, reason: str) -> Why:
    entry = application.entry(word)
    return Why((entry.place if entry is not None else application.section.place,), rule, reason)


def _why_of_ports(application: DpdkApplication, ports: list[Nic], reason: str) -> Why:
    entries = [application.entry("nics"), *(application.entry("devargs", nic.name) for nic in ports)]
    return Why(tuple(entry.place for entry in entries if entry is not None), "port", reason)

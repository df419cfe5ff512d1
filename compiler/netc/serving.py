"""Which CPUs may do what on a host: housekeeping, isolated, polled by applications, or serving the queues of a NIC."""

from __future__ import annotations

from functools import lru_cache
from itertools import zip_longest
from typing import TYPE_CHECKING

from netc.cpulist import CpuSet, spoken
from netc.demand import carries_traffic
from netc.dpdk.applications import applications
from netc.language.sentences import HousekeepingRule
from netc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

    from netc.model import Host, Nic, Topology


def needs_housekeeping(host: Host) -> bool:
    """Whether CPUs are kept back without a word: where some are isolated or given away."""
    return (
        host.isolate is not None
        or bool(host.section.sections_of("dpdk"))
        or any(goal.kind == "low-latency" for goal in host.goals)
    )


def _remembered(reckon: Callable[[Host], CpuSet]) -> Callable[[Host], CpuSet]:
    """The same function, reckoned once for a host: it is asked for each of its NICs."""

    def ask(host: Host) -> CpuSet:
        return host.once(reckon.__name__, lambda: reckon(host))

    ask.__doc__ = reckon.__doc__
    return ask


@_remembered
def housekeeping_cpus(host: Host) -> CpuSet:
    """CPUs left to the operating system; whole cores where a rule counts them out."""
    topology = host.topology
    if topology is None:
        return CpuSet()
    entry = host.housekeeping
    if entry is not None and isinstance(entry.value, CpuSet):
        return entry.value & topology.online
    if entry is not None:
        rule = entry.value
        assert isinstance(rule, HousekeepingRule)  # noqa: S101 - the form gives nothing else
    elif needs_housekeeping(host):
        rule = HousekeepingRule(1, per_node=True)
    else:
        return CpuSet()
    apart = CpuSet()
    if entry is None:  # what nobody wrote gives way to what was
        apart = lcores(host) | idle_siblings(host)
        if host.isolate is not None and isinstance(host.isolate.value, CpuSet):
            apart |= host.isolate.value
    groups = [node.cpus for node in topology.nodes.values()] if rule.per_node else []
    kept = CpuSet()
    for group in groups or [topology.online]:
        cores = [core & topology.online for core in topology.cores if core & topology.online & group]
        for core in cores[: rule.cores]:
            kept |= core
    return kept - apart


@_remembered
def isolated_cpus(host: Host) -> CpuSet:
    """CPUs no ordinary task or interrupt may use: those of `isolate`, lcores, and what stays idle beside them."""
    topology = host.topology
    if topology is None:
        return CpuSet()
    polled = (lcores(host) | idle_siblings(host)) & topology.possible
    if host.isolate is None:
        return polled
    if isinstance(host.isolate.value, CpuSet):
        return host.isolate.value & topology.possible | polled
    return topology.online - housekeeping_cpus(host) | polled


@_remembered
def lcores(host: Host) -> CpuSet:
    """CPUs given to DPDK applications."""
    cpus = CpuSet()
    for application in applications(host):
        cpus |= application.lcores
    return cpus


@_remembered
def idle_siblings(host: Host) -> CpuSet:
    """The other threads of lcores' cores, which stay idle unless the application says `siblings on`."""
    idle = CpuSet()
    for application in applications(host):
        if host.topology is not None and not application.permits("siblings"):
            for core in host.topology.cores:
                idle |= core & host.topology.online if core & application.lcores else CpuSet()
    return idle - lcores(host)


@dataclass(frozen=True, slots=True)
class Serving:
    """The CPUs that may serve a NIC's interrupts, in the order they are taken: one of each core first."""

    cpus: tuple[int, ...]
    cores: int
    """How many physical cores they are."""
    reason: str
    crowded: bool = False
    """Whether no CPU was free, so that housekeeping CPUs stand in."""


def serving_cpus(host: Host, nic: Nic) -> Serving | None:
    """What `irq auto` means, or the CPUs that are written; None where the host's CPUs are not known.

    Online CPUs of the NIC's node (of all nodes in turn where it is unknown), one per physical core before
    siblings, that are neither housekeeping, isolated nor DPDK's; where none is left, housekeeping CPUs of the
    node, else of the host. A port for management beside others stays on housekeeping CPUs.
    """
    topology = host.topology
    if topology is None:
        return None
    return host.once(f"CPUs that serve {nic.name}", lambda: _serving_cpus(host, nic, topology))


def _serving_cpus(host: Host, nic: Nic, topology: Topology) -> Serving:
    written = nic.within("irq", "cpus")
    node = topology.nodes.get(nic.node.value) if nic.node is not None else None
    if node is not None and not node.cpus & topology.online:
        node = None  # memory alone, or all of it offline: any CPU is as near as another
    where = f"node {node.id}" if node is not None else "the host"
    if written is not None and isinstance(written.value, CpuSet):
        allowed = written.value & topology.online
        if written.value and not allowed:
            return Serving((), 0, "none of the written CPUs is online")
        return _serving(topology, allowed, f"`irq cpus {written.value}`", spread=False)
    local = (node.cpus if node is not None else topology.online) & topology.online
    kept, polled = housekeeping_cpus(host), lcores(host) | idle_siblings(host)
    free = local - kept - (polled if may_use_isolated(nic) else isolated_cpus(host))
    spread = node is None
    if kept and nic.flagged_management and not carries_traffic(host, nic):
        stays = local & kept or kept
        return _serving(topology, stays, f"the housekeeping {spoken(stays)}, as a port for management carries no load")
    if free:
        return _serving(topology, free, f"the free {spoken(free)} of {where}", spread=spread)
    fallback = local & kept or kept or local or topology.online
    reason = f"{spoken(fallback)}, for {where} has no free one"
    return _serving(topology, fallback, reason, crowded=True, spread=spread)


def may_use_isolated(nic: Nic) -> bool:
    """Whether the file lets isolated CPUs serve the NIC's interrupts."""
    written = nic.within("irq", "cpus")
    return nic.within("irq", "isolated") is not None or (written is not None and written.value == "isolated")


def _serving(topology: Topology, cpus: CpuSet, reason: str, *, crowded: bool = False, spread: bool = False) -> Serving:
    order, cores = _one_of_each_core_first(topology, cpus, spread)
    return Serving(order, cores, reason, crowded)


@lru_cache(maxsize=1024)  # checks and planners ask a dozen times for each NIC, and hosts share their topology
def _one_of_each_core_first(topology: Topology, cpus: CpuSet, spread: bool) -> tuple[tuple[int, ...], int]:
    """The CPUs in the order they are taken, and how many cores they are of; `spread` takes nodes in turn."""
    first: list[int] = []
    later: list[int] = []
    for core in topology.cores:
        members = list(core & cpus)
        first += members[:1]
        later += members[1:]
    if spread and len(topology.nodes) > 1:
        first, later = _in_turn(topology, first), _in_turn(topology, later)
    return tuple(first + later), len(first)


def _in_turn(topology: Topology, cpus: list[int]) -> list[int]:
    """The CPUs, one of each node before the second of any."""
    nodes = [[cpu for cpu in cpus if cpu in node.cpus] for node in topology.nodes.values()]
    nodes.append([cpu for cpu in cpus if topology.node_of(cpu) is None])
    return [cpu for turn in zip_longest(*nodes) for cpu in turn if cpu is not None]

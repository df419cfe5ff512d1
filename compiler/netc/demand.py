"""What the goals of a host ask for, added up: the questions that checks and planners both put.

Goals of different kinds hold together, and where two ask for the same thing the larger demand wins.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from netc.cpulist import CpuSet
from netc.knowledge.goals import goal_kind
from netc.language.sentences import HousekeepingRule
from netc.records import dataclass
from netc.units import show_count, show_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.language.sections import Entry
    from netc.model import Goal, Host, Nic, Topology

NANOSECONDS = 10**9
LARGEST_WINDOW = 65535 << 14
"""Bytes TCP can have in flight: a 16-bit window scaled by at most 14 (RFC 7323)."""
FULL_FRAME_BITS = 1500 * 8
"""Bits of a packet of the usual MTU, where a goal tells bytes but not packets."""
SMALLEST_FRAME_BITS = 84 * 8
"""Bits a 64-byte frame takes on the wire, with preamble and gap: 10 Gbit/s carry 14.88 million a second."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A demand: the goal, its statement, and the value in base units."""

    goal: Goal
    entry: Entry[Any]

    @property
    def value(self) -> int:
        return int(self.entry.value)


def asked(host: Host, word: str, *, ends: bool = False, nic: Nic | None = None) -> list[Asked]:
    """Every goal that has the statement, largest first.

    `ends` takes only goals whose host is an end of the connections; `nic` only goals that the port
    has part in, which are its own and those of the whole host.
    """
    found = []
    for goal in host.goals:
        entry = goal.entry(word)
        if entry is None or (ends and not terminates(goal)):
            continue
        if nic is not None and goal.nic not in ("", nic.name):
            continue
        found.append(Asked(goal, entry))
    return sorted(found, key=lambda a: -a.value if isinstance(a.entry.value, int) else 0)


def largest(host: Host, word: str, *, ends: bool = False, nic: Nic | None = None) -> Asked | None:
    """The largest demand of a kind, or None."""
    found = asked(host, word, ends=ends, nic=nic)
    return found[0] if found else None


@dataclass(frozen=True, slots=True)
class Opened:
    """Connections open at once at one end of them, and the statements that tell."""

    goal: Goal
    value: int
    entries: tuple[Entry[int], ...]
    text: str
    """How the number came about, for a reason."""


def opened(host: Host) -> Opened | None:
    """The most connections a goal has open at once: as written, or new ones a second × their mean life."""
    found: list[Opened] = []
    for goal in host.goals:
        if not terminates(goal):
            continue
        written, rate, lifetime = (goal.entry(word) for word in ("connections", "connection-rate", "lifetime"))
        if written is not None:
            found.append(Opened(goal, written.value, (written,), show_count(written.value)))
        if rate is not None and lifetime is not None:
            count = rate.value * lifetime.value // NANOSECONDS
            text = f"{show_count(rate.value)}/s × {show_time(lifetime.value)} = {show_count(count)}"
            found.append(Opened(goal, count, (rate, lifetime), text))
    return max(found, key=lambda opened: opened.value, default=None)


def terminates(goal: Goal) -> bool:
    """Whether the host is an end of the goal's connections."""
    kind = goal_kind(goal.kind)
    return kind is not None and kind.terminates


def switched_on(host: Host, word: str) -> list[tuple[Goal, Entry[Any] | None]]:
    """Goals for which `forwarding` or `tracking` holds: written `on`, or implied and not undone."""
    found: list[tuple[Goal, Entry[Any] | None]] = []
    for goal in host.goals:
        entry = goal.entry(word)
        kind = goal_kind(goal.kind)
        if entry is not None:
            if entry.value:
                found.append((goal, entry))
        elif kind is not None and word in kind.implies:
            found.append((goal, None))
    return found


def places_of(found: list[tuple[Goal, Entry[Any] | None]]) -> tuple[str, ...]:
    """The statements that asked; for what a kind implies, the goal itself."""
    return tuple(entry.place if entry is not None else goal.section.place for goal, entry in found)


@dataclass(frozen=True, slots=True)
class Flow:
    """One TCP connection that must run at full speed: rate in bit/s, round trip in ns, product in bytes."""

    goal: Goal
    rate: Entry[int]
    rtt: Entry[int]

    @property
    def product(self) -> int:
        """Bandwidth × delay, rounded up to whole bytes."""
        return -(-self.rate.value * self.rtt.value // (8 * NANOSECONDS))


def flows(host: Host) -> Iterator[Flow]:
    """Flows of all goals that tell rate and round trip; for bulk transfer `throughput` is one flow's rate."""
    for goal in host.goals:
        rtt = goal.entry("rtt")
        rate = flow_rate(goal)
        if rtt is not None and rate is not None and terminates(goal):
            yield Flow(goal, rate, rtt)


def flow_rate(goal: Goal) -> Entry[int] | None:
    """The statement that tells the rate of one flow."""
    flow = goal.entry("flow")
    if flow is None and goal.kind == "bulk-transfer":
        return goal.entry("throughput")
    return flow


def traffic_nics(host: Host) -> tuple[Nic, ...]:
    """The NICs that carry what the goals ask for: all but DPDK's, and no management port beside others."""
    found: tuple[Nic, ...] | None = host.remembered.get("traffic nics")
    if found is None:
        kernel = tuple(nic for nic in host.nics if not nic.given_to_dpdk)
        found = host.remembered["traffic nics"] = tuple(nic for nic in kernel if not nic.flagged_management) or kernel
    return found


def carries_traffic(host: Host, nic: Nic) -> bool:
    """Whether a NIC is one of those."""
    names: frozenset[str] | None = host.remembered.get("traffic names")
    if names is None:
        names = host.remembered["traffic names"] = frozenset(each.name for each in traffic_nics(host))
    return nic.name in names


@dataclass(frozen=True, slots=True)
class Load:
    """What one NIC must receive: packets a second, and the statement that says so."""

    packets: int
    asked: Asked
    estimated: bool
    """Whether packets were reckoned from a bit rate with full frames."""


def load_of(host: Host, nic: Nic) -> Load | None:
    """The packet rate a NIC is sized for: the smaller of goal and link, or None where no goal tells."""
    if not carries_traffic(host, nic):
        return None
    best: Load | None = None
    for word in ("packets", "throughput"):
        found = largest(host, word, nic=nic)
        if found is None:
            continue
        if word == "packets":
            packets = found.value
            if nic.speed is not None:
                packets = min(packets, nic.speed.value // SMALLEST_FRAME_BITS)
        else:
            rate = found.value if nic.speed is None else min(found.value, nic.speed.value)
            packets = rate // FULL_FRAME_BITS
        if best is None or packets > best.packets:
            best = Load(packets, found, word == "throughput")
    return best


def wants_latency(host: Host, nic: Nic | None = None) -> bool:
    """Whether time matters more than CPU: a kind of goal of which that is so, or a written `latency`.

    `nic` asks it of the goals that the port has part in, which are its own and those of the whole host.
    """
    for goal in host.goals:
        if nic is not None and goal.nic not in ("", nic.name):
            continue
        kind = goal_kind(goal.kind)
        if goal.entry("latency") is not None or (kind is not None and kind.latency):
            return True
    return False


def needs_housekeeping(host: Host) -> bool:
    """Whether CPUs are kept back without a word: where some are isolated or given away."""
    return (
        host.isolate is not None
        or bool(host.section.sections_of("dpdk"))
        or any(goal.kind == "low-latency" for goal in host.goals)
    )


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
    groups = [node.cpus for node in topology.nodes.values()] if rule.per_node else []
    kept = CpuSet()
    for group in groups or [topology.online]:
        cores = [core & topology.online for core in topology.cores if core & topology.online & group]
        for core in cores[: rule.cores]:
            kept |= core
    return kept


def isolated_cpus(host: Host) -> CpuSet:
    """CPUs no ordinary task or interrupt may use."""
    topology = host.topology
    if topology is None or host.isolate is None:
        return CpuSet()
    if isinstance(host.isolate.value, CpuSet):
        return host.isolate.value & topology.possible
    return topology.online - housekeeping_cpus(host)


def lcores(host: Host) -> CpuSet:
    """CPUs given to DPDK applications."""
    cpus = CpuSet()
    for _, section in host.section.sections_of("dpdk"):
        entry = section.entry("lcores")
        if entry is not None:
            cpus |= entry.value
    return cpus


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
    written = nic.within("irq", "cpus")
    node = topology.nodes.get(nic.node.value) if nic.node is not None else None
    where = f"node {node.id}" if node is not None else "the host"
    if written is not None and isinstance(written.value, CpuSet):
        allowed = written.value & topology.online
        if written.value and not allowed:
            return Serving((), 0, "none of the written CPUs is online")
        return _serving(topology, allowed, f"`irq cpus {written.value}`", spread=False)
    local = (node.cpus if node is not None else topology.online) & topology.online
    kept, taken = housekeeping_cpus(host), isolated_cpus(host) | lcores(host)
    free = local - kept - (lcores(host) if may_use_isolated(nic) else taken)
    spread = node is None
    if kept and nic.flagged_management and not carries_traffic(host, nic):
        stays = local & kept or kept
        return _serving(topology, stays, f"the housekeeping CPUs {stays}, as a port for management carries no load")
    if free:
        return _serving(topology, free, f"the free CPUs {free} of {where}", spread=spread)
    fallback = local & kept or kept or local or topology.online
    reason = f"CPUs {fallback}, for {where} has no free one"
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

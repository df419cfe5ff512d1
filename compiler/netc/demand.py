"""What the goals of a host ask for, added up: the questions that checks and planners both put.

Goals of different kinds hold together, and where two ask for the same thing the larger demand wins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netc.knowledge.goals import goal_kind
from netc.records import dataclass
from netc.units import show_count, show_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.language.sections import Entry
    from netc.model import Goal, Host, Nic

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
    """Goals for which `forwarding` or `tracking` holds: written `on`, or implied and not undone.

    What an application does with the packets of a port that it polls is nothing that the kernel is set for.
    """
    found: list[tuple[Goal, Entry[Any] | None]] = []
    for goal in host.goals:
        if is_of_dpdk(host, goal):
            continue
        entry = goal.entry(word)
        kind = goal_kind(goal.kind)
        if entry is not None:
            if entry.value:
                found.append((goal, entry))
        elif kind is not None and word in kind.implies:
            found.append((goal, None))
    return found


def is_of_dpdk(host: Host, goal: Goal) -> bool:
    """Whether a goal is that of a port whose queues an application polls."""
    nic = host.nic(goal.nic) if goal.nic else None
    return nic is not None and nic.given_to_dpdk


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
    return host.once("traffic nics", lambda: _traffic_nics(host))


def _traffic_nics(host: Host) -> tuple[Nic, ...]:
    kernel = tuple(nic for nic in host.nics if not nic.given_to_dpdk)
    carrying = tuple(nic for nic in kernel if not nic.flagged_management)
    # A port for management carries the load where it is the only kind there is, and not where applications do.
    alone = len(kernel) == len(host.nics)
    return carrying or (kernel if alone else ())


def carries_traffic(host: Host, nic: Nic) -> bool:
    """Whether a NIC is one of those."""
    return nic.name in host.once("traffic names", lambda: frozenset(each.name for each in traffic_nics(host)))


@dataclass(frozen=True, slots=True)
class Load:
    """What one NIC must receive: packets a second, and the statement that says so."""

    packets: int
    asked: Asked
    estimated: bool
    """Whether packets were reckoned from a bit rate with full frames."""


def load_of(host: Host, nic: Nic) -> Load | None:
    """The packet rate a NIC is sized for: the smaller of goal and link, or None where no goal tells."""
    return host.once(f"load of {nic.name}", lambda: _load_of(host, nic)) if carries_traffic(host, nic) else None


def _load_of(host: Host, nic: Nic) -> Load | None:
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

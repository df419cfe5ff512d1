"""How soon a packet must reach its application, and what that leaves to interrupt moderation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netc.knowledge.goals import goal_kind
from netc.records import dataclass
from netc.units import show_time

if TYPE_CHECKING:
    from netc.knowledge.drivers import Driver
    from netc.language.sections import Entry
    from netc.model import Goal, Host, Nic

MICROSECOND = 1000
SHARE = 4
"""Interrupt moderation takes at most one part in this many: softirq, wakeup and scheduling need the rest."""
LONGEST_MODERATION = 20
"""Microseconds: 50,000 interrupts a second of one queue. Waiting longer saves CPU that counts for less."""
SLOWEST_DRIVER = 256
"""Microseconds that adaptive moderation waits at most: lib/dim/net_dim.c; igb and e1000e 250."""
RELAXED = SHARE * SLOWEST_DRIVER * MICROSECOND
"""Nanoseconds. A latency of as much is kept without doing anything for it."""


@dataclass(frozen=True, slots=True)
class Latency:
    """A goal for which time counts more than CPU."""

    goal: Goal
    entry: Entry[Any] | None
    """The written `latency`; None where the kind of goal asks for it."""

    @property
    def limit(self) -> int | None:
        """Nanoseconds from interrupt to application; None: as few as can be."""
        return self.entry.value if self.entry is not None and isinstance(self.entry.value, int) else None

    @property
    def relaxed(self) -> bool:
        return self.limit is not None and self.limit >= RELAXED

    @property
    def place(self) -> str:
        return self.entry.place if self.entry is not None else self.goal.section.place

    @property
    def text(self) -> str:
        """The demand in words, for a reason."""
        return "the shortest time" if self.limit is None else show_time(self.limit)


def latencies(host: Host, nic: Nic | None = None) -> list[Latency]:
    """Goals for which time counts more than CPU, the shortest first; of a NIC those that it has part in."""
    found = []
    for goal in host.goals:
        kind, entry = goal_kind(goal.kind), goal.entry("latency")
        if entry is None and (kind is None or not kind.latency):
            continue
        if nic is None or goal.nic in ("", nic.name):
            found.append(Latency(goal, entry))
    return sorted(found, key=lambda latency: latency.limit or 0)


def demanding(host: Host, nic: Nic | None = None) -> Latency | None:
    """The shortest latency that needs something done for it."""
    return next((latency for latency in latencies(host, nic) if not latency.relaxed), None)


def share_of_moderation(limit: int | None) -> int:
    """Whole microseconds that interrupt moderation may take."""
    return 0 if limit is None else min(limit // (SHARE * MICROSECOND), LONGEST_MODERATION)


def moderation(driver: Driver, limit: int | None) -> dict[str, int] | None:
    """Times and frames for `ethtool -C` that keep to the share, none at all where the driver cannot wait so short.

    Empty where the driver does not wait by itself; None where nothing is known that ends its waiting.
    """
    immediate = driver.coalesce.immediate
    if immediate is None:
        return None
    usecs = share_of_moderation(limit)
    usecs -= usecs % driver.coalesce.step
    # Drivers give the least numbers meanings of their own: 1 lets ixgbe, igb and e1000e adapt.
    if usecs <= 1 or driver.coalesce_usecs(usecs) > usecs:
        return dict(immediate)
    return {name: usecs for name, _ in immediate if name.endswith("-usecs")}

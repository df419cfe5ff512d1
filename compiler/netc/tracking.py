"""The size of a connection tracking table: how many entries live at once, and what they take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.demand import switched_on
from netc.knowledge.goals import goal_kind
from netc.records import dataclass

if TYPE_CHECKING:
    from netc.language.sections import Entry
    from netc.model import Goal, Host

ENTRY_BYTES = 400
"""Memory of one entry: an object of 256 bytes on Linux 6.18 (/proc/slabinfo) and its extensions."""
BUCKET_BYTES = 8
SPARE = 1.2
LARGEST_SHARE = 0.10
"""Of the host's memory; above it, entries are made to go sooner."""
IMPOSSIBLE_SHARE = 0.15
TRACKED_TIME_WAIT_SECONDS = 120
"""`nf_conntrack_tcp_timeout_time_wait` as the kernel has it."""
SHORT_TIME_WAIT_SECONDS = 30
UDP_SECONDS = 30
"""`nf_conntrack_udp_timeout` as the kernel has it: a query and its answer."""
ROUNDING = 512
"""The kernel rounds buckets up to a page of pointers."""


@dataclass(frozen=True, slots=True)
class TableSize:
    """Entries at once, with the arithmetic that gave them."""

    entries: int
    time_wait: int
    """Seconds an entry outlives its connection."""
    arithmetic: str
    asked: tuple[Entry[int], ...]
    tcp_rate: int = 0
    """New TCP connections a second."""

    @property
    def spare(self) -> int:
        """Entries beyond those that the goals need."""
        return self.entries - int(self.entries / SPARE)

    @property
    def buckets(self) -> int:
        """One for each entry, so that a lookup passes two on average."""
        return -(-self.entries // ROUNDING) * ROUNDING

    @property
    def memory(self) -> int:
        """Bytes of the full table."""
        return self.entries * ENTRY_BYTES + self.buckets * BUCKET_BYTES


def table_size(host: Host, time_wait: int = TRACKED_TIME_WAIT_SECONDS) -> TableSize | None:
    """The table that the goals of the host need, or None where none of them tells a number."""
    if not switched_on(host, "tracking"):
        return None
    total = 0
    parts: list[str] = []
    told: list[Entry[int]] = []
    rates = [_tcp_rate(goal) for goal in host.goals]
    for goal in host.goals:
        entries, part = _entries(goal, time_wait, told)
        total += entries
        if part:
            parts.append(part)
    if not total:
        return None
    entries = int(total * SPARE)
    return TableSize(entries, time_wait, f"{SPARE} × ({' + '.join(parts)}) = {entries:,}", tuple(told), sum(rates))


def fitting_size(host: Host) -> TableSize | None:
    """The table with the kernel's timeouts, or with short ones where that would take too much memory."""
    size = table_size(host)
    memory = host.system.memory
    if size is None or memory is None or size.memory <= memory.value * LARGEST_SHARE:
        return size
    return table_size(host, SHORT_TIME_WAIT_SECONDS)


def _entries(goal: Goal, time_wait: int, told: list[Entry[int]]) -> tuple[int, str]:
    opened, rate, lifetime = (goal.entry(word) for word in ("connections", "connection-rate", "lifetime"))
    kind = goal_kind(goal.kind)
    closing = UDP_SECONDS if kind is not None and kind.datagram else time_wait
    live = opened.value if opened is not None else 0
    text = f"{live:,} open" if live else ""
    if rate is not None and lifetime is not None:
        churn = rate.value * lifetime.value // 10**9
        if churn > live:
            live, text = churn, f"{rate.value:,}/s × {lifetime.value / 10**9:g} s"
    total = live
    if rate is not None:
        total += rate.value * closing
        text += f"{' + ' if text else ''}{rate.value:,}/s × {closing} s"
    told += [entry for entry in (opened, rate, lifetime) if entry is not None]
    return total, text


def _tcp_rate(goal: Goal) -> int:
    kind, rate = goal_kind(goal.kind), goal.entry("connection-rate")
    return int(rate.value) if rate is not None and not (kind is not None and kind.datagram) else 0

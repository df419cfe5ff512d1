"""What happened between two samples, or since boot where a copy gives only one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.bottlenecks.counters import WRAPPING
from netc.records import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from netc.bottlenecks.counters import Sample
    from netc.bottlenecks.surroundings import Listener, Qdisc, Surroundings

WRAPPING_GROUPS = ("nf_conntrack.",)
WRAPPING_COLUMNS = frozenset({"processed", "dropped", "squeezed"})
TIMES = frozenset({"softirq", "system", "idle", "total"})
"""Ticks; the time spent waiting for input may go back (Documentation/filesystems/proc.rst)."""
FEWEST_TICKS = 20
"""Of 1/100 s; shares of less time are steps of more than 5 %."""
SHORTEST = 1.0
"""Seconds that a rate is reckoned over at least: one loss in a tenth of a second is not ten in one."""


@dataclass(frozen=True, slots=True)
class CpuShare:
    """What one CPU did in an interval; shares of its time are between 0 and 1, None where /proc/stat is absent."""

    number: int
    processed: int | None
    dropped: int | None
    squeezed: int | None
    softirq: float | None
    system: float | None
    idle: float | None


@dataclass(frozen=True, slots=True)
class Interval:
    """Two samples and the seconds between them; `before` is None for totals since boot.

    `seconds` is None where a copy does not tell how long it had been up; rates are then not known.
    """

    before: Sample | None
    after: Sample
    seconds: float | None
    surroundings: Surroundings
    """What does not change within an interval: NICs, nodes, and whether tools may be asked."""
    listeners: tuple[Listener, ...] = ()
    """Listening TCP sockets at the end."""
    full_before: frozenset[str] | None = None
    """Ports of listeners whose queue was full at the start too; None where nobody looked."""
    qdiscs: tuple[tuple[Qdisc | None, Qdisc], ...] | None = None
    """Root queueing disciplines, before and after; None where nothing tells of them."""
    rings: Mapping[str, int] = field(default_factory=dict)
    """Interface → packets its driver had no descriptor for, by the driver's own counters."""

    def grew(self, name: str) -> int | None:
        """How much a counter grew; None where it is not there, or fell, which tells nothing of this interval."""
        now = self.after.counters.get(name)
        if now is None or self.before is None:
            return now
        before = self.before.counters.get(name)
        return None if before is None else _grown(before, now, name.startswith(WRAPPING_GROUPS))

    def grew_together(self, *names: str) -> int | None:
        """The sum over counters that are there; None without any."""
        found = [growth for name in names if (growth := self.grew(name)) is not None]
        return sum(found) if found else None

    def gauge(self, name: str) -> int | None:
        return self.after.gauges.get(name)

    def rate(self, count: int) -> float | None:
        """How many that is for each second."""
        return count / self.seconds if self.seconds else None

    def reaches(self, count: int, per_second: float) -> bool:
        """Whether that many are so many a second; False where the time is not known."""
        return bool(self.seconds) and count > 0 and count >= per_second * max(self.seconds or 0, SHORTEST)

    def cpus(self) -> list[CpuShare]:
        """The CPUs that were there all the time."""
        found = []
        for number, now in sorted(self.after.cpus.items()):
            before = {} if self.before is None else self.before.cpus.get(number)
            if before is None:
                continue
            grown = {
                key: max(value - before.get(key, 0), 0)
                if key in TIMES
                else _grown(before.get(key, 0), value, key in WRAPPING_COLUMNS)
                for key, value in now.items()
                if self.before is None or key in before
            }
            total = grown.get("total")
            told = total is not None and total >= FEWEST_TICKS
            shares = [
                (grown.get(key) or 0) / total if told and total and key in grown else None
                for key in ("softirq", "system", "idle")
            ]
            packets = [grown.get(key) for key in ("processed", "dropped", "squeezed")]
            found.append(CpuShare(number, *packets, *shares))
        return found

    def interface(self, name: str, key: str) -> int | None:
        """How much a counter of an interface grew."""
        now = self.after.interfaces.get(name, {}).get(key)
        if now is None or self.before is None:
            return now
        before = self.before.interfaces.get(name, {}).get(key)
        return None if before is None else _grown(before, now, False)

    def received(self, *, loopback: bool) -> dict[str, int]:
        """Interface → packets it received; without those that are new or were reset."""
        found = {name: self.interface(name, "rx_packets") for name in self.after.interfaces}
        return {name: count for name, count in found.items() if count is not None and (loopback or name != "lo")}

    def interrupts(self, number: int) -> dict[int, int]:
        """CPU → how often an interrupt came to it."""
        now = self.after.interrupts.get(number, {})
        if self.before is None:
            return now
        before = self.before.interrupts.get(number)
        if before is None:
            return {}  # of another NIC, or of a queue that is new
        both = {cpu: _grown(before[cpu], count, True) for cpu, count in now.items() if cpu in before}
        return {cpu: count for cpu, count in both.items() if count is not None}

    def udp_drops(self) -> dict[int, int]:
        """Local port → datagrams its sockets dropped; only ports with some."""
        before = {} if self.before is None else self.before.udp_drops
        grown = {port: count - before.get(port, 0) for port, count in self.after.udp_drops.items()}
        return {port: count for port, count in grown.items() if count > 0}


def _grown(before: int, now: int, wraps: bool) -> int | None:
    """None for one that fell, unless it can have wrapped; a sum over CPUs wraps when one of them does."""
    if now >= before:
        return now - before
    grown = (now - before) % WRAPPING
    return grown if wraps and grown < WRAPPING // 2 else None

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
    qdiscs: tuple[tuple[Qdisc | None, Qdisc], ...] | None = None
    """Root queueing disciplines, before and after; None where nothing tells of them."""
    rings: Mapping[str, int] = field(default_factory=dict)
    """Interface → packets its driver had no descriptor for, by the driver's own counters."""

    def grew(self, name: str) -> int | None:
        """How much a counter grew; None where it is not there. One that was reset counts from zero."""
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
        rate = self.rate(count)
        return rate is not None and count > 0 and rate >= per_second

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
            shares = [grown[key] / total if total and key in grown else None for key in ("softirq", "system", "idle")]
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
        """Interface → packets it received."""
        found = {name: self.interface(name, "rx_packets") for name in self.after.interfaces}
        return {name: count for name, count in found.items() if count is not None and (loopback or name != "lo")}

    def interrupts(self, number: int) -> dict[int, int]:
        """CPU → how often an interrupt came to it."""
        before = {} if self.before is None else self.before.interrupts.get(number, {})
        now = self.after.interrupts.get(number, {})
        return {cpu: _grown(before.get(cpu, 0), count, True) for cpu, count in now.items()}

    def udp_drops(self) -> dict[int, int]:
        """Local port → datagrams its sockets dropped; only ports with some."""
        before = {} if self.before is None else self.before.udp_drops
        grown = {port: count - before.get(port, 0) for port, count in self.after.udp_drops.items()}
        return {port: count for port, count in grown.items() if count > 0}


def _grown(before: int, now: int, wraps: bool) -> int:
    if now >= before:
        return now - before
    # One that fell was reset, by a driver that was loaded anew, or wrapped, in a sum over CPUs in one of them.
    grown = (now - before) % WRAPPING
    return grown if wraps and grown < WRAPPING // 2 else now

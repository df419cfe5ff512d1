"""All rules over one interval of a machine, and what remains when one bottleneck explains another."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from netc.bottlenecks.counters import Sample, take
from netc.bottlenecks.interval import Interval
from netc.bottlenecks.receiving import (
    backlog,
    interrupt_overload,
    numa_crossings,
    rings,
    softirq_budget,
    system_calls,
)
from netc.bottlenecks.sending import qdisc, retransmissions
from netc.bottlenecks.sockets import accept_queue, socket_memory, syn_queue, tcp_receive_buffer, udp_receive_buffer
from netc.bottlenecks.surroundings import listeners, qdiscs, ring_drops, survey
from netc.bottlenecks.tables import conntrack_table, neighbour_table, ports, time_wait_buckets
from netc.hardware.machine_files import MachineFiles
from netc.knowledge.bottlenecks import symptoms
from netc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from netc.bottlenecks.surroundings import Listener, Qdisc, Surroundings
    from netc.bottlenecks.verdict import Match, Verdict
    from netc.knowledge.bottlenecks import Symptom

RULES: dict[str, Callable[[Interval, Mapping[str, float]], Verdict | None]] = {
    "interrupt-overload": interrupt_overload,
    "softirq-budget": softirq_budget,
    "backlog": backlog,
    "rings": rings,
    "numa-crossings": numa_crossings,
    "socket-memory": socket_memory,
    "conntrack-table": conntrack_table,
    "accept-queue": accept_queue,
    "syn-queue": syn_queue,
    "ports": ports,
    "time-wait-buckets": time_wait_buckets,
    "neighbour-table": neighbour_table,
    "udp-receive-buffer": udp_receive_buffer,
    "tcp-receive-buffer": tcp_receive_buffer,
    "qdisc": qdisc,
    "retransmissions": retransmissions,
    "system-calls": system_calls,
}
"""Symptom → its rule, which takes the thresholds and gives None where it cannot judge for want of counters."""

SURVEY_HOLDS = 60.0
"""Seconds after which --watch looks again which NIC has which interrupts; queues may have been changed."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One bottleneck: what was seen, the likely cause, and the statement that answers it."""

    symptom: Symptom
    evidence: tuple[str, ...]
    cause: str
    statement: str | None
    """None where no statement helps."""
    remedy: str | None
    """What must be done then."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What one interval showed."""

    seconds: float | None
    """Its length; of totals since boot None."""
    uptime: float | None
    """Seconds over which totals since boot are spread, where a copy tells; of an interval None."""
    findings: tuple[Finding, ...]
    explained: dict[str, str]
    """Symptom that was found too → the one that explains it."""
    measures: dict[str, str]
    """Symptom → its one figure, of all that could be judged."""
    not_judged: tuple[str, ...]
    """Symptoms whose counters, or without an uptime their rates, the machine, copy or namespace does not show."""


@dataclass(frozen=True, slots=True)
class _Look:
    """A sample, and what tools told at the same moment."""

    sample: Sample
    qdiscs: dict[str, Qdisc] | None
    rings: dict[str, int]
    listeners: tuple[Listener, ...]
    interfaces: frozenset[str]


class Patient:
    """A machine, or a copy of its /proc and /sys, that is sampled again and again."""

    def __init__(self, root: Path) -> None:
        self._files = MachineFiles(root)
        self.live = self._files.live
        """Whether there can be a second sample."""
        self._surroundings: Surroundings = survey(self._files)
        self._last = self._look()

    def diagnoses(self, seconds: float) -> Iterator[Diagnosis]:
        """One diagnosis after each interval of so many seconds; of a copy one, of its totals since boot."""
        if not self.live:
            uptime = self._last.sample.gauges.get("uptime")
            yield examine(self._interval(None, self._last, float(uptime) if uptime else None))
            return
        known = self._last
        while True:
            before = self._last
            time.sleep(seconds)
            self._last = self._look()
            yield examine(self._interval(before, self._last, self._last.sample.at - before.sample.at))
            if self._last.interfaces != known.interfaces or self._last.sample.at - known.sample.at >= SURVEY_HOLDS:
                known = self._last
                self._surroundings = survey(self._files)

    def _look(self) -> _Look:
        return _Look(
            take(self._files, self._surroundings.interrupts),
            qdiscs(self._files),
            ring_drops(self._surroundings),
            listeners(self._files) or (),
            frozenset(self._files.names("sys/class/net")),
        )

    def _interval(self, before: _Look | None, after: _Look, seconds: float | None) -> Interval:
        rings_before = None if before is None else before.rings
        rings = {
            name: max(0, count - (rings_before or {}).get(name, 0))
            for name, count in after.rings.items()
            if rings_before is None or name in rings_before
        }
        discs_before = (before.qdiscs or {}) if before is not None else {}
        discs = None if after.qdiscs is None else [(discs_before.get(n), q) for n, q in sorted(after.qdiscs.items())]
        return Interval(
            before=None if before is None else before.sample,
            after=after.sample,
            seconds=seconds,
            surroundings=self._surroundings,
            listeners=after.listeners,
            full_before=None if before is None else frozenset(found.port for found in before.listeners if found.full),
            qdiscs=None if discs is None else tuple(discs),
            rings=rings,
        )


def examine(interval: Interval) -> Diagnosis:
    """Put every rule to an interval."""
    measures: dict[str, str] = {}
    verdicts: dict[str, Verdict] = {}
    for symptom in symptoms():
        verdict = RULES[symptom.name](interval, symptom.limits)
        if verdict is not None and (verdict.matches or interval.seconds is not None or symptom.at_once):
            measures[symptom.name] = verdict.measure
            if verdict.matches:
                verdicts[symptom.name] = verdict
    explained: dict[str, str] = {}
    findings: list[Finding] = []
    for symptom in symptoms():
        if symptom.name not in verdicts:
            continue
        root = next((s.name for s in symptoms() if s.name in symptom.explained_by & verdicts.keys()), None)
        if root is not None:
            explained[symptom.name] = explained.get(root, root)
            continue
        findings += (_finding(symptom, match) for match in verdicts[symptom.name].matches)
    return Diagnosis(
        seconds=None if interval.before is None else interval.seconds,
        uptime=interval.seconds if interval.before is None else None,
        findings=tuple(findings),
        explained=explained,
        measures=measures,
        not_judged=tuple(symptom.name for symptom in symptoms() if symptom.name not in measures),
    )


def _finding(symptom: Symptom, match: Match) -> Finding:
    statement = None if match.remedy is not None else (symptom.statement or "").format_map(match.values)
    return Finding(symptom, match.evidence, symptom.cause.format_map(match.values), statement, match.remedy)

"""What stands around the counters: NICs and nodes, and what `ss`, `tc` and `ethtool` tell of the running machine."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from netc.bottlenecks.counters import INTERFACE
from netc.cpulist import CpuSet
from netc.hardware.cpus import probe_cpus, probe_nodes
from netc.hardware.nics import probe_nics
from netc.hardware.tools import ask
from netc.knowledge.bottlenecks import ring_counters
from netc.records import dataclass

if TYPE_CHECKING:
    from netc.hardware.facts import NicFact
    from netc.hardware.machine_files import MachineFiles

NO_QUEUES = frozenset({"ingress", "clsact", "noqueue"})
"""Disciplines that hold no packets: what they drop, a filter was told to drop."""
LOSSY = "netem"
"""Loses packets on purpose, in place of a path."""

_COUNTER = re.compile(r"^\s*(\S.*?): ([0-9]{1,20})$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What does not change from one sample to the next."""

    files: MachineFiles
    nics: tuple[NicFact, ...]
    nodes: dict[int, CpuSet]
    """Node → its online CPUs; only nodes with some."""

    @property
    def interrupts(self) -> frozenset[int]:
        """Numbers of the interrupts of all NICs."""
        return frozenset(interrupt.number for nic in self.nics for interrupt in nic.interrupts)

    def nic(self, name: str) -> NicFact | None:
        return next((nic for nic in self.nics if nic.name == name), None)


@dataclass(frozen=True, slots=True)
class Listener:
    """A listening TCP socket: connections that wait to be accepted, and how many may."""

    port: str
    waiting: int
    backlog: int

    @property
    def full(self) -> bool:
        """By sk_acceptq_is_full one more than the backlog fits."""
        return self.waiting > self.backlog


@dataclass(frozen=True, slots=True)
class Qdisc:
    """The root queueing discipline of an interface, with totals since it was set up."""

    interface: str
    kind: str
    handle: str
    sent: int
    dropped: int


def survey(files: MachineFiles) -> Surroundings:
    """NICs and nodes of the machine."""
    nodes = probe_nodes(files)
    cpus: dict[int, set[int]] = {}
    for cpu in probe_cpus(files, nodes):
        if cpu.node is not None and cpu.online:
            cpus.setdefault(cpu.node, set()).add(cpu.id)
    return Surroundings(files, probe_nics(files, nodes), {node: CpuSet.of(found) for node, found in cpus.items()})


def listeners(files: MachineFiles) -> tuple[Listener, ...] | None:
    """By `ss`, which asks the kernel for listening sockets alone; None where it cannot be asked.

    /proc/net/tcp has every connection, and of a listener not how many may wait.
    """
    text = ask(files, "ss", "-Hltn")
    if text is None:
        return None
    rows = [line.split() for line in text.splitlines()]
    return tuple(
        Listener(row[3].rpartition(":")[2], int(row[1]), int(row[2]))
        for row in rows
        if len(row) >= 5 and row[1].isdecimal() and row[2].isdecimal()
    )


def qdiscs(files: MachineFiles) -> dict[str, Qdisc] | None:
    """Interface → its root discipline, by `tc`; a root counts what is dropped below it. None where not to be had."""
    text = ask(files, "tc", "-s", "-j", "qdisc", "show")
    try:
        rows = None if text is None else json.loads(text, strict=False)  # names stand there as they are
    except ValueError:
        return None
    if not isinstance(rows, list):
        return None
    found = (_qdisc(row) for row in rows if isinstance(row, dict) and row.get("root"))
    return {qdisc.interface: qdisc for qdisc in found if qdisc is not None and qdisc.kind not in (*NO_QUEUES, LOSSY)}


def _qdisc(row: dict[str, object]) -> Qdisc | None:
    name, kind, sent, dropped = (row.get(key) for key in ("dev", "kind", "packets", "drops"))
    if not isinstance(name, str) or not INTERFACE.match(name) or not isinstance(kind, str):
        return None
    if not isinstance(sent, int) or not isinstance(dropped, int):
        return None
    return Qdisc(name, kind, str(row.get("handle", "")), sent, dropped)


def ring_drops(surroundings: Surroundings) -> dict[str, int]:
    """Interface → packets without a descriptor since the driver was loaded, where the driver has its own counters."""
    found = {}
    for nic in surroundings.nics:
        wanted = ring_counters(nic.driver or "")
        text = ask(surroundings.files, "ethtool", "-S", nic.name) if nic.name and wanted else None
        counts = [int(number) for name, number in _COUNTER.findall(text or "") if name in wanted]
        if nic.name and counts:
            found[nic.name] = sum(counts)
    return found

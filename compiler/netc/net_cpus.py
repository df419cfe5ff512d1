"""CPUs and NUMA nodes of facts as the `cpu` block of a `.net` file."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from netc.cpulist import CpuSet
from netc.diagnostics import Report
from netc.hardware.reading import LocatedFacts
from netc.language.reading import Reader
from netc.parser import parse
from netc.resolving.topology import resolve_topology
from netc.source import Source, Span
from netc.units import Dimension, with_unit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.hardware.facts import Facts
    from netc.model import Topology

NUMBERINGS = ("cores-first", "threads-first", "node-interleaved")


def cpu_lines(facts: Facts) -> list[str]:
    """The lines of the block; none where the facts tell of no CPU.

    Counts are written where their arithmetic gives exactly these CPUs, cores and nodes, as far as the facts
    tell of them; `node` blocks otherwise.
    """
    told = resolve_topology(None, LocatedFacts(facts, Source("facts", ""), 0, 0), Report())
    if told is None:
        return []
    offline = facts.present - facts.online
    lines = next((found for found in _counts(facts) if _agrees(found, told, facts)), None)
    if lines is None:
        lines, present = _nodes(told, facts)
        left_out = facts.present - present
        if left_out:
            lines.append(f"# CPUs {left_out} belong to no node that is on.")
        offline = offline & present
    if offline:
        lines.append(f"offline {offline}")
    return ["cpu {", *(f"    {line}" for line in lines), "}"]


def _counts(facts: Facts) -> Iterator[list[str]]:
    """Every way to say so many CPUs with counts, the likeliest first."""
    total = len(facts.present)
    sockets = len({cpu.socket for cpu in facts.cpus if cpu.socket is not None}) or 1
    threads = max((len(cpu.siblings) for cpu in facts.cpus if cpu.siblings), default=1)
    nodes = len({cpu.node for cpu in facts.cpus if cpu.node is not None}) or 1
    cores, rest = divmod(total, sockets * threads)
    if rest or not cores:
        return
    for numbering, thread_count in product(NUMBERINGS, dict.fromkeys((threads, 1))):
        lines = [f"sockets {sockets}", f"cores {cores * threads // thread_count}", f"threads {thread_count}"]
        if nodes != sockets:
            lines.append(f"nodes {nodes}")
        if numbering != NUMBERINGS[0]:
            lines.append(f"numbering {numbering}")
        yield lines


def _agrees(lines: list[str], told: Topology, facts: Facts) -> bool:
    """Whether the lines give the machine. Of CPUs that are off, the kernel tells neither node nor siblings."""
    source = Source("cpu", "\n".join(["cpu {", *lines, "}"]))
    report = Report()
    block = parse(source, report).statements[0].block
    if block is None:
        return False
    section = Reader(source, report).read_block(block, "cpu", "cpu", Span(source, 0, 3))
    made = resolve_topology(section, None, report)
    if report.failed or made is None or made.possible != facts.present:
        return False
    online = facts.online
    if told.nodes and made.nodes.keys() != told.nodes.keys():
        return False
    if any(made.nodes[number].cpus & online != node.cpus & online for number, node in told.nodes.items()):
        return False
    groups = {group & online for group in made.cores} - {CpuSet()}
    known = {cpu.siblings & online for cpu in facts.cpus if cpu.online and cpu.siblings}
    return known <= groups


def _nodes(told: Topology, facts: Facts) -> tuple[list[str], CpuSet]:
    """A block for each node, and the CPUs these hold. Where nothing tells of nodes there is one."""
    members = {number: node.cpus for number, node in told.nodes.items()} or {0: facts.present}
    memory = {node.id: node.memory for node in facts.nodes}
    whole = all(memory.get(number) for number in members)
    lines: list[str] = []
    present = CpuSet()
    for number, cpus in members.items():
        present = present | cpus
        inner = [f"cpus {cpus}"] if cpus else []
        if whole:
            inner.append(f"memory {with_unit(memory[number] or 0, Dimension.SIZE)}")
        groups = {group for group in told.cores if len(group) > 1 and group <= cpus}
        inner += [f"siblings {group}" for group in sorted(groups, key=lambda group: group.bits & -group.bits)]
        if len(inner) <= 2:
            lines.append(f"node {number} {{ {'; '.join(inner)} }}" if inner else f"node {number} {{ }}")
        else:
            lines += [f"node {number} {{", *(f"    {line}" for line in inner), "}"]
    return lines, present

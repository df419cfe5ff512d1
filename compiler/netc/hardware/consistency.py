"""Facts that contradict each other, which no schema can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.codes import (
    FACT_LEAVES_OUT_CPU,
    FACT_LISTED_TWICE,
    FACT_UNKNOWN_CPU,
    FACT_UNKNOWN_NODE,
)
from netc.diagnostics import Label

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence

    from netc.diagnostics import Diagnostic
    from netc.hardware.facts import CpuFact, Facts
    from netc.source import Span

    Locate = Callable[..., Span]
    """From a path such as `"cpus", 0, "node"` to the place of that fact."""


def contradictions(facts: Facts, span_of: Locate) -> Iterator[Diagnostic]:
    """Findings in the facts of one machine; `span_of` gives the place of a fact."""
    yield from _repeats([cpu.id for cpu in facts.cpus], "cpus", "id", span_of)
    yield from _repeats([node.id for node in facts.nodes], "nodes", "id", span_of)
    yield from _repeats([nic.name for nic in facts.nics], "nics", "name", span_of)
    yield from _repeats([nic.role for nic in facts.nics], "nics", "role", span_of)
    yield from _cpus_outside_possible(facts, span_of)
    yield from _odd_groups(facts, span_of)
    yield from _unknown_nodes(facts, span_of)


def _repeats(values: Sequence[Hashable | None], part: str, key: str, span_of: Locate) -> Iterator[Diagnostic]:
    """Two entries of a list with one identity, where it is known."""
    first: dict[Hashable, int] = {}
    for index, value in enumerate(values):
        if value is None:
            continue
        if value in first:
            earlier = Label(span_of(part, first[value], key), "first listed here")
            place = span_of(part, index, key)
            yield FACT_LISTED_TWICE.at(place, labels=[earlier], list=part, key=key, value=str(value))
        first.setdefault(value, index)


def _cpus_outside_possible(facts: Facts, span_of: Locate) -> Iterator[Diagnostic]:
    if facts.possible is None or facts.present <= facts.possible:
        return
    for index, cpu in enumerate(facts.cpus):
        if cpu.id not in facts.possible:
            label = Label(span_of("possible"), "the CPUs the kernel has room for")
            place = span_of("cpus", index, "id")
            yield FACT_UNKNOWN_CPU.at(place, labels=[label], what="`cpus`", cpu=cpu.id, list="possible")


def _odd_groups(facts: Facts, span_of: Locate) -> Iterator[Diagnostic]:
    """`siblings` and `l3` that leave the CPU itself out, or name one that is not listed."""
    present = facts.present
    for index, cpu in enumerate(facts.cpus):
        for key, group in (("siblings", cpu.siblings), ("l3", cpu.l3)):
            if group is None:
                continue
            if cpu.id not in group:
                yield _leaves_itself_out(cpu, key, str(group), span_of("cpus", index, key))
            elif not group <= present:
                stranger = next(iter(group - present))
                what = f"`{key}` of CPU {cpu.id}"
                place = span_of("cpus", index, key)
                yield FACT_UNKNOWN_CPU.at(place, what=what, cpu=stranger, list="cpus")


def _leaves_itself_out(cpu: CpuFact, key: str, group: str, place: Span) -> Diagnostic:
    shared = "its core" if key == "siblings" else "its third-level cache"
    note = f"`{key}` lists all CPUs that share {shared}, not the number of the {shared.split()[-1]}"
    return FACT_LEAVES_OUT_CPU.at(place, notes=[note], key=key, cpu=cpu.id, cpus=group)


def _unknown_nodes(facts: Facts, span_of: Locate) -> Iterator[Diagnostic]:
    """CPUs and NICs on a node that is not listed, where nodes are."""
    known = {node.id for node in facts.nodes}
    if not known:
        return
    for index, cpu in enumerate(facts.cpus):
        if cpu.node is not None and cpu.node not in known:
            yield FACT_UNKNOWN_NODE.at(span_of("cpus", index, "node"), what=f"CPU {cpu.id}", node=cpu.node)
    for index, nic in enumerate(facts.nics):
        if nic.node is not None and nic.node not in known:
            what = f"nic `{nic.role or nic.name or nic.pci or index}`"
            yield FACT_UNKNOWN_NODE.at(span_of("nics", index, "node"), what=what, node=nic.node)

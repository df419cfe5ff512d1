"""Reading facts from YAML: one machine, or an inventory of them."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING

from netc.codes import FACT_MISSING, FACT_WRONG_SHAPE
from netc.diagnostics import Report
from netc.hardware.consistency import contradictions
from netc.hardware.schema import machine_reader
from netc.hardware.yaml_nodes import (
    Findings,
    ListNode,
    MappingNode,
    NodeStream,
    Unreadable,
    check_size,
)
from netc.records import dataclass
from netc.source import Span

if TYPE_CHECKING:
    from netc.hardware.facts import Facts
    from netc.hardware.yaml_nodes import Node
    from netc.source import Source


@dataclass(frozen=True)
class LocatedFacts:
    """The facts of one entry, and where in its file each of them stands."""

    facts: Facts
    source: Source
    start: int
    """Offset of the entry's first character in the source."""
    end: int

    def span_of(self, *path: str | int) -> Span:
        """The place of a fact by keys and list positions: `span_of("nics", 0, "driver")`.

        A fact that is not written gives the place of the nearest part around it that is.
        """
        if self._nodes is None:
            return Span(self.source, self.start, self.start + len(self.source.text[self.start :].split("\n", 1)[0]))
        stream, root = self._nodes
        return _place(stream, root, *path)

    @cached_property
    def _nodes(self) -> tuple[NodeStream, Node] | None:
        """The entry read again: places are asked for where facts disagree, which is rare, and the nodes of
        an inventory would take ten times the memory of its facts. None where the entry cannot stand alone
        (`["host":x]`: a mapping without braces is stricter outside a list).
        """
        column = self.source.position(self.start)[1] - 1
        text = " " * column + self.source.text[self.start : self.end]
        try:
            stream = NodeStream(self.source, text, self.start - column, Findings(Report()))
            root = next(stream.root())
        except Unreadable:
            return None
        return None if root is None else (stream, root)


def read_facts(source: Source, report: Report) -> list[LocatedFacts]:
    """The machines that a facts file describes, in its order; a list of machines is an inventory.

    Entries with findings are left out: what is wrong goes to `report`, all independent findings at once.
    In an inventory `host` is required; its ranges are not expanded here. Never raises for any text.
    """
    findings = Findings(report)
    entries: list[LocatedFacts] = []
    try:
        check_size(source)
        marked = source.text.startswith("\ufeff")  # a byte order mark, which the parser swallows uncounted
        stream = NodeStream(source, source.text[marked:], int(marked), findings)
        nodes = stream.root()
        whole = next(nodes)
        if whole is not None:
            _read_entry(whole, False, stream, entries)
        for node in nodes:
            if node is not None:
                _read_entry(node, True, stream, entries)
    except Unreadable as stop:
        report.add(stop.diagnostic)
    return entries


def _read_entry(node: Node, in_inventory: bool, stream: NodeStream, entries: list[LocatedFacts]) -> None:
    if not isinstance(node, MappingNode):
        where = "the inventory" if in_inventory else "the file"
        found, wanted = node.shape, MappingNode.shape
        stream.findings.add(FACT_WRONG_SHAPE.at(stream.span(node), where=where, found=found, wanted=wanted))
        return
    before = stream.findings.count
    facts = machine_reader()(node, "", stream)
    if in_inventory and "host" not in node.values:
        stream.findings.add(FACT_MISSING.at(stream.span(node), owner="an entry of an inventory", key="host"))
    if stream.findings.count > before:
        return
    for finding in contradictions(facts, partial(_place, stream, node)):
        stream.findings.add(finding)
    if stream.findings.count == before:
        start, end = (stream.offset + mark for mark in (node.start, node.end))
        entries.append(LocatedFacts(facts, stream.source, start, end))


def _place(stream: NodeStream, node: Node, *path: str | int) -> Span:
    for step in path:
        if isinstance(node, MappingNode) and step in node.values:
            node = node.values[step]
        elif isinstance(node, ListNode) and isinstance(step, int) and 0 <= step < len(node.items):
            node = node.items[step]
        else:
            break
    return stream.span(node)

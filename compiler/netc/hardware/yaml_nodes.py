"""YAML text as nodes that know their places.

Built from the parser's events rather than with `yaml.compose`: that one recurses in C without a limit,
expands nothing but shares aliased nodes (the way alias bombs work), and takes the last of two equal keys.
Scalars stay text, so that no YAML version's typing (`6.10`, `0010`, `12:30:45`, `on`) touches a fact.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from netc.codes import (
    FACT_KEY_TWICE,
    FACT_WRONG_SHAPE,
    FACTS_EMPTY,
    FACTS_NOT_PLAIN,
    FACTS_NOT_YAML,
    FACTS_SECOND_DOCUMENT,
    FACTS_TOO_LARGE,
)
from netc.diagnostics import Label
from netc.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.diagnostics import Diagnostic, Report
    from netc.source import Source

DEEPEST = 8
"""Levels of mappings and lists; facts themselves use six (inventory, machine, nics, nic, interrupts, one)."""
LARGEST_TEXT = 32 * 2**20
"""Characters of a file: some 2,500 machines with all their CPUs and interrupts."""
MOST_LINES = 1_000_000
LONGEST_LINE = 2**20
"""Characters of a line: one machine in JSON takes a few thousand."""
MOST_KEYS = 64
"""Keys of a mapping; a NIC has 15."""
MOST_FINDINGS = 100
"""Findings after which a file is read no further: it is no facts file, and more would bury these."""


class Unreadable(Exception):  # noqa: N818 - not an error of netc: the finding that ends the reading of a file
    """Carries the diagnostic after which nothing more can be read from a file."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


class Findings:
    """The diagnostics of one file on their way to the report; `add` raises Unreadable at the last one."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self.count = 0

    def add(self, diagnostic: Diagnostic) -> None:
        self.count += 1
        if self.count >= MOST_FINDINGS:
            raise Unreadable(diagnostic)
        self._report.add(diagnostic)


class ScalarNode:
    """A single value, as text. `plain` is false for a quoted one."""

    __slots__ = ("end", "plain", "start", "text")
    shape = "a single value"

    def __init__(self, text: str, plain: bool, start: int, end: int) -> None:
        self.text = text
        self.plain = plain
        self.start = start
        self.end = end


class ListNode:
    """A list of nodes."""

    __slots__ = ("end", "items", "start")
    shape = "a list"

    def __init__(self, items: list[Node], start: int, end: int) -> None:
        self.items = items
        self.start = start
        self.end = end


class MappingNode:
    """Keys with the node of each, and the node of each key."""

    __slots__ = ("end", "keys", "start", "values")
    shape = "a mapping"

    def __init__(self, start: int) -> None:
        self.keys: dict[str, ScalarNode] = {}
        self.values: dict[str, Node] = {}
        self.start = start
        self.end = start


Node = ScalarNode | ListNode | MappingNode


class NodeStream:
    """The nodes of one YAML document, read as they are asked for.

    `text` may be a part of the source's text: `offset` is where its first character lies in the source
    (negative when it was padded). Findings that do not end the reading are added to `findings`.
    """

    def __init__(self, source: Source, text: str, offset: int, findings: Findings) -> None:
        import yaml

        self.source = source
        self.findings = findings
        self._text = text
        self.offset = offset
        self._yaml: Any = yaml
        self._scalar: Any = yaml.ScalarEvent
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            self._next = loader(text).get_event
        except (yaml.YAMLError, UnicodeError) as error:  # the slower loader looks at all characters at once
            raise self._unreadable(error) from None

    def span(self, node: Node) -> Span:
        """The node's text, of a list or mapping its first line."""
        start, end = self.offset + node.start, self.offset + node.end
        if not isinstance(node, ScalarNode):
            line_end = self.source.text.find("\n", start, end)
            end = end if line_end < 0 else max(line_end, start + 1)
        return Span(self.source, start, end)

    def root(self) -> Iterator[Node | None]:
        """First None where the document is a list, else its node; then the items of the list one by one."""
        event = self._event()
        yaml = self._yaml
        while isinstance(event, (yaml.StreamStartEvent, yaml.DocumentStartEvent)):
            event = self._event()
        if isinstance(event, yaml.StreamEndEvent):
            raise self._empty()
        if isinstance(event, yaml.SequenceStartEvent):
            yield from self._items(event)
        else:
            node = self._node(event, 1)
            if isinstance(node, ScalarNode) and node.plain and not node.text:
                raise self._empty()
            yield node
        self._finish()

    def _items(self, event: Any) -> Iterator[Node | None]:
        self._refuse_features(event)
        yield None
        list_end = self._yaml.SequenceEndEvent
        event = self._event()
        if event.__class__ is list_end:
            raise self._empty()
        while event.__class__ is not list_end:
            yield self._node(event, 2)
            event = self._event()

    def _empty(self) -> Unreadable:
        return Unreadable(FACTS_EMPTY.at(Span(self.source, 0, 0), file=self.source.name))

    def _finish(self) -> None:
        yaml = self._yaml
        event = self._event()
        while isinstance(event, yaml.DocumentEndEvent):
            event = self._event()
        if not isinstance(event, yaml.StreamEndEvent):
            raise Unreadable(FACTS_SECOND_DOCUMENT.at(self._place(event)))

    def _event(self) -> Any:
        """The next event of the parser, which promises one until the stream's end."""
        try:
            return self._next()
        except (self._yaml.YAMLError, UnicodeError) as error:
            raise self._unreadable(error) from None

    def _node(self, event: Any, depth: int) -> Node:
        if event.anchor is not None or event.tag is not None:
            self._refuse_features(event)
        if event.__class__ is self._scalar:
            return ScalarNode(event.value, not event.style, event.start_mark.index, event.end_mark.index)
        if depth > DEEPEST:
            raise _too_large(self._place(event), f"this lies more than {DEEPEST} levels deep", f"{DEEPEST} levels")
        if event.__class__ is self._yaml.SequenceStartEvent:
            return self._list(event, depth)
        return self._mapping(event, depth)

    def _list(self, event: Any, depth: int) -> ListNode:
        start = event.start_mark.index
        items: list[Node] = []
        list_end = self._yaml.SequenceEndEvent
        while (event := self._event()).__class__ is not list_end:
            items.append(self._node(event, depth + 1))
        return ListNode(items, start, event.end_mark.index)

    def _mapping(self, event: Any, depth: int) -> MappingNode:
        node = MappingNode(event.start_mark.index)
        keys, values = node.keys, node.values
        mapping_end = self._yaml.MappingEndEvent
        while (event := self._event()).__class__ is not mapping_end:
            key = self._node(event, depth + 1)
            value = self._node(self._event(), depth + 1)
            if key.__class__ is not ScalarNode:
                self._report_key(key)
            elif key.text in keys:
                first = Label(self.span(keys[key.text]), "first written here")
                self.findings.add(FACT_KEY_TWICE.at(self.span(key), labels=[first], key=key.text))
            else:
                keys[key.text] = key
                values[key.text] = value
                if len(keys) > MOST_KEYS:
                    what = f"this mapping has more than {MOST_KEYS} keys"
                    raise _too_large(self.span(key), what, f"{MOST_KEYS} in one")
        node.end = event.end_mark.index
        return node

    def _report_key(self, key: Node) -> None:
        place = self.span(key)
        self.findings.add(FACT_WRONG_SHAPE.at(place, where="a key", found=key.shape, wanted="a word"))

    def _refuse_features(self, event: Any) -> None:
        if event.__class__ is self._yaml.AliasEvent:
            feature, word = "an alias", f"*{event.anchor}"
        elif event.anchor is not None:
            feature, word = "an anchor", f"&{event.anchor}"
        elif event.tag is not None:
            feature, word = "a tag", event.tag
        else:
            return
        place = self._place(event)
        raise Unreadable(FACTS_NOT_PLAIN.at(place, help=["write the value itself"], word=word, feature=feature))

    def _place(self, event: Any) -> Span:
        start = self.offset + event.start_mark.index
        return Span(self.source, start, min(start + 1, len(self.source.text)))

    def _unreadable(self, error: Exception) -> Unreadable:
        """What the parser stumbled over, at the place it names."""
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        index = 0 if mark is None else mark.index
        problem = getattr(error, "problem", None) or "it has a character that YAML does not allow"
        if mark is None:
            index = _first_forbidden(self._text)
        elif self._text[index : index + 1] == "\t":
            problem = "a tab stands where YAML wants blanks"
        start = min(max(self.offset + index, 0), len(self.source.text))
        place = Span(self.source, start, min(start + 1, len(self.source.text)))
        return Unreadable(FACTS_NOT_YAML.at(place, problem=problem))


def _first_forbidden(text: str) -> int:
    """Offset of the first character that a YAML stream must not hold (YAML 1.1 section 5.1), else 0."""
    import re

    allowed = "\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff"
    found = re.search(f"[^{allowed}]", text)
    return found.start() if found else 0


def check_size(source: Source) -> None:
    """Raise Unreadable for a text so large that reading it would take longer than a user waits."""
    size, lines = len(source.text), source.text.count("\n")
    if size > LARGEST_TEXT:
        what = f"the file is {size:,} characters long"
        raise _too_large(Span(source, 0, 0), what, f"{LARGEST_TEXT:,}")
    if lines > MOST_LINES:
        raise _too_large(Span(source, 0, 0), f"the file has {lines:,} lines", f"{MOST_LINES:,}")
    if size <= LONGEST_LINE:
        return
    for start, following in pairwise([*source.line_starts, size + 1]):
        if following - start > LONGEST_LINE + 1:
            what = f"this line is {following - start - 1:,} characters long"
            raise _too_large(Span(source, start, start + 1), what, f"{LONGEST_LINE:,} in a line")


def _too_large(place: Span, what: str, limit: str) -> Unreadable:
    return Unreadable(FACTS_TOO_LARGE.at(place, what=what, limit=limit))

"""`facts.schema.json` as readers that turn YAML nodes into the values of `facts.py`.

The schema is the one place that says what a fact looks like. A general validator would take a minute for
an inventory of 1,000 machines and its messages speak of JSON, so the few keywords the schema uses are
read here into one reader for each value; the tests hold the two against each other.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from netc import shipped
from netc.codes import (
    FACT_INVALID,
    FACT_LISTED_TWICE,
    FACT_MISSING,
    FACT_UNKNOWN_KEY,
    FACT_WITHOUT_VALUE,
    FACT_WRONG_SHAPE,
    FACTS_TOO_LARGE,
)
from netc.cpulist import CpuSet
from netc.hardware.facts import (
    CpuFact,
    Facts,
    HugepagesFact,
    InterruptFact,
    NicFact,
    NodeFact,
    QueuesFact,
    RingsFact,
)
from netc.hardware.yaml_nodes import ListNode, MappingNode, ScalarNode
from netc.suggest import did_you_mean
from netc.units import Dimension, parse_quantity

if TYPE_CHECKING:
    from collections.abc import Callable

    from netc.hardware.yaml_nodes import Node, NodeStream

Schema = dict[str, Any]

_RECORDS: dict[str, Callable[..., object]] = {
    "entry": Facts,
    "cpu": CpuFact,
    "node": NodeFact,
    "nic": NicFact,
    "queues": QueuesFact,
    "rings": RingsFact,
    "interrupt": InterruptFact,
}
"""Definition in the schema → the class that holds it; keys and fields have the same names."""

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_WHOLE = re.compile(r"(?:0|[1-9][0-9]{0,18})\Z")
_REMEMBERED = 4096
"""Values each reader keeps: the 64 CPU numbers of 1,000 machines are converted 64 times."""
_OTHER_NAMES = {"amd64": "x86-64", "x86_64": "x86-64", "aarch64": "arm64"}
"""What others call an architecture; by spelling alone `amd64` is nearest to `arm64`."""
_NOT_KNOWN = "leave the key out when the value is not known"


class Reader(Protocol):
    """Turns a node into a value. What does not fit goes to the stream's findings; the result is then None."""

    def __call__(self, node: Node, key: str, stream: NodeStream) -> Any: ...


@cache
def schema() -> Schema:
    """The JSON Schema that ships with netc. It is shared: callers must not change it."""
    text = shipped.read("netc.hardware", "facts.schema.json")
    content: Schema = json.loads(text)
    return content


@cache
def machine_reader() -> Reader:
    """The reader of one machine's mapping; it gives Facts."""
    return _reader({"$ref": "#/$defs/entry"})


def _reader(part: Schema) -> Reader:
    """The reader for a part of the schema."""
    name = ""
    while "$ref" in part:
        name = part["$ref"].removeprefix("#/$defs/")
        part = schema()["$defs"][name] | {k: v for k, v in part.items() if k != "$ref"}
    if "properties" in part:
        return _RecordReader(part, _RECORDS[name])
    if part.get("type") == "object":
        return _HugepagesReader(part)
    if part.get("type") == "array":
        return _ListReader(part)
    return _ValueReader(part)


class _ValueReader:
    """A single value: text to what the dataclass holds."""

    def __init__(self, part: Schema) -> None:
        self.choices: tuple[str, ...] = tuple(part.get("enum", ()))
        self.quoted = bool(self.choices) or part["type"] == "string"
        self.convert = _conversion(part)
        self.known: dict[str, Any] = {}

    def __call__(self, node: Node, key: str, stream: NodeStream) -> Any:
        if node.__class__ is not ScalarNode:
            return _report_shape(node, f"`{key}`", ScalarNode.shape, stream)
        text = node.text
        if node.plain and text in _NULLS:
            stream.findings.add(FACT_WITHOUT_VALUE.at(stream.span(node), help=[_NOT_KNOWN], key=key))
            return None
        if text in self.known and (node.plain or self.quoted):
            return self.known[text]
        try:
            value = self._value(text, node.plain)
        except ValueError as error:
            hints, place = self._hints(text), stream.span(node)
            stream.findings.add(FACT_INVALID.at(place, help=hints, value=text, key=key, reason=str(error)))
            return None
        if len(self.known) < _REMEMBERED:
            self.known[text] = value
        return value

    def _value(self, text: str, plain: bool) -> Any:
        if not plain and not self.quoted:
            raise ValueError("it takes the value without quotes")
        return self.convert(text)

    def _hints(self, text: str) -> tuple[str, ...]:
        if text == "-1":
            return (f"{_NOT_KNOWN}, which is what the kernel means by -1",)
        if _OTHER_NAMES.get(text) in self.choices:
            return (f"write `{_OTHER_NAMES[text]}`",)
        return did_you_mean(text, self.choices)


def _conversion(part: Schema) -> Callable[[str], Any]:
    """The function from text to value; it raises ValueError with a reason that follows a colon."""
    wanted = f"it takes {part['description']}"
    if "enum" in part:
        words = {word: word for word in part["enum"]}
        return _lookup(words, "it takes " + " or ".join(f"`{word}`" for word in words))
    if part["type"] == "boolean":
        return _lookup(_TRUTH, "it takes `true` or `false`")
    if part["type"] == "integer":
        return _whole_number(part["minimum"], part["maximum"], wanted)
    return _text(re.compile(part["pattern"]), part.get("maxLength"), _FORMATS[part.get("format", "")], wanted)


def _lookup(words: dict[str, Any], wanted: str) -> Callable[[str], Any]:
    def convert(text: str) -> Any:
        if text not in words:
            raise ValueError(wanted)
        return words[text]

    return convert


def _whole_number(least: int, most: int, wanted: str) -> Callable[[str], int]:
    def convert(text: str) -> int:
        if not _WHOLE.match(text) or not least <= int(text) <= most:
            raise ValueError(wanted)
        return int(text)

    return convert


def _text(
    pattern: re.Pattern[str], longest: int | None, convert_format: Callable[[str], Any], wanted: str
) -> Callable[[str], Any]:
    def convert(text: str) -> Any:
        if (longest is not None and len(text) > longest) or not pattern.search(text):
            raise ValueError(wanted)
        return convert_format(text)

    return convert


def _pci(text: str) -> str:
    """A PCI address with its domain, which is 0 when it is not written."""
    return text.lower() if text.count(":") > 1 else f"0000:{text.lower()}"


def _quantity(dimension: Dimension) -> Callable[[str], int]:
    return lambda text: parse_quantity(text, dimension).value


_FORMATS: dict[str, Callable[[str], Any]] = {
    "": str,
    "cpu-list": CpuSet.parse,
    "mac": str.lower,
    "pci": _pci,
    "size": _quantity(Dimension.SIZE),
    "bit-rate": _quantity(Dimension.BIT_RATE),
}


class _ListReader:
    """A list; it gives a tuple."""

    def __init__(self, part: Schema) -> None:
        self.item = _reader(part["items"])
        self.most: int = part["maxItems"]

    def __call__(self, node: Node, key: str, stream: NodeStream) -> Any:
        if node.__class__ is not ListNode:
            return _report_shape(node, f"`{key}`", ListNode.shape, stream)
        if len(node.items) > self.most:
            what = f"`{key}` has {len(node.items)} entries"
            stream.findings.add(FACTS_TOO_LARGE.at(stream.span(node), what=what, limit=f"{self.most} there"))
            return None
        item = self.item
        return tuple([item(child, key, stream) for child in node.items])


class _RecordReader:
    """A mapping with known keys; it gives the dataclass of that name."""

    def __init__(self, part: Schema, record: Callable[..., object]) -> None:
        self.owner: str = part["title"]
        self.required: tuple[str, ...] = tuple(part.get("required", ()))
        self.fields = {key: _reader(value) for key, value in part["properties"].items()}
        self.record = record

    def __call__(self, node: Node, key: str, stream: NodeStream) -> Any:
        if node.__class__ is not MappingNode:
            return _report_shape(node, f"`{key}`", MappingNode.shape, stream)
        fields = self.fields
        values = {}
        for name, child in node.values.items():
            if name in fields:
                values[name] = fields[name](child, name, stream)
            else:
                self._report_unknown(node.keys[name], stream)
        missing = [name for name in self.required if name not in values]
        for name in missing:
            stream.findings.add(FACT_MISSING.at(stream.span(node), owner=self.owner, key=name))
        return None if missing else self.record(**values)

    def _report_unknown(self, key: ScalarNode, stream: NodeStream) -> None:
        known = ", ".join(f"`{name}`" for name in self.fields)
        stream.findings.add(
            FACT_UNKNOWN_KEY.at(
                stream.span(key),
                notes=[f"{self.owner} has these facts: {known}"],
                help=did_you_mean(key.text, self.fields),
                key=key.text,
                owner=self.owner,
            )
        )


class _HugepagesReader:
    """A mapping from page size to number of pages; it gives HugepagesFact, the smallest pages first."""

    def __init__(self, part: Schema) -> None:
        self.size = _reader(part["propertyNames"])
        self.count = _reader(part["additionalProperties"])

    def __call__(self, node: Node, key: str, stream: NodeStream) -> Any:
        if node.__class__ is not MappingNode:
            return _report_shape(node, f"`{key}`", MappingNode.shape, stream)
        counts: dict[int, int] = {}
        for name, child in node.values.items():
            size = self.size(node.keys[name], "page size", stream)
            count = self.count(child, name, stream)
            if size is not None and size in counts:
                place = stream.span(node.keys[name])
                stream.findings.add(FACT_LISTED_TWICE.at(place, list=key, key="page size", value=name))
            counts[size] = count
        return tuple(HugepagesFact(size, counts[size]) for size in sorted(counts, key=lambda size: size or 0))


def _report_shape(node: Node, where: str, wanted: str, stream: NodeStream) -> None:
    stream.findings.add(FACT_WRONG_SHAPE.at(stream.span(node), where=where, found=node.shape, wanted=wanted))

"""Forms of the statements that read like sentences: `set KEY = VALUE because "…"`, `steer … to queue 3`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from netc import codes
from netc.language.cursor import Cursor, Misread
from netc.language.forms import (
    CPUS,
    INTERFACE,
    NAME,
    VERSION,
    Form,
    choice,
    cpus_or,
    quantity,
    whole,
)
from netc.patterns import pattern
from netc.prefixes import PrefixError, read_prefix
from netc.records import dataclass
from netc.syntax import Kind
from netc.units import Dimension

if TYPE_CHECKING:
    from netc.cpulist import CpuSet

MOST_QUEUES = 4096
HIGHEST_NODE = 1023


@dataclass(frozen=True, slots=True)
class Release:
    """`debian 12`; release is empty for a rolling distribution."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class HousekeepingRule:
    """`1 core per node`: so many whole cores, of each node or of the host."""

    cores: int
    per_node: bool


@dataclass(frozen=True, slots=True)
class Assignment:
    """`set KEY = VALUE because "reason"`; the value is text with one blank between its words."""

    key: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class KernelArgument:
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class FlowRule:
    """`steer tcp port 443 to queue 3`. Fields not named match anything; queue None means drop."""

    protocol: str
    source: str
    source_port: int | None
    port: int | None
    queue: int | None


@dataclass(frozen=True, slots=True)
class Pages:
    """`1GiB 8 on node 0`: page size in bytes, how many, node or None for every node with CPUs."""

    size: int
    count: int
    node: int | None


@dataclass(frozen=True, slots=True)
class Amount:
    """`4GiB on node 0`: bytes, and the node or None."""

    size: int
    node: int | None


def _read_release(cursor: Cursor) -> Release:
    name = NAME.read(cursor)
    version = VERSION.read(cursor) if cursor.peek_word() else ""
    return Release(name.lower(), version)


def _read_housekeeping(cursor: Cursor) -> CpuSet | HousekeepingRule:
    at = cursor.at
    if cursor.peek_word().isdecimal():
        cursor.at += 1
        following = cursor.peek_word()
        cursor.at = at
        if following in ("core", "cores"):
            cores = whole(1, 4096, what="a number of cores").read(cursor)
            cursor.at += 1
            per_node = cursor.accept("per")
            if per_node:
                cursor.take_literal("node")
            return HousekeepingRule(int(cores), per_node)
    cpus: CpuSet = HOUSEKEEPING_CPUS.read(cursor)
    return cpus


HOUSEKEEPING_CPUS = Form("a CPU list such as `0,32`, or `1 core per node`", CPUS.read)
HOUSEKEEPING = Form(HOUSEKEEPING_CPUS.spoken, _read_housekeeping)

_KEY = pattern(r"[A-Za-z0-9_*][A-Za-z0-9_*@:-]*([./][A-Za-z0-9_*][A-Za-z0-9_*@:-]*)+", re.ASCII)
KEY_NOTE = "a key is two words or more with dots between, as `sysctl -a` shows them"
_VALUE = pattern(r"[A-Za-z0-9_.,:/+@%=-]+( [A-Za-z0-9_.,:/+@%=-]+)*", re.ASCII)


def _read_assignment(cursor: Cursor) -> Assignment:
    argument = cursor.take_word("a sysctl key such as `net.core.somaxconn`")
    if not _KEY.fullmatch(argument.text):
        raise Misread(codes.BAD_SYSCTL_KEY.at(cursor.span(argument), key=argument.text, notes=[KEY_NOTE]))
    if cursor.accept_default():
        return Assignment(argument.text, "", "")
    equals = cursor.take("`=`")
    if equals.kind is not Kind.EQUALS:
        raise Misread(cursor.wrong(equals, "`=`"))
    if cursor.accept_default():
        return Assignment(argument.text, "", "" if cursor.done else _read_because(cursor))
    value = _read_value(cursor)
    return Assignment(argument.text, value, _read_because(cursor))


def _read_value(cursor: Cursor) -> str:
    """Words up to `because`, with one blank between them and none around commas."""
    first = cursor.at
    value = ""
    glued = True
    while not cursor.done and cursor.peek_word() != "because":
        argument = cursor.take("a value")
        if argument.kind is Kind.COMMA:
            value, glued = f"{value},", True
            continue
        if argument.kind is Kind.STRING:
            cursor.at -= 1
            text = cursor.take_string("a value")
        else:
            text = argument.text
        value += text if glued else f" {text}"
        glued = False
    if not value:
        raise Misread(
            codes.MISSING_ARGUMENT.at(
                cursor.span_of_all(), word=cursor.word, wanted="a value", help=["write the value after `=`"]
            )
        )
    if not _VALUE.fullmatch(value):
        raise Misread(codes.BAD_SYSCTL_VALUE.at(cursor.span_since(first), value=value))
    return value


def _read_because(cursor: Cursor) -> str:
    if cursor.done:
        help_line = 'add the reason a reviewer should read: `because "…"`'
        raise Misread(codes.MISSING_BECAUSE.at(cursor.span_of_all(), word=cursor.word, help=[help_line]))
    cursor.take_literal("because")
    return cursor.take_string("a reason")


_KERNEL_ARGUMENT = pattern(r"[A-Za-z0-9_.,:=/@%+~*-]+", re.ASCII)


def _read_kernel_argument(cursor: Cursor) -> KernelArgument:
    at = cursor.at
    text = cursor.take_string("one kernel argument")
    if not _KERNEL_ARGUMENT.fullmatch(text):
        notes = ["letters, digits and `_.,:=/@%+~*-` pass through every boot loader and shell unchanged"]
        help_lines = ["write one `kernel-argument` for each argument"] if " " in text.strip() else []
        raise Misread(codes.BAD_KERNEL_ARGUMENT.at(cursor.span_since(at), argument=text, notes=notes, help=help_lines))
    return KernelArgument(text, "" if cursor.accept_default() else _read_because(cursor))


def _read_flow_rule(cursor: Cursor) -> FlowRule:
    protocol = choice("tcp", "tcp4", "tcp6", "udp", "udp4", "udp6", "sctp", "sctp4", "sctp6").read(cursor)
    source = ""
    ports: dict[str, int] = {}
    while cursor.peek_word() in ("from", "port", "source-port"):
        word = cursor.take("a field").text
        if word == "from":
            source = _read_prefix(cursor)
        else:
            ports[word] = int(whole(1, 65535, what="a port").read(cursor))
    queue = None
    if cursor.accept_default():
        return FlowRule(str(protocol), source, ports.get("source-port"), ports.get("port"), queue)
    cursor.take_literal("to")
    if choice("queue", "drop").read(cursor) == "queue":
        queue = int(whole(0, MOST_QUEUES - 1, what="a queue").read(cursor))
    return FlowRule(str(protocol), source, ports.get("source-port"), ports.get("port"), queue)


def _read_prefix(cursor: Cursor) -> str:
    spoken = "a prefix such as `192.0.2.0/24` or `2001:db8::/32`"
    argument = cursor.take_word(spoken)
    try:
        return read_prefix(argument.text)[1]
    except PrefixError as error:
        help_lines = [f"write `{error.fitting}`"] if error.fitting else []
        raise Misread(
            codes.BAD_PREFIX.at(cursor.span(argument), prefix=argument.text, problem=str(error), help=help_lines)
        ) from None


def _read_drop(cursor: Cursor) -> tuple[str, ...]:
    """`drop from "FILE"` gives ("from", FILE); `drop PREFIX, …` gives ("prefixes", …)."""
    if cursor.accept("from"):
        return ("from",) if cursor.accept_default() else ("from", cursor.take_string("a file of prefixes"))
    prefixes = [_read_prefix(cursor)]
    while cursor.accept_kind(Kind.COMMA):
        prefixes.append(_read_prefix(cursor))
    return ("prefixes", *prefixes)


def _read_virtual_function(cursor: Cursor) -> tuple[int, str]:
    """`0 of front` → (0, "front")."""
    number = whole(0, 255, what="a virtual function").read(cursor)
    cursor.take_literal("of")
    return int(number), str(INTERFACE.read(cursor))


def _on_node(cursor: Cursor) -> int | None:
    if not cursor.accept("on"):
        return None
    cursor.take_literal("node")
    return int(NODE.read(cursor))


def _read_pages(cursor: Cursor) -> Pages:
    size = quantity(Dimension.SIZE).read(cursor)
    count = 0 if cursor.accept_default() else whole(1, 1 << 24, what="a number of pages").read(cursor)
    return Pages(int(size), int(count), _on_node(cursor))


def _read_amount(cursor: Cursor) -> Amount:
    size = 0 if cursor.accept_default() else quantity(Dimension.SIZE).read(cursor)
    return Amount(int(size), _on_node(cursor))


def _read_devargs(cursor: Cursor) -> tuple[str, str]:
    interface = str(INTERFACE.read(cursor))
    return interface, "" if cursor.accept_default() else cursor.take_string("device arguments")


def _read_hash(cursor: Cursor) -> tuple[str, str]:
    """`udp4 src-dst-ports` → protocol and fields."""
    protocol = choice("tcp4", "tcp6", "udp4", "udp6", "sctp4", "sctp6").read(cursor)
    fields = "" if cursor.accept_default() else choice("src-dst", "src-dst-ports").read(cursor)
    return str(protocol), str(fields)


RELEASE = Form("a distribution and its release, such as `debian 12`", _read_release)
NODE = whole(0, HIGHEST_NODE, what="a NUMA node")
ASSIGNMENT = Form('`KEY = VALUE because "reason"`', _read_assignment)
KERNEL_ARGUMENT = Form('one kernel argument in double quotes, then `because "reason"`', _read_kernel_argument)
FLOW_RULE = Form("a flow and its queue, such as `tcp port 443 to queue 3`", _read_flow_rule)
DROP = Form('prefixes, or `from "FILE"`', _read_drop)
VIRTUAL_FUNCTION = Form("a virtual function, such as `0 of front`", _read_virtual_function)
PAGES = Form("page size, number of pages and optionally a node, such as `1GiB 8 on node 0`", _read_pages)
AMOUNT = Form("a size, optionally with a node, such as `4GiB on node 0`", _read_amount)
DEVARGS = Form("an interface and its device arguments in double quotes", _read_devargs)
HASH = Form("a protocol and its fields, such as `udp4 src-dst-ports`", _read_hash)
QUEUES = cpus_or("all")

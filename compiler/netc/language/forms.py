"""Forms of arguments: what a statement's words must be, and the value they give.

A form reads from a cursor and returns the value, or raises `Misread` with the diagnostic that says what it
wanted, in the words of the statement. The reader of statements turns that into an entry of the report.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from netc import codes, patterns
from netc.cpulist import CpuListError, CpuSet
from netc.language.cursor import Cursor, Misread
from netc.records import dataclass
from netc.suggest import did_you_mean
from netc.syntax import Kind
from netc.units import Dimension, QuantityError, parse_quantity

if TYPE_CHECKING:
    from collections.abc import Callable

    from netc.diagnostics import Diagnostic
    from netc.syntax import Argument


@dataclass(frozen=True)
class Form:
    """What arguments must be: `spoken` for messages and the reference, `read` for the value."""

    spoken: str
    read: Callable[[Cursor], Any]
    words: tuple[str, ...] = ()
    """Fixed words among the values, for suggestions and completion."""


EXAMPLES = {
    Dimension.SIZE: "64MiB",
    Dimension.BIT_RATE: "10Gbps",
    Dimension.PACKET_RATE: "2Mpps",
    Dimension.TIME: "50us",
    Dimension.COUNT: "150k",
    Dimension.RATE: "20k/s",
}


def quantity(dimension: Dimension, *words: str, least: int = 1) -> Form:
    """A quantity with its unit, as an integer of base units, or one of the words as text."""
    spoken = _or([f"{dimension.value} such as `{EXAMPLES[dimension]}`", *[f"`{word}`" for word in words]])

    def read(cursor: Cursor) -> int | str:
        argument = cursor.take_word(spoken)
        if argument.text in words:
            return argument.text
        try:
            value = parse_quantity(argument.text, dimension).value
        except QuantityError as error:
            raise Misread(_wrong_quantity(cursor, argument, dimension, error)) from None
        if value < least:
            raise Misread(
                codes.OUT_OF_RANGE.at(
                    cursor.span(argument),
                    word=cursor.word,
                    found=argument.text,
                    range=f"more than {least - 1}",
                )
            )
        return value

    return Form(spoken, read, words)


def _wrong_quantity(cursor: Cursor, argument: Argument, dimension: Dimension, error: QuantityError) -> Diagnostic:
    if not argument.text[:1].isdecimal():
        return cursor.wrong(argument, f"{dimension.value} such as `{EXAMPLES[dimension]}`")
    return codes.WRONG_UNIT.at(
        cursor.span(argument),
        word=cursor.word,
        wanted=dimension.value,
        problem=str(error),
        help=[f"the units that fit are {dimension.spoken}, as in `{EXAMPLES[dimension]}`"],
    )


def whole(least: int, most: int, *words: str, what: str = "a whole number") -> Form:
    """A bare whole number from `least` to `most`, or one of the words."""
    spoken = _or([f"{what} from {least} to {most}", *[f"`{word}`" for word in words]])

    def read(cursor: Cursor) -> int | str:
        argument = cursor.take_word(spoken)
        text = argument.text
        if text in words:
            return text
        if not text.isascii() or not text.isdecimal():
            raise Misread(_not_whole(cursor, argument, spoken))
        if len(text) > 20 or not least <= int(text) <= most:
            raise Misread(
                codes.OUT_OF_RANGE.at(
                    cursor.span(argument), word=cursor.word, found=text, range=f"from {least} to {most}"
                )
            )
        return int(text)

    return Form(spoken, read, words)


def _not_whole(cursor: Cursor, argument: Argument, spoken: str) -> Diagnostic:
    """A number written with a unit: both readings of `4k` are named, none is guessed."""
    short = re.fullmatch(r"(\d{1,9})(k|K|Ki|M|Mi)", argument.text)
    if short:
        number, power = int(short[1]), 1 + (short[2][0] == "M")
        return cursor.wrong(argument, spoken, help=[f"write `{number * 1024**power}` or `{number * 1000**power}`"])
    return cursor.wrong(argument, spoken)


def choice(*words: str) -> Form:
    """One of the words."""
    spoken = _or([f"`{word}`" for word in words])

    def read(cursor: Cursor) -> str:
        argument = cursor.take(spoken)
        if argument.kind is not Kind.WORD or argument.text not in words:
            raise Misread(cursor.wrong(argument, spoken, help=did_you_mean(argument.text, words)))
        return argument.text

    return Form(spoken, read, words)


def _read_switch(cursor: Cursor) -> bool:
    return bool(choice("on", "off").read(cursor) == "on")


SWITCH = Form("`on` or `off`", _read_switch, ("on", "off"))


def pattern(spoken: str, expression: str, convert: Callable[[str], Any] = str) -> Form:
    """One word that matches a regular expression whole, converted to its canonical value."""
    compiled = patterns.pattern(expression, re.ASCII)

    def read(cursor: Cursor) -> Any:
        argument = cursor.take_word(spoken)
        if not compiled.fullmatch(argument.text):
            raise Misread(cursor.wrong(argument, spoken))
        return convert(argument.text)

    return Form(spoken, read)


def _canonical_pci(text: str) -> str:
    text = text.lower()
    return text if text.count(":") == 2 else f"0000:{text}"


NAME = pattern("a name of letters, digits, `-` and `_`", r"[A-Za-z0-9_-]{1,64}")
MAC = pattern(
    "a MAC address of one port, such as `3c:fd:fe:9e:7a:10`",
    r"(?!00(:00){5})[0-9A-Fa-f][02468ACEace](:[0-9A-Fa-f]{2}){5}",
    str.lower,
)
PCI = pattern(
    "a PCI address such as `0000:18:00.0`",
    r"([0-9A-Fa-f]{4,8}:)?[0-9A-Fa-f]{2}:[01][0-9A-Fa-f]\.[0-7]",
    _canonical_pci,
)
UUID = pattern("a VMBus device UUID", r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", str.lower)
DRIVER = pattern("a driver name such as `i40e`", r"[A-Za-z0-9_][A-Za-z0-9_-]{0,31}")
VERSION = pattern("a version such as `24.04`", r"\d{1,4}(\.\d{1,4}){0,2}")
KERNEL_VERSION = pattern("a kernel version such as `6.1`", r"\d{1,4}\.\d{1,4}(\.\d{1,4})?")
PATH_ID = pattern(
    "a device path such as `pci-0000:18:00.0`, as udev's ID_PATH tells it",
    r"[A-Za-z0-9][A-Za-z0-9:._-]{0,127}",
)
FILE_STRING = Form("a file name in double quotes", lambda cursor: cursor.take_string("a file name"))
UNIT_STRING = Form("a unit name in double quotes", lambda cursor: cursor.take_string("a unit name"))

_INTERFACE = patterns.pattern(r"(?!\d+\Z|-)[A-Za-z0-9_-]{1,15}", re.ASCII)
RESERVED_INTERFACES = frozenset({"all", "default", "lo"})


def _read_interface(cursor: Cursor) -> str:
    spoken = "an interface name"
    argument = cursor.take_word(spoken)
    name = argument.text
    if not _INTERFACE.fullmatch(name) or name in RESERVED_INTERFACES:
        notes = [
            "a name is 1 to 15 letters, digits, `_` or `-` (not first), not digits only nor `all`, `default`, `lo`"
        ]
        raise Misread(codes.BAD_INTERFACE_NAME.at(cursor.span(argument), name=name, notes=notes))
    return name


INTERFACE = Form("an interface name", _read_interface)


def _read_cpus(cursor: Cursor) -> CpuSet:
    first = cursor.at
    text = cursor.take_word("a CPU list such as `0-15,32-47`").text
    while cursor.accept_kind(Kind.COMMA):
        text += "," + cursor.take_word("a CPU range").text
    try:
        return CpuSet.parse(text)
    except CpuListError as error:
        raise Misread(codes.BAD_CPU_LIST.at(cursor.span_since(first), problem=str(error))) from None


CPUS = Form("a CPU list such as `0-15,32-47`", _read_cpus)


def cpus_or(*words: str) -> Form:
    """A CPU list or one of the words."""
    spoken = _or([CPUS.spoken, *[f"`{word}`" for word in words]])

    def read(cursor: Cursor) -> CpuSet | str:
        if cursor.peek_word() in words:
            return cursor.take_word(spoken).text
        if not cursor.peek_word()[:1].isdecimal():
            argument = cursor.take(spoken)
            raise Misread(cursor.wrong(argument, spoken, help=did_you_mean(argument.text, words)))
        return _read_cpus(cursor)

    return Form(spoken, read, words)


def several(form: Form) -> Form:
    """One or more of a form, with commas between; a tuple. One that is written twice counts once."""

    def read(cursor: Cursor) -> tuple[Any, ...]:
        values = [form.read(cursor)]
        while cursor.accept_kind(Kind.COMMA):
            values.append(form.read(cursor))
        return tuple(dict.fromkeys(values))

    return Form(f"{form.spoken}, or several with commas", read, form.words)


def listed(form: Form) -> Form:
    """One or more of a form, with commas between; a tuple that keeps repeated values (weights)."""

    def read(cursor: Cursor) -> tuple[Any, ...]:
        values = [form.read(cursor)]
        while cursor.accept_kind(Kind.COMMA):
            values.append(form.read(cursor))
        return tuple(values)

    return Form(f"{form.spoken}, or several with commas", read, form.words)


def _or(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} or {parts[-1]}"

"""How a kernel reads the text written to a key: what it takes, what it refuses and what it passes over.

Sources: kernel/sysctl.c (proc_get_long and the handlers named after C types), net/ipv4/sysctl_net_ipv4.c
(proc_do_large_bitmap and the port range), lib/bitmap-str.c; each form measured on 6.18.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from netc.knowledge.sysctl_formulas import INT_MAX, SLOWEST_TICK, UINT_MAX
from netc.patterns import pattern
from netc.records import dataclass

if TYPE_CHECKING:
    from netc.knowledge.kernels import Kernel

_NUMBER = pattern(r"-?(?:0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)\Z", re.ASCII)
_LONGEST_NUMBER = 21  # proc_get_long reads no longer one
_MASK = pattern(r"[0-9a-fA-F]{1,8}(?:,[0-9a-fA-F]{1,8})*,?\Z", re.ASCII)
_PORTS = pattern(r"(\d{1,6})(?:-(\d{1,6}))?\Z", re.ASCII)
_FAST_OPEN_KEYS = pattern(r"[0-9a-fA-F]{1,8}(?:-[0-9a-fA-F]{1,8}){3}(?:,[0-9a-fA-F]{1,8}(?:-[0-9a-fA-F]{1,8}){3})?\Z")
_LONGEST_NAME = 15  # IFNAMSIZ and TCP_CA_NAME_MAX are 16, with the end
_LAST_PORT = 65535
_WHITE = " \t\n"

UNSIGNED = frozenset({"uint", "u8", "ulong"})
"""Types that take no sign, not even that of `-0`."""
NUMERIC = frozenset({"int", "uint", "u8", "long", "ulong", "seconds", "milliseconds", "port-range"})
"""Types whose values are numbers."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a kernel makes of a text. `refusal` says why it answers with an error; empty where it does not.

    `numbers` are those it takes, fewer than the key holds where the text ends early; `rest` is the text
    behind them, which it passes over; `octal` is a number that it reads as octal for its leading zero.
    """

    numbers: tuple[int, ...] = ()
    refusal: str = ""
    rest: str = ""
    octal: str = ""


def limits(form: str, kernel: Kernel) -> tuple[int, int]:
    """The least and the greatest number a type holds. Without a known tick the widest that any tick gives."""
    ticks = INT_MAX // (kernel.tick or SLOWEST_TICK)
    return {
        "int": (-INT_MAX - 1, INT_MAX),
        "uint": (0, UINT_MAX),
        "u8": (0, 255),
        "long": (-(2**63), 2**63 - 1),
        "ulong": (0, 2**64 - 1),
        "seconds": (-ticks, ticks),
        "milliseconds": (0, INT_MAX),
        "port-range": (1, _LAST_PORT),
    }[form]


def read_numbers(text: str, count: int, *, signed: bool = True) -> Reading:
    """Up to `count` numbers: decimal, octal after `0`, hexadecimal after `0x`, parted by white space.

    Negative numbers are returned for any type, to be found outside its range.
    """
    words = [word for word in re.split(f"[{_WHITE}]+", text) if word]
    if not words:
        return Reading(refusal="an empty value is no number")
    numbers: list[int] = []
    octal = ""
    for word in words[:count]:
        if len(word) > _LONGEST_NUMBER or not _NUMBER.match(word):
            return Reading(tuple(numbers), refusal=f"`{word}` is no number")
        digits = word.lstrip("-")
        is_octal = len(digits) > 1 and digits[0] == "0" and digits[1] not in "xX"
        octal = octal or (word if is_octal else "")
        numbers.append(int(word, 8 if is_octal else 0))
        if word.startswith("-") and numbers[-1] == 0 and not signed:
            return Reading(tuple(numbers), refusal=f"`{word}` has a sign")
    return Reading(tuple(numbers), rest=" ".join(words[count:]), octal=octal)


def read_text(form: str, text: str) -> Reading:
    """A value that is no number, as far as its form goes."""
    refusal = _TEXT_FORMS.get(form, _any)(text)
    return Reading(refusal=refusal)


def _any(_text: str) -> str:
    return ""


def _mask(text: str) -> str:
    if _MASK.match(text.strip(_WHITE)):
        return ""
    return "a CPU mask is hexadecimal, in groups of up to 8 digits parted by commas, without `0x`"


def _ports(text: str) -> str:
    """A list of ports and ranges; blanks are refused, an empty list is not."""
    for part in text.rstrip("\n").split(",") if text.strip(_WHITE) else ():
        match = _PORTS.match(part)
        if match is None:
            return f"`{part}` is no port or range such as `8000-8010`; ports are parted by commas alone"
        first, last = int(match[1]), int(match[2] or match[1])
        if last > _LAST_PORT:
            return f"`{part}` goes beyond port {_LAST_PORT}"
        if first > last:
            return f"`{part}` ends before it begins"
    return ""


def _name(text: str) -> str:
    name = text.strip(_WHITE)
    if not name:
        return "an empty value is no name"
    if re.search(r"\s", name):
        return f"`{name}` is more than one name"
    return f"`{name}` is longer than {_LONGEST_NAME} characters" if len(name) > _LONGEST_NAME else ""


def _fast_open_key(text: str) -> str:
    if _FAST_OPEN_KEYS.match(text.strip(_WHITE)):
        return ""
    return "a key is four hexadecimal numbers parted by `-`, and a second key follows a comma"


_TEXT_FORMS = {"mask": _mask, "ports": _ports, "name": _name, "key": _fast_open_key}

"""Host names with ranges and lists: `lb-[01..40].fra.example.net`, `db-[a,b,c]`."""

from __future__ import annotations

import re
from itertools import product
from math import prod
from typing import TYPE_CHECKING

from netc.diagnostics import quotable
from netc.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

_BRACKET = pattern(r"\[([^\[\]]*)\]")
_RANGE = pattern(r"(\d{1,9})\.\.(\d{1,9})", re.ASCII)
_OTHER_RANGE = pattern(r"(\d{1,9})[-:](\d{1,9})", re.ASCII)
"""How other tools write a range."""
_LABEL = pattern(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?", re.ASCII)
LONGEST_NAME = 253
LONGEST_LABEL = 63


class NamePattern:
    """A host name that stands for one or many; `len()` counts them without making them."""

    def __init__(self, text: str) -> None:
        """ValueError when a bracket holds neither a range nor a list, or is not closed."""
        self.text = text
        self._literals: list[str] = []
        self._choices: list[range | list[str]] = []
        self._widths: list[int] = []
        end = 0
        for match in _BRACKET.finditer(text):
            self._literals.append(text[end : match.start()])
            self._add(match[1])
            end = match.end()
        self._literals.append(text[end:])
        if any("[" in literal or "]" in literal for literal in self._literals):
            raise ValueError("a bracket is not closed or not opened")

    def _add(self, inner: str) -> None:
        match = _RANGE.fullmatch(inner)
        if match is None:
            shown = quotable(f"[{inner}]")
            other = _OTHER_RANGE.fullmatch(inner)
            if other:
                raise ValueError(f"`{shown}` is a list of one; a range is written `[{other[1]}..{other[2]}]`")
            if ".." in inner or not all(inner.split(",")):
                raise ValueError(f"`{shown}` is neither a range such as `[01..40]` nor a list such as `[a,b]`")
            self._choices.append(inner.split(","))
            self._widths.append(0)
            return
        first, last = match.groups()
        if len(first) != len(last):
            raise ValueError(f"`{first}` and `{last}` have not the same width")
        if int(last) < int(first):
            raise ValueError(f"`{first}..{last}` counts down")
        self._choices.append(range(int(first), int(last) + 1))
        self._widths.append(len(first))

    def count(self) -> int:
        """How many names there are; a plain int, for `len()` cannot give more than a machine word."""
        return prod(len(choices) for choices in self._choices)

    def __iter__(self) -> Iterator[str]:
        columns = [
            [f"{value:0{width}}" if isinstance(value, int) else value for value in choices]
            for choices, width in zip(self._choices, self._widths, strict=True)
        ]
        for values in product(*columns):
            parts = [self._literals[0]]
            for value, literal in zip(values, self._literals[1:], strict=True):
                parts += (value, literal)
            yield "".join(parts)


def host_name_problem(name: str) -> str:
    """Why a text is no host name by RFC 1123, or empty when it is one."""
    if len(name) > LONGEST_NAME:
        return f"it has {len(name)} characters, at most {LONGEST_NAME} are allowed"
    for label in name.split("."):
        if len(label) > LONGEST_LABEL:
            return f"its part of {len(label)} characters is longer than {LONGEST_LABEL}"
        if not _LABEL.fullmatch(label):
            what = f"its part `{label}`" if label else "an empty part"
            return f"{what} does not consist of letters, digits and inner `-`"
    return ""

"""The comments of artifacts: why a value is what it is, and who asked for it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from netc.printable import printable
from netc.records import dataclass

if TYPE_CHECKING:
    from netc.plan import Plan, Why

WIDTH = 100
"""Columns of a comment line. A word that is longer stays whole."""


@dataclass(frozen=True, slots=True)
class Line:
    """One value of an artifact, and the comment that stands above it."""

    because: str
    key: str
    value: str = ""


@lru_cache(maxsize=16384)
def comment(text: str) -> str:
    """`text` as lines that begin with `#`, without a newline at the end.

    Whatever the text holds, no line ends in a backslash (kmod would join it with the next one, comments too),
    and nothing but printable characters and the line breaks made here reach the file: readers differ in
    whether U+0085, U+2028 and the like end a line.
    """
    lines = [""]
    for word in printable(text).split(" "):
        if lines[-1] and len(lines[-1]) + 1 + len(word) > WIDTH - 2:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
    return "\n".join(_closed(f"# {line}".rstrip(" ")) for line in lines)


def _closed(line: str) -> str:
    return f"{line} ." if line.endswith("\\") else line


@lru_cache(maxsize=16384)
def because(why: Why) -> str:
    """The reason of a value and the statements that asked, as comment lines."""
    return "\n".join([comment(why.reason), *(comment(f"asked by {place}") for place in why.places)])


def header(plan: Plan, *sentences: str) -> str:
    """The first comment of a file: who wrote it from what, then what there is to know about the file."""
    origin = f"Written by netc from {', '.join(plan.sources)}. Change it there and compile again."
    return "\n".join([comment(origin), *map(comment, sentences)])

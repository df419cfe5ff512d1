"""One line of a source as a terminal shows it, cut around what matters when it is long.

Lines are never copied whole: a file may be one line of 10 MB, with an error on every word.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from netc.records import dataclass
from netc.render.visible import cell, is_plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from netc.source import Source

CUT = "…"


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line, or the part of it from `start` on that fits."""

    text: str
    start: int
    """Offset of the first character shown."""
    columns: Sequence[int]
    """Column, from 0, of every character shown and of what follows the last one."""

    def column(self, offset: int) -> int:
        """The column at which the character at `offset` is shown; the cut stands for what is cut away."""
        if offset < self.start:
            return 0
        return self.columns[min(offset - self.start, len(self.columns) - 1)]


def bounds(source: Source, number: int) -> tuple[int, int]:
    """Offsets of the first character of a line and of its line end (`\\n` or `\\r\\n`)."""
    starts = source.line_starts
    start = starts[number - 1]
    end = starts[number] - 1 if number < len(starts) else len(source.text)
    if end > start and source.text[end - 1] == "\r":
        end -= 1
    return start, end


def show_line(source: Source, number: int, marked: Sequence[tuple[int, int]], room: int) -> ShownLine:
    """A line in at most `room` columns, all of it or the part around the `marked` ranges of offsets.

    When the ranges lie too far apart, the part around the first of them.
    """
    start, end = bounds(source, number)
    text = source.text
    if end - start <= room:
        whole = _shown(text[start:end], start)
        if whole.columns[-1] <= room:
            return whole
    low, high = _focus(marked, room) if marked else (start, start)
    low, high = min(low, end), min(high, end)
    room -= 2 * len(CUT)
    right, room = _reach(text, low, high, room)
    left, rest = _reach(text, low, start, room // 2)
    room = room - room // 2 + rest + (len(CUT) if left == start else 0)
    right, room = _reach(text, right, end, room)
    left, _ = _reach(text, left, start, room + (len(CUT) if right == end else 0))
    return _shown(text[left:right], left, CUT if left > start else "", CUT if right < end else "")


def _focus(marked: Sequence[tuple[int, int]], room: int) -> tuple[int, int]:
    low = min(start for start, _ in marked)
    high = max(end for _, end in marked)
    return (low, high) if high - low <= room // 2 else marked[0]


def _reach(text: str, position: int, goal: int, room: int) -> tuple[int, int]:
    """How far one comes from `position` towards `goal` within `room` columns, and the columns left."""
    while position < goal:
        width = cell(text[position])[1]
        if width > room:
            break
        position, room = position + 1, room - width
    while position > goal:
        width = cell(text[position - 1])[1]
        if width > room:
            break
        position, room = position - 1, room - width
    return position, room


def _shown(part: str, start: int, before: str = "", behind: str = "") -> ShownLine:
    first = len(before)
    if is_plain(part):
        return ShownLine(before + part + behind, start, range(first, first + len(part) + 1))
    cells = [cell(char) for char in part]
    columns = list(accumulate((width for _, width in cells), initial=first))
    return ShownLine(before + "".join(shown for shown, _ in cells) + behind, start, columns)

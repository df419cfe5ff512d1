"""The lines of one source that a diagnostic speaks of, with what it says drawn below them.

The form is rustc's (compiler/rustc_errors/src/emitter.rs). A range within a line is underlined; the label
of the last one follows it, other labels hang below. A range over several lines has a lane at the left:

    1 | / host a {          1 |   host a { nic
    2 | | }                   |  __________^
      | |_^ label           2 | | }
                              | |_^ label
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.records import dataclass, field
from netc.render.canvas import Row, Style, paint
from netc.render.line import ShownLine, bounds, show_line
from netc.render.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from netc.source import Source, Span

SHOWN_WHOLE = 5
"""Lines up to which a range is shown whole; of a longer one only the first and the last line are."""

DEEPEST_INDENT = 256
"""Blanks before a range up to which it counts as the first thing of its line."""


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """A range of characters to point at; each is itself alone, equal to no other."""

    start: int
    end: int
    first: int
    last: int
    """Lines of the first and the last character, from 1."""
    text: str
    style: Style
    primary: bool

    @classmethod
    def of(cls, span: Span, text: str, style: Style, *, primary: bool) -> Mark:
        source = span.source
        start = min(max(span.start, 0), len(source.text))
        end = min(max(span.end, start), len(source.text))
        # The last line is that of the last character, not of what follows it: a range that takes in its
        # line end is still a range within that line.
        first, last = source.position(start)[0], source.position(max(start, end - 1))[0]
        return cls(start, end, first, last, visible(text).rstrip(" "), style, primary)

    @property
    def sign(self) -> str:
        return "^" if self.primary else "-"


@dataclass(slots=True)
class Snippet:
    """Draws the marks of one source. `gutter` is the width of line numbers, `room` that of source lines."""

    source: Source
    marks: Sequence[Mark]
    gutter: int
    room: int
    colour: bool
    _lanes: dict[Mark, int] = field(default_factory=dict)
    _running: dict[int, Mark] = field(default_factory=dict)
    """Lane → the mark whose bar runs through the next row."""

    def rows(self) -> Iterator[str]:
        """The rows, without the empty one before them."""
        self._lanes = _lanes(self.marks)
        by_line: dict[int, list[Mark]] = {}
        for mark in self.marks:
            for number in {mark.first, mark.last}:
                by_line.setdefault(number, []).append(mark)
        before = 0
        for number in _shown_lines(self.marks):
            if before and number > before + 1:
                bars = self._bars().finish(self.colour)
                yield f"{paint('...', Style.FRAME, self.colour)}{' ' * self.gutter}{bars}".rstrip(" ")
            yield from self._line(number, by_line.get(number, []))
            before = number

    def _line(self, number: int, marks: list[Mark]) -> Iterator[str]:
        shown = self._show(number, marks)
        starting = sorted((m for m in marks if m in self._lanes and m.first == number), key=self._lane)
        slashed = [mark for mark in starting if _is_first_of_line(self.source, mark)]
        bars = self._bars()
        for mark in slashed:
            bars.put(self._lane(mark), "/", mark.style)
            self._running[self._lane(mark)] = mark
        bars.put(self._indent, shown.text, Style.PLAIN)
        yield self._row(str(number), bars)
        within = [mark for mark in marks if mark not in self._lanes]
        yield from (self._row("", row) for row in self._underlines(within, shown))
        for mark in starting:
            if mark not in slashed:
                yield self._row("", self._corner(mark, shown.column(mark.start), ""))
                self._running[self._lane(mark)] = mark
        ending = [mark for mark in marks if mark in self._lanes and mark.last == number]
        for mark in sorted(ending, key=self._lane, reverse=True):
            last = max(shown.column(mark.end) - 1, 0)
            yield self._row("", self._corner(mark, last, mark.text))
            del self._running[self._lane(mark)]

    def _show(self, number: int, marks: list[Mark]) -> ShownLine:
        start, end = bounds(self.source, number)
        # The primary range first: it is the one to be seen when not all can be.
        important = sorted(marks, key=lambda mark: not mark.primary)
        ranges = [
            (mark.start if mark.first == number else max(mark.end - 1, start), min(mark.end, end))
            if mark.last == number
            else (mark.start, mark.start)
            for mark in important
        ]
        return show_line(self.source, number, ranges, max(self.room - self._indent, 20))

    def _lane(self, mark: Mark) -> int:
        return self._lanes[mark]

    @property
    def _indent(self) -> int:
        """Columns between the frame and the source text: the lanes and a blank."""
        return max(self._lanes.values()) + 2 if self._lanes else 0

    def _bars(self) -> Row:
        row = Row()
        for lane, mark in self._running.items():
            row.put(lane, "|", mark.style)
        return row

    def _row(self, number: str, row: Row) -> str:
        frame = paint(f"{number:>{self.gutter}} |", Style.FRAME, self.colour)
        return f"{frame} {row.finish(self.colour)}".rstrip(" ")

    def _corner(self, mark: Mark, column: int, label: str) -> Row:
        """The row in which a bar begins or ends below a character of its line."""
        row = self._bars()
        lane, at = self._lane(mark), self._indent + column
        row.put(lane + 1, "_" * (at - lane - 1), mark.style)
        row.put(at, mark.sign, mark.style)
        if label:
            row.put(at + 2, label, mark.style)
        return row

    def _underlines(self, marks: list[Mark], shown: ShownLine) -> Iterator[Row]:
        """The rows below a line for the ranges within it."""
        if not marks:
            return
        row = self._bars()
        places: dict[Mark, tuple[int, int]] = {}
        for mark in marks:
            start = self._indent + shown.column(mark.start)
            places[mark] = (start, max(self._indent + shown.column(mark.end), start + 1))
        # The primary range over all others, and short ones over long ones, so that each can be seen.
        for mark in sorted(marks, key=lambda m: (m.primary, places[m][0] - places[m][1])):
            start, end = places[mark]
            row.put(start, mark.sign * (end - start), mark.style)
        hanging = [mark for mark in marks if mark.text]
        hanging.sort(key=lambda mark: (-places[mark][0], not mark.primary))
        if hanging and places[hanging[0]][1] == row.end:
            mark = hanging.pop(0)
            row.put(row.end + 1, mark.text, mark.style)
        yield row
        yield from self._hanging([(places[mark][0], mark) for mark in hanging])

    def _hanging(self, labels: list[tuple[int, Mark]]) -> Iterator[Row]:
        """The rows of labels that found no place behind their range, the rightmost first."""
        for position in range(-1, len(labels)):
            row = self._bars()
            for column, mark in reversed(labels[position + 1 :]):
                row.put(column, "|", mark.style)
            if position >= 0:
                column, mark = labels[position]
                row.put(column, mark.text, mark.style)
            if labels:
                yield row


def _lanes(marks: Iterable[Mark]) -> dict[Mark, int]:
    """A lane, from 0, for every mark over several lines; the enclosing one has the outer lane."""
    lanes: dict[Mark, int] = {}
    free_after: list[int] = []
    for mark in sorted((m for m in marks if m.first < m.last), key=lambda m: (m.start, -m.end)):
        lane = next((i for i, last in enumerate(free_after) if last < mark.first), len(free_after))
        if lane == len(free_after):
            free_after.append(0)
        free_after[lane] = mark.last
        lanes[mark] = lane
    return lanes


def _shown_lines(marks: Iterable[Mark]) -> list[int]:
    """Numbers of the lines to show; a gap of one line is filled, since `...` would take as much room."""
    numbers: set[int] = set()
    for mark in marks:
        numbers |= {mark.first, mark.last}
        if mark.last - mark.first < SHOWN_WHOLE:
            numbers.update(range(mark.first, mark.last))
    numbers |= {number + 1 for number in numbers if number + 2 in numbers}
    return sorted(numbers)


def _is_first_of_line(source: Source, mark: Mark) -> bool:
    start, _ = bounds(source, mark.first)
    indent = mark.start - start
    return indent <= DEEPEST_INDENT and not source.text[start : mark.start].strip()

"""Text under compilation and places in it."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property

from netc.records import dataclass, field


@dataclass(frozen=True)
class Source:
    """One text netc reads: a `.net` file, a facts file, or standard input.

    `name` is the path as the user gave it and stands in diagnostics. `label` is the path that artifacts
    may name: relative to the folder that holds all given files, so that output does not depend on where
    netc was started.
    """

    name: str
    text: str = field(repr=False)
    label: str = ""

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    @cached_property
    def line_starts(self) -> list[int]:
        """Offsets at which lines begin; line 1 begins at `line_starts[0]`, which is 0."""
        starts = [0]
        position = self.text.find("\n")
        while position >= 0:
            starts.append(position + 1)
            position = self.text.find("\n", position + 1)
        return starts

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both counted from 1; columns count characters.

        An offset outside the text counts as its nearest end.
        """
        offset = min(max(offset, 0), len(self.text))
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a line (counted from 1) without its line end; empty past the end."""
        starts = self.line_starts
        if not 1 <= number <= len(starts):
            return ""
        end = starts[number] - 1 if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].removesuffix("\r")


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open range of characters `[start, end)` in a source."""

    source: Source
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    @property
    def first(self) -> tuple[int, int]:
        """Line and column of the first character, from 1."""
        return self.source.position(self.start)

    @property
    def last(self) -> tuple[int, int]:
        """Line and column just behind the last character, from 1."""
        return self.source.position(self.end)

    def to(self, other: Span) -> Span:
        """The range from the start of this one to the end of `other`, in the same source."""
        return Span(self.source, self.start, max(self.end, other.end))

"""Rows of characters with a style each, and the ANSI sequences of the styles.

Four styles need no library: the sequences are those of ECMA-48 that every terminal knows, and netc has to
count columns itself anyway, because carets stand under characters.
"""

from __future__ import annotations

from enum import Enum
from itertools import groupby


class Style(Enum):
    """What a piece of text is; its value is the parameter of the ANSI sequence `SGR`."""

    PLAIN = ""
    STRONG = "1"
    ERROR = "1;31"
    WARNING = "1;33"
    FRAME = "1;34"


def paint(text: str, style: Style, colour: bool) -> str:
    """`text`, in its colour if colours are wanted."""
    if not colour or style is Style.PLAIN or not text:
        return text
    return f"\x1b[{style.value}m{text}\x1b[0m"


class Row:
    """One row under construction: later strokes cover earlier ones."""

    __slots__ = ("_cells", "_styles")

    def __init__(self) -> None:
        self._cells: list[str] = []
        self._styles: list[Style] = []

    def put(self, column: int, text: str, style: Style) -> None:
        """Draw `text` from `column`, counted from 0."""
        missing = column + len(text) - len(self._cells)
        if missing > 0:
            self._cells.extend(" " * missing)
            self._styles.extend([Style.PLAIN] * missing)
        self._cells[column : column + len(text)] = text
        self._styles[column : column + len(text)] = [style] * len(text)

    @property
    def end(self) -> int:
        """The column behind the last one drawn on."""
        return len(self._cells)

    def finish(self, colour: bool) -> str:
        text = "".join(self._cells).rstrip(" ")
        if not colour:
            return text
        pieces = []
        position = 0
        for style, run in groupby(self._styles[: len(text)]):
            length = len(list(run))
            pieces.append(paint(text[position : position + length], style, colour))
            position += length
        return "".join(pieces)

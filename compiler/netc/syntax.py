"""The tree of one `.net` file, before any word has a meaning.

Named tuples, because a fleet file holds a hundred thousand of them and they are the cheapest to make.
Offsets count characters of the source text.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from netc.source import Source


class Kind(Enum):
    WORD = "word"
    STRING = "string"
    EQUALS = "="
    COMMA = ","


class Argument(NamedTuple):
    """One word, string, `=` or `,` of a statement. `text` is as written, quotes and escapes included."""

    kind: Kind
    text: str
    start: int
    end: int


class Statement(NamedTuple):
    """`rtt 40ms`, or a statement with a block: `goal web-server { … }`. At least one argument."""

    arguments: tuple[Argument, ...]
    block: Block | None

    @property
    def start(self) -> int:
        return self.arguments[0].start

    @property
    def end(self) -> int:
        """Just behind the last argument; the block is not counted."""
        return self.arguments[-1].end


class Block(NamedTuple):
    """What stands between braces; `start` is at `{`, `end` behind `}`."""

    statements: tuple[Statement, ...]
    start: int
    end: int


class File(NamedTuple):
    source: Source
    statements: tuple[Statement, ...]

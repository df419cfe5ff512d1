"""The tree of one `.net` file, before any word has a meaning.

Offsets count characters of the source text.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from netc.records import dataclass

if TYPE_CHECKING:
    from netc.source import Source


class Kind(Enum):
    WORD = "word"
    STRING = "string"
    EQUALS = "="
    COMMA = ","


@dataclass(frozen=True, slots=True)
class Argument:
    """One word, string, `=` or `,` of a statement. `text` is as written, quotes and escapes included."""

    kind: Kind
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Statement:
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


@dataclass(frozen=True, slots=True)
class Block:
    """What stands between braces; `start` is at `{`, `end` behind `}`."""

    statements: tuple[Statement, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class File:
    source: Source
    statements: tuple[Statement, ...]

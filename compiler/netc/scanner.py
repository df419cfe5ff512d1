"""Text → tokens, by the terminals of the grammar."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Token:
    """A terminal at its place. Lark's own token also counts lines and columns, which takes longer than all the
    rest of the parse and which nobody here asks for.
    """

    __slots__ = ("end_pos", "start_pos", "type", "value")

    def __init__(self, type: str, value: str, start_pos: int, end_pos: int) -> None:
        self.type = type
        self.value = value
        self.start_pos = start_pos
        self.end_pos = end_pos

    def update(self, type: str, value: str) -> Token:
        """Another terminal at the same place."""
        return Token(type, value, self.start_pos, self.end_pos)


class Scanner:
    """Finds the terminals of the grammar, each a named group of one expression."""

    def __init__(self, pattern: str, ignored: Iterable[str]) -> None:
        self._any = re.compile(pattern)
        self._ignored = frozenset(ignored)

    def tokens(self, text: str, *, also: frozenset[str]) -> Iterator[Token]:
        """All tokens of a text but for those the grammar ignores; of these, too, the ones in `also`."""
        ignored = self._ignored - also
        for match in self._any.finditer(text):
            kind = match.lastgroup
            if kind is not None and kind not in ignored:
                start, end = match.span()
                yield Token(kind, match[0], start, end)

"""Text of strangers made fit for a terminal.

A source line, a file name or a message may hold anything. What moves the cursor, hides, or changes the
order in which its neighbours are read is shown as an escape: control and format characters, line and
paragraph separators, blanks other than the space, surrogates, unassigned and private characters,
combining marks and letters written from right to left. What is left takes one or two columns of a
terminal, known beforehand, so that carets stand under what they mean.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

TAB = " " * 4
"""What a tab is shown as, wherever it stands: a cut or prefixed line has no tab stops of its own."""

_FILLERS = frozenset("\u2800\u3164\uffa0")
"""Letters and symbols that look like nothing."""

_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})


@lru_cache(maxsize=4096)
def cell(char: str) -> tuple[str, int]:
    """What stands for a character, and how many columns that takes."""
    if char == "\t":
        return TAB, len(TAB)
    if _is_hidden(char):
        escape = char.encode("unicode_escape").decode("ascii")
        return escape, len(escape)
    return char, 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _is_hidden(char: str) -> bool:
    return (
        not char.isprintable()
        or unicodedata.category(char).startswith("M")
        or unicodedata.bidirectional(char) in _RIGHT_TO_LEFT
        or char in _FILLERS
        # Vowels and final consonants of Hangul join the syllable before them.
        or "\u115f" <= char <= "\u11ff"
        or "\ud7b0" <= char <= "\ud7ff"
    )


def is_plain(text: str) -> bool:
    """Whether every character stands for itself and takes one column."""
    return text.isascii() and text.isprintable()


def visible(text: str) -> str:
    """`text` in one line without any character that moves, hides or reorders."""
    return text if is_plain(text) else "".join(cell(char)[0] for char in text)

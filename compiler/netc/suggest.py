"""The nearest known word to a misspelt one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_WORD = 64
"""No word of the language is as long; matching a longer one would only cost time."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` most likely meant, or None when nothing is near."""
    if len(word) > LONGEST_WORD:
        return None
    from difflib import get_close_matches  # most runs have nothing to suggest

    folded = {candidate.casefold().replace("_", "-"): candidate for candidate in sorted(known, reverse=True)}
    found = get_close_matches(word.casefold().replace("_", "-"), list(folded), n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> tuple[str, ...]:
    """A help line naming the nearest known word, or nothing; a word is no correction of itself."""
    found = nearest(word, known)
    return (f"did you mean `{found}`?",) if found and found != word else ()

"""Numbers and names as messages say them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_NAMES = 4
"""Names that a message spells out; what is beyond is counted."""


def joined(words: Sequence[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    return f" {last} ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def quoted(words: Sequence[str], last: str = "and") -> str:
    """Words of the language in backticks, joined."""
    return joined([f"`{word}`" for word in words], last)


def spoken_nics(names: Sequence[str]) -> str:
    """`nic `a``, `nics `a` and `b``, and of more than a few the number of the rest."""
    if len(names) <= MOST_NAMES:
        return f"nic{'s' * (len(names) != 1)} {quoted(names)}"
    shown = [f"`{name}`" for name in names[: MOST_NAMES - 1]]
    return f"nics {joined([*shown, f'{len(names) - len(shown)} more'])}"

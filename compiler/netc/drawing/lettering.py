"""How wide text is, and what of it fits. Lengths are pixels.

A picture is shown in whatever font is there. Names and numbers stand in a monospaced one, where every letter takes
six tenths of the size in all fonts that systems ship; running text gets room for the widest of the usual ones.
"""

from __future__ import annotations

import textwrap

from netc.render.visible import cell, visible

MONOSPACED = 0.61
"""Width of a letter by the size of the font: 0.602 in DejaVu Sans Mono, 0.600 in Liberation Mono and Courier."""
RUNNING, BOLD = 0.56, 0.63
"""The mean of running text in DejaVu Sans, which is the widest of the usual fonts beside Verdana."""


def width(text: str, size: int, letter: float = MONOSPACED) -> int:
    """The room a text takes, rounded up."""
    columns = sum(cell(char)[1] for char in text)
    return -int(-columns * size * letter // 1)


def fitting(text: str, room: int, size: int, letter: float = MONOSPACED) -> str:
    """The text as far as there is room, with `…` for the rest; nothing in it hides or reorders."""
    text = visible(text[: max(room, 0)])
    if width(text, size, letter) <= room:
        return text
    while text and width(f"{text}…", size, letter) > room:
        text = text[:-1]
    return f"{text.rstrip(' ,')}…"


def wrapped(text: str, room: int, size: int, letter: float) -> list[str]:
    """The text in lines; a word longer than a line is broken."""
    return textwrap.wrap(visible(text), max(int(room / (size * letter)), 1), break_on_hyphens=False)

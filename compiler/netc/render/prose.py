"""A whole diagnostic as one text, for formats that know a message and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.diagnostics import Diagnostic


def lines(diagnostic: Diagnostic) -> Iterator[str]:
    """The message, then the label of its place, notes and help, each in lines of its own."""
    yield printable(diagnostic.message)
    if diagnostic.label:
        yield printable(diagnostic.label)
    for word, texts in (("note", diagnostic.notes), ("help", diagnostic.help)):
        for text in texts:
            first, *others = text.split("\n")
            yield f"{word}: {printable(first)}"
            yield from map(printable, others)

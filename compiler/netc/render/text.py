"""Diagnostics as text for people, in the form of rustc."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.diagnostics import Severity
from netc.render.canvas import Style, paint
from netc.render.snippet import Mark, Snippet
from netc.render.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from netc.diagnostics import Diagnostic
    from netc.source import Source

USUAL_WIDTH = 140
"""Columns that source lines may take together with the frame when nobody says how wide the terminal is."""

_SEVERITY_STYLES = {Severity.ERROR: Style.ERROR, Severity.WARNING: Style.WARNING}


def render(diagnostics: Iterable[Diagnostic], colour: bool, width: int | None) -> str:
    """The diagnostics in their order, an empty line between two; empty for none.

    Source lines are cut to `width` columns. Messages, labels, notes and help are not: a terminal wraps
    them, and a command that help proposes must stay in one piece to be copied.
    """
    room = USUAL_WIDTH if width is None else width
    return "\n".join("\n".join(_rows(diagnostic, colour, room)) + "\n" for diagnostic in diagnostics)


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """How many there are, for the end of a run: `2 errors, 1 warning`; empty for none."""
    counts = dict.fromkeys(Severity, 0)
    for diagnostic in diagnostics:
        counts[diagnostic.severity] += 1
    return ", ".join(f"{n} {kind.value}{'s' * (n > 1)}" for kind, n in counts.items() if n)


def _rows(diagnostic: Diagnostic, colour: bool, width: int) -> Iterator[str]:
    style = _SEVERITY_STYLES[diagnostic.severity]
    kind = paint(f"{diagnostic.severity.value}[{diagnostic.code}]", style, colour)
    yield kind + paint(f": {visible(diagnostic.message)}".rstrip(" "), Style.STRONG, colour)
    by_source = _marks(diagnostic)
    gutter = max((len(str(mark.last)) for marks in by_source.values() for mark in marks), default=1)
    margin = " " * gutter
    bar = paint(f"{margin} |", Style.FRAME, colour)
    for position, (source, marks) in enumerate(by_source.items()):
        if position:
            yield bar
        line, column = source.position(marks[0].start)
        arrow = paint(f"{margin}{':::' if position else '-->'}", Style.FRAME, colour)
        yield f"{arrow} {visible(source.name)}:{line}:{column}"
        yield bar
        yield from Snippet(source, marks, gutter, width - gutter - 3, colour).rows()
    remarks = [("note", note) for note in diagnostic.notes] + [("help", line) for line in diagnostic.help]
    if remarks:
        yield bar
    for word, text in remarks:
        sign = paint(f"{margin} =", Style.FRAME, colour)
        first, *others = text.split("\n")
        yield f"{sign} {paint(f'{word}:', Style.STRONG, colour)} {visible(first)}".rstrip(" ")
        for other in others:
            yield f"{margin}{' ' * len(f' = {word}: ')}{visible(other)}".rstrip(" ")


def _marks(diagnostic: Diagnostic) -> dict[Source, list[Mark]]:
    """What to point at, by source: that of the primary span first, then in the order of labels."""
    by_source: dict[Source, list[Mark]] = {}
    if diagnostic.span is not None:
        style = _SEVERITY_STYLES[diagnostic.severity]
        mark = Mark.of(diagnostic.span, diagnostic.label, style, primary=True)
        by_source[diagnostic.span.source] = [mark]
    for label in dict.fromkeys(diagnostic.labels):  # the same label twice is one
        mark = Mark.of(label.span, label.text, Style.FRAME, primary=False)
        by_source.setdefault(label.span.source, []).append(mark)
    return by_source

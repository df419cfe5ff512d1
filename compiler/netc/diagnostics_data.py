"""Diagnostics as plain data, for another process or another run, which has the same texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netc.diagnostics import Diagnostic, Label, Severity
from netc.source import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from netc.source import Source

Data = list[Any]
"""Lists, texts, numbers and None, as JSON has them."""


def as_data(diagnostics: Iterable[Diagnostic]) -> Data:
    """Each diagnostic as a list; a place in it as the name of its source and two offsets."""
    return [
        [
            each.code,
            each.severity.value,
            each.message,
            _place(each.span),
            each.label,
            [[_place(label.span), label.text] for label in each.labels],
            list(each.notes),
            list(each.help),
        ]
        for each in diagnostics
    ]


def from_data(data: Data, source_named: Callable[[str], Source]) -> list[Diagnostic]:
    """The diagnostics again; `source_named` gives the text that a place is in."""

    def span(place: Data | None) -> Span | None:
        return None if place is None else Span(source_named(place[0]), place[1], place[2])

    def label(place: Data, text: str) -> Label:
        return Label(Span(source_named(place[0]), place[1], place[2]), text)

    return [
        Diagnostic(
            code,
            Severity(severity),
            message,
            span(place),
            text,
            tuple(label(*each) for each in labels),
            tuple(notes),
            tuple(help_lines),
        )
        for code, severity, message, place, text, labels, notes, help_lines in data
    ]


def _place(span: Span | None) -> Data | None:
    return None if span is None else [span.source.name, span.start, span.end]

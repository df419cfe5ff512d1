"""Diagnostics as a JSON array, for editors and scripts; `diagnostics.schema.json` is the contract."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from netc.diagnostics import Diagnostic
    from netc.source import Span


def render(diagnostics: Iterable[Diagnostic]) -> str:
    """One array for the run, one line for every diagnostic, ASCII only."""
    rows = [json.dumps(_form(diagnostic)) for diagnostic in diagnostics]
    return "[\n" + ",\n".join(rows) + "\n]\n" if rows else "[]\n"


def _form(diagnostic: Diagnostic) -> dict[str, object]:
    labels = [{**_place(label.span), "message": label.text, "primary": False} for label in diagnostic.labels]
    if diagnostic.span is not None and diagnostic.label:
        labels.insert(0, {**_place(diagnostic.span), "message": diagnostic.label, "primary": True})
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        **_place(diagnostic.span),
        "labels": labels,
        "notes": list(diagnostic.notes),
        "help": list(diagnostic.help),
    }


def _place(span: Span | None) -> dict[str, object]:
    if span is None:
        return dict.fromkeys(("file", "line", "column", "end_line", "end_column"))
    (line, column), (end_line, end_column) = span.first, span.last
    return {
        "file": span.source.name,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
    }

"""What could not be read, so that a statement which seems to be missing may be there after all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.diagnostics import Severity

if TYPE_CHECKING:
    from netc.diagnostics import Report
    from netc.source import Source

_READING = ("N00", "N010", "N011", "N012", "N013", "N0143")
"""Beginnings of the codes after which statements, includes or profiles are left out."""


def unread_sources(report: Report) -> frozenset[Source]:
    """The files of which a statement was left out after an error. Asked once: it looks at the whole report."""
    return frozenset(
        diagnostic.span.source
        for diagnostic in report
        if diagnostic.severity is Severity.ERROR
        and diagnostic.code.startswith(_READING)
        and diagnostic.span is not None
    )

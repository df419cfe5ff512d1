"""Statements that reach the plan and no file yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc import codes
from netc.pending import pending_statements

if TYPE_CHECKING:
    from netc.diagnostics import Report
    from netc.model import Host


def statements_are_emitted(host: Host, report: Report) -> None:
    """Nothing that is written vanishes silently."""
    for word, found, layer in pending_statements(host):
        note = f"it belongs to {layer.value}; the plan lists it under `not_yet_emitted`"
        report.add(codes.NOT_YET_EMITTED.at(found.span, statement=word, notes=[note]))

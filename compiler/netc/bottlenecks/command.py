"""`netc doctor`, from its options to what it shows."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING

from netc.bottlenecks.examining import Patient
from netc.bottlenecks.report import as_json, table, text
from netc.command_line import UsageError, machine_root
from netc.diagnostics import quotable

if TYPE_CHECKING:
    import argparse
    from typing import TextIO

    from netc.bottlenecks.examining import Diagnosis

CLEAR = "\x1b[H\x1b[J"
"""To the upper left, and clear from there: no flicker as with clearing all first."""


def diagnosed(options: argparse.Namespace, out: TextIO) -> bool:
    """Show one diagnosis, or with --watch one after each interval until Ctrl-C; whether the last found something."""
    root = machine_root(options.root)
    patient = Patient(root)
    if options.watch and not patient.live:
        raise UsageError("--watch needs the running machine: a copy of /proc and /sys does not change")
    found = None
    try:
        for diagnosis in patient.diagnoses(options.interval):
            if not diagnosis.measures:
                raise UsageError(
                    f"`{quotable(str(root))}` holds none of the counters that show bottlenecks, or no /proc/uptime, "
                    "without which totals are no rates"
                )
            found = bool(diagnosis.findings)
            out.write(_shown(diagnosis, options, out.isatty()))
            out.flush()
            if not options.watch:
                break
    except KeyboardInterrupt:
        if found is None:
            raise
    return bool(found)


def _shown(diagnosis: Diagnosis, options: argparse.Namespace, terminal: bool) -> str:
    if options.format == "json":
        return json.dumps(as_json(diagnosis), indent=None if options.watch else 2) + "\n"
    if not options.watch:
        return text(diagnosis)
    if not terminal:
        return table(diagnosis) + "\n"
    columns, lines = shutil.get_terminal_size()
    # The last line stays free: what ends there would scroll the first one away.
    return CLEAR + table(diagnosis, columns, lines - 1, colour=not os.environ.get("NO_COLOR"))

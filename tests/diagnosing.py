"""Runs the pipeline on small files, as `netc check` does, and keeps what it tells."""

from __future__ import annotations

import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

from netc import pipeline
from netc.diagnostics import Report
from netc.render import FORMATS, Presentation
from netc.resolving.files import Files

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def diagnose(folder: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> Report:
    """The report on a file, read from its own folder so that no path of this machine stands in it."""
    monkeypatch.chdir(folder)
    report = Report()
    run = pipeline.load([name], Files(Files.common_base([name])), report)
    for _ in pipeline.plans(run):
        pass
    return report


def as_text(report: Report) -> str:
    """What `netc check` prints to standard error, without colour."""
    return FORMATS["text"](report, Presentation())


def made(expression: str) -> bytes:
    """The bytes of a file that is given as a Python expression, because it cannot be shown: no UTF-8, or too long."""
    value = eval(expression, {"__builtins__": {"range": range}})
    return value.encode() if isinstance(value, str) else bytes(value)


def run_steps(steps: str, folder: Path) -> tuple[int, str]:
    """Status and standard error of the last command of a shell script, for what only lies in the way of output."""
    *before, last = steps.strip().splitlines()
    netc = f'netc() {{ {shlex.join([sys.executable, "-m", "netc"])} "$@"; }}'
    script = "\n".join([netc, "set -e", "{ :", *before, "} 2>&1", last])
    done = subprocess.run(["bash", "-c", script], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stderr

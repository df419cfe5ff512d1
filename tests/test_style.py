"""ruff and mypy find nothing. Who may import whom is in test_architecture."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
COMMANDS = {"lint": "ruff check .", "layout": "ruff format --check .", "types": "mypy"}


@pytest.mark.parametrize("what", COMMANDS)
def test_nothing_is_found(what: str) -> None:
    program, *arguments = COMMANDS[what].split()
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    done = subprocess.run([program, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

"""Each folder of cases/accept: `input.net`, and under `out/` the whole tree it must give, nothing else.

NETC_UPDATE=1 rewrites the trees; read the difference before committing it.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from netc.cli import main

CASES = Path(__file__).parent / "cases" / "accept"


def tree(folder: Path) -> dict[str, tuple[str, int]]:
    """Every file and link below a folder: its content or target, and the mode of a file."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = (f"-> {path.readlink()}", 0)
        elif path.is_file():
            # git keeps the executable bit of a mode and no other
            found[name] = (path.read_text(encoding="utf-8"), path.stat().st_mode & 0o111)
    return found


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir()))
def test_case(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CASES / case)
    assert main(["compile", "input.net", "-o", str(tmp_path / "out")]) == 0
    wanted = CASES / case / "out"
    if os.environ.get("NETC_UPDATE"):
        shutil.rmtree(wanted, ignore_errors=True)
        shutil.copytree(tmp_path / "out", wanted, symlinks=True)
    assert tree(tmp_path / "out") == tree(wanted)

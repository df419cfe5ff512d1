"""Every code has files that show it, and the text that a user then reads, to the letter.

A case is a folder `cases/reject/<CODE>_<slug>` with `input.net`, whatever else it needs, and `stderr`. Where
`input.net` cannot be shown, `input.expression` makes it; where the mistake lies in the output, `steps.sh` is run
and the text is what its last command says. `NETC_UPDATE=1` writes the text anew; read the diff.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from diagnosing import as_text, diagnose, made, run_steps
from netc import codes

CASES = Path(__file__).parent / "cases" / "reject"
FOLDERS = sorted(CASES.iterdir())


def code_of(folder: Path) -> str:
    return folder.name.partition("_")[0]


def check_text(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    expression = folder / "input.expression"
    if expression.is_file():
        (tmp_path / "input.net").write_bytes(made(expression.read_text(encoding="utf-8")))
        folder = tmp_path
    return as_text(diagnose(folder, "input.net", monkeypatch))


def steps_text(folder: Path, tmp_path: Path) -> str:
    place = tmp_path / "case"
    shutil.copytree(folder, place)
    status, text = run_steps((place / "steps.sh").read_text(encoding="utf-8"), place)
    warned = 0 if text.startswith("warning[") else 1
    assert status == STATUSES.get(code_of(folder), warned)
    return text


UNUSABLE = 2
"""Exit status when output cannot be written, or what is to be compared cannot be read."""
STATUSES = {
    **{code.number: UNUSABLE for code in codes.every().values() if code.number.startswith(("N05", "N11"))},
    codes.NOT_AS_WRITTEN.number: 4,  # a warning: the comparison goes on, and finds the change
}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_case(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        steps_text(folder, tmp_path) if (folder / "steps.sh").is_file() else check_text(folder, tmp_path, monkeypatch)
    )
    assert f"[{code_of(folder)}]" in text
    expected = folder / "stderr"
    if os.environ.get("NETC_UPDATE") == "1":
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")


def test_every_code_has_a_case() -> None:
    assert sorted({code_of(folder) for folder in FOLDERS}) == sorted(codes.every())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_only_what_is_needed(folder: Path) -> None:
    """A case shows its code; errors of other codes would hide it."""
    found = {
        line[6:11] for line in (folder / "stderr").read_text(encoding="utf-8").splitlines() if line[:6] == "error["
    }
    assert found <= {code_of(folder)} | MORE_ERRORS.get(folder.name, set())


MORE_ERRORS: dict[str, set[str]] = {
    "N0008_nested": {"N0104"},  # no statement of the language is nested so deep
}

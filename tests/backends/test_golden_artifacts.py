"""All files of a plan, as files under golden/<case>. NETC_UPDATE=1 writes them anew."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from planned import CASES

from netc.backends import artifacts_of
from netc.plan import Artifact

GOLDEN = Path(__file__).parent / "golden"


def read(folder: Path) -> list[Artifact]:
    found = []
    for path in folder.rglob("*"):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found.append(Artifact(name, target=os.readlink(path)))  # noqa: PTH115 - Path has no text of it
        elif path.is_file():
            mode = 0o755 if os.access(path, os.X_OK) else 0o644
            found.append(Artifact(name, path.read_text(encoding="utf-8"), mode))
    return sorted(found, key=lambda artifact: artifact.path)


def write(folder: Path, artifacts: list[Artifact]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for artifact in artifacts:
        path = folder / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        if artifact.target:
            path.symlink_to(artifact.target)
        else:
            path.write_text(artifact.text, encoding="utf-8")
            path.chmod(artifact.mode)


@pytest.mark.parametrize("case", CASES)
def test_artifacts_are_the_golden_ones(case: str) -> None:
    artifacts = [replace_mode(a) for a in artifacts_of(CASES[case])]
    if os.environ.get("NETC_UPDATE"):
        write(GOLDEN / case, artifacts)
    golden = read(GOLDEN / case)
    assert [a.path for a in artifacts] == [g.path for g in golden]
    for artifact, wanted in zip(artifacts, golden, strict=True):
        assert artifact == wanted


def replace_mode(artifact: Artifact) -> Artifact:
    """A link has no mode of its own."""
    return Artifact(artifact.path, target=artifact.target) if artifact.target else artifact


def test_golden_folders_are_the_cases() -> None:
    present = {folder.name for folder in GOLDEN.iterdir()}
    assert present <= set(CASES)

"""Groups of checks, planners and back ends that a host does not ask for would have had nothing to say and to write."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from netc import backends, checks, pipeline, planning
from netc.backends import BACKENDS, artifacts_of
from netc.diagnostics import Report
from netc.model import Host
from netc.render import FORMATS, Presentation
from netc.resolving.files import Files

if TYPE_CHECKING:
    from netc.plan import Artifact, Plan

ROOT = Path(__file__).parents[1]
FOLDERS = (ROOT / "examples", *(ROOT / "tests/cases" / kind for kind in ("accept", "reject")))


def told_and_made(source: Path) -> tuple[str, list[Plan], list[list[Artifact]]]:
    """What is said of a file, its plans and its artifacts."""
    report = Report()
    run = pipeline.load([str(source)], Files(source.parent), report)
    plans = list(pipeline.plans(run))
    text = FORMATS["text"](report, Presentation(colour=False, titles={}, version=""))
    return text, plans, [artifacts_of(plan) for plan in plans]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_nothing_changes_where_all_are_asked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = sorted(folder.rglob("*.net"))
    assert len(sources) > 10
    asked = [told_and_made(source) for source in sources]
    monkeypatch.setattr(Host, "uses", lambda *_: True)
    monkeypatch.setattr(backends, "BACKENDS", tuple((name, lambda plan: True) for name, _ in BACKENDS))
    for source, before in zip(sources, asked, strict=True):
        assert told_and_made(source) == before, source


def test_each_row_is_a_module_of_its_room() -> None:
    for name, _ in planning.PLANNERS:
        assert planning.planner_of(name).__module__ == f"netc.planning.{name}"
    for name, _ in BACKENDS:
        assert backends.render_of(name).__module__ == f"netc.backends.{name}"


def test_each_module_of_checks_is_asked() -> None:
    """A check stands in one group; modules without one hold what others share."""
    listed = [rule for _, group in checks.CHECKS for rule in group()]
    assert len(listed) == len(set(listed)) > 100
    modules = {path.stem for path in (ROOT / "compiler/netc/checks").glob("*.py")} - {"__init__"}
    assert modules - {rule.__module__.rpartition(".")[2] for rule in listed} == {"wording"}

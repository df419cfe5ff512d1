"""Comparisons made from small `.net` files, or from plans made by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc import pipeline
from netc.comparing.changes import Changes, compare
from netc.comparing.fleets import Comparison, compare_fleets
from netc.comparing.sides import Limits, Reader, Side
from netc.comparing.states import State, statements_of
from netc.diagnostics import Report
from netc.resolving.files import Files

if TYPE_CHECKING:
    from pathlib import Path

    from netc.comparing.contents import Content
    from netc.plan import Plan

SYSTEM = "system { distribution debian 12; memory 64GiB }\ncpu { sockets 1; cores 8; threads 2 }\n"


def state_of(text: str, folder: Path) -> State:
    """The one host of a `.net` text."""
    path = folder / "one.net"
    path.write_text(text, encoding="utf-8")
    report = Report()
    found = list(pipeline.planned(pipeline.load([str(path)], Files(folder), report)))
    assert not report.failed, [diagnostic.message for diagnostic in report]
    ((host, plan),) = found
    return State(plan, "one.net", host, statements_of(host))


def host(block: str, name: str = "edge-1") -> str:
    return f"host {name} {{\n{SYSTEM}{block}\n}}\n"


def changes(old: str, new: str, folder: Path) -> Changes:
    """What changes between two hosts of one name."""
    one, two = state_of(old, folder), state_of(new, folder)
    return compare(one.plan, two.plan, one.statements, two.statements)


def compared(old: Path, new: Path) -> Comparison:
    """What differs between two files or folders."""
    report = Report()
    reader = Reader(Limits("*", 65536), lambda: b"")
    sides = reader.two(str(old), str(new), report)
    found = compare_fleets(*sides)
    assert not any(side.report.failed for side in sides)
    return found


def fleets(pairs: list[tuple[Plan, Plan]], files: dict[str, Content] | None = None) -> Comparison:
    """What differs between the plans of many hosts; without `files` those that follow from them."""
    sides = [
        Side(name, Report(), lambda place=place: iter(State(pair[place], "x", files=files) for pair in pairs))
        for place, name in enumerate(("before", "after"))
    ]
    return compare_fleets(*sides)

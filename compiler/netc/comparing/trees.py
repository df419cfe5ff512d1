"""Compiled trees: `out/<host>/` with its plan, and whether its files are still as netc wrote them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from netc import codes
from netc.comparing.contents import Content
from netc.comparing.states import State
from netc.packaging import manifest as manifests
from netc.packaging.finding import files_under, lying_at, named
from netc.plan_json import PlanError, from_json
from netc.records import replace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from netc.diagnostics import Report
    from netc.packaging.finding import Found
    from netc.packaging.manifest import Entry
    from netc.plan import Plan

PLAN = "plan.json"
_HOST = re.compile(r'^ "host": ("[^"\\\n]*"),$', re.MULTILINE)


class PlanReader:
    """Reads plans; of two that differ in the name of the host alone the second is not read again."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self._last: tuple[str, Plan] | None = None

    def read(self, data: bytes, shown: str) -> Plan | None:
        """The plan of a text, or None after a diagnostic."""
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            self._refuse(shown, f"it is not UTF-8 at byte {error.start}")
            return None
        found = _HOST.search(text)
        rest = text[: found.start(1)] + text[found.end(1) :] if found else ""
        if found and self._last is not None and self._last[0] == rest:
            return replace(self._last[1], host=found[1][1:-1])
        try:
            plan = from_json(text)
        except (PlanError, RecursionError) as error:
            reason = str(error) if isinstance(error, PlanError) else "it is nested too deep"
            self._refuse(shown, reason)
            return None
        if found:
            self._last = (rest, plan)
        return plan

    def _refuse(self, shown: str, reason: str) -> None:
        self.report.add(codes.UNREADABLE_PLAN.at(None, path=named(shown), reason=reason))


def folders_of(folder: Path) -> list[Path]:
    """The folder itself where it is that of a host, else the folders of hosts in it by name, if there are any."""
    if (folder / PLAN).is_file():
        return [folder]
    return sorted(path for path in folder.iterdir() if not path.name.startswith(".") and (path / PLAN).is_file())


def states(folders: list[Path], report: Report) -> Iterator[State]:
    """The hosts of compiled trees. What was changed there by hand is told, and compared as it lies."""
    reader = PlanReader(report)
    seen: dict[str, Path] = {}
    for folder in folders:
        lying = {path: found for path in files_under(str(folder)) if (found := lying_at(f"{folder}/{path}"))}
        plan = reader.read(lying[PLAN].content, str(folder / PLAN)) if PLAN in lying else None
        if plan is None:
            continue
        first = seen.setdefault(plan.host.lower(), folder)
        if first is not folder:
            report.add(codes.SECOND_PLAN.at(None, path=named(str(folder)), host=plan.host, first=named(str(first))))
            continue
        written = _written(folder, lying, report)
        _tell_changed(folder, lying, written, report)
        files = {path: _content(found, written.get(path)) for path, found in lying.items() if found.kind != "other"}
        yield State(plan, str(folder), files=files)


def _content(found: Found, entry: Entry | None) -> Content:
    """A file as it lies there, with the mode that the manifest promises: git keeps none, and a umask changes them."""
    if found.kind == "link":
        return Content(target=found.target)
    return Content(found.content, found.mode if entry is None or entry.target else entry.mode)


def _written(folder: Path, lying: dict[str, Found], report: Report) -> dict[str, Entry]:
    """What the manifest of a tree says; nothing where there is none, or after a diagnostic."""
    if manifests.NAME not in lying:
        return {}
    shown = f"{folder}/{manifests.NAME}"
    try:
        return manifests.from_json(lying[manifests.NAME].content.decode()).entries
    except (manifests.ManifestError, UnicodeDecodeError) as error:
        reason = str(error) if isinstance(error, manifests.ManifestError) else "it is not UTF-8"
        report.add(codes.BAD_MANIFEST.at(None, path=named(shown), reason=reason))
        return {}


def _tell_changed(folder: Path, lying: dict[str, Found], written: dict[str, Entry], report: Report) -> None:
    """Warn of files that are not as the manifest says; a tree without one promises nothing."""
    if not written:
        return
    for path in sorted(written.keys() | lying.keys() - {manifests.NAME}):
        entry, found = written.get(path), lying.get(path)
        how = "it is missing" if found is None else "netc did not write it" if entry is None else ""
        if found is not None and entry is not None and not found.is_(entry):
            how = "its content is another"
        if how:
            report.add(codes.NOT_AS_WRITTEN.at(None, path=named(f"{folder}/{path}"), how=how))

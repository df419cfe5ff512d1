"""Why each value of a plan is what it is, as text for a person."""

from __future__ import annotations

import textwrap
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from netc.language.sections import Entry, Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.model import Host
    from netc.plan import Plan, Setting, Why

WIDTH = 100


def explain_plan(host: Host, plan: Plan, key: str = "") -> str:
    """All settings with their reasons, or those whose name holds `key` (a shell pattern, or a part of it)."""
    lines = [plan.host, f"  layer {plan.layer}: {plan.layer_reason}", ""]
    for setting in plan.settings:
        name = _name(setting)
        if _fits(name, key, setting.why):
            lines += [f"  {name} = {setting.value}" if setting.value else f"  {name}", *_why(setting.why)]
    left = [entry for entry in plan.left_alone if _fits(entry.key, key, entry.why)]
    if left:
        lines += ["  Left as it is:", ""]
    for entry in left:
        lines += [f"  {entry.key}: {entry.wanted} is not set, the target has {entry.default}", *_why(entry.why)]
    beaten = [line for name, line in _decided(host.section) if _fits(name, key)]
    if beaten:
        lines += ["  Where profiles differ:", "", *beaten, ""]
    pending = [entry for entry in plan.pending if _fits(entry.statement, key)]
    if pending:
        lines += ["  Understood, not written yet:", ""]
        lines += [f"  {entry.statement} ({entry.place})" for entry in pending] + [""]
    return "\n".join(lines).rstrip() + "\n"


def nothing_fits(host: Host, plan: Plan, key: str) -> bool:
    """Whether no setting, left-alone value, pending or disputed statement has the name asked for."""
    if any(_fits(_name(setting), key, setting.why) for setting in plan.settings):
        return False
    if any(_fits(entry.key, key, entry.why) for entry in plan.left_alone):
        return False
    names = [entry.statement for entry in plan.pending] + [name for name, _ in _decided(host.section)]
    return not any(_fits(name, key) for name in names)


def _name(setting: Setting) -> str:
    return f"{setting.interface} {setting.key}" if setting.interface else setting.key


def _fits(name: str, key: str, why: Why | None = None) -> bool:
    """Whether a name is the one asked for, or one of the statements behind it is: `queues` finds the channels."""
    if not key or key in name or fnmatchcase(name, key):
        return True
    return why is not None and any(place.rpartition(", ")[2] == key for place in why.places)


def _why(why: Why) -> list[str]:
    lines = textwrap.wrap(f"{why.rule}: {why.reason}", WIDTH - 4)
    lines += [f"asked by {place}" for place in why.places]
    return [f"    {line}" for line in lines] + [""]


def _decided(section: Section, path: str = "") -> Iterator[tuple[str, str]]:
    """Statements that replaced those of earlier profiles: who won, and over whom."""
    for key, found in section.entries.items():
        name = f"{path}{' '.join(filter(None, key))}"
        if isinstance(found, Section):
            yield from _decided(found, f"{name}, ")
        elif found.beaten:
            losers = " and ".join(entry.place for entry in found.beaten)
            yield name, f"  {_statement(found)} ({found.place}) wins over {losers}"


def _statement(entry: Entry[object]) -> str:
    return entry.span.text if entry.span is not None else str(entry.value)

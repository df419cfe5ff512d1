"""Why each value of a plan is what it is, as text for a person."""

from __future__ import annotations

import textwrap
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from netc.language.sections import Entry, Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.model import Host
    from netc.plan import Plan, Why

WIDTH = 100


def explain_plan(host: Host, plan: Plan, key: str = "") -> str:
    """All settings with their reasons, or those whose name holds `key` (a shell pattern, or a part of it)."""
    lines = [plan.host, f"  layer {plan.layer}: {plan.layer_reason}", ""]
    for name, value, why in _values(plan):
        if _fits(name, key, why):
            lines += [f"  {name} = {value}" if value else f"  {name}", *_why(why)]
    left = [entry for entry in plan.left_alone if _fits(entry.key, key, entry.why)]
    if left:
        lines += ["  Left as it is:", ""]
    for entry in left:
        lines += [f"  {entry.key}: {entry.wanted} is not set, the target has {entry.default}", *_why(entry.why)]
    beaten = [line for name, line in _decided(host.section) if _fits(name, key)]
    if beaten:
        lines += ["  Where profiles differ:", "", *beaten, ""]
    return "\n".join(lines).rstrip() + "\n"


def nothing_fits(host: Host, plan: Plan, key: str) -> bool:
    """Whether no value, left-alone one or disputed statement has the name asked for."""
    if any(_fits(name, key, why) for name, _, why in _values(plan)):
        return False
    if any(_fits(entry.key, key, entry.why) for entry in plan.left_alone):
        return False
    return not any(_fits(name, key) for name, _ in _decided(host.section))


def _values(plan: Plan) -> Iterator[tuple[str, str, Why]]:
    """Name, value and reason of everything the host is promised."""
    for setting in plan.settings:
        yield f"{setting.interface} {setting.key}".strip(), setting.value, setting.why
    for device in plan.devices:
        function = "" if device.function is None else f"virtual function {device.function} of "
        yield f"{device.nic} device", f"{function}{device.address} by {device.driver}", device.why
    for application in plan.applications:
        for argument in application.arguments:
            value = f"{argument.device}{argument.value}"
            yield f"{application.unit} {argument.option}", value, argument.why


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

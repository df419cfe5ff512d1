"""What is no setting in two plans: NICs, programs, ports and applications that come or go, and what changes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netc.plan import Application, Device, Interface, Program, Target
from netc.records import fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.plan import EalArgument, Plan

INTERRUPTS = (
    "raise_first",
    "queue_interrupts",
    "other_interrupts",
    "interrupts_at_open",
    "second_half_receives",
    "twin_queues",
    "pairs_for_programs",
    "functions_need_link",
    "functions_apart",
)
"""Facts of the driver: they change together, as one."""

TOLD = (
    "distribution",
    "release",
    "kernel",
    "systemd",
    "tick",
    "architecture",
    "boot",
    "initramfs",
    "network",
    "page",
)
"""What a target is told by; the rest, such as where its programs lie, follows from it and changes as one."""

MANY = 8
"""Prefixes that are named; of more their number is told."""

Difference = tuple[str, str, "str | None", "str | None"]
"""NIC, what of it (empty for all of it), old and new."""


def target(old: Target, new: Target) -> Iterator[tuple[str, str, str]]:
    """What differs of two targets: its name, old and new."""
    changed = [name for name, _ in fields(Target) if getattr(old, name) != getattr(new, name)]
    for name in changed:
        if name in TOLD:
            yield name, _told(getattr(old, name)), _told(getattr(new, name))
    rest = [name for name in changed if name not in TOLD]
    if rest:
        one, two = (", ".join(f"{name} {_told(getattr(side, name))}" for name in rest) for side in (old, new))
        yield "details", one, two


def interfaces(old: Plan, new: Plan) -> Iterator[Difference]:
    """What differs of NICs."""
    before = {each.nic: each for each in old.interfaces}
    after = {each.nic: each for each in new.interfaces}
    for nic in [*after, *(nic for nic in before if nic not in after)]:
        one, two = before.get(nic), after.get(nic)
        if one is None or two is None:
            yield nic, "", _seen(one), _seen(two)
            continue
        names = [name for name, _ in fields(Interface) if name not in ("nic", *INTERRUPTS)]
        for name in names:
            was, is_ = getattr(one, name), getattr(two, name)
            if was != is_:
                yield nic, name, _told(was), _told(is_)
        if one.driver == two.driver and any(getattr(one, name) != getattr(two, name) for name in INTERRUPTS):
            yield nic, "interrupts", "as netc knew them", "as netc knows them now"


Part = Program | Device | Application
"""What stands in a list of its own in a plan, with a reason."""


def parts(old: Plan, new: Plan) -> Iterator[tuple[str, Part | None, Part | None, list[Difference]]]:
    """Each XDP program, port of DPDK and application that differs: its kind, both sides, and what of it differs."""
    for kind, before, after in (
        ("program", _programs(old), _programs(new)),
        ("device", _devices(old), _devices(new)),
        ("application", _applications(old), _applications(new)),
    ):
        for key in [*after, *(key for key in before if key not in after)]:
            one, two = before.get(key), after.get(key)
            if one is None or two is None:
                yield kind, one, two, [(*key, _summary(one), _summary(two))]
            elif found := _differences(key, one, two):
                yield kind, one, two, found


def _programs(plan: Plan) -> dict[tuple[str, str], Part]:
    return {(each.interface, each.name): each for each in plan.programs}


def _devices(plan: Plan) -> dict[tuple[str, str], Part]:
    return {(each.nic, ""): each for each in plan.devices}


def _applications(plan: Plan) -> dict[tuple[str, str], Part]:
    return {("", each.unit): each for each in plan.applications}


IDENTITY = ("interface", "name", "nic", "unit", "why")
"""Fields that tell a part from others, or say why it is there."""


def _differences(key: tuple[str, str], one: Part, two: Part) -> list[Difference]:
    """NIC, name, and both values of each field that differs."""
    found: list[Difference] = []
    for name, _ in fields(type(one)):
        was, is_ = getattr(one, name), getattr(two, name)
        if name not in IDENTITY and was != is_:
            if name == "arguments":
                was, is_ = _words(was), _words(is_)
            if was != is_:
                found.append((key[0], f"{key[1]} {name}".strip(), *_both(name, was, is_)))
    return found


def _words(arguments: tuple[EalArgument, ...]) -> tuple[str, ...]:
    """Arguments as they are written; the address of a device is told by the name of its NIC."""
    return tuple(
        " ".join(filter(None, (each.option, ",".join(filter(None, (each.device, each.value)))))) for each in arguments
    )


def _seen(interface: Interface | None) -> str | None:
    """A NIC by what it is recognised by."""
    if interface is None:
        return None
    told = [interface.driver or "no driver told"]
    told += [
        f"{name} {value}"
        for name in ("pci", "mac", "path", "vmbus", "match_name")
        if (value := getattr(interface, name))
    ]
    return ", ".join(told)


def _summary(part: Part | None) -> str | None:
    """A part that comes or goes, in a few words."""
    if part is None:
        return None
    if isinstance(part, Program):
        return f"{part.object}, {part.mode}, priority {part.priority}"
    if isinstance(part, Device):
        function = "" if part.function is None else f", virtual function {part.function}"
        return f"{part.driver}, {part.bus} {part.address}{function}"
    return f"{', '.join(part.nics)} on CPUs {part.lcores}"


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value in (None, "", ()) else str(value)


def _both(name: str, old: Any, new: Any) -> tuple[str, str]:
    """Two values of a field; of long lists what differs."""
    if not isinstance(old, tuple):
        return (old[:16], new[:16]) if name == "sha256" else (_told(old), _told(new))
    if len(old) <= MANY and len(new) <= MANY:
        return " ".join(old) or "none", " ".join(new) or "none"
    gone, come = [each for each in old if each not in set(new)], [each for each in new if each not in set(old)]
    return _counted(old, "without", gone), _counted(new, "with", come)


def _counted(values: tuple[str, ...], word: str, some: list[str]) -> str:
    if not some:
        return f"{len(values)} entries"
    more = f" and {len(some) - MANY} more" if len(some) > MANY else ""
    return f"{len(values)} entries, {word} {' '.join(some[:MANY])}{more}"

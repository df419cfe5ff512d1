"""NICs, XDP programs and targets of two plans: which come, which go, and what is told of them otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netc.plan import Interface, Program, Target
from netc.records import fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.plan import Plan

INTERRUPTS = (
    "raise_first",
    "queue_interrupts",
    "other_interrupts",
    "interrupts_at_open",
    "second_half_receives",
    "twin_queues",
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


def programs(old: Plan, new: Plan) -> Iterator[tuple[Program | None, Program | None, list[Difference]]]:
    """Each XDP program that differs, and what of it does."""
    before = {(each.interface, each.name): each for each in old.programs}
    after = {(each.interface, each.name): each for each in new.programs}
    for key in [*after, *(key for key in before if key not in after)]:
        one, two = before.get(key), after.get(key)
        if one is None or two is None:
            yield one, two, [(key[0], key[1], _attached(one), _attached(two))]
            continue
        names = [name for name, _ in fields(Program) if name not in ("interface", "name", "why")]
        found: list[Difference] = [
            (key[0], f"{key[1]} {name}", *_both(name, getattr(one, name), getattr(two, name)))
            for name in names
            if getattr(one, name) != getattr(two, name)
        ]
        if found:
            yield one, two, found


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


def _attached(program: Program | None) -> str | None:
    if program is None:
        return None
    return f"{program.object}, {program.mode}, priority {program.priority}"


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value in (None, "", ()) else str(value)


def _both(name: str, old: Any, new: Any) -> tuple[str, str]:
    """Two values of a field of a program; of long lists what differs."""
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

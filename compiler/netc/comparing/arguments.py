"""Kernel arguments of two plans in pairs: `isolcpus=1-3` becomes `isolcpus=1-7`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from netc.plan import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.plan import Plan, Setting


def pairs(old: Plan, new: Plan) -> Iterator[tuple[str, Setting | None, Setting | None]]:
    """Name and settings of each argument that one side or both have.

    An argument that stands more than once on a side (`console=`) may not be what it was in another order, so each of
    them is its own: the name is then the whole argument.
    """
    before, after = old.of(Kind.KERNEL_ARGUMENT), new.of(Kind.KERNEL_ARGUMENT)
    several = {
        name for side in (before, after) for name, n in Counter(_name(each.key) for each in side).items() if n > 1
    }

    def by_name(side: list[Setting]) -> dict[str, Setting]:
        return {each.key if _name(each.key) in several else _name(each.key): each for each in side}

    one, two = by_name(before), by_name(after)
    for name in [*two, *(name for name in one if name not in two)]:
        yield name, one.get(name), two.get(name)


def value_of(setting: Setting | None, name: str) -> str | None:
    """The value of an argument as it stands behind its name; empty for one that is a word alone."""
    if setting is None:
        return None
    return setting.key.removeprefix(name).removeprefix("=")


def _name(argument: str) -> str:
    return argument.partition("=")[0]

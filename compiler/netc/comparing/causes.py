"""Which statements a change comes from, told by what the `.net` files of both sides say."""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from netc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from netc.plan import Plan, Why

Statements = dict[str, str]
"""Place → text of each statement that holds for a host; of a block the text is its first words."""

FEW = 3
"""Changed statements that may all stand behind a change, where none of them asked for it itself."""

MACHINE = {"cpu", "system", "hardware"}
"""Blocks and statements of a host that tell of its machine."""

_HOST = re.compile(r"^((?:[^:]*: )?)hosts? .+?(?=, |$)")


@dataclass(frozen=True, slots=True)
class Cause:
    """A statement behind a change. Both texts are None where nobody knows them, or where it is not what changed."""

    place: str
    """`lb.net: profile edge, goal load-balancer, rtt`"""
    old: str | None = None
    new: str | None = None


def each_host(place: str) -> str:
    """The place without the name of a host, which hosts that change alike do not share."""
    return _HOST.sub(r"\1each host", place)


class Causes:
    """Finds the statements behind the changes of one host."""

    def __init__(self, old: Plan, new: Plan, before: Statements | None, after: Statements | None) -> None:
        self._old, self._new = _Neutral(old), _Neutral(new)
        self._changed: dict[str, Cause] = {}
        if before is not None and after is not None:
            self._changed = _changed(self._old.by_place(before), self._new.by_place(after))

    def of(self, old: Why | None, new: Why | None) -> tuple[Cause, ...]:
        """Of the statements that asked, those that changed; else what changed above or below them; else what changed of
        the machine, which is behind many a value that a goal asks for; else, where few statements changed at all,
        those. Where nothing of it is known they are the statements that asked."""
        asked = {**self._places(self._old, old), **self._places(self._new, new)}
        found = [self._changed[place] for place in asked if place in self._changed]
        found = found or [
            cause
            for place, cause in self._changed.items()
            if any(one.startswith(f"{place}, ") or place.startswith(f"{one}, ") for one in asked)
        ]
        found = found or [cause for place, cause in self._changed.items() if MACHINE & set(_blocks(place)[1:2])]
        if not found and len(self._changed) <= FEW:
            found = list(self._changed.values())
        told = self._places(self._new, new) if new is not None else asked
        return tuple(found) or tuple(Cause(place) for place in told.values())

    def below(self, block: str, field: str) -> tuple[Cause, ...]:
        """Changed statements of a block of the host, such as `nic front`, that a field of it may come from."""
        found = [(cause, parts) for place, cause in self._changed.items() if block in (parts := _blocks(place))]
        nearer = [cause for cause, parts in found if {field, "match", "driver"} & set(parts)]
        return tuple(nearer or [cause for cause, _ in found])

    def at(self, place: str, *, old: bool = False) -> tuple[Cause, ...]:
        """The statement at one place of a side."""
        found = self._changed.get((self._old if old else self._new).place(place))
        return (found or Cause(place),)

    def asks_alike(self, old: Why, new: Why) -> bool:
        """Whether reason and statements are the same, however files and hosts are called."""
        if (old.rule, old.reason) != (new.rule, new.reason):
            return False
        return old.places == new.places or list(self._places(self._old, old)) == list(self._places(self._new, new))

    @staticmethod
    def _places(side: _Neutral, why: Why | None) -> dict[str, str]:
        return {side.place(place): place for place in why.places} if why is not None else {}


class _Neutral:
    """Places of one plan in a form that does not depend on what the host's file, its folder and the host are called."""

    def __init__(self, plan: Plan) -> None:
        self._own = plan.sources[0] if plan.sources else ""

    def place(self, place: str) -> str:
        return _neutral(self._own, place)

    def by_place(self, statements: Mapping[str, str]) -> dict[str, tuple[str, str]]:
        return {self.place(place): (place, text) for place, text in statements.items()}


def _blocks(place: str) -> list[str]:
    """What a place is made of: the profile or host, the blocks in it, the statement."""
    return place.partition(": ")[2].split(", ")


@lru_cache(maxsize=8192)
def _neutral(own: str, place: str) -> str:
    """A place beside the file that declares the host; hosts of a fleet share most."""
    label, colon, path = place.partition(": ")
    if not colon:
        return place
    label = "" if label == own else posixpath.relpath(label, posixpath.dirname(own) or ".")
    return each_host(f"{label}: {path}")


def _changed(old: Mapping[str, tuple[str, str]], new: Mapping[str, tuple[str, str]]) -> dict[str, Cause]:
    """Statements that came, went or say something else; of a block that came or went only the block."""
    places = [*new, *(place for place in old if place not in new)]
    lone = {place for place in places if (place in old) != (place in new)}
    found = {}
    for place in places:
        if old.get(place, ("", ""))[1] == new.get(place, ("", ""))[1] or _is_within(place, lone):
            continue
        shown = new[place] if place in new else old[place]
        found[place] = Cause(shown[0], *(side[place][1] if place in side else None for side in (old, new)))
    return found


def _is_within(place: str, blocks: Iterable[str]) -> bool:
    """Whether a block around the place is one of these."""
    while ", " in place:
        place = place.rpartition(", ")[0]
        if place in blocks:
            return True
    return False

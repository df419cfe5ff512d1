"""Two fleets → which hosts come, go and change; hosts that change alike are one entry."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from netc import codes
from netc.backends import Renderer
from netc.backends.guards import Defect
from netc.comparing.causes import each_host
from netc.comparing.changes import Changes, compare
from netc.comparing.contents import contents_of, differing, file_changes
from netc.comparing.states import called_alike
from netc.knowledge.effects import words
from netc.packaging.finding import named
from netc.records import dataclass, field, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from netc.comparing.contents import Content, FileChange
    from netc.comparing.sides import Side
    from netc.comparing.states import State


@dataclass(slots=True, eq=False)
class Group:
    """Hosts that change alike."""

    hosts: list[str]
    changes: Changes
    files: tuple[FileChange, ...]
    """Of the first host; those of the others differ in the same files."""
    old: State
    new: State
    """Of the first host."""

    @property
    def rank(self) -> tuple[int, int, str]:
        """What groups are sorted by: the gravest effect, then how many hosts."""
        order = list(words())
        gravest = min((order.index(change.effect.word) for change in self.changes.changes), default=len(order))
        return (gravest, -len(self.hosts), self.hosts[0])


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """What differs between two sides."""

    old: str
    new: str
    groups: tuple[Group, ...]
    """What is grave comes first."""
    added: tuple[str, ...]
    removed: tuple[str, ...]
    alike: int
    """How many hosts are the same on both sides."""
    settings: Mapping[str, int] = field(default_factory=dict)
    """Of hosts that come or go, how many settings each has."""

    @property
    def differs(self) -> bool:
        return bool(self.groups or self.added or self.removed)

    @property
    def changed(self) -> int:
        """How many hosts change."""
        return sum(len(group.hosts) for group in self.groups)


def compare_fleets(old: Side, new: Side, progress: Callable[[int], None] | None = None) -> Comparison:
    """Compares host by host, as long as neither side has an error: a report then has it, and what is returned is
    not all."""
    comparing = _Comparing(old, new)
    removed: dict[str, int] = {}
    added: dict[str, int] = {}
    for done, (one, two) in enumerate(_matched(old.states(), new.states()), 1):
        if one is not None and two is not None:
            comparing.add(one, two)
        elif one is not None:
            removed[one.plan.host] = len(one.plan.settings)
        elif two is not None:
            added[two.plan.host] = len(two.plan.settings)
        if progress is not None:
            progress(done)
    if progress is not None:
        progress(-1)
    groups = tuple(sorted(comparing.groups(), key=lambda group: group.rank))
    return Comparison(old.shown, new.shown, groups, tuple(added), tuple(removed), comparing.alike, {**removed, **added})


def _matched(old: Iterable[State], new: Iterable[State]) -> Iterator[tuple[State | None, State | None]]:
    """Hosts of one name in pairs. Both sides mostly have them in one order, so that few have to wait."""
    before: dict[str, State] = {}
    after: dict[str, State] = {}
    for one, two in zip_longest(old, new):
        if one is not None:
            before[one.plan.host.lower()] = one
        if two is not None:
            after[two.plan.host.lower()] = two
        for state in (one, two):
            name = state.plan.host.lower() if state is not None else ""
            if name in before and name in after:
                yield before.pop(name), after.pop(name)
    yield from ((state, None) for state in before.values())
    yield from ((None, state) for state in after.values())


class _Comparing:
    """Compares one pair of hosts after another; twins of the pair before are not compared again."""

    def __init__(self, old: Side, new: Side) -> None:
        self.alike = 0
        self._old, self._new = _Contents(old), _Contents(new)
        self._groups: dict[object, Group] = {}
        self._last: tuple[State, State] | None = None
        self._found: tuple[Changes, tuple[str, ...], object] = (Changes(), (), None)

    def groups(self) -> Iterable[Group]:
        return self._groups.values()

    def add(self, old: State, new: State) -> None:
        renamed = called_alike(old, new)
        old, new = (renamed, new) if renamed is not old else (old, called_alike(new, old))
        if not self._are_twins(old, new):
            changes = compare(old.plan, new.plan, old.statements, new.statements)
            paths = self._differing(old, new, changes)
            self._found = (changes, paths, _key(changes, paths))
        self._last = (old, new)
        changes, paths, key = self._found
        if not changes and not paths:
            self.alike += 1
            return
        group = self._groups.get(key)
        if group is None:
            before, after = self._old.of(old), self._new.of(new)
            files = file_changes(before, after, paths)
            self._groups[key] = Group([new.plan.host], changes, files, old, new)
            return
        group.hosts.append(new.plan.host)
        if group.changes is not changes and group.changes != changes:
            group.changes = _of_each_host(group.changes)

    def _are_twins(self, old: State, new: State) -> bool:
        if self._last is None or old.files is not None or new.files is not None:
            return False
        return old.plan.is_twin_of(self._last[0].plan) and new.plan.is_twin_of(self._last[1].plan)

    def _differing(self, old: State, new: State, changes: Changes) -> tuple[str, ...]:
        if not changes and old.files is None and new.files is None and old.plan.sources == new.plan.sources:
            return ()
        objects = old.complete and new.complete
        return differing(self._old.of(old), self._new.of(new), objects=objects)


class _Contents:
    """The files of the hosts of a side."""

    def __init__(self, side: Side) -> None:
        self._side = side
        self._renderer = Renderer()

    def of(self, state: State) -> Mapping[str, Content]:
        """Those that lie there, else those that follow from the plan; none after a diagnostic."""
        if state.files is not None:
            return state.files
        try:
            return contents_of(self._renderer.artifacts_of(state.plan))
        except (Defect, LookupError, ValueError) as error:
            if state.host is not None:
                raise
            # Whoever wrote the plan, it was not netc.
            reason = f"no file can be written of it: {error}"
            self._side.report.add(codes.UNREADABLE_PLAN.at(None, path=named(state.origin), reason=reason))
            return {}


def _key(changes: Changes, paths: tuple[str, ...]) -> object:
    """What hosts that change alike have in common: all but their names in places."""
    rows = tuple(
        (
            *(change.kind, change.interface, change.key, change.old, change.new, change.reason, change.effect),
            tuple((each_host(cause.place), cause.old, cause.new) for cause in change.causes),
        )
        for change in changes.changes
    )
    return (rows, changes.reworded, changes.carried, changes.left_alone, paths)


def _of_each_host(changes: Changes) -> Changes:
    """The changes without the name of one host in places."""
    return replace(
        changes,
        changes=tuple(
            replace(change, causes=tuple(replace(cause, place=each_host(cause.place)) for cause in change.causes))
            for change in changes.changes
        ),
    )

"""Statements with their meaning: typed values at places, in blocks that merge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from netc.records import dataclass, field, replace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.source import Span

T = TypeVar("T")

Key = tuple[str, ...]
"""What tells a statement of a block from the others: its word, then what follows where that counts."""

STATE: Final[Key] = ("",)
"""Key of the word that stands for a whole block: `rps on`."""


class Taken:
    """The value of a statement that is taken back: `rtt default`."""

    def __repr__(self) -> str:
        return "default"


DEFAULT: Final = Taken()


@dataclass(frozen=True, slots=True)
class Entry(Generic[T]):
    """A value and where it comes from.

    `span` is the place in a source, None for what no one wrote (a distribution's default). `place` is how
    artifacts and reasons name it: `lb.net: profile edge, goal load-balancer, rtt`. `beaten` are the
    entries of earlier profiles that this one replaced, nearest first.
    """

    value: T
    span: Span | None
    place: str
    beaten: tuple[Entry[Any], ...] = ()

    def with_value(self, value: Any) -> Entry[Any]:
        """The same place with another value."""
        return Entry(value, self.span, self.place, self.beaten)


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """A block: entries and sections by key. Never changed once made, so profiles share theirs."""

    block: str
    """The kind of block, a key of `netc.language.statements.BLOCKS`."""
    span: Span | None
    place: str
    entries: dict[Key, Entry[Any] | Section] = field(default_factory=dict)

    def entry(self, *key: str) -> Entry[Any] | None:
        found = self.entries.get(key)
        return found if isinstance(found, Entry) else None

    def section(self, *key: str) -> Section | None:
        found = self.entries.get(key)
        return found if isinstance(found, Section) else None

    def entries_of(self, word: str) -> list[Entry[Any]]:
        """All entries whose statement begins with the word, in the order written."""
        return [found for key, found in self.entries.items() if key[0] == word and isinstance(found, Entry)]

    def sections_of(self, word: str) -> list[tuple[str, Section]]:
        """Name and section of all blocks whose statement begins with the word, in the order written."""
        return [
            (key[1] if len(key) > 1 else "", found)
            for key, found in self.entries.items()
            if key[0] == word and isinstance(found, Section)
        ]

    @property
    def state(self) -> Entry[Any] | None:
        """The word that stands for the whole block, if one was written."""
        return self.entry(*STATE)


def merge(base: Section, over: Section) -> Section:
    """`over` laid on `base`: plain statements replace whole, blocks of one name merge, `default` takes back."""
    entries = dict(base.entries)
    gives = any(isinstance(e, Section) or e.value is not DEFAULT for e in over.entries.values())
    if STATE in entries and STATE not in over.entries and gives:
        del entries[STATE]  # `rps cpus 1-3` after a profile's `rps off` means that it is on again
    if STATE in over.entries:
        entries = {STATE: entries[STATE]} if STATE in entries else {}
    for key, found in over.entries.items():
        if isinstance(found, Section):
            old = entries.get(key)
            entries[key] = merge(old, found) if isinstance(old, Section) else _settled(found)
        elif found.value is DEFAULT:
            for known in [known for known in entries if known[: len(key)] == key]:
                del entries[known]
        else:
            old = entries.get(key)
            beaten = (replace(old, beaten=()), *old.beaten) if isinstance(old, Entry) else ()
            entries[key] = replace(found, beaten=beaten) if beaten else found
    return Section(over.block, over.span or base.span, over.place, entries)


def taken_back_in_vain(base: Section, over: Section) -> Iterator[tuple[Key, Entry[Any]]]:
    """Every `… default` of `over` for which `base` has nothing to take back, with its key."""
    for key, found in over.entries.items():
        inherited = [known for known in base.entries if known[: len(key)] == key]
        if isinstance(found, Section):
            old = base.entries.get(key)
            yield from taken_back_in_vain(old if isinstance(old, Section) else Section(found.block, None, ""), found)
        elif found.value is DEFAULT and not inherited:
            yield key, found


def _settled(section: Section) -> Section:
    """A section with nothing below it: what it takes back was never there."""
    if not any(isinstance(e, Section) or e.value is DEFAULT for e in section.entries.values()):
        return section
    return merge(Section(section.block, section.span, section.place), section)

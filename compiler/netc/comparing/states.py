"""What is compared of one host: its plan, its files, and what the `.net` files say of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.language.sections import Entry, Section
from netc.records import dataclass, replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from netc.comparing.causes import Statements
    from netc.comparing.contents import Content
    from netc.model import Host
    from netc.plan import Plan, Why


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """One host on one side."""

    plan: Plan
    origin: str
    """What the plan was read from, as the user gave it."""
    host: Host | None = None
    """Where a `.net` file declares it."""
    statements: Statements | None = None
    files: Mapping[str, Content] | None = None
    """By path, as they lie in a compiled tree; None where they follow from the plan."""

    @property
    def complete(self) -> bool:
        """Whether all its files are known. The JSON form of a plan leaves out the objects of programs."""
        return self.files is not None or self.host is not None


def called_alike(state: State, other: State) -> State:
    """A state in which the file that declares the host is called as in the other, so that no file differs by it.

    That is known only of a plan by itself: the files of a tree lie there as they are, and those of `.net` files were
    made with the right name.
    """
    if state.files is not None or state.host is not None or state.plan.sources == other.plan.sources:
        return state
    names = dict(zip(state.plan.sources, other.plan.sources, strict=False))

    def called(why: Why) -> Why:
        parted = [place.partition(": ") for place in why.places]
        return replace(why, places=tuple(f"{names.get(label, label)}{colon}{path}" for label, colon, path in parted))

    plan = replace(
        state.plan,
        sources=other.plan.sources,
        settings=tuple(replace(each, why=called(each.why)) for each in state.plan.settings),
        programs=tuple(replace(each, why=called(each.why)) for each in state.plan.programs),
        devices=tuple(replace(each, why=called(each.why)) for each in state.plan.devices),
        applications=tuple(
            replace(
                each,
                why=called(each.why),
                arguments=tuple(replace(argument, why=called(argument.why)) for argument in each.arguments),
            )
            for each in state.plan.applications
        ),
    )
    return replace(state, plan=plan)


def statements_of(host: Host) -> Statements:
    """Every statement that holds for the host by its place, and every block by its own."""
    return dict(_statements(host.section))


def _statements(section: Section) -> Iterator[tuple[str, str]]:
    for key, found in section.entries.items():
        if isinstance(found, Section):
            yield found.place, " ".join(filter(None, key))
            yield from _statements(found)
        else:
            text = found.span.text if found.span is not None else _written(found)
            yield found.place, " ".join(text.split())


def _written(entry: Entry[object]) -> str:
    return str(entry.value)

"""Host declarations with their profiles merged in, and the names they stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc import codes
from netc.diagnostics import Label, Sentence
from netc.language.sections import Section, merge, taken_back_in_vain
from netc.records import dataclass
from netc.resolving.names import NamePattern, host_name_problem
from netc.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.diagnostics import Report
    from netc.hardware.reading import LocatedFacts
    from netc.language.declarations import HostDeclaration, InventoryDeclaration, Reference
    from netc.resolving.files import Unit
    from netc.source import Span

MOST_HOSTS = 65536
LONGEST_CHAIN = 64
"""Profiles that take one another, one by one."""


@dataclass(frozen=True, slots=True)
class NamedHost:
    """One host: its name, where it is declared, everything said about it, and its inventory entry."""

    name: str
    span: Span
    section: Section
    declaration: HostDeclaration | InventoryDeclaration
    complete: bool = True
    """Whether every profile it takes was found."""
    facts: LocatedFacts | None = None

    def is_twin_of(self, other: NamedHost) -> bool:
        """Whether the two differ in nothing but their names: hosts of one range that tell of no machine."""
        return (
            self.section is other.section
            and self.facts is None
            and other.facts is None
            and self.section.entry("hardware") is None
        )


class ProfileMerger:
    """Merges profiles left to right; a chain that many hosts share is merged once."""

    def __init__(self, unit: Unit, report: Report) -> None:
        self.unit = unit
        self.report = report
        self._merged: dict[tuple[str, ...], Section] = {}
        self.complete = unit.complete
        """Whether every profile was found, so that no host lacks what one of them says."""

    def merge(self, parents: tuple[Reference, ...], section: Section) -> Section:
        """The section laid on its profiles."""
        names = tuple(parent.name for parent in parents)
        if names not in self._merged:
            base = Section("host", section.span, section.place)
            for parent in parents:
                base = merge(base, self._profile(parent, ()))
            self._merged[names] = base
        else:
            for parent in parents:
                self._profile(parent, ())
        base = self._merged[names]
        if self.complete:
            self._report_vain(base, section)
        return merge(base, section)

    def _report_vain(self, base: Section, section: Section) -> None:
        """Statements that take back what no profile of the host says."""
        for key, entry in taken_back_in_vain(base, section):
            inherited = [f"`{' '.join(filter(None, known))}`" for known in base.entries if known[0] == key[0]]
            notes = [f"what is inherited of it: {', '.join(inherited)}"] if inherited else []
            statement = " ".join(filter(None, key))
            self.report.add(codes.TAKES_NOTHING_BACK.at(entry.span, statement=statement, notes=notes))

    def _profile(self, reference: Reference, chain: tuple[str, ...]) -> Section:
        empty = Section("host", reference.span, "")
        profile = self.unit.profiles.get(reference.name)
        if profile is None:
            if self.unit.complete:
                self._report_unknown(reference)
            self.complete = False
            return empty
        if reference.name in chain:
            cycle = " → ".join([*chain[chain.index(reference.name) :], reference.name])
            self.report.add(codes.PROFILE_CYCLE.at(reference.span, name=reference.name, cycle=cycle))
            self.complete = False
            return empty
        if len(chain) == LONGEST_CHAIN:
            problem = codes.CHAIN_TOO_LONG.at(reference.span, name=reference.name, limit=LONGEST_CHAIN, what="profiles")
            self.report.add(problem)
            self.complete = False
            return empty
        key = (":profile", reference.name)
        if key not in self._merged:
            base = empty
            for parent in profile.parents:
                base = merge(base, self._profile(parent, (*chain, reference.name)))
            self._merged[key] = merge(base, profile.section)
        return self._merged[key]

    def _report_unknown(self, reference: Reference) -> None:
        known = self.unit.profiles
        names = ", ".join(f"`{name}`" for name in sorted(known)[:8])
        notes = [f"the profiles here are {names}{' …' * (len(known) > 8)}"] if known else []
        help_lines = did_you_mean(reference.name, known) or (
            f"declare `profile {reference.name} {{ … }}`, or include the file that does",
        )
        self.report.add(codes.UNKNOWN_PROFILE.at(reference.span, name=reference.name, notes=notes, help=help_lines))


class HostNames:
    """Counts out the names of a run, over all its files, and finds the ones declared twice."""

    def __init__(self, report: Report, limit: int = MOST_HOSTS) -> None:
        self.report = report
        self.limit = limit
        self._seen: dict[str, Span] = {}

    def expand(self, pattern: str, span: Span) -> Iterator[str]:
        """The names of a pattern in order; nothing after a diagnostic about the pattern itself."""
        try:
            names = NamePattern(pattern)
        except ValueError as error:
            self.report.add(codes.BAD_HOST_RANGE.at(span, pattern=pattern, problem=Sentence(str(error))))
            return
        if len(self._seen) + names.count() > self.limit:
            help_line = f"raise the limit with `--max-hosts {len(self._seen) + names.count()}` if this is meant"
            self.report.add(codes.TOO_MANY_HOSTS.at(span, pattern=pattern, limit=self.limit, help=[help_line]))
            return
        for name in names:
            problem = host_name_problem(name)
            if problem:
                self.report.add(codes.BAD_HOST_NAME.at(span, name=name, problem=Sentence(problem)))
                return
            earlier = self._seen.get(name.lower())
            if earlier is not None:
                labels = [Label(earlier, "it is declared here first")]
                self.report.add(codes.HOST_TWICE.at(span, name=name, labels=labels))
                continue
            self._seen[name.lower()] = span
            yield name

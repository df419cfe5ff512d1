"""Declarations → hosts, one at a time, so that a fleet never stands in memory as a whole."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from netc import codes
from netc.diagnostics import Label, Report
from netc.language.declarations import HostDeclaration, InventoryDeclaration
from netc.language.sections import Entry
from netc.model import Goal, Host
from netc.places import value_of
from netc.records import replace
from netc.resolving.assignments import resolve_assignments
from netc.resolving.hosts import MOST_HOSTS, HostNames, NamedHost, ProfileMerger
from netc.resolving.nics import resolve_nics
from netc.resolving.system import resolve_system
from netc.resolving.topology import resolve_topology
from netc.resolving.unread import unread_sources
from netc.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.hardware.reading import LocatedFacts
    from netc.language.sections import Section
    from netc.model import System, Topology
    from netc.resolving.files import Files, Unit
    from netc.source import Source, Span


class HostBuilder:
    """Makes the hosts of the units of a run."""

    def __init__(self, files: Files, report: Report, limit: int = MOST_HOSTS) -> None:
        self.files = files
        self.report = report
        self.names = HostNames(report, limit)
        self._facts: dict[Source, list[LocatedFacts]] = {}
        self._broken: set[Source] = set()
        self._unread = unread_sources(report)
        self._shared_topology = lru_cache(maxsize=64)(self._topology_without_facts)

    def named_hosts(self, unit: Unit) -> Iterator[NamedHost]:
        """Every host a file declares, profiles merged, in the order written."""
        merger = ProfileMerger(unit, self.report)
        for declaration in unit.declarations.hosts:
            section = merger.merge(declaration.parents, declaration.section)
            if isinstance(declaration, HostDeclaration):
                for name in self.names.expand(declaration.pattern, declaration.span):
                    yield NamedHost(name, declaration.span, section, declaration, merger.complete)
            else:
                for named in self._from_inventory(unit, declaration, section):
                    yield replace(named, complete=merger.complete)

    def _from_inventory(self, unit: Unit, declaration: InventoryDeclaration, section: Section) -> Iterator[NamedHost]:
        source = self._beside(unit.declarations.source, declaration.file.name, declaration.file.span)
        for entry in self._read(source) if source is not None else ():
            span = entry.span_of("host")
            for name in self.names.expand(entry.facts.host or "", span):
                yield NamedHost(name, declaration.file.span, section, declaration, facts=entry)

    def build(self, unit: Unit, named: NamedHost) -> Host | None:
        """The model of a host; None after an error that leaves nothing to check."""
        section = named.section
        facts = named.facts or self._hardware(section, named.name)
        if facts is None and section.entry("hardware") is not None:
            return None
        unread = self._unread if named.complete else self._unread | self._sources_of(unit)
        place = named.span if not unread else None
        system = resolve_system(section.section("system"), facts, self.report, place)
        cpu = section.section("cpu")
        topology = (
            resolve_topology(cpu, facts, self.report, unread)
            if facts is not None
            else self._shared_topology(cpu, unread)
        )
        nics = resolve_nics(section, facts, self.files, self.report)
        if system is None:
            return None
        system = _with_memory_of_nodes(system, topology)
        goals = [Goal(kind, goal) for kind, goal in section.sections_of("goal")]
        for nic in nics:
            goals += nic.goals
        return Host(
            name=named.name,
            span=named.span,
            section=section,
            sources=(unit.declarations.source.label,),
            system=system,
            topology=topology,
            nics=nics,
            goals=tuple(goals),
            housekeeping=cpu.entry("housekeeping") if cpu is not None else None,
            isolate=cpu.entry("isolate") if cpu is not None else None,
            assignments=resolve_assignments(section, system.judged),
            kernel_arguments=tuple(section.entries_of("kernel-argument")),
            facts=facts,
            unread=unread,
        )

    @staticmethod
    def _sources_of(unit: Unit) -> frozenset[Source]:
        return frozenset({unit.declarations.source, *(p.span.source for p in unit.profiles.values())})

    def _topology_without_facts(self, cpu: Section | None, unread: frozenset[Source]) -> Topology | None:
        """Hosts that take their `cpu` block from one profile share its section, so that it is resolved once."""
        return resolve_topology(cpu, None, self.report, unread)

    def _hardware(self, section: Section, host: str) -> LocatedFacts | None:
        """The entry of the facts file that this host names."""
        entry: Entry[str] | None = section.entry("hardware")
        if entry is None or entry.span is None:
            return None
        name = entry.value.replace("{host}", host)
        source = self._beside(entry.span.source, name, entry.span)
        if source is None:
            return None
        entries = self._read(source)
        if source in self._broken:
            return None
        found = entries if len(entries) == 1 else [facts for facts in entries if facts.facts.host == host]
        if not found:
            self._report_no_facts(entry, host, source, [facts.facts.host or "" for facts in entries])
            return None
        facts = found[0]
        if facts.facts.host not in (None, host) and "{host}" in entry.value:
            self.report.add(
                codes.FACTS_DISAGREE.at(
                    facts.span_of("host"),
                    what="the host name",
                    written=host,
                    found=str(facts.facts.host),
                    label="the machine that was probed",
                    labels=[Label(entry.span, f"host `{host}` takes its facts from here")],
                    help=[f"probe `{host}` itself: `netc probe -o {source.name}`"],
                )
            )
        return facts

    def _report_no_facts(self, entry: Entry[str], host: str, source: Source, known: list[str]) -> None:
        names = ", ".join(f"`{name}`" for name in known[:8])
        notes = [f"it has {names}{' …' * (len(known) > 8)}"]
        self.report.add(
            codes.HOST_NOT_IN_FACTS.at(
                value_of(entry, "hardware"), host=host, file=source.name, notes=notes, help=did_you_mean(host, known)
            )
        )

    def _beside(self, source: Source, name: str, span: Span) -> Source | None:
        path = self.files.beside(source, name)
        return self.files.source(path, path, span, self.report)

    def _read(self, source: Source) -> list[LocatedFacts]:
        if source not in self._facts:
            from netc.hardware.reading import read_facts

            found = Report()
            self._facts[source] = read_facts(source, found)
            if found.failed:
                self._broken.add(source)
            self.report.extend(found)
        return self._facts[source]


def _with_memory_of_nodes(system: System, topology: Topology | None) -> System:
    """Where only the nodes tell their memory, the host has their sum."""
    if system.memory is not None or topology is None or not topology.nodes:
        return system
    parts = [node.memory for node in topology.nodes.values()]
    if None in parts:
        return system
    total = sum(part for part in parts if part is not None)
    return replace(system, memory=Entry(total, None, topology.place))

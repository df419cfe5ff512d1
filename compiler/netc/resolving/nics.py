"""NICs: what is written about each, joined with the port of the facts that it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netc import codes
from netc.diagnostics import Label
from netc.knowledge.drivers import driver
from netc.language.sections import Entry, Section
from netc.model import Goal, Match, Nic
from netc.places import value_of
from netc.records import replace
from netc.resolving.programs import resolve_programs
from netc.units import show_bit_rate
from netc.virtual_functions import physical_among

if TYPE_CHECKING:
    from netc.diagnostics import Report
    from netc.hardware.facts import NicFact
    from netc.hardware.reading import LocatedFacts
    from netc.resolving.files import Files

MATCH_FACTS = {"pci": "pci", "mac": "mac", "driver": "driver", "name": "name"}
"""Statements of `match` that facts can tell of → the field of the fact."""

AGREEING = {"driver": "driver", "speed": "speed", "node": "node"}
"""Statements of `nic` that must agree with the field of the fact."""


def resolve_nics(host: Section, facts: LocatedFacts | None, files: Files, report: Report) -> tuple[Nic, ...]:
    """All NICs of a host in the order written."""
    nics = tuple(resolve_nic(name, section, facts, files, report) for name, section in host.sections_of("nic"))
    return tuple(_with_what_is_shared(nic, physical_among(nic, nics)) for nic in nics)


def _with_what_is_shared(nic: Nic, physical: Nic | None) -> Nic:
    """A virtual function with what its physical function tells of it: node, speed of the wire, and driver."""
    if physical is None or nic.match.vf is None:
        return nic
    told = nic.driver
    sriov = physical.knowledge.sriov if physical.knowledge is not None else None
    if told is None and sriov is not None and sriov.driver is not None:
        told = nic.match.vf.with_value(sriov.driver)
    return replace(
        nic,
        driver=told,
        knowledge=driver(told.value) if told is not None else None,
        speed=nic.speed or physical.speed,
        node=nic.node or physical.node,
    )


def resolve_nic(name: str, section: Section, facts: LocatedFacts | None, files: Files, report: Report) -> Nic:
    block = section.section("match")
    match = _match(block)
    index = _find(name, section, match, facts, report)
    fact = facts.facts.nics[index] if facts is not None and index is not None else None
    if facts is not None and fact is not None and index is not None:
        _compare(name, section, match, fact, index, facts, report)

    def known(word: str, field: str) -> Entry[Any] | None:
        written = section.entry(word)
        if written is not None or fact is None or facts is None or getattr(fact, field) is None:
            return written
        place = f"{facts.source.label}: nics, {fact.role or fact.name or name}, {field}"
        return Entry(getattr(fact, field), facts.span_of("nics", index or 0, field), place)

    named = known("driver", "driver") or match.driver
    return Nic(
        name=name,
        section=section,
        match=_completed(match, fact),
        fact=fact,
        driver=named,
        knowledge=driver(named.value) if named is not None else None,
        speed=known("speed", "speed"),
        node=known("node", "node"),
        channels=known("vectors", "channels"),
        goals=tuple(Goal(kind, goal, name) for kind, goal in section.sections_of("goal")),
        programs=resolve_programs(section, files, report),
    )


def _match(block: Section | None) -> Match:
    if block is None:
        return Match(None)
    words = ("pci", "mac", "driver", "path", "vmbus", "port", "vf", "name")
    return Match(block, **{word: block.entry(word) for word in words})


def _completed(match: Match, fact: NicFact | None) -> Match:
    """Where nothing is written, the port is recognised by what the facts tell: PCI address, else MAC."""
    if fact is None or match.section is not None:
        return match
    place = "facts"
    if fact.pci is not None:
        return Match(None, pci=Entry(fact.pci, None, place))
    if fact.mac is not None:
        return Match(None, mac=Entry(fact.mac, None, place))
    return match


def _find(name: str, section: Section, match: Match, facts: LocatedFacts | None, report: Report) -> int | None:
    """Which port of the facts this NIC is: the one with its role, else the one its match names."""
    if facts is None or not facts.facts.nics:
        return None
    nics = facts.facts.nics
    found = [i for i, fact in enumerate(nics) if fact.role == name]
    how = f"role `{name}`"
    if not found:
        found = [i for i, fact in enumerate(nics) if _fits(match, fact)]
        how = "its `match`"
    if len(found) == 1:
        return found[0]
    if match.vf is None and (found or not (section.entry("optional") and match.section is not None)):
        _report_not_found(name, section, match, found, how, facts, report)
    return None


def _report_not_found(
    name: str, section: Section, match: Match, found: list[int], how: str, facts: LocatedFacts, report: Report
) -> None:
    """No port of the facts is the NIC, or several are; the ports there are named."""
    nics = facts.facts.nics
    labels = [Label(facts.span_of("nics", i), "this port fits") for i in found[:4]]
    if not found:
        labels = [Label(facts.span_of("nics"), f"these {len(nics)} ports")] if len(nics) > 1 else []
    shown = [_spoken_port(nics[i]) for i in found or range(len(nics))]
    notes = [f"{'these fit' if found else 'the facts have'}: {', '.join(shown[:4])}{' …' * (len(shown) > 4)}"]
    pci = next((nics[i].pci for i in found or range(len(nics)) if nics[i].pci), None)
    named = f"write `match pci {pci}`, or what names the port that is meant" if pci else "name the port in `match`"
    help_lines = [named if found else f"{named}; or add `role: {name}` to it in the facts"]
    if not found and match.section is None:
        how = f"no port has role `{name}` and there is no `match`, so it"
    span = match.section.span if match.section is not None else section.span
    report.add(
        codes.NIC_NOT_IN_FACTS.at(
            span,
            nic=name,
            count=len(found),
            total=f"the {len(nics)} port{'s' * (len(nics) != 1)}",
            how=how,
            labels=labels,
            notes=notes,
            help=help_lines,
        )
    )


def _spoken_port(fact: NicFact) -> str:
    identity = fact.pci or fact.mac or fact.name or "a port without a name"
    rest = [word for word in (fact.name, fact.driver) if word and word != identity]
    return f"`{identity}` ({', '.join(rest)})" if rest else f"`{identity}`"


def _fits(match: Match, fact: NicFact) -> bool:
    """Whether every written field that the fact knows holds, and at least one does."""
    agreed = 0
    for word, field in MATCH_FACTS.items():
        entry = getattr(match, word)
        told = getattr(fact, field)
        if entry is None or told is None:
            continue
        if entry.value != told:
            return False
        agreed += 1
    return agreed > 0


def _compare(
    name: str, section: Section, match: Match, fact: NicFact, index: int, facts: LocatedFacts, report: Report
) -> None:
    """Hardware as written must be the hardware of the facts; an absent fact agrees with anything."""
    pairs = [(word, section.entry(word), field) for word, field in AGREEING.items()]
    pairs += [(f"match {word}", getattr(match, word), field) for word, field in MATCH_FACTS.items()]
    for word, entry, field in pairs:
        told = getattr(fact, field)
        if entry is None or told is None or entry.value == told:
            continue
        shown = show_bit_rate if field == "speed" else str
        report.add(
            codes.FACTS_DISAGREE.at(
                value_of(entry, word.removeprefix("match ")),
                what=f"`{word}` of nic `{name}`",
                written=shown(entry.value),
                found=shown(told),
                labels=[Label(facts.span_of("nics", index, field), "the facts tell it here")],
            )
        )
    vectors = section.entry("vectors")
    if vectors is not None and fact.channels is not None and vectors.value > fact.channels:
        report.add(
            codes.FACTS_DISAGREE.at(
                value_of(vectors, "vectors"),
                what=f"`vectors` of nic `{name}`",
                written=str(vectors.value),
                found=f"at most {fact.channels} channels",
                labels=[Label(facts.span_of("nics", index, "channels"), "the facts tell it here")],
            )
        )

"""XDP programs of a NIC: the objects that statements name, read, and the lists of prefixes to drop."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from netc import codes
from netc.diagnostics import quotable
from netc.model import DropList, XdpProgram
from netc.places import value_of
from netc.prefixes import PrefixError, read_prefix
from netc.records import dataclass
from netc.source import Source, Span
from netc.suggest import did_you_mean

if TYPE_CHECKING:
    from netc.bpf_object import BpfObject, BpfProgram
    from netc.diagnostics import Diagnostic, Report
    from netc.language.sections import Entry, Section
    from netc.resolving.files import Files


def resolve_programs(nic: Section, files: Files, report: Report) -> tuple[XdpProgram, ...]:
    """The programs of a NIC, the first to run first."""
    found = []
    for file, section in nic.sections_of("xdp"):
        program = _resolve(file, section, files, report)
        if program is not None:
            found.append(program)
    return tuple(sorted(found, key=lambda program: program.priority))


def _resolve(file: str, section: Section, files: Files, report: Report) -> XdpProgram | None:
    drops = _drops(section, files, report)
    if section.span is None:
        return None
    shown = files.beside(section.span.source, file)
    key = files.absolute(shown)
    place = value_of(section, "xdp")
    data = files.read(key, shown, place, report)
    if data is None:
        return None
    found = _object(data)
    if isinstance(found, str):
        help_lines = ["build it for BPF: `clang -O2 -g -target bpf -c PROGRAM.c -o PROGRAM.o`"]
        report.add(codes.BROKEN_OBJECT.at(_name(place), file=shown, problem=found, help=help_lines))
        return None
    program = _program(found, shown, section, place, report)
    if program is None or drops is None:
        return None
    return XdpProgram(file, files.label(key), section, data, found, program, drops)


@lru_cache(maxsize=64)
def _object(data: bytes) -> BpfObject | str:
    """What stands in an object, or what is wrong with it. Hosts share theirs."""
    from netc.bpf_object import BpfObjectError, read_object  # with what it imports, and most hosts have none

    try:
        return read_object(data)
    except BpfObjectError as error:
        return str(error)


def _name(place: Span | None) -> Span | None:
    """The file's name at the beginning of what follows `xdp`."""
    if place is None or '"' not in place.text[1:]:
        return place
    return Span(place.source, place.start, place.start + place.text.index('"', 1) + 1)


def _program(found: BpfObject, shown: str, section: Section, place: Span | None, report: Report) -> BpfProgram | None:
    """The program that is named, else the only one there is."""
    fitting = [program for program in found.programs if program.is_xdp]
    names = [program.name for program in fitting]
    written = section.entry("program")
    if written is not None:
        chosen = next((program for program in fitting if program.name == written.value), None)
        if chosen is None:
            has = f"it has {_listed(names)}" if names else "none of its programs is for XDP, by its section"
            help_lines = did_you_mean(written.value, names) or [f"write `program {name}`" for name in names[:1]]
            report.add(
                codes.NO_SUCH_PROGRAM.at(
                    value_of(written, "program"), file=shown, program=written.value, notes=[has], help=help_lines
                )
            )
        return chosen
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        others = ", ".join(f"`{program.name}` in section `{program.section}`" for program in found.programs[:4])
        problem = f"it has {others}, and XDP programs stand in `xdp`" if others else "it has no program"
        report.add(codes.BROKEN_OBJECT.at(_name(place), file=shown, problem=problem))
        return None
    help_lines = [f"write `program {names[0]}`, or which one is meant"]
    note = f"they are {_listed(names)}"
    report.add(codes.PROGRAM_NOT_NAMED.at(_name(place), file=shown, count=len(fitting), notes=[note], help=help_lines))
    return None


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names[:8]) + " …" * (len(names) > 8)


def _drops(section: Section, files: Files, report: Report) -> DropList | None:
    """The prefixes to drop, written and from files; None after a diagnostic."""
    found: set[tuple[tuple[int, int, int], str]] = set()
    complete = True
    entries: list[Entry[tuple[str, ...]]] = section.entries_of("drop")
    for entry in entries:
        if entry.value[0] == "prefixes":
            found.update(read_prefix(text) for text in entry.value[1:])
        elif entry.span is not None:
            shown = files.beside(entry.span.source, entry.value[1])
            source = files.source(shown, shown, value_of(entry, "drop"), report)
            listed = _listed_prefixes(source) if source is not None else None
            for problem in listed.problems if listed is not None else ():
                report.add(problem)
            complete = complete and listed is not None and not listed.problems
            found |= listed.prefixes if listed is not None else set()
    return DropList(tuple(text for _, text in sorted(found)), tuple(entries)) if complete else None


@dataclass(frozen=True, slots=True)
class Listed:
    """The prefixes of one file, and what is wrong with it."""

    prefixes: frozenset[tuple[tuple[int, int, int], str]]
    problems: tuple[Diagnostic, ...]


@lru_cache(maxsize=64)
def _listed_prefixes(source: Source) -> Listed:
    """A prefix on each line, `#` begins a comment. NICs and hosts share their lists."""
    found: set[tuple[tuple[int, int, int], str]] = set()
    problems: list[Diagnostic] = []
    start = 0
    for line in source.text.split("\n"):
        text = line.partition("#")[0].strip()
        if text:
            try:
                found.add(read_prefix(text))
            except PrefixError as error:
                at = start + line.index(text)
                help_lines = [f"write `{error.fitting}`"] if error.fitting else []
                place = Span(source, at, at + len(text))
                shown = quotable(text[:60])
                problems.append(codes.BAD_DROP_LIST.at(place, text=shown, problem=str(error), help=help_lines))
        start += len(line) + 1
    return Listed(frozenset(found), tuple(problems[:MOST_REPORTED]))


MOST_REPORTED = 20
"""Wrong lines of one list that are told; a file that is no list at all has thousands."""

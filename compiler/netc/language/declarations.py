"""The statements of a file: includes, profiles, hosts and inventories, as declarations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from netc import codes
from netc.diagnostics import Label
from netc.language.cursor import Misread, unquote
from netc.language.reading import Reader
from netc.language.sections import Section
from netc.patterns import pattern
from netc.records import dataclass, field
from netc.source import Source, Span
from netc.suggest import did_you_mean
from netc.syntax import Argument, File, Kind, Statement

if TYPE_CHECKING:
    from netc.diagnostics import Report

_NAME = pattern(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
WORDS = ("include", "profile", "host", "hosts")


@dataclass(frozen=True, slots=True)
class Reference:
    """A name or file that a declaration refers to, at its place."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Profile:
    name: str
    span: Span
    parents: tuple[Reference, ...]
    section: Section


@dataclass(frozen=True, slots=True)
class HostDeclaration:
    """`host NAME : PROFILE, … { … }`; `pattern` may hold ranges and lists."""

    pattern: str
    span: Span
    parents: tuple[Reference, ...]
    section: Section


@dataclass(frozen=True, slots=True)
class InventoryDeclaration:
    """`hosts from "fleet.yaml" : PROFILE, … { … }`."""

    file: Reference
    parents: tuple[Reference, ...]
    section: Section


@dataclass(slots=True)
class Declarations:
    """What one file declares, in the order written."""

    source: Source
    includes: list[Reference] = field(default_factory=list)
    profiles: dict[str, Profile] = field(default_factory=dict)
    hosts: list[HostDeclaration | InventoryDeclaration] = field(default_factory=list)


def read_declarations(file: File, report: Report) -> Declarations:
    """All declarations of a file. Whatever is wrong is reported and left out."""
    declarations = Declarations(file.source)
    reader = DeclarationReader(file.source, report, declarations)
    for statement in file.statements:
        reader.read(statement)
    return declarations


class DeclarationReader:
    """Reads the statements of a file one by one into its declarations."""

    def __init__(self, source: Source, report: Report, into: Declarations) -> None:
        self.source = source
        self.report = report
        self.into = into
        self.blocks = Reader(source, report)

    def read(self, statement: Statement) -> None:
        first = statement.arguments[0]
        readers = {
            "include": self._include,
            "profile": self._profile,
            "host": self._host,
            "hosts": self._inventory,
        }
        reader = readers.get(first.text) if first.kind is Kind.WORD else None
        if reader is None:
            self.report.add(
                codes.UNKNOWN_DECLARATION.at(self._span(first), word=first.text, help=did_you_mean(first.text, WORDS))
            )
            return
        try:
            reader(statement)
        except Misread as misread:
            self.report.add(misread.diagnostic)

    def _include(self, statement: Statement) -> None:
        arguments = statement.arguments
        if len(arguments) != 2 or arguments[1].kind is not Kind.STRING or statement.block is not None:
            raise self._misread(statement, 'include "FILE"')
        self.into.includes.append(Reference(unquote(arguments[1], self.source), self._span(arguments[1])))

    def _profile(self, statement: Statement) -> None:
        name, parents = self._head(statement, "profile NAME : PROFILE, … { … }")
        if not _NAME.fullmatch(name.text):
            raise Misread(codes.BAD_NAME.at(self._span(name), kind="profile", name=name.text))
        section = self._section(statement, f"profile {name.text}")
        span = self._span(name)
        earlier = self.into.profiles.get(name.text)
        if earlier is not None:
            labels = [Label(earlier.span, "it is declared here first")]
            self.report.add(codes.DECLARED_TWICE.at(span, kind="profile", name=name.text, labels=labels))
            return
        self.into.profiles[name.text] = Profile(name.text, span, parents, section)

    def _host(self, statement: Statement) -> None:
        name, parents = self._head(statement, "host NAME : PROFILE, … { … }")
        section = self._section(statement, f"host {name.text}")
        self.into.hosts.append(HostDeclaration(name.text, self._span(name), parents, section))

    def _inventory(self, statement: Statement) -> None:
        form = 'hosts from "FILE" : PROFILE, … { … }'
        arguments = self._split(statement.arguments)
        if len(arguments) < 3 or arguments[1].text != "from" or arguments[2].kind is not Kind.STRING:
            raise self._misread(statement, form)
        name = unquote(arguments[2], self.source)
        parents = self._parents(statement, arguments[3:], form)
        section = self._section(statement, f'hosts from "{name}"')
        self.into.hosts.append(InventoryDeclaration(Reference(name, self._span(arguments[2])), parents, section))

    def _head(self, statement: Statement, form: str) -> tuple[Argument, tuple[Reference, ...]]:
        arguments = self._split(statement.arguments)
        if len(arguments) < 2 or arguments[1].kind is not Kind.WORD or arguments[1].text == ":":
            raise self._misread(statement, form)
        return arguments[1], self._parents(statement, arguments[2:], form)

    def _parents(self, statement: Statement, rest: list[Argument], form: str) -> tuple[Reference, ...]:
        """The profiles after `:`."""
        if not rest:
            return ()
        names, commas = rest[1::2], rest[2::2]
        well_formed = (
            rest[0].text == ":"
            and len(rest) % 2 == 0
            and all(a.kind is Kind.WORD and a.text != ":" for a in names)
            and all(a.kind is Kind.COMMA for a in commas)
        )
        if not well_formed:
            raise self._misread(statement, form)
        return tuple(Reference(a.text, self._span(a)) for a in names)

    def _section(self, statement: Statement, path: str) -> Section:
        span = Span(self.source, statement.start, statement.end)
        if statement.block is None:
            return Section("host", span, f"{self.source.label}: {path}")
        return self.blocks.read_block(statement.block, "host", path, span)

    def _split(self, arguments: tuple[Argument, ...]) -> list[Argument]:
        """The arguments with every `:` apart from the words it was written against."""
        parts: list[Argument] = []
        for argument in arguments:
            if argument.kind is not Kind.WORD or ":" not in argument.text:
                parts.append(argument)
                continue
            for match in re.finditer(r":|[^:]+", argument.text):
                start = argument.start + match.start()
                parts.append(Argument(Kind.WORD, match[0], start, start + len(match[0])))
        return parts

    def _misread(self, statement: Statement, form: str) -> Misread:
        span = Span(self.source, statement.start, statement.end)
        return Misread(codes.BAD_DECLARATION.at(span, word=statement.arguments[0].text, help=[f"the form is `{form}`"]))

    def _span(self, argument: Argument) -> Span:
        return Span(self.source, argument.start, argument.end)

"""Blocks and files read from text, for the case in hand."""

from __future__ import annotations

from netc.diagnostics import Diagnostic, Report
from netc.language.declarations import Declarations, read_declarations
from netc.language.reading import Reader
from netc.language.sections import Section
from netc.parser import parse
from netc.source import Source, Span

Found = list[tuple[str, str]]
"""Code and the text it points at, of each diagnostic."""


def block_with_report(kind: str, text: str, path: str = "") -> tuple[Section, list[Diagnostic]]:
    """A block of a kind from the text between its braces."""
    source = Source("a.net", f"x {{\n{text}\n}}", "a.net")
    report = Report()
    block = parse(source, report).statements[0].block
    assert block is not None
    section = Reader(source, report).read_block(block, kind, path or kind, Span(source, 0, 1))
    return section, list(report)


def block(kind: str, text: str, path: str = "") -> Section:
    """A block that must read without a word."""
    section, diagnostics = block_with_report(kind, text, path)
    assert not diagnostics, [d.message for d in diagnostics]
    return section


def mistakes(kind: str, text: str) -> Found:
    return shown(block_with_report(kind, text)[1])


def shown(diagnostics: list[Diagnostic]) -> Found:
    return [(d.code, d.span.text if d.span is not None else "") for d in diagnostics]


def value(kind: str, text: str) -> object:
    """The value of the one statement of a block."""
    (entry,) = block(kind, text).entries.values()
    assert not isinstance(entry, Section)
    return entry.value


def declared(text: str) -> tuple[Declarations, list[Diagnostic]]:
    source = Source("a.net", text, "a.net")
    report = Report()
    declarations = read_declarations(parse(source, report), report)
    return declarations, list(report)

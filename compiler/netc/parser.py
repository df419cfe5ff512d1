"""Text → tree. Nothing a user can write ends the parse: every mistake is reported and mended in place.

Before the parser, whose tables Lark makes of the grammar, `Mending` makes the token stream one that the grammar
always takes: it closes blocks that were left open, drops braces that close nothing, and ends a statement where one
follows `}` on the same line. So one wrong brace costs one diagnostic, and the rest of the file is read.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from netc import built, codes, shipped
from netc.diagnostics import Label, Report
from netc.indentation import Indented, made
from netc.lalr import Parser, Tables, tables_of
from netc.scanner import Scanner
from netc.source import Source, Span
from netc.syntax import Argument, Block, File, Kind, Statement

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_LINE = 65536
"""Characters of one line. Longer ones are no configuration but an accident or an attack."""

DEEPEST_NESTING = 8
"""Blocks within blocks. The language itself needs 4."""

MOST_MENDED = 20
"""Wrong braces beyond which a file is not read again by its indentation."""

TOP_LEVEL = frozenset({"include", "profile", "host", "hosts"})
"""Words that open a statement of the file. In column 1 within a block, one means that `}` is missing."""


def parse(source: Source, report: Report) -> File:
    """The tree of a source. Mistakes go to the report; what could be read is in the tree."""
    for number, start in enumerate(source.line_starts, 1):
        end = source.line_starts[number] if number < len(source.line_starts) else len(source.text)
        if end - start > LONGEST_LINE:
            place = Span(source, start, start + 1)
            report.add(codes.LINE_TOO_LONG.at(place, length=end - start, limit=LONGEST_LINE))
            return File(source, ())
    found = Report()
    file = _parse(source, found)
    wrong = _wrong_braces(found)
    if 0 < len(wrong) <= MOST_MENDED:
        # Indentation mostly knows better which one it is; not where it makes more mistakes of it than there are.
        again = Report()
        indentation = Indented(source, again, most=len(wrong), opens=codes.CLOSES_NOTHING.number in wrong)
        indented = _parse(source, again, indentation)
        if len(_wrong_braces(again)) <= len(wrong):
            found, file = again, indented
    report.extend(found)
    return file


def _parse(source: Source, report: Report, indentation: Indented | None = None) -> File:
    statements: tuple[Statement, ...] = _parser().parse(Mending(source, report, indentation).tokens())
    return File(source, statements)


WRONG_BRACES = {codes.MISSING_CLOSING_BRACE.number, codes.CLOSES_NOTHING.number, codes.MISSING_BLOCK.number}


def _wrong_braces(report: Report) -> list[str]:
    return [diagnostic.code for diagnostic in report if diagnostic.code in WRONG_BRACES]


class TreeBuilder:
    """Makes syntax tuples while rules are reduced, so that no other tree is built first."""

    def start(self, children: list[Statement]) -> tuple[Statement, ...]:
        return tuple(children)

    def statement(self, children: list[Any]) -> Statement:
        last = children[-1]
        block = children.pop() if type(last) is Block else None
        return Statement(tuple([_argument(token) for token in children]), block)

    def block(self, children: list[Any]) -> Block:
        return Block(tuple(children[1:-1]), children[0].start_pos, children[-1].end_pos)


def _argument(token: Any) -> Argument:
    """The argument of a token; a comma without the line ends and comments that its token holds."""
    start: int = token.start_pos
    if token.type == "COMMA":
        return Argument(Kind.COMMA, ",", start, start + 1)
    return Argument(KINDS[token.type], token.value, start, token.end_pos)


KINDS = {
    "WORD": Kind.WORD,
    "STRING": Kind.STRING,
    "UNCLOSED": Kind.STRING,
    "EQUALS": Kind.EQUALS,
}


class Mending:
    """Between scanner and parser: reports and repairs what the grammar could not take.

    `by_indentation` mends the braces first, when a file is read again because they did not balance.
    """

    def __init__(self, source: Source, report: Report, by_indentation: Indented | None) -> None:
        self.source = source
        self.report = report
        self.by_indentation = by_indentation

    def tokens(self) -> Iterator[Any]:
        """The tokens with balanced braces, no stray characters and a separator after every block."""
        opened: list[Any] = []
        previous: Any = None
        skipping = 0
        surplus = -1  # end of the last `}` that closed nothing: the next one in `}}}` is the same mistake
        stream = self._without_strays()
        if self.by_indentation is not None:
            stream = self.by_indentation.mended(stream)
        for token in stream:
            kind = token.type
            if skipping:
                skipping += (kind == "OPEN") - (kind == "CLOSE")
                continue
            if kind == "WORD":
                if opened and token.value in TOP_LEVEL and self._in_first_column(token):
                    yield from self._close_all(opened, token, previous)
                    previous = None
                elif previous is not None and previous.type == "CLOSE":
                    self._add(codes.STATEMENT_AFTER_BLOCK, token)
                    yield made(token, "_SEPARATOR", ";")
            elif kind == "OPEN":
                if previous is None or previous.type in ("OPEN", "CLOSE", "_SEPARATOR"):
                    self._add(codes.BLOCK_WITHOUT_STATEMENT, token)
                    skipping = 1
                    continue
                if len(opened) == DEEPEST_NESTING:
                    self._add(codes.NESTED_TOO_DEEP, token, limit=DEEPEST_NESTING)
                    skipping = 1
                    continue
                opened.append(token)
            elif kind == "CLOSE":
                if not opened:
                    if token.start_pos != surplus:
                        self._add(codes.CLOSES_NOTHING, token)
                    surplus = token.end_pos
                    continue
                opened.pop()
            elif kind == "_SEPARATOR":
                pass
            elif previous is not None and previous.type == "CLOSE":
                self._add(codes.STATEMENT_AFTER_BLOCK, token)
                yield made(token, "_SEPARATOR", ";")
            if kind == "UNCLOSED":
                self._add(codes.UNCLOSED_STRING, token)
            previous = token
            yield token
        if opened:
            yield from self._close_all(opened, None, previous)

    def _close_all(self, opened: list[Any], found: Any, last: Any) -> Iterator[Any]:
        """Close every open block before the top-level word `found`, or at the end of the file (None)."""
        innermost = opened[-1]
        at = Span(self.source, innermost.start_pos, innermost.end_pos)
        opener = self._line_of(innermost)
        if found is None:
            end = len(self.source.text.rstrip())
            place = Span(self.source, max(end - 1, 0), end)
            label = "the file ends here"
        else:
            place = Span(self.source, found.start_pos, found.end_pos)
            label = f"`{found.value}` begins a statement of the file"
        self.report.add(
            codes.MISSING_CLOSING_BRACE.at(
                at,
                line=opener,
                label="this block is still open",
                labels=[Label(place, label)],
                help=["close the block with `}`"],
            )
        )
        anchor = found if found is not None else last
        while opened:
            opened.pop()
            yield made(anchor, "CLOSE", "}", behind=found is None)
        yield made(anchor, "_SEPARATOR", ";", behind=found is None)

    def _in_first_column(self, token: Any) -> bool:
        start = token.start_pos
        return bool(start == 0 or self.source.text[start - 1] == "\n")

    def _line_of(self, token: Any) -> int:
        return self.source.position(token.start_pos)[0]

    def _without_strays(self) -> Iterator[Any]:
        """All tokens but for characters that no word may hold; several in a row are one mistake."""
        text = self.source.text
        if text.startswith("\ufeff"):
            text = " " + text[1:]
        end = -1
        for token in _scanner().tokens(text, also=frozenset({"STRAY"})):
            if token.type != "STRAY":
                yield token
                continue
            if token.start_pos != end:
                self._add(codes.STRAY_CHARACTER, token, character=f"U+{ord(token.value):04X}")
            end = token.end_pos

    def _add(self, code: Any, token: Any, **fields: object) -> None:
        self.report.add(code.at(Span(self.source, token.start_pos, token.end_pos), **fields))


@cache
def _tables() -> Tables:
    """The tables of the grammar: those made when netc was built, or else made now."""
    grammar = shipped.read("netc.grammar", "netc.lark")
    ready = built.table("grammar", grammar)
    return Tables(**ready) if ready is not None else tables_of(grammar.decode())


@cache
def _parser() -> Parser:
    return Parser(_tables(), TreeBuilder())


@cache
def _scanner() -> Scanner:
    return Scanner(_tables().pattern, _tables().ignored)

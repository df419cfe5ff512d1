"""The one style of `.net` files.

The layout is made from the tree and from what stands between its tokens, which is only blanks, line ends,
`;` and comments. Words and strings are copied as they are, so the text keeps its meaning:

- four blanks for each block, one blank between words, ` = `, a comma followed by a blank unless it was
  written tight (`0-15,32-47`);
- a block that stood on one line stays there when it fits and has one statement to a line otherwise;
- a line that was broken after a comma stays broken, its continuation four blanks further in;
- comments stay where they are; one behind a statement keeps its column when there is room, and comments that
  stood in one column still do;
- at most one blank line between statements, none at the beginning and end of a block.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from netc.diagnostics import Report
from netc.parser import LONGEST_LINE, parse
from netc.records import dataclass
from netc.syntax import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from netc.source import Source
    from netc.syntax import Argument, Block, Statement

INDENT = 4
LONGEST_BLOCK_LINE = 100
"""Columns of a line that holds a whole block."""
TAB = 8
"""Columns a tab takes when the column of a comment is told."""
NEAREST = 2
"""Blanks between a statement and the comment behind it, at least."""


def format_source(source: Source, report: Report) -> str | None:
    """The text in the one style; None after syntax errors, which are in the report."""
    found = Report()
    file = parse(source, found)
    report.extend(found)
    if found.failed:
        return None
    layout = Layout(source.text)
    layout.add_body(file.statements, 1 if source.text.startswith("\ufeff") else 0, len(source.text), 0)
    lines = layout.finished()
    if any(len(line) >= LONGEST_LINE for line in lines):
        return source.text  # laid out, a line would be longer than netc reads
    return "".join(f"{line}\n" for line in lines)


@dataclass(slots=True)
class Line:
    """One line of the result: code, a comment, code with a comment behind it, or nothing."""

    code: str
    comment: str = ""
    column: int = 0
    """Where a comment behind code begins; at first the column it had in the source."""
    near: bool = False
    """Whether that comment stood no further from its code than it must."""

    def __str__(self) -> str:
        if self.code and self.comment:
            return f"{self.code:<{self.column}}{self.comment}"
        return self.code or self.comment


class Layout:
    """Collects the lines of a text in the order of its statements."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines: list[Line] = []

    def finished(self) -> list[str]:
        """The lines, with the comments behind code in their columns."""
        _align(self.lines)
        return [str(line) for line in self.lines]

    def add_body(self, statements: tuple[Statement, ...], start: int, end: int, depth: int) -> None:
        """The statements between two offsets, and the comments and blank lines around them."""
        first = True
        for statement in statements:
            self._add_gap(start, statement.start, depth, first=first)
            start = self._add_statement(statement, depth)
            first = False
        self._add_gap(start, end, depth, first=first, last=True)

    def _add_gap(self, start: int, end: int, depth: int, *, first: bool, last: bool = False) -> None:
        """What stands before a statement, or before the end of its block: comments and blank lines."""
        gap = self.text[start:end]
        if "\n" not in gap and "#" not in gap:
            return
        own = gap.split("\n")
        if depth > 0 or not first:
            self._add_comment_behind(start, own.pop(0))
        if not last:
            own.pop()  # what stands before the statement on its line: blanks and `;`
        blank = False
        begun = not first
        for line in own:
            comment = line.lstrip(" \t\r;")
            if comment:
                if blank and begun:
                    self.lines.append(Line(""))
                self.lines.append(Line("", _indented(_clean(comment), depth)))
                blank, begun = False, True
            elif ";" not in line:
                blank = True
        if blank and begun and not last:
            self.lines.append(Line(""))

    def _add_comment_behind(self, start: int, rest: str) -> None:
        """The comment, if there is one, in the rest of a line whose code is the last line so far."""
        offset = rest.find("#")
        if offset < 0:
            return
        begin = self.text.rfind("\n", 0, start) + 1
        before = self.text[begin : start + offset].replace("\r", "").expandtabs(TAB)
        line = self.lines[-1]
        line.comment, line.column = _clean(rest[offset:]), len(before)
        line.near = len(before) - len(before.rstrip(" ")) <= NEAREST

    def _add_statement(self, statement: Statement, depth: int) -> int:
        """Lay a statement out and return the offset at which it ends."""
        self._add_arguments(statement.arguments, depth)
        block = statement.block
        if block is None:
            if statement.arguments[-1].kind is Kind.COMMA:
                self.lines[-1].code += ";"  # without it the comma would join the next line
            return statement.end
        if self.text.find("#", statement.end, block.start) >= 0:
            self._add_comments_within(statement.end, block.start, depth + 1)
            self.lines.append(Line(_indented("{", depth + 1)))
        else:
            self.lines[-1].code += " {"
        self._add_block(block, depth)
        return block.end

    def _add_arguments(self, arguments: tuple[Argument, ...], depth: int) -> None:
        """The words of a statement, on one line or, broken after commas, on several."""
        begin = 0
        for index in range(1, len(arguments)):
            comma, argument = arguments[index - 1], arguments[index]
            if comma.kind is Kind.COMMA and self.text.find("\n", comma.end, argument.start) >= 0:
                self.lines.append(Line(_indented(_words(arguments[begin:index]), depth + (begin > 0))))
                self._add_comments_within(comma.end, argument.start, depth + 1)
                begin = index
        self.lines.append(Line(_indented(_words(arguments[begin:]), depth + (begin > 0))))

    def _add_comments_within(self, start: int, end: int, depth: int) -> None:
        """The comments between a comma and what follows it in the same statement."""
        behind, *own = self.text[start:end].split("\n")
        self._add_comment_behind(start, behind)
        for line in own:
            comment = line.lstrip(" \t\r")
            if comment:
                self.lines.append(Line("", _indented(_clean(comment), depth)))

    def _add_block(self, block: Block, depth: int) -> None:
        """What follows the `{` that ends the last line so far."""
        line = self.lines[-1]
        if self.text.find("\n", block.start, block.end) < 0:
            whole = _on_one_line(block)
            if len(line.code) + len(whole) - 1 <= LONGEST_BLOCK_LINE:
                line.code += whole[1:]
                return
        count = len(self.lines)
        self.add_body(block.statements, block.start + 1, block.end - 1, depth + 1)
        if len(self.lines) == count and not line.comment:
            line.code += " }"
        else:
            self.lines.append(Line(_indented("}", depth)))


def _on_one_line(block: Block) -> str:
    """A block without comments and line ends: `{ rx 4096; tx 4096 }`."""
    if not block.statements:
        return "{ }"
    parts = [
        _words(each.arguments) + (f" {_on_one_line(each.block)}" if each.block is not None else "")
        for each in block.statements
    ]
    return f"{{ {'; '.join(parts)} }}"


def _words(arguments: Iterable[Argument]) -> str:
    """Arguments with the blanks that belong between them."""
    parts: list[str] = []
    after_comma = -1
    bracket = False
    """Whether `[` stands in what has no blank since: a tight comma might make a list of host names of it."""
    for argument in arguments:
        if argument.kind is Kind.COMMA:
            parts.append(",")
            after_comma = argument.end
            continue
        if parts and (bracket or argument.start != after_comma):
            parts.append(" ")
            bracket = False
        parts.append(argument.text)
        bracket = bracket or "[" in argument.text
    return "".join(parts)


def _clean(comment: str) -> str:
    return comment.replace("\r", " ").rstrip()


def _indented(text: str, depth: int) -> str:
    return f"{' ' * (INDENT * depth)}{text}"


def _align(lines: list[Line]) -> None:
    """Comments that stood in one column without a blank line between them get one column again."""
    paragraph = 0
    behind: list[tuple[int, Line]] = []
    for line in lines:
        if line.code and line.comment:
            behind.append((paragraph, line))
        elif not line.code and not line.comment:
            paragraph += 1
    for (_, column), found in groupby(behind, key=lambda numbered: (numbered[0], numbered[1].column)):
        group = [line for _, line in found]
        nearest = max(len(line.code) for line in group) + NEAREST
        for line in group:
            line.column = nearest if all(other.near for other in group) else max(column, nearest)

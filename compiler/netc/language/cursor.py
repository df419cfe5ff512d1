"""Walking over the arguments of a statement, and the way a form says no."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from netc import codes
from netc.diagnostics import Sentence
from netc.source import Source, Span
from netc.syntax import Argument, Kind, Statement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from netc.diagnostics import Diagnostic


class Misread(Exception):  # noqa: N818 - it is no error of netc but the way a form says no
    """Arguments that do not have the form."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


class Cursor:
    """Walks over the arguments of one statement."""

    __slots__ = ("_arguments", "at", "source", "taken_back", "word")

    def __init__(self, source: Source, statement: Statement, skip: int, word: str) -> None:
        self.source = source
        self._arguments = statement.arguments
        self.at = skip
        self.word = word
        """The statement as messages name it."""
        self.taken_back = False
        """Whether `default` stood in place of the value, so that what was read is only a key."""

    @property
    def done(self) -> bool:
        return self.at >= len(self._arguments)

    def peek(self) -> Argument | None:
        return None if self.done else self._arguments[self.at]

    def peek_word(self) -> str:
        """The text of the next argument if it is a plain word, else empty."""
        argument = self.peek()
        return argument.text if argument is not None and argument.kind is Kind.WORD else ""

    def take(self, wanted: str) -> Argument:
        """The next argument; `wanted` says in a message what was expected when there is none."""
        argument = self.peek()
        if argument is None:
            raise Misread(codes.MISSING_ARGUMENT.at(self.span_of_all(), word=self.word, wanted=Sentence(wanted)))
        self.at += 1
        return argument

    def take_word(self, wanted: str) -> Argument:
        argument = self.take(wanted)
        if argument.kind is not Kind.WORD:
            raise Misread(self.wrong(argument, wanted))
        return argument

    def take_string(self, wanted: str) -> str:
        argument = self.take(wanted)
        if argument.kind is not Kind.STRING:
            raise Misread(self.wrong(argument, f"{wanted} in double quotes"))
        return unquote(argument, self.source)

    def take_literal(self, word: str) -> None:
        """Step over a fixed word of the statement, such as `per` in `1 core per node`."""
        argument = self.take(f"`{word}`")
        if argument.text != word:
            raise Misread(self.wrong(argument, f"`{word}`"))

    def accept(self, word: str) -> bool:
        """Step over the next argument if it is this word."""
        if self.peek_word() == word:
            self.at += 1
            return True
        return False

    def accept_default(self) -> bool:
        """Step over `default` where the value of a statement would stand."""
        self.taken_back = self.taken_back or self.peek_word() == "default"
        return self.accept("default")

    def accept_kind(self, kind: Kind) -> bool:
        argument = self.peek()
        if argument is not None and argument.kind is kind:
            self.at += 1
            return True
        return False

    def span(self, argument: Argument) -> Span:
        return Span(self.source, argument.start, argument.end)

    def span_since(self, at: int) -> Span:
        """From the argument with index `at` to the last one taken."""
        last = max(at, self.at - 1)
        return Span(self.source, self._arguments[at].start, self._arguments[last].end)

    def span_of_all(self) -> Span:
        return Span(self.source, self._arguments[0].start, self._arguments[-1].end)

    def wrong(self, argument: Argument, wanted: str, help: Iterable[str] = ()) -> Diagnostic:
        return codes.WRONG_ARGUMENT.at(
            self.span(argument), word=self.word, wanted=Sentence(wanted), found=argument.text, help=help
        )

    def finish(self) -> None:
        """Everything must have been read; what is left over is an error."""
        argument = self.peek()
        if argument is not None:
            raise Misread(codes.EXTRA_ARGUMENT.at(self.span(argument), word=self.word, found=argument.text))


def unquote(argument: Argument, source: Source) -> str:
    r"""The text of a string: `\"` and `\\` are the only escapes; control characters are refused."""
    span = Span(source, argument.start, argument.end)
    body = argument.text[1:-1] if len(argument.text) > 1 and argument.text.endswith('"') else argument.text[1:]
    escape = re.search(r'\\[^"\\]|\\\Z', re.sub(r'\\["\\]', "..", body))
    if escape:
        raise Misread(codes.UNKNOWN_ESCAPE.at(span, escape=escape[0], label='only `\\"` and `\\\\` are escapes'))
    control = re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029]", body)
    if control:
        raise Misread(codes.CONTROL_CHARACTER.at(span, character=f"U+{ord(control[0]):04X}"))
    return re.sub(r'\\(["\\])', r"\1", body)

"""Where braces do not balance, indentation tells which one is missing and which one is too many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netc import codes
from netc.diagnostics import Label
from netc.patterns import pattern
from netc.records import dataclass
from netc.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.diagnostics import Diagnostic, Report
    from netc.source import Source


_BLANKS = pattern(r"[ \t]*")
_BLANKS_AND_BRACES = pattern(r"[ \t}]*")


@dataclass(frozen=True, slots=True)
class Opened:
    """An open block: its brace, and how far the line of the brace is indented."""

    brace: Any
    indent: int


class Indented:
    """Mends the braces of a token stream by the indentation of its lines, and reports what it mended."""

    def __init__(self, source: Source, report: Report, *, most: int, opens: bool) -> None:
        self.source = source
        self.report = report
        self.most = most
        """Mistakes beyond which it gives up: the file is not indented as it is meant."""
        self.opens = opens
        """Whether a `{` may be missing: only where another `}` has nothing to close."""
        self._opened: list[Opened] = []
        self._found = 0

    def mended(self, stream: Iterator[Any]) -> Iterator[Any]:
        first: Any = None  # of the statement in hand
        last: Any = None
        held: list[Any] = []  # separators whose place a missing brace might have
        for token in stream:
            if self._found > self.most:
                yield from held
                held = []
                yield token
                continue
            if token.type == "_SEPARATOR":
                held.append(token)
                continue
            indent = self._indent(token)
            if indent is not None and held and self._lacks_opening(first, last, indent):
                yield self._open(first, last)
                first = None
            else:
                yield from held
            if held or last is None or last.type in ("OPEN", "CLOSE"):
                first = token if token.type == "WORD" else None
            held = []
            if indent is not None:
                yield from self._close_before(token, indent)
            if token.type == "CLOSE" and indent is not None and self._surplus(indent):
                self._add(codes.CLOSES_NOTHING.at(Span(self.source, token.start_pos, token.end_pos)))
                continue
            if token.type == "OPEN":
                self._opened.append(Opened(token, self._line_indent(token)))
            elif token.type == "CLOSE" and self._opened:
                self._opened.pop()
            last = token
            yield token
        yield from held

    def _lacks_opening(self, first: Any, last: Any, indent: int) -> bool:
        """Whether the line is indented as if the statement before it had opened a block."""
        if not self.opens or first is None or last.type not in ("WORD", "STRING"):
            return False
        return indent > self._line_indent(first)

    def _open(self, first: Any, last: Any) -> Any:
        """The `{` that is missing behind the statement before."""
        span = Span(self.source, first.start_pos, last.end_pos)
        help_lines = [f"write `{span.text} {{`"]
        wanted = "`{`, for the next line is indented as part of it"
        self._add(codes.MISSING_BLOCK.at(span, word=span.text, wanted=wanted, help=help_lines))
        brace = made(last, "OPEN", "{", behind=True)
        self._opened.append(Opened(brace, self._line_indent(first)))
        return brace

    def _close_before(self, token: Any, indent: int) -> Iterator[Any]:
        """The `}` that are missing before a line that stands too far left for the blocks above it."""
        reach = 1 if token.type == "CLOSE" else 0
        closed = False
        while self._opened and indent + reach <= self._opened[-1].indent:
            brace = self._opened.pop().brace
            span = Span(self.source, brace.start_pos, brace.end_pos)
            here = Span(self.source, token.start_pos, token.end_pos)
            self._add(
                codes.MISSING_CLOSING_BRACE.at(
                    span,
                    line=self.source.position(brace.start_pos)[0],
                    label="this block is still open",
                    labels=[Label(here, "this is indented as if it were closed")],
                    help=["close the block with `}`"],
                )
            )
            closed = True
            yield made(token, "CLOSE", "}")
        if closed and token.type != "CLOSE":
            yield made(token, "_SEPARATOR", ";")

    def _surplus(self, indent: int) -> bool:
        """Whether a `}` is indented further than the block it would close."""
        return not self._opened or indent > self._opened[-1].indent

    def _indent(self, token: Any) -> int | None:
        """How far a line is indented, where the token begins it; `} }` counts as one beginning."""
        reach = _BLANKS_AND_BRACES.match(self.source.text, self._line_start(token))
        return self._line_indent(token) if reach is not None and reach.end() >= token.start_pos else None

    def _line_indent(self, token: Any) -> int:
        blanks = _BLANKS.match(self.source.text, self._line_start(token))
        return len(blanks[0].expandtabs()) if blanks is not None else 0

    def _line_start(self, token: Any) -> int:
        return self.source.text.rfind("\n", 0, token.start_pos) + 1

    def _add(self, diagnostic: Diagnostic) -> None:
        self._found += 1
        self.report.add(diagnostic)


def made(anchor: Any, kind: str, value: str, *, behind: bool = False) -> Any:
    """A token that the source does not hold, at the beginning of one that it does, or behind it."""
    token = anchor.update(type=kind, value=value)
    token.start_pos = token.end_pos = anchor.end_pos if behind else anchor.start_pos
    return token

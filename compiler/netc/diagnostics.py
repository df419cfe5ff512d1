"""What netc tells its user: values collected in a report, never exceptions and never printed here."""

from __future__ import annotations

from enum import Enum
from itertools import islice
from typing import TYPE_CHECKING

from netc.printable import printable
from netc.records import dataclass, field, replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from netc.source import Span

LONGEST_QUOTE = 72
"""Characters of a user's word that a message repeats; the source line shows the rest."""


class Severity(Enum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Label:
    """A place that matters to a diagnostic, and why."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.

    `message` stands on its own. `span` is the place it is about, or None for what has no place in a
    source; `label` says why that place matters, `labels` name further places. A note states a fact and
    its source; only `help` proposes an action.
    """

    code: str
    severity: Severity
    message: str
    span: Span | None = None
    label: str = ""
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    help: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[str, int, str, str]:
        """Sort key: file, position, code, message."""
        if self.span is None:
            return ("", 0, self.code, self.message)
        return (self.span.source.name, self.span.start, self.code, self.message)


def quotable(text: str) -> str:
    """`text` fit to stand in a message: control characters escaped, long text cut in the middle."""
    if len(text) > LONGEST_QUOTE:  # before escaping too: the word may be all of a file of many megabytes
        text = _cut(text)
    text = printable(text)
    return _cut(text) if len(text) > LONGEST_QUOTE else text


def _cut(text: str) -> str:
    half = LONGEST_QUOTE // 2
    return f"{text[:half]}…{text[-half + 1 :]}"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of netc's own within a message. Unlike a user's word it is never cut."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of diagnostic: its number (never used again for another), its title and its wording.

    `message` is a `str.format` template; text given for its fields is made `quotable`.
    """

    number: str
    title: str
    message: str
    severity: Severity = Severity.ERROR
    way_out: str = ""
    """A template like `message`: the help where the place that finds the mistake knows no better one."""

    def at(
        self,
        span: Span | None,
        *,
        label: str = "",
        labels: Iterable[Label] = (),
        notes: Iterable[str] = (),
        help: Iterable[str] = (),
        **fields: object,
    ) -> Diagnostic:
        """The diagnostic of this kind at a place, its message filled in from `fields`."""
        shown = {name: quotable(v) if isinstance(v, str) else v for name, v in fields.items()}
        actions = tuple(help) or ((self.way_out.format(**shown),) if self.way_out else ())
        return Diagnostic(
            code=self.number,
            severity=self.severity,
            message=self.message.format(**shown),
            span=span,
            label=label,
            labels=tuple(labels),
            notes=tuple(notes),
            help=actions,
        )

    @property
    def fields(self) -> set[str]:
        """Names that the message template expects."""
        import string  # only tests ask

        return {name for _, name, _, _ in string.Formatter().parse(self.message) if name}


@dataclass(slots=True)
class Report:
    """The diagnostics of one run. Equal findings at one place (a profile that 200 hosts share) count once."""

    strict: bool = False
    """Whether warnings are errors."""
    _found: dict[tuple[str, object, str], Diagnostic] = field(default_factory=dict)

    def add(self, diagnostic: Diagnostic) -> None:
        if self.strict and diagnostic.severity is Severity.WARNING:
            diagnostic = replace(diagnostic, severity=Severity.ERROR)
        span = diagnostic.span
        place = None if span is None else (span.source.name, span.start, span.end)
        self._found.setdefault((diagnostic.code, place, diagnostic.message), diagnostic)

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        for diagnostic in diagnostics:
            self.add(diagnostic)

    def since(self, count: int) -> Iterator[Diagnostic]:
        """Those that came after the first `count`, in the order they came."""
        return islice(self._found.values(), count, None)

    def __iter__(self) -> Iterator[Diagnostic]:
        """All diagnostics in the order of files and places."""
        return iter(sorted(self._found.values(), key=lambda diagnostic: diagnostic.order))

    def __len__(self) -> int:
        return len(self._found)

    @property
    def failed(self) -> bool:
        """Whether there is an error, so that nothing may be written."""
        return any(d.severity is Severity.ERROR for d in self._found.values())

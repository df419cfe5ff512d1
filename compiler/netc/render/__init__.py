"""Diagnostics as text, JSON, GitHub annotations and SARIF.

Every renderer is a pure function from diagnostics to text; printing is the command line's. A renderer is
imported when it is first used, so that a run pays for one of them at most.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.records import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from netc.diagnostics import Diagnostic


@dataclass(frozen=True, slots=True)
class Presentation:
    """What a renderer may want to know beyond the diagnostics; each takes what it has a use for."""

    colour: bool = False
    """Whether text carries ANSI colours."""
    width: int | None = None
    """Columns of the terminal; None for a file or a pipe."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """Code → title, for formats that describe the rules."""
    version: str = ""
    """The version of netc, for formats that name their tool."""


def _text(diagnostics: Iterable[Diagnostic], how: Presentation) -> str:
    from netc.render import text

    found = tuple(diagnostics)
    if not found:
        return ""
    return f"{text.render(found, how.colour, how.width)}\n{text.summary(found)}\n"


def _json(diagnostics: Iterable[Diagnostic], how: Presentation) -> str:
    from netc.render import as_json

    return as_json.render(diagnostics)


def _github(diagnostics: Iterable[Diagnostic], how: Presentation) -> str:
    from netc.render import github

    return github.render(diagnostics)


def _sarif(diagnostics: Iterable[Diagnostic], how: Presentation) -> str:
    from netc.render import sarif

    return sarif.render(diagnostics, how.titles, how.version)


FORMATS: dict[str, Callable[[Iterable[Diagnostic], Presentation], str]] = {
    "text": _text,
    "json": _json,
    "github": _github,
    "sarif": _sarif,
}
"""Name, as `--diagnostics` takes it → renderer. The text ends with a newline, or is empty."""

"""Diagnostics as workflow commands that GitHub Actions turns into annotations of the changed files.

Source: "Workflow commands for GitHub Actions", docs.github.com; the escapes are those of
packages/core/src/command.ts in actions/toolkit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.printable import printable
from netc.render import prose

if TYPE_CHECKING:
    from collections.abc import Iterable

    from netc.diagnostics import Diagnostic

_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def render(diagnostics: Iterable[Diagnostic]) -> str:
    """One command in one line for every diagnostic."""
    return "".join(_command(diagnostic) for diagnostic in diagnostics)


def _command(diagnostic: Diagnostic) -> str:
    properties: dict[str, object] = {}
    text = list(prose.lines(diagnostic))
    if diagnostic.span is not None:
        (line, column), (end_line, end_column) = diagnostic.span.first, diagnostic.span.last
        properties = {"file": printable(diagnostic.span.source.name), "line": line}
        # The runner refuses columns of a range over several lines (IssueCommandExtension in
        # ActionCommandManager.cs of actions/runner).
        if line == end_line:
            properties |= {"col": column, "endLine": end_line, "endColumn": end_column}
        else:
            properties |= {"endLine": end_line}
    properties["title"] = diagnostic.code
    for label in diagnostic.labels:
        line, column = label.span.first
        text.append(f"{printable(label.span.source.name)}:{line}:{column}: {printable(label.text)}")
    written = ",".join(f"{name}={str(value).translate(_PROPERTY)}" for name, value in properties.items())
    return f"::{diagnostic.severity.value} {written}::{chr(10).join(text).translate(_DATA)}\n"

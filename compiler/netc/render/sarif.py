"""Diagnostics as SARIF 2.1.0, for code scanning services.

Source: OASIS Standard "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from netc.diagnostics import Severity
from netc.printable import printable
from netc.render import prose

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from netc.diagnostics import Diagnostic
    from netc.source import Span

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning"}


def render(diagnostics: Iterable[Diagnostic], titles: Mapping[str, str], version: str = "") -> str:
    """A log of one run. Its rules are those that found something, with the titles given for them."""
    found = tuple(diagnostics)
    codes = sorted({diagnostic.code for diagnostic in found})
    rules = [{"id": code, "shortDescription": _message(titles.get(code) or code)} for code in codes]
    driver = {"name": "netc", **({"version": version} if version else {}), "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(diagnostic, codes.index(diagnostic.code)) for diagnostic in found],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _result(diagnostic: Diagnostic, rule: int) -> dict[str, object]:
    result: dict[str, object] = {
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": _LEVELS[diagnostic.severity],
        "message": _message("\n".join(prose.lines(diagnostic))),
    }
    if diagnostic.span is not None:
        result["locations"] = [{"physicalLocation": _location(diagnostic.span)}]
    if diagnostic.labels:
        result["relatedLocations"] = [
            {
                "id": number,
                "physicalLocation": _location(label.span),
                "message": _message(printable(label.text)),
            }
            for number, label in enumerate(diagnostic.labels, 1)
        ]
    return result


def _message(text: str) -> dict[str, str]:
    """A message object. Braces alone stand for arguments (3.11.5), `[…](…)` for a link (3.11.6)."""
    text = text.replace("{", "{{").replace("}", "}}")
    return {"text": re.sub(r"[\[\]]", r"\\\g<0>", text) if "](" in text else text}


def _location(span: Span) -> dict[str, object]:
    (line, column), (end_line, end_column) = span.first, span.last
    return {
        "artifactLocation": {"uri": _uri(span.source.name)},
        "region": {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column},
    }


def _uri(path: str) -> str:
    """A relative path as a relative reference, which a service reads from the root of the repository."""
    # File names that are no UTF-8 come from the operating system with their bytes as surrogates.
    reference = quote(path, safe="/", errors="surrogateescape")
    return f"file://{reference}" if path.startswith("/") else reference

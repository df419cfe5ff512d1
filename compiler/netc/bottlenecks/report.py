"""A diagnosis for people, as a report or a small table, and for programs (`diagnosis.schema.json`)."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

from netc.knowledge.bottlenecks import symptoms
from netc.units import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.bottlenecks.examining import Diagnosis, Finding

_FOUND, _EXPLAINED, _FINE, _NOT_JUDGED = "FOUND", "follows", "ok", "-"
WIDEST = 110
"""Columns of a report, whatever the terminal has; people do not read longer lines well."""
_BOLD_RED, _PLAIN = "\x1b[1;31m", "\x1b[0m"


def text(diagnosis: Diagnosis) -> str:
    """The report: one line for a healthy machine, else a paragraph for each bottleneck.

    What could not be judged is said, since it is not known to be well; and of a single sample nobody is called healthy.
    """
    judged, gaps = diagnosis.measures, diagnosis.not_judged
    rest = f"; not to be judged here: {', '.join(gaps)}" if gaps else ""
    found = len(diagnosis.findings)
    if not found and len(gaps) > len(judged):
        return f"nothing found {_span(diagnosis)}, but only {', '.join(judged)} can be judged here\n"
    if not found and diagnosis.seconds is None:
        return f"nothing found of {counted(len(judged), 'bottleneck')} {_span(diagnosis)}{rest}\n"
    if not found:
        return f"healthy: none of {counted(len(judged), 'bottleneck')} {_span(diagnosis)}{rest}\n"
    head = f"{counted(found, 'bottleneck')} {_span(diagnosis)}{rest}\n"
    return head + "".join(f"\n{paragraph}" for paragraph in _paragraphs(diagnosis))


def _span(diagnosis: Diagnosis) -> str:
    """Of one sample rates are means, in which what was short or is recent does not show."""
    if diagnosis.seconds is not None:
        return f"in {diagnosis.seconds:.1f} s"
    if diagnosis.uptime is None:
        return "in one sample"
    return f"in one sample, by means over {_long(diagnosis.uptime)} since boot"


def _long(seconds: float) -> str:
    for unit, length in (("days", 86400), ("hours", 3600)):
        if seconds >= 4 * length:
            return f"{seconds / length:,.0f} {unit}"
    return f"{seconds / 60:,.0f} minutes"


def _paragraphs(diagnosis: Diagnosis, columns: int = WIDEST) -> Iterator[str]:
    for finding in diagnosis.findings:
        follows = [name for name, root in diagnosis.explained.items() if root == finding.symptom.name]
        yield "\n".join(_paragraph(finding, follows, columns)) + "\n"


def _paragraph(finding: Finding, follows: list[str], columns: int) -> Iterator[str]:
    yield from wrap(f"{finding.symptom.name}: {finding.symptom.title}", columns, subsequent_indent="  ")
    told = [("seen", line) for line in finding.evidence]
    told.append(("cause", finding.cause))
    told.append(("answer", finding.statement or f"no statement: {finding.remedy}"))
    told += [("also", f"{name}, which likely follows from it") for name in follows]
    for what, line in told:
        copied = columns >= WIDEST and what == "answer" and finding.statement is not None
        width = max(columns, len(line) + 10) if copied else columns  # what is to be typed stays on one line
        yield from wrap(line, width, initial_indent=f"  {what:<8}", subsequent_indent=" " * 10, break_on_hyphens=False)


def table(diagnosis: Diagnosis, columns: int = WIDEST, lines: int | None = None, colour: bool = False) -> str:
    """A line for each symptom, and below them what was found; on a small terminal what is well gives way."""
    found = {finding.symptom.name for finding in diagnosis.findings}
    head = f"{'bottleneck':<20} {'state':<8} {_span(diagnosis)}"
    rows: list[tuple[str, str]] = []
    for symptom in symptoms():
        name = symptom.name
        if name in found:
            state = _FOUND
        elif name in diagnosis.explained:
            state = _EXPLAINED
        else:
            state = _FINE if name in diagnosis.measures else _NOT_JUDGED
        rows.append((state, f"{name:<20} {state:<8} {diagnosis.measures.get(name, 'not to be judged here')}"))
    below = "".join(f"\n{paragraph}" for paragraph in _paragraphs(diagnosis, min(columns, WIDEST))).splitlines()
    if lines is not None and found and 1 + len(rows) + len(below) > lines:
        rows = [(state, row) for state, row in rows if state in (_FOUND, _EXPLAINED)]
    shown = [(_FINE, head), *rows, *((_FINE, line) for line in below)]
    if lines is not None and len(shown) > lines:
        shown = [*shown[: max(lines - 1, 0)], (_FINE, f"... {len(shown) - lines + 1} more lines")]
    cut = ((state, line if len(line) <= columns else f"{line[: max(columns - 3, 0)]}...") for state, line in shown)
    return "".join(f"{_BOLD_RED}{line}{_PLAIN}\n" if colour and state == _FOUND else f"{line}\n" for state, line in cut)


def as_json(diagnosis: Diagnosis) -> dict[str, Any]:
    """The form that `diagnosis.schema.json` describes."""
    return {
        "seconds": None if diagnosis.seconds is None else round(diagnosis.seconds, 3),
        "uptime": diagnosis.uptime,
        "findings": [
            {
                "symptom": finding.symptom.name,
                "title": finding.symptom.title,
                "evidence": list(finding.evidence),
                "cause": finding.cause,
                "statement": finding.statement,
                "remedy": finding.remedy,
            }
            for finding in diagnosis.findings
        ],
        "explained": diagnosis.explained,
        "measures": diagnosis.measures,
        "not_judged": list(diagnosis.not_judged),
    }

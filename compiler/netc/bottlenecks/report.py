"""A diagnosis for people, as a report or a small table, and for programs (`diagnosis.schema.json`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netc.knowledge.bottlenecks import symptoms
from netc.units import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.bottlenecks.examining import Diagnosis, Finding

_FOUND, _EXPLAINED, _FINE, _NOT_JUDGED = "FOUND", "follows", "ok", "-"
_BOLD_RED, _PLAIN = "\x1b[1;31m", "\x1b[0m"


def text(diagnosis: Diagnosis) -> str:
    """The report: one line for a healthy machine, else a paragraph for each bottleneck.

    What could not be judged is said, since it is not known to be well.
    """
    judged, gaps = diagnosis.measures, diagnosis.not_judged
    if not diagnosis.findings and len(gaps) > len(judged):
        return f"nothing found {_span(diagnosis)}, but only {', '.join(judged)} can be judged here\n"
    rest = f"; not to be judged here: {', '.join(gaps)}" if gaps else ""
    if not diagnosis.findings:
        return f"healthy: none of {counted(len(judged), 'bottleneck')} {_span(diagnosis)}{rest}\n"
    head = f"{counted(len(diagnosis.findings), 'bottleneck')} {_span(diagnosis)}{rest}\n"
    return head + "".join(f"\n{paragraph}" for paragraph in _paragraphs(diagnosis))


def _span(diagnosis: Diagnosis) -> str:
    return "in totals since boot" if diagnosis.seconds is None else f"in {diagnosis.seconds:.1f} s"


def _paragraphs(diagnosis: Diagnosis) -> Iterator[str]:
    for finding in diagnosis.findings:
        yield _paragraph(finding, [name for name, root in diagnosis.explained.items() if root == finding.symptom.name])


def _paragraph(finding: Finding, follows: list[str]) -> str:
    lines = [f"{finding.symptom.name}: {finding.symptom.title}"]
    lines += [f"  seen    {line}" for line in finding.evidence]
    lines += [f"  {'cause' if first else '     '}   {line}" for first, line in _wrapped(finding.cause)]
    lines.append(f"  answer  {finding.statement}")
    lines += [f"  also    {name}, which follows from it" for name in follows]
    return "\n".join(lines) + "\n"


def _wrapped(sentence: str, width: int = 100) -> Iterator[tuple[bool, str]]:
    """The lines of a sentence, with whether each is the first."""
    first, line = True, ""
    for word in sentence.split():
        if line and len(line) + 1 + len(word) > width:
            yield first, line
            first, line = False, ""
        line = f"{line} {word}" if line else word
    yield first, line


def table(diagnosis: Diagnosis, colour: bool = False) -> str:
    """A line for each symptom, and below them what was found."""
    found = {finding.symptom.name for finding in diagnosis.findings}
    lines = [f"{'bottleneck':<20} {'state':<8} {_span(diagnosis)}"]
    for symptom in symptoms():
        name = symptom.name
        if name in found:
            state = _FOUND
        elif name in diagnosis.explained:
            state = _EXPLAINED
        else:
            state = _FINE if name in diagnosis.measures else _NOT_JUDGED
        line = f"{name:<20} {state:<8} {diagnosis.measures.get(name, 'not to be judged here')}"
        lines.append(f"{_BOLD_RED}{line}{_PLAIN}" if colour and name in found else line)
    return "\n".join(lines) + "\n" + "".join(f"\n{paragraph}" for paragraph in _paragraphs(diagnosis))


def as_json(diagnosis: Diagnosis) -> dict[str, Any]:
    """The form that `diagnosis.schema.json` describes."""
    return {
        "seconds": None if diagnosis.seconds is None else round(diagnosis.seconds, 3),
        "findings": [
            {
                "symptom": finding.symptom.name,
                "title": finding.symptom.title,
                "evidence": list(finding.evidence),
                "cause": finding.cause,
                "statement": finding.statement,
            }
            for finding in diagnosis.findings
        ],
        "explained": diagnosis.explained,
        "measures": diagnosis.measures,
        "not_judged": list(diagnosis.not_judged),
    }

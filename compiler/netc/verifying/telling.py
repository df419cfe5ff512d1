"""Answers as text for a person and as JSON for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from netc.printable import printable
from netc.promises import wording
from netc.verifying.answers import Verdict, counts, line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from netc.verifying.answers import Answer

FORMAT = 1


def as_text(answers: Sequence[Answer], host: str) -> str:
    """A line for each promise that is not kept, and how many there are of each verdict."""
    lines = [printable(line(a)) for a in answers if a.verdict is not Verdict.KEPT]
    return "\n".join([*lines, f"{printable(host)}: {wording.summary(*counts(answers))}"]) + "\n"


def as_json(answers: Sequence[Answer], host: str) -> str:
    """All answers; `verify.schema.json` describes the form."""
    kept, broken, unread, excused = counts(answers)
    summary = {"kept": kept, "broken": broken, "cannot-be-read": unread, "excused": excused}
    told = {"format": FORMAT, "host": host, "summary": summary, "promises": [_object(a) for a in answers]}
    return json.dumps(told, indent=1) + "\n"


def _object(answer: Answer) -> dict[str, Any]:
    found: dict[str, Any] = {
        "kind": answer.kind,
        "key": answer.key,
        "subject": answer.subject,
        "verdict": answer.verdict.value,
        "promised": answer.wanted,
        "carrier": answer.carrier,
        "places": list(answer.places),
    }
    more = {"interface": answer.interface, "found": answer.found, "reason": answer.reason}
    found.update({name: value for name, value in more.items() if value})
    return {**found, "excused": True} if answer.excused else found

"""`/etc/netc/files`: what netc wrote to a host, so that it can be told what was changed since, and taken back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from netc.records import dataclass

if TYPE_CHECKING:
    from netc.plan import Plan

LIST = "/etc/netc/files"
CHANGED = "changed"
AS_WRITTEN = "as written"
NO_LIST = f"there is no {LIST}"
_LINE = re.compile(r"(?P<kind>file|link) (?P<mark>[^ ]+) /(?P<path>[^ ]+)")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_OTHER_LINE = re.compile(r"#.*|folder /.*")


@dataclass(frozen=True, slots=True)
class Written:
    """A file or link of the list."""

    path: str
    """Without a slash in front."""
    mark: str
    """The SHA-256 of a file, in hexadecimal digits, or the target of a link."""
    is_link: bool


def written_in(text: str) -> list[Written] | None:
    """What a list names; None where it is not as netc writes it."""
    found = []
    for line in text.splitlines():
        match = _LINE.fullmatch(line)
        if match is None and _OTHER_LINE.fullmatch(line) is None:
            return None
        if match is not None:
            is_link = match["kind"] == "link"
            if not is_link and _DIGEST.fullmatch(match["mark"]) is None:
                return None
            found.append(Written(match["path"], match["mark"], is_link))
    return found or None


def are_written(plan: Plan) -> bool:
    """Whether a plan comes with files."""
    return bool(plan.settings or plan.programs or plan.devices or plan.applications)

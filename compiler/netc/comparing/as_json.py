"""A comparison as JSON, public: `diff.schema.json` describes it, FORMAT is its version."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from netc.comparing.names import patterns
from netc.knowledge.effects import words

if TYPE_CHECKING:
    from netc.comparing.changes import Change
    from netc.comparing.fleets import Comparison, Group

FORMAT = 1


def render(comparison: Comparison) -> str:
    """The whole comparison, nothing cut. The same comparison gives the same bytes."""
    data = {
        "format": FORMAT,
        "old": comparison.old,
        "new": comparison.new,
        "hosts": {
            "changed": comparison.changed,
            "added": list(comparison.added),
            "removed": list(comparison.removed),
            "alike": comparison.alike,
        },
        "groups": [_group(group) for group in comparison.groups],
        "words": {name: {"shown": word.shown, "says": word.says} for name, word in words().items()},
    }
    return json.dumps(data, indent=1) + "\n"


def _group(group: Group) -> dict[str, Any]:
    changes = group.changes
    return {
        "hosts": group.hosts,
        "patterns": patterns(group.hosts),
        "changes": [_change(change) for change in changes.changes],
        "reasons_changed": list(changes.reworded),
        "set_by_another_file": list(changes.carried),
        "left_alone_changed": changes.left_alone,
        "files": [
            {"path": each.path, "how": each.how, "note": each.note, "diff": list(each.lines)} for each in group.files
        ],
    }


def _change(change: Change) -> dict[str, Any]:
    risk = change.risk
    return {
        "kind": change.kind,
        "interface": change.interface,
        "key": change.key,
        "how": change.how,
        "old": change.old,
        "new": change.new,
        "statements": [{"place": cause.place, "old": cause.old, "new": cause.new} for cause in change.causes],
        "reason": change.reason,
        "effect": {"word": change.effect.word, "because": change.effect.because},
        "risk": {"word": risk.word, "because": risk.because} if risk is not None else None,
    }

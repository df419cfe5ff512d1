"""Many host names in few words, as the language writes them: `web-[001..200].example.net`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_PARTS = re.compile(r"[0-9]+|[^0-9.-]+|[.-]")
_NUMBER = re.compile(r"[0-9]+", re.ASCII)

Choices = tuple[str, ...]
"""What may stand in one part of a name."""


def patterns(names: Iterable[str]) -> list[str]:
    """Patterns that stand for exactly these names, in the order of the names they begin with.

    A part in which names differ becomes a range or a list, from the last part to the first.
    """
    rows: list[tuple[Choices, ...]] = [tuple((part,) for part in _PARTS.findall(name)) for name in dict.fromkeys(names)]
    widest = max(map(len, rows), default=0)
    for numbers in (True, False):
        for place in reversed(range(widest)):
            rows = _joined(rows, place, numbers)
    return ["".join(map(_written, row)) for row in rows]


def _joined(rows: list[tuple[Choices, ...]], place: int, numbers: bool) -> list[tuple[Choices, ...]]:
    """Rows that differ in one part only, as one."""
    joined: dict[object, tuple[Choices, ...]] = {}
    for row in rows:
        if len(row) <= place or _is_number(row[place][0]) is not numbers or row[place][0] in (".", "-"):
            joined[row] = row
            continue
        width = len(row[place][0]) if numbers else 0
        key = (row[:place], width, row[place + 1 :])
        known = joined.get(key)
        joined[key] = (*row[:place], (*known[place], *row[place]), *row[place + 1 :]) if known else row
    return list(joined.values())


def _is_number(part: str) -> bool:
    return _NUMBER.fullmatch(part) is not None


def _written(choices: Choices) -> str:
    if len(choices) == 1:
        return choices[0]
    if not _is_number(choices[0]):
        return f"[{','.join(choices)}]"
    runs: list[list[str]] = []
    for choice in sorted(choices, key=int):
        if runs and int(choice) == int(runs[-1][-1]) + 1:
            runs[-1].append(choice)
        else:
            runs.append([choice])
    if len(runs) == 1:
        return f"[{runs[0][0]}..{runs[0][-1]}]"
    return f"[{','.join(f'{run[0]}..{run[-1]}' if len(run) > 1 else run[0] for run in runs)}]"

"""What was measured, the figures made of it, and its form as a file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

BASELINE = "default"


@dataclass(frozen=True)
class Result:
    """The runs of one boot."""

    kernel: str
    setting: str
    release: str
    """What `uname -r` says."""
    held: str
    """How it was seen that the setting holds."""
    runs: list[dict[str, float]]
    """For each run the figure of each measure, by its key."""


@dataclass(frozen=True)
class Figure:
    """A measure over the runs of one boot."""

    median: float
    least: float
    most: float
    ratio: float | None
    """Of the median to the baseline's on the same kernel; None where that is zero or missing."""


def figure(results: list[Result], result: Result, key: str) -> Figure:
    values = _values(result, key)
    base = next((each for each in results if (each.kernel, each.setting) == (result.kernel, BASELINE)), None)
    below = median(_values(base, key)) if base is not None else 0
    return Figure(median(values), min(values), max(values), median(values) / below if below else None)


def _values(result: Result, key: str) -> list[float]:
    return [run[key] for run in result.runs]


def as_text(name: str, results: list[Result]) -> str:
    """JSON, which `read` takes."""
    return json.dumps({"experiment": name, "results": [asdict(each) for each in results]}, indent=1) + "\n"


def read(text: str) -> list[Result]:
    found: dict[str, Any] = json.loads(text)
    return [Result(**each) for each in found["results"]]

"""Results as a table for a terminal and for a page: Markdown, its columns aligned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.effect.results import BASELINE, figure
from benchmarks.effect.settings import SETTINGS

if TYPE_CHECKING:
    from benchmarks.effect.experiments import Experiment, Measure
    from benchmarks.effect.results import Result


def table(experiment: Experiment, results: list[Result]) -> str:
    """A row for each measure on each kernel: median (least–most) of each setting, and its ratio to the default."""
    settings = [each for each in SETTINGS if any(result.setting == each for result in results)]
    rows = [["measure", "kernel", *settings]]
    for measure in experiment.measures:
        for kernel in dict.fromkeys(result.kernel for result in results):
            here = {result.setting: result for result in results if result.kernel == kernel}
            cells = [_cell(results, here[each], measure) if each in here else "" for each in settings]
            rows.append([title(measure), kernel, *cells])
    return _aligned(rows)


def summary(found: list[tuple[Experiment, list[Result]]]) -> str:
    """A row for each experiment: the medians of the measure that answers its question, on the first kernel."""
    rows = [["traffic", "", *SETTINGS]]
    for experiment, results in found:
        measure = experiment.measures[0]
        here = {result.setting: result for result in results if result.kernel == experiment.kernels[0]}
        cells = [number(figure(results, here[each], measure.key).median) if each in here else "" for each in SETTINGS]
        rows.append([experiment.name.replace("_", " "), title(measure), *cells])
    return _aligned(rows)


def _aligned(rows: list[list[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    rows.insert(1, ["-" * width for width in widths])
    return "\n".join("| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in rows)


def title(measure: Measure) -> str:
    unit = f", {measure.unit}" if measure.unit else ""
    return f"{measure.title}{unit}" + (" (less is better)" if measure.better == "less" else "")


def _cell(results: list[Result], result: Result, measure: Measure) -> str:
    found = figure(results, result, measure.key)
    text = f"{number(found.median)} ({number(found.least)}–{number(found.most)})"
    if result.setting != BASELINE and found.ratio is not None:
        text += f" {found.ratio:.2f} ×"
    return text


def number(value: float) -> str:
    """Three digits that count; whole numbers as they are, with a comma for thousands."""
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    digits = max(0, 2 - len(str(int(abs(value)))) + 1)
    return f"{value:.{digits}f}" if abs(value) >= 1 else f"{value:.2g}"

"""Results as an SVG picture: a panel for each measure, a bar for each setting, for light and dark surroundings."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from benchmarks.effect.results import figure
from benchmarks.effect.settings import SETTINGS
from benchmarks.effect.table import number

if TYPE_CHECKING:
    from benchmarks.effect.experiments import Experiment, Measure
    from benchmarks.effect.results import Result

WIDTH, MARGIN, GAP = 700, 16, 24
"""Pixels, as all lengths here."""
COLUMNS = 2
PANEL = (WIDTH - 2 * MARGIN - GAP * (COLUMNS - 1)) / COLUMNS
NAMES, FIGURES = 64, 62
"""Room for the names left of the bars and for the figures right of them."""
BAR, STEP, HEAD, BETWEEN = 13, 20, 40, 22
"""Height of a bar; from one to the next; the head of a panel; the line that names a kernel."""
TOP = 62

_TEXT = ("#1b2128", "#e8edf3")
COLOURS = (
    # selector, property, (light, dark)
    (".page", "fill", ("#ffffff", "#0f1419")),
    ("text", "fill", _TEXT),
    (".quiet", "fill", ("#55606c", "#a3afbc")),
    (".track", "fill", ("#f0f2f5", "#1b222b")),
    (".default", "fill", ("#8a94a0", "#77828f")),
    (".tuned", "fill", ("#c08a1e", "#d9a63c")),
    (".netc", "fill", ("#1f5fbf", "#6ea8ff")),
    (".spread", "stroke", _TEXT),
)
STYLE = """text{font:12px system-ui,"Segoe UI","Helvetica Neue",Arial,"DejaVu Sans","Liberation Sans",sans-serif}
.question{font-size:15px;font-weight:600}
.title{font-size:13px;font-weight:600}
.small{font-size:11px}
.end{text-anchor:end}
.spread{stroke-width:1.5;fill:none}"""


def plot(experiment: Experiment, results: list[Result]) -> str:
    """The picture; bars are medians from zero on, the line on each reaches from the least to the most."""
    kernels = list(dict.fromkeys(result.kernel for result in results))
    drawn = [_panel(measure, results, kernels) for measure in experiment.measures]
    height = HEAD + len(kernels) * (len(SETTINGS) * STEP + BETWEEN * (len(kernels) > 1)) + GAP
    parts = []
    for place, panel in enumerate(drawn):
        row, column = divmod(place, COLUMNS)
        parts.append(f'<g transform="translate({MARGIN + column * (PANEL + GAP):g} {TOP + row * height})">{panel}</g>')
    rows = -(-len(drawn) // COLUMNS)
    runs = len(results[0].runs)
    note = f"median of {runs} runs, the line is the least and the most"
    if len(kernels) == 1:
        note = f"Linux {kernels[0]}; {note}"
    return _document(TOP + rows * height, experiment.question, [_text(MARGIN, 48, note, "quiet"), *parts])


def _document(height: float, question: str, parts: list[str]) -> str:
    size = f'width="{WIDTH}" height="{height:g}" viewBox="0 0 {WIDTH} {height:g}"'
    light, dark = ("\n".join(f"{what}{{{name}:{both[i]}}}" for what, name, both in COLOURS) for i in (0, 1))
    style = f"{light}\n{STYLE}\n@media (prefers-color-scheme:dark){{\n{dark}\n}}"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(question)}">',
        f"<style>\n{style}\n</style>",
        f'<rect class="page" width="{WIDTH}" height="{height:g}" rx="6"/>',
        _text(MARGIN, 28, question, "question"),
        *parts,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _panel(measure: Measure, results: list[Result], kernels: list[str]) -> str:
    unit = ", ".join(part for part in (measure.unit, f"{measure.better} is better") if part)
    lines = [_text(0, 14, measure.title, "title"), _text(0, 30, unit, "quiet small")]
    highest = max(figure(results, result, measure.key).most for result in results) or 1
    top = max(100, highest) if measure.unit.startswith("%") else highest
    y = HEAD
    for kernel in kernels:
        if len(kernels) > 1:
            lines.append(_text(0, y + 13, f"Linux {kernel}", "quiet small"))
            y += BETWEEN
        for result in results:
            if result.kernel == kernel:
                lines += _bar(y, result, measure, results, top)
                y += STEP
    return "".join(lines)


def _bar(y: float, result: Result, measure: Measure, results: list[Result], top: float) -> list[str]:
    found = figure(results, result, measure.key)
    room = PANEL - NAMES - FIGURES
    least, middle, most = (room * value / top for value in (found.least, found.median, found.most))
    centre = y + BAR / 2
    line = f"M{NAMES + least:.1f} {centre:g}H{NAMES + most:.1f}"
    ends = "".join(f"M{NAMES + x:.1f} {centre - 3:g}v6" for x in (least, most))
    return [
        _text(0, y + BAR - 2.5, result.setting, ""),
        f'<rect class="track" x="{NAMES}" y="{y:g}" width="{room:g}" height="{BAR}" rx="2"/>',
        f'<rect class="{result.setting}" x="{NAMES}" y="{y:g}" width="{middle:.1f}" height="{BAR}" rx="2"/>',
        f'<path class="spread" d="{line}{ends}"/>',
        _text(PANEL, y + BAR - 2.5, number(found.median), "end"),
    ]


def _text(x: float, y: float, text: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x:g}" y="{y:g}">{escape(text)}</text>'

"""Colours for light and for dark surroundings, and the style sheet made of them.

Each colour is written twice, the second time where dark is preferred, and without variables: programs that know
neither media queries nor variables then draw the light picture. No colour tells anything alone: roles have patterns
and words, NICs letters, crossings thick broken lines.
"""

from __future__ import annotations

PORTS = (
    ("#1f5fbf", "#84b6ff"),
    ("#8f6400", "#e3b341"),
    ("#0b7a75", "#4fd1c5"),
    ("#a3338b", "#f08fd8"),
    ("#4a5568", "#b3bdca"),
    ("#4d7c0f", "#a3d65c"),
)
"""Of NICs and their queues, for light and for dark; those beyond the sixth begin again."""

_PAGE, _TEXT, _QUIET = ("#ffffff", "#0f1419"), ("#1b2128", "#e8edf3"), ("#55606c", "#a3afbc")
_LINE, _WARNING = ("#838d99", "#717d8b"), ("#c2340c", "#ff9166")

COLOURS = (
    # selector, property, (light, dark)
    (".page,.on,.count,.badge.crossing", "fill", _PAGE),
    (".text", "fill", _TEXT),
    (".quiet,.badge.several", "fill", _QUIET),
    (".panel", "fill", ("#f4f6f8", "#171d25")),
    (".panel,.nic,.chip", "stroke", ("#bcc4ce", "#46525f")),
    (".frame,.group", "stroke", _LINE),
    (".nic,.cell", "fill", ("#ffffff", "#222a34")),
    (".cell", "stroke", ("#d5dae0", "#3c4754")),
    (".core,.count", "stroke", ("#6d7783", "#94a1b0")),
    (".dpdk", "fill", ("#f0e8fb", "#33274a")),
    (".isolated", "fill", ("#e6effb", "#1d3048")),
    (".housekeeping", "fill", ("#fdf3dc", "#3b2f16")),
    (".offline", "fill", ("#e6e9ec", "#12171d")),
    (".dpdk-marks", "stroke", ("#cdb3ec", "#5d4785")),
    (".isolated-marks", "stroke", ("#b0cdee", "#3a5d88")),
    (".housekeeping-marks", "fill", ("#eacd8f", "#7d6228")),
    (".warning,.badge-text.crossing", "fill", _WARNING),
)
"""Contrasts after WCAG 2.1: text 4.5 at least, lines that tell something 3."""

STYLE = (
    "text{font-family:MONOSPACED;font-size:11px}",
    ".running{font-family:RUNNING;font-size:13px}",
    ".small{font-size:12px}",
    ".title{font-size:20px;font-weight:bold}",
    ".name{font-size:13px;font-weight:bold}",
    ".number{font-size:12px}",
    ".badge-text{font-size:10px;font-weight:bold}",
    ".word,.count-text{font-size:9px}",
    ".middle{text-anchor:middle}",
    ".end{text-anchor:end}",
    ".strong{font-weight:bold}",
    ".frame,.group,.core,.chip,.wire{fill:none}",
    ".frame{stroke-dasharray:2 3}",
    ".core{stroke-width:1.5}",
    ".core.away{stroke-dasharray:3 2}",
    ".dpdk-marks,.isolated-marks{fill:none;stroke-width:1.5}",
    ".wire{stroke-width:1.6;stroke-linejoin:round}",
    ".shared{stroke-width:3;stroke-dasharray:.1 5;stroke-linecap:round}",
    ".bar{stroke-width:3;stroke-dasharray:none}",
    ".wire.crossing{stroke-width:3;stroke-dasharray:8 4;stroke-linecap:butt}",
    ".bar.crossing{stroke-dasharray:none}",
    ".badge.crossing{stroke-width:1.5}",
    ".wire:hover{stroke-width:5}",
)
"""What is the same in light and dark."""


def style_sheet() -> str:
    """The rules of a picture."""
    rules = list(COLOURS)
    for number, colours in enumerate(PORTS):
        rules += [(f".badge.port{number}", "fill", colours), (f".wire.port{number}", "stroke", colours)]
    rules.append((".wire.crossing,.badge.crossing", "stroke", _WARNING))
    fixed = "\n".join(STYLE).replace("MONOSPACED", MONOSPACED).replace("RUNNING", RUNNING)
    light, dark = (
        "\n".join(f"{selector}{{{name}:{colours[place]}}}" for selector, name, colours in rules) for place in (0, 1)
    )
    return f"{light}\n{fixed}\n@media (prefers-color-scheme:dark){{\n{dark}\n}}"


MONOSPACED = 'ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace'
RUNNING = 'system-ui,"Segoe UI","Helvetica Neue",Arial,"DejaVu Sans","Liberation Sans",sans-serif'

"""Where everything stands: panels below one another, in each the NICs on the left and the cores on the right, and
between them one gutter for the whole picture, in which wires run from panel to panel."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from netc.drawing.geometry import Box, CoreBox, CpuBox, Layout, PanelPlace, RowPlace
from netc.drawing.rows import GROUP_GAP, cell_width, rows_of
from netc.drawing.wires import ABOVE, LANE, TRACK, bundles_of, exits_of, tracks_of, wires_of

if TYPE_CHECKING:
    from netc.drawing.geometry import Outline
    from netc.drawing.scene import Panel, Scene

MARGIN, PADDING, GAP = 30, 12, 14
"""Around the picture, inside a panel, between panels."""
NARROWEST = 900
"""The least width of a picture, for the text above and below."""
HEADING, FRAME = 34, 24
"""Heights of what stands above the cores of a panel, and above the panels of a socket."""
ROW_GAP = 5
NIC_WIDTH, NIC_GAP = 244, 8
NIC_LINE, NIC_PADDING = 16, 7


def lay_out(scene: Scene, lines: dict[int, int], top: int) -> Layout:
    """The places of everything below `top`; `lines` tells how many lines of text each port has."""
    cell = cell_width(scene)
    panels, frames, bottom = _stacked(scene, lines, cell, top)
    rows = [row for panel in panels for row in panel.rows]
    exits = exits_of(panels, bundles_of(scene.cpus))
    tracks = tracks_of(exits, rows)
    outer = MARGIN + PADDING + NIC_WIDTH + 14 + TRACK * max(tracks.values(), default=0)
    grid = outer + 14
    found = [(row, _cores(row, cell, grid)) for row in rows]
    cores = tuple(core for _, in_row in found for core in in_row)
    boxes = {place.cpu.id: place.box for core in cores for place in core.cpus}
    right = max(core.box.right for core in cores) + GROUP_GAP // 2 + PADDING + MARGIN
    width = max(right, NARROWEST)
    wires = [wire for row in rows for wire in wires_of(row, boxes, exits, tracks, outer)]
    return Layout(
        width,
        bottom,
        grid,
        panels,
        tuple((socket, Box(MARGIN // 3, y, width - 2 * (MARGIN // 3), end - y)) for socket, y, end in frames),
        tuple((outline.label, _outlined(outline, panel.rows, grid)) for panel in panels for outline in panel.outlines),
        cores,
        tuple(sorted(wires, key=lambda wire: (wire.bundle.crossing, wire.bundle.port))),
    )


def _stacked(
    scene: Scene, lines: dict[int, int], cell: int, top: int
) -> tuple[tuple[PanelPlace, ...], list[tuple[int, int, int]], int]:
    """The panels, the sockets that have several of them (number, top and bottom), and where all of it ends."""
    y = top
    places: list[PanelPlace] = []
    frames = []
    if scene.ports_at(None):
        places.append(_placed(scene, None, lines, cell, y))
        y = places[-1].bottom + GAP
    for sockets, panels in groupby(scene.panels, key=lambda panel: panel.sockets):
        members = list(panels)
        framed = len(members) > 1 and len(sockets) == 1
        begin = y
        y += FRAME * framed
        for panel in members:
            places.append(_placed(scene, panel, lines, cell, y))
            y = places[-1].bottom + GAP
        if framed:
            frames.append((sockets[0], begin, y - GAP // 2))
            y += GAP // 2
    return tuple(places), frames, y


def _placed(scene: Scene, panel: Panel | None, lines: dict[int, int], cell: int, top: int) -> PanelPlace:
    """A panel with its NICs one below the other, and beside them its rows."""
    below = y = top + HEADING
    nics = []
    for number, _ in scene.ports_at(panel):
        height = lines[number] * NIC_LINE + 2 * NIC_PADDING
        nics.append((number, Box(MARGIN + PADDING, y, NIC_WIDTH, height)))
        y = below = y + height + NIC_GAP
    rows: list[RowPlace] = []
    outlines: list[Outline] = []
    y = top + HEADING - ABOVE
    if panel is not None:
        found, outlines = rows_of(scene, panel, cell)
        for row in found:
            bundles = bundles_of(cpu for slot in row.slots for cpu in slot.cpus)
            boxes = y + ABOVE + LANE * len(bundles)
            rows.append(RowPlace(row, y, boxes, bundles))
            y = boxes + row.height + row.below + ROW_GAP
    bottom = max(below - NIC_GAP, y - ROW_GAP, top + HEADING) + PADDING
    return PanelPlace(panel, top, bottom, tuple(rows), tuple(outlines), tuple(nics))


def _cores(place: RowPlace, cell: int, grid: int) -> list[CoreBox]:
    found = []
    for slot in place.row.slots:
        x = grid + slot.x
        line = place.boxes + place.row.height - place.row.words - 8
        cpus = tuple(
            CpuBox(cpu, Box(x + number * cell, place.boxes, cell, place.row.height), line)
            for number, cpu in enumerate(slot.cpus)
        )
        found.append(CoreBox(Box(x, place.boxes, cell * len(cpus), place.row.height), cpus))
    return found


def _outlined(outline: Outline, rows: tuple[RowPlace, ...], grid: int) -> Box:
    """The frame of a group, a little around its cores, with its label below them."""
    first, last = rows[outline.first], rows[outline.last]
    top = first.boxes - 5
    return Box(grid + outline.x - 5, top, outline.width + 10, last.boxes + last.row.height + last.row.below - top)

"""How wires run. Each bundle runs down a track of its own in the gutter between NICs and cores, along each row that it
serves on a lane of its own, and from there down to each CPU; so no wire lies on one of another bundle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.drawing.geometry import Bundle, Wire

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from netc.drawing.geometry import Box, PanelPlace, RowPlace
    from netc.drawing.scene import Cpu

TRACK, LANE = 7, 6
"""From one wire to the next beside it."""
ABOVE, LAST_LANE = 10, 9
"""What a row keeps free above its boxes beside its lanes, and how far the lowest lane is from them."""
BAR = 4
"""How far a bar is above the boxes it stands for."""
CLOSEST = 2
"""Where wires end at one CPU so close to each other, they end at one point."""
EXIT = 10
"""Between the bundles of one NIC where they leave it."""


def bundles_of(cpus: Iterable[Cpu]) -> tuple[Bundle, ...]:
    """The bundles that serve any of the CPUs, port by port."""
    found = {(link.port, link.crossing) for cpu in cpus for link in cpu.links}
    return tuple(Bundle(port, crossing) for port, crossing in sorted(found))


def lanes_of(row: RowPlace) -> list[int]:
    """Where wires run along a row, from above: a lane for each bundle."""
    lowest = row.boxes - LAST_LANE
    return [lowest - LANE * number for number in reversed(range(len(row.bundles)))]


def exits_of(panels: tuple[PanelPlace, ...], bundles: tuple[Bundle, ...]) -> dict[Bundle, tuple[int, int]]:
    """Where each bundle leaves the box of its NIC: near its middle, and between the lanes that begin beside it."""
    boxes = {port: box for panel in panels for port, box in panel.nics}
    lanes = [lane for panel in panels for row in panel.rows for lane in lanes_of(row)]
    found: dict[Bundle, tuple[int, int]] = {}
    for bundle in bundles:
        box = boxes[bundle.port]
        beside = sum(other.port == bundle.port for other in bundles) - 1
        middle = box.y + (box.height - EXIT * beside) // 2 + EXIT * (bundle.crossing and beside)
        near = (middle + aside * way for aside in range(LANE) for way in (1, -1))
        found[bundle] = (box.right, next(y for y in near if all(abs(y - lane) >= LANE // 2 for lane in lanes)))
    return found


def tracks_of(exits: dict[Bundle, tuple[int, int]], rows: list[RowPlace]) -> dict[Bundle, int]:
    """The track of each bundle, counted from the cores: the first that is free as far as the bundle runs down."""
    reach = {bundle: [y, y] for bundle, (_, y) in exits.items()}
    for row in rows:
        for bundle in row.bundles:
            low, high = reach[bundle]
            reach[bundle] = [min(low, row.top), max(high, row.boxes)]
    taken: list[list[tuple[int, int]]] = []
    found: dict[Bundle, int] = {}
    for bundle, (low, high) in sorted(reach.items(), key=lambda item: item[1][0]):
        free = (
            n for n, spans in enumerate(taken) if all(end < low - LANE or high + LANE < begin for begin, end in spans)
        )
        track = next(free, len(taken))
        if track == len(taken):
            taken.append([])
        taken[track].append((low, high))
        found[bundle] = track
    return found


def wires_of(
    row: RowPlace, boxes: dict[int, Box], exits: dict[Bundle, tuple[int, int]], tracks: dict[Bundle, int], outer: int
) -> Iterator[Wire]:
    """The wires to the CPUs of a row; `outer` is where the track next to the cores runs.

    The bundle that runs nearest to the cores takes the highest lane, and of the wires that end at one CPU it is the
    one furthest to the right: so they cross least.
    """
    order = sorted(row.bundles, key=lambda bundle: tracks[bundle])
    cpus = [cpu for slot in row.row.slots for cpu in slot.cpus]
    for bundle, lane in zip(order, lanes_of(row), strict=True):
        track = outer - TRACK * tracks[bundle]
        begin, leave = exits[bundle]
        way = ((begin, leave), (track, leave), (track, lane))
        for run, queues in _ends(cpus, bundle):
            first, last = boxes[run[0].id], boxes[run[-1].id]
            x = (first.x + last.right) // 2 + _aside(run[0], bundle, order, first.width)
            bar = None if queues else (first.x + 2, last.right - 2)
            end = first.y - (BAR if bar else 0)
            yield Wire(bundle, tuple(cpu.id for cpu in run), queues, (*way, (x, lane), (x, end)), bar)


def _ends(cpus: list[Cpu], bundle: Bundle) -> Iterator[tuple[list[Cpu], tuple[int, ...]]]:
    """What the wires of a bundle end at: each CPU that serves queues, and runs of CPUs that the port has part in."""
    run: list[Cpu] = []
    for cpu in cpus:
        queues = [link.queues for link in cpu.links if (link.port, link.crossing) == (bundle.port, bundle.crossing)]
        if queues and not queues[0]:
            run.append(cpu)
            continue
        if run:
            yield run, ()
            run = []
        if queues:
            yield [cpu], queues[0]
    if run:
        yield run, ()


def _aside(cpu: Cpu, bundle: Bundle, order: list[Bundle], width: int) -> int:
    """How far from the middle a wire ends, where several end at one CPU; of many that would run into each other, none
    does."""
    here = bundles_of([cpu])
    ending = [other for other in order if other in here]
    if len(ending) == 1:
        return 0
    step = min(LANE + 1, (width - 8) // (len(ending) - 1))
    step = step if step > CLOSEST else 0
    return step * (len(ending) - 1) // 2 - step * ending.index(bundle)

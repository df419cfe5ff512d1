"""The cores of a panel in rows: what stands beside what, and how high that makes each row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.drawing.geometry import Outline, Row, Slot
from netc.drawing.lettering import width
from netc.records import dataclass

if TYPE_CHECKING:
    from netc.drawing.scene import Cpu, Panel, Scene

ROOM = 1010
"""The most that a row of cores takes: with the NICs beside it a picture is as wide as a page or a window."""
NUMBER, BADGE, WORD = 12, 10, 9
"""Sizes of the font: number of a CPU, queue, role."""
SMALLEST_CELL = 38
CORE_GAP, GROUP_GAP = 8, 18
MOST_BADGES = 4
BADGE_HEIGHT, NUMBER_HEIGHT, WORD_HEIGHT = 14, 17, 11
COUNT_HEIGHT, LABEL_HEIGHT = 8, 13
"""What the number of queues of a core sticks out below it, and the label of a group of cores."""


@dataclass(frozen=True, slots=True)
class Badge:
    """What one CPU shows of a queue: `A3`; of several `A×7`, and `+5` for those of further ports."""

    text: str
    port: int | None
    crossing: bool


def badges_of(scene: Scene, cpu: Cpu) -> list[Badge]:
    """The queues a CPU serves, in the order of ports: one by one where there is room, else counted for each port."""
    serving = [(scene.ports[link.port].mark, link) for link in cpu.links if link.queues]
    if sum(len(link.queues) for _, link in serving) <= MOST_BADGES:
        return [Badge(f"{mark}{queue}", link.port, link.crossing) for mark, link in serving for queue in link.queues]
    found = [
        Badge(
            f"{mark}×{len(link.queues)}" if len(link.queues) > 1 else f"{mark}{link.queues[0]}",
            link.port,
            link.crossing,
        )
        for mark, link in serving
    ]
    if len(found) <= MOST_BADGES:
        return found
    rest = [link for _, link in serving[MOST_BADGES - 1 :]]
    last = Badge(f"+{sum(len(link.queues) for link in rest)}", None, any(link.crossing for link in rest))
    return [*found[: MOST_BADGES - 1], last]


def cell_width(scene: Scene) -> int:
    """The width of the box of a CPU: one for the whole picture."""
    texts = [badge.text for cpu in scene.cpus for badge in badges_of(scene, cpu)]
    badges = max((width(text, BADGE) for text in texts), default=0) + 12
    return max(SMALLEST_CELL, badges, width(str(max(cpu.id for cpu in scene.cpus)), NUMBER) + 12)


def rows_of(scene: Scene, panel: Panel, cell: int) -> tuple[list[Row], list[Outline]]:
    """The rows of a panel, and the frames around its groups."""
    threads = max((len(core) for group in panel.groups for core in group.cores), default=1)
    pitch = threads * cell + CORE_GAP
    most = max((ROOM + CORE_GAP) // pitch, 1)
    largest = max((len(group.cores) for group in panel.groups), default=0)
    if largest > most or len(panel.groups) <= 1:
        across, beside = _even(largest, most), 1
    else:
        across = largest
        beside = _even(len(panel.groups), max((ROOM + GROUP_GAP) // (largest * pitch + GROUP_GAP - CORE_GAP), 1))
    slots: list[list[Slot]] = []
    outlines = []
    for number, group in enumerate(panel.groups):
        x = number % beside * (across * pitch + GROUP_GAP - CORE_GAP)
        if number % beside == 0:
            slots.append([])
        first = len(slots) - 1
        for place, core in enumerate(group.cores):
            if place and place % across == 0:
                slots.append([])
            slots[-1].append(Slot(core, x + place % across * pitch))
        if group.label:
            outlines.append(Outline(group.label, x, across * pitch - CORE_GAP, first, len(slots) - 1))
    labelled = {outline.last for outline in outlines}
    return [_row(scene, row, number in labelled) for number, row in enumerate(slots)], outlines


def _even(count: int, most: int) -> int:
    """How many go in a row: as many in each as in the others, where that needs half as many rows again at most."""
    if not count:
        return 1
    fewest = -(-count // most)
    rows = next((n for n in range(fewest, fewest * 3 // 2 + 1) if count % n == 0), fewest)
    return -(-count // rows)


def _row(scene: Scene, slots: list[Slot], labelled: bool) -> Row:
    cpus = [cpu for slot in slots for cpu in slot.cpus]
    badges = max(len(badges_of(scene, cpu)) for cpu in cpus)
    words = WORD_HEIGHT if any(cpu.roles for cpu in cpus) else 0
    counted = any(queues_of(slot.cpus) > 1 for slot in slots)
    return Row(
        tuple(slots),
        3 + badges * BADGE_HEIGHT + NUMBER_HEIGHT + words + 4,
        words,
        COUNT_HEIGHT * counted + LABEL_HEIGHT * labelled,
    )


def queues_of(cpus: tuple[Cpu, ...]) -> int:
    """How many queues the CPUs of a core serve together."""
    return sum(len(link.queues) for cpu in cpus for link in cpu.links)

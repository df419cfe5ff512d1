"""A core as it is drawn: a box for each CPU, with the queues it serves above its number and its role below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.drawing import captions
from netc.drawing.lettering import width
from netc.drawing.markup import about, element, letters, rectangle
from netc.drawing.palette import PORTS
from netc.drawing.rows import BADGE, BADGE_HEIGHT, badges_of, queues_of
from netc.drawing.scene import Role

if TYPE_CHECKING:
    from netc.drawing.geometry import Box, CoreBox, CpuBox
    from netc.drawing.rows import Badge
    from netc.drawing.scene import Scene

MARKS = {
    Role.HOUSEKEEPING: element("circle", cx=3, cy=3, r=1, class_="housekeeping-marks"),
    Role.ISOLATED: element("path", d="M-2 8L8 -2M-2 2L2 -2M4 8L8 4", class_="isolated-marks"),
    Role.DPDK: element("path", d="M0 0L6 6M6 0L0 6", class_="dpdk-marks"),
}
"""What the boxes of a role are strewn with: dots, slanting lines, crossed lines."""

PATTERNS = tuple(
    element("pattern", mark, id=f"netc-{role.name.lower()}", width=6, height=6, patternUnits="userSpaceOnUse")
    for role, mark in MARKS.items()
)


def colour_of(port: int | None) -> str:
    """The class of a port in the style sheet; None for several ports."""
    return "several" if port is None else f"port{port % len(PORTS)}"


def core_drawn(scene: Scene, core: CoreBox) -> str:
    """A core; several queues of one core are counted at its lower edge."""
    box = core.box
    away = all(Role.OFFLINE in place.cpu.roles for place in core.cpus)
    parts = [_cpu(scene, place) for place in core.cpus]
    parts.append(rectangle(box.x, box.y, box.width, box.height, "core away" if away else "core", round_=2))
    queues = queues_of(tuple(place.cpu for place in core.cpus))
    if queues > 1:
        parts.append(count_drawn(box, queues))
    return element("g", *parts, class_="siblings")


def count_drawn(box: Box, queues: int) -> str:
    """How many queues share a core."""
    text = f"×{queues}"
    wide = width(text, 9) + 8
    return rectangle(box.right - wide - 3, box.bottom - 4, wide, 12, "count", round_=6) + letters(
        box.right - 3 - wide // 2, box.bottom + 5, text, "count-text middle text"
    )


def _cpu(scene: Scene, place: CpuBox) -> str:
    cpu, box = place.cpu, place.box
    middle = box.x + box.width // 2
    role = cpu.roles[0] if cpu.roles else None
    parts = [about(captions.about_cpu(scene, cpu)), cell_drawn(box, role)]
    for number, badge in enumerate(badges_of(scene, cpu)):
        parts.append(badge_drawn(badge, middle, box.y + 3 + number * BADGE_HEIGHT))
    off = role is Role.OFFLINE
    parts.append(letters(middle, place.line, str(cpu.id), f"number middle {'quiet' if off else 'text'}"))
    return element(
        "g",
        *parts,
        class_="cpu",
        data_cpu=cpu.id,
        data_core=str(cpu.core),
        data_node=cpu.node,
        data_socket=cpu.socket,
        data_roles=" ".join(role.name.lower() for role in cpu.roles),
    )


def cell_drawn(box: Box, role: Role | None) -> str:
    """The box of a CPU without what it says of queues."""
    if role is None:
        return rectangle(box.x, box.y, box.width, box.height, "cell")
    kind = role.name.lower()
    parts = rectangle(box.x, box.y, box.width, box.height, f"cell {kind}")
    if role in MARKS:
        parts += element("rect", x=box.x, y=box.y, width=box.width, height=box.height, fill=f"url(#netc-{kind})")
    return parts + letters(box.x + box.width // 2, box.bottom - 6, role.value, "word middle text")


def badge_drawn(badge: Badge, middle: int, y: int) -> str:
    """A queue: a filled box in the colour of its NIC, or an outlined one where it is on another node."""
    wide = width(badge.text, BADGE) + 6
    crossing = " crossing" if badge.crossing else ""
    return rectangle(
        middle - wide // 2, y, wide, BADGE_HEIGHT - 1, f"badge{crossing or f' {colour_of(badge.port)}'}", round_=2
    ) + letters(middle, y + 10, badge.text, f"badge-text middle{crossing or ' on'}")

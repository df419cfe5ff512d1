"""What the parts of a picture mean; only those that occur in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.drawing.cores import badge_drawn, cell_drawn, colour_of, count_drawn
from netc.drawing.geometry import Box
from netc.drawing.layout import MARGIN
from netc.drawing.lettering import RUNNING, width
from netc.drawing.markup import element, letters, rectangle
from netc.drawing.rows import Badge, badges_of, queues_of
from netc.drawing.scene import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from netc.drawing.scene import Scene

    Swatch = Callable[[Box], str]

ROLES = {
    Role.HOUSEKEEPING: "housekeeping, left to the operating system",
    Role.ISOLATED: "isolated from ordinary tasks, timers and interrupts",
    Role.DPDK: "lcore of a DPDK application",
    Role.OFFLINE: "offline",
}
LINE, HEIGHT = 36, 24


def legend(scene: Scene, top: int, wide: int) -> tuple[list[str], int]:
    """The legend from `top` on, in lines as wide as the picture, and where it ends."""
    parts: list[str] = []
    x, y = MARGIN, top + 4
    for swatch, size, text in (*_of_cores(scene), *_of_wires(scene)):
        room = size + 8 + width(text, 12, RUNNING)
        if x > MARGIN and x + room > wide - MARGIN:
            x, y = MARGIN, y + LINE
        parts.append(swatch(Box(x, y, size, HEIGHT)))
        parts.append(letters(x + size + 8, y + 16, text, "running small quiet"))
        x += room + 24
    return [element("g", *parts, class_="legend")], y + HEIGHT + 8


def _of_cores(scene: Scene) -> Iterator[tuple[Swatch, int, str]]:
    cores = [core for panel in scene.panels for group in panel.groups for core in group.cores]
    if any(len(core) > 1 for core in cores):
        yield _siblings, 44, "core with the CPUs that are siblings"
    else:
        yield _core, 30, "core with one CPU"
    for role, text in ROLES.items():
        if any(role in cpu.roles[:1] for cpu in scene.cpus):
            yield _of_role(role), 38, text
    if any("L3" in group.label for panel in scene.panels for group in panel.groups):
        yield _group, 38, "cores that share a third-level cache"
    if any(queues_of(core) > 1 for core in cores):
        yield _count, 30, "queues on one core"


def _of_wires(scene: Scene) -> Iterator[tuple[Swatch, int, str]]:
    links = [link for cpu in scene.cpus for link in cpu.links]
    queue = next((link for link in links if link.queues and not link.crossing), None)
    if queue is not None:
        number, mark = queue.queues[0], scene.ports[queue.port].mark
        badge = Badge(f"{mark}{number}", queue.port, crossing=False)
        yield _wire(colour_of(queue.port), badge), 62, f"queue {number} of NIC {mark}, and the CPU that serves it"
    crossing = [link for link in links if link.crossing]
    away = next((link for link in crossing if link.queues), crossing[0] if crossing else None)
    if away is not None:
        text = f"{scene.ports[away.port].mark}{away.queues[0]}" if away.queues else ""
        badge = Badge(text, away.port, crossing=True)
        yield _wire("crossing", badge), 62, "crossing: the CPU is on another node than the NIC"
    badges = [badge for cpu in scene.cpus for badge in badges_of(scene, cpu)]
    several = next((badge for badge in badges if badge.port is not None and "×" in badge.text), None)
    if several is not None and several.port is not None:
        count = several.text.partition("×")[2]
        yield _badge(several), 34, f"{count} queues of NIC {scene.ports[several.port].mark} on one CPU"
    if any(badge.port is None for badge in badges):
        yield _badge(Badge("+2", None, crossing=False)), 34, "queues of further NICs"
    for link in links:
        if not link.queues:
            given = scene.ports[link.port].nic.given_to_dpdk
            text = "NIC of DPDK and the lcores of its application" if given else "CPUs of which any may serve the NIC"
            yield _shared(colour_of(link.port)), 58, text
            break


def _core(box: Box) -> str:
    return cell_drawn(box, None) + _outline(box)


def _siblings(box: Box) -> str:
    half = box.width // 2
    right = cell_drawn(Box(box.x + half, box.y, half, box.height), None)
    return cell_drawn(Box(box.x, box.y, half, box.height), None) + right + _outline(box)


def _outline(box: Box) -> str:
    return rectangle(box.x, box.y, box.width, box.height, "core", round_=2)


def _of_role(role: Role) -> Swatch:
    return lambda box: cell_drawn(box, role) + _outline(box)


def _group(box: Box) -> str:
    return rectangle(box.x, box.y, box.width, box.height, "group", round_=5)


def _count(box: Box) -> str:
    return count_drawn(Box(box.x, box.y, box.width, 10), 2)


def _badge(badge: Badge) -> Swatch:
    return lambda box: badge_drawn(badge, box.x + box.width // 2, box.y + 5)


def _wire(kind: str, badge: Badge) -> Swatch:
    """A wire that ends at a badge, or goes on where there is none."""

    def drawn(box: Box) -> str:
        y, end = box.y + box.height // 2, box.right - 32 if badge.text else box.right
        line = element("path", d=f"M{box.x} {y}L{end} {y}", class_=f"wire {kind}")
        return line + (badge_drawn(badge, box.right - 16, box.y + 5) if badge.text else "")

    return drawn


def _shared(kind: str) -> Swatch:
    def drawn(box: Box) -> str:
        y, middle = box.y + box.height // 2, box.x + box.width // 2
        return element("path", d=f"M{box.x} {y}L{middle} {y}", class_=f"wire {kind} shared") + element(
            "path", d=f"M{middle + 4} {y}L{box.right} {y}", class_=f"wire {kind} shared bar"
        )

    return drawn

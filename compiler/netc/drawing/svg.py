"""The picture as SVG: text above, panels with NICs, cores and wires, and a legend of what occurs.

`data-` attributes say of each part what it stands for, for programs that read a picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.drawing import captions
from netc.drawing.cores import PATTERNS, colour_of, core_drawn
from netc.drawing.layout import MARGIN, NARROWEST, NIC_LINE, NIC_PADDING, NIC_WIDTH, PADDING, lay_out
from netc.drawing.legend import legend
from netc.drawing.lettering import BOLD, MONOSPACED, RUNNING, fitting, width, wrapped
from netc.drawing.markup import about, element, escaped, letters, rectangle, way
from netc.drawing.palette import style_sheet

if TYPE_CHECKING:
    from netc.drawing.geometry import Box, Layout, PanelPlace, Wire
    from netc.drawing.scene import Scene

TITLE_LINE, TEXT_LINE = 28, 19


def draw(scene: Scene) -> str:
    """The document."""
    heading, top = _heading(scene)
    lines = {number: 1 + len(captions.port_lines(port)) for number, port in enumerate(scene.ports)}
    layout = lay_out(scene, lines, top)
    below, bottom = legend(scene, layout.bottom, layout.width)
    height = bottom + MARGIN // 2
    body = [
        element("title", escaped(f"{scene.host.name}: which CPU serves which queue"), id="netc-title"),
        element("desc", escaped("\n".join(_told(scene))), id="netc-description"),
        element("style", f"\n{style_sheet()}\n"),
        element("defs", *PATTERNS),
        rectangle(0, 0, layout.width, height, "page"),
        *heading,
        *(_frame(socket, box) for socket, box in layout.frames),
        *(_panel(scene, layout, panel) for panel in layout.panels),
        *(_group(label, box) for label, box in layout.groups),
        *(core_drawn(scene, core) for core in layout.cores),
        *(_wire(scene, wire) for wire in layout.wires),
        *below,
    ]
    return (
        element(
            "svg",
            "\n",
            "\n".join(body),
            "\n",
            xmlns="http://www.w3.org/2000/svg",
            width=layout.width,
            height=height,
            viewBox=f"0 0 {layout.width} {height}",
            role="img",
            aria_labelledby="netc-title netc-description",
        )
        + "\n"
    )


def _told(scene: Scene) -> list[str]:
    """The picture in words, for who cannot see it."""
    crossings, _ = captions.crossings(scene)
    told = [captions.target(scene.host), captions.summary(scene), *[crossings] * bool(crossings)]
    return [*told, *(captions.about_port(port).replace("\n", "; ") for port in scene.ports)]


def _heading(scene: Scene) -> tuple[list[str], int]:
    """What stands above the panels, and where it ends."""
    room = NARROWEST - 2 * MARGIN
    y = MARGIN + 10
    parts = []
    for line in wrapped(scene.host.name, room, 20, MONOSPACED):
        parts.append(letters(MARGIN, y, line, "title text"))
        y += TITLE_LINE
    crossings, alarming = captions.crossings(scene)
    paragraphs = [
        (captions.target(scene.host), "quiet"),
        (captions.summary(scene), "text"),
        (crossings, "warning strong" if alarming else "text"),
        (captions.layer(scene.host), "quiet"),
    ]
    for text, kind in paragraphs:
        for line in wrapped(text, room, 13, BOLD if "strong" in kind else RUNNING):
            parts.append(letters(MARGIN, y, line, f"running {kind}"))
            y += TEXT_LINE
    return parts, y


def _frame(socket: int, box: Box) -> str:
    return rectangle(box.x, box.y, box.width, box.height, "frame", round_=8) + letters(
        box.x + 12, box.y + 17, f"socket {socket}", "name text"
    )


def _panel(scene: Scene, layout: Layout, place: PanelPlace) -> str:
    """The frame of a panel with its heading, and its NICs."""
    wide = layout.width - 2 * MARGIN if place.panel is not None else NIC_WIDTH + 2 * PADDING
    node = place.panel.node if place.panel is not None else None
    name, belongs = captions.panel_name(place.panel)
    x, y = MARGIN + PADDING, place.top + 20
    inside = [
        rectangle(MARGIN, place.top, wide, place.bottom - place.top, "panel", round_=6),
        letters(x, y, name, "name text"),
    ]
    if belongs:
        after = width(f"{name}  ", 13)
        inside.append(letters(x + after, y, fitting(belongs, NIC_WIDTH - after, 11), "quiet"))
    if place.panel is not None:
        content = captions.panel_content(place.panel)
        room = layout.width - MARGIN - PADDING - layout.grid
        inside.append(letters(layout.grid, y, fitting(content, room, 11), "quiet"))
        if not scene.ports:
            inside.append(letters(x, y + 24, "no NIC", "quiet"))
    inside += [_nic(scene, number, box) for number, box in place.nics]
    return element("g", *inside, class_="place", data_node=node.id if node is not None else None)


def _nic(scene: Scene, number: int, box: Box) -> str:
    port = scene.ports[number]
    flag = captions.port_flag(port)
    x, y = box.x + 8, box.y + NIC_PADDING
    mark = width(port.mark, 11) + 10
    parts = [
        about(captions.about_port(port)),
        rectangle(box.x, box.y, box.width, box.height, "nic", round_=4),
        rectangle(x, y - 1, mark, 17, f"badge {colour_of(number)}", round_=3),
        letters(x + mark // 2, y + 12, port.mark, "middle strong on"),
        letters(x + mark + 7, y + 12, port.nic.name, "name text"),
    ]
    if flag:
        wide = width(flag, 9) + 10
        parts.append(rectangle(box.right - wide - 6, y, wide, 14, "chip", round_=7))
        parts.append(letters(box.right - wide // 2 - 6, y + 10, flag, "word middle text"))
    for place, (text, alarming) in enumerate(captions.port_lines(port), 1):
        line = y + place * NIC_LINE + 11
        if alarming:
            parts.append(element("path", d=f"M{x} {line}l5 -9l5 9z", class_="warning"))
        room = box.right - x - 6 - 14 * alarming
        shown = fitting(text, room, 11)
        parts.append(letters(x + 14 * alarming, line, shown, "warning strong" if alarming else "quiet"))
    return element("g", *parts, class_="port", data_nic=port.nic.name, data_crossings=port.crossings)


def _group(label: str, box: Box) -> str:
    return rectangle(box.x, box.y, box.width, box.height, "group", round_=5) + letters(
        box.right - 6, box.bottom - 4, label, "word end quiet"
    )


def _wire(scene: Scene, wire: Wire) -> str:
    """A wire; what it joins stands in its attributes."""
    port = scene.ports[wire.bundle.port]
    crossing = " crossing" if wire.bundle.crossing else ""
    kind = f"wire {colour_of(wire.bundle.port)}{crossing}{'' if wire.queues else ' shared'}"
    path = element("path", d=way(wire.points), class_=kind)
    if wire.bar is not None:
        y = wire.points[-1][1]
        path += element("path", d=f"M{wire.bar[0]} {y}L{wire.bar[1]} {y}", class_=f"{kind} bar")
    return element(
        "g",
        about(captions.about_wire(scene, wire)),
        path,
        class_="join",
        data_nic=port.nic.name,
        data_queues=" ".join(map(str, wire.queues)),
        data_cpus=" ".join(map(str, wire.cpus)),
        data_crossing="yes" if wire.bundle.crossing else "no",
    )

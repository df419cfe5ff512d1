"""Elements of SVG as text; whatever comes from a file is escaped here and nowhere else."""

from __future__ import annotations

from netc.render.visible import visible

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;"})


def escaped(text: str) -> str:
    """Text for an element or an attribute, in ASCII, so that no encoding on the way can spoil it.

    Only line breaks stay of what cannot be seen.
    """
    shown = "\n".join(map(visible, text.split("\n"))).translate(_ESCAPES)
    return shown.encode("ascii", "xmlcharrefreplace").decode("ascii")


def element(name: str, /, *content: str, **attributes: object) -> str:
    """An element around content that is markup already; `_` in names of attributes stands for `-`, `class_` for
    `class`, and what is None or empty is left out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escaped(str(value))}"'
        for key, value in attributes.items()
        if value is not None and value != ""
    )
    if not content:
        return f"<{name}{written}/>"
    return f"<{name}{written}>{''.join(content)}</{name}>"


def letters(x: int, y: int, text: str, kind: str) -> str:
    """A line of text; `y` is where its letters stand."""
    return element("text", escaped(text), x=x, y=y, class_=kind)


def rectangle(x: int, y: int, width: int, height: int, kind: str, *, round_: int = 0, **attributes: object) -> str:
    """A box; `kind` are its classes in the style sheet."""
    return element("rect", x=x, y=y, width=width, height=height, rx=round_ or None, class_=kind, **attributes)


def about(text: str) -> str:
    """What a pointer over the element around it shows, and what a screen reader says."""
    return element("title", escaped(text))


def way(points: tuple[tuple[int, int], ...], radius: int = 4) -> str:
    """The `d` of a path along points at right angles, with round corners."""
    corners = [point for n, point in enumerate(points) if n == 0 or point != points[n - 1]]
    corners = [
        point
        for n, point in enumerate(corners)
        if n in (0, len(corners) - 1) or not _straight(corners[n - 1], point, corners[n + 1])
    ]
    text = f"M{corners[0][0]} {corners[0][1]}"
    for n in range(1, len(corners) - 1):
        here = corners[n]
        before, after = _near(here, corners[n - 1], radius), _near(here, corners[n + 1], radius)
        text += f"L{before[0]} {before[1]}Q{here[0]} {here[1]} {after[0]} {after[1]}"
    return f"{text}L{corners[-1][0]} {corners[-1][1]}"


def _straight(one: tuple[int, int], two: tuple[int, int], three: tuple[int, int]) -> bool:
    return one[0] == two[0] == three[0] or one[1] == two[1] == three[1]


def _near(corner: tuple[int, int], other: tuple[int, int], radius: int) -> tuple[int, int]:
    """A point on the way from a corner to another, so far from it that both can be round."""
    across, down = other[0] - corner[0], other[1] - corner[1]
    far = min(radius, max(abs(across), abs(down)) // 2)
    return corner[0] + far * ((across > 0) - (across < 0)), corner[1] + far * ((down > 0) - (down < 0))

"""Places on the page, in whole pixels from its upper left corner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.records import dataclass

if TYPE_CHECKING:
    from netc.drawing.scene import Cpu, Panel


@dataclass(frozen=True, slots=True)
class Box:
    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Slot:
    """One core in a row."""

    cpus: tuple[Cpu, ...]
    x: int
    """From where the cores of the panel begin."""


@dataclass(frozen=True, slots=True)
class Row:
    """Cores that stand beside each other."""

    slots: tuple[Slot, ...]
    height: int
    """Of the boxes of CPUs."""
    words: int
    """How much of that is for the words of roles; 0 where no CPU has one."""
    below: int
    """What the row needs below its boxes."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A frame around the cores of a group: a part of one row, or several rows that it has alone."""

    label: str
    x: int
    """From where the cores of the panel begin."""
    width: int
    first: int
    last: int
    """Places of its rows."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """The wires of one port that run together: those to its own node, or those to others."""

    port: int
    crossing: bool


@dataclass(frozen=True, slots=True)
class RowPlace:
    """A row: where the space for wires above it begins, where its boxes do, and the bundles that serve it."""

    row: Row
    top: int
    boxes: int
    bundles: tuple[Bundle, ...]


@dataclass(frozen=True, slots=True)
class PanelPlace:
    """A panel; `panel` is None for the ports that stand outside of all."""

    panel: Panel | None
    top: int
    bottom: int
    rows: tuple[RowPlace, ...] = ()
    outlines: tuple[Outline, ...] = ()
    nics: tuple[tuple[int, Box], ...] = ()
    """Places of the ports among those of the host."""


@dataclass(frozen=True, slots=True)
class CpuBox:
    cpu: Cpu
    box: Box
    line: int
    """Where its number stands."""


@dataclass(frozen=True, slots=True)
class CoreBox:
    box: Box
    cpus: tuple[CpuBox, ...]


@dataclass(frozen=True, slots=True)
class Wire:
    """A line from a port to one CPU with all its queues there, or to neighbouring CPUs that the port has part in.

    It goes along `points`, at right angles; `bar` is where a line above several CPUs begins and ends.
    """

    bundle: Bundle
    cpus: tuple[int, ...]
    queues: tuple[int, ...]
    points: tuple[tuple[int, int], ...]
    bar: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything from `top` to `bottom`: what is above and below is text."""

    width: int
    bottom: int
    grid: int
    """Where cores begin."""
    panels: tuple[PanelPlace, ...]
    frames: tuple[tuple[int, Box], ...]
    """Sockets that have several panels, by number."""
    groups: tuple[tuple[str, Box], ...]
    cores: tuple[CoreBox, ...]
    wires: tuple[Wire, ...]

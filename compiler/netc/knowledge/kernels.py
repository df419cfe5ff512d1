"""Versions of Linux, and the kernel that settings are judged for."""

from __future__ import annotations

import re
from functools import cache, total_ordering

from netc.patterns import pattern
from netc.records import dataclass

_VERSION = pattern(r"(\d{1,4})\.(\d{1,4})(?:\.(\d{1,5}))?(?![\d.])", re.ASCII)

# How many minor versions each series had; the next began at .0. Series still to come count as 20.
_MINORS = {3: 20, 4: 21, 5: 20, 6: 20}
_USUAL_MINORS = 20
_FIRST_SERIES = 3


@total_ordering
@dataclass(frozen=True, slots=True)
class KernelVersion:
    """A version of Linux. Versions compare by number: 6.10 comes after 6.9. A missing patch level is 0."""

    major: int
    minor: int
    patch: int = 0

    @classmethod
    def parse(cls, text: str) -> KernelVersion:
        """Read `6.1`, `6.12.3` or a release such as `6.1.0-18-amd64`; ValueError when it is none."""
        match = _VERSION.match(text)
        if match is None:
            raise ValueError(f"`{text}` is no kernel version such as `6.12` or `6.12.3`")
        major, minor, patch = match.groups()
        return cls(int(major), int(minor), int(patch or 0))

    @property
    def index(self) -> int:
        """Releases counted without a gap where a series ends, so that differences are distances."""
        begun = sum(_MINORS.get(series, _USUAL_MINORS) for series in range(_FIRST_SERIES, self.major))
        return begun + self.minor - _USUAL_MINORS * max(0, _FIRST_SERIES - self.major)

    @property
    def series(self) -> str:
        """Major and minor number, as one writes a stable series: `6.12`."""
        return f"{self.major}.{self.minor}"

    def __lt__(self, other: KernelVersion) -> bool:
        return (self.major, self.minor, self.patch) < (other.major, other.minor, other.patch)

    def __str__(self) -> str:
        return f"{self.series}.{self.patch}" if self.patch else self.series


@dataclass(frozen=True, slots=True)
class Kernel:
    """A target kernel: what decides which settings it has and which values it takes.

    `tick` is CONFIG_HZ, None when unknown; `page_size` is in bytes.
    """

    version: KernelVersion
    tick: int | None = None
    page_size: int = 4096
    architecture: str = "x86-64"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a kernel stands among the kernels netc has tables of.

    `judge` is the nearest table (the older of two as near). `below` and `above` are the tables around it:
    the same one where the kernel is in a table's series, None on a side that has none.
    """

    judge: KernelVersion
    below: KernelVersion | None
    above: KernelVersion | None


@cache
def standing(version: KernelVersion, tables: tuple[KernelVersion, ...]) -> Standing:
    """Where `version` stands among `tables`, which are in ascending order and not empty."""
    at = version.index
    return Standing(
        judge=min(tables, key=lambda table: (abs(table.index - at), table.index)),
        below=max((table for table in tables if table.index <= at), default=None),
        above=min((table for table in tables if table.index >= at), default=None),
    )

"""What a rule says of an interval, and the wording that rules share."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from netc.records import dataclass, field

if TYPE_CHECKING:
    from netc.bottlenecks.interval import Interval

_NIC_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,14}\Z")


@dataclass(frozen=True, slots=True)
class Match:
    """A bottleneck that was found: what fills the braces of its cause and statement, and what was seen."""

    evidence: tuple[str, ...]
    values: dict[str, str] = field(default_factory=dict)
    remedy: str | None = None
    """What must be done where no statement helps; it is then told in place of one."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One figure for the table, and the bottlenecks found, most often none."""

    measure: str
    matches: tuple[Match, ...] = ()


def amount(interval: Interval, count: int) -> str:
    """`8,120 (4,060/s)`, or without a time `8,120 since boot`."""
    if interval.before is None:
        return f"{count:,} since boot"
    rate = spoken_rate(interval, count)
    return f"{count:,} ({rate})" if rate else f"{count:,}"


def per_second(interval: Interval, count: int) -> str:
    """`4,060/s`, or the total where it is one since boot."""
    rate = spoken_rate(interval, count)
    return f"{count:,} since boot" if interval.before is None or rate is None else rate


def spoken_rate(interval: Interval, count: int) -> str | None:
    """`4,060/s`; small ones keep a digit."""
    rate = interval.rate(count)
    if rate is None:
        return None
    return f"{rate:,.1f}/s" if 0 < rate < 10 else f"{rate:,.0f}/s"


def percent(share: float) -> str:
    """`97 %`; small shares keep a digit."""
    return f"{100 * share:.1f} %" if 0 < share < 0.1 else f"{100 * share:.0f} %"


def at_least(number: float) -> str:
    """A count as the language writes it, rounded up to two digits: `83k`, `1.7M`."""
    whole = max(1, -int(-number // 1))
    step = 10 ** max(len(str(whole)) - 2, 0)
    whole = -(-whole // step) * step
    for unit, factor in (("M", 10**6), ("k", 10**3)):
        if whole >= factor:
            return f"{whole / factor:g}{unit}"
    return str(whole)


def nic_name(interface: str) -> str:
    """The interface as the name of a `nic`, or a word to be replaced where the language does not take it."""
    return interface if _NIC_NAME.match(interface) else "NAME"

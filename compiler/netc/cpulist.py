"""Sets of CPUs, in the kernel's list form (`0-3,8`) and its mask form (`f0,00000000`).

Source for both forms: Documentation/core-api/printk-formats.rst (%*pb, %*pbl) and lib/bitmap-str.c.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from netc.diagnostics import quotable
from netc.patterns import pattern
from netc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HIGHEST_CPU = 8191
"""The largest CPU number a distribution kernel can have (CONFIG_NR_CPUS=8192)."""

_RANGE = pattern(r"(\d+)(?:-(\d+)(?::(\d+)/(\d+))?)?\Z", re.ASCII)

_MANY = 10**6
"""Stands for every larger number: Python refuses to read one of some thousand digits."""


class CpuListError(ValueError):
    """A CPU list the kernel would not read; the message says which part and why."""


@dataclass(frozen=True, slots=True)
class CpuSet:
    """An immutable set of CPU numbers, held as the bits of one integer."""

    bits: int = 0

    @classmethod
    def of(cls, numbers: Iterable[int]) -> CpuSet:
        bits = 0
        for number in numbers:
            bits |= 1 << number
        return cls(bits)

    @classmethod
    def parse(cls, text: str) -> CpuSet:
        """Read the kernel's list form: `0-15,32-47`, `0-31:2/4` (2 of every 4), blanks after commas.

        Raises CpuListError for anything else, numbers beyond HIGHEST_CPU and ranges that run backwards.
        """
        return cls(_read(text))

    def __iter__(self) -> Iterator[int]:
        bits = self.bits
        while bits:
            low = bits & -bits
            yield low.bit_length() - 1
            bits ^= low

    def __len__(self) -> int:
        return self.bits.bit_count()

    def __bool__(self) -> bool:
        return self.bits != 0

    def __contains__(self, number: int) -> bool:
        return number >= 0 and bool(self.bits >> number & 1)

    def __or__(self, other: CpuSet) -> CpuSet:
        return CpuSet(self.bits | other.bits)

    def __and__(self, other: CpuSet) -> CpuSet:
        return CpuSet(self.bits & other.bits)

    def __sub__(self, other: CpuSet) -> CpuSet:
        return CpuSet(self.bits & ~other.bits)

    def __le__(self, other: CpuSet) -> bool:
        return not self.bits & ~other.bits

    @property
    def highest(self) -> int:
        """The largest CPU number in the set, -1 when it is empty."""
        return self.bits.bit_length() - 1

    def __str__(self) -> str:
        """The kernel's list form with ranges joined: `0-15,32`; empty for the empty set."""
        return _listed(self.bits)

    def mask(self) -> str:
        """The kernel's mask form, shortest: hexadecimal, comma before every 32 bits, no leading zeros.

        The kernel refuses groups beyond its possible CPUs even when they are zero (EOVERFLOW), so none
        is ever printed beyond the highest CPU of the set.
        """
        return _masked(self.bits)


def spoken(cpus: CpuSet) -> str:
    """CPUs as a sentence names them: `CPU 8`, `CPUs 8-15`."""
    return f"CPU{'s' * (len(cpus) != 1)} {cpus}"


def in_order(numbers: Iterable[int]) -> str:
    """CPU numbers as a list that keeps their order: `1-15,33-47,0`."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ",".join(f"{first}-{last}" if last > first else str(first) for first, last in spans)


@lru_cache(maxsize=1024)  # hosts of a fleet have the same CPUs, and each queue has its list
def _read(text: str) -> int:
    bits = 0
    if text.strip():
        for part in text.split(","):
            bits |= _parse_range(part.strip())
    return bits


@lru_cache(maxsize=1024)
def _masked(bits: int) -> str:
    groups = []
    while bits >> 32:
        groups.append(f"{bits & 0xFFFFFFFF:08x}")
        bits >>= 32
    groups.append(f"{bits:x}")
    return ",".join(reversed(groups))


@lru_cache(maxsize=1024)
def _listed(bits: int) -> str:
    parts = []
    first = 0
    while bits:
        gap = (bits & -bits).bit_length() - 1
        first += gap
        bits >>= gap
        length = (~bits & bits + 1).bit_length() - 1  # ones from the lowest bit on
        parts.append(f"{first}-{first + length - 1}" if length > 1 else str(first))
        first += length
        bits >>= length
    return ",".join(parts)


def _number(digits: str) -> int:
    digits = digits.lstrip("0")
    return int(digits or "0") if len(digits) < len(str(_MANY)) else _MANY


def _parse_range(part: str) -> int:
    match = _RANGE.match(part)
    if match is None:
        raise CpuListError(f"`{quotable(part)}` is no CPU number, range `A-B` or range with stride `A-B:N/M`")
    first = _number(match[1])
    last = _number(match[2]) if match[2] else first
    if last < first:
        raise CpuListError(f"`{quotable(part)}` runs backwards")
    if last > HIGHEST_CPU:
        beyond = f"CPU {last}" if last < _MANY else "a CPU of more than six digits"
        raise CpuListError(f"`{quotable(part)}` names {beyond}; the highest a kernel can have is {HIGHEST_CPU}")
    if not match[3]:
        return ((1 << (last - first + 1)) - 1) << first
    used, group = _number(match[3]), _number(match[4])
    if not 0 < used <= group:
        raise CpuListError(f"`{quotable(part)}` takes {used} of every {group}; the first must be 1 to the second")
    bits = 0
    for start in range(first, last + 1, group):
        for number in range(start, min(start + used, last + 1)):
            bits |= 1 << number
    return bits

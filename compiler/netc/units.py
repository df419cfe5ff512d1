"""Quantities with a dimension: `80Gbps`, `64KiB`, `12Mpps`, `40ms`, `2M`, `150k/s`."""

from __future__ import annotations

import re
from enum import Enum

from netc.diagnostics import quotable
from netc.patterns import pattern
from netc.records import dataclass

LARGEST = 1 << 63
"""No quantity reaches this; the kernel's counters are 64 bits wide."""

MOST_DIGITS = 64
"""Digits before, and after, the decimal point beyond which a number is not worked out."""

_NUMBER = pattern(r"0*(\d+)(?:\.(\d+))?(.*)\Z", re.ASCII | re.DOTALL)


class Dimension(Enum):
    """What a quantity measures. Values are held as integers of the base unit, which `units` maps to 1."""

    SIZE = "a size"
    BIT_RATE = "a bit rate"
    PACKET_RATE = "a packet rate"
    TIME = "a time"
    COUNT = "a count"
    RATE = "a rate per second"

    @property
    def units(self) -> dict[str, int]:
        """Unit → how many of the base unit: bytes, bits/s, packets/s, nanoseconds, ones, ones/s."""
        return _UNITS[self]

    @property
    def spoken(self) -> str:
        """The units that fit, for a message: `B`, `KiB`, …"""
        units = [unit or "no unit" for unit in self.units]
        return ", ".join(f"`{unit}`" if unit != "no unit" else unit for unit in units)


_THOUSANDS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9}

_UNITS: dict[Dimension, dict[str, int]] = {
    Dimension.SIZE: {
        "B": 1,
        "KiB": 2**10,
        "MiB": 2**20,
        "GiB": 2**30,
        "TiB": 2**40,
        "kB": 10**3,
        "MB": 10**6,
        "GB": 10**9,
        "TB": 10**12,
    },
    Dimension.BIT_RATE: {"bps": 1, "kbps": 10**3, "Mbps": 10**6, "Gbps": 10**9, "Tbps": 10**12},
    Dimension.PACKET_RATE: {"pps": 1, "kpps": 10**3, "Mpps": 10**6, "Gpps": 10**9},
    Dimension.TIME: {
        "ns": 1,
        "us": 10**3,
        "ms": 10**6,
        "s": 10**9,
        "min": 60 * 10**9,
        "h": 3600 * 10**9,
    },
    Dimension.COUNT: _THOUSANDS,
    Dimension.RATE: {f"{unit}/s": factor for unit, factor in _THOUSANDS.items()},
}


class QuantityError(ValueError):
    """Text that is no quantity of the wanted dimension. `other` is the dimension it would have fitted."""

    def __init__(self, message: str, other: Dimension | None = None) -> None:
        super().__init__(message)
        self.other = other


@dataclass(frozen=True, slots=True)
class Quantity:
    """A whole number of base units, with the text it was written as."""

    value: int
    dimension: Dimension
    written: str

    def __str__(self) -> str:
        return self.written


def parse_quantity(text: str, dimension: Dimension) -> Quantity:
    """Read a quantity; QuantityError says what is wrong with it and which units fit."""
    quoted = quotable(text)
    match = _NUMBER.match(text)
    if match is None:
        raise QuantityError(f"`{quoted}` does not begin with a number")
    whole, decimals, unit = match[1], (match[2] or "").rstrip("0"), match[3]
    factor = dimension.units.get(unit)
    if factor is None:
        other = next((d for d in Dimension if unit in d.units), None)
        if unit == "":
            raise QuantityError(f"`{quoted}` has no unit", other)
        kind = f"`{unit}` is a unit of {other.value}" if other else f"`{quotable(unit)}` is no unit netc knows"
        raise QuantityError(kind, other)
    # Integers throughout: 20 digits and 12 decimals are more than a Decimal of usual precision holds.
    if len(whole) > MOST_DIGITS:
        raise QuantityError(f"`{quoted}` is larger than a 64-bit counter holds")
    scale = 10 ** len(decimals[:MOST_DIGITS])
    value, rest = divmod(int(whole + decimals[:MOST_DIGITS]) * factor, scale)
    if rest or len(decimals) > MOST_DIGITS:
        raise QuantityError(f"`{quoted}` is not a whole number of {_base_name(dimension)}")
    if value >= LARGEST:
        raise QuantityError(f"`{quoted}` is larger than a 64-bit counter holds")
    return Quantity(value, dimension, text)


def _base_name(dimension: Dimension) -> str:
    names = {
        Dimension.SIZE: "bytes",
        Dimension.BIT_RATE: "bits per second",
        Dimension.PACKET_RATE: "packets per second",
        Dimension.TIME: "nanoseconds",
    }
    return names.get(dimension, "ones")


def with_unit(value: int, dimension: Dimension) -> str:
    """A quantity in the largest unit that needs no fraction; sizes in powers of two."""
    units = dimension.units
    if dimension is Dimension.SIZE:
        units = {unit: factor for unit, factor in units.items() if factor.bit_count() == 1}
    fitting = {factor: unit for unit, factor in units.items() if value and value % factor == 0}
    factor = max(fitting, default=1)
    return f"{value // factor}{fitting.get(factor) or min(units, key=units.__getitem__)}"


def show_size(value: int) -> str:
    """Bytes in the largest binary unit that keeps three digits or is exact: `64 MiB`, `238.4 MiB`."""
    for unit, factor in (("TiB", 2**40), ("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if value >= factor:
            return f"{_short(value, factor)} {unit}"
    return f"{value} B"


def counted(number: int, noun: str) -> str:
    """`1 queue`, `8 queues`."""
    return f"{number} {noun}{'s' * (number != 1)}"


def show_count(value: int) -> str:
    """A count in thousands: `2 M`, `150 k`, `470`."""
    for unit, factor in (("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if value >= factor:
            return f"{_short(value, factor)} {unit}"
    return str(value)


def show_bit_rate(value: int) -> str:
    """Bits per second: `80 Gbit/s`."""
    for unit, factor in (("Tbit/s", 10**12), ("Gbit/s", 10**9), ("Mbit/s", 10**6), ("kbit/s", 10**3)):
        if value >= factor:
            return f"{_short(value, factor)} {unit}"
    return f"{value} bit/s"


def show_time(nanoseconds: int) -> str:
    """A time in the largest unit that is at least one: `40 ms`, `200 us`."""
    for unit, factor in (
        ("h", 3600 * 10**9),
        ("min", 60 * 10**9),
        ("s", 10**9),
        ("ms", 10**6),
        ("us", 10**3),
    ):
        if nanoseconds >= factor:
            return f"{_short(nanoseconds, factor)} {unit}"
    return f"{nanoseconds} ns"


def _short(value: int, factor: int) -> str:
    """`value / factor` in four digits, or in as many as its whole part has."""
    if value % factor == 0 or value // factor >= 10_000:  # `.4g` would print an exponent
        return str((value + factor // 2) // factor)
    return f"{value / factor:.4g}"

"""Quantities."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netc.units import (
    LARGEST,
    Dimension,
    QuantityError,
    parse_quantity,
    show_bit_rate,
    show_count,
    show_size,
    show_time,
)


@pytest.mark.parametrize(
    ("text", "dimension", "value"),
    [
        ("0B", Dimension.SIZE, 0),
        ("64KiB", Dimension.SIZE, 65_536),
        ("256GiB", Dimension.SIZE, 256 << 30),
        ("0.5TiB", Dimension.SIZE, 1 << 39),
        ("64kB", Dimension.SIZE, 64_000),
        ("3TB", Dimension.SIZE, 3 * 10**12),
        ("80Gbps", Dimension.BIT_RATE, 80 * 10**9),
        ("2.5Gbps", Dimension.BIT_RATE, 2_500_000_000),
        ("1.6Tbps", Dimension.BIT_RATE, 1_600_000_000_000),
        ("12Mpps", Dimension.PACKET_RATE, 12_000_000),
        ("14.88Mpps", Dimension.PACKET_RATE, 14_880_000),
        ("40ms", Dimension.TIME, 40_000_000),
        ("1.5h", Dimension.TIME, 5400 * 10**9),
        ("2min", Dimension.TIME, 120 * 10**9),
        ("50us", Dimension.TIME, 50_000),
        ("7", Dimension.COUNT, 7),
        ("007", Dimension.COUNT, 7),
        ("150k", Dimension.COUNT, 150_000),
        ("2M", Dimension.COUNT, 2_000_000),
        ("1.000G", Dimension.COUNT, 10**9),
        ("150k/s", Dimension.RATE, 150_000),
        ("8/s", Dimension.RATE, 8),
        (f"{LARGEST - 1}B", Dimension.SIZE, LARGEST - 1),
        ("1." + "0" * 5000 + "B", Dimension.SIZE, 1),
    ],
)
def test_quantity(text: str, dimension: Dimension, value: int) -> None:
    quantity = parse_quantity(text, dimension)
    assert (quantity.value, quantity.dimension, str(quantity)) == (value, dimension, text)


@pytest.mark.parametrize(
    ("text", "dimension", "message", "other"),
    [
        ("40", Dimension.TIME, "`40` has no unit", Dimension.COUNT),
        ("4KB", Dimension.SIZE, "`KB` is no unit netc knows", None),
        ("1gbps", Dimension.BIT_RATE, "`gbps` is no unit netc knows", None),
        ("5 Gbps", Dimension.BIT_RATE, "` Gbps` is no unit netc knows", None),
        ("100Mbps", Dimension.PACKET_RATE, "`Mbps` is a unit of a bit rate", Dimension.BIT_RATE),
        ("64KiB", Dimension.COUNT, "`KiB` is a unit of a size", Dimension.SIZE),
        ("12Mpps", Dimension.BIT_RATE, "`Mpps` is a unit of a packet rate", Dimension.PACKET_RATE),
        ("40ms", Dimension.COUNT, "`ms` is a unit of a time", Dimension.TIME),
        ("150k", Dimension.RATE, "`k` is a unit of a count", Dimension.COUNT),
        ("150k/s", Dimension.COUNT, "`k/s` is a unit of a rate per second", Dimension.RATE),
        ("fast", Dimension.BIT_RATE, "`fast` does not begin with a number", None),
        ("", Dimension.COUNT, "`` does not begin with a number", None),
        ("-1", Dimension.COUNT, "`-1` does not begin with a number", None),
        (".5s", Dimension.TIME, "`.5s` does not begin with a number", None),
        ("٣s", Dimension.TIME, "`٣s` does not begin with a number", None),
        ("1.s", Dimension.TIME, "`.s` is no unit netc knows", None),
        ("0.5", Dimension.COUNT, "`0.5` is not a whole number of ones", None),
        ("0.5B", Dimension.SIZE, "`0.5B` is not a whole number of bytes", None),
        ("0.5ns", Dimension.TIME, "`0.5ns` is not a whole number of nanoseconds", None),
        ("0.5bps", Dimension.BIT_RATE, "`0.5bps` is not a whole number of bits per second", None),
        ("0.5pps", Dimension.PACKET_RATE, "`0.5pps` is not a whole number of packets per second", None),
        (f"{LARGEST}", Dimension.COUNT, f"`{LARGEST}` is larger than a 64-bit counter holds", None),
        ("9999999999TiB", Dimension.SIZE, "`9999999999TiB` is larger than a 64-bit counter holds", None),
        ("7\x1b[2J", Dimension.COUNT, r"`\x1b[2J` is no unit netc knows", None),
    ],
)
def test_what_is_no_quantity(text: str, dimension: Dimension, message: str, other: Dimension | None) -> None:
    with pytest.raises(QuantityError) as caught:
        parse_quantity(text, dimension)
    assert str(caught.value) == message
    assert caught.value.other is other


def test_more_decimals_than_a_decimal_of_28_digits_holds_are_not_lost() -> None:
    with pytest.raises(QuantityError, match="not a whole number"):
        parse_quantity("1000000000000000000.000000000001B", Dimension.SIZE)


@pytest.mark.parametrize("text", ["9" * 100_000, "1." + "3" * 100_000, "1" + "x" * 1_000_000])
def test_endless_numbers_are_refused_in_short(text: str) -> None:
    with pytest.raises(QuantityError) as caught:
        parse_quantity(text, Dimension.COUNT)
    assert len(str(caught.value)) < 150


def test_units_are_spoken() -> None:
    assert Dimension.BIT_RATE.spoken == "`bps`, `kbps`, `Mbps`, `Gbps`, `Tbps`"
    assert Dimension.COUNT.spoken == "no unit, `k`, `M`, `G`"


def test_every_dimension_has_a_base_unit_and_no_unit_belongs_to_two() -> None:
    units = [unit for dimension in Dimension for unit in dimension.units]
    assert len(units) == len(set(units))
    assert all(1 in dimension.units.values() for dimension in Dimension)


@given(st.sampled_from(Dimension), st.data(), st.integers(0, 10**12), st.integers(0, 12))
def test_value_is_the_number_times_the_unit(dimension: Dimension, data: st.DataObject, n: int, point: int) -> None:
    unit = data.draw(st.sampled_from(sorted(dimension.units)))
    digits = f"{n:0{point + 1}}"
    text = f"{digits[:-point]}.{digits[-point:]}" if point else digits
    exact = Fraction(n, 10**point) * dimension.units[unit]
    if exact.denominator == 1 and exact < LARGEST:
        assert parse_quantity(text + unit, dimension).value == exact
    else:
        with pytest.raises(QuantityError):
            parse_quantity(text + unit, dimension)


@given(st.text(max_size=30), st.sampled_from(Dimension))
def test_any_text_is_a_quantity_or_an_error(text: str, dimension: Dimension) -> None:
    try:
        assert 0 <= parse_quantity(text, dimension).value < LARGEST
    except QuantityError as error:
        assert str(error).isprintable()


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (show_size(64 << 20), "64 MiB"),
        (show_size(250_000_000), "238.4 MiB"),
        (show_size(1023), "1023 B"),
        (show_size(12345 * 2**40 + 1), "12345 TiB"),
        (show_count(2_000_000), "2 M"),
        (show_count(150_000), "150 k"),
        (show_count(470), "470"),
        (show_count(12_345_678_901_234), "12346 G"),
        (show_bit_rate(80 * 10**9), "80 Gbit/s"),
        (show_bit_rate(2_500_000_000), "2.5 Gbit/s"),
        (show_bit_rate(7), "7 bit/s"),
        (show_time(40_000_000), "40 ms"),
        (show_time(200_000), "200 us"),
        (show_time(90 * 60 * 10**9), "1.5 h"),
        (show_time(0), "0 ns"),
        (show_time((1 << 62) + 1), "1281024 h"),
    ],
)
def test_shown(shown: str, text: str) -> None:
    assert shown == text


Show = Callable[[int], str]

SHOWN: list[tuple[Show, Dimension]] = [
    (show_size, Dimension.SIZE),
    (show_count, Dimension.COUNT),
    (lambda value: show_bit_rate(value).replace("bit/s", "bps"), Dimension.BIT_RATE),
    (show_time, Dimension.TIME),
]


@given(st.sampled_from(SHOWN), st.integers(0, LARGEST // 2) | st.integers(0, 10**7))
def test_what_is_shown_reads_as_the_value_in_four_digits(shown: tuple[Show, Dimension], value: int) -> None:
    show, dimension = shown
    match = re.fullmatch(r"(\d+(?:\.\d+)?) ?(.*)", show(value))
    assert match
    read = Fraction(match[1]) * dimension.units[match[2]]
    assert abs(read - value) * 2000 <= value


@given(st.sampled_from(SHOWN), st.integers(1, 999), st.data())
def test_what_was_written_in_whole_units_is_shown_exactly(
    shown: tuple[Show, Dimension], n: int, data: st.DataObject
) -> None:
    show, dimension = shown
    unit = data.draw(st.sampled_from(sorted(dimension.units)))
    value = parse_quantity(f"{n}{unit}", dimension).value
    binary = [factor for name, factor in dimension.units.items() if dimension is not Dimension.SIZE or "i" in name]
    if value % max((factor for factor in binary if factor <= value), default=1) == 0:
        assert parse_quantity(show(value).replace(" ", ""), dimension).value == value

"""Sets of CPUs in the forms of the kernel."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netc.cpulist import HIGHEST_CPU, CpuListError, CpuSet

CPUS = st.frozensets(st.integers(0, HIGHEST_CPU), max_size=60) | st.frozensets(st.integers(0, 90))


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", []),
        ("  ", []),
        ("0", [0]),
        ("5-5", [5]),
        ("0-3,8", [0, 1, 2, 3, 8]),
        ("8,0-3", [0, 1, 2, 3, 8]),
        ("0-3, 2-5", [0, 1, 2, 3, 4, 5]),
        ("007", [7]),
        ("00000001-00000002", [1, 2]),
        ("0-31:2/4", [n for n in range(32) if n % 4 < 2]),
        ("1-9:1/3", [1, 4, 7]),
        ("1-8:3/5", [1, 2, 3, 6, 7, 8]),
        ("0-6:4/4", list(range(7))),
        ("3-9:2/99999999", [3, 4]),
        ("0-31:2/4,40", [n for n in range(32) if n % 4 < 2] + [40]),
        (f"{HIGHEST_CPU}", [HIGHEST_CPU]),
    ],
)
def test_list_is_read(text: str, numbers: list[int]) -> None:
    assert list(CpuSet.parse(text)) == numbers


FORM = "is no CPU number, range `A-B` or range with stride `A-B:N/M`"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a", f"`a` {FORM}"),
        ("1-", f"`1-` {FORM}"),
        ("-1", f"`-1` {FORM}"),
        ("0x3", f"`0x3` {FORM}"),
        ("1,,2", f"`` {FORM}"),
        ("1,", f"`` {FORM}"),
        ("0 1", f"`0 1` {FORM}"),
        ("5:1/2", f"`5:1/2` {FORM}"),
        ("0-7:2", f"`0-7:2` {FORM}"),
        ("٣", f"`٣` {FORM}"),
        ("0-1\x1b[2J", rf"`0-1\x1b[2J` {FORM}"),
        ("3-1", "`3-1` runs backwards"),
        ("0,9-8", "`9-8` runs backwards"),
        ("8192", "`8192` names CPU 8192; the highest a kernel can have is 8191"),
        ("0-9000", "`0-9000` names CPU 9000; the highest a kernel can have is 8191"),
        ("0-7:0/4", "`0-7:0/4` takes 0 of every 4; the first must be 1 to the second"),
        ("0-7:5/4", "`0-7:5/4` takes 5 of every 4; the first must be 1 to the second"),
        ("0-7:0/0", "`0-7:0/0` takes 0 of every 0; the first must be 1 to the second"),
    ],
)
def test_what_is_no_list(text: str, message: str) -> None:
    with pytest.raises(CpuListError) as caught:
        CpuSet.parse(text)
    assert str(caught.value) == message


@pytest.mark.parametrize("text", ["9" * 10_000, f"0-{'9' * 10_000}", "x" * 1_000_000])
def test_endless_parts_are_refused_in_short(text: str) -> None:
    with pytest.raises(CpuListError) as caught:
        CpuSet.parse(text)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ([], ""),
        ([0], "0"),
        ([0, 1], "0-1"),
        ([0, 2], "0,2"),
        ([*range(16), *range(32, 48)], "0-15,32-47"),
        ([3, 5, 6, 7, 9], "3,5-7,9"),
    ],
)
def test_list_is_written_with_ranges_joined(numbers: list[int], text: str) -> None:
    assert str(CpuSet.of(numbers)) == text


@pytest.mark.parametrize(
    ("numbers", "mask"),
    [
        ([], "0"),
        ([0], "1"),
        (range(4), "f"),
        ([31], "80000000"),
        ([32], "1,00000000"),
        (range(36, 40), "f0,00000000"),
        ([0, 64], "1,00000000,00000001"),
    ],
)
def test_mask(numbers: list[int], mask: str) -> None:
    assert CpuSet.of(numbers).mask() == mask


def mask_of(numbers: frozenset[int]) -> str:
    """The mask built from words, as lib/vsprintf.c builds it, leading zeros removed."""
    words = [0] * (HIGHEST_CPU // 32 + 1)
    for number in numbers:
        words[number // 32] += 2 ** (number % 32)
    return ",".join(f"{word:08x}" for word in reversed(words)).lstrip("0,") or "0"


@given(CPUS)
def test_mask_agrees_with_one_built_from_words(numbers: frozenset[int]) -> None:
    assert CpuSet.of(numbers).mask() == mask_of(numbers)


@given(CPUS)
def test_list_round_trips(numbers: frozenset[int]) -> None:
    cpus = CpuSet.of(numbers)
    assert list(cpus) == sorted(numbers)
    assert CpuSet.parse(str(cpus)) == cpus
    assert CpuSet.parse(", ".join(map(str, numbers))) == cpus
    assert str(CpuSet.parse(str(cpus))) == str(cpus)


@given(CPUS, CPUS)
def test_sets_behave_as_sets(one: frozenset[int], other: frozenset[int]) -> None:
    a, b = CpuSet.of(one), CpuSet.of(other)
    assert set(a | b) == one | other
    assert set(a & b) == one & other
    assert set(a - b) == one - other
    assert (a <= b) == (one <= other)
    assert (len(a), bool(a), a.highest) == (len(one), bool(one), max(one, default=-1))
    assert all((number in a) == (number in one) for number in [-1, 0, 5, HIGHEST_CPU, *other])


@given(st.integers(0, 300), st.integers(0, 300), st.integers(1, 40), st.integers(1, 40))
def test_stride_takes_the_first_of_every_group(first: int, more: int, used: int, more_group: int) -> None:
    group = used + more_group - 1
    expected = [n for n in range(first, first + more + 1) if (n - first) % group < used]
    assert list(CpuSet.parse(f"{first}-{first + more}:{used}/{group}")) == expected


@given(st.text(st.sampled_from("0123456789-,:/ x"), max_size=20) | st.text(max_size=10))
def test_any_text_is_a_list_or_an_error(text: str) -> None:
    try:
        assert CpuSet.parse(text).highest <= HIGHEST_CPU
    except CpuListError as error:
        assert str(error).isprintable()

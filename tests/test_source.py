"""Places in texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netc.source import Source, Span

TEXTS = st.text(st.sampled_from("ab é漢\n\r\t"), max_size=60)


@pytest.mark.parametrize(
    ("offset", "position"),
    [
        (0, (1, 1)),
        (1, (1, 2)),
        (2, (1, 3)),
        (3, (2, 1)),
        (4, (3, 1)),
        (6, (3, 3)),
        (-5, (1, 1)),
        (99, (3, 3)),
    ],
)
def test_position_counts_lines_and_characters_from_one(offset: int, position: tuple[int, int]) -> None:
    assert Source("a.net", "é漢\n\nxy").position(offset) == position


def test_text_without_characters_has_one_empty_line() -> None:
    source = Source("a.net", "")
    assert source.position(0) == (1, 1)
    assert source.line(1) == ""


def test_line_comes_without_its_line_end() -> None:
    source = Source("a.net", "unix\nwindows\r\n\rreturn\r\r\nlast")
    lines = ["", "unix", "windows", "\rreturn\r", "last", ""]
    assert [source.line(number) for number in range(6)] == lines


@given(TEXTS)
def test_positions_and_lines_agree_with_splitting(text: str) -> None:
    source = Source("a.net", text)
    lines = text.split("\n")
    assert [source.line(number + 1) for number in range(len(lines))] == [line.removesuffix("\r") for line in lines]
    for offset in range(len(text) + 1):
        before = text[:offset]
        assert source.position(offset) == (before.count("\n") + 1, offset - before.rfind("\n"))


def test_span_knows_its_text_and_both_ends() -> None:
    source = Source("a.net", "one\ntwo three")
    two, three = Span(source, 4, 7), Span(source, 8, 13)
    assert two.text == "two"
    assert (two.first, two.last) == ((2, 1), (2, 4))
    assert two.to(three).text == "two three"
    assert two.to(Span(source, 5, 6)) == two


def test_sources_are_told_apart_even_with_the_same_name_and_text() -> None:
    one, other = Source("a.net", "x"), Source("a.net", "x")
    assert one != other
    assert len({one, other}) == 2
    assert Span(one, 0, 1) != Span(other, 0, 1)

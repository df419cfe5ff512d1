"""Names in few words, which the language itself reads back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netc.comparing.names import patterns
from netc.resolving.names import NamePattern


@pytest.mark.parametrize(
    "names, expected",
    [
        (["web-1"], ["web-1"]),
        ([f"web-{n:03}" for n in range(1, 201)], ["web-[001..200]"]),
        ([f"c-{n:02}.{place}" for n in (1, 2, 3) for place in ("fra", "ams")], ["c-[01..03].[fra,ams]"]),
        (["web-1", "web-2", "web-9"], ["web-[1..2,9]"]),
        (["web-9", "web-10"], ["web-9", "web-10"]),
        (["a.example.net", "b.example.net", "c"], ["[a,b].example.net", "c"]),
        (["web-01", "web-02", "db-01"], ["web-[01..02]", "db-01"]),
        ([], []),
    ],
)
def test_patterns(names: list[str], expected: list[str]) -> None:
    assert patterns(names) == expected


def expanded(pattern: str) -> set[str]:
    """What a pattern stands for, by the reader of the language; a list of ranges is several patterns of it."""
    head, bracket, rest = pattern.partition("[")
    if not bracket:
        return {pattern}
    inner, _, tail = rest.partition("]")
    parts = inner.split(",") if ".." in inner else [inner]
    return {
        name
        for part in parts
        for end in expanded(tail)
        for name in NamePattern(f"{head}[{part}]{end}" if ".." in part or "," in part else head + part + end)
    }


NAME = st.builds(
    "{}{}{}".format, st.sampled_from(["a-", "b", "c-d-"]), st.integers(0, 120), st.sampled_from(["", ".x", ".y.z"])
)


@given(st.sets(NAME, max_size=30))
def test_patterns_stand_for_exactly_the_names(names: set[str]) -> None:
    found = [name for pattern in patterns(sorted(names)) for name in expanded(pattern)]
    assert sorted(found) == sorted(names)

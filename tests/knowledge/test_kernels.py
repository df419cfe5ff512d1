"""Kernel versions: text, order, distance, and which table judges which kernel."""

from __future__ import annotations

import pytest

from netc.knowledge.kernels import KernelVersion, standing

TABLES = tuple(KernelVersion.parse(text) for text in ("6.1", "6.12", "6.18", "7.3"))


def version(text: str) -> KernelVersion:
    return KernelVersion.parse(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("6.1", "6.1"),
        ("6.12.3", "6.12.3"),
        ("5.14", "5.14"),
        ("6.1.0-18-amd64", "6.1"),
        ("6.18.44-cloud", "6.18.44"),
    ],
)
def test_versions_are_read_from_releases(text: str, shown: str) -> None:
    assert str(version(text)) == shown


@pytest.mark.parametrize("text", ["", "6", "6.", ".1", "six.one", "6.1.2.3", "v6.1", "6,1", "٦.١"])
def test_other_text_is_no_version(text: str) -> None:
    with pytest.raises(ValueError, match="no kernel version"):
        version(text)


def test_versions_compare_by_number() -> None:
    texts = ["4.20", "5.0", "5.9", "5.10", "5.19", "6.0", "6.1", "6.1.7", "6.2", "6.9", "6.10", "6.19", "7.0"]
    assert sorted(map(version, reversed(texts))) == [version(text) for text in texts]
    assert version("6.10") > version("6.9")
    assert version("6.1") == version("6.1.0")


def test_series_follow_each_other_without_a_gap() -> None:
    for last, first in (("3.19", "4.0"), ("4.20", "5.0"), ("5.19", "6.0"), ("6.19", "7.0")):
        assert version(first).index - version(last).index == 1
    assert version("2.6").index < version("3.0").index


@pytest.mark.parametrize(
    ("kernel", "judge", "below", "above"),
    [
        ("6.1.55", "6.1", "6.1", "6.1"),
        ("6.6", "6.1", "6.1", "6.12"),
        ("6.8", "6.12", "6.1", "6.12"),
        ("6.15", "6.12", "6.12", "6.18"),
        ("6.19", "6.18", "6.18", "7.3"),
        ("7.1", "7.3", "6.18", "7.3"),
        ("5.14", "6.1", None, "6.1"),
        ("7.9", "7.3", "7.3", None),
    ],
)
def test_the_nearest_table_judges(kernel: str, judge: str, below: str | None, above: str | None) -> None:
    found = standing(version(kernel), TABLES)
    assert str(found.judge) == judge
    assert (found.below and str(found.below)) == below
    assert (found.above and str(found.above)) == above

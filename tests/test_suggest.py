"""The nearest known word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netc.suggest import LONGEST_WORD, did_you_mean, nearest

WORDS = ["queues", "rings", "driver", "speed", "match", "mtu", "busy-poll", "connection-rate"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("queue", "queues"),
        ("qeues", "queues"),
        ("Queues", "queues"),
        ("DRIVER", "driver"),
        ("busy_poll", "busy-poll"),
        ("conection_rate", "connection-rate"),
        ("mut", "mtu"),
        ("zebra", None),
        ("", None),
        ("queues" * LONGEST_WORD, None),
    ],
)
def test_nearest(word: str, meant: str | None) -> None:
    assert nearest(word, WORDS) == meant


def test_help_names_the_word() -> None:
    assert did_you_mean("spede", WORDS) == ("did you mean `speed`?",)
    assert did_you_mean("zebra", WORDS) == ()


def test_a_word_is_no_correction_of_itself() -> None:
    assert did_you_mean("speed", WORDS) == ()


def test_nothing_is_near_when_nothing_is_known() -> None:
    assert nearest("speed", []) is None


@given(st.text(max_size=80), st.permutations(WORDS))
def test_the_answer_is_a_known_word_whatever_their_order(word: str, known: list[str]) -> None:
    found = nearest(word, known)
    assert found is None or found in WORDS
    assert found == nearest(word, WORDS)

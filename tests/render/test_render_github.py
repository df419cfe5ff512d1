"""Diagnostics as workflow commands."""

from __future__ import annotations

import re

from diagnosed import UNUSED, diagnostics, found, span
from hypothesis import given, settings

from netc.diagnostics import Diagnostic, Label
from netc.render import github
from netc.source import Source
from running import often

SOURCE = Source("a,b:c%.net", "isolate 0-3\nqueues 32\n")


def test_command_within_a_line() -> None:
    assert github.render([found(span(SOURCE, "32"))]) == (
        "::error file=a%2Cb%3Ac%25.net,line=2,col=8,endLine=2,endColumn=10,title=N9001::nic `up` asks for 32 queues\n"
    )


def test_range_over_several_lines_has_no_columns() -> None:
    rendered = github.render([UNUSED.at(span(SOURCE, "0-3\nqueues"), name="x")])
    assert rendered.startswith("::warning file=a%2Cb%3Ac%25.net,line=1,endLine=2,title=N9002::")


def test_without_a_place() -> None:
    assert github.render([UNUSED.at(None, name="a:b,c%\r\n")]) == (
        "::warning title=N9002::profile `a:b,c%25\\r\\n` is not used\n"
    )


def test_labels_notes_and_help_are_lines_of_the_message() -> None:
    labels = [Label(span(SOURCE, "0-3"), "isolated")]
    place = span(SOURCE, "32")
    rendered = github.render([found(place, label="here", labels=labels, notes=["50%\nof"], help=["h"])])
    message = rendered.split("::")[2]
    assert message == ("nic `up` asks for 32 queues%0Ahere%0Anote: 50%25%0Aof%0Ahelp: h%0Aa,b:c%25.net:1:9: isolated\n")


def test_nothing_for_no_diagnostics() -> None:
    assert github.render([]) == ""


@settings(max_examples=often(30), deadline=None)
@given(diagnostics())
def test_any_diagnostic_is_one_command(some: list[Diagnostic]) -> None:
    rendered = github.render(some)
    rows = rendered.split("\n")
    assert rows.pop() == ""
    assert len(rows) == len(some)
    for row, diagnostic in zip(rows, some, strict=True):
        assert row.isprintable()
        # As actions/runner reads it: the properties end at the first `::`, and hold `,` between them.
        match = re.fullmatch(r"::(error|warning) (.*?)::(.*)", row)
        assert match
        assert all(re.fullmatch(r"[A-Za-z]+=[^,:]*", part) for part in match[2].split(","))
        assert match[2].endswith(f"title={diagnostic.code}")
        assert match[1] == diagnostic.severity.value
        assert re.sub(r"%25|%0A", "", match[3]).count("%") == 0

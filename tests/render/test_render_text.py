"""Diagnostics as people read them."""

from __future__ import annotations

import re
import time
import unicodedata

import pytest
from diagnosed import UNUSED, diagnostics, found, span
from hypothesis import given, settings
from hypothesis import strategies as st

from netc.diagnostics import Diagnostic, Label, Report
from netc.render import text
from netc.render.visible import visible
from netc.source import Source, Span
from running import often

EDGE = Source("edge.net", "\n\n\n\n    isolate 0-3\n\n\n\n\n\n\n    queues 32\n")
FLEET = Source(
    "fleet.net",
    """\
profile edge {
    nic front { speed 10Gbps; queues 4 }
}

host a : edge {
    nic front {
        queues 8
        rings 4096
        mtu 1500
        driver ice
    }
}
""",
)


def shown(diagnostic: Diagnostic, width: int | None = None) -> str:
    """As printed, after an empty line, so that the expected text may begin on a line of its own."""
    return "\n" + text.render([diagnostic], False, width)


def test_the_form_of_the_language_reference() -> None:
    diagnostic = found(
        span(EDGE, "32"),
        label="12 CPUs are available to this nic",
        labels=[Label(span(EDGE, "0-3"), "these 4 CPUs are isolated")],
        notes=["`up` sits on NUMA node 0, which has CPUs 0-15"],
        help=["write `queues 12`, or leave `queues` out"],
    )
    expected = """
error[N9001]: nic `up` asks for 32 queues
  --> edge.net:12:12
   |
 5 |     isolate 0-3
   |             --- these 4 CPUs are isolated
...
12 |     queues 32
   |            ^^ 12 CPUs are available to this nic
   |
   = note: `up` sits on NUMA node 0, which has CPUs 0-15
   = help: write `queues 12`, or leave `queues` out
"""
    assert shown(diagnostic) == expected


def test_without_a_place() -> None:
    diagnostic = found(None, notes=["one line", "two\nlines"], help=["`netc`\n\n  with an example"])
    expected = """
error[N9001]: nic `up` asks for 32 queues
  |
  = note: one line
  = note: two
          lines
  = help: `netc`

            with an example
"""
    assert shown(diagnostic) == expected
    assert shown(found(None)) == "\nerror[N9001]: nic `up` asks for 32 queues\n"


def test_warning_without_label() -> None:
    expected = """
warning[N9002]: profile `edge` is not used
 --> fleet.net:1:9
  |
1 | profile edge {
  |         ^^^^
"""
    assert shown(UNUSED.at(span(FLEET, "edge"), name="edge")) == expected


def test_labels_on_one_line_hang_below_one_another() -> None:
    labels = [Label(span(FLEET, "nic front"), "of this nic"), Label(span(FLEET, "10Gbps"), "fast")]
    expected = """
error[N9001]: nic `up` asks for 32 queues
 --> fleet.net:2:38
  |
2 |     nic front { speed 10Gbps; queues 4 }
  |     ---------         ------         ^ too few
  |     |                 |
  |     |                 fast
  |     of this nic
"""
    assert shown(found(span(FLEET, "4"), label="too few", labels=labels)) == expected


def test_ranges_within_one_another_all_show() -> None:
    labels = [Label(span(FLEET, "front"), "a name"), Label(span(FLEET, "nic front { speed"), "outer")]
    expected = """
error[N9001]: nic `up` asks for 32 queues
 --> fleet.net:2:5
  |
2 |     nic front { speed 10Gbps; queues 4 }
  |     ^^^^^^^^^^^------
  |     |   |
  |     |   a name
  |     inner
  |     outer
"""
    assert shown(found(span(FLEET, "nic front {"), label="inner", labels=labels)) == expected


def test_a_gap_of_one_line_is_shown_and_a_longer_one_is_not() -> None:
    labels = [Label(span(FLEET, "4096"), "here"), Label(span(FLEET, "ice"), "and here")]
    expected = """
error[N9001]: nic `up` asks for 32 queues
  --> fleet.net:5:6
   |
 5 | host a : edge {
   |      ^
...
 8 |         rings 4096
   |               ---- here
 9 |         mtu 1500
10 |         driver ice
   |                --- and here
"""
    assert shown(found(span(FLEET, "a", "host "), labels=labels)) == expected


def test_labels_in_other_files_are_blocks_of_their_own() -> None:
    labels = [
        Label(span(EDGE, "32"), "there"),
        Label(span(FLEET, "nic"), "in the same file"),
        Label(span(EDGE, "isolate"), "there too"),
    ]
    expected = """
error[N9001]: nic `up` asks for 32 queues
  --> fleet.net:1:9
   |
 1 | profile edge {
   |         ^^^^ here
 2 |     nic front { speed 10Gbps; queues 4 }
   |     --- in the same file
   |
  ::: edge.net:12:12
   |
 5 |     isolate 0-3
   |     ------- there too
...
12 |     queues 32
   |            -- there
   |
   = note: a fact
"""
    assert shown(found(span(FLEET, "edge"), label="here", labels=labels, notes=["a fact"])) == expected


def test_labels_show_even_where_the_finding_itself_has_no_place() -> None:
    expected = """
error[N9001]: nic `up` asks for 32 queues
  --> edge.net:12:12
   |
12 |     queues 32
   |            -- there
"""
    assert shown(found(None, labels=[Label(span(EDGE, "32"), "there")])) == expected


def test_range_over_several_lines() -> None:
    host = Span(FLEET, FLEET.text.index("host"), len(FLEET.text) - 1)
    expected = """
error[N9001]: nic `up` asks for 32 queues
  --> fleet.net:5:1
   |
 5 | / host a : edge {
...  |
12 | | }
   | |_^ this host
"""
    assert shown(found(host, label="this host")) == expected


def test_ranges_over_several_lines_within_one_another() -> None:
    host = Span(FLEET, FLEET.text.index("host"), len(FLEET.text) - 1)
    nic = span(FLEET, "nic front {\n        queues 8")
    block = span(FLEET, "{\n        queues 8\n        rings")
    expected = """
error[N9001]: nic `up` asks for 32 queues
  --> fleet.net:5:1
   |
 5 | /   host a : edge {
 6 | |/      nic front {
   | || _______________-
 7 | |||         queues 8
   | |||                - eight
   | ||_________________- the nic
 8 | | |         rings 4096
   | | |_____________- a block
...  |
12 | |   }
   | |___^ this host
"""
    labels = [Label(nic, "the nic"), Label(block, "a block"), Label(span(FLEET, "8"), "eight")]
    assert shown(found(host, label="this host", labels=labels)) == expected


def test_range_that_begins_within_its_line() -> None:
    expected = """
error[N9001]: nic `up` asks for 32 queues
 --> fleet.net:1:14
  |
1 |   profile edge {
  |  ______________^
2 | |     nic front { speed 10Gbps; queues 4 }
3 | | }
  | |_^ block
"""
    block = Span(FLEET, FLEET.text.index("{"), FLEET.text.index("}\n}") + 3)
    assert shown(found(block, label="block")) == expected


def test_end_of_file_and_empty_ranges_have_one_caret() -> None:
    source = Source("-", "host a {\n")
    expected = """
error[N9001]: nic `up` asks for 32 queues
 --> -:2:1
  |
1 | host a {
  |      - before this
2 |
  | ^ `}` is missing
"""
    labels = [Label(Span(source, 5, 5), "before this")]
    assert shown(found(Span(source, 9, 9), label="`}` is missing", labels=labels)) == expected


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r\nnext", ""])
def test_range_with_its_line_end_stays_on_its_line(end: str) -> None:
    source = Source("a.net", f"mtu 9000{end}")
    place = Span(source, 4, 8 + len(end.removesuffix("next")))
    assert shown(found(place, label="here")).splitlines()[4:] == ["1 | mtu 9000", "  |     ^^^^ here"]


def test_caret_for_the_line_end_itself_stands_behind_the_line() -> None:
    source = Source("a.net", "mtu\r\nx")
    assert shown(found(Span(source, 3, 5))).splitlines()[4:] == ["1 | mtu", "  |    ^"]


def test_tabs_and_wide_characters_keep_carets_below_what_they_mean() -> None:
    source = Source("a.net", '\tset\tx = "漢字" because\n')
    expected = """
error[N9001]: nic `up` asks for 32 queues
 --> a.net:1:15
  |
1 |     set    x = "漢字" because
  |                 ----  ^^^^^^^ here
  |                 |
  |                 wide
"""
    labels = [Label(span(source, "漢字"), "wide")]
    diagnostic = found(span(source, "because"), label="here", labels=labels)
    assert shown(diagnostic) == expected


def test_what_moves_hides_or_reorders_is_shown_as_an_escape() -> None:
    source = Source("a\x1b[2J.net", "a\x1b[1A\u202e\u200bא\u0301\x9b\x07\r.b")
    expected = r"""
error[N9001]: nic `up` asks for 32 queues
 --> a\x1b[2J.net:1:14
  |
1 | a\x1b[1A\u202e\u200b\u05d0\u0301\x9b\x07\r.b
  |                                            ^ l\nl
  |
  = note: n\u2028
"""
    assert shown(found(span(source, "b"), label="l\nl", notes=["n\u2028"])) == expected


def test_long_line_is_cut_around_the_primary_range() -> None:
    source = Source("a.net", "x " * 500 + "queues 32 " + "y " * 500 + "end")
    labels = [Label(Span(source, 0, 1), "start"), Label(span(source, "end"), "end")]
    expected = """
error[N9001]: nic `up` asks for 32 queues
 --> a.net:1:1001
  |
1 | … x x x x x queues 32 y y y y y y…
  | -           ^^^^^^^^^            - end
  | |           |
  | |           here
  | start
"""
    got = shown(found(span(source, "queues 32"), label="here", labels=labels), width=38)
    assert got == expected


def test_long_line_is_cut_behind_when_the_range_is_at_its_beginning() -> None:
    source = Source("a.net", "queues " + "y" * 100)
    rows = shown(found(span(source, "queues")), width=34).splitlines()
    assert rows[4:] == ["1 | queues yyyyyyyyyyyyyyyyyyyyyy…", "  | ^^^^^^"]


def test_a_range_longer_than_the_terminal_is_cut_too() -> None:
    source = Source("a.net", "y" * 100)
    rows = shown(found(Span(source, 0, 100)), width=34).splitlines()
    assert rows[4:] == [f"1 | {'y' * 29}…", f"  | {'^' * 29}"]


def test_diagnostics_stand_apart_by_an_empty_line() -> None:
    assert text.render([found(None), found(None)], False, None) == (
        "error[N9001]: nic `up` asks for 32 queues\n\nerror[N9001]: nic `up` asks for 32 queues\n"
    )
    assert text.render([], False, None) == ""


def test_a_label_given_twice_is_shown_once() -> None:
    label = Label(Span(FLEET, 0, 40), "here")
    assert shown(found(None, labels=[label, label])) == shown(found(None, labels=[label]))


def test_colours_are_plain_ansi_around_the_same_text() -> None:
    labels = [Label(span(EDGE, "0-3"), "isolated"), Label(Span(EDGE, 0, len(EDGE.text)), "all")]
    diagnostic = found(span(EDGE, "32"), label="12 CPUs", labels=labels, notes=["a\nb"])
    coloured = text.render([diagnostic], True, None)
    assert "\x1b[1;31merror[N9001]\x1b[0m\x1b[1m: nic `up` asks for 32 queues\x1b[0m\n" in coloured
    assert "\x1b[1;31m^^\x1b[0m \x1b[1;31m12 CPUs\x1b[0m\n" in coloured
    assert "\x1b[1;34m...\x1b[0m" in coloured
    assert without_colour(coloured) == text.render([diagnostic], False, None)
    assert "\x1b[1;33mwarning[N9002]" in text.render([UNUSED.at(None, name="x")], True, None)


def test_summary() -> None:
    warning = UNUSED.at(None, name="x")
    assert text.summary([]) == ""
    assert text.summary([found(None)]) == "1 error"
    assert text.summary([warning, warning]) == "2 warnings"
    assert text.summary([warning, found(None), found(None)]) == "2 errors, 1 warning"


def without_colour(coloured: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", coloured)


@settings(max_examples=often(30), deadline=None)
@given(diagnostics(), st.none() | st.integers(0, 200))
def test_any_diagnostic_is_harmless_text(some: list[Diagnostic], width: int | None) -> None:
    rendered = text.render(some, False, width)
    assert rendered == "" or rendered.endswith("\n")
    for row in rendered.split("\n"):
        assert row.isprintable()
        assert row == row.rstrip(" ")
        assert not any(unicodedata.combining(c) for c in row)
        assert {unicodedata.bidirectional(c) for c in row}.isdisjoint({"R", "AL", "AN"})
    assert without_colour(text.render(some, True, width)).replace(" \n", "\n") == rendered


@settings(max_examples=often(30), deadline=None)
@given(diagnostics())
def test_every_label_and_both_kinds_of_sign_show(some: list[Diagnostic]) -> None:
    for diagnostic in some:
        rendered = text.render([diagnostic], False, None)
        assert diagnostic.span is None or "^" in rendered
        assert all(visible(label.text).rstrip() in rendered for label in diagnostic.labels)


def test_ten_thousand_diagnostics_in_three_seconds() -> None:
    source = Source("a.net", "".join(f"    nic eth{n} {{ queues 32 }}\n" for n in range(10_000)))
    report = Report()
    for number in range(1, 10_001):
        start = source.line_starts[number - 1] + 4
        labels = [Label(Span(source, start - 4, start), "indent")]
        report.add(found(Span(source, start, start + 8), label="here", labels=labels, notes=["a fact"]))
    begin = time.process_time()
    assert text.render(report, False, 100).count("\n") == 10 * 10_000 - 1
    assert time.process_time() - begin < 20


@pytest.mark.parametrize("char", ["x", "漢", "\x1b", "\u0301"])
def test_line_of_ten_megabytes_in_a_blink(char: str) -> None:
    source = Source("a.net", char * 5_000_000 + "queues" + char * 5_000_000)
    labels = [Label(Span(source, 0, len(source.text)), "all"), Label(Span(source, 0, 1), "first")]
    begin = time.process_time()
    rendered = text.render([found(Span(source, 5_000_000, 5_000_006), label="here", labels=labels)], False, None)
    assert time.process_time() - begin < 5
    assert "queues" in rendered
    assert max(map(len, rendered.splitlines())) <= text.USUAL_WIDTH


def test_many_errors_in_one_long_line() -> None:
    source = Source("a.net", "word " * 200_000)
    some = [found(Span(source, n * 5000, n * 5000 + 4), label="here") for n in range(200)]
    begin = time.process_time()
    text.render(some, False, None)
    assert time.process_time() - begin < 10

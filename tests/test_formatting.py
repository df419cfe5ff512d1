"""The one style of `.net` files, and that laying a file out never changes what it says."""

from __future__ import annotations

import re
import time
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netc.diagnostics import Report
from netc.formatting import format_source
from netc.language.statements import BLOCKS
from netc.parser import LONGEST_LINE, parse
from netc.source import Source
from running import often

if TYPE_CHECKING:
    from netc.syntax import Statement

WHOLE_FILE = """\
# lb.net: two layer-4 load balancers, alike but for their addresses.

profile edge {                         # a reusable part; a host takes any number of them
    system {
        distribution debian 12         # decides kernel, systemd, tick rate, boot loader, where things lie
        memory 256GiB
    }
    cpu {
        sockets 2
        cores 16                       # per socket
        threads 2                      # per core
        housekeeping 1 core per node   # left to the operating system
    }
    goal load-balancer {
        throughput 80Gbps
        packets 12Mpps
    }
}

host lb-[01..02].fra.example.net : edge {
    nic front {
        match pci 0000:18:00.0
        driver ice
        speed 100Gbps
        node 0
    }
    nic back {
        match pci 0000:86:00.0
        driver mlx5_core
        speed 100Gbps
        node 1
        queues 8                       # what is written wins over what would be derived
    }
    set net.core.somaxconn = 16384 because "envoy listens with backlog 16384"
}
"""


def laid_out(text: str) -> str:
    report = Report()
    result = format_source(Source("a.net", text), report)
    assert result is not None, [d.message for d in report]
    return result


def said(text: str) -> object:
    """The tree without its positions."""

    def plain(statement: Statement) -> object:
        words = tuple((a.kind, a.text) for a in statement.arguments)
        return words, None if statement.block is None else tuple(map(plain, statement.block.statements))

    report = Report()
    file = parse(Source("a.net", text), report)
    assert not report.failed, [d.message for d in report]
    return tuple(map(plain, file.statements))


def comments(text: str) -> list[str]:
    """All comments of a text in order, without blanks at their ends."""
    tokens = re.finditer(r'"(?:[^"\\\n]|\\[^\n])*"|#[^\n]*', text)
    return [t[0].replace("\r", " ").rstrip() for t in tokens if t[0].startswith("#")]


def test_a_file_in_the_style_stays_as_it_is() -> None:
    assert laid_out(WHOLE_FILE) == WHOLE_FILE


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("", ""),
        ("\n\n \n", ""),
        ("  # only\r\n", "# only\n"),
        ("\ufeffhost a{}", "host a { }\n"),
        ("a  b\tc   d", "a b c d\n"),
        ("a\r\nb\r\n", "a\nb\n"),
        ('set k=1  2 because"x"', 'set k = 1 2 because "x"\n'),
        ("cpus 0-15,32-47", "cpus 0-15,32-47\n"),
        ("over a ,  b,c", "over a, b,c\n"),
        ("a; b ;; c;", "a\nb\nc\n"),
        ('text "a # b { ; }  c"', 'text "a # b { ; }  c"\n'),
        ("a {\n\n\nb\n\n\n\nc\n\n}\n\n\n", "a {\n    b\n\n    c\n}\n"),
        ("a {\n}\n", "a { }\n"),
        ("a { ; }", "a { }\n"),
        ("a { b { c 1;d 2 };e }", "a { b { c 1; d 2 }; e }\n"),
        ("a {\nb { c 1;d 2 };e }", "a {\n    b { c 1; d 2 }\n    e\n}\n"),
        ("a { b\n}", "a {\n    b\n}\n"),
        ("a { # why\n}", "a {  # why\n}\n"),
        ("a {\n# why\n}", "a {\n    # why\n}\n"),
        ("a\n# about b\nb", "a\n# about b\nb\n"),
        ("a #no blank", "a  #no blank\n"),
        ("a; # behind\nb", "a  # behind\nb\n"),
        ("} # x".replace("}", "a {\nb\n}"), "a {\n    b\n}  # x\n"),
        ("over a,\nb,\n\n   c", "over a,\n    b,\n    c\n"),
        ("over a, # one\n# two\nb # three", "over a,  # one\n    # two\n    b  # three\n"),
        ("a b, {\nc\n}", "a b, {\n    c\n}\n"),
        ("a b, # x\n{ c }", "a b,  # x\n    { c }\n"),
    ],
)
def test_layout(written: str, wanted: str) -> None:
    assert laid_out(written) == wanted
    assert laid_out(wanted) == wanted


def test_a_comma_that_ends_a_statement_does_not_take_the_next_one() -> None:
    assert laid_out("a {\nb,; c\nd,\n}") == "a {\n    b,;\n    c\n    d,;\n}\n"
    assert laid_out("a,; # x\n# y\nb") == "a,;  # x\n# y\nb\n"


def test_a_tight_comma_makes_no_list_of_host_names_of_two_words() -> None:
    assert said(laid_out("x[a ,b]")) == said("x[a ,b]")
    assert laid_out("host x[a,b]") == "host x[a,b]\n"


def test_a_block_on_one_line_is_opened_when_it_does_not_fit() -> None:
    fits = "drop { " + "; ".join(["statement 1234"] * 5) + "; x 123456789 }"
    assert len(fits) == 100
    assert laid_out(fits) == f"{fits}\n"
    longer = fits.replace("x 1", "x 111")
    assert laid_out(longer).startswith("drop {\n    statement 1234\n")
    assert laid_out(f"a {{\n{fits}\n}}").startswith("a {\n    drop {\n        statement 1234\n")


def test_comments_in_one_column_stay_in_one() -> None:
    written = dedent(
        """\
        a {
          long-word 1 # one
          b 2         # two

          long-word 1      # far
          longest-word-of-all 2 # near
        }
        """
    )
    assert laid_out(written) == dedent(
        """\
        a {
            long-word 1  # one
            b 2          # two

            long-word 1    # far
            longest-word-of-all 2  # near
        }
        """
    )


def test_comments_move_together_when_one_has_no_room() -> None:
    written = "a {\n b 1       # one\n very-long-word 1;c  # not the same column\n d,1       # two\n}\n"
    assert laid_out(written).splitlines()[1] == "    b 1    # one"
    crowded = "a {\n b 1   # one\n c 2   # two\n}\nd {\n        e,f # three\n}\n"
    assert laid_out(crowded).splitlines()[1:3] == ["    b 1  # one", "    c 2  # two"]


def test_a_text_with_syntax_errors_is_left_alone() -> None:
    report = Report()
    assert format_source(Source("a.net", "a {\nb"), report) is None
    assert [d.code for d in report] == ["N0004"]


def test_errors_of_other_files_do_not_matter() -> None:
    report = Report()
    format_source(Source("a.net", '"'), report)
    assert format_source(Source("b.net", "a"), report) == "a\n"


def test_no_line_becomes_longer_than_netc_reads() -> None:
    text = "a=" * (LONGEST_LINE // 2 - 1) + "\n"
    assert laid_out(text) == text


EXAMPLES = [signature.example for block in BLOCKS.values() for signature in block]
WORDS = st.sampled_from(["a", "rx", "0-3", "x:y", "[a", "b]", "[01..02]", "é", "default", "a[b,c]"])
STRINGS = st.sampled_from(['""', '"a # b"', '"{ } ;"', r'"\" \\"', '"é"'])
BLANKS = st.sampled_from(["", " ", "  ", "\t", " \r"])
COMMENTS = st.sampled_from(["#", "# one", '#two "', "#  {", "# } ;", "# \\"])
BREAKS = st.lists(
    st.sampled_from(["\n", "\n\n", "\n\n\n\n", " \n", "\r\n", ";", " ; ", "\n;\n"]), min_size=1, max_size=3
).map("".join)


@st.composite
def separators(draw: st.DrawFn) -> str:
    """What may stand between two statements."""
    comment = draw(COMMENTS) + "\n" if draw(st.booleans()) else ""
    own = draw(BLANKS) + draw(COMMENTS) + draw(st.sampled_from(["\n", "\n\n"])) if draw(st.booleans()) else ""
    return draw(BLANKS) + draw(BREAKS) + draw(BLANKS) + (f"{comment}{own}" if comment else "\n" * bool(own) + own)


@st.composite
def commas(draw: st.DrawFn) -> str:
    broken = "".join(
        draw(BLANKS) + (draw(COMMENTS) if draw(st.booleans()) else "") + "\n" for _ in range(draw(st.integers(0, 2)))
    )
    return draw(BLANKS) + "," + broken + draw(BLANKS)


@st.composite
def statements(draw: st.DrawFn) -> str:
    if draw(st.integers(0, 3)) == 0:
        return draw(st.sampled_from(EXAMPLES))
    text = draw(WORDS | STRINGS)
    for _ in range(draw(st.integers(0, 4))):
        joint = draw(st.sampled_from([" ", "  ", "="]) | commas())
        text += joint + draw(WORDS | STRINGS)
    return text + (draw(commas()) if draw(st.integers(0, 9)) == 0 else "")


@st.composite
def bodies(draw: st.DrawFn, depth: int = 0) -> str:
    text = draw(st.sampled_from(["", "\n", " ", "\n\n"]))
    for _ in range(draw(st.integers(0, 4 if depth < 2 else 2))):
        text += draw(statements())
        if depth < 3 and not text.endswith("}") and draw(st.booleans()):
            text += draw(BLANKS) + "{" + draw(bodies(depth + 1)) + "}"
        text += draw(st.just(";") | separators())
    return text


@settings(max_examples=often(100), deadline=None)
@given(bodies())
def test_meaning_and_comments_stay_and_a_second_pass_changes_nothing(text: str) -> None:
    result = laid_out(text)
    assert said(result) == said(text)
    assert comments(result) == comments(text)
    assert laid_out(result) == result
    assert "\n\n\n" not in result
    assert not re.search(r"[ \t]$", result, re.M)
    assert not re.search(r"\{\n\n|\n\n *\}", re.sub(r"#.*|\"(?:[^\"\\\n]|\\.)*\"", "", result)) or "#" in result


@settings(max_examples=often(100), deadline=None)
@given(st.text(st.sampled_from('a1 \t\r\n{};,="#\\[]é\x01'), max_size=60))
def test_any_text_is_laid_out_with_its_meaning_or_not_at_all(text: str) -> None:
    report = Report()
    result = format_source(Source("a.net", text), report)
    assert (result is None) == report.failed
    if result is not None:
        assert said(result) == said(text)
        assert sorted(comments(result)) == sorted(comments(text))
        assert laid_out(result) == result


def test_a_large_file_is_laid_out_fast() -> None:
    text = "".join(WHOLE_FILE.replace("lb-", f"lb{n}-") for n in range(250))
    begun = time.process_time()
    parse(Source("a.net", text), Report())
    parsed = time.process_time()
    laid_out(text)
    assert time.process_time() - parsed < 2 * (parsed - begun) + 5

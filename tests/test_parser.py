"""Text → tree: what is read, what is reported and mended, and that no text is too much."""

from __future__ import annotations

import time
from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lark import Lark

from netc.diagnostics import Report
from netc.lalr import tables_of
from netc.parser import DEEPEST_NESTING, LONGEST_LINE, parse
from netc.scanner import Scanner
from netc.source import Source
from running import often

if TYPE_CHECKING:
    from netc.syntax import Statement

Tree = list[Any]


def read(text: str) -> tuple[Tree, list[tuple[str, int]]]:
    """The tree as lists of words, blocks as lists in them; and code and line of each diagnostic."""
    report = Report()
    file = parse(Source("a.net", text), report)
    places = [(d.code, d.span.first[0] if d.span is not None else 0) for d in report]
    return [_plain(s, text) for s in file.statements], places


def _plain(statement: Statement, text: str) -> Tree:
    words: Tree = []
    for argument in statement.arguments:
        assert text[argument.start : argument.end] == argument.text
        words.append(argument.text)
    if statement.block is not None:
        words.append([_plain(inner, text) for inner in statement.block.statements])
    return words


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", []),
        ("\n ; \n;;", []),
        ("# only a comment", []),
        ("rtt 40ms", [["rtt", "40ms"]]),
        ("a 1\nb 2; c 3", [["a", "1"], ["b", "2"], ["c", "3"]]),
        ("rings { rx 1; tx 2 }", [["rings", [["rx", "1"], ["tx", "2"]]]]),
        ("a {}\nb { c {} }", [["a", []], ["b", [["c", []]]]]),
        ("a {\n\n b\n\n}\n", [["a", [["b"]]]]),
        ("a { b }; c", [["a", [["b"]]], ["c"]]),
        ("a{b}", [["a", [["b"]]]]),
        ('set k=1 because "x = { # }"', [["set", "k", "=", "1", "because", '"x = { # }"']]),
        (r'a "\" \\"', [["a", r'"\" \\"']]),
        ('a""b', [["a", '""', "b"]]),
        ("cpus 0-3,8", [["cpus", "0-3", ",", "8"]]),
        ("over a,\n  b,\n\n  c\nd", [["over", "a", ",", "b", ",", "c"], ["d"]]),
        ("over a, # why\n# more\n b", [["over", "a", ",", "b"]]),
        ("host lb-[01..40].x[a,b] {}", [["host", "lb-[01..40].x[a,b]", []]]),
        ("mac 3c:fd:fe:9e:7a:10", [["mac", "3c:fd:fe:9e:7a:10"]]),
        ("a {# x\nb # y\n# z\n}# w", [["a", [["b"]]]]),
        ("host host { profile 1 }", [["host", "host", [["profile", "1"]]]]),
        ("a\r\nb {\r\n c\r\n}\r\n", [["a"], ["b", [["c"]]]]),
        ("\ufeffhost a", [["host", "a"]]),
        ("größe 漢", [["größe", "漢"]]),
    ],
)
def test_tree(text: str, tree: Tree) -> None:
    assert read(text) == (tree, [])


def test_places_are_those_of_the_text() -> None:
    text = "\ufeffhost a {\n  b 1\n}"
    (statement,) = parse(Source("a.net", text), Report()).statements
    assert statement.block is not None
    assert (statement.start, statement.end) == (1, 7)
    assert text[statement.block.start : statement.block.end] == "{\n  b 1\n}"


@pytest.mark.parametrize(
    ("text", "tree", "found"),
    [
        ("a {\n  b", [["a", [["b"]]]], [("N0004", 1)]),
        ("host a {\n b 1\nhost c {\n}", [["host", "a", [["b", "1"]]], ["host", "c", []]], [("N0004", 1)]),
        ("a\n}\nb", [["a"], ["b"]], [("N0005", 2)]),
        ("}}}\nb", [["b"]], [("N0005", 1)]),
        ("a\n{\nb\n}\nc", [["a"], ["c"]], [("N0006", 2)]),
        ("a { { b }; c }", [["a", [["c"]]]], [("N0006", 1)]),
        ("a { b } c\nd", [["a", [["b"]]], ["c"], ["d"]], [("N0007", 1)]),
        ('a { b } "c"\nd', [["a", [["b"]]], ['"c"'], ["d"]], [("N0007", 1)]),
        ('a "b\nc', [["a", '"b'], ["c"]], [("N0003", 1)]),
        ('a "b\\\nc', [["a", '"b\\'], ["c"]], [("N0003", 1)]),
        ("a \x01 b\nc", [["a", "b"], ["c"]], [("N0002", 1)]),
        ("a\u00a0b", [["a", "b"]], [("N0002", 1)]),
        ("a \x01\x02\x03 b \x04", [["a", "b"]], [("N0002", 1), ("N0002", 1)]),
    ],
)
def test_mistake_is_mended_where_it_is(text: str, tree: Tree, found: list[tuple[str, int]]) -> None:
    assert read(text) == (tree, found)


def test_blocks_too_deep_are_left_out() -> None:
    assert read("a { " * DEEPEST_NESTING + "b" + " }" * DEEPEST_NESTING)[1] == []
    tree, found = read("a { " * (DEEPEST_NESTING + 2) + "b" + " }" * (DEEPEST_NESTING + 2) + "\nc")
    assert found == [("N0008", 1)]
    assert tree[-1] == ["c"]


def test_a_line_may_have_so_many_characters_and_no_more() -> None:
    line = "a" * (LONGEST_LINE - 1)
    assert read(f"b\n{line}\n")[1] == []
    assert read(f"b\n{line}a\n") == ([], [("N0001", 2)])
    assert read(f"b\n{line}aa") == ([], [("N0001", 2)])


def test_five_mistakes_in_five_lines_are_five_diagnostics() -> None:
    text = (
        'include "a.net\n'
        "profile p { rtt 1ms } flow 1Gbps\n"
        "host a {\n"
        "    nic x { mtu 1500 \x01 }\n"
        "    rings\n"
        "    { rx 1 }\n"
        "}\n"
        "}\n"
        "host b { cpu { cores 1 } }\n"
    )
    tree, found = read(text)
    assert found == [("N0003", 1), ("N0007", 2), ("N0002", 4), ("N0006", 6), ("N0005", 8)]
    assert tree[-1] == ["host", "b", [["cpu", [["cores", "1"]]]]]


def test_the_missing_brace_is_the_one_that_the_indentation_shows() -> None:
    text = "host a {\n    nic x {\n        mtu 1500\n    nic y {\n        mtu 9000\n    }\n}\n"
    tree, found = read(text)
    assert found == [("N0004", 2)]
    assert tree == [["host", "a", [["nic", "x", [["mtu", "1500"]]], ["nic", "y", [["mtu", "9000"]]]]]]


TEXTS = st.text(st.sampled_from('ab1 \t\r\n{};,="#\\[]:é\x00\x01\u2028\u00a0\ufeff'), max_size=80)


@settings(max_examples=often(300), deadline=None)
@given(TEXTS | st.text(max_size=80))
def test_any_text_gives_a_tree_and_every_place_is_in_it(text: str) -> None:
    report = Report()
    file = parse(Source("a.net", text), report)
    for diagnostic in report:
        assert diagnostic.span is not None
        assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(text)
    _check_places(file.statements, 0, len(text))


def _check_places(statements: tuple[Statement, ...], start: int, end: int) -> None:
    """Statements follow each other, and blocks lie within theirs."""
    for statement in statements:
        for argument in statement.arguments:
            assert start <= argument.start <= argument.end <= end
            start = argument.end
        if statement.block is not None:
            assert start <= statement.block.start <= statement.block.end <= end
            _check_places(statement.block.statements, statement.block.start, statement.block.end)
            start = statement.block.end


@settings(max_examples=often(200), deadline=None)
@given(TEXTS)
def test_scanner_gives_the_tokens_of_larks_own_lexer(text: str) -> None:
    grammar = resources.files("netc.grammar").joinpath("netc.lark").read_text(encoding="utf-8")
    lark = _lark(grammar)
    wanted = [(t.type, t.value, t.start_pos, t.end_pos) for t in lark.lex(text)]
    tables = tables_of(grammar)
    found = Scanner(tables.pattern, tables.ignored).tokens(text, also=frozenset())
    assert [(t.type, t.value, t.start_pos, t.end_pos) for t in found] == wanted


_PARSERS: dict[str, Lark] = {}


def _lark(grammar: str) -> Lark:
    if grammar not in _PARSERS:
        _PARSERS[grammar] = Lark(grammar, parser="lalr", lexer="basic")
    return _PARSERS[grammar]


LINE = LONGEST_LINE - 1


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a" * 10_000_000, id="one word of ten million letters"),
        pytest.param("[" * LINE, id="brackets"),
        pytest.param("[a" * (LINE // 2), id="brackets with words"),
        pytest.param("[]" * (LINE // 2), id="empty brackets"),
        pytest.param("{" * LINE, id="opening braces"),
        pytest.param("a{" * (LINE // 2), id="blocks in blocks"),
        pytest.param("a{\n" * 30_000, id="blocks in blocks on lines"),
        pytest.param("}" * LINE, id="closing braces"),
        pytest.param("} " * (LINE // 2), id="closing braces apart"),
        pytest.param('"' * LINE, id="quotes"),
        pytest.param('"\\' * (LINE // 2), id="quotes and backslashes"),
        pytest.param("," * LINE, id="commas"),
        pytest.param("a,\n" * 50_000, id="one statement of many lines"),
        pytest.param(" " * LINE + "a", id="blanks"),
        pytest.param(";" * LINE, id="semicolons"),
        pytest.param(" ;\t" * (LINE // 3) + "\x01", id="separators before a stray"),
        pytest.param("\x01" * LINE, id="strays"),
        pytest.param("\x01 " * (LINE // 2), id="strays apart"),
        pytest.param(",#\n" * 50_000 + "\x01", id="commas with comments"),
        pytest.param("a b\n" * 50_000, id="many statements"),
        pytest.param("a {\n" + "  b {\n" * 10 + "}\n" * 30_000, id="too many closing braces"),
    ],
)
def test_hostile_text_takes_no_longer_than_its_length(text: str) -> None:
    parse(Source("a.net", "a b\n"), Report())  # makes the parser
    begun = time.process_time()
    parse(Source("a.net", text), Report())
    assert time.process_time() - begun < 20


def test_many_statements_take_seconds_not_minutes() -> None:
    begun = time.process_time()
    parse(Source("a.net", "a b\n" * 100_000), Report())
    assert time.process_time() - begun < 20  # about one on a machine of its own

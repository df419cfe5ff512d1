"""The registry of renderers."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from diagnosed import diagnostics, found, span
from hypothesis import given, settings

from netc.diagnostics import Diagnostic, Report
from netc.render import FORMATS, Presentation
from netc.source import Source
from running import often


def report() -> Report:
    found_here = Report()
    found_here.add(found(span(Source("a.net", "queues 32"), "32")))
    return found_here


def test_names_are_those_of_the_command_line() -> None:
    assert list(FORMATS) == ["text", "json", "github", "sarif"]


def test_text_ends_with_the_summary() -> None:
    rendered = FORMATS["text"](report(), Presentation())
    assert rendered.endswith("  |        ^^\n\n1 error\n")
    assert "\x1b[" in FORMATS["text"](report(), Presentation(colour=True))


def test_text_of_nothing_is_empty() -> None:
    assert FORMATS["text"](Report(), Presentation()) == ""


def test_width_reaches_the_text() -> None:
    long = found(span(Source("a.net", "x" * 200 + "queues"), "queues"))
    assert max(map(len, FORMATS["text"]([long], Presentation(width=60)).splitlines())) == 60


def test_titles_and_version_reach_sarif() -> None:
    rendered = FORMATS["sarif"](report(), Presentation(titles={"N9001": "title"}, version="7"))
    driver = json.loads(rendered)["runs"][0]["tool"]["driver"]
    assert (driver["version"], driver["rules"][0]["shortDescription"]["text"]) == ("7", "title")


@pytest.mark.parametrize("name", FORMATS)
def test_an_iterator_serves_as_well_as_a_report(name: str) -> None:
    form = FORMATS[name]
    assert form(iter(report()), Presentation()) == form(report(), Presentation())


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=often(20), deadline=None)
@given(some=diagnostics())
def test_output_ends_with_a_newline(name: str, some: list[Diagnostic]) -> None:
    rendered = FORMATS[name](some, Presentation())
    assert rendered.endswith("\n") or not some


def test_renderers_are_imported_when_used() -> None:
    code = "import sys, netc.render; print(*sorted(m for m in sys.modules if m.startswith('netc.render.')))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == ""

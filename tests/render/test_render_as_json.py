"""Diagnostics as JSON."""

from __future__ import annotations

import json
from importlib.resources import files

import jsonschema
import pytest
from diagnosed import UNUSED, diagnostics, found, span
from hypothesis import given, settings

from netc.diagnostics import Diagnostic, Label
from netc.render import as_json
from netc.source import Source
from running import often

SCHEMA = json.loads((files("netc.render") / "diagnostics.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

SOURCE = Source("a.net", "isolate 0-3\nqueues 32\n")


def test_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_every_field() -> None:
    labels = [Label(span(SOURCE, "0-3"), "isolated")]
    place = span(SOURCE, "32")
    rendered = as_json.render([found(place, label="too many", labels=labels, notes=["n"], help=["h"])])
    assert json.loads(rendered) == [
        {
            "code": "N9001",
            "severity": "error",
            "message": "nic `up` asks for 32 queues",
            "file": "a.net",
            "line": 2,
            "column": 8,
            "end_line": 2,
            "end_column": 10,
            "labels": [
                {
                    "file": "a.net",
                    "line": 2,
                    "column": 8,
                    "end_line": 2,
                    "end_column": 10,
                    "message": "too many",
                    "primary": True,
                },
                {
                    "file": "a.net",
                    "line": 1,
                    "column": 9,
                    "end_line": 1,
                    "end_column": 12,
                    "message": "isolated",
                    "primary": False,
                },
            ],
            "notes": ["n"],
            "help": ["h"],
        }
    ]


def test_without_a_place_the_five_fields_are_null() -> None:
    (form,) = json.loads(as_json.render([UNUSED.at(None, name="edge")]))
    assert [form[key] for key in ("file", "line", "column", "end_line", "end_column")] == [None] * 5
    assert form["severity"] == "warning"


def test_no_diagnostics_are_an_empty_array() -> None:
    assert as_json.render([]) == "[]\n"


def test_one_line_for_every_diagnostic() -> None:
    assert as_json.render([found(None), found(None)]).count("\n") == 4


@pytest.mark.parametrize(
    "change",
    [{"line": None}, {"column": 0}, {"extra": 1}, {"code": "X1"}, {"severity": "note"}, {"labels": [{}]}],
)
def test_schema_refuses_what_is_no_diagnostic(change: dict[str, object]) -> None:
    (form,) = json.loads(as_json.render([found(span(SOURCE, "32"))]))
    assert not VALIDATOR.is_valid([form | change])


@settings(max_examples=often(30), deadline=None)
@given(diagnostics())
def test_any_diagnostic_is_valid_ascii(some: list[Diagnostic]) -> None:
    rendered = as_json.render(some)
    assert rendered.isascii()
    assert rendered.replace("\n", "").isprintable()
    forms = json.loads(rendered)
    VALIDATOR.validate(forms)
    assert [form["message"] for form in forms] == [diagnostic.message for diagnostic in some]

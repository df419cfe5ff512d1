"""Diagnostics as SARIF.

The schema of OASIS is not at hand in a test: what the standard requires of the objects netc writes is
stated here as a schema of their own, closed to anything else.
"""

from __future__ import annotations

import json

import jsonschema
import pytest
from diagnosed import UNUSED, diagnostics, found, span
from hypothesis import given, settings

from netc.diagnostics import Diagnostic, Label
from netc.render import sarif
from netc.source import Source, Span
from running import often

SOURCE = Source("conf/a b.net", "isolate 0-3\nqueues 32\n")
TITLES = {"N9001": "more queues than CPUs", "N9002": "a {profile} nobody uses", "N9999": "never found"}


def closed(required: dict[str, object], **optional: object) -> dict[str, object]:
    return {
        "type": "object",
        "required": list(required),
        "properties": {**required, **optional},
        "additionalProperties": False,
    }


STRING = {"type": "string", "minLength": 1}
MESSAGE = closed({"text": {"type": "string"}})
FROM_ONE = {"type": "integer", "minimum": 1}
PHYSICAL = closed(
    {
        "artifactLocation": closed({"uri": {"type": "string", "pattern": r"^[A-Za-z0-9._~/%-]*$|^file:///"}}),
        "region": closed(dict.fromkeys(("startLine", "startColumn", "endLine", "endColumn"), FROM_ONE)),
    }
)
RESULT = closed(
    {"ruleId": STRING, "ruleIndex": {"type": "integer", "minimum": 0}, "message": MESSAGE},
    level={"enum": ["none", "note", "warning", "error"]},
    locations={"type": "array", "items": closed({"physicalLocation": PHYSICAL})},
    relatedLocations={
        "type": "array",
        "uniqueItems": True,
        "items": closed({"id": {"type": "integer", "minimum": 0}, "physicalLocation": PHYSICAL, "message": MESSAGE}),
    },
)
RULES = {"type": "array", "uniqueItems": True, "items": closed({"id": STRING}, shortDescription=MESSAGE)}
RUN = closed(
    {"tool": closed({"driver": closed({"name": {"const": "netc"}}, version=STRING, rules=RULES)})},
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    results={"type": "array", "items": RESULT},
)
LOG = closed({"version": {"const": "2.1.0"}, "runs": {"type": "array", "items": RUN}}, **{"$schema": STRING})
VALIDATOR = jsonschema.Draft202012Validator(LOG)


def test_result_with_everything() -> None:
    labels = [Label(span(SOURCE, "0-3"), "isolated")]
    rendered = sarif.render(
        [found(span(SOURCE, "32"), label="here", labels=labels, notes=["n"], help=["h"])], TITLES, "1.2"
    )
    log = json.loads(rendered)
    VALIDATOR.validate(log)
    (run,) = log["runs"]
    assert run["tool"]["driver"] == {
        "name": "netc",
        "version": "1.2",
        "rules": [{"id": "N9001", "shortDescription": {"text": "more queues than CPUs"}}],
    }
    artifact = {"uri": "conf/a%20b.net"}
    assert run["results"] == [
        {
            "ruleId": "N9001",
            "ruleIndex": 0,
            "level": "error",
            "message": {"text": "nic `up` asks for 32 queues\nhere\nnote: n\nhelp: h"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": artifact,
                        "region": {"startLine": 2, "startColumn": 8, "endLine": 2, "endColumn": 10},
                    }
                }
            ],
            "relatedLocations": [
                {
                    "id": 1,
                    "physicalLocation": {
                        "artifactLocation": artifact,
                        "region": {"startLine": 1, "startColumn": 9, "endLine": 1, "endColumn": 12},
                    },
                    "message": {"text": "isolated"},
                }
            ],
        }
    ]


def test_columns_count_characters_and_say_so() -> None:
    source = Source("a.net", "😀 x")
    (run,) = json.loads(sarif.render([found(span(source, "x"))], TITLES))["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["results"][0]["locations"][0]["physicalLocation"]["region"]["startColumn"] == 3


def test_braces_are_doubled_and_no_link_is_made() -> None:
    source = Source("a.net", "x")
    some = [found(Span(source, 0, 1), label="write `{`"), UNUSED.at(None, name="[a](https://b)")]
    (run,) = json.loads(sarif.render(some, TITLES))["runs"]
    texts = [result["message"]["text"] for result in run["results"]]
    assert texts[0].endswith("write `{{`")
    assert texts[1] == r"profile `\[a\](https://b)` is not used"
    assert run["tool"]["driver"]["rules"][1]["shortDescription"]["text"] == "a {{profile}} nobody uses"


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a.net", "a.net"),
        ("../a.net", "../a.net"),
        ("/etc/a.net", "file:///etc/a.net"),
        ("c:a.net", "c%3Aa.net"),
        ("é\udcff?#.net", "%C3%A9%FF%3F%23.net"),
        ("<stdin>", "%3Cstdin%3E"),
    ],
)
def test_paths_are_uris(path: str, uri: str) -> None:
    (run,) = json.loads(sarif.render([found(Span(Source(path, "x"), 0, 1))], TITLES))["runs"]
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_run_without_results() -> None:
    log = json.loads(sarif.render([], TITLES))
    VALIDATOR.validate(log)
    assert log["runs"][0]["results"] == []


@settings(max_examples=often(30), deadline=None)
@given(diagnostics())
def test_any_diagnostic_is_valid(some: list[Diagnostic]) -> None:
    rendered = sarif.render(some, TITLES)
    assert rendered.isascii()
    log = json.loads(rendered)
    VALIDATOR.validate(log)
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == [d.code for d in some]

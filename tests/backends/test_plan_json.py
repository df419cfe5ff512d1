"""The JSON form of a plan: described by its schema, read back as it was."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator
from planned import CASES

from netc.plan_json import PlanError, from_json, schema, to_json


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("case", CASES)
def test_plans_come_back_as_they_were(case: str) -> None:
    text = to_json(CASES[case])
    Draft202012Validator(schema()).validate(json.loads(text))
    assert from_json(text) == CASES[case]
    assert text.endswith("}\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not JSON"),
        ("[]", "is not of type 'object'"),
        ('{"format": 99}', "format 99"),
        ('{"format": 1}', "required property"),
        (to_json(CASES["full"]).replace('"kind": "sysctl"', '"kind": "x"', 1), "$.settings"),
    ],
)
def test_what_is_no_plan_is_told(text: str, message: str) -> None:
    with pytest.raises(PlanError) as caught:
        from_json(text)
    assert message in str(caught.value)

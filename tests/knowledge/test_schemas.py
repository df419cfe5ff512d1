"""Every table of knowledge has a schema and keeps to it."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

FOLDER = Path(str(resources.files("netc.knowledge")))
TABLES = sorted(path.stem for path in FOLDER.glob("*.yaml"))


class UniqueKeys(yaml.SafeLoader):
    """Refuses a key that stands twice in a mapping, of which YAML readers silently keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = {str(key) for key in keys if keys.count(key) > 1}
        if twice:
            raise ValueError(f"{', '.join(sorted(twice))} twice in the mapping at line {node.start_mark.line + 1}")
        return super().construct_mapping(node, deep)


def schema_of(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.schema.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", TABLES)
def test_the_table_keeps_to_its_schema(name: str) -> None:
    schema = schema_of(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    content = yaml.load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), Loader=UniqueKeys)
    found = jsonschema.Draft202012Validator(schema).iter_errors(content)
    assert [f"{error.json_path}: {error.message}" for error in found] == []


@pytest.mark.parametrize("name", TABLES)
def test_the_schema_takes_no_unknown_field(name: str) -> None:
    schema = schema_of(name)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    spoiled = {**yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8")), "no-such-field": 1}
    assert not jsonschema.Draft202012Validator(schema).is_valid(spoiled)


def test_every_schema_has_a_table() -> None:
    assert {path.name.removesuffix(".schema.json") for path in FOLDER.glob("*.schema.json")} == set(TABLES)

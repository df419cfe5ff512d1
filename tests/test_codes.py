"""The table of codes: numbers, titles, wording, and that each is used."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import pytest

import netc
from netc import codes
from netc.diagnostics import Code

TABLE = {name: code for name, code in vars(codes).items() if isinstance(code, Code)}
FOLDER = Path(netc.__file__).parent
TEXTS = {path: path.read_text(encoding="utf-8") for path in sorted(FOLDER.rglob("*.py")) if path.name != "codes.py"}


def test_numbers_are_unique() -> None:
    numbers = [code.number for code in TABLE.values()]
    assert len(set(numbers)) == len(numbers)
    assert codes.every() == {code.number: code for code in TABLE.values()}


def test_titles_are_unique() -> None:
    assert len(set(codes.titles().values())) == len(TABLE)


@pytest.mark.parametrize("name", TABLE)
def test_wording(name: str) -> None:
    code = TABLE[name]
    assert re.fullmatch(r"N\d{4}", code.number)
    assert re.fullmatch(r"[A-Z][A-Z0-9_]+", name)
    for text in (code.title, code.message):
        assert "illegal" not in text.lower()
        assert not text.endswith((".", "!", " "))
        assert "  " not in text
    first = code.message[0]
    assert first.islower() or first in "`{" or code.message.split()[0].isupper()
    assert code.title[0].islower() or code.title.split()[0] in PROPER
    assert code.message.count("`") % 2 == 0


PROPER = {"CPU", "CPUs", "LRO", "MAC", "MTU", "NIC", "RPS", "RSS", "TCP", "UTF-8", "YAML"}
"""Words that begin with a capital wherever they stand."""


@pytest.mark.parametrize("name", TABLE)
def test_every_code_is_used(name: str) -> None:
    assert any(re.search(rf"\b{name}\b", text) for text in TEXTS.values())


def test_no_code_outside_the_table() -> None:
    """Codes are defined in one place, and only those of the table are named."""
    for path, text in TEXTS.items():
        assert not re.search(r"\bCode\(\s*\"N\d", text), path
        for name in re.findall(r"\bcodes\.([A-Z][A-Z0-9_]+)\b", text):
            assert name in TABLE or name == "WARNING", f"{path}: {name}"


def test_no_number_outside_the_table() -> None:
    """Numbers that pages and code speak of are those of the table."""
    pages = [entry for entry in resources.files("netc.explain").iterdir() if entry.name.endswith(".md")]
    texts = [*TEXTS.values(), *(entry.read_text(encoding="utf-8") for entry in pages)]
    spoken = {number for text in texts for number in re.findall(r"\bN\d{4}\b", text)}
    assert spoken <= set(codes.every())

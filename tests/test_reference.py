"""docs/language.md is what the tables say."""

from __future__ import annotations

import re
from pathlib import Path

from netc.knowledge.distributions import known_distributions
from netc.knowledge.drivers import known_drivers
from netc.knowledge.goals import goal_kinds
from netc.language.statements import BLOCKS
from netc.reference import language_reference

PAGE = Path(__file__).parent.parent / "docs" / "language.md"
RENEW = (
    'renew it: python -c "from netc.reference import language_reference as r; print(r(), end=str())" > docs/language.md'
)


def test_page_is_what_the_tables_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == language_reference(), RENEW


def test_page_names_every_statement_with_its_example() -> None:
    page = language_reference()
    for block in BLOCKS.values():
        for signature in block:
            assert f"`{signature.example}`" in page
            assert signature.summary in page


def test_page_names_every_kind_of_goal_distribution_and_driver() -> None:
    page = language_reference()
    for kind in goal_kinds():
        assert f"### goal {kind}\n" in page
    for name in known_distributions():
        assert f"| `{name}" in page
    for name in known_drivers():
        assert f"| `{name}` |" in page


def test_links_lead_to_headings() -> None:
    page = language_reference()
    headings = {"#" + line.lstrip("#").strip().lower().replace(" ", "-") for line in re.findall(r"^#+ .*$", page, re.M)}
    assert set(re.findall(r"\]\((#[^)]*)\)", page)) <= headings


def test_every_row_of_a_table_has_the_columns_of_its_head() -> None:
    for table in re.findall(r"(?:^\|.*\n)+", language_reference(), re.M):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1

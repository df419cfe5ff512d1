"""Some thousand files with one mistake each: every one is told with a code, on its line, at once. CI tries all."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mistakes import ALL, BASE, Mistake, mistakes
from running import netc, netc_process, thinned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECONDS = 30
"""Of CPU, after which something has run away; no mistake takes more than one or two."""

OBJECT = Path(__file__).parents[1] / "examples" / "xdp" / "prefix_drop.o"


@pytest.fixture(autouse=True)
def _folder_with_the_object(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "drop.o").symlink_to(OBJECT)
    monkeypatch.chdir(tmp_path)


def test_the_file_without_mistakes_has_no_errors() -> None:
    done = netc("check", "-", "--diagnostics", "json", given=BASE.encode())
    assert done.status == 0
    assert all(diagnostic["severity"] == "warning" for diagnostic in done.diagnostics)


def test_there_are_many_mistakes() -> None:
    found = mistakes()
    assert len(found) >= 200
    assert all(mistake.text != BASE.encode() for mistake in found)


def wrong_with(mistake: Mistake) -> str:
    """What is wrong with what netc says of a mistake; empty where all is well."""
    began = time.process_time()
    done = netc("check", "-", "--diagnostics", "json", given=mistake.text)
    took = time.process_time() - began
    errors = [found for found in done.diagnostics if found["severity"] == "error"]
    shown = [(found["code"], found["line"], found["message"]) for found in errors[:3]]
    if done.status != 1 or not errors:
        return f"status {done.status}, {shown}"
    if not all(re.fullmatch(r"N\d{4}", code) for code in done.codes):
        return f"codes {done.codes}"
    meant = [found for found in errors if not mistake.code or found["code"] == mistake.code]
    lines = {found["line"] for found in meant}
    if mistake.line not in lines and not (mistake.opener and mistake.opener in lines):
        return f"{mistake.code} line {mistake.line} {mistake.opener or ''}: {shown}"
    return f"took {took:.1f} s" if took > SECONDS else ""


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_a_mistake_is_told_on_its_line(kind: Callable[[], Iterator[Mistake]]) -> None:
    found = {mistake.name: problem for mistake in thinned(list(kind())) if (problem := wrong_with(mistake))}
    assert found == {}


@pytest.mark.parametrize("name", ["no } on line 62", "} twice on line 62", "no { on line 59", "no } on line 15"])
def test_one_wrong_brace_costs_one_diagnostic(name: str) -> None:
    (mistake,) = [mistake for mistake in mistakes() if mistake.name == name]
    done = netc("check", "-", "--diagnostics", "json", given=mistake.text)
    assert len([found for found in done.diagnostics if found["severity"] == "error"]) == 1


UNINDENTED = """\
host a {
nic front {
match pci 0000:18:00.0
nic back { match pci 0000:18:00.1 }
"""


def test_a_file_without_indentation_is_told_to_lack_one_brace_too() -> None:
    done = netc("check", "-", "--diagnostics", "json", given=UNINDENTED.encode())
    assert done.codes.count("N0004") == 1


def test_independent_mistakes_are_told_in_one_run() -> None:
    text = BASE
    for old, new in (
        ("distribution debian 12", "distribution debain 12"),
        ("cores 16", "cores many"),
        ("rtt 40ms", "rtt 40"),
        ("kind bond", "kind team"),
        ("mtu 9000", "mtuu 9000"),
        ("listen 80,443", "listen 80,443,"),
        ("host lb", "host lb_"),
    ):
        assert old in text
        text = text.replace(old, new)
    done = netc("check", "-", "--diagnostics", "json", given=text.encode())
    errors = [found for found in done.diagnostics if found["severity"] == "error"]
    assert done.status == 1
    assert len(errors) >= 5
    assert len({found["line"] for found in errors}) >= 5


SEPARATELY = {
    "text": "10 MB of a word",
    "json": "'\\x00' in page",
    "github": "'\\udcff' in page",
    "sarif": "no } on line 15",
}


@pytest.mark.parametrize("form", sorted(SEPARATELY))
def test_a_process_of_its_own_says_so_too(form: str, tmp_path: Path) -> None:
    (mistake,) = [mistake for mistake in mistakes() if mistake.name == SEPARATELY[form]]
    (tmp_path / "wrong.net").write_bytes(mistake.text)
    done = netc_process("check", "wrong.net", "--diagnostics", form, cwd=tmp_path)
    assert done.status == 1
    assert done.out == ""
    assert "Traceback" not in done.err
    assert re.search(r"N\d{4}", done.err)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", done.err)


@pytest.mark.parametrize("form", ["text", "github", "sarif"])
def test_every_form_shows_every_kind_of_mistake(form: str) -> None:
    """The forms differ in how they show hostile places; a sample of all mistakes goes through each."""
    short = [mistake for mistake in mistakes() if len(mistake.text) < 10_000]
    for mistake in short[:: 16 if form == "text" else 48]:
        done = netc("check", "-", "--diagnostics", form, given=mistake.text)
        assert done.status == 1, mistake.name
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]", done.err), mistake.name

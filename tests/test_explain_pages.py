"""Every code has a page whose examples prove it: one that gives the code, one that does not.

A page is `explain/<number>.md`: a title, what the code means, `## Fails`, `## Passes`. Fenced blocks are files:
the info string names one (`yaml facts.yaml`), and the one without a name is the `.net` file given to netc. A file
that cannot be shown is a block of Python with the expression that makes it. Where the mistake lies in the output,
a block of shell commands says how to come by it, and its last command is the one that is looked at. BPF objects that
an example names and does not write are those of `examples/xdp` and `tests/objects`.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import pytest

from diagnosing import diagnose, made, run_steps
from netc import codes
from netc.diagnostics import Severity

NUMBERS = sorted(codes.every())
PAGES = sorted(entry.name for entry in resources.files("netc.explain").iterdir() if entry.name.endswith(".md"))
BLOCK = re.compile(r"^```(\S+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OBJECTS = [
    path for folder in ("tests/objects", "examples/xdp") for path in (Path(__file__).parents[1] / folder).glob("*.o")
]
WIDEST = 120
MORE_ERRORS = {"N0008": {"N0104"}}
"""Other errors that a failing example cannot be without: no statement of the language is nested so deep."""


@dataclass(frozen=True)
class Page:
    title: str
    text: str
    fails: str
    passes: str


def page(number: str) -> Page:
    text = codes.page(number)
    assert text is not None
    title, _, rest = text.partition("\n\n")
    about, fails, passes = re.split(r"^## (?:Fails|Passes)\n", rest, flags=re.MULTILINE)
    assert rest.index("## Fails") < rest.index("## Passes")
    return Page(title, about, fails, passes)


def found_in(part: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[set[str], set[str]]:
    """Codes of all findings that an example gives, and of its errors."""
    blocks = BLOCK.findall(part)
    steps = [text for kind, _, text in blocks if kind == "sh"]
    name = write_files([block for block in blocks if block[0] != "sh"], folder)
    if steps:
        _, told = run_steps(steps[0], folder)
        errors = set(re.findall(r"^error\[(N\d{4})\]", told, re.MULTILINE))
        return errors | set(re.findall(r"^warning\[(N\d{4})\]", told, re.MULTILINE)), errors
    report = diagnose(folder, name, monkeypatch)
    return {d.code for d in report}, {d.code for d in report if d.severity is Severity.ERROR}


def write_files(blocks: list[tuple[str, str, str]], folder: Path) -> str:
    """Write the files of an example and return the name of the one to give to netc."""
    assert blocks, "an example has at least one fenced block"
    for path in OBJECTS:
        if any(f'"{path.name}"' in text for _, _, text in blocks):
            shutil.copy(path, folder)
    for kind, name, text in blocks:
        path = folder / (name or "example.net")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(made(text) if kind == "python" else text.encode())
    assert (folder / "example.net").is_file()
    return "example.net"


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert [f"{number}.md" for number in NUMBERS] == PAGES


@pytest.mark.parametrize("number", NUMBERS)
def test_form(number: str) -> None:
    found = page(number)
    assert found.title == f"# {number}: {codes.every()[number].title}"
    assert 1 <= len(found.text.strip().split("\n\n")) <= 4
    text = codes.page(number)
    assert text is not None
    assert text.endswith("```\n")
    for line in text.splitlines():
        assert len(line) <= WIDEST, line
        assert line == line.rstrip(), line


@pytest.mark.parametrize("number", NUMBERS)
def test_failing_example(number: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found, errors = found_in(page(number).fails, tmp_path, monkeypatch)
    assert number in found
    assert errors <= {number} | MORE_ERRORS.get(number, set())


@pytest.mark.parametrize("number", NUMBERS)
def test_passing_example(number: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found, errors = found_in(page(number).passes, tmp_path, monkeypatch)
    assert number not in found
    assert not errors

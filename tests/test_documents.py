"""What the documents show is true: examples compile, excerpts are output, links lead somewhere, options exist.

NETC_UPDATE=1 rewrites the excerpts in README.md; read the difference before committing it.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from netc.cli import main
from netc.command_line import build_parser

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!\!)\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
OPTION = re.compile(r"`(--?[a-z][a-z-]*)[ `]")

TOP_LEVEL = {
    *(".ci", ".gitattributes", ".gitignore", ".pre-commit-hooks.yaml", "LICENSE", "pyproject.toml"),
    *("ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "README.md"),
    *("benchmarks", "compiler", "docs", "examples", "grammar", "out", "templates", "tests"),
}

FORBIDDEN = {
    "a place on somebody's machine": re.compile(rf"/(?:home|Users)/|{re.escape(str(ROOT))}\b"),
    "a note of work to do": re.compile(r"\b(?:TODO|FIXME|XXX|TBD)\b"),
    "a number of an issue": re.compile(r"(?<![\w&/])#\d+\b"),
    "a picture that is no plot, or a badge": re.compile(r"!\[[^\]]*\]\((?!(?:docs/)?effect/\w+\.svg\))"),
    "an emoji": re.compile("[\U0001f000-\U0001faff\u2600-\u27bf]"),
}


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, what else its first line says, and its text."""

    document: Path
    language: str
    rest: str
    text: str


def blocks(*documents: Path) -> list[Block]:
    found = []
    for document in documents:
        for first, text in FENCE.findall(document.read_text(encoding="utf-8")):
            language, _, rest = first.partition(" ")
            found.append(Block(document, language, rest.strip(), text))
    return found


def names(found: list[Block]) -> list[str]:
    return [f"{block.document.name}-{index}" for index, block in enumerate(found)]


def prose(document: Path) -> str:
    """The text without fenced blocks and code in line."""
    return re.sub(r"`[^`\n]+`", "", FENCE.sub("", document.read_text(encoding="utf-8")))


NET = [block for block in blocks(*DOCUMENTS) if block.language == "net"]
README = blocks(ROOT / "README.md")


@pytest.mark.parametrize("block", NET, ids=names(NET))
def test_example_compiles_or_is_a_fragment(block: Block, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert block.rest in ("", "fragment")
    (tmp_path / "example.net").write_text(block.text, encoding="utf-8")
    status = main(["check", str(tmp_path / "example.net")])
    assert status == 0 or block.rest == "fragment", capsys.readouterr().err


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the one whole `.net` file of the README, under the name in its first line."""
    (text,) = (block.text for block in README if block.language == "net" and not block.rest)
    name = re.match(r"# ([a-z]+\.net):", text)
    assert name is not None
    (tmp_path / name[1]).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def current(block: Block, now: str) -> str:
    """The text of a block of the README; NETC_UPDATE=1 first makes it what it has to be."""
    if os.environ.get("NETC_UPDATE") and block.text != now:
        text = block.document.read_text(encoding="utf-8")
        block.document.write_text(text.replace(block.text, now), encoding="utf-8")
        return now
    return block.text


def test_excerpts_of_the_readme_are_what_is_written(example: Path) -> None:
    excerpts = [block for block in README if block.rest.startswith("out/")]
    assert excerpts
    assert main(["compile", *(path.name for path in example.glob("*.net"))]) == 0
    for excerpt in excerpts:
        last = excerpt.text.splitlines()[-1].partition("=")[0]
        written = (example / excerpt.rest).read_text(encoding="utf-8")
        (paragraph,) = (part for part in written.split("\n\n") if f"\n{last}=" in part)
        wanted = paragraph.strip() + "\n"
        assert current(excerpt, wanted) == wanted


def test_sessions_of_the_readme_go_as_shown(example: Path) -> None:
    sessions = [block for block in README if block.language == "console"]
    assert sessions
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for session in sessions:
        first, _, _ = session.text.partition("\n")
        done = subprocess.run(
            ["sh", "-c", f"{first.removeprefix('$ ')} 2>&1"],
            cwd=example,
            env={"PATH": path},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        wanted = f"{first}\n{done.stdout}"
        assert current(session, wanted) == wanted


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    broken = []
    for target in LINK.findall(FENCE.sub("", document.read_text(encoding="utf-8"))):
        if re.match(r"https?://", target):
            continue
        name, _, heading = target.partition("#")
        path = (document.parent / name).resolve() if name else document
        if not path.exists() or (heading and heading not in headings(path)):
            broken.append(target)
    assert broken == []


def headings(document: Path) -> set[str]:
    """The anchors that a reader of Markdown makes of headings."""
    found = HEADING.findall(FENCE.sub("", document.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in found}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_nothing_forbidden(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    found = {what: match[0] for what, pattern in FORBIDDEN.items() if (match := pattern.search(text))}
    assert found == {}


def test_the_top_level_holds_what_it_should() -> None:
    if (ROOT / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        ).stdout
        assert {path.partition("/")[0] for path in listed.split("\0") if path} <= TOP_LEVEL
    assert {path.name for path in ROOT.glob("*.md")} <= TOP_LEVEL


def commands() -> dict[str, argparse.ArgumentParser]:
    (action,) = (a for a in build_parser()._actions if isinstance(a, argparse._SubParsersAction))
    return dict(action.choices)


def test_every_command_is_documented() -> None:
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^## netc (\w+)$", text, re.MULTILINE)) == set(commands())


@pytest.mark.parametrize("command", commands())
def test_the_options_of_a_command_are_those_documented(command: str) -> None:
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    section = text.split(f"\n## netc {command}\n")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `-")]
    documented = {option for row in rows for option in OPTION.findall(row)}
    options = {option for action in commands()[command]._actions for option in action.option_strings}
    assert documented == options - {"-h", "--help"}


def test_commands_in_the_documents_exist() -> None:
    known = {*commands(), "verify", "doctor"}
    for document in DOCUMENTS:
        for word in re.findall(r"`netc (\w+)", document.read_text(encoding="utf-8")):
            assert word in known, document.name


def test_every_module_of_the_package_has_its_room_in_architecture() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    top = ROOT / "compiler" / "netc"
    rooms = {f"{path.name}/" if path.is_dir() else path.name for path in top.iterdir()}
    rooms = {name for name in rooms if name.endswith((".py", "/")) and "__" not in name}
    assert {name for name in rooms if name not in text} == set()


def test_every_artifact_is_documented() -> None:
    text = (ROOT / "docs" / "artifacts.md").read_text(encoding="utf-8")
    hosts = {path.name for path in (ROOT / "out").iterdir()}
    missing = set()
    for path in (ROOT / "out").rglob("*"):
        name = path.name
        if path.is_dir() or path.is_symlink() or name in hosts:
            continue
        general = re.sub(r"(10-netc-|netc-nic-|netc-steering-|netc-xdp-)[\w-]+\.", r"\1NIC.", name)
        general = re.sub(r"^(dev-hugepages\\x2d)\w+\.", r"\1SIZE.", general)
        if path.parent.name == "dpdk":
            general = "UNIT.env"
        if general not in text and path.parent.name not in ("nic", "steering", "xdp"):
            missing.add(general)
    assert missing == set()


def test_every_planned_sysctl_is_documented() -> None:
    text = (ROOT / "docs" / "derivations.md").read_text(encoding="utf-8")
    planning = ROOT / "compiler" / "netc" / "planning"
    keys = {
        key.rpartition(".")[2]
        for path in planning.glob("*.py")
        for key in re.findall(r'"(net\.[\w.]+)"', path.read_text(encoding="utf-8"))
    }
    assert {key for key in keys if key not in text and not key.startswith("nf_conntrack_tcp_timeout")} == set()


def test_prose_is_wrapped() -> None:
    """Tables apart: a line that nobody can read in a terminal is a line that nobody reviews."""
    for document in DOCUMENTS:
        if document.name in ("language.md", "performance.md"):
            continue
        for line in prose(document).splitlines():
            assert len(line) <= 110 or line.startswith("|"), f"{document.name}: {line[:60]}"

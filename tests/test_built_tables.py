"""What is made when netc is built: the same results with and without, and no stale ones."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
from lark import Lark

from netc import built, lalr, shipped, templating
from netc.diagnostics import Report
from netc.parser import TreeBuilder, parse
from netc.source import Source
from running import thinned

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").rglob("*.net"))
READ = [*EXAMPLES, *sorted((ROOT / "tests" / "cases" / "accept").glob("*/input.net"))]
GRAMMAR = shipped.read("netc.grammar", "netc.lark")
KNOWLEDGE = [path.stem for path in sorted((ROOT / "compiler" / "netc" / "knowledge").glob("*.yaml"))]
TEMPLATES = sorted(path.relative_to(ROOT / "templates").as_posix() for path in (ROOT / "templates").rglob("*.j2"))

WITHOUT = """\
import sys
from netc import built
built.table = built.template = lambda *_: None
from netc.cli import main
status = main()
assert {"lark", "yaml", "jinja2"} <= set(sys.modules), "something was built after all"
sys.exit(status)
"""
WITH = "import sys; from netc.cli import main; sys.exit(main())"


@pytest.fixture(scope="module")
def made() -> Any:
    """The module that makes the tables."""
    pytest.importorskip("setuptools")
    spec = spec_from_file_location("build_tables", ROOT / "compiler" / "build_tables.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", READ, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_trees_are_those_of_lark(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    wanted = Lark(GRAMMAR.decode(), parser="lalr", lexer="basic", transformer=TreeBuilder()).parse(text)
    report = Report()
    assert parse(Source(path.name, text), report).statements == wanted
    assert len(report) == 0


def test_a_grammar_that_needs_more_of_lark_is_refused() -> None:
    with pytest.raises(ValueError, match="uses more of Lark"):
        lalr.tables_of('start: "a" -> other\n')
    with pytest.raises(ValueError, match="uses more of Lark"):
        lalr.tables_of("start: pair\n?pair: WORD WORD?\nWORD: /a/\n")


@pytest.mark.parametrize(
    "source", thinned([path for path in EXAMPLES if path.parent.name == "examples"]), ids=lambda p: p.stem
)
def test_everything_works_without_tables(source: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONWARNINGS": ""}
    outputs = []
    for name, program in (("with", WITH), ("without", WITHOUT)):
        command = [sys.executable, "-c", program, "compile", str(source), "-o", str(tmp_path / name)]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        files = (path for path in (tmp_path / name).rglob("*") if path.is_file() and not path.is_symlink())
        content = {path.relative_to(tmp_path / name): path.read_bytes() for path in files}
        outputs.append((done.returncode, done.stdout, done.stderr, content))
    assert outputs[0][0] == 0
    assert outputs[0] == outputs[1]


@pytest.fixture(scope="module")
def tables(made: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All tables, built now."""
    folder: Path = tmp_path_factory.mktemp("netc") / "built_tables"
    made.build(folder)
    return folder


def read_from(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `built` find its tables there."""
    spec = spec_from_file_location("netc.built_tables.templates", folder / "templates.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setitem(sys.modules, "netc.built_tables.templates", module)
    monkeypatch.setattr(built.shipped, "read", lambda _, name: (folder.parent / name).read_bytes())


def test_tables_are_taken_while_their_source_is_the_same(tables: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = {name: shipped.read("netc.knowledge", f"{name}.yaml") for name in KNOWLEDGE} | {"grammar": GRAMMAR}
    templates = {name: shipped.read("netc.templates", name) for name in TEMPLATES}
    read_from(tables, monkeypatch)
    for name, source in sources.items():
        assert built.table(name, source) is not None
        assert built.table(name, source + b"\n") is None
    for name, source in templates.items():
        assert built.template(name, source) is not None, f"{name} asks for more of Jinja2 than netc.templating gives"
        assert built.template(name, source + b"\n") is None
    assert built.table("nothing", b"") is None
    assert built.template("nothing", b"") is None


def test_the_folder_holds_nothing_else(tables: Path) -> None:
    wanted = {f"{name}.json" for name in [*KNOWLEDGE, "grammar"]} | {"templates.py"}
    assert {path.name for path in tables.iterdir() if path.name != "__pycache__"} == wanted


def test_a_template_that_asks_for_more_is_left_to_jinja(made: Any) -> None:
    def function(text: str) -> str:
        code: str = templating.jinja().compile(text, raw=True)
        return code[code.index("def root(") : code.index("\nblocks = ")].rstrip()

    assert made.asks_for_no_more(function("{% for a, b in rows %}{{ a.name }}={{ b }}{% endfor %}{{ c }}"))
    assert not made.asks_for_no_more(function("{{ rows | join }}"))
    assert not made.asks_for_no_more(function("{% for a in rows %}{{ loop.index }}{% endfor %}"))
    assert not made.asks_for_no_more(function("{% include 'other' %}"))


def test_a_name_without_a_value_is_an_error(tables: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = shipped.read("netc.templates", "kernel_arguments/kernel-command-line.j2")
    read_from(tables, monkeypatch)
    function = built.template("kernel_arguments/kernel-command-line.j2", source)
    assert function is not None
    assert templating.fill(function, {"line": "quiet"}) == "quiet\n"
    with pytest.raises(NameError, match="line"):
        templating.fill(function, {})

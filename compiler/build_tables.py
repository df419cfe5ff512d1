"""Work done once, when netc is built or installed, so that no cold start repeats it.

- The grammar becomes the tables of an LALR parser, made by Lark, which a run then need not import.
- The knowledge files become JSON, which reads ten times as fast as YAML.
- The templates become functions, made by Jinja2, which a run then need not import either.

Each result carries the digest of what it was made from. `netc.built` takes only results whose digest still
fits and falls back to grammar, YAML and Jinja2, so an edit in a checkout counts at once.
"""

from __future__ import annotations

import compileall
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent.parent
GRAMMAR = ROOT / "grammar" / "netc.lark"
TEMPLATES = ROOT / "templates"
KNOWLEDGE = ROOT / "compiler" / "netc" / "knowledge"

if str(ROOT / "compiler") not in sys.path:  # netc says itself how its grammar and templates are read
    sys.path.insert(0, str(ROOT / "compiler"))


class BuildPy(build_py):
    """setuptools' own step, and then the tables: into the wheel, or into the checkout for an editable install."""

    def run(self) -> None:
        super().run()
        library = ROOT / "compiler" if self.editable_mode else Path(self.build_lib)
        build(library / "netc" / "built_tables")
        if self.editable_mode:
            # pip compiles what it installs from a wheel; a checkout is left to the first run, which may not write.
            compileall.compile_dir(library / "netc", quiet=2)


def build(folder: Path) -> None:
    """Write all tables into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.*"):
        old.unlink()
    (folder / "grammar.json").write_text(_stamped(GRAMMAR, grammar_tables()), encoding="utf-8")
    for source in sorted(KNOWLEDGE.glob("*.yaml")):
        (folder / f"{source.stem}.json").write_text(_stamped(source, knowledge(source)), encoding="utf-8")
    (folder / "templates.py").write_text(template_functions(), encoding="utf-8")


def digest(source: Path) -> str:
    """What tells whether a result was made from this text."""
    return hashlib.sha256(source.read_bytes()).hexdigest()


def _stamped(source: Path, content: Any) -> str:
    """A table with the digest of its source in front, as one line of JSON."""
    return f"{digest(source)}\n{json.dumps(content, ensure_ascii=False, separators=(',', ':'))}\n"


def grammar_tables() -> dict[str, Any]:
    """The tables of the parser, by the names of `netc.lalr.Tables`."""
    from netc.lalr import tables_of
    from netc.records import fields

    tables = tables_of(GRAMMAR.read_text(encoding="utf-8"))
    return {name: getattr(tables, name) for name, _ in fields(type(tables))}


def knowledge(source: Path) -> Any:
    """The content of a knowledge file."""
    import yaml

    content: Any = yaml.safe_load(source.read_bytes())
    if json.loads(json.dumps(content)) != content:
        raise ValueError(f"{source.name} holds what JSON cannot: keys that are no text, or dates")
    return content


def template_functions() -> str:
    """A module of one function for each template that asks for no more than `netc.templating` gives."""
    from netc.templating import jinja

    environment = jinja()
    functions, rows = [], []
    for number, source in enumerate(sorted(TEMPLATES.rglob("*.j2"))):
        name = source.relative_to(TEMPLATES).as_posix()
        code: str = environment.compile(source.read_text(encoding="utf-8"), name=name, filename=name, raw=True)
        function = code[code.index("def root(") : code.index("\nblocks = ")].rstrip()
        if asks_for_no_more(function):
            functions.append(function.replace("def root(", f"def template_{number}(", 1))
            rows.append(f"    {name!r}: ({digest(source)!r}, template_{number}),")
    first = "Undefined = missing = environment = None"
    return "\n\n".join([first, *functions, "\n".join(["TEMPLATES = {", *rows, "}"])]) + "\n"


def asks_for_no_more(function: str) -> bool:
    """Whether a function that Jinja2 wrote runs in the surroundings that `netc.templating` gives."""
    from netc.templating import ASKED_FOR

    (code,) = [c for c in compile(function, "template", "exec").co_consts if hasattr(c, "co_names")]
    return set(code.co_names) <= ASKED_FOR

"""Who may import whom, who may speak and write, and how large modules and functions may grow."""

from __future__ import annotations

import ast
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.xdist_group("architecture")
"""In one process, which reads every module once."""

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "compiler" / "netc"
MADE = "built_tables"
"""What the build writes; nobody reads it."""

LONGEST_MODULE = 350
LONGEST_FUNCTION = 60
TABLES = {"codes.py"}
"""Modules that are one table each: they grow with the language, and no reader reads them top to bottom."""


@cache
def modules() -> dict[str, Path]:
    """Every module of the package by its name without `netc.`; the package itself is empty."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if parts[0] != MADE:
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(modules()[module].read_text(encoding="utf-8"))


@cache
def imports(module: str, *, at_start: bool = False) -> tuple[str, ...]:
    """The modules of netc that a module imports; `at_start` leaves out those inside functions and for types."""
    return tuple(_imports(module, at_start))


def _imports(module: str, at_start: bool) -> Iterator[str]:
    todo: list[ast.AST] = [tree(module)]
    while todo:
        node = todo.pop()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ImportFrom) and (child.module or "").split(".")[0] == "netc":
                yield from _named(child)
            elif isinstance(child, ast.Import):
                yield from (alias.name[5:] for alias in child.names if alias.name.split(".")[0] == "netc")
            elif not at_start or not _later(child):
                todo.append(child)
    if not at_start:
        yield from rows().get(module, ())


@cache
def rows() -> dict[str, list[str]]:
    """The modules that a room names in a table and imports when a host needs them."""
    from netc.backends import BACKENDS
    from netc.planning import PLANNERS

    return {
        "backends": [f"backends.{name}" for name, _ in BACKENDS],
        "planning": [f"planning.{name}" for name, _ in PLANNERS],
    }


def test_rows_name_modules() -> None:
    assert {name for named in rows().values() for name in named} <= modules().keys()


def _named(node: ast.ImportFrom) -> Iterator[str]:
    assert node.module is not None
    base = node.module.removeprefix("netc").removeprefix(".")
    for alias in node.names:
        inner = f"{base}.{alias.name}".strip(".")
        yield inner if inner in modules() else base


def _later(node: ast.AST) -> bool:
    """Whether what stands in it is not run when the module is imported."""
    if isinstance(node, ast.If):
        return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def of(*packages: str) -> list[str]:
    return [module for module in modules() if module.split(".")[0] in packages]


def within(module: str, *packages: str) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


RULES = {
    # what → what it must not import
    "backends": ("planning", "model", "resolving", "checks", "language", "packaging", "hardware", "pipeline", "cli"),
    "formats": (
        *("planning", "model", "resolving", "checks", "language", "hardware", "pipeline", "cli"),
        *("packaging.tree", "packaging.image_root", "packaging.exchange", "packaging.result"),
    ),
    "checks": ("plan", "planning", "backends", "packaging", "cli"),
    "planning": ("backends", "packaging", "checks", "resolving", "cli"),
    "packaging": ("planning", "model", "resolving", "checks", "language", "backends", "cli"),
    "drawing": ("plan", "planning", "checks", "backends", "packaging", "resolving", "pipeline", "cli"),
    "promises": ("model", "planning", "resolving", "checks", "language", "backends", "packaging", "hardware", "cli"),
    "verifying": ("model", "planning", "resolving", "checks", "language", "backends", "packaging", "pipeline", "cli"),
    "bottlenecks": ("plan", "planning", "model", "resolving", "checks", "language", "backends", "packaging", "cli"),
    "render": ("planning", "model", "resolving", "checks", "language", "backends", "packaging", "cli"),
    "language": ("resolving", "model", "planning", "checks", "backends", "packaging", "knowledge", "cli"),
    "resolving": ("planning", "plan", "checks", "backends", "packaging", "cli"),
    "hardware": ("planning", "plan", "checks", "backends", "packaging", "cli"),
    "parser": ("language", "resolving", "model", "cli"),
    "plan": ("model", "language", "source", "diagnostics", "knowledge"),
    "plan_keys": ("model", "language", "source", "diagnostics", "knowledge"),
}


@pytest.mark.parametrize("package", RULES)
def test_imports_go_one_way(package: str) -> None:
    wrong = {
        (module, imported)
        for module in of(package)
        for imported in imports(module)
        if within(imported, *RULES[package])
    }
    assert wrong == set()


def test_back_ends_do_not_know_each_other() -> None:
    words = ("binding", "boot_steps", "guards", "rendering", "services", "wording")
    shared = {f"backends.{word}" for word in words}
    ends = {module for module in of("backends") if module not in shared and module != "backends"}
    wrong = {(end, other) for end in ends for other in imports(end) if other in ends}
    assert wrong == set()
    assert not {(module, other) for module in shared for other in imports(module) if other in ends}


def test_formats_do_not_know_each_other() -> None:
    from netc.formats import FORMATS

    forms = {f"formats.{name.replace('-', '_')}" for name in FORMATS}
    assert forms <= modules().keys()
    assert {(form, other) for form in forms for other in imports(form) if other in forms} == set()
    shared = {module for module in of("formats") if module not in forms}
    assert {(module, other) for module in shared for other in imports(module) if other in forms} == set()


def test_knowledge_knows_nothing_above_it() -> None:
    below = ("knowledge", "built", "patterns", "records", "shipped", "units", "cpulist", "diagnostics", "suggest")
    wrong = {(m, i) for m in of("knowledge") for i in imports(m) if not within(i, *below)}
    assert wrong == set()


def test_imports_have_no_cycle() -> None:
    graph = {module: set(imports(module, at_start=True)) - {module} for module in modules()}
    for module in modules():
        graph[module].discard("")
    while free := [module for module, wanted in graph.items() if not wanted & graph.keys()]:
        for module in free:
            del graph[module]
    assert graph == {}


@cache
def calls(module: str) -> tuple[tuple[str, ast.Call], ...]:
    """Every call of a module by what is called, as far as that is a dotted name."""
    found = (node for node in ast.walk(tree(module)) if isinstance(node, ast.Call))
    return tuple((ast.unparse(node.func), node) for node in found)


SPEAKING = {"print", "input", "exit", "quit", "sys.exit", "os._exit", "sys.stdout.write", "sys.stderr.write"}


def test_only_the_command_line_speaks_and_ends_the_process() -> None:
    wrong = {(m, name) for m in modules() for name, _ in calls(m) if name in SPEAKING and m not in ("cli", "__main__")}
    assert wrong == set()


WRITING = ("write_text", "write_bytes", "unlink", "mkdir", "makedirs", "rename", "replace_file", "symlink", "chmod")
WRITERS = ("cli", "packaging")


def writes(name: str, call: ast.Call) -> bool:
    if name in ("open", "os.open", "io.open") or name.endswith(".open"):
        modes = [a.value for a in [*call.args, *(k.value for k in call.keywords)] if isinstance(a, ast.Constant)]
        flags = "".join(ast.unparse(argument) for argument in call.args)
        return any(isinstance(m, str) and set(m) & set("wax+") and len(m) < 4 for m in modes) or "O_W" in flags
    return name.rpartition(".")[2] in WRITING


def test_only_packaging_and_the_command_line_write_files() -> None:
    wrong = {
        (module, name)
        for module in modules()
        if not within(module, *WRITERS)
        for name, call in calls(module)
        if writes(name, call)
    }
    assert wrong == set()


def test_the_list_of_packages_is_that_of_the_folders() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    told = project["tool"]["setuptools"]["packages"]
    elsewhere = set(project["tool"]["setuptools"]["package-dir"]) - {""}
    folders = {
        ".".join(("netc", *path.parent.relative_to(PACKAGE).parts))
        for path in PACKAGE.rglob("__init__.py")
        if MADE not in path.parts
    }
    assert len(told) == len(set(told))
    assert set(told) - {f"netc.{MADE}"} == folders | elsewhere


def test_every_folder_of_modules_is_a_package() -> None:
    folders = {path.parent for path in PACKAGE.rglob("*.py") if MADE not in path.parts}
    assert [folder.name for folder in folders if not (folder / "__init__.py").is_file()] == []


def test_modules_fit_on_a_few_screens() -> None:
    lengths = {
        path.relative_to(PACKAGE).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in modules().values()
    }
    assert {name: n for name, n in lengths.items() if n > LONGEST_MODULE and name not in TABLES} == {}


def test_functions_fit_on_a_screen() -> None:
    long = {
        f"{module}.{node.name}": node.end_lineno - node.lineno + 1
        for module in modules()
        for node in ast.walk(tree(module))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
    }
    assert long == {}


def test_every_module_says_what_it_is_for() -> None:
    assert [module for module in modules() if not ast.get_docstring(tree(module))] == []

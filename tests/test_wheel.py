"""What an installed netc holds: every module, every template, every page and table."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SETUPTOOLS = PROJECT["tool"]["setuptools"]
FOLDERS = {"netc": "compiler/netc", "netc.grammar": "grammar", "netc.templates": "templates"}
"""Where packages lie; those not listed lie in the folder of their parent."""
MADE = "built_tables"
"""Written by compiler/build_tables.py, into the wheel and into a checkout that is installed as editable."""


def folder_of(package: str) -> Path:
    if package in FOLDERS:
        return ROOT / FOLDERS[package]
    parent, _, name = package.rpartition(".")
    return folder_of(parent) / name


def packages() -> set[str]:
    """Every folder of the package that has files of its own, and the folders mapped into it."""
    top = folder_of("netc")
    found = set(FOLDERS)
    for path in top.rglob("*"):
        parts = path.relative_to(top).parts[:-1]
        if path.is_file() and not {"__pycache__", MADE} & set(parts):
            found.add(".".join(("netc", *parts)))
    return found


def names_of(package: str) -> set[str]:
    """The files of a package as the wheel names them. Templates lie in folders that are no packages."""
    folder = folder_of(package)
    listed = folder.rglob("*") if package == "netc.templates" else folder.iterdir()
    inside = {path.relative_to(folder).as_posix() for path in listed if path.is_file()}
    return {f"{package.replace('.', '/')}/{name}" for name in inside if "__pycache__" not in name}


def test_packages_are_the_folders() -> None:
    assert set(SETUPTOOLS["packages"]) == packages()
    assert SETUPTOOLS["packages"] == sorted(SETUPTOOLS["packages"])


@pytest.mark.parametrize("package", sorted(SETUPTOOLS["packages"]))
def test_globs_cover_every_file(package: str) -> None:
    globs = SETUPTOOLS["package-data"].get(package, [])
    folder = folder_of(package)
    covered = {path.relative_to(folder).as_posix() for glob in globs for path in folder.glob(glob)}
    prefix = package.replace(".", "/") + "/"
    data = {name.removeprefix(prefix) for name in names_of(package) if not name.endswith(".py")}
    assert data - covered == set()
    assert [glob for glob in globs if not any(folder.glob(glob))] == []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel of a copy, so that no build folder is left in the checkout."""
    copy = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    unwanted = shutil.ignore_patterns("__pycache__", "*.egg-info", MADE)
    for name in ("compiler", "grammar", "templates"):
        shutil.copytree(ROOT / name, copy / name, ignore=unwanted)
    made = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(made), str(copy)]
    subprocess.run(command, check=True, timeout=300)
    (path,) = made.glob("netc-*.whl")
    return zipfile.ZipFile(path)


@pytest.mark.skipif(not os.environ.get("CI"), reason="pip fetches setuptools to build a wheel: in CI only")
def test_the_wheel_holds_every_file(wheel: zipfile.ZipFile) -> None:
    names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    tables = {name for name in names if name.startswith(f"netc/{MADE}/")}
    assert names - tables == set().union(*(names_of(package) for package in SETUPTOOLS["packages"]))
    knowledge = {f"netc/{MADE}/{path.stem}.json" for path in (folder_of("netc.knowledge")).glob("*.yaml")}
    assert tables == {f"netc/{MADE}/grammar.json", f"netc/{MADE}/templates.py", *knowledge}


@pytest.mark.skipif(not os.environ.get("CI"), reason="pip fetches setuptools to build a wheel: in CI only")
def test_the_wheel_holds_the_licence(wheel: zipfile.ZipFile) -> None:
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in wheel.namelist())

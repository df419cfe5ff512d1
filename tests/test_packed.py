"""Modules from one file: the same modules, and none of them once its source is another."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import traceback
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import netc
from netc.packed import NAME, SLACK, Modules, pack

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCES = {
    "parcel": ("parcel/__init__.py", b'"""A parcel."""\n'),
    "parcel.inner": ("parcel/inner.py", b"def fail():\n    raise KeyError('inner')\n"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path, text in SOURCES.values():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(text)
    (tmp_path / NAME).write_bytes(pack(SOURCES))
    return tmp_path


@pytest.fixture
def modules(folder: Path) -> Iterator[Modules]:
    descriptor = os.open(folder / NAME, os.O_RDONLY)
    yield Modules(descriptor, str(folder))
    os.close(descriptor)


@pytest.fixture
def imported(modules: Modules, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sys, "meta_path", [modules, *sys.meta_path])
    yield
    for name in SOURCES:
        sys.modules.pop(name, None)


@pytest.mark.usefixtures("imported")
def test_modules_are_as_if_imported_from_their_sources(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(folder)
    inner = import_module("parcel.inner")
    assert inner.__file__ == str(folder / "parcel/inner.py")
    assert import_module("parcel").__path__ == [str(folder / "parcel")]
    assert isinstance(inner.__loader__, Modules)
    with pytest.raises(KeyError) as caught:
        inner.fail()
    assert "raise KeyError('inner')" in traceback.format_exception(caught.value)[-2]


def longer(source: Path) -> None:
    source.write_bytes(source.read_bytes() + b"# edited\n")


def younger(source: Path) -> None:
    then = source.stat().st_mtime + SLACK + 5
    os.utime(source, (then, then))


@pytest.mark.parametrize("change", [longer, younger, Path.unlink])
def test_a_module_whose_source_was_edited_is_left_to_python(change, modules: Modules, folder: Path) -> None:  # type: ignore[no-untyped-def] # a function of a path
    assert modules.find_spec("parcel.inner") is not None
    change(folder / "parcel/inner.py")
    assert modules.find_spec("parcel.inner") is None
    assert modules.find_spec("parcel") is not None
    assert modules.find_spec("parcel.other") is None


def with_pack(folder: Path, content: bytes | None) -> subprocess.CompletedProcess[str]:
    """A copy of netc compiles a host, with this pack or none; it prints what its command line was loaded by."""
    shutil.copytree(Path(netc.__file__).parent, folder / "netc", ignore=shutil.ignore_patterns("__pycache__"))
    root = Path(__file__).parents[1]
    for name in ("grammar", "templates"):
        shutil.copytree(root / name, folder / "netc" / name)
    if content is not None:
        (folder / "netc/built_tables" / NAME).write_bytes(content)
    host = folder / "a.net"
    host.write_text("host a { system { distribution debian 12 }; goal web-server { connection-rate 100k/s } }\n")
    script = (
        f"import sys; sys.path.insert(0, {str(folder)!r}); sys.argv = ['netc', 'compile', {str(host)!r}, '-o', "
        f"{str(folder / 'out')!r}]; from netc.start import main; status = main(); import netc.cli; "
        "print(type(netc.cli.__loader__).__name__); sys.exit(status)"
    )
    return subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=False)


def packed() -> bytes:
    root = Path(netc.__file__).parent
    sources = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        sources[name] = (path.relative_to(root.parent).as_posix(), path.read_bytes())
    return pack(sources)


@pytest.mark.parametrize("damage", ["none", "absent", "empty", "torn", "cut", "other-python"])
def test_netc_runs_with_and_without(damage: str, tmp_path: Path) -> None:
    content = packed()
    given = {
        "none": content,
        "absent": None,
        "empty": b"",
        "torn": content[:40],
        "cut": content[:-1],
        "other-python": b"\0" + content[1:],
    }
    done = with_pack(tmp_path, given[damage])
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip() == ("Modules" if damage == "none" else "SourceFileLoader")
    assert (tmp_path / "out/a/plan.json").is_file()

"""Running netc from tests: in this process with its streams captured, or in one of its own."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from unittest.mock import patch

from netc.cli import main

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

IN_CI = bool(os.environ.get("CI"))
EVERYDAY = 4
"""Where much the same is tried many times, CI tries so many times as much as the everyday run."""


def often(number: int) -> int:
    """So many examples in CI, and fewer in the everyday run."""
    return number if IN_CI else max(1, number // EVERYDAY)


def thinned(items: Sequence[T]) -> Sequence[T]:
    """All in CI, each fourth in the everyday run."""
    return items if IN_CI else items[::EVERYDAY]


@dataclass(frozen=True)
class Done:
    """What a run gave."""

    status: int
    out: str
    err: str

    @property
    def diagnostics(self) -> list[dict[str, Any]]:
        """The diagnostics of a run with `--diagnostics json`."""
        found: list[dict[str, Any]] = json.loads(self.err)
        return found

    @property
    def codes(self) -> list[str]:
        return [diagnostic["code"] for diagnostic in self.diagnostics]


def netc(*arguments: str | Path, given: bytes = b"") -> Done:
    """A run in this process; a defect of netc raises."""
    out, err, standard_input = io.StringIO(), io.StringIO(), io.TextIOWrapper(io.BytesIO(given))
    with (
        patch.dict(os.environ, {"NETC_TRACEBACK": "1"}),
        patch.object(sys, "stdin", standard_input),
        patch.object(sys, "stdout", out),
        patch.object(sys, "stderr", err),
    ):
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as left:
            status = left.code if isinstance(left.code, int) else 0
    return Done(status, out.getvalue(), err.getvalue())


def netc_process(
    *arguments: str | Path,
    given: bytes = b"",
    cwd: Path | None = None,
    python: str = sys.executable,
    **environment: str,
) -> Done:
    """A run in a process of its own."""
    done = subprocess.run(
        [python, "-m", "netc", *map(str, arguments)],
        input=given,
        capture_output=True,
        cwd=cwd,
        env={**os.environ, **environment},
        timeout=30,
        check=False,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


@cache
def other_pythons() -> list[str]:
    """Interpreters of other versions that have this netc; NETC_PYTHONS names some, with `:` between."""
    beside = Path(sys.executable).parents[1].parent
    told = os.environ.get("NETC_PYTHONS", "").split(":")
    found = {}
    for python in filter(None, [*told, *map(str, beside.glob("*/bin/python"))]):
        answer = subprocess.run(
            [python, "-c", "import sys, netc; print(sys.version_info[:2], netc.__file__)"],
            capture_output=True,
            text=True,
            check=False,
        ).stdout
        version, _, file = answer.strip().rpartition(" ")
        is_ours = python in told or file == sys.modules["netc"].__file__
        if version and is_ours and version != f"{sys.version_info[:2]}":
            found.setdefault(version, python)
    return [found[version] for version in sorted(found)]


def tree(folder: Path) -> dict[str, str]:
    """Every file, link and folder below a folder, with content, target and mode."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = f"-> {path.readlink()}"
        elif path.is_file():
            found[name] = f"{path.stat().st_mode & 0o777:o} {path.read_bytes().decode('utf-8', 'surrogateescape')}"
        else:
            found[name] = "folder"
    return found


def artifacts(folder: Path) -> dict[str, str]:
    """The files of one host without those that tell of the others: `plan.json` and `manifest.json`."""
    return {name: text for name, text in tree(folder).items() if name not in ("plan.json", "manifest.json")}

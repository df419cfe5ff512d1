"""The hooks for pre-commit are what pre-commit takes, and their commands do what they are for."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from running import netc

ROOT = Path(__file__).parent.parent
FILE = ROOT / ".pre-commit-hooks.yaml"
HOOKS: dict[str, dict[str, Any]] = {hook["id"]: hook for hook in yaml.safe_load(FILE.read_text(encoding="utf-8"))}
GOOD = 'host a {\n    system { distribution debian 13 }\n    kernel-argument "nosmt" because "policy"\n}\n'


def status(hook: str, *arguments: str) -> int:
    """The exit status of a hook's command, as pre-commit calls it."""
    program, *words = HOOKS[hook]["entry"].split()
    assert program == "netc"
    return netc(*words, *arguments).status


@pytest.mark.tool("pre-commit")
def test_pre_commit_takes_them() -> None:
    subprocess.run(["pre-commit", "validate-manifest", str(FILE)], check=True, timeout=60)


def test_they_find_what_they_are_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    source = tmp_path / "a.net"
    source.write_text(GOOD.replace("    ", "  "))
    assert status("netc-fmt", "a.net") == 0
    assert source.read_text() == GOOD
    assert status("netc-check", "a.net") == 0
    assert status("netc-compile-check", "a.net") == 4
    assert netc("compile", "a.net").status == 0
    assert status("netc-compile-check", "a.net") == 0
    source.write_text(GOOD.replace("debian", "debain"))
    assert status("netc-check", "a.net") == 1


@pytest.mark.parametrize("path", ["fleet.net", "roles/base.net", "hosts/a-b.net"])
def test_each_looks_at_sources(path: str) -> None:
    assert all(re.search(hook.get("files", ""), path) for hook in HOOKS.values())


def test_the_document_names_each() -> None:
    text = (ROOT / "docs" / "pipelines.md").read_text(encoding="utf-8")
    assert set(re.findall(r"id: (\S+)", text)) == set(HOOKS)

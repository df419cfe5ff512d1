"""What tests of generated files with a host's own programs share: skipping where a program or root is missing."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, with the reason, tests that need root or a program this machine does not have."""
    for item in items:
        for mark in item.iter_markers("tool"):
            if program(mark.args[0]) is None:
                item.add_marker(pytest.mark.skip(reason=f"{mark.args[0]} is not installed"))
        if item.get_closest_marker("root") and not may_unshare():
            item.add_marker(pytest.mark.skip(reason="needs root and network namespaces"))


def program(name: str) -> str | None:
    """The program of this name, also from where ordinary users have no path to, and where systemd keeps its own."""
    folders = [os.environ.get("PATH", ""), "/usr/sbin", "/sbin", "/usr/lib/systemd", "/lib/systemd"]
    return shutil.which(name, path=os.pathsep.join(folders))


def may_unshare() -> bool:
    if os.geteuid() != 0 or (unshare := program("unshare")) is None:
        return False
    return subprocess.run([unshare, "--net", "--mount", "true"], capture_output=True, check=False).returncode == 0

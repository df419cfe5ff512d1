"""What all tests share: where programs are, skipping where the machine lacks something, and a guard in CI."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from snapshottest.module import SnapshotModule

from running import often

# shellcheck, ruff and mypy lie beside the interpreter; programs of the system where users have no path to.
PLACES = [str(Path(sys.executable).parent), os.environ.get("PATH", ""), "/usr/sbin", "/sbin"]
os.environ["PATH"] = os.pathsep.join(filter(None, PLACES))

# What a shell puts into the background ignores SIGINT, and so would all that tests start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


# How long an example takes says more of the machine than of netc.
settings.register_profile(
    "patient", max_examples=often(100), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("patient")


@pytest.fixture(autouse=True)
def _nothing_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """No fleet that a test compiles is kept in the user's cache."""
    monkeypatch.setattr("netc.packaging.remembered.cache_folder", lambda: None)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip, with the reason, tests that need root or a program that this machine does not have."""
    for mark in item.iter_markers("tool"):
        if not any(shutil.which(mark.args[0], path=path) for path in (None, "/usr/lib/systemd", "/lib/systemd")):
            pytest.skip(f"{mark.args[0]} is not installed")
    if item.get_closest_marker("root"):
        if not os.environ.get("CI"):
            pytest.skip("works on the kernel as root, and takes its time: CI=1 runs it")
        if not has_namespaces():
            pytest.skip("needs root and network namespaces")


@cache
def has_namespaces() -> bool:
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return False
    return subprocess.run(["unshare", "--net", "--mount", "true"], capture_output=True, check=False).returncode == 0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that work on the kernel run one after another, in one process: each would see what the others do."""
    for item in items:
        if item.get_closest_marker("root"):
            item.add_marker(pytest.mark.xdist_group("kernel"))


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """A missing snapshot is written and passes, which in CI would prove nothing: there it fails the test."""
    if "snapshot" in getattr(item, "fixturenames", ()) and os.environ.get("CI"):
        missing = SnapshotModule.stats_new_snapshots()[0]
        if missing:
            pytest.fail(f"{missing} snapshots are missing: run the tests without CI set, and commit what they write")

"""The output directory: what is written, left alone, refused, and survives an interruption."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import stat
import time
from typing import TYPE_CHECKING

import pytest

from netc.packaging import exchange, tree
from netc.packaging.finding import Difference, How, OutputError
from netc.packaging.tree import Output
from netc.plan import Artifact

if TYPE_CHECKING:
    from pathlib import Path

ARTIFACTS = [
    Artifact("kernel-command-line", "nohz_full=1\n"),
    Artifact("after-copy", "#!/bin/sh\n", 0o755),
    Artifact("rootfs/etc/sysctl.d/90-netc.conf", "net.core.somaxconn = 8192\n"),
    Artifact("rootfs/etc/systemd/system/x.target.wants/a.service", target="../a.service"),
]
SOURCES = ["lb.net"]


def write(out: Path, host: str = "h1", artifacts: list[Artifact] = ARTIFACTS, **more: bool) -> list[Difference]:
    with Output(out) as output:
        return output.write(host, artifacts, SOURCES, **more)


def content(folder: Path) -> dict[str, object]:
    """Everything under a folder: text and mode of files, targets of links."""
    found: dict[str, object] = {}
    for path in folder.rglob("*"):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = str(path.readlink())
        elif path.is_file():
            found[name] = (path.read_text(), stat.S_IMODE(path.stat().st_mode))
    return found


def codes_of(error: pytest.ExceptionInfo[OutputError]) -> list[str]:
    return [diagnostic.code for diagnostic in error.value.diagnostics]


def test_a_new_host(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    changed = write(out)
    assert {d.how for d in changed} == {How.MISSING}
    found = content(out / "h1")
    assert found.pop("manifest.json")
    assert found == {
        "kernel-command-line": ("nohz_full=1\n", 0o644),
        "after-copy": ("#!/bin/sh\n", 0o755),
        "rootfs/etc/sysctl.d/90-netc.conf": ("net.core.somaxconn = 8192\n", 0o644),
        "rootfs/etc/systemd/system/x.target.wants/a.service": "../a.service",
    }
    assert [p.name for p in out.iterdir()] == ["h1"]


def test_the_manifest_lists_everything_but_itself(tmp_path: Path) -> None:
    write(tmp_path)
    manifest = json.loads((tmp_path / "h1/manifest.json").read_text())
    assert manifest["sources"] == SOURCES
    assert [f["path"] for f in manifest["files"]] == sorted(a.path for a in ARTIFACTS if not a.target)
    first = manifest["files"][0]
    digest = hashlib.sha256(b"#!/bin/sh\n").hexdigest()
    assert first == {"path": "after-copy", "mode": "0755", "size": 10, "sha256": digest}
    assert manifest["links"] == [{"path": ARTIFACTS[3].path, "target": "../a.service"}]


def test_modes_do_not_depend_on_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        write(tmp_path)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "h1").stat().st_mode) == 0o755
    assert stat.S_IMODE((tmp_path / "h1/rootfs/etc").stat().st_mode) == 0o755
    assert stat.S_IMODE((tmp_path / "h1/after-copy").stat().st_mode) == 0o755


def test_what_is_the_same_is_not_touched(tmp_path: Path) -> None:
    write(tmp_path)
    before = {p: p.lstat() for p in tmp_path.rglob("*")}
    assert write(tmp_path) == []
    assert {p: p.lstat() for p in tmp_path.rglob("*")} == before


def test_changed_and_unwanted_files(tmp_path: Path) -> None:
    write(tmp_path)
    changed = write(tmp_path, artifacts=[Artifact("kernel-command-line", "nohz_full=2\n")])
    assert [(d.path, d.how) for d in changed] == [
        ("after-copy", How.NOT_WANTED),
        ("kernel-command-line", How.CHANGED),
        ("manifest.json", How.CHANGED),
        ("rootfs/etc/sysctl.d/90-netc.conf", How.NOT_WANTED),
        ("rootfs/etc/systemd/system/x.target.wants/a.service", How.NOT_WANTED),
    ]
    assert sorted(p.name for p in (tmp_path / "h1").rglob("*")) == ["kernel-command-line", "manifest.json"]


def test_a_lost_file_and_a_lost_mode_come_back(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "h1/after-copy").chmod(0o600)
    (tmp_path / "h1/kernel-command-line").unlink()
    assert [d.how for d in write(tmp_path)] == [How.CHANGED, How.MISSING]
    assert write(tmp_path) == []


def test_other_hosts_are_left_alone(tmp_path: Path) -> None:
    write(tmp_path, "h1")
    (tmp_path / "other").mkdir()
    (tmp_path / "other/file").write_text("x")
    before = content(tmp_path)
    write(tmp_path, "h2")
    assert before.items() <= content(tmp_path).items()


@pytest.mark.parametrize("name", ["foreign", "rootfs/etc/foreign", "rootfs/foreign/deep"])
def test_a_foreign_file_is_an_error_that_names_it(tmp_path: Path, name: str) -> None:
    write(tmp_path)
    path = tmp_path / "h1" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine")
    before = content(tmp_path)
    with pytest.raises(OutputError) as caught:
        write(tmp_path)
    assert codes_of(caught) == ["N0501"]
    assert str(path) in str(caught.value)
    assert content(tmp_path) == before
    write(tmp_path, force=True)
    assert not path.exists()
    assert write(tmp_path) == []


def test_a_file_changed_by_hand_is_an_error(tmp_path: Path) -> None:
    write(tmp_path)
    path = tmp_path / "h1/kernel-command-line"
    path.write_text("mine")
    with pytest.raises(OutputError) as caught:
        write(tmp_path)
    assert codes_of(caught) == ["N0502"]
    assert path.read_text() == "mine"
    write(tmp_path, force=True)
    assert path.read_text() == "nohz_full=1\n"


def test_a_file_that_became_a_link_is_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "out")
    secret = tmp_path / "secret"
    secret.write_text("nohz_full=1\n")
    path = tmp_path / "out/h1/kernel-command-line"
    path.unlink()
    path.symlink_to(secret)
    with pytest.raises(OutputError):
        write(tmp_path / "out")
    write(tmp_path / "out", force=True)
    assert not path.is_symlink()
    assert secret.read_text() == "nohz_full=1\n"


def test_a_directory_that_became_a_link_is_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "out")
    outside = tmp_path / "outside"
    (tmp_path / "out/h1/rootfs").rename(outside)
    (tmp_path / "out/h1/rootfs").symlink_to(outside)
    before = content(outside)
    with pytest.raises(OutputError):
        write(tmp_path / "out")
    write(tmp_path / "out", force=True)
    assert content(outside) == before
    assert not (tmp_path / "out/h1/rootfs").is_symlink()


def test_a_host_directory_that_is_a_link_is_an_error(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out/h1").symlink_to(outside)
    for force in (False, True):
        with pytest.raises(OutputError) as caught:
            write(tmp_path / "out", force=force)
        assert codes_of(caught) == ["N0503"]
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("host", ["", ".", "..", "../x", "a/b", ".netc-x"])
def test_names_that_lead_elsewhere(tmp_path: Path, host: str) -> None:
    with pytest.raises(ValueError, match="no directory"):
        write(tmp_path, host)


@pytest.mark.parametrize(
    "path", ["/etc/x", "../x", "a/../b", "a//b", "", "a/.", "manifest.json", "kernel-command-line/x"]
)
def test_artifacts_that_lead_elsewhere(tmp_path: Path, path: str) -> None:
    with pytest.raises(ValueError):
        write(tmp_path, artifacts=[*ARTIFACTS, Artifact(path, "x")])


def test_a_directory_without_manifest_is_foreign(tmp_path: Path) -> None:
    (tmp_path / "h1").mkdir()
    (tmp_path / "h1/file").write_text("x")
    with pytest.raises(OutputError) as caught:
        write(tmp_path)
    assert codes_of(caught) == ["N0501"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 7}', '{"format": 1}', "\udc80"])
def test_a_broken_manifest_is_told(tmp_path: Path, text: str) -> None:
    write(tmp_path)
    (tmp_path / "h1/manifest.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(OutputError) as caught:
        write(tmp_path)
    assert codes_of(caught) == ["N0505"]
    write(tmp_path, force=True)
    assert write(tmp_path) == []


def test_an_output_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x")
    with pytest.raises(OutputError) as caught:
        write(tmp_path / "out")
    assert codes_of(caught) == ["N0504"]


def test_check_writes_nothing(tmp_path: Path) -> None:
    with Output(tmp_path / "out") as output:
        assert {d.how for d in output.check("h1", ARTIFACTS, SOURCES)} == {How.MISSING}
        assert not (tmp_path / "out").exists()
        output.write("h1", ARTIFACTS, SOURCES)
        assert output.check("h1", ARTIFACTS, SOURCES) == []
        (tmp_path / "out/h1/new").write_text("x")
        assert output.check("h1", ARTIFACTS, SOURCES) == [Difference("new", How.NOT_WANTED)]
        assert [d.path for d in output.check("h1", ARTIFACTS, ["other.net"])] == ["manifest.json", "new"]


@pytest.mark.parametrize("at_once", [True, False])
def test_an_interrupted_write_leaves_the_old_tree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    write(tmp_path)
    before = content(tmp_path)

    def fail(*_: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(tree if at_once else os, "exchange" if at_once else "fchmod", fail)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path, artifacts=ARTIFACTS[:1])
    assert content(tmp_path) == before


def test_exchange_without_the_system_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "_exchanged_at_once", lambda *_: False)
    write(tmp_path)
    write(tmp_path, artifacts=ARTIFACTS[:1])
    assert sorted(content(tmp_path / "h1")) == ["kernel-command-line", "manifest.json"]
    assert [p.name for p in tmp_path.iterdir()] == ["h1"]


def left_behind(out: Path, age: float) -> Path:
    folder = out / ".netc-0123456789abcdef"
    (folder / "h9").mkdir(parents=True)
    (folder / "h9/file").write_text("x")
    os.utime(folder, (time.time() - age,) * 2)
    return folder


def test_what_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    folder = left_behind(tmp_path, 2 * tree.CLAIM)
    write(tmp_path)
    assert not folder.exists()


def test_what_another_run_uses_is_not_removed(tmp_path: Path) -> None:
    folder = left_behind(tmp_path, 2 * tree.CLAIM)
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        write(tmp_path)
    finally:
        os.close(handle)
    assert folder.exists()


def test_what_another_run_has_just_made_is_not_removed(tmp_path: Path) -> None:
    folder = left_behind(tmp_path, 0)
    write(tmp_path)
    assert folder.exists()


def test_prune(tmp_path: Path) -> None:
    with Output(tmp_path) as output:
        for host, sources in (("h1", ["a.net"]), ("h2", ["a.net", "b.net"]), ("h3", ["c.net"])):
            output.write(host, ARTIFACTS, sources)
        (tmp_path / "mine").mkdir()
        (tmp_path / "mine/file").write_text("x")
        assert output.prune(["a.net"], {"h1"}) == ["h2"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["h1", "h3", "mine"]


def test_prune_spares_foreign_files(tmp_path: Path) -> None:
    write(tmp_path, "h1")
    write(tmp_path, "h2")
    (tmp_path / "h2/mine").write_text("x")
    with Output(tmp_path) as output:
        with pytest.raises(OutputError) as caught:
            output.prune(SOURCES, [])
        assert codes_of(caught) == ["N0501"]
        assert (tmp_path / "h1").exists()
        assert output.prune(SOURCES, [], force=True) == ["h1", "h2"]
    assert list(tmp_path.iterdir()) == []


def test_prune_where_nothing_is(tmp_path: Path) -> None:
    with Output(tmp_path / "out") as output:
        assert output.prune(SOURCES, []) == []
    assert not (tmp_path / "out").exists()

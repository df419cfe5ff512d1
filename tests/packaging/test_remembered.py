"""A fleet of which nothing has changed is not compiled again, and whatever has changed is seen."""

from __future__ import annotations

import errno
import json
import os
import shutil
from typing import TYPE_CHECKING

import pytest

from netc import pipeline
from netc.digests import digest
from netc.packaging import remembered
from netc.packaging.remembered import cache_folder
from running import Done, netc, tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PROFILES = """\
profile edge {
    system { distribution debian 12; memory 256GiB }
    cpu { sockets 1; cores 8; threads 2 }
    goal web-server { throughput 20Gbps; connections 2M; connection-rate 10k/s; rtt 40ms; flow 1Gbps }
}
"""
FLEET = """\
include "profiles.net"
host web-[1..3] : edge { nic front { match pci 0000:18:00.0; driver ice; speed 25Gbps; node 0 } }
host db : edge { hardware "db.yaml"; nic front { match driver ice; speed 25Gbps } }
"""
FACTS = "host: db\narchitecture: x86-64\ncpu_vendor: intel\n"


class Fleet:
    """A fleet in a folder, and whether a run compiled it or knew that nothing had changed."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.source = folder / "fleet.net"
        self.out = folder / "out"
        self.source.write_text(FLEET)
        (folder / "profiles.net").write_text(PROFILES)
        (folder / "db.yaml").write_text(FACTS)
        self.loads = 0
        load = pipeline.load

        def counting(*arguments: object, **more: object) -> object:
            self.loads += 1
            return load(*arguments, **more)  # type: ignore[arg-type]

        monkeypatch.setattr(pipeline, "load", counting)

    def compile(self, *options: str) -> Done:
        return netc("compile", self.source, "-o", self.out, *options)

    def compiled_again(self, *options: str) -> bool:
        """Whether a run with these options has to look at the hosts."""
        before = self.loads
        self.compile(*options)
        return self.loads > before

    @property
    def cache(self) -> Path:
        return self.folder / "cache" / "netc"


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fleet:
    monkeypatch.setattr(remembered, "cache_folder", cache_folder)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(remembered, "FEWEST_HOSTS", 4)
    return Fleet(tmp_path, monkeypatch)


def test_an_unchanged_fleet_is_not_compiled_again_and_says_the_same(fleet: Fleet) -> None:
    first = fleet.compile()
    written = tree(fleet.out)
    assert first.status == 0
    assert "N0412" in first.err  # in an included file
    assert "N0219" in first.err
    assert fleet.loads == 1
    assert fleet.compile() == first
    assert fleet.compile("--jobs", "4") == first
    as_json = fleet.compile("--diagnostics", "json")
    assert fleet.loads == 1
    assert [found["code"] for found in as_json.diagnostics] == netc(
        "check", fleet.source, "--diagnostics", "json"
    ).codes
    assert tree(fleet.out) == written


def edit_in_place(path: Path) -> None:
    """Another content of the same size, in the same file, with the modification time of before."""
    status = path.stat()
    content = path.read_bytes()
    with path.open("r+b") as file:
        file.write(bytes([content[0] ^ 1]) + content[1:])
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def exchange_for_link(path: Path) -> None:
    moved = path.with_name("moved")
    path.rename(moved)
    path.symlink_to(moved)


def exchange_for_copy(path: Path) -> None:
    moved = path.with_name("moved")
    path.rename(moved)
    shutil.copy2(moved, path)
    moved.unlink()


def add_with_time_kept(folder: Path) -> None:
    """Another file, as archives bring it that set the times of folders too."""
    status = folder.stat()
    (folder / "more").touch()
    os.utime(folder, ns=(status.st_atime_ns, status.st_mtime_ns))


CHANGES: dict[str, Callable[[Path], object]] = {
    "a file of the same size and time": lambda out: edit_in_place(out / "web-1" / "plan.json"),
    "a longer file": lambda out: (out / "web-2" / "plan.json").write_text("more"),
    "the mode of a file": lambda out: (out / "web-3" / "plan.json").chmod(0o600),
    "the mode of a folder": lambda out: (out / "web-3" / "rootfs").chmod(0o700),
    "a file less": lambda out: (out / "web-1" / "manifest.json").unlink(),
    "a file more": lambda out: (out / "db" / "rootfs" / "etc" / "more").touch(),
    "a folder more": lambda out: (out / "db" / "rootfs" / "etc" / "more").mkdir(),
    "a file as a link": lambda out: exchange_for_link(out / "web-1" / "plan.json"),
    "a copy of a file": lambda out: exchange_for_copy(out / "web-1" / "plan.json"),
    "a host as a link": lambda out: exchange_for_link(out / "web-2"),
    "a host less": lambda out: shutil.rmtree(out / "web-2"),
    "no output": shutil.rmtree,
    "a statement": lambda out: (out.parent / "fleet.net").write_text(FLEET.replace("node 0", "node 0; queues 2")),
    "a space": lambda out: (out.parent / "fleet.net").write_text(FLEET + " "),
    "an included file": lambda out: (out.parent / "profiles.net").write_text(PROFILES.replace("40ms", "41ms")),
    "facts": lambda out: (out.parent / "db.yaml").write_text(FACTS.replace("intel", "amd")),
    "facts from a pipe": lambda out: (
        (out.parent / "db.yaml").unlink(),
        os.mkfifo(out.parent / "db.yaml"),
    ),
    "a file more, with the time of its folder kept": lambda out: add_with_time_kept(out / "db" / "rootfs"),
    "a file more in a host, with its time kept": lambda out: add_with_time_kept(out / "db"),
    "no facts": lambda out: (out.parent / "db.yaml").unlink(),
}


@pytest.mark.parametrize("what", CHANGES)
def test_every_change_is_seen(fleet: Fleet, what: str) -> None:
    fleet.compile()
    assert not fleet.compiled_again()
    CHANGES[what](fleet.out)
    assert fleet.compiled_again()


def test_a_change_is_told_as_ever_and_mended_by_force(fleet: Fleet) -> None:
    fleet.compile()
    written = tree(fleet.out)
    edit_in_place(fleet.out / "web-1" / "plan.json")
    told = fleet.compile()
    assert told.status == 2
    assert "N0502" in told.err
    assert fleet.compile() == told  # what went wrong is not kept
    assert fleet.compile("--force").status == 0
    assert tree(fleet.out) == written
    assert fleet.compiled_again()  # kept is what was before the change
    assert not fleet.compiled_again()


@pytest.mark.parametrize("option", [["--check"], ["--force"], ["--host", "web-*"], ["--strict"], ["--format", "tar"]])
def test_other_options_are_another_run(fleet: Fleet, option: list[str]) -> None:
    fleet.compile()
    assert fleet.compiled_again(*option)


def test_another_netc_is_another_run(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    fleet.compile()
    monkeypatch.setattr(remembered, "_netc", lambda: "another")
    assert fleet.compiled_again()


def test_an_edit_of_netc_makes_it_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("netc", "netc.grammar", "netc.templates"):
        (tmp_path / name / "within").mkdir(parents=True)
        (tmp_path / name / "within" / "file").touch()
    monkeypatch.setattr(remembered, "folder_of", lambda package: str(tmp_path / package))
    seen = {remembered._netc()}
    for name in ("netc", "netc.grammar", "netc.templates"):
        (tmp_path / name / "within" / "file").write_text("edited")
        seen.add(remembered._netc())
    assert len(seen) == 4


def test_standard_input_is_read_each_time(fleet: Fleet) -> None:
    text = PROFILES + "host web-[1..4] : edge { nic front { match pci 0000:18:00.0; driver ice; speed 25Gbps } }\n"
    for loads in (1, 2):
        assert netc("compile", "-", "-o", fleet.out, given=text.encode()).status == 0
        assert fleet.loads == loads
    assert not fleet.cache.exists()


def test_few_hosts_are_not_kept(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "FEWEST_HOSTS", 5)
    fleet.compile()
    assert fleet.compiled_again()
    assert not fleet.cache.exists()


def test_pruning_looks_at_what_came_beside(fleet: Fleet) -> None:
    fleet.compile("--prune")
    assert not fleet.compiled_again("--prune")
    shutil.copytree(fleet.out / "web-1", fleet.out / "web-9", symlinks=True)
    assert fleet.compile("--prune").status == 0
    assert not (fleet.out / "web-9").exists()
    assert not fleet.compiled_again("--prune")


def test_pruning_looks_at_who_wrote_what_lies_beside(fleet: Fleet) -> None:
    other = fleet.folder / "other.net"
    other.write_text(FLEET.replace("web-[1..3]", "more").replace("host db", "host more-db"))
    assert netc("compile", other, "-o", fleet.out).status == 0
    fleet.compile("--prune")
    assert not fleet.compiled_again("--prune")
    (fleet.folder / "elsewhere").mkdir()
    for name in ("profiles.net", "db.yaml"):
        shutil.copy(fleet.folder / name, fleet.folder / "elsewhere")
    shutil.copy(other, fleet.folder / "elsewhere" / "fleet.net")
    assert netc("compile", fleet.folder / "elsewhere" / "fleet.net", "-o", fleet.out).status == 0
    fleet.compile("--prune")
    assert not (fleet.out / "more").exists()


def test_a_netc_that_is_changed_while_it_runs_keeps_nothing(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    (fleet.folder / "netc").mkdir()
    load = pipeline.load

    def edited(*arguments: object, **more: object) -> object:
        (fleet.folder / "netc" / "edited.py").touch()
        return load(*arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(remembered, "folder_of", lambda _: str(fleet.folder / "netc"))
    monkeypatch.setattr(pipeline, "load", edited)
    fleet.compile()
    assert not fleet.cache.exists()


def test_times_in_whole_seconds_tell_too_little(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "SECOND", 1)
    fleet.compile()
    assert not fleet.cache.exists()


def test_files_of_others_stay_in_the_cache(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "MOST_RUNS", 1)
    fleet.cache.mkdir(parents=True)
    (fleet.cache / "mine.json").write_text("{}")
    for option in ("--strict", "--prune", "--host=*"):
        fleet.compile(option)
    assert len(list(fleet.cache.iterdir())) == 2
    assert (fleet.cache / "mine.json").exists()


def test_a_cache_elsewhere_or_for_others_to_write_is_not_used(fleet: Fleet) -> None:
    fleet.cache.mkdir(parents=True)
    fleet.cache.chmod(0o777)
    fleet.compile()
    assert list(fleet.cache.iterdir()) == []
    fleet.cache.chmod(0o700)
    exchange_for_link(fleet.cache)
    fleet.compile()
    assert list(fleet.cache.iterdir()) == []


def test_a_disk_that_is_full_leaves_nothing_half_written(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("netc.packaging.remembered.os.replace", full)
    assert fleet.compile().status == 0
    assert list(fleet.cache.iterdir()) == []


def test_no_home_is_made(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(fleet.folder / "nowhere"))
    fleet.compile()
    assert not (fleet.folder / "nowhere").exists()


def kept(fleet: Fleet) -> Path:
    (path,) = fleet.cache.iterdir()
    return path


def rewrite(path: Path, **parts: object) -> None:
    """Other parts, with the digest that is right for them."""
    text = json.dumps({**json.loads(path.read_text().partition("\n")[2]), **parts})
    path.write_text(f"{digest(text.encode())}\n{text}")


DAMAGES: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_text(""),
    "cut": lambda path: path.write_text(path.read_text()[:-10]),
    "no JSON": lambda path: path.write_bytes(b"\xff\x00"),
    "a list": lambda path: path.write_text("[]"),
    "a number": lambda path: path.write_text("1"),
    "deep": lambda path: path.write_text("[" * 100_000),
    "another shape": lambda path: rewrite(path, hosts=[["web-1"]]),
    "another form of diagnostics": lambda path: rewrite(path, told=[1]),
    "another digit": lambda path: path.write_text(path.read_text().replace('"told"', '"tolD"')),
    "of another run": lambda path: rewrite(path, asked=[]),
    "no such paths": lambda path: rewrite(path, paths=[]),
    "for others to write": lambda path: path.chmod(0o620),
    "a link": exchange_for_link,
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "a pipe": lambda path: (path.unlink(), os.mkfifo(path)),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_was_damaged_in_the_cache_is_not_taken(fleet: Fleet, damage: str) -> None:
    first = fleet.compile()
    DAMAGES[damage](kept(fleet))
    assert fleet.compile() == first
    assert fleet.loads == 2


def test_the_cache_is_for_its_user_alone(fleet: Fleet) -> None:
    fleet.compile()
    assert fleet.cache.stat().st_mode & 0o777 == 0o700
    assert kept(fleet).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("folder", ["/dev/null", "relative"])
def test_without_a_cache_all_works(fleet: Fleet, monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", folder)
    monkeypatch.setenv("HOME", "")
    monkeypatch.chdir(fleet.folder)
    assert fleet.compile() == fleet.compile()
    assert fleet.loads == 2
    assert not (fleet.folder / "relative").exists()


def test_the_oldest_runs_are_forgotten(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "MOST_RUNS", 2)
    for number in range(3):
        assert netc("compile", fleet.source, "-o", fleet.folder / f"out-{number}").status == 0
        for path in fleet.cache.iterdir():
            os.utime(path, (path.stat().st_mtime - 10,) * 2)
    assert len(list(fleet.cache.iterdir())) == 2
    netc("compile", fleet.source, "-o", fleet.folder / "out-2")
    assert fleet.loads == 3
    netc("compile", fleet.source, "-o", fleet.folder / "out-0")
    assert fleet.loads == 4

"""Every form of the output holds the same files, whoever asks for it; what lies in its way is never lost."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from unpacking import MORE, UNPACKED, Host

from netc.formats import FORMATS
from running import netc, netc_process
from running import tree as everything

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.net"))
OTHERS = sorted(set(FORMATS) - {"tree"})
SMALL = """\
host edge-1 {
    system { distribution debian 12; memory 64GiB }
    nic up { match pci 0000:18:00.0; driver ice }
    kernel-argument "nosmt" because "one thread for each core"
}
"""


def compiled(form: str, name: str, out: Path) -> list[Path]:
    """Directories of the hosts of an example in a format; of its fleet of many, only some are taken."""
    source = shutil.copytree(EXAMPLES, out.parent / "in", dirs_exist_ok=True) / f"{name}.net"
    if name == "fleet":
        source.write_text(source.read_text().replace("[001..099]", "[001..002]"))
    done = netc("compile", source, "-o", out, "--format", form)
    assert done.status == 0, done.err
    return sorted(path for path in out.iterdir() if "_" not in path.name)


@pytest.fixture(scope="module", params=NAMES)
def example(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Host]]:
    """An example, and the files of its hosts as `tree` has them."""
    name = str(request.param)
    folder = tmp_path_factory.mktemp(name)
    return name, {host.name: UNPACKED["tree"](host) for host in compiled("tree", name, folder / "tree")}


@pytest.mark.parametrize("form", OTHERS)
def test_unpacked_it_is_the_rootfs_of_the_tree(form: str, example: tuple[str, dict[str, Host]], tmp_path: Path) -> None:
    name, wanted = example
    hosts = compiled(form, name, tmp_path / "out")
    assert [host.name for host in hosts] == sorted(wanted)
    for host in hosts:
        found = UNPACKED[form](host)
        assert {p: what for p, what in found.items() if p in wanted[host.name]} == wanted[host.name]
        assert found.keys() - wanted[host.name].keys() <= MORE.get(form, set())


def test_every_format_is_unpacked_here() -> None:
    assert set(UNPACKED) == set(FORMATS)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "x.net").write_text(SMALL)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def compile_small(form: str, *more: str) -> int:
    return netc("compile", "x.net", "--format", form, *more).status


def a_file_of(host: Path) -> Path:
    return next(path for path in sorted(host.rglob("*")) if path.is_file() and path.name != "manifest.json")


@pytest.mark.parametrize("form", FORMATS)
def test_check_tells_what_is_stale(form: str, folder: Path) -> None:
    assert compile_small(form, "--check") == 4
    assert compile_small(form) == 0
    assert compile_small(form, "--check") == 0
    (folder / "x.net").write_text(SMALL.replace("nosmt", "panic=10"))
    assert compile_small(form, "--check") == 4
    assert compile_small(form) == 0
    assert compile_small(form, "--check") == 0


@pytest.mark.parametrize("form", FORMATS)
def test_what_others_wrote_or_changed_stays(form: str, folder: Path) -> None:
    assert compile_small(form) == 0
    a_file_of(folder / "out/edge-1").write_bytes(b"changed")
    foreign = folder / "out/edge-1/notes"
    foreign.write_text("mine")
    (folder / "x.net").write_text(SMALL.replace("nosmt", "panic=10"))
    before = everything(folder / "out/edge-1")
    done = netc("compile", "x.net", "--format", form, "--diagnostics", "json")
    assert (done.status, {"N0501", "N0502"} - set(done.codes)) == (2, set())
    assert "out/edge-1/notes" in done.err
    assert everything(folder / "out/edge-1") == before
    assert compile_small(form, "--force") == 0
    assert not foreign.exists()


@pytest.mark.parametrize("form", FORMATS)
def test_hosts_that_are_gone_are_pruned(form: str, folder: Path) -> None:
    (folder / "x.net").write_text(SMALL.replace("edge-1", "edge-[1..2]"))
    assert compile_small(form) == 0
    (folder / "x.net").write_text(SMALL)
    assert compile_small(form, "--prune", "--check") == 4
    assert compile_small(form, "--prune") == 0
    assert not (folder / "out/edge-2").exists()
    assert compile_small(form, "--prune", "--check") == 0


def test_one_format_takes_the_place_of_another(folder: Path) -> None:
    assert compile_small("tree") == 0
    first = everything(folder / "out")
    for form in OTHERS:
        assert compile_small(form, "--prune") == 0
        assert everything(folder / "out") != first
    assert compile_small("tree", "--prune") == 0
    assert everything(folder / "out") == first


def test_the_order_of_hashes_changes_nothing(tmp_path: Path) -> None:
    for form in OTHERS:
        shutil.copytree(EXAMPLES, tmp_path / form)
        assert (
            netc("compile", tmp_path / form / "firewall.net", "-o", tmp_path / form / "out", "--format", form).status
            == 0
        )
        again = tmp_path / form / "again"
        assert (
            netc_process(
                "compile", "firewall.net", "-o", again, "--format", form, cwd=tmp_path / form, PYTHONHASHSEED="4242"
            ).status
            == 0
        )
        assert everything(again) == everything(tmp_path / form / "out")


def dates_in(found: dict[str, str]) -> Iterator[str]:
    yield from (path for path, text in found.items() if "1234567890" in text or f"{1234567890:o}" in text)


def test_the_time_is_the_one_given(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1234567890")
    timed = set()
    for form in FORMATS:
        assert compile_small(form) == 0
        timed |= {Path(path).suffix for path in dates_in(everything(folder / "out"))}
    assert timed == {".tar"}


@pytest.mark.parametrize("time", ["yesterday", "-1", "1.5", "99999999999"])
def test_a_time_that_is_none(time: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", time)
    done = netc("compile", "x.net", "--format", "tar")
    assert done.status == 2
    assert done.err == f"netc: SOURCE_DATE_EPOCH is `{time}`, and not seconds since 1970\n"
    assert not (folder / "out").exists()


def test_an_image_root_takes_files(folder: Path) -> None:
    done = netc("compile", "x.net", "--image-root", "image", "--format", "tar")
    assert (done.status, done.err) == (2, "netc: --image-root writes files, so it cannot go with --format tar\n")


@pytest.mark.parametrize("form", ["ignition", "butane"])
def test_ignition_passes_kernel_arguments_itself(form: str, folder: Path) -> None:
    """So its `after-copy` only does what is left; one that also ran `update-grub` would fail on CoreOS."""
    assert compile_small(form) == 0
    (path,) = folder.glob("out/edge-1/config.*")
    configuration = yaml.safe_load(path.read_text())
    arguments = configuration.get("kernelArguments", configuration.get("kernel_arguments"))
    assert list(arguments.values()) == [["nosmt"]]
    found = UNPACKED[form](folder / "out/edge-1")
    mode, script = found["etc/netc/after-copy"]
    assert isinstance(script, bytes)
    assert mode == 0o755
    assert b"update-initramfs -u -k all" in script
    assert b"update-grub" not in script

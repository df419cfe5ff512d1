"""Every form of the output holds the same files, whoever asks for it; what lies in its way is never lost."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
import yaml
from unpacking import MORE, UNPACKED, Host

from netc.formats import FORMATS
from running import Done, netc, other_pythons
from running import tree as everything

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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


FITTING = {
    "confext": "distribution debian 13",
    "bootc": "distribution fedora 42; boot bootc; initramfs dracut",
    "deb": "distribution debian 13",
    "rpm": "distribution fedora 42",
}
"""What the `system` of hosts must say for a format that is not for all."""


def compiled(form: str, out: Path, names: list[str], system: str = "") -> dict[str, Path]:
    """Directories of the hosts of examples in a format; of the fleet of many, only some are taken."""
    folder = shutil.copytree(EXAMPLES, out.parent / "in", dirs_exist_ok=True)
    for source in folder.rglob("*.net"):
        text = source.read_text().replace("[001..099]", "[001..001]")
        source.write_text(re.sub(r"distribution \w+ [\d.]+", system, text) if system else text)
    done = netc("compile", *(folder / f"{name}.net" for name in names), "-o", out, "--format", form)
    assert done.status == 0, done.err
    return {path.name: path for path in out.iterdir() if "_" not in path.name}


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dict[str, Host]]:
    """The files of the hosts of all examples as `tree` has them."""

    @cache
    def files(system: str) -> dict[str, Host]:
        hosts = compiled("tree", tmp_path_factory.mktemp("trees") / "out", NAMES, system)
        return {host: UNPACKED["tree"](folder) for host, folder in hosts.items()}

    return files


@pytest.mark.parametrize("form", OTHERS)
def test_unpacked_it_is_the_rootfs_of_the_tree(
    form: str, trees: Callable[[str], dict[str, Host]], tmp_path: Path
) -> None:
    """For every example."""
    system = FITTING.get(form, "")
    hosts, wanted = compiled(form, tmp_path / "out", NAMES, system), trees(system)
    assert hosts.keys() == wanted.keys()
    for host, files in wanted.items():
        found = UNPACKED[form](hosts[host])
        assert {path: what for path, what in found.items() if path in files} == files, host
        assert found.keys() - files.keys() <= MORE.get(form, set()), host


def test_every_format_is_unpacked_here() -> None:
    assert set(UNPACKED) == set(FORMATS)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def compile_small(form: str, *more: str, **changes: str) -> Done:
    """Compile a file of one host that fits the format; `changes` are words of it to exchange for others."""
    text = SMALL
    for old, new in {"debian 12": FITTING.get(form, "debian 12").removeprefix("distribution "), **changes}.items():
        text = text.replace(old, new)
    Path("x.net").write_text(text)
    return netc("compile", "x.net", "--format", form, *more)


def a_file_of(host: Path) -> Path:
    return next(path for path in sorted(host.rglob("*")) if path.is_file() and path.name != "manifest.json")


@pytest.mark.parametrize("form", FORMATS)
def test_check_tells_what_is_stale(form: str, folder: Path) -> None:
    assert compile_small(form, "--check").status == 4
    assert compile_small(form).status == 0
    assert compile_small(form, "--check").status == 0
    assert compile_small(form, "--check", nosmt="panic=10").status == 4
    assert compile_small(form, nosmt="panic=10").status == 0
    assert compile_small(form, "--check", nosmt="panic=10").status == 0


@pytest.mark.parametrize("form", FORMATS)
def test_what_others_wrote_or_changed_stays(form: str, folder: Path) -> None:
    assert compile_small(form).status == 0
    a_file_of(folder / "out/edge-1").write_bytes(b"changed")
    foreign = folder / "out/edge-1/notes"
    foreign.write_text("mine")
    before = everything(folder / "out/edge-1")
    done = compile_small(form, "--diagnostics", "json", nosmt="panic=10")
    assert (done.status, {"N0501", "N0502"} - set(done.codes)) == (2, set())
    assert "out/edge-1/notes" in done.err
    assert everything(folder / "out/edge-1") == before
    assert compile_small(form, "--force").status == 0
    assert not foreign.exists()


@pytest.mark.parametrize("form", FORMATS)
def test_hosts_that_are_gone_are_pruned(form: str, folder: Path) -> None:
    two = {"edge-1": "edge-[1..2]"}
    assert compile_small(form, **two).status == 0
    assert compile_small(form, "--prune", "--check").status == 4
    assert compile_small(form, "--prune").status == 0
    assert not (folder / "out/edge-2").exists()
    assert compile_small(form, "--prune", "--check").status == 0


def test_one_format_takes_the_place_of_another(folder: Path) -> None:
    assert compile_small("tree").status == 0
    first = everything(folder / "out")
    for form in OTHERS:
        assert compile_small(form, "--prune").status == 0
        assert everything(folder / "out") != first
    assert compile_small("tree", "--prune").status == 0
    assert everything(folder / "out") == first


EVERY_FORMAT = """
import json, sys
from netc.cli import main
for form, path in json.loads(sys.argv[1]).items():
    assert main(["compile", f"{path}/in/firewall.net", "-o", f"{path}/again", "--format", form]) == 0
"""
"""Compiles into the folder of each format what lies in it, in one process."""


def test_the_order_of_hashes_and_the_version_of_python_change_nothing(tmp_path: Path) -> None:
    for form in OTHERS:
        compiled(form, tmp_path / form / "out", ["firewall"], FITTING.get(form, ""))
    paths = json.dumps({form: str(tmp_path / form) for form in OTHERS})
    for python in (sys.executable, *other_pythons()):
        subprocess.run([python, "-c", EVERY_FORMAT, paths], env={**os.environ, "PYTHONHASHSEED": "4242"}, check=True)
        for form in OTHERS:
            assert everything(tmp_path / form / "again") == everything(tmp_path / form / "out")
            shutil.rmtree(tmp_path / form / "again")


SHUFFLED = {
    "roles.net": [
        "profile base { STATEMENTS }",
        "system { SYSTEM; memory 64GiB }",
        "nic admin { match pci 0000:01:00.0; driver igb; management }",
        "cpu { cores 8 }",
        'set vm.swappiness = 10 because "policy"',
        'kernel-argument "nosmt" because "policy"',
    ],
    "one.net": [
        'include "roles.net"\nhost gen-[1..2] : base { STATEMENTS }',
        "nic left { match pci 0000:5e:00.0; driver i40e; dpdk }\n"
        "nic right { match pci 0000:5e:00.1; driver i40e; dpdk }",  # NICs are served in the order of the file
        'dpdk "app.service" { nics left, right; lcores 4-5; memory 1GiB; page 2MiB; group dpdk }',
    ],
    "two.net": [
        'include "roles.net"\nhost edge-1 : base { STATEMENTS }',
        "nic front { match pci 0000:18:00.0; driver ice; speed 25Gbps }",
        "goal web-server { connection-rate 90k/s; connections 100k }",
    ],
}
"""By file what stands around the statements of a block, and they."""


@pytest.mark.parametrize("form", FORMATS)
def test_shuffled_sources_change_nothing(form: str, folder: Path) -> None:
    found = []
    for seed in range(4):
        shuffle = Random(seed).shuffle
        for name, (around, *statements) in SHUFFLED.items():
            shuffle(statements)
            text = around.replace("STATEMENTS", "\n".join(statements))
            Path(name).write_text(text.replace("SYSTEM", FITTING.get(form, "distribution debian 12")) + "\n")
        names = ["one.net", "two.net"]
        shuffle(names)
        done = netc("compile", *names, "-o", f"out-{seed}", "--format", form)
        assert done.status == 0, done.err
        found.append(everything(Path(f"out-{seed}")))
    assert found == found[:1] * 4
    assert {path.partition("/")[0] for path in found[0]} >= {"edge-1", "gen-1", "gen-2"}


def dates_in(found: dict[str, str]) -> Iterator[str]:
    yield from (path for path, text in found.items() if "1234567890" in text or f"{1234567890:o}" in text)


def test_the_time_is_the_one_given(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1234567890")
    timed = set()
    for form in FORMATS:
        assert compile_small(form).status == 0
        timed |= {Path(path).suffix for path in dates_in(everything(folder / "out"))}
    assert timed == {".deb", ".spec", ".tar"}


@pytest.mark.parametrize("time", ["yesterday", "-1", "1.5", "99999999999"])
def test_a_time_that_is_none(time: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", time)
    done = compile_small("tar")
    assert done.status == 2
    assert done.err == f"netc: SOURCE_DATE_EPOCH is `{time}`, and not seconds since 1970\n"
    assert not (folder / "out").exists()


def test_an_image_root_takes_files(folder: Path) -> None:
    done = compile_small("tar", "--image-root", "image")
    assert (done.status, done.err) == (2, "netc: --image-root writes files, so it cannot go with --format tar\n")


@pytest.mark.parametrize("form", ["ignition", "butane"])
def test_ignition_passes_kernel_arguments_itself(form: str, folder: Path) -> None:
    """So its `after-copy` only does what is left; one that also ran `update-grub` would fail on CoreOS."""
    assert compile_small(form).status == 0
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
    assert "etc/netc/kernel-arguments" not in found


@pytest.mark.parametrize("form", ["ignition", "butane"])
def test_what_ignition_told_rpm_ostree_can_be_taken_back(form: str, folder: Path) -> None:
    assert compile_small(form, **{"debian 12": "fedora 42; boot rpm-ostree; initramfs dracut"}).status == 0
    found = UNPACKED[form](folder / "out/edge-1")
    assert found["etc/netc/kernel-arguments"][1] == b"nosmt\n"
    script = found["etc/netc/remove"][1]
    assert isinstance(script, bytes) and b"--delete-if-present" in script


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_documented(form: str) -> None:
    documents = EXAMPLES.parent / "docs"
    commands = (documents / "commands.md").read_text()
    (row,) = re.findall(rf"^\| `{form}` \| (.*?) \|", commands.partition("### Forms of the output")[2], re.MULTILINE)
    assert re.sub(r"`|; not with.*", "", row) == FORMATS[form]
    formats = (documents / "formats.md").read_text()
    assert f"| `{form}` |" in formats
    assert form == "tree" or re.search(rf"^## (.*, )?{form}\b", formats, re.MULTILINE)


def test_an_inventory_is_of_all_hosts(folder: Path) -> None:
    done = compile_small("ansible", "--host", "edge-*")
    wanted = "netc: --format ansible has one inventory of all hosts, so it cannot go with --host\n"
    assert (done.status, done.err) == (2, wanted)
    assert compile_small("ansible").status == 0
    inventory = yaml.safe_load((folder / "out/netc_fleet/inventory.yaml").read_text())
    assert inventory == {"netc": {"hosts": {"edge-1": {}}}}


def test_systemd_reads_the_names_of_units_in_a_confext(tmp_path: Path) -> None:
    """A command line of systemd.service(5) takes `\\x2d` for a hyphen, and there is no such unit."""
    (host,) = compiled("confext", tmp_path / "out", ["generator"], FITTING["confext"]).values()
    units = host / "netc/etc/systemd/system"
    started = re.search(r"systemctl restart --no-block (.*)", (units / "netc-confext.service").read_text())
    assert started is not None
    names = started[1].encode().decode("unicode_escape").split()
    assert "dev-hugepages\\x2d1GiB.mount" in names
    assert all((units / name).is_file() for name in names)


@pytest.mark.parametrize(
    ("form", "system"), [("confext", "debian 12"), ("bootc", "debian 13"), ("deb", "rocky 9"), ("rpm", "debian 13")]
)
def test_a_format_for_other_hosts(form: str, system: str, folder: Path) -> None:
    Path("x.net").write_text(SMALL.replace("debian 12", system))
    done = netc("compile", "x.net", "--format", form, "--diagnostics", "json")
    assert (done.status, done.codes.count("N1001")) == (1, 1)
    assert not (folder / "out").exists()

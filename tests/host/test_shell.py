"""Scripts, and files that are read as shell."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from made import EVERYTHING, NASTY, TARGET, files, plan, run

from netc.plan import Kind, Setting

if TYPE_CHECKING:
    from pathlib import Path

BOOTS = {
    "grub": TARGET,
    "grub of arch": replace(TARGET, distribution="arch"),
    "bls": replace(TARGET, boot="bls", initramfs="dracut"),
    "systemd-boot": replace(TARGET, boot="systemd-boot"),
    "uki": replace(TARGET, boot="uki", initramfs="dracut"),
    "rpm-ostree": replace(TARGET, boot="rpm-ostree", initramfs="dracut"),
    "bootc": replace(TARGET, boot="bootc", initramfs="dracut"),
}


@pytest.mark.tool("shellcheck")
@pytest.mark.parametrize("boot", BOOTS)
def test_after_copy_is_clean(tmp_path: Path, boot: str) -> None:
    files(replace(EVERYTHING, target=BOOTS[boot]), tmp_path)
    checked = run(
        "shellcheck", "--shell=sh", "--enable=all", "--exclude=SC2250,SC2310,SC2312,SC2292", tmp_path / "after-copy"
    )
    assert checked.stdout == ""
    assert run("sh", "-n", tmp_path / "after-copy").stderr == ""


@pytest.mark.tool("shellcheck")
def test_scripts_of_nics_are_clean(tmp_path: Path) -> None:
    netc = files(EVERYTHING, tmp_path) / "etc/netc"
    scripts = sorted((netc / "nic").iterdir())
    assert [script.name for script in scripts] == ["front", "keep", "opt-1"]
    for script in scripts:  # with the functions where the script will look for them
        text = script.read_text().replace(". /etc/netc", f". {netc}")
        script.write_text(text)
    checked = run("shellcheck", "--external-sources", netc / "nic-functions.sh", *scripts)
    assert checked.stdout == ""


def test_the_grub_fragment_appends_and_nothing_else(tmp_path: Path) -> None:
    fragment = files(EVERYTHING, tmp_path) / "etc/default/grub.d/zz-netc.cfg"
    script = f'cd "$1" && GRUB_CMDLINE_LINUX="quiet" && . {fragment} && echo "$GRUB_CMDLINE_LINUX"'
    work = tmp_path / "work"
    work.mkdir()
    said = run("sh", "-euc", script, "sh", work)
    assert said.stderr == ""
    assert said.stdout == "quiet isolcpus=managed_irq,domain,8-15 a=~*%+\n"
    assert list(work.iterdir()) == []
    assert (tmp_path / "kernel-command-line").read_text() == "isolcpus=managed_irq,domain,8-15 a=~*%+\n"


def appended(tmp_path: Path, line: str, arguments: list[str]) -> str:
    """What after-copy makes of a command line, run for each of these plans' arguments in turn, twice."""
    root = tmp_path / "root"
    (root / "etc/kernel").mkdir(parents=True)
    cmdline = root / "etc/kernel/cmdline"
    cmdline.write_text(line)
    for number, text in enumerate(arguments):
        folder = tmp_path / str(number)
        settings = tuple(Setting(Kind.KERNEL_ARGUMENT, word, "", NASTY) for word in text.split())
        files(plan(*settings, target=BOOTS["uki"]), folder)
        script = (folder / "after-copy").read_text()
        script = script.replace("/etc/", f"{root}/etc/").replace("/usr/lib/", f"{root}/usr/lib/")
        for _ in range(2):
            done = run("sh", "-c", script)
            assert (done.returncode, done.stderr) == (0, "")
    return cmdline.read_text()


def test_the_command_line_is_appended_to_once(tmp_path: Path) -> None:
    assert appended(tmp_path, "root=/dev/sda1 ro\n", ["a=1 b=2"]) == "root=/dev/sda1 ro a=1 b=2\n"


def test_arguments_of_before_make_way(tmp_path: Path) -> None:
    assert appended(tmp_path, "root=/dev/sda1 ro", ["a=1 b=2", "a=3", "c=*"]) == "root=/dev/sda1 ro c=*\n"


def test_arguments_that_stand_there_are_not_repeated(tmp_path: Path) -> None:
    line = "# my own\nroot=/dev/sda1 a=1 ro\n"
    assert appended(tmp_path, line, ["a=1"]) == "# my own\nroot=/dev/sda1 a=1 ro\n"


def test_a_command_line_is_never_made_up(tmp_path: Path) -> None:
    files(replace(EVERYTHING, target=BOOTS["uki"]), tmp_path)
    script = (tmp_path / "after-copy").read_text().replace("/etc/", f"{tmp_path}/etc/")
    done = run("sh", "-c", script.replace("/usr/lib/", f"{tmp_path}/usr/lib/"))
    assert done.returncode == 1
    assert "there is no" in done.stderr


def test_the_last_argument_is_taken_back(tmp_path: Path) -> None:
    """A plan that has none any more, and other settings."""
    root = tmp_path / "root"
    (root / "etc/kernel").mkdir(parents=True)
    (root / "etc/kernel/cmdline").write_text("root=/dev/sda1 ro\n")
    for name, settings in (("with", [Setting(Kind.KERNEL_ARGUMENT, "a=1", "", NASTY)]), ("without", [])):
        files(plan(*settings, Setting(Kind.MODULE, "tcp_bbr", "", NASTY), target=BOOTS["uki"]), tmp_path / name)
        script = (tmp_path / name / "after-copy").read_text()
        done = run("sh", "-c", script.replace("/etc/", f"{root}/etc/").replace("/usr/lib/", f"{root}/usr/lib/"))
        assert (done.returncode, done.stderr) == (0, "")
    assert (root / "etc/kernel/cmdline").read_text() == "root=/dev/sda1 ro\n"
    assert not (root / "etc/netc/kernel-arguments").exists()

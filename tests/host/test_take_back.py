"""`/etc/netc/remove`: what netc brought to a host goes, and what others wrote stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from made import EVERYTHING, NASTY, files, run
from test_shell import BOOTS

from netc.plan import Program
from netc.records import replace
from running import tree

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = Program(
    "front", "pass", "p.o", "0" * 64, "xdp", "native", 10, "/sys/fs/bpf/netc/front", (), True, (), True, NASTY
)
TOOLS = ("update-initramfs", "update-grub", "dracut", "grub-mkconfig", "grubby", "rpm-ostree", "kernel-install")
LOGGING = """#!/bin/sh
printf '%s %s\\n' "${0##*/}" "$*" >>"LOG"
"""


class Host:
    """A host below a folder: its scripts say where they are, and its tools write down how they were called."""

    def __init__(self, folder: Path, boot: str) -> None:
        self.root = folder / "root"
        self.log = folder / "log"
        self.bin = folder / "bin"
        self.bin.mkdir()
        for tool in (*TOOLS, "systemctl", "udevadm"):
            (self.bin / tool).write_text(LOGGING.replace("LOG", str(self.log)))
            (self.bin / tool).chmod(0o755)
        for path, text in {
            "etc/kernel/cmdline": "root=/dev/sda1 ro\n",
            "etc/default/grub": "GRUB_TIMEOUT=1\n",
            "etc/sysctl.d/50-mine.conf": "vm.swappiness = 10\n",
            "etc/systemd/system/multi-user.target.wants/mine.service": "",
            "boot/vmlinuz-6.1": "",
            "usr/lib/modules/6.1/x": "",
            "run/systemd/system/x": "",
        }.items():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_text(text)
        self.before = tree(self.root)
        self.folder = folder
        plan = replace(EVERYTHING, target=BOOTS[boot], programs=(PROGRAM,), objects=(("p.o", b"object"),))
        self.copied = folder / "copied"
        files(plan, self.copied)
        (self.copied / "rootfs/etc/netc/xdp/p.o").write_bytes(b"object")
        run("cp", "-a", f"{self.copied}/rootfs/.", self.root)

    def run(self, script: Path, *words: str) -> tuple[int, str, list[str]]:
        """Status, output, and how tools were called."""
        self.log.write_text("")
        text = script.read_text()
        for top in ("/etc/", "/usr/lib/", "/boot/", "/run/"):
            text = text.replace(f" {top}", f" {self.root}{top}").replace(f'"{top}', f'"{self.root}{top}')
            text = text.replace(f"={top}", f"={self.root}{top}").replace(f"<{top}", f"<{self.root}{top}")
        done = run("sh", "-c", text, "remove", *words, PATH=f"{self.bin}:/usr/bin:/bin")
        assert done.stderr == ""
        return done.returncode, done.stdout, self.log.read_text().splitlines()

    def list_is_below(self) -> None:
        """Paths of the list as paths below the root."""
        path = self.root / "etc/netc/files"
        path.write_text("".join(self.moved(line) for line in path.read_text().splitlines(keepends=True)))

    def moved(self, line: str) -> str:
        kind = line.split(" ", 1)[0]
        before, mark, after = line.rpartition(" /")
        return f"{before} {self.root}/{after}" if kind in ("file", "link", "folder") and mark else line


EXPECTED = {
    "grub": ["update-initramfs -u -k all", "update-grub "],
    "grub of arch": ["update-initramfs -u -k all", "grub-mkconfig -o ROOT/boot/grub/grub.cfg"],
    "bls": [
        "dracut --force --regenerate-all",
        "grubby --update-kernel=ALL --remove-args=isolcpus=managed_irq,domain,8-15 a=~*%+",
    ],
    "systemd-boot": ["update-initramfs -u -k all", "kernel-install add 6.1 ROOT/boot/vmlinuz-6.1"],
    "uki": ["kernel-install add 6.1 ROOT/boot/vmlinuz-6.1"],
    "rpm-ostree": [
        "rpm-ostree initramfs-etc --untrack=ROOT/etc/systemd/network/10-netc-front.link "
        "--untrack=ROOT/etc/systemd/network/10-netc-keep.link "
        "--untrack=ROOT/etc/systemd/network/10-netc-opt-1.link --untrack=ROOT/etc/udev/rules.d/79-netc-port.rules "
        "--untrack=ROOT/etc/modprobe.d/netc.conf",
        "rpm-ostree kargs --delete-if-present=isolcpus=managed_irq,domain,8-15 --delete-if-present=a=~*%+",
    ],
}


@pytest.mark.parametrize("boot", EXPECTED)
def test_nothing_of_netc_is_left(tmp_path: Path, boot: str) -> None:
    host = Host(tmp_path, boot)
    status, _, _ = host.run(host.copied / "after-copy")
    assert status == 0
    assert "a=~*%+" in (host.root / "etc/netc/kernel-arguments").read_text()
    host.list_is_below()
    status, said, called = host.run(host.root / "etc/netc/remove")
    assert (status, said) == (0, "netc: all is taken back; what the kernel holds stays until the next boot\n")
    tools = [line.replace(str(host.root), "ROOT") for line in called if not line.startswith(("systemctl", "udevadm"))]
    assert tools == EXPECTED[boot]
    left = tree(host.root)
    assert {name for name in left if left[name] != "folder"} == {n for n in host.before if host.before[n] != "folder"}
    assert {n: t for n, t in left.items() if t != "folder"} == {n: t for n, t in host.before.items() if t != "folder"}
    assert "etc/netc" not in left
    assert not [name for name in left if ".device.wants" in name or name.endswith("irqbalance.service.d")]


def test_units_stop_in_order_and_irqbalance_comes_back(tmp_path: Path) -> None:
    host = Host(tmp_path, "grub")
    host.list_is_below()
    _, _, called = host.run(host.root / "etc/netc/remove")
    calls = [line.removeprefix("systemctl ") for line in called if line.startswith("systemctl")]
    stopped = [line.removeprefix("stop ") for line in calls if line.startswith("stop")]
    assert stopped == [
        "netc-verify.service",
        "netc-follow-links.service",
        "netc-steering-front.service",
        "netc-steering-keep.service",
        "netc-xdp-front.service",
        "netc-nic-front.service",
        "netc-nic-keep.service",
        "netc-nic-opt-1.service",
        "netc-cpu.service",
    ]
    assert calls[len(stopped) :] == [
        "daemon-reload",
        "is-enabled --quiet irqbalance.service",
        "restart irqbalance.service",
    ]


def test_a_file_that_was_changed_is_left_and_named(tmp_path: Path) -> None:
    host = Host(tmp_path, "grub")
    host.list_is_below()
    changed = host.root / "etc/sysctl.d/90-netc.conf"
    changed.write_text("vm.swappiness = 1\n")
    wants = host.root / "etc/systemd/system/multi-user.target.wants/netc-cpu.service"
    wants.unlink()
    wants.symlink_to("/elsewhere")
    status, said, _ = host.run(host.root / "etc/netc/remove")
    assert status == 1
    assert sorted(said.splitlines()) == sorted(
        [
            f"netc: {changed} was changed and is left; --force removes it",
            f"netc: {wants} was changed and is left; --force removes it",
            "netc: not all is taken back",
        ]
    )
    assert changed.read_text() == "vm.swappiness = 1\n"
    assert not (host.root / "etc/modprobe.d/netc.conf").exists()
    status, _, _ = host.run(host.root / "etc/netc/remove", "--force")
    assert status == 0
    assert not changed.exists() and not wants.is_symlink()


def test_the_list_names_every_file_of_the_host(tmp_path: Path) -> None:
    host = Host(tmp_path, "grub")
    listed = {line.split()[-1] for line in (host.root / "etc/netc/files").read_text().splitlines() if line[0] in "fl"}
    rootfs = host.copied / "rootfs"
    there = {f"/{path.relative_to(rootfs)}" for path in rootfs.rglob("*") if path.is_symlink() or path.is_file()}
    assert there - listed == {"/etc/netc/files", "/etc/netc/remove"}
    digests = [
        line[5:].replace(" /", f"  {rootfs}/")
        for line in (rootfs / "etc/netc/files").read_text().splitlines()
        if line.startswith("file ")
    ]
    (tmp_path / "sums").write_text("\n".join(digests) + "\n")
    assert run("sha256sum", "--check", "--quiet", "--strict", tmp_path / "sums").returncode == 0


@pytest.mark.tool("shellcheck")
@pytest.mark.parametrize("boot", BOOTS)
def test_scripts_are_clean(tmp_path: Path, boot: str) -> None:
    folder = files(replace(EVERYTHING, target=BOOTS[boot], programs=(PROGRAM,)), tmp_path) / "etc/netc"
    checked = run("shellcheck", "--shell=sh", folder / "remove")
    assert checked.stdout == ""
    assert run("sh", "-n", folder / "remove").stderr == ""

"""`/etc/netc/remove`: what netc brought to a host goes, and what others wrote stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from made import EVERYTHING, NASTY, files, nic, plan, run
from test_shell import BOOTS as LOADERS

from netc.plan import Application, Device, Interface, Kind, Program, Setting, Via
from netc.records import replace
from running import tree

if TYPE_CHECKING:
    from pathlib import Path

    from netc.plan import Plan

BOOTS = {**LOADERS, "none": replace(LOADERS["grub"], boot="none", initramfs="none")}
PROGRAM = Program(
    "front", "pass", "p.o", "0" * 64, "xdp", "native", 10, "/sys/fs/bpf/netc/front", (), True, (), True, NASTY
)
PORTS = replace(
    plan(
        nic("front", "vfs", "2", Via.LINK, Via.FUNCTIONS),
        Setting(Kind.HUGEPAGES, "node0/hugepages-2048kB", "8", NASTY),
        Setting(Kind.SERVICE, "dpdk.service", "masked", NASTY),
        interfaces=(Interface("front", "front", pci="0000:18:00.0"),),
    ),
    devices=(
        Device("data", "pci", "0000:19:00.0", "vfio-pci", NASTY, group="dpdk"),
        Device("shared", "pci", "0000:3b:00.0", "mlx5_core", NASTY, bifurcated=True),
        Device("virtual", "pci", "0000:18:00.0", "vfio-pci", NASTY, function=1),
    ),
    applications=(Application("pktgen@1.service", ("data",), "1-2", (), "/dev/hugepages-2MiB-dpdk", NASTY, "dpdk"),),
)
TOOLS = (
    "update-initramfs",
    "update-grub",
    "dracut",
    "grub-mkconfig",
    "grubby",
    "rpm-ostree",
    "kernel-install",
    "systemd-sysusers",
)
LOGGING = """#!/bin/sh
printf '%s %s\\n' "${0##*/}" "$*" >>"LOG"
"""


class Host:
    """A host below a folder: its scripts say where they are, and its tools write down how they were called."""

    def __init__(self, folder: Path, boot: str, plan: Plan | None = None) -> None:
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
        self.copied = folder / "copied"
        if plan is None:
            plan = replace(EVERYTHING, programs=(PROGRAM,), objects=(("p.o", b"object"),))
        files(replace(plan, target=BOOTS[boot]), self.copied)
        for name, content in plan.objects:
            (self.copied / f"rootfs/etc/netc/xdp/{name}").write_bytes(content)
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


def test_what_applications_were_given_goes_and_what_stays_is_said(tmp_path: Path) -> None:
    host = Host(tmp_path, "grub", PORTS)
    own = host.root / "etc/systemd/system/pktgen@1.service"
    own.write_text("[Service]\n")
    status, _, called = host.run(host.copied / "after-copy")
    assert (status, called[0]) == (0, f"systemd-sysusers {host.root}/etc/sysusers.d/netc-dpdk.conf")
    host.list_is_below()
    status, said, called = host.run(host.root / "etc/netc/remove")
    assert (status, said.splitlines()) == (
        0,
        [
            "netc: ports stay with the drivers that applications need until the next boot: data virtual",
            "netc: groups are left, for files may be theirs: dpdk",
            "netc: all is taken back; what the kernel holds stays until the next boot",
        ],
    )
    assert [line.removeprefix("systemctl ") for line in called if line.startswith("systemctl")] == [
        "stop netc-verify.service",
        "stop netc-follow-links.service",
        "stop netc-vfio.service",
        "stop netc-vfs-front.service",
        "stop netc-hugepages.service",
        r"stop dev-hugepages\x2d2MiB\x2ddpdk.mount",
        "daemon-reload",
    ]
    left = {name for name, kind in tree(host.root).items() if kind != "folder"}
    assert left == {n for n, t in host.before.items() if t != "folder"} | {"etc/systemd/system/pktgen@1.service"}


@pytest.mark.parametrize("boot", ["grub", "grub of arch"])
def test_the_last_argument_goes_with_its_file(tmp_path: Path, boot: str) -> None:
    """A plan that has none any more, copied over one that had."""
    host = Host(tmp_path, boot)
    host.run(host.copied / "after-copy")
    assert (host.root / "etc/default/grub.d/zz-netc.cfg").exists()
    settings = tuple(setting for setting in EVERYTHING.settings if setting.kind is not Kind.KERNEL_ARGUMENT)
    files(replace(EVERYTHING, settings=settings, target=BOOTS[boot]), tmp_path / "without")
    status, _, called = host.run(tmp_path / "without/after-copy")
    assert (status, len([line for line in called if "grub" in line])) == (0, 1)
    assert not (host.root / "etc/default/grub.d/zz-netc.cfg").exists()
    assert (host.root / "etc/default/grub").read_text() == "GRUB_TIMEOUT=1\n"


def test_what_forms_of_the_output_brought_goes_too(tmp_path: Path) -> None:
    host = Host(tmp_path, "grub")
    units = host.root / "etc/systemd/system"
    for path in ("etc/netc/after-copy", "etc/netc/manifest.json", "etc/systemd/system/netc-after-copy.service"):
        (host.root / path).write_text("")
    (units / "multi-user.target.wants/netc-after-copy.service").symlink_to("../netc-after-copy.service")
    host.list_is_below()
    assert host.run(host.root / "etc/netc/remove")[0] == 0
    assert not [name for name in tree(host.root) if "netc" in name]


def test_arguments_that_others_told_the_boot_loader_are_named(tmp_path: Path) -> None:
    host = Host(tmp_path, "none")
    host.list_is_below()
    status, said, called = host.run(host.root / "etc/netc/remove")
    assert (status, [line for line in called if "grub" in line]) == (0, [])
    assert said.splitlines()[0] == (
        "netc: kernel arguments stay where whoever builds or provisions this host put them: "
        "isolcpus=managed_irq,domain,8-15 a=~*%+"
    )


@pytest.mark.parametrize(
    ("manager", "answer"), [("dpkg-query", "netc-edge-1: /etc/netc/files"), ("rpm", "netc-edge-1:")]
)
def test_files_of_a_package_are_left_to_it(tmp_path: Path, manager: str, answer: str) -> None:
    host = Host(tmp_path, "grub")
    (host.bin / manager).write_text(f"#!/bin/sh\necho '{answer}'\n")
    (host.bin / manager).chmod(0o755)
    before = tree(host.root)
    text = (host.root / "etc/netc/remove").read_text().replace("=/etc/", f"={host.root}/etc/")
    done = run("sh", "-c", text, PATH=f"{host.bin}:/usr/bin:/bin")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "netc: package netc-edge-1 brought these files: remove it\n"
    assert tree(host.root) == before


@pytest.mark.tool("shellcheck")
@pytest.mark.parametrize("plan", [replace(EVERYTHING, programs=(PROGRAM,)), PORTS], ids=["everything", "ports"])
@pytest.mark.parametrize("boot", BOOTS)
def test_scripts_are_clean(tmp_path: Path, boot: str, plan: Plan) -> None:
    folder = files(replace(plan, target=BOOTS[boot]), tmp_path) / "etc/netc"
    checked = run("shellcheck", "--shell=sh", folder / "remove")
    assert checked.stdout == ""
    assert run("sh", "-n", folder / "remove").stderr == ""

"""Plans for the tests with a host's own programs, and their files on disk."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from netc.backends import artifacts_of
from netc.plan import Interface, Kind, Plan, Setting, Target, Via, Why

if TYPE_CHECKING:
    from pathlib import Path

NASTY = Why(
    ("a.net: $(id) `id` \"'%n\\", "b\nc"), "test", 'x\n$(touch owned)\r\nRUN+="/x" %n $name \u2028 net.evil = 1 end\\'
)
TARGET = Target("debian", "12", "6.1", 252, 250, "x86-64", "grub", "initramfs-tools", "networkd", 4096)


def nic(interface: str, key: str, value: str, *via: Via) -> Setting:
    return Setting(Kind.NIC, key, value, NASTY, interface=interface, via=via or (Via.LINK, Via.UNIT))


def sysctl(key: str, value: str, module: str = "") -> Setting:
    return Setting(Kind.SYSCTL, key, value, NASTY, module=module)


def plan(*settings: Setting, interfaces: tuple[Interface, ...] = (), target: Target = TARGET) -> Plan:
    return Plan("h1", ("a.net",), target, "queues", "x", interfaces, settings)


EVERYTHING = plan(
    Setting(Kind.MODULE_OPTION, "nf_conntrack.hashsize", "524288", NASTY),
    Setting(Kind.MODULE, "nf_conntrack", "", NASTY),
    sysctl("net.ipv4.ip_forward", "1"),
    sysctl("net.netfilter.nf_conntrack_max", "2097152", "nf_conntrack"),
    nic("front", "mtu", "9000"),
    nic("front", "ring.rx", "max"),
    nic("front", "ring.tx", "512"),
    nic("front", "offload.tso", "off"),
    nic("keep", "offload.gro", "on"),
    nic("opt-1", "channels.combined", "2"),
    nic("front", "rps.cpus", "0-1", Via.STEERING),
    nic("keep", "irq.cpus", "0", Via.STEERING),
    Setting(Kind.CPU, "governor", "0-1 performance", NASTY),
    Setting(Kind.SERVICE, "irqbalance.banned-cpus", "1", NASTY),
    Setting(Kind.SERVICE, "irqbalance.banned-interrupts", "nics", NASTY),
    Setting(Kind.KERNEL_ARGUMENT, "isolcpus=managed_irq,domain,8-15", "", NASTY),
    Setting(Kind.KERNEL_ARGUMENT, "a=~*%+", "", NASTY),
    Setting(Kind.MANAGER, "DefaultLimitNOFILE", "4194304:4194304", NASTY),
    interfaces=(
        Interface("front", "front0", pci="0000:18:00.0", port=1),
        Interface("keep", "", mac="52:54:00:00:00:01"),
        Interface("opt-1", "opt-1", driver="igb", match_driver=True, optional=True, raise_first=True),
    ),
)


def files(plan: Plan, folder: Path) -> Path:
    """The plan's files under a folder; returns its `rootfs`."""
    for artifact in artifacts_of(plan):
        path = folder / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        if artifact.target:
            path.symlink_to(artifact.target)
        else:
            path.write_text(artifact.text, encoding="utf-8")
            path.chmod(artifact.mode)
    return folder / "rootfs"


def run(*command: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
    """A command's output, whatever its exit status."""
    return subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        input=more.pop("input", None),
        env=more or None,
    )

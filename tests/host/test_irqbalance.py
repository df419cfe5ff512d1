"""What irqbalance is given: its drop-in as systemd reads it, and the script that it asks, on copies of sysfs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from made import NASTY, files, plan, run

from netc.plan import Interface, Kind, Setting

if TYPE_CHECKING:
    from pathlib import Path

UNIT = """[Service]
EnvironmentFile=-{folder}/default
ExecStart=/bin/echo --foreground $IRQBALANCE_ARGS
PrivateNetwork=yes
"""


def service(key: str, value: str) -> Setting:
    return Setting(Kind.SERVICE, f"irqbalance.{key}", value, NASTY)


NICS = (
    Interface("front", "front0", driver="ice", pci="0000:18:00.0", port=1),
    Interface("path", "path0", path="platform-fd500000.pcie-pci-0001:01:00.0"),
    Interface("named", "named0", mac="52:54:00:AA:00:01"),
    Interface("virtual", "virt0", driver="virtio_net", mac="52:54:00:aa:00:02"),
    Interface("kept", "", driver="igb", match_driver=True),
    Interface("azure", "azure0", driver="hv_netvsc", vmbus="6045bdf8-a1b2-6045-bdf8-a1b26045bdf8"),
)


class Device:
    """A PCI function in a copy of sysfs."""

    def __init__(self, folder: Path, address: str) -> None:
        self.path = folder / address
        self.path.mkdir(parents=True)

    def interface(self, name: str, mac: str, *, behind: str = ".") -> Device:
        net = self.path / behind / "net" / name
        net.mkdir(parents=True)
        (net / "address").write_text(f"{mac}\n")
        return self

    def driver(self, name: str, *, behind: str = ".") -> Device:
        (self.path / behind).mkdir(exist_ok=True)
        (self.path / behind / "driver").symlink_to(f"../../../bus/pci/drivers/{name}")
        return self


@pytest.fixture
def rootfs(tmp_path: Path) -> Path:
    return files(plan(service("banned-interrupts", "nics"), interfaces=NICS), tmp_path / "out")


def answer(rootfs: Path, device: Path) -> str:
    """As irqbalance asks: a shell that becomes the script, with the device and a number."""
    said = run("sh", "-c", f"exec {rootfs}/etc/netc/irqbalance-policy {device} 45")
    assert (said.returncode, said.stderr) == (0, "")
    return said.stdout


def test_interrupts_of_our_devices_are_banned(rootfs: Path, tmp_path: Path) -> None:
    pci = tmp_path / "pci"
    ours = [
        Device(pci, "0000:18:00.0"),
        Device(pci, "0001:01:00.0"),
        Device(pci, "0000:20:00.0").interface("named0", "52:54:00:00:00:09"),
        Device(pci, "0000:21:00.0").interface("eth7", "52:54:00:aa:00:01"),
        Device(pci, "0000:22:00.0").interface("virt0", "52:54:00:aa:00:02", behind="virtio3"),
        Device(pci, "0000:23:00.0").driver("igb"),
    ]
    assert [answer(rootfs, device.path) for device in ours] == ["ban=true\n"] * len(ours)


def test_other_interrupts_are_balanced(rootfs: Path, tmp_path: Path) -> None:
    pci = tmp_path / "pci"
    others = [
        Device(pci, "0000:18:00.1"),
        Device(pci, "0000:20:00.0").interface("named01", "52:54:00:aa:00:03").driver("ice"),
        Device(pci, "0000:22:00.0").driver("virtio-pci").driver("virtio_blk", behind="virtio3"),
        Device(pci, "0000:24:00.0").driver("nvme"),
    ]
    assert [answer(rootfs, device.path) for device in others] == [""] * len(others)
    assert answer(rootfs, tmp_path / "sys") == ""


@pytest.mark.tool("shellcheck")
def test_the_script_is_clean(rootfs: Path) -> None:
    checked = run("shellcheck", rootfs / "etc/netc/irqbalance-policy")
    assert checked.stdout == ""


def test_only_names_need_to_see_interfaces(rootfs: Path, tmp_path: Path) -> None:
    drop_in = "etc/systemd/system/irqbalance.service.d/90-netc.conf"
    assert "\nPrivateNetwork=no\n" in (rootfs / drop_in).read_text()
    others = NICS[:2] + NICS[4:]
    without = files(plan(service("banned-interrupts", "nics"), interfaces=others), tmp_path / "without")
    assert "PrivateNetwork" not in (without / drop_in).read_text()


@pytest.mark.tool("systemd-analyze")
def test_the_drop_in_is_verified(tmp_path: Path) -> None:
    settings = (service("banned-cpus", "8-15"), service("banned-interrupts", "nics"))
    units = files(plan(*settings, interfaces=NICS), tmp_path) / "etc/systemd/system"
    (units / "irqbalance.service").write_text(UNIT.format(folder=tmp_path))
    drop_in = units / "irqbalance.service.d/90-netc.conf"
    drop_in.write_text(drop_in.read_text().replace("/usr/sbin/irqbalance", "/bin/echo"))
    said = run("systemd-analyze", "verify", "--man=no", units / "irqbalance.service")
    assert [line for line in (said.stderr + said.stdout).splitlines() if "irqbalance" in line] == []


def test_the_administrators_words_stay(tmp_path: Path) -> None:
    """The last word of a variable counts, so netc's file comes after that of the package; arguments add up."""
    settings = (service("banned-cpus", "8-15"), service("banned-interrupts", "drivers ice,virtio-pci"))
    rootfs = files(plan(*settings), tmp_path)
    drop_in = (rootfs / "etc/systemd/system/irqbalance.service.d/90-netc.conf").read_text()
    directives = [line for line in drop_in.splitlines() if "=" in line and not line.startswith("#")]
    assert directives == [
        "EnvironmentFile=/etc/netc/irqbalance.env",
        "ExecStart=",
        "ExecStart=/usr/sbin/irqbalance --foreground $IRQBALANCE_ARGS --banmod=ice --banmod=virtio-pci",
    ]
    environment = (rootfs / "etc/netc/irqbalance.env").read_text().splitlines()
    variables = [line for line in environment if line and not line.startswith("#")]
    assert variables == ["IRQBALANCE_BANNED_CPUS=", "IRQBALANCE_BANNED_CPULIST=8-15"]

"""How interfaces are found, and what their device units are called."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from netc.backends.binding import device_unit, escaped, link_match, udev_match
from netc.plan import Interface

MAC = "3c:fd:fe:9e:7a:10"
UUID = "6045bdf8-a1b2-6045-bdf8-a1b26045bdf8"


@pytest.mark.parametrize(
    ("interface", "systemd", "lines"),
    [
        (Interface("n", "n0", pci="0000:18:00.0"), 252, ["Path=pci-0000:18:00.0 *-pci-0000:18:00.0"]),
        (Interface("n", "n0", path="platform-x"), 252, ["Path=platform-x"]),
        (Interface("n", "n0", mac=MAC.upper(), driver="ice"), 252, [f"PermanentMACAddress={MAC}"]),
        (Interface("n", "n0", mac=MAC, driver="ice"), 239, [f"MACAddress={MAC}", "Driver=ice"]),
        (Interface("n", "n0", mac=MAC), 239, [f"MACAddress={MAC}", "Path=*"]),
        (
            Interface("n", "n0", mac=MAC, driver="hv_netvsc"),
            252,
            [f"PermanentMACAddress={MAC}", "Driver=hv_netvsc"],
        ),
        (Interface("n", "n0", driver="ena", match_driver=True), 252, ["Driver=ena"]),
        (Interface("n", "n0", vmbus=UUID), 252, [f"Property=DEVPATH=*/{UUID}/net/*"]),
        (
            Interface("n", "n0", pci="0000:18:00.0", port=1, match_name="eth1"),
            252,
            [
                "Path=pci-0000:18:00.0 *-pci-0000:18:00.0",
                "Property=NETC_DEV_PORT=1",
                "OriginalName=eth1",
            ],
        ),
    ],
    ids=str,
)
def test_link_files_match(interface: Interface, systemd: int, lines: list[str]) -> None:
    assert [f"{key}={value}" for key, value in link_match(interface, systemd)] == lines


@pytest.mark.parametrize(
    ("interface", "matches"),
    [
        (Interface("n", "", pci="0000:18:00.0"), ['KERNELS=="0000:18:00.0"']),
        (Interface("n", "", vmbus=UUID), [f'KERNELS=="{UUID}"']),
        (Interface("n", "", mac=MAC), [f'ATTR{{address}}=="{MAC}", ENV{{DEVTYPE}}==""']),
        (Interface("n", "", path="platform-x"), ['ENV{ID_PATH}=="platform-x"']),
        (
            Interface("n", "", pci="0000:18:00.0", port=1, driver="mlx4_en", match_driver=True),
            ['KERNELS=="0000:18:00.0"', 'ATTR{dev_port}=="1"', 'ENV{ID_NET_DRIVER}=="mlx4_en"'],
        ),
        (Interface("n", "", match_name="eth0"), ['KERNEL=="eth0"']),
    ],
    ids=str,
)
def test_udev_rules_match(interface: Interface, matches: list[str]) -> None:
    assert udev_match(interface) == matches


def test_device_units() -> None:
    assert device_unit(Interface("n", "n-0")) == r"sys-subsystem-net-devices-n\x2d0.device"
    assert device_unit(Interface("front", "")) == "netc-nics-front.device"


@pytest.mark.skipif(shutil.which("systemd-escape") is None, reason="systemd-escape is not installed")
@pytest.mark.parametrize("name", ["front0", "a-b", "a_b", "-", "0a", "A--9_"])
def test_names_are_escaped_as_systemd_does(name: str) -> None:
    path = f"/sys/subsystem/net/devices/{name}"
    said = subprocess.run(["systemd-escape", "--path", path], capture_output=True, text=True, check=True)
    assert escaped(path) == said.stdout.rstrip("\n")

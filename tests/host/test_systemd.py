"""Units, .link files, udev rules and sysctl files, read and applied by this machine's systemd."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from made import EVERYTHING, files, nic, plan, run, sysctl

from conftest import program
from netc.plan import Interface, Kind, Setting, Via, Why

if TYPE_CHECKING:
    from pathlib import Path

VETH = "ip link add nic0 address 52:54:00:00:00:01 numrxqueues 4 numtxqueues 4 type veth peer name peer0"
ISOLATED = ("unshare", "--net", "--mount", "sh", "-euc")
"""Namespaces of network and mounts; /sys shows the devices of the former."""


@pytest.mark.tool("systemd-analyze")
def test_units_are_verified(tmp_path: Path) -> None:
    units = files(EVERYTHING, tmp_path) / "etc/systemd/system"
    services = sorted(units.glob("*.service"))
    assert len(services) == 8
    said = run("systemd-analyze", "verify", "--man=no", *services)
    ours = [line for line in (said.stderr + said.stdout).splitlines() if "netc" in line]
    assert ours == []


def test_links_that_enable_units_lead_to_them(tmp_path: Path) -> None:
    units = files(EVERYTHING, tmp_path) / "etc/systemd/system"
    links = [path for path in units.rglob("*") if path.is_symlink()]
    assert sorted(str(path.parent.name) for path in links) == [
        *["multi-user.target.wants"] * 5,
        *["netc-nics-keep.device.wants"] * 2,
        *["sys-subsystem-net-devices-front0.device.wants"] * 2,
        r"sys-subsystem-net-devices-opt\x2d1.device.wants",
    ]
    assert all(path.is_file() for path in links)


def set_up_link(rootfs: Path, before: str = "") -> str:
    """What systemd-udevd's net_setup_link says of a veth, with these .link files as the only ones of /etc."""
    script = f"""
        mount --make-rprivate /
        mount -t sysfs sysfs /sys
        mkdir -p /run/systemd/network
        mount -t tmpfs tmpfs /run/systemd/network
        cp {rootfs}/etc/systemd/network/*.link /run/systemd/network/
        {VETH}
        {before}
        udevadm test-builtin --action=add net_setup_link /sys/class/net/nic0
    """
    said = run(*ISOLATED, script)
    return said.stdout + said.stderr


@pytest.mark.root
@pytest.mark.tool("udevadm")
@pytest.mark.parametrize(
    "interface",
    [
        Interface("front", "front0", match_name="nic0"),
        Interface("front", "front0", driver="veth", match_driver=True, match_name="nic0"),
        Interface("front", "", match_name="nic0"),
    ],
    ids=str,
)
def test_link_files_are_applied(tmp_path: Path, interface: Interface) -> None:
    settings = [nic("front", "mtu", "1400", Via.LINK), nic("front", "channels.rx", "2", Via.LINK)]
    settings += [nic("front", f"offload.{word}", "off", Via.LINK) for word in ("gro", "tso", "gso", "lro")]
    settings += [nic("front", "coalesce.rx-usecs", "50", Via.LINK), nic("front", "ring.rx", "max", Via.LINK)]
    said = set_up_link(files(plan(*settings, interfaces=(interface,)), tmp_path))
    assert "ID_NET_LINK_FILE=/run/systemd/network/10-netc-front.link" in said, said
    assert f"ID_NET_NAME={interface.name or 'nic0'}" in said
    for complaint in ("Unknown key", "Failed to parse", "Invalid", "ignoring assignment"):
        assert complaint not in said


@pytest.mark.root
@pytest.mark.tool("udevadm")
def test_paths_of_devices_are_matched_by_property(tmp_path: Path) -> None:
    """As for VMBus devices, whose ID_PATH ends at the bus; here with a component that a veth has."""
    uuid = "6045bdf8-a1b2-6045-bdf8-a1b26045bdf8"
    rootfs = files(plan(interfaces=(Interface("front", "front0", vmbus=uuid),)), tmp_path)
    link = rootfs / "etc/systemd/network/10-netc-front.link"
    assert "ID_NET_LINK_FILE=/usr/lib/systemd/network/99-default.link" in set_up_link(rootfs)
    link.write_text(link.read_text().replace(uuid, "virtual"))
    assert "ID_NET_LINK_FILE=/run/systemd/network/10-netc-front.link" in set_up_link(rootfs)


@pytest.mark.root
@pytest.mark.tool("systemd-sysctl")
def test_sysctls_are_applied(tmp_path: Path) -> None:
    wanted = {
        "net.ipv4.ip_forward": "1",
        "net.ipv6.conf.all.forwarding": "1",
        "net.ipv4.tcp_rmem": "4096 131072 250000000",
        "net.ipv4.conf.all.rp_filter": "2",
        "net.ipv4.conf.nic0.100.rp_filter": "1",
        "net.ipv4.ip_local_port_range": "2048 65000",
        "net.core.somaxconn": "16384",
    }
    rootfs = files(plan(*(sysctl(key, value) for key, value in wanted.items())), tmp_path)
    paths = {key: "/proc/sys/" + key.replace(".", "/").replace("nic0/100", "nic0.100") for key in wanted}
    script = f"""
        {VETH.replace("nic0", "nic0.100")}
        for file in {rootfs}/etc/sysctl.d/*.conf; do {program("systemd-sysctl")} "$file"; done
        for path in {" ".join(paths.values())}; do tr '\\t' ' ' <"$path"; done
    """
    said = run(*ISOLATED, script)
    assert said.stderr == ""
    assert said.stdout.splitlines() == list(wanted.values())


def rules(folder: Path) -> list[str]:
    found = []
    for path in sorted(folder.glob("etc/udev/rules.d/*.rules")):
        found += [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return found


def test_rules_are_well_formed(tmp_path: Path) -> None:
    part = r'[A-Z_]+(\{[A-Za-z_]+\})?(==|!=|=|\+=)"[^"\\]*"'
    found = rules(files(EVERYTHING, tmp_path))
    assert len(found) == 8
    for line in found:
        assert re.fullmatch(rf"{part}(, {part})*", line), line


@pytest.mark.tool("udevadm")
def test_rules_are_verified(tmp_path: Path) -> None:
    folder = files(EVERYTHING, tmp_path) / "etc/udev/rules.d"
    if run("udevadm", "verify", "--help").returncode != 0:
        pytest.skip("udevadm verify came with systemd 254")
    said = run("udevadm", "verify", "--resolve-names=never", "--no-style", *sorted(folder.iterdir()))
    assert said.returncode == 0, said.stderr


@pytest.mark.root
@pytest.mark.tool("udevadm")
def test_rules_are_read_and_recognise_the_nic(tmp_path: Path) -> None:
    interface = Interface("keep", "", mac="52:54:00:00:00:01")
    rootfs = files(plan(nic("keep", "mtu", "1400", Via.UNIT), interfaces=(interface,)), tmp_path)
    script = f"""
        mount --make-rprivate /
        mount -t sysfs sysfs /sys
        mkdir -p /run/udev/rules.d
        mount -t tmpfs tmpfs /run/udev/rules.d
        cp {rootfs}/etc/udev/rules.d/* /run/udev/rules.d/
        {VETH}
        udevadm test --action=add /sys/class/net/nic0
        udevadm test --action=add /sys/class/net/peer0
    """
    said = run(*ISOLATED, script)
    text = said.stdout + said.stderr
    assert text.count("NETC_NIC=keep") == 1, text
    assert "SYSTEMD_ALIAS=/netc/nics/keep" in text
    assert not re.search(r"netc.*rules:\d+.*(nvalid|nknown|ailed)", text)


@pytest.mark.tool("modprobe")
def test_module_options_are_read(tmp_path: Path) -> None:
    """A comment that ended in a backslash would swallow the line of the option."""
    why = Why(("a.net: x\\",), "test", "ends in a backslash \\")
    option = Setting(Kind.MODULE_OPTION, "nf_conntrack.hashsize", "524288", why)
    rootfs = files(plan(option), tmp_path)
    said = run("modprobe", "--showconfig", "--config", rootfs / "etc/modprobe.d")
    assert "options nf_conntrack hashsize=524288" in said.stdout.splitlines()

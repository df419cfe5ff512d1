"""NICs and their interrupts, read from small trees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from machine_tree import link, put, put_function, put_interface, put_interrupts

from netc.hardware import tools
from netc.hardware.facts import InterruptFact, NicFact, QueuesFact, RingsFact
from netc.hardware.probing import probe

if TYPE_CHECKING:
    from pathlib import Path


def nic(root: Path) -> NicFact:
    """The only NIC of a tree."""
    (found,) = probe(root).nics
    return found


def test_a_nic_with_all_that_sysfs_tells(tmp_path: Path) -> None:
    function = put_function(tmp_path, "0000:18:00.0", "ice", node=1)
    port = put_interface(tmp_path, "eth0", function, speed="25000", address="3C:FD:FE:9E:7A:10")
    for queue in ("rx-0", "rx-1", "tx-0"):
        put(tmp_path, {f"{port}/queues/{queue}/xps_cpus": ""})
    link(tmp_path, f"{function}/iommu_group", "../../../../kernel/iommu_groups/42")
    put(tmp_path, {f"{function}/sriov_totalvfs": "64"})
    put(tmp_path, {f"{function}/msi_irqs/{number}": "msix" for number in (120, 9, 121)})
    put_interrupts(
        tmp_path,
        2,
        "9: PCI-MSIX-0000:18:00.0    0-edge      ice-0000:18:00.0:misc",
        "120: PCI-MSIX-0000:18:00.0    1-edge      ice-eth0-TxRx-0",
    )
    assert nic(tmp_path) == NicFact(
        name="eth0",
        driver="ice",
        pci="0000:18:00.0",
        mac="3c:fd:fe:9e:7a:10",
        node=1,
        speed=25 * 10**9,
        queues=QueuesFact(2, 1),
        interrupts=(
            InterruptFact(9, "ice-0000:18:00.0:misc"),
            InterruptFact(120, "ice-eth0-TxRx-0"),
            InterruptFact(121),
        ),
        iommu_group=42,
        vfs=64,
    )


def test_node_minus_one_and_speed_of_a_link_that_is_down_are_not_known(tmp_path: Path) -> None:
    put_interface(tmp_path, "eth0", put_function(tmp_path, "0000:18:00.0", "igb", node=-1), speed="4294967295")
    assert (nic(tmp_path).node, nic(tmp_path).speed) == (None, None)


def test_virtio_interrupts_belong_to_the_function_above(tmp_path: Path) -> None:
    function = put_function(tmp_path, "0000:00:03.0", "virtio-pci", node=-1)
    link(tmp_path, f"{function}/virtio2/driver", "../../../../../bus/virtio/drivers/virtio_net")
    put_interface(tmp_path, "eth0", f"{function}/virtio2")
    put(tmp_path, {f"{function}/msi_irqs/{number}": "msix" for number in (37, 38)})
    put_interrupts(
        tmp_path,
        1,
        "37: PCI-MSIX-0000:00:03.0  0-edge  virtio2-config",
        "38: PCI-MSIX-0000:00:03.0  1-edge  virtio2-input.0",
        "40: PCI-MSIX-0000:00:04.0  0-edge  virtio3-config",
    )
    found = nic(tmp_path)
    assert (found.name, found.driver, found.pci) == ("eth0", "virtio_net", "0000:00:03.0")
    assert found.interrupts == (InterruptFact(37, "virtio2-config"), InterruptFact(38, "virtio2-input.0"))


def test_virtio_interrupts_by_name(tmp_path: Path) -> None:
    function = put_function(tmp_path, "0000:00:03.0", "virtio-pci")
    put_interface(tmp_path, "eth0", f"{function}/virtio2")
    put_interrupts(tmp_path, 1, "38: XYZ  1-edge  virtio2-input.0", "39: XYZ  1-edge  virtio20-input.0")
    assert nic(tmp_path).interrupts == (InterruptFact(38, "virtio2-input.0"),)


def test_a_copy_without_class_net(tmp_path: Path) -> None:
    put_function(tmp_path, "0000:86:00.0", "i40e", node=1)
    put_function(tmp_path, "0000:19:00.1", "ixgbe")
    put_function(tmp_path, "0000:af:00.0", "nvme", kind="0x010802")
    put_interrupts(
        tmp_path,
        32,
        "95: IR-PCI-MSIX-0000:86:00.0    0-edge      i40e-0000:86:00.0:misc",
        "96: IR-PCI-MSIX-0000:86:00.0    1-edge      i40e-ens7f0-TxRx-0",
        "128: IR-PCI-MSIX-0000:86:00.0    33-edge      i40e-0000:86:00.0:fdir-TxRx-0",
        "212: IR-PCI-MSIX-0000:19:00.1    0-edge      eno2-TxRx-0",
        "244: IR-PCI-MSIX-0000:19:00.1    32-edge      eno2",
    )
    first, second = probe(tmp_path).nics
    assert (first.name, first.pci, first.driver, first.node) == ("eno2", "0000:19:00.1", "ixgbe", 0)
    assert [interrupt.number for interrupt in first.interrupts] == [212, 244]
    assert (second.name, second.node) == ("ens7f0", 1)
    assert [interrupt.number for interrupt in second.interrupts] == [95, 96, 128]


def test_functions_without_a_bus_folder(tmp_path: Path) -> None:
    put(tmp_path, {"sys/devices/pci0000:00/0000:00:01.0/0000:18:00.0/class": "0x020000"})
    assert nic(tmp_path) == NicFact(pci="0000:18:00.0")


@pytest.mark.parametrize(
    ("line", "pci"),
    [
        # bus 0x86, device 0, function 1: 0x86 << 19 | 1 << 11, entry 2
        (f"9: PCI-MSI {0x86 << 19 | 1 << 11 | 2}-edge      eth0-TxRx-1", "0000:86:00.1"),
        (f"9: ITS-MSI {1 << 27 | 0x86 << 19} Edge      mlx5_comp0@pci:x", "0001:86:00.0"),
        ("9: PCI-MSI-edge      eth0-TxRx-1", None),
    ],
)
def test_devices_of_older_interrupt_lines(tmp_path: Path, line: str, pci: str | None) -> None:
    folder = put_function(tmp_path, pci or "0000:86:00.0", "igb")
    if pci is None:
        put_interface(tmp_path, "eth0", folder)
    put_interrupts(tmp_path, 4, line)
    assert nic(tmp_path).interrupts == (InterruptFact(9, line.split()[-1]),)


def test_names_are_matched_as_whole_words(tmp_path: Path) -> None:
    put_interface(tmp_path, "eth1", put_function(tmp_path, "0000:18:00.0", "igb"))
    put_interrupts(
        tmp_path, 1, "8: IO-APIC 8-edge eth10-TxRx-0", "7: IO-APIC 7-edge uhci_hcd, eth1", "6: X 6-edge veth1"
    )
    assert nic(tmp_path).interrupts == (InterruptFact(7, "uhci_hcd, eth1"),)


def test_no_nic_is_software_infiniband_or_wireless(tmp_path: Path) -> None:
    put(tmp_path, {"sys/devices/virtual/net/br0/type": "1"})
    link(tmp_path, "sys/class/net/br0", "../../devices/virtual/net/br0")
    put_interface(tmp_path, "ib0", put_function(tmp_path, "0000:43:00.0", "ib_qib", kind="0x0c0600"), type="32")
    wireless = put_interface(tmp_path, "wlan0", put_function(tmp_path, "0000:03:00.0", "ath10k_pci", kind="0x028000"))
    (tmp_path / wireless / "wireless").mkdir()
    assert probe(tmp_path).nics == ()


def test_switch_side_of_a_virtual_function_is_no_nic(tmp_path: Path) -> None:
    function = put_function(tmp_path, "0000:03:00.0", "mlx5_core")
    put_interface(tmp_path, "eth0", function, phys_port_name="p0")
    put_interface(tmp_path, "eth1", function, phys_port_name="pf0vf3")
    assert nic(tmp_path).name == "eth0"


def test_a_nic_given_to_a_program_hides_its_driver(tmp_path: Path) -> None:
    put_function(tmp_path, "0000:18:00.0", "vfio-pci", node=0)
    assert nic(tmp_path) == NicFact(pci="0000:18:00.0", node=0)


def test_permanent_address_of_a_port_of_a_bond(tmp_path: Path) -> None:
    function = put_function(tmp_path, "0000:18:00.0", "igb")
    port = put_interface(tmp_path, "eth0", function, address="02:00:00:00:00:01")
    put(tmp_path, {f"{port}/bonding_slave/perm_hwaddr": "3c:fd:fe:9e:7a:11"})
    assert nic(tmp_path).mac == "3c:fd:fe:9e:7a:11"


@pytest.mark.parametrize(
    ("address", "origin"),
    [("3c:fd:fe:9e:7a:11", "1"), ("00:00:00:00:00:00", "0"), ("01:00:5e:00:00:01", "0")],
)
def test_addresses_that_are_not_the_hardwares_are_not_known(tmp_path: Path, address: str, origin: str) -> None:
    function = put_function(tmp_path, "0000:18:00.0", "igb")
    put_interface(tmp_path, "eth0", function, address=address, addr_assign_type=origin)
    assert nic(tmp_path).mac is None


def test_usb_port_has_no_pci_address(tmp_path: Path) -> None:
    put_function(tmp_path, "0000:00:14.0", "xhci_hcd", kind="0x0c0330")
    device = "sys/devices/pci0000:00/0000:00:01.0/0000:00:14.0/usb1/1-1/1-1:1.0"
    link(tmp_path, f"{device}/driver", "../../../../../../../bus/usb/drivers/cdc_ether")
    put_interface(tmp_path, "usb0", device)
    assert (nic(tmp_path).pci, nic(tmp_path).driver) == (None, "cdc_ether")


@pytest.mark.parametrize("name", ["eth0;reboot", "$(x)", "-rf", "a b"])
def test_names_that_no_shell_should_see_are_not_known(tmp_path: Path, name: str) -> None:
    put_interface(tmp_path, name, put_function(tmp_path, "0000:18:00.0", "igb"))
    assert nic(tmp_path).name is None


def test_a_node_that_is_off_is_no_node_of_a_nic(tmp_path: Path) -> None:
    put(tmp_path, {"sys/devices/system/node/node1/cpulist": "0"})
    put_function(tmp_path, "0000:18:00.0", "igb", node=0)
    assert nic(tmp_path).node is None


ROUTE = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\n"


def test_management_is_the_port_below_the_preferred_default_route(tmp_path: Path) -> None:
    for index, name in enumerate(("eth0", "eth1", "eth2")):
        put_interface(tmp_path, name, put_function(tmp_path, f"0000:18:00.{index}", "igb"))
    for port in ("eth0", "eth1"):
        link(tmp_path, f"sys/devices/virtual/net/bond0/lower_{port}", "../../../nowhere")
    link(tmp_path, "sys/class/net/bond0", "../../devices/virtual/net/bond0")
    rows = [
        "bond0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000",
        "eth2\t00000000\t0\t0003\t0\t0\t200\t00000000",
    ]
    put(tmp_path, {"proc/net/route": ROUTE + "\n".join(rows)})
    assert [found.management for found in probe(tmp_path).nics] == [True, True, None]


def test_management_by_ipv6(tmp_path: Path) -> None:
    put_interface(tmp_path, "eth0", put_function(tmp_path, "0000:18:00.0", "igb"))
    zero = "0" * 32
    rows = [
        f"{zero} 00 {zero} 00 {zero} ffffffff 00000001 00000000 00200200 lo",
        f"{zero} 00 {zero} 00 fe80{'0' * 28} 00000400 00000001 00000000 00000003 eth0",
    ]
    put(tmp_path, {"proc/net/ipv6_route": "\n".join(rows)})
    assert nic(tmp_path).management is True


CHANNELS = """Channel parameters for eth0:
Pre-set maximums:
RX:\t\tn/a
TX:\t\tn/a
Other:\t\t1
Combined:\t63
Current hardware settings:
RX:\t\tn/a
TX:\t\tn/a
Other:\t\t1
Combined:\t8
"""
RINGS = """Ring parameters for eth0:
Pre-set maximums:
RX:\t\t8160
RX Mini:\tn/a
RX Jumbo:\t16
TX:\t\t4096
Current hardware settings:
RX:\t\t512
TX:\t\t512
"""
TABLE = """RX flow hash indirection table for eth0 with 3 RX ring(s):
    0:      0     1     2     0     1     2     0     1
    8:      2     0     1     2     0     1     2     0
RSS hash key:
12:34:56
"""


def test_limits_by_ethtool() -> None:
    assert tools.most_channels(CHANNELS) == 63
    separate = CHANNELS.replace("Combined:\t63", "Combined:\tn/a").replace("RX:\t\tn/a", "RX:\t\t128", 1)
    assert tools.most_channels(separate) == 128
    assert tools.most_descriptors(RINGS) == RingsFact(8160, 4096)
    assert tools.table_entries(TABLE) == 16
    assert tools.permanent_mac("Permanent address: 3c:fd:fe:9e:7a:10\n") == "3c:fd:fe:9e:7a:10"
    assert tools.runs_xdp("NETDEV_XDP_ACT_BASIC:\t\tyes\nNETDEV_XDP_ACT_REDIRECT: no\n") is True


@pytest.mark.parametrize("text", [None, "", "netlink error: Operation not supported", "RX flow hash\n\0\xff"])
def test_tools_that_tell_nothing(text: str | None) -> None:
    assert tools.most_channels(text) is None
    assert tools.most_descriptors(text) is None
    assert tools.table_entries(text) is None
    assert tools.permanent_mac(text) is None
    assert tools.runs_xdp(text) is None

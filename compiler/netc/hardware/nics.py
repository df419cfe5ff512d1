"""Ethernet ports, by /sys/class/net and the PCI functions behind it.

Sources: Documentation/ABI/testing/sysfs-class-net, sysfs-bus-pci.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from netc.hardware.facts import NicFact, QueuesFact
from netc.hardware.interrupts import interrupt_lines, interrupts_of, port_name
from netc.hardware.machine_files import natural
from netc.hardware.routes import management_ports
from netc.hardware.tools import (
    ask,
    most_channels,
    most_descriptors,
    permanent_mac,
    runs_xdp,
    table_entries,
)
from netc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.hardware.facts import InterruptFact, NodeFact
    from netc.hardware.machine_files import MachineFiles

_PCI = re.compile(r"[0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]\Z")
_VIRTIO = re.compile(r"virtio[0-9]+\Z")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}\Z")
_DRIVER = re.compile(r"[a-z0-9_][a-z0-9_-]{0,63}\Z")
_MAC = re.compile(r"[0-9a-f][02468ace](?::[0-9a-f]{2}){5}\Z")
_REPRESENTOR = re.compile(r"(?:c[0-9]+)?pf[0-9]+(?:vf|sf)[0-9]+\Z")
_ETHERNET_TYPE = 1
"""ARPHRD_ETHER of include/uapi/linux/if_arp.h; InfiniBand is 32."""
_ETHERNET_CLASS = "0x0200"
"""PCI base class network, subclass Ethernet (PCI Code and ID Assignment Specification)."""
_SET_ADDRESS = 0
"""NET_ADDR_PERM: the address is the hardware's, not random, taken over or set by someone."""
_PLACEHOLDERS = frozenset({"vfio-pci", "uio_pci_generic", "igb_uio", "pci-stub"})
"""Drivers that hand a function to a program; the NIC's own driver does not show then."""
_FASTEST = 2**31
"""Mbit/s from which on a speed is SPEED_UNKNOWN (-1) read as unsigned."""


@dataclass(frozen=True, slots=True)
class _Port:
    """A port and its folders below the root: of the interface, the device it belongs to, the PCI function."""

    name: str | None
    interface: str | None
    device: str
    function: str | None
    virtio: str | None

    @property
    def pci(self) -> str | None:
        return self.function.rpartition("/")[2] if self.function else None


def probe_nics(files: MachineFiles, nodes: tuple[NodeFact, ...]) -> tuple[NicFact, ...]:
    """All Ethernet ports with hardware behind them, in the order of their PCI addresses.

    Ports without an interface (a copy without /sys/class/net, or a function given to a program or to
    another network namespace) are there by their PCI address.
    """
    lines = interrupt_lines(files)
    management = management_ports(files)
    online = {node.id for node in nodes}
    found = []
    for port in _ports(files):
        function = port.function or port.device
        vectors = frozenset(int(v) for v in files.names(f"{function}/msi_irqs") if re.fullmatch(r"[0-9]{1,9}", v))
        names = [name for name in (port.name, port.virtio) if name]
        interrupts = interrupts_of(lines, vectors, port.pci, names)
        found.append(_nic(files, port, interrupts, online, management))
    return tuple(sorted(found, key=lambda nic: (nic.pci is None, nic.pci or "", natural(nic.name or ""))))


def _ports(files: MachineFiles) -> Iterator[_Port]:
    functions = dict(_functions(files))
    seen: set[str] = set()
    for name in files.names("sys/class/net"):
        interface = f"sys/class/net/{name}"
        device = files.resolved(f"{interface}/device")
        if device is None:  # loopback, bridges, bonds, veth: nothing but software
            continue
        port = _port(name, interface, device)
        seen.add(port.pci or "")
        if _is_ethernet_port(files, interface):
            yield port
    for address, folder in functions.items():
        if address not in seen and (files.text(f"{folder}/class") or "").startswith(_ETHERNET_CLASS):
            yield from _ports_of_function(files, folder)


def _port(name: str | None, interface: str | None, device: str) -> _Port:
    """A port by its device: a PCI function, or a virtio device that belongs to one."""
    parent, _, last = device.rpartition("/")
    if _PCI.match(last):
        return _Port(name, interface, device, device, None)
    virtio = last if _VIRTIO.match(last) else None
    above = parent if virtio and _PCI.match(parent.rpartition("/")[2]) else None
    return _Port(name, interface, device, above, virtio)


def _is_ethernet_port(files: MachineFiles, interface: str) -> bool:
    """Not InfiniBand, not wireless, not the switch side of a virtual function."""
    kind = files.number(f"{interface}/type")
    if kind is not None and kind != _ETHERNET_TYPE:
        return False
    if files.is_folder(f"{interface}/wireless") or files.is_folder(f"{interface}/phy80211"):
        return False
    return not _REPRESENTOR.match(files.text(f"{interface}/phys_port_name") or "")


def _functions(files: MachineFiles) -> Iterator[tuple[str, str]]:
    """PCI address and folder of every function."""
    listed = [name for name in files.names("sys/bus/pci/devices") if _PCI.match(name)]
    if listed:
        for name in listed:
            folder = files.resolved(f"sys/bus/pci/devices/{name}")
            if folder is not None:
                yield name, folder
        return
    for name in files.names("sys/devices"):
        if name.startswith("pci"):
            yield from _functions_below(files, f"sys/devices/{name}")


def _functions_below(files: MachineFiles, folder: str) -> Iterator[tuple[str, str]]:
    if folder.count("/") > 32:  # no machine has so many bridges in a row
        return
    for name in files.names(folder):
        if _PCI.match(name) and files.resolved(f"{folder}/{name}") == f"{folder}/{name}":
            yield name, f"{folder}/{name}"
            yield from _functions_below(files, f"{folder}/{name}")


def _ports_of_function(files: MachineFiles, folder: str) -> Iterator[_Port]:
    """The interfaces below a function, or the function alone when it shows none."""
    virtio = next((name for name in files.names(folder) if _VIRTIO.match(name)), None)
    device = f"{folder}/{virtio}" if virtio else folder
    names = files.names(f"{device}/net")
    for name in names:
        if _is_ethernet_port(files, f"{device}/net/{name}"):
            yield _Port(name, f"{device}/net/{name}", device, folder, virtio)
    if not names:
        yield _Port(None, None, device, folder, virtio)


def _nic(
    files: MachineFiles,
    port: _Port,
    interrupts: tuple[InterruptFact, ...],
    online: set[int],
    management: frozenset[str],
) -> NicFact:
    function = port.function or port.device
    driver = _driver(files, port)
    name = port.name or port_name(interrupts, driver)
    node = files.number(f"{function}/numa_node")
    group = files.link_name(f"{function}/iommu_group") or ""
    tool_name = port.name if port.name and _NAME.match(port.name) else None
    return NicFact(
        name=name if name and _NAME.match(name) else None,
        driver=driver,
        pci=port.pci,
        mac=_mac(files, port, tool_name),
        node=node if not online or node in online else None,
        speed=_speed(files, port),
        channels=most_channels(_ethtool(files, "-l", tool_name)),
        queues=_queues(files, port),
        rings=most_descriptors(_ethtool(files, "-g", tool_name)),
        rss_table=table_entries(_ethtool(files, "-x", tool_name)),
        interrupts=interrupts,
        xdp=runs_xdp(ask(files, "xdp-loader", "features", tool_name) if tool_name else None),
        iommu_group=int(group) if re.fullmatch(r"[0-9]{1,9}", group) else None,
        vfs=files.number(f"{function}/sriov_totalvfs"),
        management=True if port.name in management else None,
    )


def _ethtool(files: MachineFiles, question: str, name: str | None) -> str | None:
    return ask(files, "ethtool", question, name) if name else None


def _driver(files: MachineFiles, port: _Port) -> str | None:
    driver = files.link_name(f"{port.device}/driver")
    if driver == "virtio-pci":  # the transport's driver, where the copy has not the device below it
        return "virtio_net"
    return driver if driver and _DRIVER.match(driver) and driver not in _PLACEHOLDERS else None


def _mac(files: MachineFiles, port: _Port, tool_name: str | None) -> str | None:
    """The permanent address: of a bond's port too, which shows the bond's address as its own."""
    if port.interface is None:
        return None
    address = files.text(f"{port.interface}/bonding_slave/perm_hwaddr")
    if address is None and (files.number(f"{port.interface}/addr_assign_type") or 0) == _SET_ADDRESS:
        address = files.text(f"{port.interface}/address")
    if address is None:
        address = permanent_mac(_ethtool(files, "-P", tool_name))
    address = (address or "").lower()
    return address if _MAC.match(address) and address.strip("0:") else None


def _speed(files: MachineFiles, port: _Port) -> int | None:
    """Bits per second; sysfs has Mbit/s, and -1 or an error while the link is down."""
    speed = files.number(f"{port.interface}/speed") if port.interface else None
    return speed * 10**6 if speed and speed < _FASTEST else None


def _queues(files: MachineFiles, port: _Port) -> QueuesFact | None:
    """Queues in use, one folder each."""
    names = files.names(f"{port.interface}/queues") if port.interface else []
    receive = sum(name.startswith("rx-") for name in names)
    transmit = sum(name.startswith("tx-") for name in names)
    return QueuesFact(receive or None, transmit or None) if receive or transmit else None

"""How artifacts find an interface: for `.link` files, udev rules and names of device units."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.backends.guards import ID_PATH, INTERFACE, KERNEL_NAME, MAC, MODULE, PCI, UUID, Defect, require
from netc.plan import Kind, Via
from netc.promises.unit_names import escaped

if TYPE_CHECKING:
    from netc.plan import Interface, Plan, Setting

PERMANENT_MAC = 245
"""The systemd that brought `PermanentMACAddress=` (systemd.link(5))."""

DEV_PORT = "NETC_DEV_PORT"
"""The udev property that carries `dev_port` to `.link` files, which cannot match on it by themselves."""

VIRTUAL_FUNCTION = "NETC_VF"
"""The udev property of an interface that is a virtual function: `nic` of it. Its own address is nowhere written."""


def has_link_file(plan: Plan, interface: Interface) -> bool:
    """Whether systemd-udevd has something to do for the interface: its name, or a setting."""
    return not interface.built and (bool(interface.name) or bool(settings_via(plan, interface, Via.LINK)))


def settings_via(plan: Plan, interface: Interface, via: Via) -> list[Setting]:
    """The settings of an interface, apart from its name, that are carried out this way."""
    return [s for s in plan.of_interface(interface.nic) if via in s.via and s.key != "name"]


def initramfs_holds_copies(plan: Plan) -> bool:
    """Whether files are written that an initramfs holds copies of: `.link` files and modprobe.d(5)."""
    linked = any(has_link_file(plan, interface) for interface in plan.interfaces)
    return linked or bool(plan.of(Kind.MODULE_OPTION))


def link_match(interface: Interface, systemd: int) -> list[tuple[str, str]]:
    """The lines of `[Match]`; all of them must hold."""
    lines: list[tuple[str, str]] = []
    properties: list[str] = []
    driver = interface.match_driver
    if paths := _id_paths(interface):
        lines.append(("Path", " ".join(paths)))
    if interface.mac:
        mac = require(MAC, interface.mac.lower(), "MAC address")
        permanent = systemd >= PERMANENT_MAC
        lines.append(("PermanentMACAddress" if permanent else "MACAddress", mac))
        # Bonds and VLANs carry the address of their NIC, but neither its driver nor a path; a virtual
        # function on Hyper-V even has the permanent address of the synthetic NIC it stands behind.
        if not permanent and not interface.driver and not paths:
            lines.append(("Path", "*"))
        driver = driver or (bool(interface.driver) and not (permanent and interface.driver != "hv_netvsc"))
    if interface.vmbus:
        # Its ID_PATH ends at the bus, which all devices share.
        uuid = require(UUID, interface.vmbus.lower(), "VMBus device")
        properties.append(f"DEVPATH=*/{uuid}/net/*")
    if interface.port is not None:
        properties.append(f"{DEV_PORT}={interface.port}")
    if interface.physical_function:
        properties.append(f"{VIRTUAL_FUNCTION}={require(INTERFACE, interface.nic, 'name of a NIC')}")
    if driver:
        lines.append(("Driver", require(MODULE, interface.driver, "driver")))
    if properties:
        lines.append(("Property", " ".join(properties)))
    if interface.match_name:
        lines.append(("OriginalName", require(KERNEL_NAME, interface.match_name, "interface name")))
    if not lines:
        raise Defect(f"nothing tells interface {interface.nic!r} from others")
    return lines


def _id_paths(interface: Interface) -> list[str]:
    """Globs of the ID_PATH that udev gives to the device."""
    if interface.path:
        return [require(ID_PATH, interface.path, "device path")]
    if interface.pci:
        # Where the PCI host bridge is a device of the firmware's tables its path comes first, as in
        # `platform-fd500000.pcie-pci-0000:01:00.0` or `acpi-VMBUS:01-pci-0001:00:02.0`.
        pci = require(PCI, interface.pci.lower(), "PCI address")
        return [f"pci-{pci}", f"*-pci-{pci}"]
    return []


def udev_match(interface: Interface, *, early: bool = False) -> list[str]:
    """The matches of a udev rule; all of them must hold. Of a rule numbered below 80, at which udev tells the driver,
    `early` says so; it must have the path from the builtin `path_id`."""
    matches: list[str] = []
    if interface.physical_function:
        matches.append(f'ENV{{{VIRTUAL_FUNCTION}}}=="{require(INTERFACE, interface.nic, "name of a NIC")}"')
    if interface.path:
        matches.append(f'ENV{{ID_PATH}}=="{require(ID_PATH, interface.path, "device path")}"')
    if interface.pci:
        matches.append(f'KERNELS=="{require(PCI, interface.pci.lower(), "PCI address")}"')
    elif interface.vmbus:
        matches.append(f'KERNELS=="{require(UUID, interface.vmbus.lower(), "VMBus device")}"')
    if interface.mac:
        # Bonds, bridges and VLANs, which carry the address of their NIC, have a DEVTYPE.
        mac = require(MAC, interface.mac.lower(), "MAC address")
        matches.append(f'ATTR{{address}}=="{mac}", ENV{{DEVTYPE}}==""')
    if interface.port is not None:
        matches.append(f'ATTR{{dev_port}}=="{interface.port}"')
    if interface.match_driver or interface.driver == "hv_netvsc":
        driver = "DRIVERS" if early else "ENV{ID_NET_DRIVER}"
        matches.append(f'{driver}=="{require(MODULE, interface.driver, "driver")}"')
    if interface.match_name:
        matches.append(f'KERNEL=="{require(KERNEL_NAME, interface.match_name, "interface name")}"')
    if not matches:
        raise Defect(f"nothing tells interface {interface.nic!r} from others")
    return matches


def alias(interface: Interface) -> str:
    """The path whose device unit stands for an interface that keeps the system's name."""
    return f"/netc/nics/{require(INTERFACE, interface.nic, 'name of a NIC')}"


def device_unit(interface: Interface) -> str:
    """The unit that systemd makes active when the interface is there, under its final name."""
    if not interface.name:
        return f"{escaped(alias(interface))}.device"
    name = require(INTERFACE, interface.name, "interface name")
    return f"{escaped(f'/sys/subsystem/net/devices/{name}')}.device"

"""Which interface of a machine is which NIC of the plan: as the units find it, by name, by what udev recognised."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.promises.devices import folder_of_interface

if TYPE_CHECKING:
    from netc.plan import Interface, Plan
    from netc.verifying.machine import Machine

NETS = "sys/class/net"
UDEV = "run/udev/data"


def interface_of(plan: Plan, interface: Interface, machine: Machine) -> str:
    """The name of the interface; empty where it is absent."""
    if interface.name:
        return interface.name if machine.exists(f"{NETS}/{interface.name}") else ""
    if machine.files.names(UDEV):
        return _recognised(interface.nic, machine)
    return matched(plan, interface, machine)


def _recognised(nic: str, machine: Machine) -> str:
    """The interface that 90-netc-nic.rules marked, by udev's own record of its properties."""
    for name in machine.files.names(NETS):
        index = machine.first_line(f"{NETS}/{name}/ifindex")
        record = machine.files.text(f"{UDEV}/n{index}") or ""
        if f"E:NETC_NIC={nic}" in record.splitlines():
            return name
    return ""


def matched(plan: Plan, interface: Interface, machine: Machine) -> str:
    """The interface of the device by its address, else by its hardware address; empty where there is none."""
    if folder := folder_of_interface(plan, interface):
        return next(iter(names_below(folder, interface.port, machine)), "")
    if interface.mac:
        for name in machine.files.names(NETS):
            address = machine.first_line(f"{NETS}/{name}/address") or ""
            if address.lower() == interface.mac.lower() and machine.exists(f"{NETS}/{name}/device"):
                return name
    return ""


def names_below(folder: str, port: int | None, machine: Machine) -> list[str]:
    """The interfaces of a device; those of virtio belong to a device below it."""
    folders = [folder, *(f"{folder}/{each}" for each in machine.files.names(folder) if each.startswith("virtio"))]
    found = [(each, name) for each in folders for name in machine.files.names(f"{each}/net")]
    if port is None:
        return [name for _, name in found]
    return [name for each, name in found if machine.files.number(f"{each}/net/{name}/dev_port") == port]

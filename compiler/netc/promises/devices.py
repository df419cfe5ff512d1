"""Where sysfs has a device."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.patterns import pattern

if TYPE_CHECKING:
    from netc.plan import Device, Interface, Plan

_PCI_IN_PATH = pattern(r"(?:^|-)pci-([0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])$")
"""The PCI function at the end of an ID_PATH."""


_BUS = pattern(r"^sys/bus/[^/]*/devices/")


def folder_of_interface(plan: Plan, interface: Interface) -> str:
    """The folder of the device that an interface belongs to; empty where its address is not known.

    A virtual function is known by its physical function and its number alone.
    """
    if interface.physical_function:
        physical = next((each for each in plan.interfaces if each.nic == interface.physical_function), None)
        above = _folder_of_physical(plan, physical) if physical is not None else ""
        return f"{above}/virtfn{interface.function}" if above else ""
    pci = interface.pci.lower()
    if not pci and (found := _PCI_IN_PATH.search(interface.path.lower())):
        pci = found[1]
    if pci:
        return f"sys/bus/pci/devices/{pci}"
    return f"sys/bus/vmbus/devices/{interface.vmbus.lower()}" if interface.vmbus else ""


def _folder_of_physical(plan: Plan, physical: Interface) -> str:
    named = f"sys/class/net/{physical.name}/device" if physical.name else ""
    return folder_of_interface(plan, physical) or named


def told(folder: str) -> str:
    """A device as sentences call it: `0000:18:00.0`, `0000:18:00.0/virtfn1`."""
    return _BUS.sub("", folder)


def folder_of_function(device: Device) -> tuple[str, str]:
    """What the driver of a device is called among promises, and the folder of the device."""
    subject = f"{device.nic}: driver of {device.address}"
    folder = f"sys/bus/{device.bus}/devices/{device.address}"
    if device.function is None:
        return subject, folder
    return f"{subject} function {device.function}", f"{folder}/virtfn{device.function}"

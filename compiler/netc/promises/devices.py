"""Where sysfs has a device, and the huge pages of a node."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netc.plan import Device, Interface

_PCI_IN_PATH = re.compile(r"(?:^|-)pci-([0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])$")
"""The PCI function at the end of an ID_PATH."""


def folder_of_interface(interface: Interface) -> str:
    """The folder of the device that an interface belongs to; empty where its address is not known."""
    pci = interface.pci.lower()
    if not pci and (found := _PCI_IN_PATH.search(interface.path.lower())):
        pci = found[1]
    if pci:
        return f"sys/bus/pci/devices/{pci}"
    return f"sys/bus/vmbus/devices/{interface.vmbus.lower()}" if interface.vmbus else ""


def folder_of_function(device: Device) -> tuple[str, str]:
    """What the driver of a device is called among promises, and the folder of the device."""
    subject = f"{device.nic}: driver of {device.address}"
    folder = f"sys/bus/{device.bus}/devices/{device.address}"
    if device.function is None:
        return subject, folder
    return f"{subject} function {device.function}", f"{folder}/virtfn{device.function}"


def folder_of_pages(key: str) -> str:
    """Where the kernel counts them: `node0/hugepages-2048kB` of a node, `hugepages-2048kB` of all together."""
    node, _, size = key.rpartition("/")
    return f"sys/devices/system/node/{node}/hugepages/{size}" if node else f"sys/kernel/mm/hugepages/{size}"

"""Whether irqbalance would undo what is pinned, and how it is told not to: shared by checks and planners.

It looks at interrupts every ten seconds and moves those it may (irqbalance(1)); that it undoes pins within seconds
was seen on Debian 12.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.isolation import undisturbed_cpus
from netc.placement import placements

if TYPE_CHECKING:
    from netc.model import Host, Nic

DEVICE_DRIVERS = {"virtio_net": "virtio-pci", "mlx4_en": "mlx4_core"}
"""Driver of an interface → driver of the device on the PCI bus, where they are two."""


def in_its_way(host: Host) -> bool:
    """Whether the host promises anything that irqbalance would change: pinned interrupts, CPUs kept free of them."""
    return bool(pinned(host)) or bool(undisturbed_cpus(host))


def pinned(host: Host) -> list[Nic]:
    """The NICs whose interrupts netc pins; the channels of Hyper-V have no interrupts of their own."""
    found = placements(host)
    return [nic for nic in host.nics if nic.name in found and not _without_interrupts(nic)]


def _without_interrupts(nic: Nic) -> bool:
    return nic.knowledge is not None and nic.knowledge.interrupts.named_by == "none"


def bans_by_driver(host: Host) -> bool:
    """Whether interrupts are banned by driver, not by device: SELinux keeps irqbalance from running a script
    (fedora-selinux, irqbalance.te)."""
    return host.system.distribution.selinux is True


def device_driver(nic: Nic) -> str | None:
    """The driver of the device whose interrupts they are; None where it is not known."""
    name = nic.driver.value if nic.driver is not None else None
    return DEVICE_DRIVERS.get(name, name) if name is not None else None


def is_told_apart(nic: Nic) -> bool:
    """Whether a script that irqbalance runs for each interrupt can know the device of a NIC."""
    match = nic.match
    path = str(match.path.value) if match.path is not None else ""
    return bool(match.pci or match.mac or nic.interface or "pci-" in path or nic.driver is not None)

"""Ports that applications drive: a udev rule that is there before the kernel's driver, and a unit that sets right what
came otherwise.

The rule tells the kernel the driver of a device that has none yet. The unit unbinds what an initramfs or another
driver's event had bound, reads back, and sees to it that an application can open the device. It takes no port that the
host is reached by, and never one whose driver stays (bifurcated).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.backends.guards import GROUP, INTERFACE, MODULE, NUMBER, PCI, UUID, require
from netc.backends.rendering import render as fill
from netc.backends.services import UNITS, enabled
from netc.backends.wording import because, header
from netc.plan import Artifact, Kind
from netc.records import dataclass

if TYPE_CHECKING:
    from netc.plan import Device, Plan

FORMS = {"pci": PCI, "vmbus": UUID}
NETWORK = {
    "pci": 'ATTR{class}=="0x02*"',
    "vmbus": 'ATTR{class_id}=="{f8615163-df3e-46c5-913f-f2d2f965ed0e}"',
}
"""How udev knows a network controller: PCI_BASE_CLASS_NETWORK, and HV_NIC_GUID of include/linux/hyperv.h."""
NO_IOMMU = "vfio.enable_unsafe_noiommu_mode"
"""The module option with which a device may be taken that no IOMMU confines."""


@dataclass(frozen=True, slots=True)
class Port:
    """What the templates print of one port."""

    because: str
    bus: str
    network: str
    """The match of a udev rule that holds for network controllers."""
    address: str
    driver: str
    group: str
    """Who may open it, or `-`."""
    at_udev: bool
    """Whether a udev rule can tell the device by its address."""
    function_name: str
    """The shell function that carries it out."""
    words: str
    """What that is told."""


def render(plan: Plan) -> list[Artifact]:
    if not plan.devices:
        return []
    first = header(plan)
    ports = [_port(device) for device in plan.devices]
    bare = [because(s.why) for s in plan.of(Kind.MODULE_OPTION) if s.key == NO_IOMMU]
    script = fill("vfio/vfio", header=first, ports=ports, no_iommu="\n".join(bare))
    service = "netc-vfio.service"
    artifacts = [
        Artifact("rootfs/etc/netc/vfio", script, mode=0o755),
        Artifact(f"{UNITS}/{service}", fill(f"vfio/{service}", header=first)),
        enabled(service),
    ]
    if told := [port for port in ports if port.at_udev]:
        granted = [port for port in told if port.group != "-"]
        rules = fill("vfio/05-netc-vfio.rules", header=first, ports=told, granted=granted)
        artifacts.append(Artifact("rootfs/etc/udev/rules.d/05-netc-vfio.rules", rules))
    return artifacts


def _port(device: Device) -> Port:
    bus = device.bus
    address = require(FORMS[bus], device.address, f"{bus} address")
    driver = require(MODULE, device.driver, "driver")
    group = require(GROUP, device.group, "group") if device.group else "-"
    words = [
        require(INTERFACE, device.nic, "name of a NIC"),
        bus,
        address,
        "-" if device.function is None else require(NUMBER, str(device.function), "virtual function"),
        driver,
        require(MODULE, device.kernel_driver, "driver") if device.kernel_driver else "-",
        group,
        "optional" if device.optional else "required",
    ]
    return Port(
        because(device.why),
        bus,
        NETWORK[bus],
        address,
        driver,
        group,
        at_udev=device.function is None and not device.bifurcated,
        function_name="kernel_port" if device.bifurcated else "port",
        words=" ".join(words),
    )

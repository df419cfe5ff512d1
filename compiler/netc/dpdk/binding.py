"""How ports come to applications: the address of each, its driver, and the IOMMU that confines it.

Sources: Documentation/driver-api/vfio.rst, admin-guide/kernel-parameters.txt, DPDK's guide to Linux drivers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.dpdk.applications import application_of
from netc.isolation import written_argument
from netc.knowledge.drivers import dpdk_modules, driver
from netc.model import UIO_HV_GENERIC, VFIO_PCI
from netc.patterns import pattern
from netc.records import dataclass

if TYPE_CHECKING:
    from netc.model import Host, Nic

UIO_PCI_GENERIC, IGB_UIO = "uio_pci_generic", "igb_uio"
UNCONFINED = (UIO_PCI_GENERIC, IGB_UIO)
"""Drivers of PCI devices that know no IOMMU: an application gives the device any address it likes."""
NO_IOMMU_OPTION = ("vfio", "enable_unsafe_noiommu_mode")
"""The module and its parameter, which CONFIG_VFIO_NOIOMMU brings (drivers/vfio/vfio_main.c)."""

_PATH = pattern(r"(?:.*-)?pci-([0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])")
"""udev's ID_PATH of a PCI device, behind whatever firmware puts in front (udev-builtin-path_id.c)."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a device sits."""

    bus: str
    """`pci` or `vmbus`."""
    text: str
    """PCI address or VMBus UUID; for a virtual function the PCI address of its physical function."""
    function: int | None = None
    """The number of a virtual function."""


def address_of(host: Host, nic: Nic) -> Address | None:
    """Where the device of a NIC sits; None where neither the file nor facts tell."""
    if nic.dpdk_driver == UIO_HV_GENERIC:
        return Address("vmbus", nic.match.vmbus.value.lower()) if nic.match.vmbus is not None else None
    own = _pci_address(nic)
    if own is not None or nic.match.vf is None:
        return Address("pci", own) if own is not None else None
    number, name = nic.match.vf.value
    owner = host.nic(name)
    physical = _pci_address(owner) if owner is not None else None
    return Address("pci", physical, number) if physical is not None else None


def _pci_address(nic: Nic) -> str | None:
    if nic.match.pci is not None:
        return nic.match.pci.value.lower()
    if nic.match.path is not None and (found := _PATH.fullmatch(nic.match.path.value)) is not None:
        return found[1]
    return nic.fact.pci if nic.fact is not None else None


def device_driver(nic: Nic) -> str:
    """The driver that the kernel binds to the device on its bus; empty where nothing tells."""
    if nic.knowledge is not None:
        return nic.knowledge.dpdk.bound
    return nic.driver.value if nic.driver is not None else ""


def bound_driver(nic: Nic) -> str:
    """The driver that the device is bound to while an application has it."""
    return device_driver(nic) if nic.bifurcated else nic.dpdk_driver


def modules_of(nic: Nic) -> tuple[str, ...]:
    """The modules that the application's way to the device needs, in the order in which they are loaded."""
    if nic.bifurcated:
        return nic.knowledge.dpdk.modules if nic.knowledge is not None else ()
    return dpdk_modules("vfio-pci") if nic.dpdk_driver == VFIO_PCI else (nic.dpdk_driver,)


def is_bifurcated(name: str) -> bool:
    """Whether DPDK works with devices of this driver while the kernel keeps them."""
    known = driver(name)
    return known is not None and known.dpdk.model == "bifurcated"


def handed_over(host: Host) -> tuple[Nic, ...]:
    """The ports whose packets go to applications: bound for them, bifurcated, or by AF_XDP."""
    return tuple(nic for nic in host.nics if nic.dpdk_driver)


def given(host: Host) -> tuple[Nic, ...]:
    """The ports whose queues applications poll: all of these but those that AF_XDP leaves to the kernel."""
    return tuple(nic for nic in host.nics if nic.given_to_dpdk)


def goes_without_iommu(host: Host, nic: Nic) -> bool:
    """Whether the application that has the port may do without an IOMMU."""
    application = application_of(host, nic)
    return nic.dpdk_driver == VFIO_PCI and application is not None and application.permits("no-iommu")


def confined(host: Host) -> tuple[Nic, ...]:
    """The ports that an IOMMU keeps to the memory of their application."""
    return tuple(n for n in given(host) if n.dpdk_driver == VFIO_PCI and not goes_without_iommu(host, n))


def unconfined(host: Host) -> tuple[Nic, ...]:
    """The ports of drivers that know no IOMMU."""
    return tuple(nic for nic in given(host) if nic.dpdk_driver in UNCONFINED)


def iommu_arguments(host: Host) -> dict[str, str]:
    """The kernel arguments that ports of applications need of the IOMMU, but for those the file writes itself.

    `intel_iommu=on` for Intel alone, or where nothing tells who made the CPUs: other IOMMUs pass it over, and AMD's and
    Arm's are on by themselves. Then ports of the kernel are not translated, which a driver without IOMMU support needs
    of its own devices too.
    """
    ports = confined(host)
    if not ports and not unconfined(host):
        return {}
    arm = host.system.architecture.value == "arm64"
    found = {"iommu.passthrough": "1"} if arm else {"iommu": "pt"}
    if ports and not arm and vendor_of(host) != "amd":
        found = {"intel_iommu": "on", **found}
    return {name: value for name, value in found.items() if not _is_written(host, name, value)}


def _is_written(host: Host, name: str, value: str) -> bool:
    """Whether the file writes the argument itself. Words of `intel_iommu=` add up, and few of them turn it on."""
    written = written_argument(host, name)
    return written is not None and (name != "intel_iommu" or value in written.value.split(","))


def vendor_of(host: Host) -> str:
    """`intel`, `amd`, `arm`, or empty where nothing tells or none of them is it."""
    vendor = host.system.cpu_vendor
    return vendor.value if vendor is not None and vendor.value != "other" else ""

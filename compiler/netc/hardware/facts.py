"""What is known of one real machine, as `netc probe` writes it and a `.net` file's `hardware` reads it.

Names follow the keys of the YAML form (`facts.schema.json`). What is not known is None or an empty tuple;
nothing is guessed. Sizes are bytes and bit rates bits per second here; the YAML form carries units
(`256GiB`, `100Gbps`).
"""

from __future__ import annotations

from netc.cpulist import CpuSet
from netc.records import dataclass


@dataclass(frozen=True, slots=True)
class CpuFact:
    """One CPU (hardware thread) the machine has, switched on or not."""

    id: int
    """The kernel's number; numbers may have gaps."""
    node: int | None = None
    """The NUMA node it belongs to; None too where that node is switched off."""
    socket: int | None = None
    """The kernel's physical package id; ids may have gaps."""
    core: int | None = None
    """The kernel's core id; it may have gaps, and some machines use one again in each node of a socket.
    What belongs together is told by `siblings`.
    """
    siblings: CpuSet | None = None
    """All CPUs of its physical core, itself among them. The kernel tells it of CPUs that are on."""
    l3: CpuSet | None = None
    """All CPUs that share its third-level cache, itself among them."""
    online: bool = True
    """Whether the kernel runs tasks on it; absent in YAML it is on, as the kernel has no switch for some."""


@dataclass(frozen=True, slots=True)
class HugepagesFact:
    """How many huge pages of one size a node holds in reserve now; zero tells that the size exists."""

    size: int
    """Bytes of one page."""
    count: int


@dataclass(frozen=True, slots=True)
class NodeFact:
    """One NUMA node that is switched on; it may have no CPU, or no memory."""

    id: int
    memory: int | None = None
    """Bytes the kernel manages there (MemTotal): the modules hold more, which firmware and kernel keep."""
    hugepages: tuple[HugepagesFact, ...] = ()


@dataclass(frozen=True, slots=True)
class InterruptFact:
    """One interrupt of a NIC. Numbers change with every boot and every change of channels."""

    number: int
    name: str | None = None
    """What /proc/interrupts calls it; None while nothing has requested it (many NICs do when they go up)."""


@dataclass(frozen=True, slots=True)
class RingsFact:
    """Most descriptors each receive and each transmit ring of a NIC can have."""

    rx: int | None = None
    tx: int | None = None


@dataclass(frozen=True, slots=True)
class QueuesFact:
    """How many queues a NIC uses now. The hardware may well give more: that is `channels`."""

    rx: int | None = None
    tx: int | None = None


@dataclass(frozen=True, slots=True)
class NicFact:
    """One Ethernet port."""

    name: str | None = None
    """What the kernel calls the interface now."""
    role: str | None = None
    """The name of the `nic` statement this port is meant for; written by people, never by probing."""
    driver: str | None = None
    pci: str | None = None
    """Address with domain, lower case: `0000:18:00.0`. The two ports of some cards share one."""
    mac: str | None = None
    """The permanent address, lower case with colons."""
    node: int | None = None
    """NUMA node; None where the firmware does not tell (the kernel's -1)."""
    speed: int | None = None
    """Bits per second of the link as it is; None while it is down."""
    channels: int | None = None
    """Most channels (interrupt with a receive and a transmit queue) the hardware gives."""
    queues: QueuesFact | None = None
    rings: RingsFact | None = None
    rss_table: int | None = None
    """Entries of the RSS indirection table."""
    interrupts: tuple[InterruptFact, ...] = ()
    xdp: bool | None = None
    """Whether the driver runs XDP programs itself (native mode)."""
    iommu_group: int | None = None
    vfs: int | None = None
    """Most SR-IOV virtual functions the device gives; 0 where the firmware gives none."""
    management: bool | None = None
    """Whether the host is reached by it."""


@dataclass(frozen=True, slots=True)
class Facts:
    """One machine, or in an inventory all machines whose names `host` stands for."""

    host: str | None = None
    """Its name, or in an inventory a name with ranges (`lb-[01..40]`), as it was written."""
    architecture: str | None = None
    """`x86-64` or `arm64`."""
    cpu_vendor: str | None = None
    """`intel`, `amd`, `arm` or `other`."""
    kernel: str | None = None
    """Major and minor version as text: `6.1`, `6.10`."""
    tick: int | None = None
    """CONFIG_HZ of the kernel."""
    systemd: int | None = None
    distribution: str | None = None
    """Word and version of the language: `debian 12`, `arch`."""
    possible: CpuSet | None = None
    """CPUs the kernel has room for. A mask must not reach beyond: EOVERFLOW, even for zero bits there."""
    cpus: tuple[CpuFact, ...] = ()
    """All CPUs that are present, those switched off too; empty where none is known."""
    nodes: tuple[NodeFact, ...] = ()
    nics: tuple[NicFact, ...] = ()

    @property
    def present(self) -> CpuSet:
        """The CPUs listed."""
        return CpuSet.of(cpu.id for cpu in self.cpus)

    @property
    def online(self) -> CpuSet:
        """The CPUs listed that are on."""
        return CpuSet.of(cpu.id for cpu in self.cpus if cpu.online)

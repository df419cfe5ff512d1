"""What a host is and what it must carry: names resolved, units converted, profiles and facts merged.

Every value that was written or told is an `Entry`: it knows its place, so that checks can point at it and reasons
can name it.
Units: bytes, bits per second, packets per second, nanoseconds.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from netc.records import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Callable

    from netc.bpf_object import BpfObject, BpfProgram
    from netc.cpulist import CpuSet
    from netc.hardware.facts import NicFact
    from netc.hardware.reading import LocatedFacts
    from netc.knowledge.distributions import Distribution
    from netc.knowledge.drivers import Driver
    from netc.knowledge.kernels import Kernel
    from netc.language.sections import Entry, Section
    from netc.language.sentences import Assignment, HousekeepingRule, KernelArgument
    from netc.source import Source, Span

T = TypeVar("T")

VFIO_PCI, UIO_HV_GENERIC, AF_XDP = "vfio-pci", "uio_hv_generic", "af_xdp"


@dataclass(frozen=True, slots=True)
class System:
    """The operating system the files are for."""

    distribution: Distribution
    named: bool
    """Whether the file or the facts name the distribution; otherwise it is `generic`."""
    kernel: Entry[str]
    systemd: Entry[int]
    tick: Entry[int | None]
    architecture: Entry[str]
    cpu_vendor: Entry[str] | None
    boot: Entry[str]
    initramfs: Entry[str]
    network: Entry[str]
    page: Entry[int]
    memory: Entry[int] | None
    """Bytes, as written or as the facts add up; None when nothing tells."""
    irqbalance: Entry[str] | None
    judged: Kernel
    """The kernel as the knowledge tables take it."""


@dataclass(frozen=True, slots=True)
class Node:
    """One NUMA node; it may have no CPUs."""

    id: int
    cpus: CpuSet
    memory: int | None = None
    """Bytes, or None when nothing tells."""


@dataclass(frozen=True, slots=True, eq=False)
class Topology:
    """CPUs, cores and nodes, from arithmetic, from `node` blocks or from facts. Hosts share theirs."""

    possible: CpuSet
    """CPUs the kernel has room for; masks may name no others."""
    online: CpuSet
    nodes: dict[int, Node]
    """By number, in ascending order; numbers may have gaps. Empty when nothing tells of nodes."""
    cores: tuple[CpuSet, ...]
    """The CPUs of each physical core, ordered by their lowest CPU."""
    place: str
    """What told it, for reasons."""
    caches: tuple[CpuSet, ...] = ()
    """The CPUs that share each third-level cache, ordered by their lowest CPU; empty where nothing tells."""

    def node_of(self, cpu: int) -> int | None:
        return next((node.id for node in self.nodes.values() if cpu in node.cpus), None)


@dataclass(frozen=True, slots=True)
class Goal:
    """One kind of traffic and what it must reach. `nic` is empty for a goal of the whole host."""

    kind: str
    section: Section
    nic: str = ""

    def entry(self, word: str) -> Entry[Any] | None:
        return self.section.entry(word)


@dataclass(frozen=True, slots=True)
class Match:
    """How a port is recognised at boot; all that is given must hold."""

    section: Section | None
    pci: Entry[str] | None = None
    mac: Entry[str] | None = None
    driver: Entry[str] | None = None
    path: Entry[str] | None = None
    vmbus: Entry[str] | None = None
    port: Entry[int] | None = None
    vf: Entry[tuple[int, str]] | None = None
    name: Entry[str] | None = None

    @property
    def names_itself(self) -> bool:
        """Whether one of the fields tells the port apart from others without another NIC's help."""
        return any((self.pci, self.mac, self.driver, self.path, self.vmbus, self.name))

    @property
    def stable(self) -> bool:
        """Whether one of the fields names the port whatever the order of probing."""
        return any((self.pci, self.mac, self.path, self.vmbus, self.vf))


@dataclass(frozen=True, slots=True)
class DropList:
    """Prefixes whose packets a program drops, from `drop` statements and the files they name."""

    prefixes: tuple[str, ...]
    """In the usual form, IPv4 before IPv6, sorted, each once."""
    entries: tuple[Entry[tuple[str, ...]], ...]
    """The statements."""


@dataclass(frozen=True, slots=True)
class XdpProgram:
    """One `xdp "FILE" { … }` of a NIC, and what stands in the object it names."""

    file: str
    """The object as written."""
    label: str
    """The object as artifacts name it."""
    section: Section
    data: bytes
    object: BpfObject
    program: BpfProgram
    """The program of the object that is attached."""
    drops: DropList

    @property
    def mode(self) -> str:
        """native | generic | offload; native unless written."""
        entry = self.section.entry("mode")
        return str(entry.value) if entry is not None else "native"

    @property
    def priority(self) -> int:
        """The place among several programs; lower runs first. 50 is xdp-loader's for one it is told nothing of."""
        entry = self.section.entry("priority")
        return int(entry.value) if entry is not None else 50


@dataclass(frozen=True)
class Nic:
    """One network port: what was written, and what the facts of the machine add."""

    name: str
    section: Section
    match: Match
    fact: NicFact | None
    driver: Entry[str] | None
    knowledge: Driver | None
    """What netc knows of the driver; None for one it does not know, or where none is named."""
    speed: Entry[int] | None
    node: Entry[int] | None
    channels: Entry[int] | None
    """The most channels the hardware gives, as written (`vectors`) or as the facts tell."""
    goals: tuple[Goal, ...] = ()
    programs: tuple[XdpProgram, ...] = ()
    """In the order in which they run. Statements whose object is broken are reported and not among them."""

    def entry(self, *key: str) -> Entry[Any] | None:
        return self.section.entry(*key)

    def within(self, block: str, *key: str) -> Entry[Any] | None:
        """An entry of one of its blocks: `within("rings", "rx")`."""
        section = self.section.section(block)
        return section.entry(*key) if section is not None else None

    def state(self, block: str) -> Entry[Any] | None:
        """The word that stands for one of its blocks: `rps on`."""
        section = self.section.section(block)
        return section.state if section is not None else None

    @property
    def interface(self) -> str:
        """The name artifacts use; empty where `rename keep` leaves the system's."""
        rename = self.entry("rename")
        if rename is None:
            return self.name
        return "" if rename.value == "keep" else str(rename.value)

    @property
    def flagged_management(self) -> bool:
        return self.entry("management") is not None or bool(self.fact and self.fact.management)

    @property
    def span(self) -> Span | None:
        return self.section.span

    @property
    def has_files(self) -> bool:
        """Whether files are written for it as a port of the kernel: not where DPDK takes its device."""
        return not self.given_to_dpdk or self.bifurcated

    @property
    def has_kernel_queues(self) -> bool:
        """Whether files are written for its queues too: of a bifurcated port they are the application's."""
        return self.has_files and not self.given_to_dpdk

    @property
    def dpdk_driver(self) -> str:
        """What DPDK works the port with, as written or as its driver asks for; empty where it is not handed over.

        The driver that is bound in place of the kernel's, the kernel's own where that is bifurcated, or `af_xdp`,
        with which a port stays the kernel's and hands an application its queues by sockets.
        """
        section = self.section.section("dpdk")
        if section is None or (section.state is not None and section.state.value == "off"):
            return ""
        written = section.entry("driver")
        if written is not None:
            return str(written.value)
        model = self.knowledge.dpdk.model if self.knowledge is not None else ""
        if model == "bifurcated" and self.driver is not None:
            return self.driver.value
        return UIO_HV_GENERIC if model == "vmbus" else VFIO_PCI

    @property
    def given_to_dpdk(self) -> bool:
        """Whether an application polls its queues in place of the kernel."""
        return self.dpdk_driver not in ("", AF_XDP)

    @property
    def bifurcated(self) -> bool:
        """Whether an application polls its queues while the kernel's driver stays bound and keeps the interface."""
        return self.given_to_dpdk and self.driver is not None and self.dpdk_driver == self.driver.value


@dataclass(frozen=True)
class Host:
    """One host of a run."""

    name: str
    span: Span
    section: Section
    sources: tuple[str, ...]
    """Labels of the files that declare it."""
    system: System
    topology: Topology | None
    """None when neither the file nor facts tell of CPUs."""
    nics: tuple[Nic, ...]
    goals: tuple[Goal, ...]
    """Goals of the host, then those of its NICs."""
    housekeeping: Entry[CpuSet | HousekeepingRule] | None
    isolate: Entry[CpuSet | str] | None
    assignments: tuple[Entry[Assignment], ...]
    kernel_arguments: tuple[Entry[KernelArgument], ...]
    facts: LocatedFacts | None = None
    unread: frozenset[Source] = frozenset()
    """Files of which a statement could not be read, so that what is missing there may be just that."""
    remembered: dict[str, Any] = field(default_factory=dict, repr=False)
    """Answers about the host that checks and planners ask for more than once. Hosts of one range share them."""

    def once(self, key: str, reckon: Callable[[], T]) -> T:
        """An answer about the host that is asked for more than once, reckoned at the first time."""
        found: T | None = self.remembered.get(key)
        if found is None:
            found = self.remembered[key] = reckon()
        return found

    def may_be_unread(self, place: Span | None) -> bool:
        """Whether what is missing at a place may be a statement that could not be read, which has been said."""
        return place is not None and place.source in self.unread

    def is_twin_of(self, other: Host) -> bool:
        """Whether one was made from the other by giving it another name."""
        return self.section is other.section and self.nics is other.nics and self.system is other.system

    @cached_property
    def cpu_section(self) -> Section | None:
        return self.section.section("cpu")

    def cpu_entry(self, *key: str) -> Entry[Any] | None:
        return self.cpu_section.entry(*key) if self.cpu_section is not None else None

    def uses(self, *words: str) -> bool:
        """Whether a statement of the host, of a NIC or of its `match` begins with one of the words; none: always."""
        return not words or not self.once("words", self._words).isdisjoint(words)

    def _words(self) -> set[str]:
        sections = [self.section, *(nic.section for nic in self.nics)]
        sections += [nic.match.section for nic in self.nics if nic.match.section is not None]
        return {key[0] for section in sections for key in section.entries}

    def nic(self, name: str) -> Nic | None:
        return next((nic for nic in self.nics if nic.name == name), None)

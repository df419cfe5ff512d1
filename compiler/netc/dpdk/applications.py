"""The DPDK applications of a host: their ports, their CPUs and what is written about their memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netc.cpulist import CpuSet
from netc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.language.sections import Entry, Section
    from netc.language.sentences import Amount
    from netc.model import Host, Nic


@dataclass(frozen=True, slots=True)
class DpdkApplication:
    """One `dpdk "UNIT" { … }` of a host."""

    unit: str
    section: Section
    nics: tuple[Nic, ...]
    """The ports it names, as far as the host has them, in the order written."""

    def entry(self, *key: str) -> Entry[Any] | None:
        return self.section.entry(*key)

    @property
    def lcores(self) -> CpuSet:
        entry = self.section.entry("lcores")
        return entry.value if entry is not None else CpuSet()

    @property
    def memory(self) -> list[Entry[Amount]]:
        """What is written of its memory, for a node or for all."""
        return self.section.entries_of("memory")

    @property
    def group(self) -> str:
        entry = self.section.entry("group")
        return str(entry.value) if entry is not None else ""

    def permits(self, word: str) -> bool:
        """Whether `no-iommu` or `siblings` is on."""
        entry = self.section.entry(word)
        return entry is not None and bool(entry.value)

    def devargs(self, nic: Nic) -> str:
        """The device arguments that are written for one of its ports; empty for none."""
        entry = self.section.entry("devargs", nic.name)
        return str(entry.value[1]) if entry is not None else ""


def applications(host: Host) -> tuple[DpdkApplication, ...]:
    """The applications of a host, in the order written."""
    return host.once("applications", lambda: tuple(_applications(host)))


def _applications(host: Host) -> Iterator[DpdkApplication]:
    for unit, section in host.section.sections_of("dpdk"):
        yield DpdkApplication(unit, section, _nics(host, section))


def application_of(host: Host, nic: Nic) -> DpdkApplication | None:
    """The first application that names the NIC."""
    return next((each for each in applications(host) if any(nic is named for named in each.nics)), None)


def kernel_name(nic: Nic) -> str:
    """The interface of a port that stays the kernel's; empty where nothing tells."""
    return nic.interface or (str(nic.match.name.value) if nic.match.name is not None else "")


def told_node(host: Host, nic: Nic) -> int | None:
    """The node that is told of a port; a virtual function is where its physical one is."""
    nodes = host.topology.nodes if host.topology is not None else {}
    owner = host.nic(nic.match.vf.value[1]) if nic.match.vf is not None else None
    entry = nic.node or (owner.node if owner is not None else None)
    return int(entry.value) if entry is not None and entry.value in nodes else None


def _nics(host: Host, section: Section) -> tuple[Nic, ...]:
    entry = section.entry("nics")
    named = entry.value if entry is not None else ()
    return tuple(nic for name in named if (nic := host.nic(name)) is not None)

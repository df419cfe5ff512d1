"""The ports of a host, and the CPUs they are joined to: as placement says, or those of a DPDK application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.cpulist import CpuSet
from netc.diagnostics import quotable
from netc.dpdk.applications import application_of
from netc.placement import placements
from netc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from netc.model import Host, Nic, Topology
    from netc.placement import Placement


@dataclass(frozen=True, slots=True)
class Link:
    """Queues of one port that one CPU serves, or a port of DPDK and a CPU of its application."""

    port: int
    """Place of the port among those of the host."""
    cpu: int
    queues: tuple[int, ...]
    """Empty for DPDK, and where nothing tells how many queues there will be: then the CPU may serve one."""
    crossing: bool
    """Whether the CPU is on another node than the NIC; never where one of the two nodes is not known."""


@dataclass(frozen=True, slots=True)
class Port:
    """One NIC."""

    nic: Nic
    mark: str
    """What its queues are called by: a letter, two from the 27th port on."""
    node: int | None
    """The node it is drawn at: its own, or the only one there is."""
    links: tuple[Link, ...]
    placement: Placement | None
    application: str
    """For a port of DPDK, the unit that gets it; empty where none is written."""
    rps: str
    """The CPUs that its packets are handed on to, as a list; empty where those of the queues keep them."""

    @property
    def queues(self) -> int:
        """How many queues are joined to a CPU."""
        return sum(len(link.queues) for link in self.links)

    @property
    def crossings(self) -> int:
        """How many queues are served on another node than the NIC's."""
        return sum(len(link.queues) for link in self.links if link.crossing)


def ports_of(host: Host, topology: Topology, rps: Mapping[str, str]) -> tuple[Port, ...]:
    """Every NIC of the host, in the order of the file."""
    node_of = {cpu: node.id for node in topology.nodes.values() for cpu in node.cpus}
    return tuple(_port(host, topology, number, node_of, rps.get(nic.name, "")) for number, nic in enumerate(host.nics))


def _port(host: Host, topology: Topology, number: int, node_of: dict[int, int], rps: str) -> Port:
    nic = host.nics[number]
    home = nic.node.value if nic.node is not None and nic.node.value in topology.nodes else None
    if home is None and len(topology.nodes) == 1:
        home = next(iter(topology.nodes))
    application, cpus, placement = "", dict[int, tuple[int, ...]](), None
    if nic.given_to_dpdk:
        found = application_of(host, nic)
        application, lcores = (quotable(found.unit), found.lcores) if found is not None else ("", CpuSet())
        cpus = {cpu: () for core in topology.cores for cpu in core & lcores}
    else:
        placement = placements(host).get(nic.name)
        if placement is not None:
            cpus = _served(placement)
    links = tuple(
        Link(number, cpu, queues, home is not None and node_of.get(cpu, home) != home) for cpu, queues in cpus.items()
    )
    return Port(nic, _mark(number), home, links, placement, application, rps)


def _served(placement: Placement) -> dict[int, tuple[int, ...]]:
    """CPU → its queues."""
    if placement.queues is None:
        return dict.fromkeys(placement.used, ())
    found: dict[int, list[int]] = {}
    for queue in range(placement.queues):
        found.setdefault(placement.cpu_of(queue), []).append(queue)
    return {cpu: tuple(queues) for cpu, queues in found.items()}


def _mark(number: int) -> str:
    """A to Z, then AA, AB and so on."""
    letters = ""
    number += 1
    while number:
        number, letter = divmod(number - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters

"""The lcores of applications: which one leads, what shares their cores, and which CPUs would fit.

Sources: DPDK's lib/eal/common/eal_common_options.c and eal_common_lcore.c, 20.11 to 26.07.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.cpulist import CpuSet
from netc.demand import FULL_FRAME_BITS, SMALLEST_FRAME_BITS, asked, traffic_nics
from netc.dpdk.applications import applications, told_node
from netc.language.sentences import HousekeepingRule
from netc.records import dataclass
from netc.serving import housekeeping_cpus

if TYPE_CHECKING:
    from netc.demand import Asked
    from netc.dpdk.applications import DpdkApplication
    from netc.model import Host, Nic

MOST_LCORES = 128
"""Lcores are numbered below it: RTE_MAX_LCORE of DPDK's configuration for x86; that of generic arm64 is 256."""
PACKETS_PER_LCORE = 43_500_000
"""Packets a second that one core has been shown to take with DPDK while it drops them all: Høiland-Jørgensen and
others, The eXpress Data Path, CoNEXT 2018, section 4.1. Whoever looks into packets takes fewer."""


def main_lcore(application: DpdkApplication) -> int:
    """The CPU of the main thread: as written, else the first, which is EAL's choice too."""
    entry = application.entry("main-lcore")
    return int(entry.value) if entry is not None else next(iter(application.lcores), 0)


def nodes_of_ports(host: Host, application: DpdkApplication) -> dict[str, int]:
    """The node of each port of which it is known, by name."""
    return {nic.name: node for nic in application.nics if (node := told_node(host, nic)) is not None}


def fitting_lcores(host: Host, application: DpdkApplication) -> CpuSet:
    """CPUs that would do: one of each core on the nodes of its ports, that nobody else has, as many as it needs.

    One for each port, one that leads, and as many as the load takes.
    """
    topology = host.topology
    if topology is None:
        return CpuSet()
    taken = _taken(host, application)
    nodes = set(nodes_of_ports(host, application).values())
    near = CpuSet()
    for node in nodes:
        near |= topology.nodes[node].cpus
    free = [core & topology.online for core in topology.cores if not core & taken and core & topology.online]
    local = [core for core in free if core & near] or free
    load = load_on(host, application)
    wanted = max(len(application.nics) + 1, -(-load.packets // PACKETS_PER_LCORE) if load is not None else 1)
    return CpuSet.of(next(iter(core)) for core in local[:wanted])


def _taken(host: Host, application: DpdkApplication) -> CpuSet:
    """CPUs that have another duty. What isolates them may mean just this application."""
    assert host.topology is not None  # noqa: S101 - asked only where there are CPUs
    taken = housekeeping_cpus(host)
    if host.housekeeping is None or isinstance(host.housekeeping.value, HousekeepingRule):
        taken |= next((core for core in host.topology.cores if 0 in core), CpuSet())
    for other in applications(host):
        if other is not application:
            taken |= other.lcores
    for nic in host.nics:
        written = nic.within("irq", "cpus")
        if written is not None and isinstance(written.value, CpuSet) and not nic.given_to_dpdk:
            taken |= written.value
    return taken


@dataclass(frozen=True, slots=True)
class PortLoad:
    """What the ports of an application receive together."""

    packets: int
    """A second."""
    asked: Asked
    """The largest demand among them."""


def load_on(host: Host, application: DpdkApplication) -> PortLoad | None:
    """The packets its ports receive by the goals; None where none tells.

    A goal of one NIC is that port's. A goal of the host is its only application's, where no port of the kernel carries
    traffic.
    """
    ports = [found for nic in application.nics if (found := _demand(host, nic.name, nic)) is not None]
    alone = len(applications(host)) == 1 and all(nic.flagged_management for nic in traffic_nics(host))
    if not ports and alone:
        ports = [found for found in [_demand(host, "", None)] if found is not None]
    return PortLoad(sum(each.packets for each in ports), ports[0].asked) if ports else None


def _demand(host: Host, owner: str, nic: Nic | None) -> PortLoad | None:
    """The largest demand of the goals of one port, or of those of the host; a link brings no more than it carries."""
    found: list[PortLoad] = []
    for word, bits in (("packets", SMALLEST_FRAME_BITS), ("throughput", FULL_FRAME_BITS)):
        for demand in asked(host, word):
            packets = demand.value if word == "packets" else demand.value // bits
            if nic is not None and nic.speed is not None:
                packets = min(packets, nic.speed.value // bits)
            if demand.goal.nic == owner:
                found.append(PortLoad(packets, demand))
    return max(found, key=lambda each: each.packets, default=None)

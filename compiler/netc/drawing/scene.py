"""What is to be seen of a host, without a place on the page: panels of cores, ports, and what joins them."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from netc.cpulist import CpuSet
from netc.drawing.links import ports_of
from netc.drawing.sockets import sockets_of
from netc.records import dataclass
from netc.serving import housekeeping_cpus, isolated_cpus, lcores

if TYPE_CHECKING:
    from collections.abc import Mapping

    from netc.drawing.links import Link, Port
    from netc.model import Host, Node, Topology


class Role(Enum):
    """What a CPU is set aside for; the value is the word in its box. Where several hold the first is drawn."""

    OFFLINE = "off"
    DPDK = "dpdk"
    ISOLATED = "isol"
    HOUSEKEEPING = "house"


@dataclass(frozen=True, slots=True)
class Cpu:
    """One hardware thread."""

    id: int
    core: CpuSet
    node: int | None
    socket: int | None
    roles: tuple[Role, ...]
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Cores of a panel that share a third-level cache, or a socket where the node spans several."""

    label: str
    """Empty where the panel has nothing to tell apart."""
    cores: tuple[tuple[Cpu, ...], ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """One NUMA node, or the CPUs that belong to none."""

    node: Node | None
    cpus: CpuSet
    cores: int
    sockets: tuple[int, ...]
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """A host as it is drawn."""

    host: Host
    panels: tuple[Panel, ...]
    """By socket, then by node; CPUs without a node come last."""
    ports: tuple[Port, ...]

    @property
    def cpus(self) -> tuple[Cpu, ...]:
        """All of them, panel by panel."""
        return tuple(cpu for panel in self.panels for group in panel.groups for core in group.cores for cpu in core)

    def ports_at(self, panel: Panel | None) -> list[tuple[int, Port]]:
        """The ports that stand in a panel, with their places; for None those that stand outside of all."""
        nodes = {other.node.id for other in self.panels if other.node is not None}
        if panel is None:
            alone = len(self.panels) == 1
            return [(n, port) for n, port in enumerate(self.ports) if port.node not in nodes and not alone]
        if len(self.panels) == 1:
            return list(enumerate(self.ports))
        return [(n, port) for n, port in enumerate(self.ports) if panel.node is not None and port.node == panel.node.id]


def scene_of(host: Host, rps: Mapping[str, str]) -> Scene:
    """All there is to draw of a host whose topology is known."""
    topology = host.topology
    assert topology is not None  # noqa: S101 - the command asks before
    ports = ports_of(host, topology, rps)
    links: dict[int, list[Link]] = {}
    for port in ports:
        for link in port.links:
            links.setdefault(link.cpu, []).append(link)
    roles, sockets = _roles(host, topology), sockets_of(host)
    node_of = {cpu: node.id for node in topology.nodes.values() for cpu in node.cpus}
    cpus = {
        cpu: Cpu(cpu, core, node_of.get(cpu), sockets.get(cpu), roles.get(cpu, ()), tuple(links.get(cpu, ())))
        for core in topology.cores
        for cpu in core
    }
    panels = [_panel(topology, node, cpus) for node in topology.nodes.values()]
    panels.sort(key=lambda panel: panel.sockets[:1] or (len(cpus),))
    if any(cpu.node is None for cpu in cpus.values()):
        panels.append(_panel(topology, None, cpus))
    return Scene(host, tuple(panels), ports)


def _roles(host: Host, topology: Topology) -> dict[int, tuple[Role, ...]]:
    offline = CpuSet.of(cpu for core in topology.cores for cpu in core - topology.online)
    sets = {
        Role.OFFLINE: offline,
        Role.DPDK: lcores(host),
        Role.ISOLATED: isolated_cpus(host),
        Role.HOUSEKEEPING: housekeeping_cpus(host),
    }
    found: dict[int, tuple[Role, ...]] = {}
    for role, cpus in sets.items():
        for cpu in cpus:
            found[cpu] = (*found.get(cpu, ()), role)
    return found


def _panel(topology: Topology, node: Node | None, cpus: dict[int, Cpu]) -> Panel:
    """The panel of a node; of a core whose CPUs are on two nodes each shows those it has."""
    number = node.id if node is not None else None
    parts = [tuple(cpus[cpu] for cpu in core if cpus[cpu].node == number) for core in topology.cores]
    cores = [core for core in parts if core]
    sockets = sorted({cpu.socket for core in cores for cpu in core if cpu.socket is not None})
    cache_of = {cpu: number for number, cache in enumerate(topology.caches) for cpu in cache}
    caches = {cache_of.get(core[0].id) for core in cores}
    groups: dict[tuple[int | None, int | None], list[tuple[Cpu, ...]]] = {}
    for core in cores:
        socket = core[0].socket if len(sockets) > 1 else None
        cache = cache_of.get(core[0].id) if len(caches) > 1 else None
        groups.setdefault((socket, cache), []).append(core)
    return Panel(
        node,
        CpuSet.of(cpu.id for core in cores for cpu in core),
        len(cores),
        tuple(sockets),
        tuple(Group(_label(*key), tuple(members)) for key, members in groups.items()),
    )


def _label(socket: int | None, cache: int | None) -> str:
    told = [f"socket {socket}"] if socket is not None else []
    return ", ".join([*told, "L3"] if cache is not None else told)

"""Which socket each CPU is in, where something tells: the model knows nodes and cores only."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netc.model import Host, Topology


def sockets_of(host: Host) -> dict[int, int]:
    """Socket of each CPU, by the facts or by the arithmetic of `sockets`; empty where neither tells."""
    if host.facts is not None and host.facts.facts.cpus:
        return {cpu.id: cpu.socket for cpu in host.facts.facts.cpus if cpu.socket is not None}
    if host.topology is None or host.cpu_section is None or host.cpu_section.sections_of("node"):
        return {}
    return _by_arithmetic(host, host.topology)


def _by_arithmetic(host: Host, topology: Topology) -> dict[int, int]:
    """Cores are numbered socket by socket, but where nodes alternate: then a node lies in one socket, or in none
    that could be told."""
    written = host.cpu_entry("sockets")
    sockets = int(written.value) if written is not None else 1
    numbering = host.cpu_entry("numbering")
    each, nodes = max(len(topology.cores) // sockets, 1), len(topology.nodes)
    found: dict[int, int] = {}
    for number, core in enumerate(topology.cores):
        if numbering is None or numbering.value != "node-interleaved":
            socket = number // each
        elif nodes % sockets == 0:
            socket = number % nodes * sockets // nodes
        else:
            return {}
        found |= dict.fromkeys(core, socket)
    return found

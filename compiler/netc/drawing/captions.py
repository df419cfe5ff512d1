"""What a picture says in words: headings, what stands in the box of a NIC, and what a pointer over a part tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.cpulist import CpuSet, spoken
from netc.diagnostics import quotable
from netc.drawing.scene import Role
from netc.layers import needed_layer
from netc.serving import idle_siblings
from netc.units import counted, show_bit_rate, show_size

if TYPE_CHECKING:
    from netc.drawing.geometry import Wire
    from netc.drawing.links import Link, Port
    from netc.drawing.scene import Cpu, Panel, Scene
    from netc.model import Host


def target(host: Host) -> str:
    """The system the host runs: `debian 12, kernel 6.1, systemd 252, x86-64`."""
    system = host.system
    name = " ".join(filter(None, (system.distribution.name, system.distribution.release)))
    return f"{name}, kernel {system.kernel.value}, systemd {system.systemd.value}, {system.architecture.value}"


def summary(scene: Scene) -> str:
    """How much of everything there is."""
    cpus = scene.cpus
    sockets = {socket for panel in scene.panels for socket in panel.sockets}
    nodes = sum(panel.node is not None for panel in scene.panels)
    parts = [counted(len(sockets), "socket")] if sockets else []
    parts += [counted(nodes, "node")] if nodes else []
    parts += [counted(sum(panel.cores for panel in scene.panels), "core"), counted(len(cpus), "CPU")]
    offline = sum(Role.OFFLINE in cpu.roles for cpu in cpus)
    if offline:
        parts[-1] += f" ({offline} offline)"
    nics = f"{', '.join(parts)}; {counted(len(scene.ports), 'NIC')}"
    untold = sum(not port.queues and bool(port.links) and not port.application for port in scene.ports)
    told = counted(_queues(scene), "queue")
    others = f" and those of {counted(untold, 'NIC')} not told" if untold else ""
    if untold and not _queues(scene):
        return f"{nics}, queues not told"
    return f"{nics}, {told}{others}"


def crossings(scene: Scene) -> tuple[str, bool]:
    """What crosses from node to node, and whether that is a reason to look."""
    count = sum(port.crossings for port in scene.ports)
    found = []
    if count:
        verb = "is" if count == 1 else "are"
        found.append(f"{count} of {counted(_queues(scene), 'queue')} {verb} served on another node than the NIC's")
    apart = [port for port in scene.ports if port.nic.given_to_dpdk and any(link.crossing for link in port.links)]
    if apart:
        verb = "has" if len(apart) == 1 else "have"
        found.append(f"{counted(len(apart), 'NIC')} of DPDK {verb} lcores on another node")
    if found:
        return "; ".join(found), True
    unknown = scene.ports_at(None)
    if unknown:
        verb = "is" if len(unknown) == 1 else "are"
        return (
            f"The node of {counted(len(unknown), 'NIC')} is not known, so whether queues cross nodes is not either",
            True,
        )
    if len(scene.panels) > 1 and _queues(scene):
        return "Every queue is served on the node of its NIC", False
    return "", False


def _queues(scene: Scene) -> int:
    return sum(port.queues for port in scene.ports)


def layer(host: Host) -> str:
    """The last layer that the goals need, and why."""
    found = needed_layer(host)
    return f"Layer {found.name}: {found.reason.replace('`', '')}"


def panel_name(panel: Panel | None) -> tuple[str, str]:
    """The name of a panel, and what it belongs to."""
    if panel is None:
        return "node not known", ""
    if panel.node is None:
        return ("on no node" if panel.sockets else "nodes not known"), ""
    sockets = ",".join(map(str, panel.sockets))
    return f"node {panel.node.id}", f"socket{'s' * (len(panel.sockets) > 1)} {sockets}" if sockets else ""


def panel_content(panel: Panel) -> str:
    """Cores, CPUs and memory of a panel."""
    parts = [f"{counted(panel.cores, 'core')}, {spoken(panel.cpus)}"] if panel.cpus else ["no CPUs"]
    if panel.node is not None and panel.node.memory is not None:
        parts.append(f"{show_size(panel.node.memory)} of memory")
    return "; ".join(parts)


def port_lines(port: Port) -> list[tuple[str, bool]]:
    """What stands below the name of a NIC, and whether it is a warning."""
    nic = port.nic
    speed = show_bit_rate(nic.speed.value) if nic.speed is not None else "speed not told"
    lines = [(f"{quotable(nic.driver.value) if nic.driver is not None else 'driver not told'}, {speed}", False)]
    cpus = CpuSet.of(link.cpu for link in port.links)
    away = sum(max(len(link.queues), 1) for link in port.links if link.crossing)
    if nic.given_to_dpdk:
        whose = f" of {port.application}" if port.application else ""
        lines.append((f"lcores {cpus}{whose}", False) if cpus else (f"no lcores{whose}", True))
        if away:
            lines.append((f"{away} of {counted(len(cpus), 'lcore')} on another node", True))
        return lines
    if not cpus:
        return [*lines, ("no CPU may serve it", True)]
    if port.queues:
        lines.append((f"{counted(port.queues, 'queue')} on {spoken(cpus)}", False))
    else:
        lines.append((f"queues not told, on {spoken(cpus)}", False))
    if port.rps:
        lines.append((f"RPS hands packets to {spoken(CpuSet.parse(port.rps))}", False))
    if away:
        what = f"{counted(port.queues, 'queue')}" if port.queues else spoken(cpus)
        lines.append((f"{away} of {what} on another node", True))
    return lines


def port_flag(port: Port) -> str:
    """What sets a NIC apart from the others."""
    if port.nic.given_to_dpdk:
        return "DPDK"
    return "management" if port.nic.flagged_management else ""


def about_port(port: Port) -> str:
    """All of a NIC."""
    nic = port.nic
    told = [f"{nic.name} ({port.mark})", *(text for text, _ in port_lines(port))]
    told.append(f"node {nic.node.value}" if nic.node is not None else "node not told")
    if nic.match.pci is not None:
        told.append(f"PCI {nic.match.pci.value}")
    if port_flag(port):
        told.append(port_flag(port))
    if port.placement is not None:
        told.append(f"may be served by {port.placement.serving.reason}")
    return "\n".join(told)


def about_cpu(scene: Scene, cpu: Cpu) -> str:
    """All of a CPU: where it is, what it is set aside for and why, and what it serves."""
    told = [f"CPU {cpu.id}"]
    siblings = cpu.core - CpuSet.of([cpu.id])
    told.append(f"sibling of {spoken(siblings)}" if siblings else "alone on its core")
    place = [f"node {cpu.node}"] if cpu.node is not None else ["on no known node"]
    told.append(", ".join([*place, f"socket {cpu.socket}"] if cpu.socket is not None else place))
    told += [_reason(scene.host, cpu.id, role) for role in cpu.roles]
    told += [about_link(scene, link) for link in cpu.links]
    told += [f"takes packets of {port.nic.name} (RPS)" for port in scene.ports if cpu.id in CpuSet.parse(port.rps)]
    return "\n".join(told)


def about_link(scene: Scene, link: Link) -> str:
    """What a CPU does for a port."""
    port = scene.ports[link.port]
    away = " on another node" if link.crossing else ""
    if port.nic.given_to_dpdk:
        return f"lcore of {port.nic.name}{away}"
    if not link.queues:
        return f"may serve queues of {port.nic.name}{away}"
    queues = ", ".join(map(str, link.queues))
    return f"serves queue{'s' * (len(link.queues) > 1)} {queues} of {port.nic.name}{away}"


def about_wire(scene: Scene, wire: Wire) -> str:
    """What a wire joins."""
    port, cpus = scene.ports[wire.bundle.port], CpuSet.of(wire.cpus)
    away = ", on another node" if wire.bundle.crossing else ""
    if wire.queues:
        queues = ", ".join(map(str, wire.queues))
        return f"queue{'s' * (len(wire.queues) > 1)} {queues} of {port.nic.name}: {spoken(cpus)}{away}"
    if port.nic.given_to_dpdk:
        return f"{port.nic.name}: lcores {cpus}{away}"
    return f"{port.nic.name}: may be served by {spoken(cpus)}{away}"


def _reason(host: Host, cpu: int, role: Role) -> str:
    if role is Role.OFFLINE:
        return "offline: no task and no interrupt runs there"
    if role is Role.DPDK:
        names = [
            quotable(name)
            for name, section in host.section.sections_of("dpdk")
            if (entry := section.entry("lcores")) is not None and cpu in entry.value
        ]
        return f"lcore of {', '.join(names)}"
    if role is Role.ISOLATED:
        if host.isolate is not None and cpu not in idle_siblings(host):
            return f"isolated ({host.isolate.place})"
        return "isolated: idle beside an lcore on its core" if cpu in idle_siblings(host) else "isolated"
    if host.housekeeping is not None:
        return f"housekeeping ({host.housekeeping.place})"
    return (
        "housekeeping: the lowest core of each node, which `isolate`, `dpdk` and `goal low-latency` leave to the system"
    )

"""The layers of receiving packets, and which is the last one that a host's goals need.

The planning numbers are orders of magnitude from published measurements, not promises: they decide advice,
never an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.demand import load_of, traffic_nics
from netc.records import dataclass
from netc.serving import serving_cpus
from netc.units import show_count

if TYPE_CHECKING:
    from netc.demand import Load
    from netc.model import Host, Nic

STACK_PER_CORE = 1_000_000
"""Packets a second that the kernel's stack takes on one core."""
XDP_PER_CORE = 10_000_000
"""Packets a second that an XDP program handles on one core."""
ONE_CORE = 300_000
"""Packets a second that need no spreading at all."""

KERNEL, QUEUES, XDP, DPDK = "kernel", "queues", "xdp", "dpdk"
ORDER = (KERNEL, QUEUES, XDP, DPDK)


@dataclass(frozen=True, slots=True)
class Layer:
    """The last layer needed, and why."""

    name: str
    reason: str
    nic: Nic | None = None
    load: Load | None = None
    cores: int = 0


def needed_layer(host: Host) -> Layer:
    """The layer that the most demanding NIC needs; DPDK where a port is handed to an application."""
    handed = [nic for nic in host.nics if nic.given_to_dpdk]
    if handed:
        names = ", ".join(f"`{nic.name}`" for nic in handed)
        return Layer(DPDK, f"applications poll the queues of {names}", handed[0])
    found = needed_layers(host)
    if not found:
        return Layer(KERNEL, "no goal tells a packet rate or throughput, so kernel settings are all there is to derive")
    return max(found, key=lambda layer: ORDER.index(layer.name))


def needed_layers(host: Host) -> list[Layer]:
    """The layer that each NIC needs whose load a goal tells."""
    return [layer for nic in traffic_nics(host) if (layer := _of_nic(host, nic)) is not None]


def _of_nic(host: Host, nic: Nic) -> Layer | None:
    load = load_of(host, nic)
    if load is None:
        return None
    serving = serving_cpus(host, nic)
    rate = f"{show_count(load.packets)} packets a second on nic `{nic.name}`"
    if load.packets <= ONE_CORE:
        return Layer(KERNEL, f"{rate} are within what one core receives", nic, load, 1)
    if serving is None or not serving.cores:
        return Layer(QUEUES, f"{rate} are beyond one core, and nothing tells how many cores there are", nic, load)
    cores = serving.cores
    several = f"{cores} core{'s' * (cores > 1)}"
    if load.packets <= cores * STACK_PER_CORE:
        reason = f"{rate} are within {several} × {show_count(STACK_PER_CORE)}/s of the kernel's stack"
        return Layer(QUEUES, reason, nic, load, cores)
    if load.packets <= cores * XDP_PER_CORE:
        reason = (
            f"{rate} are beyond {several} × {show_count(STACK_PER_CORE)}/s of the kernel's stack, and within "
            f"{show_count(XDP_PER_CORE)}/s for each core of an XDP program"
        )
        return Layer(XDP, reason, nic, load, cores)
    reason = f"{rate} are beyond {several} × {show_count(XDP_PER_CORE)}/s of an XDP program"
    return Layer(DPDK, reason, nic, load, cores)

"""How many queues a NIC can have, and how many it will have: the answer that checks and planners share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.demand import serving_cpus

if TYPE_CHECKING:
    from netc.model import Host, Nic


def channel_limit(nic: Nic) -> int | None:
    """The most channels there can be: told by `vectors` or facts, else the driver's own bound; None: not known."""
    known = nic.knowledge.channels.maximum if nic.knowledge is not None else None
    if nic.channels is None:
        return known
    return nic.channels.value if known is None else min(nic.channels.value, known)


def channels_settable(host: Host, nic: Nic) -> bool:
    """Whether `ethtool -L` works; of a driver that netc does not know it is taken to."""
    return nic.knowledge is None or nic.knowledge.channels.settable(host.system.kernel.value)


def queues_of(host: Host, nic: Nic) -> int | None:
    """The queues the NIC will have: as written, else one for each core that may serve it, as far as the device
    has them, which is what netc sets and drivers open by themselves. None where nothing tells."""
    limit = channel_limit(nic)
    if not channels_settable(host, nic):
        return limit
    written = nic.entry("queues")
    if written is not None and isinstance(written.value, int):
        return int(written.value)
    if written is not None and written.value == "max":
        return limit
    serving = serving_cpus(host, nic)
    if serving is None or not serving.cores:
        return limit if limit == 1 else None
    return serving.cores if limit is None else min(serving.cores, limit)

"""Packets between NICs: forwarding itself, LRO off, and room for neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.demand import Asked, largest, places_of, switched_on, traffic_nics
from netc.plan import Why
from netc.planning.arithmetic import power_of_two
from netc.planning.draft import Draft, Want
from netc.planning.nics import offload_is_written, set_nic

if TYPE_CHECKING:
    from netc.model import Nic

LEAST_THRESHOLD = 1024
"""`gc_thresh3` as the kernel has it."""


def plan_forwarding(draft: Draft) -> None:
    found = switched_on(draft.host, "forwarding")
    if found:
        _forward(draft, places_of(found))
    neighbours = largest(draft.host, "neighbours")
    if neighbours is not None:
        _neighbours(draft, neighbours)


def _forward(draft: Draft, places: tuple[str, ...]) -> None:
    reason = (
        "packets pass between NICs; the kernel turns LRO off everywhere and resets redirects with this key, so it "
        "is written before every other key of conf"
    )
    draft.sysctl("net.ipv4.ip_forward", 1, Why(places, "forwarding", reason), Want.EXACTLY)
    reason = "the same for IPv6; a forwarding interface takes no router advertisements unless its accept_ra is 2"
    draft.sysctl("net.ipv6.conf.all.forwarding", 1, Why(places, "forwarding", reason), Want.EXACTLY)
    for nic in traffic_nics(draft.host):
        _lro_off(draft, nic, places)


def _lro_off(draft: Draft, nic: Nic, places: tuple[str, ...]) -> None:
    """Merged packets cannot be forwarded; GRO undoes what it merged, LRO does not."""
    kernel = draft.host.system.kernel.value
    if nic.knowledge is None or not nic.knowledge.has("lro", kernel) or offload_is_written(nic, "lro"):
        return
    reason = "packets that LRO merged cannot be taken apart again for forwarding; GRO does the same work and can"
    set_nic(draft, nic, "offload.lro", "off", Why(places, "no LRO with forwarding", reason))


def _neighbours(draft: Draft, neighbours: Asked) -> None:
    most = max(power_of_two(2 * neighbours.value), LEAST_THRESHOLD)
    reason = (
        f"twice the {neighbours.value} neighbours, as a power of two; beyond it the kernel refuses new ones "
        '("neighbor table overflow"); each family has its own table'
    )
    thresholds = (
        ("gc_thresh1", most // 4, "below this number no entry is ever dropped"),
        ("gc_thresh2", most // 2, "above this number unused entries go after 5 s"),
        ("gc_thresh3", most, "the table holds no more than this"),
    )
    for family in ("ipv4", "ipv6"):
        for name, value, what in thresholds:
            key = f"net.{family}.neigh.default.{name}"
            why = Why((neighbours.entry.place,), "neighbour table", f"{what}: {reason}")
            draft.sysctl(key, value, why, Want.AT_LEAST)

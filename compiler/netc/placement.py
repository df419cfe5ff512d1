"""Which CPU serves which queue: the answer that checks, planners and pictures share.

Queue k of a NIC is served by CPU number k of its list, and after the last one by the first again. The list names
one CPU of each physical core before any sibling. NICs that the same CPUs may serve take cores in turn, so that
none is shared while cores are left; where facts tell of several third-level caches, each NIC takes whole caches
in turn, so that what its queues share stays in one.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from netc.cpulist import CpuSet
from netc.demand import carries_traffic
from netc.queues import allotment
from netc.records import dataclass
from netc.serving import isolated_cpus, lcores, may_use_isolated, serving_cpus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from netc.model import Host, Nic, Topology
    from netc.serving import Serving


@dataclass(frozen=True, slots=True)
class Placement:
    """The CPUs of one NIC's queues."""

    nic: Nic
    cpus: tuple[int, ...]
    """In the order of queues; never empty. With more queues than CPUs it begins again."""
    queues: int | None
    """How many queues there will be; None where nothing tells."""
    serving: Serving

    def cpu_of(self, queue: int) -> int:
        """The CPU that serves a queue."""
        return self.cpus[queue % len(self.cpus)]

    @property
    def used(self) -> CpuSet:
        """The CPUs that serve a queue; all that may where the number of queues is not known."""
        return CpuSet.of(self.cpus[: self.queues])


def placements(host: Host) -> dict[str, Placement]:
    """The placement of each NIC that the kernel serves, by its name; empty where no CPU is known."""
    return host.once("placements", lambda: _place(host))


def _place(host: Host) -> dict[str, Placement]:
    topology = host.topology
    if topology is None:
        return {}
    groups: dict[tuple[bool, tuple[int, ...]], list[tuple[Nic, Serving]]] = {}
    for nic in host.nics:
        serving = serving_cpus(host, nic)
        if serving is not None and serving.cpus and nic.has_kernel_queues:
            groups.setdefault((not carries_traffic(host, nic), serving.cpus), []).append((nic, serving))
    core_of = {cpu: number for number, core in enumerate(topology.cores) for cpu in core}
    # The other thread of a core that an application polls or that is isolated is free, but taken last.
    apart = isolated_cpus(host) | lcores(host)
    resting = {number for number, core in enumerate(topology.cores) if core & apart}
    load: dict[int, int] = {}
    found: dict[str, Placement] = {}
    # Whoever has the least choice chooses first, and ports without load last.
    for (_, cpus), members in sorted(groups.items(), key=lambda group: (group[0][0], len(group[0][1]))):
        # A list that the file wrote, or that another group used in part: the least busy cores come first.
        last = set() if may_use_isolated(members[0][0]) else resting
        fresh = sorted(cpus, key=lambda cpu: (core_of.get(cpu, -1) in last, load.get(core_of.get(cpu, -1), 0)))
        wanted = [None if (given := allotment(host, nic)).assumed else given.queues for nic, _ in members]
        orders = _deal(topology, core_of, fresh, wanted)
        for (nic, serving), queues, order in zip(members, wanted, orders, strict=True):
            found[nic.name] = Placement(nic, tuple(order), queues, serving)
            for cpu in order[: len(order) if queues is None else queues]:
                core = core_of.get(cpu, -1)
                load[core] = load.get(core, 0) + 1
    return {nic.name: found[nic.name] for nic in host.nics if nic.name in found}


def _deal(topology: Topology, core_of: dict[int, int], cpus: list[int], wanted: list[int | None]) -> list[list[int]]:
    """An order of the CPUs for each of several NICs, by the queues they want (None: not known).

    First come the cores dealt to the NIC, then cores that nobody needs, then those of the others, then siblings.
    """
    first, later = _cores_and_siblings(core_of, cpus)
    needs = [len(first) // len(wanted) or 1 if queues is None else queues for queues in wanted]
    shares = _shares(topology, first, needs)
    spare = [cpu for share, need in zip(shares, needs, strict=True) for cpu in share[need:]]
    orders = []
    again = 0
    for share, need in zip(shares, needs, strict=True):
        missing = max(need - len(share), 0)
        taken, spare = spare[:missing], spare[missing:]
        own = share + taken
        # What is lacking still is served by cores of others, not by the same ones for every NIC.
        others = [cpu for cpu in first[again:] + first[:again] if cpu not in own]
        again = (again + max(need - len(own), 0)) % max(len(first), 1)
        cores = own + others
        rank = {core_of.get(cpu, -1): place for place, cpu in enumerate(cores)}
        orders.append(cores + sorted(later, key=lambda cpu: rank.get(core_of.get(cpu, -1), 0)))
    return orders


def _cores_and_siblings(core_of: dict[int, int], cpus: Iterable[int]) -> tuple[list[int], list[int]]:
    seen: set[int] = set()
    first: list[int] = []
    later: list[int] = []
    for cpu in cpus:
        core = core_of.get(cpu, -1 - cpu)
        (later if core in seen else first).append(cpu)
        seen.add(core)
    return first, later


def _shares(topology: Topology, cpus: list[int], needs: list[int]) -> list[list[int]]:
    """The cores dealt to NICs in turn: by whole caches where there are enough of them, else one by one.

    Whoever has what it needs is passed over while others lack some; what nobody needs is dealt to all.
    """
    by_cache: dict[int, list[int]] = {}
    cache_of = {cpu: number for number, cache in enumerate(topology.caches) for cpu in cache}
    for cpu in cpus:
        by_cache.setdefault(cache_of.get(cpu, -1), []).append(cpu)
    caches = list(by_cache.values())
    if 1 < len(caches) < len(needs):
        # Fewer caches than NICs: some share one, and none is in two.
        groups = [range(first, len(needs), len(caches)) for first in range(len(caches))]
        dealt = {
            hand: cache[place :: len(hands)]
            for cache, hands in zip(caches, groups, strict=True)
            for place, hand in enumerate(hands)
        }
        return [dealt[hand] for hand in range(len(needs))]
    units = caches if len(caches) >= max(len(needs), 2) else [[cpu] for cpu in cpus]
    shares: list[list[int]] = [[] for _ in needs]
    hand = 0
    for unit in units:
        lacking = [n for n, need in enumerate(needs) if len(shares[n]) < need] or range(len(needs))
        hand = next((n for n in lacking if n >= hand), lacking[0])
        shares[hand] += unit
        hand += 1
    return shares


def transmitters(host: Host, placement: Placement) -> list[CpuSet]:
    """For each place in the order of queues, the CPUs that send by it: every online CPU is in one of them.

    A CPU sends by the queue of its own core, else of its own cache, else of its own node, since completions are
    handled where the queue's interrupt goes (XPS, Documentation/networking/scaling.rst).
    """
    assert host.topology is not None  # noqa: S101 - without CPUs there is no placement
    return [CpuSet(bits) for bits in _transmitters(host.topology, placement.cpus[: placement.queues])]


@lru_cache(maxsize=256)  # hosts of a fleet share their topology
def _transmitters(topology: Topology, places: tuple[int, ...]) -> list[int]:
    """The CPUs for each place, as bits."""
    found = [1 << cpu for cpu in places]
    left = topology.online - CpuSet.of(places)
    circles = (
        topology.cores,
        topology.caches,
        tuple(node.cpus for node in topology.nodes.values()),
        (topology.online,),
    )
    for members_of in circles:
        circle_of = {cpu: number for number, members in enumerate(members_of) for cpu in members}
        within: dict[int, list[int]] = {}
        for place, cpu in enumerate(places):
            if cpu in circle_of:
                within.setdefault(circle_of[cpu], []).append(place)
        for number, near in within.items():
            for turn, cpu in enumerate(left & members_of[number]):
                found[near[turn % len(near)]] |= 1 << cpu
            left -= members_of[number]
    return found

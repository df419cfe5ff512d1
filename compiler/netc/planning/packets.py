"""Work of the receive softirq: its budget, and the backlog behind RPS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.demand import load_of, serving_cpus, traffic_nics
from netc.knowledge.goals import goal_kind
from netc.plan import Why
from netc.planning.arithmetic import clamp, round_up
from netc.planning.draft import Draft, Want
from netc.planning.nics import load_text
from netc.queues import channel_limit, queues_of
from netc.units import show_count

if TYPE_CHECKING:
    from netc.demand import Load
    from netc.model import Host, Nic

BUDGET = 600
SLOW_QUEUE = 300_000
"""Packets a second that the kernel's budget of 300 covers within a millisecond."""
LARGEST_BACKLOG = 30000
DEFAULT_BACKLOG = 1000


def plan_packets(draft: Draft) -> None:
    """`netdev_budget` from the packets of one core, `netdev_max_backlog` where RPS hands packets over."""
    for nic in traffic_nics(draft.host):
        load, serving = load_of(draft.host, nic), serving_cpus(draft.host, nic)
        if load is None:
            continue
        cores = serving.cores if serving is not None and serving.cores else 1
        _budget(draft, nic, load, load.packets // (queues_of(draft.host, nic) or 1))
        if steers_in_software(nic):
            _backlog(draft, nic, load, cores)


def _budget(draft: Draft, nic: Nic, load: Load, share: int) -> None:
    if share <= SLOW_QUEUE or _wants_latency(draft.host):
        return
    reason = (
        f"{load_text(load)} are {show_count(share)}/s on one core of nic `{nic.name}`: 300 packets arrive in less "
        "than a millisecond, and a run of the softirq that ends at its budget is counted in time_squeeze; the "
        "time limit of two ticks stays the kernel's"
    )
    why = Why((load.asked.entry.place,), "softirq budget", reason)
    draft.sysctl("net.core.netdev_budget", BUDGET, why, Want.AT_LEAST)


def _wants_latency(host: Host) -> bool:
    kinds = [goal_kind(goal.kind) for goal in host.goals]
    return any(kind is not None and kind.latency for kind in kinds)


def steers_in_software(nic: Nic) -> bool:
    """Whether RPS hands this NIC's packets to other CPUs."""
    state = nic.state("rps")
    if state is not None:
        return state.value == "on" or (state.value == "auto" and channel_limit(nic) == 1)
    return nic.within("rps", "cpus") is not None


def _backlog(draft: Draft, nic: Nic, load: Load, cores: int) -> None:
    tick = draft.host.system.tick.value
    milliseconds = 2000 / tick if tick else 8
    share = load.packets // cores
    waiting = int(share * milliseconds / 1000)
    backlog = clamp(round_up(waiting, 1000), DEFAULT_BACKLOG, LARGEST_BACKLOG)
    reason = (
        f"RPS, once it is on (netc does not write its masks yet), hands {show_count(share)} packets a second of nic "
        f"`{nic.name}` to each CPU; one that is away for two "
        f"ticks, {milliseconds:g} ms, finds {waiting} waiting; this queue is used behind RPS, by veth and by "
        "loopback, and never by a NIC that polls its own queues: it cannot cure drops in the NIC's ring"
    )
    rps = nic.section.section("rps")
    places = (load.asked.entry.place, *((rps.place,) if rps is not None else ()))
    draft.sysctl("net.core.netdev_max_backlog", backlog, Why(places, "backlog behind RPS", reason), Want.AT_LEAST)

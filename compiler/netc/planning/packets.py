"""Work of the receive softirq: its budget, and the backlog behind RPS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.cpulist import CpuSet
from netc.demand import load_of, traffic_nics, wants_latency
from netc.plan import Kind, Why
from netc.planning.arithmetic import clamp, round_up
from netc.planning.draft import Draft, Want
from netc.planning.nics import load_text
from netc.queues import queues_of
from netc.units import show_count

if TYPE_CHECKING:
    from netc.demand import Load
    from netc.model import Nic
    from netc.plan import Setting

BUDGET = 600
SLOW_QUEUE = 300_000
"""Packets a second that the kernel's budget of 300 covers within a millisecond."""
LARGEST_BACKLOG = 30000
DEFAULT_BACKLOG = 1000


def plan_packets(draft: Draft) -> None:
    """`netdev_budget` from the packets of one core, `netdev_max_backlog` where RPS hands packets over."""
    for nic in traffic_nics(draft.host):
        load = load_of(draft.host, nic)
        if load is None:
            continue
        _budget(draft, nic, load, load.packets // (queues_of(draft.host, nic) or 1))
        steered = draft.settings.get((Kind.NIC.value, nic.name, "rps.cpus"))
        if steered is not None:
            _backlog(draft, nic, load, steered)


def _budget(draft: Draft, nic: Nic, load: Load, share: int) -> None:
    if share <= SLOW_QUEUE or wants_latency(draft.host):
        return
    reason = (
        f"{load_text(load)} are {show_count(share)}/s on one core of nic `{nic.name}`: 300 packets arrive in less "
        "than a millisecond, and a run of the softirq that ends at its budget is counted in time_squeeze; the "
        "time limit of two ticks stays the kernel's"
    )
    why = Why((load.asked.entry.place,), "softirq budget", reason)
    draft.sysctl("net.core.netdev_budget", BUDGET, why, Want.AT_LEAST)


def _backlog(draft: Draft, nic: Nic, load: Load, steered: Setting) -> None:
    """Room for what RPS hands to a CPU while that is busy with something else."""
    tick = draft.host.system.tick.value
    milliseconds = 2000 / tick if tick else 8
    share = load.packets // len(CpuSet.parse(steered.value))
    waiting = int(share * milliseconds / 1000)
    backlog = clamp(round_up(waiting, 1000), DEFAULT_BACKLOG, LARGEST_BACKLOG)
    reason = (
        f"RPS hands {show_count(share)} packets a second of nic `{nic.name}` to each of CPUs {steered.value}; one that "
        f"is away for two ticks, {milliseconds:g} ms, finds {waiting} waiting; this queue is used behind RPS, by veth "
        "and by loopback, and never by a NIC that polls its own queues: it cannot cure drops in the NIC's ring"
    )
    places = tuple(dict.fromkeys((load.asked.entry.place, *steered.why.places)))
    draft.sysctl("net.core.netdev_max_backlog", backlog, Why(places, "backlog behind RPS", reason), Want.AT_LEAST)

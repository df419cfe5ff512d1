"""How deep idle CPUs sleep, and how their frequency is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.cpulist import CpuSet
from netc.demand import traffic_nics, wants_latency
from netc.knowledge.goals import goal_kind
from netc.placement import placements
from netc.plan import Why
from netc.serving import isolated_cpus

if TYPE_CHECKING:
    from netc.model import Host
    from netc.planning.draft import Draft

SLEEP = {
    "shallow": (
        "idle CPUs go no deeper than into their first idle state: others take long to wake up from, on Skylake "
        "servers 133 us from C6 instead of 2 us (drivers/idle/intel_idle.c)"
    ),
    "off": (
        "idle CPUs poll where the architecture has a state for it, as x86 has, and wake up at once; they take power as "
        "if busy, and a thread that polls slows its sibling down"
    ),
}
"""Value of `c-states` → what it means."""


def plan_power(draft: Draft) -> None:
    """What is written, for all online CPUs; else what latency wants, for CPUs that packets meet and isolated ones."""
    host = draft.host
    if host.topology is None:
        return
    idle, governor = host.cpu_entry("c-states"), host.cpu_entry("governor")
    everywhere = host.topology.online
    if idle is not None and idle.value in SLEEP:
        draft.cpu("idle", f"{everywhere} {idle.value}", Why((idle.place,), "written", SLEEP[idle.value]))
    if governor is not None:
        reason = f"`{governor.value}` chooses the frequency of every CPU"
        draft.cpu("governor", f"{everywhere} {governor.value}", Why((governor.place,), "written", reason))
    cpus, places = _hurried(host)
    if cpus and idle is None:
        why = Why(places, "shallow sleep for latency", f"{SLEEP['shallow']}; these CPUs serve queues or are isolated")
        draft.cpu("idle", f"{cpus} shallow", why)
    if cpus and governor is None:
        reason = (
            "a CPU that has to raise its frequency first handles the packets that woke it slowly; these CPUs serve "
            "queues or are isolated"
        )
        draft.cpu("governor", f"{cpus} performance", Why(places, "full frequency for latency", reason))


def _hurried(host: Host) -> tuple[CpuSet, tuple[str, ...]]:
    """The CPUs on which latency counts, and the statements that ask for it."""
    cpus = isolated_cpus(host) if wants_latency(host) else CpuSet()
    found = placements(host)
    for nic in traffic_nics(host):
        if nic.name in found and wants_latency(host, nic):
            cpus |= found[nic.name].used
    places: dict[str, None] = {}
    for goal in host.goals:
        entry, kind = goal.entry("latency"), goal_kind(goal.kind)
        if entry is not None or (kind is not None and kind.latency):
            places[entry.place if entry is not None else goal.section.place] = None
    assert host.topology is not None  # noqa: S101 - without CPUs nothing is asked
    return cpus & host.topology.online, tuple(places)

"""From the NIC to the socket: interrupts, rings, softirqs, the queues between CPUs, NUMA nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.bottlenecks.verdict import Match, Verdict, amount, at_least, nic_name, per_second, percent
from netc.units import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from netc.bottlenecks.interval import CpuShare, Interval
    from netc.hardware.facts import NicFact

DEFAULT_BUDGET, DEFAULT_BACKLOG = 300, 1000
"""`netdev_budget` and `netdev_max_backlog` as the kernel has them; a network namespace does not show them."""
DROPPED_LATER = ("Udp.RcvbufErrors", "Udp6.RcvbufErrors", "nf_conntrack.drop", "TcpExt.ListenDrops")
"""Packets that softirq handled for nothing."""


def interrupt_overload(interval: Interval, limits: Mapping[str, float]) -> Verdict | None:
    """One CPU that has no time left, while it takes what all could share."""
    cpus = [cpu for cpu in interval.cpus() if cpu.processed is not None and cpu.softirq is not None]
    if not cpus:
        return None
    hot = _hot(interval, cpus, limits)
    busiest = hot or max(cpus, key=lambda cpu: cpu.softirq or 0)
    measure = f"CPU {busiest.number}: {percent(busiest.softirq or 0)} softirq"
    arrived = interval.received(loopback=False)
    if hot is None or not arrived or not _matters(interval, hot, sum(arrived.values()), limits):
        return Verdict(measure)
    name = max(arrived, key=lambda interface: arrived[interface])
    nic = interval.surroundings.nic(name)
    others = [cpu.softirq or 0 for cpu in cpus if cpu is not hot]
    total = sum(cpu.processed or 0 for cpu in cpus)
    evidence = [
        f"CPU {hot.number}: {percent(hot.softirq or 0)} of its time in softirq, {percent(hot.idle or 0)} idle",
        f"it handled {amount(interval, hot.processed or 0)} of {total:,} packets",
        f"{counted(len(others), 'other CPU')}: {percent(sum(others) / len(others))} in softirq",
        f"{name} received {amount(interval, arrived[name])}",
    ]
    if nic is not None and nic.interrupts:
        evidence.append(_interrupt_line(interval, nic))
    spread = "queues auto" if _has_spare_channels(nic) else "rps on"
    values = {"nic": name, "name": nic_name(name), "cpu": str(hot.number), "spread": spread}
    return Verdict(measure, (Match(tuple(evidence), values),))


def _hot(interval: Interval, cpus: list[CpuShare], limits: Mapping[str, float]) -> CpuShare | None:
    """The CPU that is overloaded and alone: by the time its softirqs take, or by packets where it has no time left."""
    if len(cpus) < 2:
        return None
    by_time = max(cpus, key=lambda cpu: cpu.softirq or 0)
    softirq = by_time.softirq or 0
    if softirq >= limits["softirq"] and softirq >= limits["share"] * sum(cpu.softirq or 0 for cpu in cpus):
        return by_time
    most = max(cpus, key=lambda cpu: cpu.processed or 0)
    packets = most.processed or 0
    alone = packets >= limits["share"] * sum(cpu.processed or 0 for cpu in cpus)
    busy = most.idle is not None and most.idle <= 1 - limits["busy"] + 1e-9
    loaded = interval.reaches(packets, limits["packets"]) and (most.softirq or 0) >= limits["softirq_when_busy"]
    return most if alone and busy and loaded else None


def _has_spare_channels(nic: NicFact | None) -> bool:
    used = nic.queues.rx if nic is not None and nic.queues is not None else None
    return nic is not None and nic.channels is not None and used is not None and nic.channels > used


def _interrupt_line(interval: Interval, nic: NicFact) -> str:
    by_cpu: dict[int, int] = {}
    for interrupt in nic.interrupts:
        for cpu, count in interval.interrupts(interrupt.number).items():
            by_cpu[cpu] = by_cpu.get(cpu, 0) + count
    told = ", ".join(f"{count:,} on CPU {cpu}" for cpu, count in sorted(by_cpu.items()) if count)
    return f"interrupts of {nic.name}: {told or 'none'}"


def softirq_budget(interval: Interval, limits: Mapping[str, float]) -> Verdict | None:
    """Rounds of receiving that ended with packets left."""
    cpus = [cpu for cpu in interval.cpus() if cpu.squeezed is not None]
    if not cpus:
        return None
    worst = max(cpus, key=lambda cpu: cpu.squeezed or 0)
    squeezed = worst.squeezed or 0
    measure = per_second(interval, squeezed)
    if not interval.reaches(squeezed, limits["squeezes"]) or not _matters(
        interval, worst, _all_received(interval), limits
    ):
        return Verdict(measure)
    budget = interval.gauge("netdev_budget") or DEFAULT_BUDGET
    values = {"cpu": str(worst.number), "budget": str(2 * budget), "rate": f"{interval.rate(squeezed) or 0:.0f}"}
    evidence = f"time_squeeze of CPU {worst.number} grew by {amount(interval, squeezed)}; netdev_budget is {budget:,}"
    return Verdict(measure, (Match((evidence,), values),))


def backlog(interval: Interval, limits: Mapping[str, float]) -> Verdict | None:
    """Packets that one CPU gave another, and that did not fit into its queue."""
    cpus = [cpu for cpu in interval.cpus() if cpu.dropped is not None]
    if not cpus:
        return None
    worst = max(cpus, key=lambda cpu: cpu.dropped or 0)
    dropped = worst.dropped or 0
    measure = per_second(interval, dropped)
    if not interval.reaches(dropped, limits["drops"]) or not _matters(interval, worst, _all_received(interval), limits):
        return Verdict(measure)
    most = interval.gauge("netdev_max_backlog") or DEFAULT_BACKLOG
    values = {"cpu": str(worst.number), "backlog": str(2 * most), "rate": f"{interval.rate(dropped) or 0:.0f}"}
    evidence = f"CPU {worst.number} dropped {amount(interval, dropped)}; netdev_max_backlog is {most:,}"
    return Verdict(measure, (Match((evidence,), values),))


def _all_received(interval: Interval) -> int:
    return sum(interval.received(loopback=True).values())


def _matters(interval: Interval, cpu: CpuShare, received: int, limits: Mapping[str, float]) -> bool:
    """Whether the packets of a CPU came in by interfaces seen here, and more than a CPU would help them.

    softnet_stat counts all network namespaces. Where most packets are dropped later, that is the bottleneck.
    """
    processed = cpu.processed or 0
    wasted = interval.grew_together(*DROPPED_LATER) or 0
    return received >= limits["visible"] * processed and wasted < limits["wasted"] * max(processed, 1)


def rings(interval: Interval, limits: Mapping[str, float]) -> Verdict | None:
    """Packets for which a NIC had no descriptor."""
    lost: dict[str, int] = {}
    for name in interval.after.interfaces:
        told = [interval.interface(name, key) for key in ("rx_missed_errors", "rx_fifo_errors")]
        found = [sum(count for count in told if count is not None)] if any(c is not None for c in told) else []
        found += [interval.rings[name]] if name in interval.rings else []
        if found:
            lost[name] = max(found)  # some drivers count one packet in both
    if not lost:
        return None
    matches = []
    for name, count in lost.items():
        received = interval.interface(name, "rx_packets") or 0
        if interval.reaches(count, limits["drops"]) and count >= limits["share"] * (received + count):
            evidence = f"{name} lost {amount(interval, count)}, {percent(count / (received + count))} of what arrived"
            matches.append(Match((evidence,), {"name": nic_name(name)}))
    return Verdict(per_second(interval, sum(lost.values())), tuple(matches))


def numa_crossings(interval: Interval, limits: Mapping[str, float]) -> Verdict | None:
    """Interrupts that CPUs of other nodes serve than the NIC's."""
    nodes = interval.surroundings.nodes
    if not interval.after.interrupts or not nodes:
        return None
    if len(nodes) < 2:
        return Verdict("one node")
    worst, matches = 0.0, []
    for nic in interval.surroundings.nics:
        near = nodes.get(nic.node) if nic.node is not None else None
        if near is None or nic.name is None:
            continue
        total = away = 0
        for interrupt in nic.interrupts:
            for cpu, count in interval.interrupts(interrupt.number).items():
                total += count
                away += 0 if cpu in near else count
        share = away / total if total else 0.0
        worst = max(worst, share)
        if share >= limits["share"] and interval.reaches(total, limits["interrupts"]):
            evidence = (
                f"{nic.name} sits on node {nic.node}, CPUs {near}",
                f"{amount(interval, away)} of its {total:,} interrupts went to CPUs of other nodes, {percent(share)}",
            )
            values = {"name": nic_name(nic.name), "node": str(nic.node), "cpus": str(near)}
            matches.append(Match(evidence, values))
    return Verdict(percent(worst), tuple(matches))


def system_calls(interval: Interval, limits: Mapping[str, float]) -> Verdict | None:
    """Datagrams that programs fetch one by one, until no CPU has time left."""
    datagrams = interval.grew_together("Udp.InDatagrams", "Udp6.InDatagrams")
    cpus = [cpu for cpu in interval.cpus() if cpu.system is not None]
    if datagrams is None or not cpus:
        return None
    system = sum(cpu.system or 0 for cpu in cpus) / len(cpus)
    idle = sum(cpu.idle or 0 for cpu in cpus) / len(cpus)
    measure = f"{per_second(interval, datagrams)}, {percent(system)} system"
    enough = interval.reaches(datagrams, limits["datagrams"] * len(cpus))
    if not enough or system < limits["system"] or idle > limits["idle"]:
        return Verdict(measure)
    evidence = (
        f"programs fetched {amount(interval, datagrams)} datagrams on {counted(len(cpus), 'CPU')}",
        f"all CPUs together: {percent(system)} of their time in the kernel for programs, {percent(idle)} idle",
    )
    return Verdict(measure, (Match(evidence, {"packets": at_least(interval.rate(datagrams) or 0) + "pps"}),))

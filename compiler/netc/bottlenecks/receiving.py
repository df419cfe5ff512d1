"""From the NIC to the socket: interrupts, rings, softirqs, the queues between CPUs, NUMA nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.bottlenecks.verdict import Match, Verdict, amount, nic_name, per_second, percent
from netc.cpulist import CpuSet
from netc.units import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from netc.bottlenecks.interval import CpuShare, Interval
    from netc.hardware.facts import NicFact

DEFAULT_BUDGET, DEFAULT_BACKLOG = 300, 1000
"""`netdev_budget` and `netdev_max_backlog` as the kernel has them; a network namespace does not show them."""
MANY_IN_ONE_CALL = (
    "the program must fetch or send many datagrams with one call: recvmmsg(2), sendmmsg(2), UDP_GRO, UDP_SEGMENT"
)
DROPPED_LATER = ("Udp.RcvbufErrors", "Udp6.RcvbufErrors", "nf_conntrack.drop", "TcpExt.ListenDrops")
"""Packets that softirq handled for nothing."""


def interrupt_overload(interval: Interval, limits: Mapping[str, float]) -> Verdict | None:
    """One CPU, or a few, that have no time left while they take what all could share."""
    cpus = [cpu for cpu in interval.cpus() if cpu.processed is not None and cpu.softirq is not None]
    if not cpus:
        return None
    hot = _hot(interval, cpus, limits)
    busiest = hot[0] if hot else max(cpus, key=lambda cpu: cpu.softirq or 0)
    measure = f"CPU {busiest.number}: {percent(busiest.softirq or 0)} softirq"
    arrived = interval.received(loopback=False)
    if not hot or not arrived or not _matters(interval, hot, sum(arrived.values()), limits):
        return Verdict(measure)
    name = max(arrived, key=lambda interface: arrived[interface])
    nic = interval.surroundings.nic(name)
    others = [cpu.softirq or 0 for cpu in cpus if cpu not in hot]
    handled, total = (sum(cpu.processed or 0 for cpu in each) for each in (hot, cpus))
    where = f"{'CPU' if len(hot) == 1 else 'CPUs'} {CpuSet.of(cpu.number for cpu in hot)}"
    softirq, idle = (_mean(getattr(cpu, key) or 0 for cpu in hot) for key in ("softirq", "idle"))
    evidence = [
        f"{where}: {percent(softirq)} of the time in softirq, {percent(idle)} idle",
        f"{where}: {amount(interval, handled)} of {total:,} packets",
        f"{counted(len(others), 'other CPU')}: {percent(_mean(others))} in softirq",
        f"{name} received {amount(interval, arrived[name])}",
    ]
    if nic is not None and nic.interrupts:
        evidence.append(_interrupt_line(interval, nic))
    spread = "queues auto" if _has_spare_channels(nic) else "rps on"
    values = {"nic": name, "name": nic_name(name), "cpus": where, "spread": spread}
    return Verdict(measure, (Match(tuple(evidence), values),))


def _mean(shares: Iterable[float]) -> float:
    found = list(shares)
    return sum(found) / len(found)


def _hot(interval: Interval, cpus: list[CpuShare], limits: Mapping[str, float]) -> list[CpuShare]:
    """The overloaded CPUs, busiest first, at most half of all; empty where the load is no packets', or is spread.

    Overloaded are those whose time softirqs take, or one that takes the packets and has no time left.
    """
    by_time = [
        cpu
        for cpu in sorted(cpus, key=lambda cpu: -(cpu.softirq or 0))
        if (cpu.softirq or 0) >= limits["softirq"] and interval.reaches(cpu.processed or 0, limits["fewest"])
    ]
    softirq = sum(cpu.softirq or 0 for cpu in cpus)
    if by_time and 2 * len(by_time) <= len(cpus):
        return by_time if sum(cpu.softirq or 0 for cpu in by_time) >= limits["share"] * softirq else []
    most = max(cpus, key=lambda cpu: cpu.processed or 0)
    packets = most.processed or 0
    alone = len(cpus) > 1 and packets >= limits["share"] * sum(cpu.processed or 0 for cpu in cpus)
    busy = most.idle is not None and most.idle <= 1 - limits["busy"] + 1e-9
    loaded = interval.reaches(packets, limits["packets"]) and (most.softirq or 0) >= limits["softirq_when_busy"]
    return [most] if alone and busy and loaded else []


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
        interval, [worst], _all_received(interval), limits
    ):
        return Verdict(measure)
    budget, told = _setting(interval, "netdev_budget", DEFAULT_BUDGET)
    values = {"cpu": str(worst.number), "budget": str(2 * budget), "rate": f"{interval.rate(squeezed) or 0:.0f}"}
    evidence = f"time_squeeze of CPU {worst.number} grew by {amount(interval, squeezed)}; {told}"
    return Verdict(measure, (Match((evidence,), values),))


def _setting(interval: Interval, key: str, default: int) -> tuple[int, str]:
    """What the first network namespace shows, and the words for it; the others show neither of the two keys."""
    value = interval.gauge(key)
    if value:
        return value, f"{key} is {value:,}"
    return default, f"{key} is not shown here; the kernel has {default:,}, unless the machine sets more"


def backlog(interval: Interval, limits: Mapping[str, float]) -> Verdict | None:
    """Packets that one CPU gave another, and that did not fit into its queue."""
    cpus = [cpu for cpu in interval.cpus() if cpu.dropped is not None]
    if not cpus:
        return None
    worst = max(cpus, key=lambda cpu: cpu.dropped or 0)
    dropped = worst.dropped or 0
    measure = per_second(interval, dropped)
    if not interval.reaches(dropped, limits["drops"]) or not _matters(
        interval, [worst], _all_received(interval), limits
    ):
        return Verdict(measure)
    most, told = _setting(interval, "netdev_max_backlog", DEFAULT_BACKLOG)
    values = {"cpu": str(worst.number), "backlog": str(2 * most), "rate": f"{interval.rate(dropped) or 0:.0f}"}
    evidence = f"CPU {worst.number} dropped {amount(interval, dropped)}; {told}"
    return Verdict(measure, (Match((evidence,), values),))


def _all_received(interval: Interval) -> int:
    return sum(interval.received(loopback=True).values())


def _matters(interval: Interval, cpus: list[CpuShare], received: int, limits: Mapping[str, float]) -> bool:
    """Whether the packets of these CPUs came in by interfaces seen here, and more than a CPU would help them.

    softnet_stat counts all network namespaces. Where most packets are dropped later, that is the bottleneck.
    """
    processed = sum(cpu.processed or 0 for cpu in cpus)
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
    if len(nodes) == 1:
        return Verdict("one node")
    if not nodes or not interval.after.interrupts:
        return None
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
    """Datagrams that programs fetch and send one by one, until no CPU has time left."""
    fetched = interval.grew_together("Udp.InDatagrams", "Udp6.InDatagrams")
    cpus = [cpu for cpu in interval.cpus() if cpu.system is not None]
    if fetched is None or not cpus:
        return None
    sent = interval.grew_together("Udp.OutDatagrams", "Udp6.OutDatagrams") or 0
    datagrams = fetched + sent
    system = sum(cpu.system or 0 for cpu in cpus) / len(cpus)
    idle = sum(cpu.idle or 0 for cpu in cpus) / len(cpus)
    measure = f"{per_second(interval, datagrams)}, {percent(system)} system"
    enough = interval.reaches(datagrams, limits["datagrams"] * len(cpus))
    if not enough or system < limits["system"] or idle > limits["idle"]:
        return Verdict(measure)
    evidence = (
        f"programs fetched {amount(interval, fetched)} and sent {amount(interval, sent)} datagrams "
        f"on {counted(len(cpus), 'CPU')}",
        f"all CPUs together: {percent(system)} of their time in the kernel for programs, {percent(idle)} idle",
    )
    return Verdict(measure, (Match(evidence, remedy=MANY_IN_ONE_CALL),))

"""Tables that fill up: connection tracking, local ports, TIME_WAIT, neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.bottlenecks.ports_taken import REUSE, reserved_ports, taken_ports
from netc.bottlenecks.verdict import Match, Verdict, amount, at_least, percent
from netc.ports import DEFAULT_RANGE, TIME_WAIT_SECONDS, WIDE_RANGE, capacity, ports_in
from netc.units import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from netc.bottlenecks.interval import Interval
    from netc.bottlenecks.ports_taken import TakenPorts

REUSE_FROM = 2 * capacity(DEFAULT_RANGE, TIME_WAIT_SECONDS)
"""Connections a second for which netc certainly lets TIME_WAIT be reused."""
TIME_WAIT_SPARE = 1.2
"""What netc spares in `tcp_max_tw_buckets` (docs/derivations.md)."""
FAMILIES = {"ipv4": "IPv4", "ipv6": "IPv6"}


def conntrack_table(interval: Interval, limits: Mapping[str, float]) -> Verdict | None:
    """Entries against the most there may be, and connections that were dropped for it."""
    count, most = interval.gauge("nf_conntrack_count"), interval.gauge("nf_conntrack_max")
    if count is None or most is None:
        return None
    lost = _lost_for_want_of_room(interval)
    measure = f"{count:,} of {most:,}"
    full = most > 0 and count >= limits["share"] * most  # 0 means no limit
    if not full and not interval.reaches(lost, limits["drops"]):
        return Verdict(measure)
    evidence = [f"{count:,} of {most:,} entries (nf_conntrack_count, nf_conntrack_max)"]
    if lost:
        evidence.append(f"{amount(interval, lost)} connections were dropped or pushed out (drop, early_drop)")
    forwards = any(interval.gauge(key) for key in ("ip_forward", "ipv6_forwarding"))
    goal = "goal firewall {" if forwards else "goal general { tracking on;"
    values = {
        "goal": goal,
        "connections": at_least(2 * max(count, most)),
    }
    return Verdict(measure, (Match(tuple(evidence), values),))


def _lost_for_want_of_room(interval: Interval) -> int:
    """Two packets of one new connection may race, and one is dropped; that counts as insert_failed too."""
    raced = interval.grew("nf_conntrack.insert_failed") or 0
    return max(0, (interval.grew("nf_conntrack.drop") or 0) - raced) + (interval.grew("nf_conntrack.early_drop") or 0)


def ports(interval: Interval, limits: Mapping[str, float]) -> Verdict | None:
    """Local ports to one destination; every connection is only looked at where there are enough of them."""
    low, high = interval.gauge("ip_local_port_range.0"), interval.gauge("ip_local_port_range.1")
    names = ("sockstat.TCP.inuse", "sockstat.TCP6.inuse", "sockstat.TCP.tw")
    told = [found for name in names if (found := interval.gauge(name)) is not None]
    if low is None or high is None or not told or high < low:
        return None
    usable = high - low + 1 - reserved_ports(interval.surroundings.files, low, high)
    if sum(told) < limits["share"] * usable:
        return Verdict(f"{counted(sum(told), 'socket')}, {counted(usable, 'port')}")
    reuse, delay = interval.gauge("tcp_tw_reuse") or 0, interval.gauge("tcp_tw_reuse_delay")
    most = taken_ports(interval.surroundings.files, (low, high), reuse, (1000 if delay is None else delay) / 1000)
    if most is None:
        return None
    measure = f"{most.taken:,} of {usable:,} to {most.remote}"
    if most.taken < limits["share"] * usable:
        return Verdict(measure)
    evidence = (
        f"{most.taken:,} of {usable:,} local ports ({low}-{high}) lead from {most.local} to {most.remote}",
        f"{most.waiting:,} of them are in TIME_WAIT; tcp_tw_reuse is {reuse}",
    )
    values = {
        "local": most.local,
        "remote": most.remote,
        "waiting": f"{most.waiting:,}",
        "taken": f"{most.taken:,}",
    }
    return Verdict(measure, (_answered(interval, most, evidence, values),))


def _answered(interval: Interval, most: TakenPorts, evidence: tuple[str, ...], values: dict[str, str]) -> Match:
    """Early reuse frees ports in TIME_WAIT only; where connections are open, more ports are needed."""
    if interval.gauge("tcp_tw_reuse") != REUSE and 2 * most.waiting >= most.taken:
        opened = interval.rate(interval.grew("Tcp.ActiveOpens") or 0) or 0
        rate = at_least(max(2 * opened, 2 * most.waiting / TIME_WAIT_SECONDS, REUSE_FROM))
        return Match(evidence, {**values, "answer": f"goal general {{ outbound-rate {rate}/s }}"})
    low, high = (interval.gauge(f"ip_local_port_range.{end}") or 0 for end in (0, 1))
    if ports_in((low, high)) < ports_in(WIDE_RANGE):
        reason = f"{most.taken:,} of {ports_in((low, high)):,} local ports lead to {most.remote}"
        wide = f"{WIDE_RANGE[0]} {WIDE_RANGE[1]}"
        return Match(evidence, {**values, "answer": f'set net.ipv4.ip_local_port_range = {wide} because "{reason}"'})
    remedy = "the program must keep connections and use them again, or connect from or to a second address"
    return Match(evidence, values, remedy)


def time_wait_buckets(interval: Interval, limits: Mapping[str, float]) -> Verdict | None:
    """Connections whose TIME_WAIT was cut short for want of room."""
    overflows, waiting = interval.grew("TcpExt.TCPTimeWaitOverflow"), interval.gauge("sockstat.TCP.tw")
    buckets = interval.gauge("tcp_max_tw_buckets")
    if overflows is None or waiting is None or buckets is None:
        return None
    measure = f"{waiting:,} of {buckets:,}"
    if not interval.reaches(overflows, limits["overflows"]):
        return Verdict(measure)
    evidence = (
        f"TcpExt TCPTimeWaitOverflow grew by {amount(interval, overflows)}",
        f"{waiting:,} connections are in TIME_WAIT; tcp_max_tw_buckets is {buckets:,}",
    )
    rate = 2 * max(buckets / TIME_WAIT_SECONDS / TIME_WAIT_SPARE, interval.rate(overflows) or 0)
    return Verdict(measure, (Match(evidence, {"buckets": f"{buckets:,}", "rate": at_least(rate) + "/s"}),))


def neighbour_table(interval: Interval, limits: Mapping[str, float]) -> Verdict | None:
    """Neighbours of each family; the tables are the machine's, and only its first namespace shows them."""
    measures, matches = [], []
    for family, spoken in FAMILIES.items():
        entries, fulls = (
            interval.gauge(f"neighbours.{family}.entries"),
            interval.grew(f"neighbours.{family}.table_fulls"),
        )
        limit = interval.gauge(f"gc_thresh3.{family}")
        if entries is None or fulls is None or limit is None:
            continue
        measures.append(f"{entries:,} of {limit:,}")
        share = entries / limit if limit else 1.0
        if share < limits["share"] and not interval.reaches(fulls, limits["fulls"]):
            continue
        evidence = [f"{spoken}: {entries:,} neighbours, gc_thresh3 is {limit:,} ({percent(share)})"]
        if fulls:
            evidence.append(f"the table was full {amount(interval, fulls)} times")
        values = {"family": spoken, "limit": f"{limit:,}", "neighbours": at_least(max(entries, limit))}
        matches.append(Match(tuple(evidence), values))
    return Verdict("; ".join(measures), tuple(matches)) if measures else None

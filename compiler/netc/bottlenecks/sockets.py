"""Sockets: accept and SYN queues, buffers, and the memory of all together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.bottlenecks.verdict import Match, Verdict, amount, per_second, percent
from netc.units import Dimension, counted, with_unit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from netc.bottlenecks.interval import Interval
    from netc.bottlenecks.surroundings import Listener

DEFAULT_SOMAXCONN = 4096
LARGEST_QUEUE = 65_535
"""The most that netc writes to `somaxconn` (docs/derivations.md)."""
COOKIES_ALWAYS = 2
"""Of `tcp_syncookies`: each SYN counts as if its queue were full (tcp_conn_request in net/ipv4/tcp_input.c)."""
SMALLEST_DATAGRAMS = 64 * 1024
SMALL_DATAGRAM_FACTOR = 8
"""Memory that netc reckons for each byte of `datagrams` (docs/derivations.md)."""
HARDLY = 0.1
"""Of what arrives; a program that reads less hardly reads."""
PAGES = {"TCP": ("tcp_mem", 1), "UDP": ("udp_mem", 2)}
"""Protocol → its limit, and which of the three numbers the kernel acts at."""
MEMORY_EVENTS = {
    "TCP": (("TcpExt.TCPMemoryPressures",), "pressures"),
    "UDP": (("Udp.MemErrors", "Udp6.MemErrors"), "errors"),
}


def accept_queue(interval: Interval, limits: Mapping[str, float]) -> Verdict | None:
    """Listeners whose program does not accept what has arrived.

    A queue that is full at one moment may be empty at the next; one that is full at both ends of the interval is not.
    """
    overflows = interval.grew("TcpExt.ListenOverflows")
    if overflows is None and not interval.listeners:
        return None
    overflows = overflows or 0
    now = [listener for listener in interval.listeners if listener.full]
    still = [listener for listener in now if interval.full_before is None or listener.port in interval.full_before]
    measure = per_second(interval, overflows) + (f", {counted(len(still), 'listener')} full" if still else "")
    lost = interval.reaches(overflows, limits["overflows"])
    if not still and not lost:
        return Verdict(measure)
    full = now if lost else still
    evidence = [f"TcpExt ListenOverflows grew by {amount(interval, overflows)}"] if overflows else []
    evidence += [
        f"port {listener.port}: {counted(listener.waiting, 'connection')} waiting for accept, "
        f"{listener.backlog + 1:,} fit (backlog {listener.backlog:,})"
        for listener in full[:3]
    ]
    who = f"the program at port {full[0].port}" if full else "likely a program whose queue is no longer full"
    reason = f"ListenOverflows grows by {overflows / (interval.seconds or 1):.1f}/s"
    values = {"who": who, "reason": reason if overflows else f"the queue of port {full[0].port} is full"}
    return Verdict(measure, (_larger_queue(interval, tuple(evidence), full, values, "accept faster, or ask"),))


def _larger_queue(
    interval: Interval, evidence: tuple[str, ...], full: list[Listener], values: dict[str, str], must: str
) -> Match:
    """A queue is as long as the program asks listen(2) for, and somaxconn only bounds that."""
    most = interval.gauge("somaxconn") or DEFAULT_SOMAXCONN
    asked = sorted({(each.backlog, each.port) for each in full or interval.listeners if each.backlog < most})
    values = {**values, "somaxconn": f"{most:,}", "value": str(min(2 * most, LARGEST_QUEUE))}
    if asked:
        told = ", ".join(f"port {port} for {backlog:,}" for backlog, port in asked[:3])
        return Match(
            evidence, values, f"the program must {must} listen(2) for more, up to somaxconn: {told} of {most:,}"
        )
    longest = f"the program must accept faster: somaxconn is {most:,}, and a longer queue would only hide it"
    return Match(evidence, values, longest if most >= LARGEST_QUEUE else None)


def syn_queue(interval: Interval, limits: Mapping[str, float]) -> Verdict | None:
    """SYNs that found too many handshakes under way, and room in the accept queue."""
    names = ["TcpExt.TCPReqQFullDoCookies", "TcpExt.TCPReqQFullDrop"]
    requests = interval.grew_together(*names)
    if requests is None:
        return None
    if interval.gauge("tcp_syncookies") == COOKIES_ALWAYS:
        return Verdict("SYN cookies for all")
    requests = max(0, requests - (interval.grew("TcpExt.ListenOverflows") or 0))
    measure = per_second(interval, requests)
    if not interval.reaches(requests, limits["requests"]):
        return Verdict(measure)
    cookies = interval.grew(names[0]) or 0
    evidence = (
        f"{amount(interval, requests)} SYNs found the queue of handshakes full",
        f"{amount(interval, cookies)} were answered with a SYN cookie",
    )
    if interval.gauge("tcp_syncookies") == 0:
        values = {"key": "net.ipv4.tcp_syncookies", "value": "1", "reason": "SYNs are dropped for a full queue"}
        most = interval.gauge("somaxconn") or DEFAULT_SOMAXCONN
        return Verdict(measure, (Match(evidence, {**values, "somaxconn": f"{most:,}"}),))
    reason = f"{per_second(interval, requests)} SYNs find the queue of handshakes full"
    values = {"key": "net.core.somaxconn", "reason": reason}
    return Verdict(measure, (_larger_queue(interval, evidence, [], values, "ask"),))


def udp_receive_buffer(interval: Interval, limits: Mapping[str, float]) -> Verdict | None:
    """Datagrams that no program fetched in time."""
    drops = interval.grew_together("Udp.RcvbufErrors", "Udp6.RcvbufErrors")
    if drops is None:
        return None
    measure = per_second(interval, drops)
    if not interval.reaches(drops, limits["drops"]):
        return Verdict(measure)
    fetched = interval.grew_together("Udp.InDatagrams", "Udp6.InDatagrams") or 0
    evidence = [
        f"Udp RcvbufErrors grew by {amount(interval, drops)}, {percent(drops / (fetched + drops))} of what arrived"
    ]
    ports = sorted(interval.udp_drops().items(), key=lambda found: (-found[1], found[0]))
    evidence += [f"port {port}: {amount(interval, count)} dropped" for port, count in ports[:3]]
    default = interval.gauge("rmem_default")
    held = f" (rmem_default, {default:,} bytes, unless it asks)" if default is not None else ""
    who = f"the program at port {ports[0][0]}" if ports else "a program"
    if fetched <= HARDLY * (fetched + drops):
        remedy = "the program must read: no buffer is large enough for one that does not"
        return Verdict(measure, (Match(tuple(evidence), {"why": f"{who} hardly reads"}, remedy),))
    unread = max(SMALLEST_DATAGRAMS, 2 * (default or 0) // SMALL_DATAGRAM_FACTOR)
    unread = 1 << (unread - 1).bit_length()
    values = {
        "why": f"{who} reads later than its receive buffer lasts{held}",
        "datagrams": with_unit(unread, Dimension.SIZE),
    }
    return Verdict(measure, (Match(tuple(evidence), values),))


def tcp_receive_buffer(interval: Interval, limits: Mapping[str, float]) -> Verdict | None:
    """Segments that were dropped after they had arrived."""
    names = ("RcvPruned", "OfoPruned", "TCPBacklogDrop", "TCPRcvQDrop")
    drops = interval.grew_together(*(f"TcpExt.{name}" for name in names))
    arrived = interval.grew("Tcp.InSegs")
    if drops is None or arrived is None:
        return None
    measure = per_second(interval, drops)
    if not interval.reaches(drops, limits["drops"]) or drops < limits["share"] * arrived:
        return Verdict(measure)
    parts = ((name, interval.grew(f"TcpExt.{name}") or 0) for name in names)
    evidence = (
        ", ".join(f"{name} {amount(interval, count)}" for name, count in parts if count),
        f"{percent(drops / max(arrived, 1))} of {arrived:,} segments that arrived",
    )
    least, first, largest = (
        interval.gauge(f"tcp_rmem.{index}") or default for index, default in enumerate((4096, 131_072, 6_291_456))
    )
    values = {
        "largest": f"{largest:,}",
        "value": f"{least} {first} {2 * largest}",
        "rate": f"{interval.rate(drops) or 0:.0f}",
    }
    return Verdict(measure, (Match(evidence, values),))


def socket_memory(interval: Interval, limits: Mapping[str, float]) -> Verdict | None:
    """All sockets of a protocol at the limit that the kernel acts at."""
    measures, matches = [], []
    for protocol, (setting, index) in PAGES.items():
        used, limit = interval.gauge(f"sockstat.{protocol}.mem"), interval.gauge(f"{setting}.{index}")
        names, key = MEMORY_EVENTS[protocol]
        events = interval.grew_together(*names)
        if (used is None or limit is None) and events is None:
            continue
        share = used / limit if used is not None and limit else 0.0
        measures.append(f"{protocol} {percent(share)}")
        if share < limits["share"] and not interval.reaches(events or 0, limits[key]):
            continue
        bound = f"{setting} sets {limit:,}" if limit else f"{setting} is not shown here"
        evidence = [f"{protocol} sockets hold {used or 0:,} pages; {bound}"]
        if events:
            evidence.append(f"{names[0].replace('.', ' ')} grew by {amount(interval, events)}")
        numbers = [interval.gauge(f"{setting}.{each}") or 0 for each in range(3)]
        values = {
            "protocol": protocol,
            "used": f"{used or 0:,}",
            "limit": f"{limit:,}" if limit else "an unknown number of",
            "key": f"net.ipv4.{setting}",
            "value": " ".join(str(2 * number) for number in numbers),
        }
        hidden = f"the first network namespace shows net.ipv4.{setting}; look there how much to set"
        matches.append(Match(tuple(evidence), values, None if all(numbers) else hidden))
    return Verdict(", ".join(measures), tuple(matches)) if measures else None

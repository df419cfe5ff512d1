"""Sockets: accept and SYN queues, buffers, and the memory of all together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.bottlenecks.verdict import Match, Verdict, amount, at_least, per_second, percent
from netc.units import Dimension, counted, with_unit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from netc.bottlenecks.interval import Interval

STALL = 0.1
"""Seconds of `connection-rate` that netc sizes `somaxconn` for (docs/derivations.md)."""
LARGEST_QUEUE = 65_535
NEARLY_TWICE = 1.9
"""A rate is rounded up when it is written, and the queue to a power of two."""
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
    """Listeners whose program does not accept what has arrived."""
    overflows = interval.grew("TcpExt.ListenOverflows")
    full = [listener for listener in interval.listeners if listener.full]
    if overflows is None and not full:
        return None
    overflows = overflows or 0
    measure = per_second(interval, overflows) + (f", {counted(len(full), 'listener')} full" if full else "")
    if not full and not interval.reaches(overflows, limits["overflows"]):
        return Verdict(measure)
    evidence = [f"TcpExt ListenOverflows grew by {amount(interval, overflows)}"]
    evidence += [
        f"port {listener.port}: {counted(listener.waiting, 'connection')} waiting for accept, "
        f"{listener.backlog + 1} fit (backlog {listener.backlog})"
        for listener in full[:3]
    ]
    most = interval.gauge("somaxconn")
    own = [listener for listener in full if most is not None and listener.backlog < most]
    if own:
        why = (
            f"the program at port {own[0].port} asked listen(2) for a backlog of {own[0].backlog} and does not accept "
            f"in time; it must accept faster, or ask for more than that, up to somaxconn, which is {most:,}"
        )
        opened = (interval.grew("Tcp.PassiveOpens") or 0) + overflows
        rate = max(1000.0, 2 * (interval.rate(opened) or 0))
    else:
        limit = f"somaxconn is {most:,} and" if most is not None else "somaxconn"
        why = f"the program does not accept in time; {limit} bounds what listen(2) may ask for: both must grow"
        rate = doubled_queue(interval)
    return Verdict(measure, (Match(tuple(evidence), {"why": why, "rate": at_least(rate) + "/s"}),))


def doubled_queue(interval: Interval) -> float:
    """The `connection-rate` for which netc writes twice the `somaxconn` of now."""
    return min(NEARLY_TWICE * (interval.gauge("somaxconn") or 4096), LARGEST_QUEUE) / STALL


def syn_queue(interval: Interval, limits: Mapping[str, float]) -> Verdict | None:
    """SYNs that found too many handshakes under way, and room in the accept queue."""
    requests = interval.grew_together("TcpExt.TCPReqQFullDoCookies", "TcpExt.TCPReqQFullDrop")
    if requests is None:
        return None
    requests = max(0, requests - (interval.grew("TcpExt.ListenOverflows") or 0))
    measure = per_second(interval, requests)
    if not interval.reaches(requests, limits["requests"]):
        return Verdict(measure)
    cookies = interval.grew("TcpExt.TCPReqQFullDoCookies") or 0
    evidence = (
        f"{amount(interval, requests)} SYNs found the queue of handshakes full",
        f"{amount(interval, cookies)} were answered with a SYN cookie",
    )
    answer = f"goal general {{ connection-rate {at_least(doubled_queue(interval))}/s }}"
    if interval.gauge("tcp_syncookies") == 0:
        answer = f'set net.ipv4.tcp_syncookies = 1 because "{requests} SYNs were dropped for a full queue"'
    most = interval.gauge("somaxconn")
    values = {"somaxconn": f"{most:,}" if most is not None else "not known", "answer": answer}
    return Verdict(measure, (Match(evidence, values),))


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
        why = f"{who} hardly reads, and for that no buffer is large enough: it must read, then the statement helps"
    else:
        why = f"{who} reads later than its receive buffer lasts{held}"
    unread = max(SMALLEST_DATAGRAMS, 2 * (default or 0) // SMALL_DATAGRAM_FACTOR)
    unread = 1 << (unread - 1).bit_length()
    return Verdict(measure, (Match(tuple(evidence), {"why": why, "datagrams": with_unit(unread, Dimension.SIZE)}),))


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
        evidence = [f"{protocol} sockets hold {used or 0:,} pages; {setting} sets {limit or 0:,}"]
        if events:
            evidence.append(f"{names[0].replace('.', ' ')} grew by {amount(interval, events)}")
        numbers = [interval.gauge(f"{setting}.{each}") or 0 for each in range(3)]
        values = {
            "protocol": protocol,
            "used": f"{used or 0:,}",
            "limit": f"{limit or 0:,}",
            "key": f"net.ipv4.{setting}",
            "value": " ".join(str(2 * number) for number in numbers),
        }
        matches.append(Match(tuple(evidence), values))
    return Verdict(", ".join(measures), tuple(matches)) if measures else None

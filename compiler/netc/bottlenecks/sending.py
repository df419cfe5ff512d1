"""From the socket to the wire: queueing disciplines, and what has to be sent again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.bottlenecks.verdict import Match, Verdict, amount, nic_name, per_second, percent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from netc.bottlenecks.interval import Interval

SHAPERS = frozenset({"tbf", "htb", "hfsc", "cbq", "cake"})
"""Disciplines that hold a rate someone has set."""
FAIR = "fq"
"""The discipline that the statement asks for."""


def qdisc(interval: Interval, limits: Mapping[str, float]) -> Verdict | None:
    """Packets dropped by the root discipline of an interface."""
    if interval.qdiscs is None:
        return None
    total, matches = 0, []
    for before, after in interval.qdiscs:
        known = before is not None and (before.kind, before.handle) == (after.kind, after.handle)
        dropped, sent = after.dropped, after.sent
        if before is not None and known:
            dropped, sent = max(0, dropped - before.dropped), max(0, sent - before.sent)
        total += dropped
        if not interval.reaches(dropped, limits["drops"]) or dropped < limits["share"] * (dropped + sent):
            continue
        evidence = f"{after.kind} of {after.interface} dropped {amount(interval, dropped)} and sent {sent:,} packets"
        remedy = None
        if after.kind in SHAPERS:
            remedy = f"somebody set the rate that {after.kind} holds; it must grow, or less be sent"
        elif after.kind == FAIR:
            remedy = f"{after.interface} has {FAIR} already; less must be sent, or by a faster link"
        values = {"name": nic_name(after.interface), "kind": after.kind}
        matches.append(Match((evidence,), values, remedy))
    return Verdict(per_second(interval, total), tuple(matches))


def retransmissions(interval: Interval, limits: Mapping[str, float]) -> Verdict | None:
    """Segments sent again, without those of handshakes."""
    again, sent = interval.grew("Tcp.RetransSegs"), interval.grew("Tcp.OutSegs")
    if again is None or sent is None:
        return None
    data = max(0, again - (interval.grew("TcpExt.TCPSynRetrans") or 0))
    share = data / (sent + data) if data else 0.0  # OutSegs does not count what is sent again (RFC 4022)
    measure = percent(share)
    if share < limits["share"] or not interval.reaches(data, limits["segments"]):
        return Verdict(measure)
    evidence = [f"{amount(interval, data)} segments were sent again, {percent(share)} of {sent + data:,}"]
    timeouts = interval.grew("TcpExt.TCPTimeouts")
    if timeouts:
        evidence.append(f"retransmission timers ran out {amount(interval, timeouts)} times")
    return Verdict(measure, (Match(tuple(evidence)),))

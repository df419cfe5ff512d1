"""Ports of outgoing connections: how fast they come back, and how many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.demand import asked, largest
from netc.plan import Why
from netc.planning.draft import Draft, Want
from netc.ports import (
    DEFAULT_RANGE,
    TIME_WAIT_SECONDS,
    WIDE_RANGE,
    PortNeed,
    capacity,
    port_need,
    ports_in,
)
from netc.units import show_count

if TYPE_CHECKING:
    from netc.language.sections import Entry


def plan_ports(draft: Draft) -> None:
    """`tcp_tw_reuse`, `ip_local_port_range` and `ip_local_reserved_ports` from `outbound-rate`."""
    rate = largest(draft.host, "outbound-rate", ends=True)
    if rate is not None:
        need = port_need(rate.value)
        _reuse(draft, rate.entry, need)
        _range(draft, rate.entry, need)
    _reserve(draft)


def _reuse(draft: Draft, entry: Entry[int], need: PortNeed) -> None:
    ports = ports_in(DEFAULT_RANGE)
    slow = capacity(DEFAULT_RANGE, TIME_WAIT_SECONDS)
    reason = (
        f"a port stays in TIME_WAIT for {TIME_WAIT_SECONDS} s, so four fifths of {ports} ports give {slow} "
        f"connections a second from one address to one destination, and {show_count(entry.value)}/s are asked "
        "for; 1 lets a new outgoing connection take over a port after 1 s; it needs TCP timestamps at both "
        "ends, does nothing for incoming connections, and shortens no TIME_WAIT"
    )
    why = Why((entry.place,), "ports of outgoing connections", reason)
    if need.reuse:
        draft.sysctl("net.ipv4.tcp_tw_reuse", 1, why, Want.EXACTLY)
    else:
        draft.leave("net.ipv4.tcp_tw_reuse", "1", "2", why)


def _range(draft: Draft, entry: Entry[int], need: PortNeed) -> None:
    low, high = need.range
    reason = (
        f"with reuse after 1 s, four fifths of {ports_in(DEFAULT_RANGE)} ports carry "
        f"{capacity(DEFAULT_RANGE, 1)} connections a second to one destination, and "
        f"{show_count(entry.value)}/s are asked for; {low} to {high} are {ports_in(need.range)}; "
        f"below {low} most services listen, and the ports this host serves are reserved"
    )
    why = Why((entry.place,), "ports of outgoing connections", reason)
    if need.range == DEFAULT_RANGE:
        text = " ".join(map(str, WIDE_RANGE))
        draft.leave("net.ipv4.ip_local_port_range", text, " ".join(map(str, DEFAULT_RANGE)), why)
        return
    draft.sysctl("net.ipv4.ip_local_port_range", f"{low} {high}", why, Want.EXACTLY)


def _range_in_force(draft: Draft) -> tuple[int, int]:
    """The ports of outgoing connections: as the user sets them, else as derived, else the kernel's."""
    key = "net.ipv4.ip_local_port_range"
    texts = [entry.value.value for entry in draft.host.assignments if entry.value.key == key]
    derived = draft.wanted.get(key)
    if derived is not None and isinstance(derived.value, str):
        texts.append(derived.value)
    numbers = texts[0].split() if texts else []
    if len(numbers) != 2 or not all(number.isdecimal() for number in numbers):
        return DEFAULT_RANGE
    return int(numbers[0]), int(numbers[1])


def _reserve(draft: Draft) -> None:
    """Ports that the host serves and that an outgoing connection could take before the service does."""
    low, high = _range_in_force(draft)
    served = [found.entry for found in asked(draft.host, "listen", ends=True)]
    ports = sorted({port for entry in served for port in entry.value if low <= port <= high})
    if not ports:
        return
    shown = ",".join(map(str, ports))
    reason = (
        f"the kernel takes ports from {low} to {high} for outgoing connections; a service that starts later "
        f"must still find {shown} free"
    )
    why = Why(tuple(entry.place for entry in served), "ports that are served", reason)
    draft.sysctl("net.ipv4.ip_local_reserved_ports", shown, why, Want.EXACTLY)

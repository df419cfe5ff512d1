"""How many outgoing connections a second one source address can open to one destination."""

from __future__ import annotations

from netc.records import dataclass

DEFAULT_RANGE = (32768, 60999)
"""The kernel's `ip_local_port_range`."""
WIDE_RANGE = (10240, 65535)
"""Leaves the ports alone at which most services listen; the ends differ in parity, as the kernel wants."""
TIME_WAIT_SECONDS = 60
"""TCP_TIMEWAIT_LEN, a constant of the kernel (include/net/tcp.h)."""
SHARE = 0.8
"""Of the ports in theory; a search for a free one grows long when most are taken."""


@dataclass(frozen=True, slots=True)
class PortNeed:
    """What a rate to one destination needs: early reuse, a range, and how many source addresses."""

    reuse: bool
    range: tuple[int, int]
    addresses: int


def ports_in(range_: tuple[int, int]) -> int:
    return range_[1] - range_[0] + 1


def capacity(range_: tuple[int, int], seconds: int) -> int:
    """Connections a second that the ports of a range carry when each is free again after so many seconds."""
    return int(SHARE * ports_in(range_) / seconds)


def port_need(rate: int) -> PortNeed:
    """The least that carries `rate` connections a second; reuse makes a port free after 1 s, not 60."""
    if rate <= capacity(DEFAULT_RANGE, TIME_WAIT_SECONDS):
        return PortNeed(False, DEFAULT_RANGE, 1)
    for range_ in (DEFAULT_RANGE, WIDE_RANGE):
        if rate <= capacity(range_, 1):
            return PortNeed(True, range_, 1)
    return PortNeed(True, WIDE_RANGE, -(-rate // capacity(WIDE_RANGE, 1)))

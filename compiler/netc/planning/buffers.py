"""Socket buffers: from the rate and round trip of one flow, and from datagrams left unread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.demand import LARGEST_WINDOW, Flow, asked, flows, largest
from netc.knowledge.sysctls import lookup
from netc.plan import Why
from netc.planning.arithmetic import MIB, power_of_two, round_up
from netc.planning.draft import Draft, Want
from netc.units import show_bit_rate, show_size, show_time

if TYPE_CHECKING:
    from netc.demand import Asked

INT_MAX = (1 << 31) - 1
TRUESIZE_FACTOR, SMALL_DATAGRAM, SMALL_TRUESIZE = 8, 96, 768
"""Memory that a queue of small datagrams takes for each byte in it: a datagram of 96 bytes is accounted as the 768
of its buffer and bookkeeping (sk_buff truesize, seen on veth), and so is a smaller one."""
LARGEST_DEFAULT = 4 * MIB
"""Beyond this a default would be paid for by every socket of the host, so that the application must ask."""


def plan_buffers(draft: Draft) -> None:
    """`tcp_rmem`, `tcp_wmem`, `rmem_max` and `wmem_max` from flows; `rmem_*` and `udp_mem` from datagrams."""
    biggest = max(flows(draft.host), key=lambda flow: flow.product, default=None)
    if biggest is not None and biggest.product <= LARGEST_WINDOW:
        _tcp_limits(draft, biggest)
        _setsockopt_limits(draft, biggest)
        _tcp_memory(draft)
    unread = largest(draft.host, "datagrams", ends=True)
    if unread is not None:
        _datagrams(draft, unread)


def _product_text(flow: Flow) -> str:
    rate, rtt = show_bit_rate(flow.rate.value), show_time(flow.rtt.value)
    return f"one flow of {rate} over {rtt} has {rate} × {rtt} / 8 = {show_size(flow.product)} under way"


def _places(flow: Flow) -> tuple[str, ...]:
    return (flow.rate.place, flow.rtt.place)


def _tcp_limits(draft: Draft, flow: Flow) -> None:
    """The limits of autotuning: twice the product, since buffers are counted with their bookkeeping."""
    limit = min(round_up(2 * flow.product, MIB), INT_MAX)
    for key, side, detail in (
        ("net.ipv4.tcp_rmem", "receive", "the kernel offers about half of a receive buffer as window"),
        ("net.ipv4.tcp_wmem", "send", "a send buffer holds what is not yet acknowledged, with its bookkeeping"),
    ):
        reason = (
            f"{_product_text(flow)}; {detail}, so the {side} limit is twice that, {show_size(limit)}; "
            "it is the most autotuning may use for one connection, and connections made earlier keep theirs"
        )
        draft.sysctl(key, (None, None, limit), Why(_places(flow), "twice bandwidth × delay", reason), Want.AT_LEAST)


def _setsockopt_limits(draft: Draft, flow: Flow) -> None:
    """What programs may ask for by `setsockopt`; the kernel doubles it, so once the product is enough."""
    limit = min(round_up(flow.product, MIB), INT_MAX)
    for key, option in (("net.core.rmem_max", "SO_RCVBUF"), ("net.core.wmem_max", "SO_SNDBUF")):
        reason = (
            f"{_product_text(flow)}; a program that sets {option} itself may ask for {show_size(limit)}, which "
            "the kernel doubles; programs that leave it to autotuning are not limited by this key"
        )
        draft.sysctl(key, limit, Why(_places(flow), "bandwidth × delay", reason), Want.AT_LEAST)


def _tcp_memory(draft: Draft) -> None:
    """`tcp_mem`, where all flows together hold more than the pressure mark the kernel sets at boot."""
    host = draft.host
    total, memory = largest(host, "throughput", ends=True), host.system.memory
    if total is None or memory is None:
        return
    rtt = total.goal.entry("rtt")
    sysctl = lookup("net.ipv4.tcp_mem", host.system.judged)
    default = sysctl.default(memory.value) if sysctl is not None else None
    if rtt is None or not isinstance(default, tuple):
        return
    page = host.system.page.value
    held = 4 * total.value * rtt.value // (8 * 10**9)
    pages = -(-held // page)
    if pages <= default[1]:
        return
    most = memory.value // 4 // page
    mark = min(pages, most)
    reason = (
        f"{show_bit_rate(total.value)} over {show_time(rtt.value)} keep up to {show_size(held)} in buffers, twice "
        f"in each direction, while the kernel begins to save at {show_size(default[1] * page)}; counted in pages "
        f"of {page} bytes and at most a quarter of {show_size(memory.value)}"
    )
    why = Why((total.entry.place, rtt.place), "memory of all flows", reason)
    draft.sysctl("net.ipv4.tcp_mem", (mark * 3 // 4, mark, min(mark * 3 // 2, most)), why, Want.AT_LEAST)


def _datagrams(draft: Draft, unread: Asked) -> None:
    held = unread.value * TRUESIZE_FACTOR
    text = (
        f"{show_size(unread.value)} left unread take {show_size(held)} of memory in datagrams of {SMALL_DATAGRAM} "
        f"bytes, since each is counted as {SMALL_TRUESIZE} with its buffer and bookkeeping; smaller ones take more"
    )
    asked_for = min(power_of_two(held // 2), INT_MAX)
    reason = f"{text}; a program that sets SO_RCVBUF asks for half, {show_size(asked_for)}, for the kernel doubles it"
    draft.sysctl(
        "net.core.rmem_max", asked_for, Why((unread.entry.place,), "datagrams left unread", reason), Want.AT_LEAST
    )
    if held <= LARGEST_DEFAULT:
        reason = f"{text}; this is what sockets get that do not set SO_RCVBUF; TCP does not use it"
        why = Why((unread.entry.place,), "datagrams left unread", reason)
        draft.sysctl("net.core.rmem_default", power_of_two(held), why, Want.AT_LEAST)
    else:
        reason = (
            f"{text}; as a default of every socket that would be too much, so the application must ask for it "
            "with SO_RCVBUF"
        )
        why = Why((unread.entry.place,), "datagrams left unread", reason)
        draft.leave("net.core.rmem_default", str(power_of_two(held)), "its own", why)
    _udp_memory(draft, unread, held)


def _udp_memory(draft: Draft, unread: Asked, held: int) -> None:
    """`udp_mem`, where one full socket alone comes near what all UDP may hold."""
    host = draft.host
    memory = host.system.memory
    sysctl = lookup("net.ipv4.udp_mem", host.system.judged)
    default = sysctl.default(memory.value) if sysctl is not None and memory is not None else None
    if memory is None or not isinstance(default, tuple):
        return
    page = host.system.page.value
    sockets = len(asked(host, "datagrams", ends=True))
    pages = -(-2 * held * sockets // page)
    if pages <= default[1]:
        return
    most = memory.value // 4 // page
    mark = min(pages, most)
    reason = (
        f"sockets that hold {show_size(held)} unread come near the {show_size(default[1] * page)} at which the "
        f"kernel saves UDP memory; counted in pages of {page} bytes, at most a quarter of {show_size(memory.value)}"
    )
    why = Why((unread.entry.place,), "memory of UDP sockets", reason)
    draft.sysctl("net.ipv4.udp_mem", (mark * 3 // 4, mark, min(mark * 3 // 2, most)), why, Want.AT_LEAST)

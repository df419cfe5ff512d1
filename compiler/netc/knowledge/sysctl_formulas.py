"""Bounds and defaults that a kernel computes: the `=name` values of sysctl.yaml.

Each function repeats what the named source does, for the parts of it that netc can know. None means unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

    from netc.knowledge.kernels import Kernel

INT_MAX = 2**31 - 1
UINT_MAX = 2**32 - 1
_MIB = 2**20
_GIB = 2**30
_FASTEST_TICK = 1000
SLOWEST_TICK = 100
_POINTER = 8

Numbers = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Formula:
    """How a value follows from a kernel and the memory of its host (bytes, None when unknown).

    `exact` is False where the kernel starts from free pages, which netc knows only by the memory as a whole.
    """

    compute: Callable[[Kernel, int | None, list[int]], Numbers | None]
    exact: bool = True


def power_of_two(value: int) -> int:
    """The least power of two that is not below `value`, at least 1."""
    return 1 << max(0, value - 1).bit_length()


def _two_ticks(kernel: Kernel, _memory: int | None, _arguments: list[int]) -> Numbers:
    """net/core/dev.c: two ticks in microseconds. Without a known tick the least of all: that of 1000 Hz."""
    return (2_000_000 // (kernel.tick or _FASTEST_TICK),)


def _uint_ticks(kernel: Kernel, _memory: int | None, _arguments: list[int]) -> Numbers:
    """net/ipv4/sysctl_net_ipv4.c, u32_max_div_HZ: seconds whose ticks fit 32 bits."""
    return (UINT_MAX // (kernel.tick or SLOWEST_TICK),)


def _reserve_pages(kernel: Kernel, _memory: int | None, _arguments: list[int]) -> Numbers:
    """include/net/sock.h, SK_MEMORY_PCPU_RESERVE: pages in 1 MiB."""
    return (_MIB // kernel.page_size,)


def _receive_buffers(_kernel: Kernel, memory: int | None, arguments: list[int]) -> Numbers:
    """net/ipv4/tcp.c, tcp_init: the third is memory/128 within 128 KiB and the limit given.

    Unknown memory counts as ample, 4 GiB or more for the limit of 32 MiB: every server has that.
    """
    limit = arguments[0]
    return (4096, 131072, limit if memory is None else max(131072, min(limit, memory // 128)))


def _send_buffers(_kernel: Kernel, memory: int | None, _arguments: list[int]) -> Numbers:
    """net/ipv4/tcp.c, tcp_init: the third is memory/128 within 64 KiB and 4 MiB."""
    limit = 4 * _MIB
    return (4096, 16384, limit if memory is None else max(65536, min(limit, memory // 128)))


def _share_of_pages(kernel: Kernel, memory: int | None, arguments: list[int]) -> Numbers | None:
    """net/ipv4/tcp.c and udp.c: 3/4, all and 3/2 of a share of the free pages."""
    if memory is None:
        return None
    limit = max(memory // kernel.page_size // arguments[0], 128)
    low = limit // 4 * 3
    return (low, limit, low * 2)


def _connection_slots(kernel: Kernel, memory: int | None, arguments: list[int]) -> Numbers | None:
    """net/ipv4/tcp.c, tcp_init: a part of the established hash, which has a slot per 128 KiB up to 512 Ki."""
    if memory is None:
        return None
    slots = min(power_of_two(-(-memory // _MIB) * _MIB // 131072), 524288)
    divisor, *least = arguments
    return (max(slots // divisor, *least) if least else slots // divisor,)


def _buckets(kernel: Kernel, memory: int) -> int:
    """net/netfilter/nf_conntrack_core.c, nf_conntrack_init_start, then rounded as the kernel allocates it."""
    if memory > 4 * _GIB:
        slots = 262144
    elif memory > _GIB:
        slots = 65536
    else:
        slots = max(memory // 16384 // _POINTER, 1024)
    return full_pages(slots, kernel)


def full_pages(entries: int, kernel: Kernel) -> int:
    """`entries` pointers rounded up to whole pages."""
    per_page = kernel.page_size // _POINTER
    return -(-entries // per_page) * per_page


def _conntrack_buckets(kernel: Kernel, memory: int | None, _arguments: list[int]) -> Numbers | None:
    return None if memory is None else (_buckets(kernel, memory),)


def _conntrack_expectations(kernel: Kernel, memory: int | None, _arguments: list[int]) -> Numbers | None:
    """net/netfilter/nf_conntrack_expect.c: four for each of (buckets / 256)."""
    return None if memory is None else (max(_buckets(kernel, memory) // 256, 1) * 4,)


FORMULAS = {
    "two-ticks": Formula(_two_ticks),
    "uint-ticks": Formula(_uint_ticks),
    "reserve-pages": Formula(_reserve_pages),
    "receive-buffers": Formula(_receive_buffers, exact=False),
    "send-buffers": Formula(_send_buffers, exact=False),
    "share-of-pages": Formula(_share_of_pages, exact=False),
    "connection-slots": Formula(_connection_slots, exact=False),
    "conntrack-buckets": Formula(_conntrack_buckets),
    "conntrack-expectations": Formula(_conntrack_expectations),
    "boot": Formula(lambda _kernel, _memory, _arguments: None, exact=False),
}


def formula(text: str) -> tuple[Formula, list[int]]:
    """The formula that `=name argument …` names, with its arguments."""
    name, *arguments = text[1:].split()
    return FORMULAS[name], [int(argument) for argument in arguments]

"""How much memory an application of DPDK takes on a node where nobody wrote it: planning advice, which sizes but never
refuses.

Sources of the numbers: rte_mbuf_core.h, rte_mempool.h, the examples of DPDK (l3fwd), and dpdk-testpmd 22.11 on 2 MiB
pages: 32767 mbufs of 2368 bytes take 74 MiB, all else of it 16 MiB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.dpdk.page_sizes import KIB, MIB
from netc.records import dataclass
from netc.units import counted, show_size

if TYPE_CHECKING:
    from netc.dpdk.applications import DpdkApplication
    from netc.model import Host, Nic

RING = 1024
"""Descriptors of a receive or transmit ring where nothing is written: what DPDK's examples open."""
CACHE = 512
"""Mbufs that each lcore keeps for itself: RTE_MEMPOOL_CACHE_MAX_SIZE."""
BURST = 32
"""Packets that an lcore takes or sends at once: MAX_PKT_BURST of the examples. It has one burst of each in hand."""
HEADER = 64 + 128
"""Bytes before the buffer of an mbuf: the mempool's header and struct rte_mbuf."""
HEADROOM = 128
"""Bytes kept free before a packet: RTE_PKTMBUF_HEADROOM."""
DATA_ROOM = 2 * KIB
"""Bytes for a packet: RTE_MBUF_DEFAULT_DATAROOM."""
FRAME_OVERHEAD = 14 + 4 + 2 * 4
"""Bytes of a frame beside the MTU: Ethernet header, checksum and two VLAN tags."""
BUFFER_STEP = KIB
"""Receive buffers are set in steps; those of ixgbe are the largest."""
USUAL_MTU = 1500
MARGIN_PERCENT = 15
"""What the ends of pages and chunks, and the ring that holds the free mbufs, are planned to take beside mbufs."""
HEAP = 128 * MIB
"""What DPDK itself, its drivers' rings and an application's tables are planned to take on each node."""


@dataclass(frozen=True, slots=True)
class Derived:
    """The memory of one application on one node, and how it was reckoned."""

    size: int
    """Bytes."""
    arithmetic: str


def derived_memory(host: Host, application: DpdkApplication, ports: tuple[Nic, ...]) -> Derived:
    """What an application takes on a node whose ports are given: mbufs are taken from the node of their port."""
    if not ports:
        return Derived(HEAP, f"{show_size(HEAP)} for DPDK itself, since no port of it is there")
    workers = max(len(application.lcores), 1)
    descriptors = sum(_descriptors(nic, workers) for nic in ports)
    needed = descriptors + workers * (CACHE + 2 * BURST)
    # A mempool keeps its free objects in a ring of a power of two, of which one place stays empty.
    mbufs = (1 << needed.bit_length()) - 1
    each = max(mbuf_size(nic) for nic in ports)
    size = mbufs * each * (100 + MARGIN_PERCENT) // 100 + HEAP
    text = (
        f"{counted(descriptors, 'descriptor')} of {_named(ports)} and {CACHE + 2 * BURST} mbufs for each of "
        f"{counted(workers, 'lcore')} are {needed}, in a pool of {mbufs} mbufs of {each} bytes; with "
        f"{MARGIN_PERCENT} % for what lies between, and {show_size(HEAP)} for DPDK itself, {show_size(size)}"
    )
    return Derived(size, text)


def mbuf_size(nic: Nic) -> int:
    """Bytes of an mbuf that holds a whole frame.

    A frame beyond the usual buffer gets one large buffer, not several segments: every driver takes that, and the pool
    of an application that chains usual buffers instead is smaller.
    """
    frame = _written(nic, "mtu", USUAL_MTU) + FRAME_OVERHEAD
    room = max(-(-frame // BUFFER_STEP) * BUFFER_STEP, DATA_ROOM)
    return HEADER + HEADROOM + room


def _descriptors(nic: Nic, workers: int) -> int:
    """The descriptors of all rings of a port: each may hold an mbuf. Every lcore has a queue of each port."""
    queues = _written(nic, "queues", workers if nic.channels is None else min(workers, nic.channels.value))
    return queues * sum(_ring(nic, side) for side in ("rx", "tx"))


def _ring(nic: Nic, side: str) -> int:
    entry = nic.within("rings", side)
    return int(entry.value) if entry is not None and isinstance(entry.value, int) else RING


def _written(nic: Nic, word: str, usual: int) -> int:
    entry = nic.entry(word)
    return int(entry.value) if entry is not None and isinstance(entry.value, int) else usual


def _named(ports: tuple[Nic, ...]) -> str:
    names = [f"`{nic.name}`" for nic in ports]
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))

"""Which huge pages the kernel command line reserves, and how it is told.

Sources: Documentation/admin-guide/mm/hugetlbpage.rst, mm/hugetlb.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.dpdk.memory import Reservation, reservations
from netc.dpdk.page_sizes import COMMAND_LINE_SIZE, argument_size
from netc.knowledge.kernels import KernelVersion
from netc.records import dataclass

if TYPE_CHECKING:
    from netc.model import Host

NODES_ARE_TAKEN = KernelVersion(5, 16)
"""The first kernel whose `hugepages=` takes nodes (commit b5389086ad7b). One before spreads pages over all nodes."""
GAPS_ARE_TAKEN = KernelVersion(6, 1)
"""A kernel that takes the numbers of nodes as they are; the first ones compare them with how many nodes there are."""


@dataclass(frozen=True, slots=True)
class PageArguments:
    """`hugepagesz=` and `hugepages=` for the pages of one size."""

    size: int
    reserved: tuple[Reservation, ...]
    by_node: bool
    """Whether the count names nodes; without, it is that of the host's one node."""

    @property
    def texts(self) -> tuple[str, str]:
        """The two arguments in the order in which they must stand: the size, then the count."""
        counts = [f"{each.node}:{each.count}" if self.by_node else str(each.count) for each in self.reserved]
        return f"hugepagesz={argument_size(self.size)}", f"hugepages={','.join(counts)}"


def page_arguments(host: Host) -> tuple[PageArguments, ...]:
    """The sizes that the command line reserves; others, and all where it cannot say the node, are the unit's."""
    found: dict[int, list[Reservation]] = {}
    for each in reservations(host):
        if each.size >= COMMAND_LINE_SIZE:
            found.setdefault(each.size, []).append(each)
    arguments = []
    for size, reserved in found.items():
        by_node = _by_node(host, reserved)
        if by_node is not None:
            arguments.append(PageArguments(size, tuple(reserved), by_node))
    return tuple(arguments)


def _by_node(host: Host, reserved: list[Reservation]) -> bool | None:
    """Whether the count must name nodes; None where it must and cannot."""
    nodes = sorted(host.topology.nodes) if host.topology is not None else []
    named = {each.node for each in reserved}
    if len(nodes) == 1 or named == {None}:
        return False
    if None in named:
        return None
    without_gaps = nodes == list(range(len(nodes)))
    kernel = KernelVersion.parse(host.system.kernel.value)
    return True if kernel >= (NODES_ARE_TAKEN if without_gaps else GAPS_ARE_TAKEN) else None

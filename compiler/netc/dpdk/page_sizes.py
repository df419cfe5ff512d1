"""Which huge pages a kernel has: by architecture and base page, and as the facts of a machine tell.

Source: arch/x86/mm/hugetlbpage.c and arch/arm64/mm/hugetlbpage.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.units import Dimension, with_unit

if TYPE_CHECKING:
    from netc.model import Host

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30

SIZES = {
    ("x86-64", 4 * KIB): (2 * MIB, GIB),
    ("arm64", 4 * KIB): (64 * KIB, 2 * MIB, 32 * MIB, GIB),
    ("arm64", 16 * KIB): (2 * MIB, 32 * MIB, GIB),
    ("arm64", 64 * KIB): (2 * MIB, 512 * MIB, 16 * GIB),
}
"""Architecture and base page → page sizes in bytes, ascending. On x86-64 1 GiB takes the CPU flag `pdpe1gb`."""

USUAL_SIZES = {("arm64", 16 * KIB): 32 * MIB, ("arm64", 64 * KIB): 512 * MIB}
"""Architecture and base page → the size that programs get which name none, where it is not 2 MiB: one entry of the page
middle directory (HPAGE_SHIFT is PMD_SHIFT)."""

SMALL = 2 * MIB
"""The one size that every architecture and base page has."""

COMMAND_LINE_SIZE = GIB
"""Pages of this size and larger are beyond what the buddy allocator hands out on every architecture here, so that they
are best taken before it starts, from the command line."""


def sizes(host: Host) -> tuple[int, ...]:
    """The sizes of huge pages that the architecture has, ascending; none for a base page it does not have."""
    return SIZES.get((host.system.architecture.value, host.system.page.value), ())


def told_sizes(host: Host) -> frozenset[int]:
    """The sizes that the facts of the machine tell of; empty where they tell of none."""
    nodes = host.facts.facts.nodes if host.facts is not None else ()
    return frozenset(pages.size for node in nodes for pages in node.hugepages)


def offered_sizes(host: Host) -> tuple[int, ...]:
    """The sizes the target has: those of the architecture, without what the machine is known to lack."""
    told = told_sizes(host)
    return tuple(size for size in sizes(host) if not told or size in told)


def usual_size(host: Host) -> int:
    """The size that programs get which name none, unless `default_hugepagesz=` says another."""
    return USUAL_SIZES.get((host.system.architecture.value, host.system.page.value), SMALL)


def large_size(host: Host) -> int:
    """The largest size that suits an application: 1 GiB, or 512 MiB where a base page of 64 KiB has no such size."""
    return max((size for size in offered_sizes(host) if size <= GIB), default=SMALL)


def size_text(size: int) -> str:
    """A size as it stands in the language and in names of folders: `1GiB`."""
    return with_unit(size, Dimension.SIZE)


def spoken_size(size: int) -> str:
    """A size as one reads it: `1 GiB`."""
    text = size_text(size)
    number = text.rstrip("BKMGTi")
    return f"{number} {text[len(number) :]}"


def argument_size(size: int) -> str:
    """A size as kernel arguments and mount options take it: `1G`."""
    return size_text(size).removesuffix("B").removesuffix("i")


def folder_name(size: int) -> str:
    """The folder in sysfs that counts the pages of a size."""
    return f"hugepages-{size // KIB}kB"


def on_node(node: int | None) -> str:
    """Behind a number of pages, where they are; nothing where no node is told."""
    return "" if node is None else f" on node {node}"

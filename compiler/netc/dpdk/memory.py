"""The huge pages of a host: what its applications take on each node, in which pages, and what is reserved for them.

`memory` of an application without a node holds for each node on which it has an lcore or a port; where it is written
for some nodes alone, it takes none of the others. Where nothing is written, `netc.dpdk.mbufs` reckons it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.dpdk.applications import applications, told_node
from netc.dpdk.mbufs import derived_memory
from netc.dpdk.page_sizes import MIB, SMALL, large_size, on_node, size_text, spoken_size
from netc.records import dataclass
from netc.units import counted

if TYPE_CHECKING:
    from netc.dpdk.applications import DpdkApplication
    from netc.language.sections import Entry
    from netc.language.sentences import Amount, Pages
    from netc.model import Host, Nic


LARGE_PAGE_SHARE = 16
"""A page that an application does not fill may be so small a part of its node's memory: planning number."""


@dataclass(frozen=True, slots=True)
class Need:
    """What one application takes on one node."""

    unit: str
    node: int | None
    """None where nothing tells of nodes."""
    size: int
    """Bytes."""
    entry: Entry[Amount] | None
    """The statement that says so; None where it is derived."""
    place: str
    """The statement, or the application where it is derived, as artifacts name it."""
    arithmetic: str


@dataclass(frozen=True, slots=True)
class Reservation:
    """Huge pages of one size on one node."""

    size: int
    """Bytes of a page."""
    node: int | None
    """None where nothing tells of nodes."""
    count: int
    entry: Entry[Pages] | None
    """The line of `hugepages` that says so; None where it is derived."""
    places: tuple[str, ...]
    """Who asked for it."""
    reason: str

    @property
    def bytes(self) -> int:
        return self.size * self.count


def socket_memory(host: Host, application: DpdkApplication) -> tuple[int, ...]:
    """MiB of node 0, node 1 and so on, as EAL's `--socket-mem` takes them: whole pages, 0 where it has none.

    One number alone where nothing tells of nodes.
    """
    page = page_size(host, application)
    found = {need.node or 0: pages_of(need, page) * page for need in needs(host, application)}
    nodes = host.topology.nodes if host.topology is not None else {}
    return tuple(-(-found.get(node, 0) // MIB) for node in range(max([0, *nodes, *found]) + 1))


def hugepage_folder(host: Host, application: DpdkApplication) -> str:
    """Where the huge pages of the application are mounted: EAL's `--huge-dir`.

    Applications share the file system of a size unless their groups differ: a folder has one group. The pages
    themselves are one pool for each size, however often that is mounted.
    """
    size, group = page_size(host, application), application.group
    groups = {each.group for each in applications(host) if page_size(host, each) == size}
    path = f"/dev/hugepages-{size_text(size)}"
    return f"{path}-{group}" if group and len(groups) > 1 else path


def needs(host: Host, application: DpdkApplication) -> tuple[Need, ...]:
    """What the application takes, by node."""
    return host.once(f"huge page needs of {application.unit}", lambda: _needs(host, application))


def pages_of(need: Need, page: int) -> int:
    """The whole pages that a need takes; one at least."""
    return max(-(-need.size // page), 1)


def page_size(host: Host, application: DpdkApplication) -> int:
    """Bytes of the pages that the application gets: as written, else such as are reserved, else the largest that it
    fills or that its node has plenty of."""
    entry = application.entry("page")
    if entry is not None:
        return int(entry.value) or SMALL
    wanted = needs(host, application)
    stated = _stated(host)
    if stated:
        return _fitting(wanted, stated) or SMALL
    large = large_size(host)
    if any(need.size >= large for need in wanted):
        return large
    memory = [node_memory(host, need.node) for need in wanted]
    plenty = all(known is not None and known >= large * LARGE_PAGE_SHARE for known in memory)
    return large if memory and plenty else SMALL


def reservations(host: Host) -> tuple[Reservation, ...]:
    """All huge pages that the host is promised, largest pages first: as `hugepages` says, else what applications
    take."""
    return host.once("huge page reservations", lambda: _stated(host) or _derived(host))


def node_memory(host: Host, node: int | None) -> int | None:
    """Bytes of a node, or of the host where nothing tells of nodes; an even share where only the whole is known."""
    nodes = host.topology.nodes if host.topology is not None else {}
    if node in nodes and nodes[node].memory is not None:
        return nodes[node].memory
    whole = host.system.memory
    if whole is None:
        return None
    return whole.value // max(len(nodes), 1)


def application_nodes(host: Host, application: DpdkApplication) -> list[int | None]:
    """The nodes on which an application has an lcore or a port, in ascending order; [None] where nothing tells."""
    found = {node_of_port(host, application, nic) for nic in application.nics} | set(lcore_nodes(host, application))
    known = sorted(node for node in found if node is not None)
    return [*known] or [None]


def lcore_nodes(host: Host, application: DpdkApplication) -> list[int]:
    """The nodes of its lcores, in ascending order."""
    nodes = host.topology.nodes if host.topology is not None else {}
    return [node for node, each in nodes.items() if each.cpus & application.lcores]


def node_of_port(host: Host, application: DpdkApplication, nic: Nic) -> int | None:
    """The node whose memory a port's packets land in; that of the first lcore where nothing tells, or where the node
    has no CPU, by which EAL would know it."""
    nodes = host.topology.nodes if host.topology is not None else {}
    with_cpus = [node for node, each in nodes.items() if each.cpus]
    told = told_node(host, nic)
    return next(iter([*([told] if told in with_cpus else []), *lcore_nodes(host, application), *with_cpus]), None)


def _needs(host: Host, application: DpdkApplication) -> tuple[Need, ...]:
    unit = application.unit
    lines = {entry.value.node: entry for entry in application.memory}
    found: dict[int | None, Need] = {}
    for node in application_nodes(host, application):
        entry = lines.get(node) or lines.get(None)
        if entry is not None:
            found[node] = _written_need(unit, node, entry)
        elif not lines:
            ports = tuple(nic for nic in application.nics if node_of_port(host, application, nic) == node)
            reckoned = derived_memory(host, application, ports)
            place = application.section.place
            found[node] = Need(unit, node, reckoned.size, None, place, reckoned.arithmetic)
    for node, entry in lines.items():
        if node is not None and node not in found:
            found[node] = _written_need(unit, node, entry)
    ordered = sorted(found.values(), key=lambda need: -1 if need.node is None else need.node)
    return tuple(need for need in ordered if need.size)


def _written_need(unit: str, node: int | None, entry: Entry[Amount]) -> Need:
    return Need(unit, node, entry.value.size, entry, entry.place, f"{spoken_size(entry.value.size)} as written")


def _stated(host: Host) -> tuple[Reservation, ...]:
    """What `hugepages` says; a line for a node wins over one for all of them."""
    section = host.section.section("hugepages")
    lines: list[Entry[Pages]] = section.entries_of("") if section is not None else []
    found: dict[tuple[int, int | None], Reservation] = {}
    for entry in sorted(lines, key=lambda entry: entry.value.node is not None):
        pages = entry.value
        for node in [pages.node] if pages.node is not None else nodes_with_cpus(host):
            reason = f"{counted(pages.count, 'page')} of {spoken_size(pages.size)}{on_node(node)}, as written"
            found[pages.size, node] = Reservation(pages.size, node, pages.count, entry, (entry.place,), reason)
    return _ordered(found)


def nodes_with_cpus(host: Host) -> list[int | None]:
    """The nodes that a line of `hugepages` without a node means; [None] where nothing tells of nodes."""
    nodes = host.topology.nodes if host.topology is not None else {}
    return [node for node, each in nodes.items() if each.cpus] or [None]


def _derived(host: Host) -> tuple[Reservation, ...]:
    """What the applications take, added up."""
    found: dict[tuple[int, int | None], Reservation] = {}
    for application in applications(host):
        page = page_size(host, application)
        for need in needs(host, application):
            count = pages_of(need, page)
            pages = f"{counted(count, 'page')} of {spoken_size(page)}{on_node(need.node)}"
            reason = f"`{need.unit}` takes {pages}: {need.arithmetic}"
            before = found.get((page, need.node))
            found[page, need.node] = Reservation(
                page,
                need.node,
                count + (before.count if before is not None else 0),
                None,
                (*(before.places if before is not None else ()), need.place),
                f"{before.reason}; {reason}" if before is not None else reason,
            )
    return _ordered(found)


def _ordered(found: dict[tuple[int, int | None], Reservation]) -> tuple[Reservation, ...]:
    """Largest pages first: they are the hardest to find."""
    return tuple(sorted(found.values(), key=lambda each: (-each.size, -1 if each.node is None else each.node)))


def _fitting(wanted: tuple[Need, ...], stated: tuple[Reservation, ...]) -> int:
    """The largest of the reserved sizes that covers what is wanted on every node; the largest where none does."""
    room = {(each.size, each.node): each.bytes for each in stated}
    offered = sorted({each.size for each in stated}, reverse=True)
    for size in offered:
        if all(room.get((size, need.node), 0) >= need.size for need in wanted):
            return size
    return offered[0]

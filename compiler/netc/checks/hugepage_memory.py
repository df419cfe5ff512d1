"""Huge pages: that they fit on their nodes, and leave the system memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc import codes
from netc.diagnostics import Label
from netc.dpdk.applications import applications
from netc.dpdk.memory import needs, node_memory, page_size, pages_of, reservations
from netc.dpdk.page_sizes import MIB, on_node, size_text
from netc.units import show_size

if TYPE_CHECKING:
    from netc.diagnostics import Report
    from netc.dpdk.memory import Reservation
    from netc.model import Host
    from netc.source import Span

SYSTEM_MEMORY = 512 * MIB
"""What each node keeps for kernel, services and caches: a Debian 12 that has just booted has less in use."""
PAGE_RECORD = 64
"""Bytes of struct page, of which the kernel has one for every base page: include/linux/mm_types.h."""


def pages_leave_memory(host: Host, report: Report) -> None:
    """Huge pages fit on their node, and leave it enough for the system."""
    by_node: dict[int | None, list[Reservation]] = {}
    for each in reservations(host):
        by_node.setdefault(each.node, []).append(each)
    whole, everything = host.system.memory, list(reservations(host))
    insisted = sum(_insisted(host, each) for each in everything)
    if whole is not None and len(by_node) > 1 and insisted > whole.value:
        _report_beyond(host, report, "on the host", whole.value, everything)
        return
    nodes = host.topology.nodes if host.topology is not None else {}
    for node, reserved in by_node.items():
        memory = node_memory(host, node)
        if not memory or (node is not None and node not in nodes):
            continue
        assumed = node is not None and nodes[node].memory is None
        _judge_node(host, report, node, memory, reserved, assumed=assumed and len(nodes) > 1)


def _judge_node(
    host: Host, report: Report, node: int | None, memory: int, reserved: list[Reservation], *, assumed: bool
) -> None:
    where = "on the host" if node is None else f"on node {node}"
    total = sum(each.bytes for each in reserved)
    if not assumed and sum(_insisted(host, each) for each in reserved) > memory:
        _report_beyond(host, report, where, memory, reserved)
        return
    records = _records(host, memory)
    if total + records + SYSTEM_MEMORY <= memory:
        return
    notes = [
        f"{show_size(SYSTEM_MEMORY)} are for kernel, services and caches, and {show_size(records)} for what the kernel "
        f"notes of every page: {PAGE_RECORD} bytes for {show_size(host.system.page.value)} (struct page)"
    ]
    if assumed:
        notes.append(
            f"{show_size(memory)} are an even share of the host's memory, since nothing tells that of the node"
        )
    notes += [each.reason for each in reserved if each.entry is None]
    report.add(
        codes.PAGES_LEAVE_LITTLE.at(
            _place(host, reserved),
            pages=show_size(total),
            where=where,
            rest=show_size(memory - total) if memory > total else "nothing",
            memory=show_size(memory),
            notes=notes,
            help=[_less(host, memory, reserved)],
        )
    )


def _report_beyond(host: Host, report: Report, where: str, memory: int, reserved: list[Reservation]) -> None:
    place = _place(host, reserved)
    spans = [each.entry.span for each in reserved if each.entry is not None and each.entry.span not in (None, place)]
    report.add(
        codes.PAGES_BEYOND_MEMORY.at(
            place,
            pages=show_size(sum(each.bytes for each in reserved)),
            where=where,
            memory=show_size(memory),
            labels=[Label(span, "a part of it") for span in dict.fromkeys(spans) if span is not None],
            notes=[each.reason for each in reserved],
            help=[_less(host, memory, reserved)],
        )
    )


def _records(host: Host, memory: int) -> int:
    """Bytes that the kernel's records of so much memory take."""
    return memory // host.system.page.value * PAGE_RECORD


def _less(host: Host, memory: int, reserved: list[Reservation]) -> str:
    """What would fit in place of the smallest pages, which are the easiest to do without."""
    last = reserved[-1]
    room = memory - _records(host, memory) - SYSTEM_MEMORY - sum(each.bytes for each in reserved[:-1])
    count = max(room, 0) // last.size
    if not count or len({each.node for each in reserved}) > 1:
        return "reserve fewer pages, or smaller ones"
    if last.entry is None:
        return f"`memory {size_text(count * last.size)}{on_node(last.node)}` would leave enough"
    return f"`{size_text(last.size)} {count}{on_node(last.node)}` would leave enough"


def _insisted(host: Host, each: Reservation) -> int:
    """Bytes of a reservation that somebody wrote; what netc estimates refuses nothing."""
    if each.entry is not None:
        return each.bytes
    return sum(
        pages_of(need, each.size) * each.size
        for application in applications(host)
        if page_size(host, application) == each.size
        for need in needs(host, application)
        if need.node == each.node and need.entry is not None
    )


def _place(host: Host, reserved: list[Reservation]) -> Span | None:
    """The line that asks for the most; where all is derived, the application."""
    written = [each for each in reserved if each.entry is not None]
    if written:
        most = max(written, key=lambda each: each.bytes)
        return most.entry.span if most.entry is not None else None
    found = [need for app in applications(host) for need in needs(host, app) if need.node == reserved[0].node]
    lines = [need.entry for need in found if need.entry is not None]
    if lines:
        return max(lines, key=lambda entry: entry.value.size).span
    return next((app.section.span for app in applications(host)), host.span)

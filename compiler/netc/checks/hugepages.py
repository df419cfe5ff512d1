"""Huge pages: that the target has their sizes, and that they cover what applications take of them on each node."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from netc import codes
from netc.cpulist import spoken
from netc.diagnostics import Label
from netc.dpdk.applications import applications
from netc.dpdk.memory import (
    application_nodes,
    lcore_nodes,
    needs,
    node_of_port,
    page_size,
    pages_of,
    reservations,
)
from netc.dpdk.page_sizes import offered_sizes, on_node, size_text, sizes, spoken_size, told_sizes
from netc.places import name_in, value_of
from netc.source import Span
from netc.units import counted, show_size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.diagnostics import Report
    from netc.dpdk.applications import DpdkApplication
    from netc.dpdk.memory import Need, Reservation
    from netc.language.sections import Entry
    from netc.language.sentences import Amount, Pages
    from netc.model import Host


def page_sizes_exist(host: Host, report: Report) -> None:
    """The target has every size of huge pages that is named."""
    for size, place in _named_sizes(host):
        if size not in offered_sizes(host):
            report_size(host, report, size, place)


def report_size(host: Host, report: Report, size: int, place: Span | None) -> None:
    """A size the target lacks, and those it has."""
    system, told = host.system, told_sizes(host)
    target = system.architecture.value
    if size in sizes(host):
        target = f"the machine of `{host.facts.source.name}`" if host.facts is not None else target
        there = sorted(told)
        note = "the kernel lists its sizes in /sys/kernel/mm/hugepages; 1 GiB takes the CPU flag `pdpe1gb` on x86-64"
    else:
        if target != "x86-64":
            target += f" with a base page of {spoken_size(system.page.value)}"
        there = list(sizes(host))
        note = "source: arch/x86/mm/hugetlbpage.c and arch/arm64/mm/hugetlbpage.c"
    *others, last = [f"`{size_text(each)}`" for each in there] or [""]
    fitting = " or ".join(filter(None, [", ".join(others), last]))
    helps = [f"write {fitting}"] if fitting else []
    report.add(codes.PAGE_SIZE_MISSING.at(place, target=target, size=show_size(size), notes=[note], help=helps))


def _named_sizes(host: Host) -> Iterator[tuple[int, Span | None]]:
    for entry in _lines(host):
        yield entry.value.size, _first_word(entry)
    for application in applications(host):
        page = application.entry("page")
        if page is not None:
            yield page.value, value_of(page, "page")


def nodes_of_pages_exist(host: Host, report: Report) -> None:
    """Every node that is named for memory is there and has some."""
    nodes = host.topology.nodes if host.topology is not None else {}
    if not nodes:
        return
    statements: list[tuple[str, Entry[Pages] | Entry[Amount]]] = [("hugepages", entry) for entry in _lines(host)]
    statements += [("memory", entry) for application in applications(host) for entry in application.memory]
    for statement, entry in statements:
        node = entry.value.node
        if node is None or (node in nodes and nodes[node].memory != 0):
            continue
        numbers = ", ".join(str(number) for number, each in nodes.items() if each.memory != 0)
        problem, notes = "which has no memory", [f"nodes with memory: {numbers}"]
        if node not in nodes:
            problem, notes = f"but the host has node{'s' * (len(nodes) > 1)} {', '.join(map(str, nodes))}", []
        place = name_in(entry, str(node)) or entry.span
        report.add(codes.PAGES_ON_NO_NODE.at(place, statement=statement, node=node, problem=problem, notes=notes))


def applications_see_their_nodes(host: Host, report: Report) -> None:
    """EAL knows a node by its CPUs, and takes no memory of one that has none."""
    nodes = host.topology.nodes if host.topology is not None else {}
    numbers = ", ".join(str(number) for number, each in nodes.items() if each.cpus)
    for application in applications(host):
        for entry in application.memory:
            node = entry.value.node
            if node not in nodes or nodes[node].cpus or nodes[node].memory == 0:
                continue
            report.add(
                codes.MEMORY_EAL_DOES_NOT_SEE.at(
                    name_in(entry, str(node)) or entry.span,
                    unit=application.unit,
                    node=node,
                    notes=[
                        f"nodes with CPUs: {numbers}",
                        'EAL looks for nodes at its CPUs, and ends with "Not enough memory available on socket '
                        f'{node}" (eal_common_lcore.c, eal_common_dynmem.c)',
                    ],
                    help=["leave the line out; `hugepages` reserves pages of that node for other programs"],
                )
            )


def pages_are_reserved(host: Host, report: Report) -> None:
    """The size that an application names is one of those `hugepages` reserves."""
    reserved = sorted({entry.value.size for entry in _lines(host)}, reverse=True)
    if not reserved:
        return
    for application in applications(host):
        page = application.entry("page")
        if page is None or page.value in reserved or page.value not in offered_sizes(host):
            continue
        wanted = [
            f"{size_text(page.value)} {pages_of(need, page.value)}{on_node(need.node)}"
            for need in needs(host, application)
        ]
        report.add(
            codes.PAGE_NOT_RESERVED.at(
                value_of(page, "page"),
                size=size_text(page.value),
                unit=application.unit,
                reserved=" and ".join(spoken_size(size) for size in reserved),
                labels=_labels(_lines(host), "reserved"),
                notes=["`hugepages` is the whole reservation of the host"],
                help=[f"add `{'; '.join(wanted)}` to `hugepages`, or write `page {size_text(reserved[0])}`"],
            )
        )


def reservations_cover_applications(host: Host, report: Report) -> None:
    """What `hugepages` reserves of a size on a node covers what applications take of it together."""
    if not _lines(host):
        return
    reserved = {(each.size, each.node): each for each in reservations(host)}
    offered = {each.size for each in reservations(host)}
    wanted: dict[tuple[int, int | None], list[Need]] = {}
    for application in applications(host):
        size = page_size(host, application)
        for need in needs(host, application):
            if size in offered and _is_there(host, need.node):
                wanted.setdefault((size, need.node), []).append(need)
    for (size, node), takers in wanted.items():
        have = reserved.get((size, node))
        count = sum(pages_of(need, size) for need in takers)
        if have is None or have.count < count:
            _report_short(host, report, size, node, have, takers)


def _report_short(
    host: Host, report: Report, size: int, node: int | None, have: Reservation | None, takers: list[Need]
) -> None:
    count = sum(pages_of(need, size) for need in takers)
    written = sum(pages_of(need, size) for need in takers if need.entry is not None)
    number = have.count if have is not None else 0
    code = codes.RESERVATION_SHORT if written > number else codes.RESERVATION_SHORT_OF_ESTIMATE
    names = sorted({f"`{need.unit}`" for need in takers})
    line = have.entry if have is not None else None
    everywhere = line is not None and line.value.node is None
    wanted = f"{size_text(size)} {count}{'' if everywhere else on_node(node)}"
    report.add(
        code.at(
            line.span if line is not None else _hugepages_place(host),
            have=counted(number, "page") if number else "no page",
            size=spoken_size(size),
            where=on_node(node),
            taken=f"{' and '.join(names)} {'takes' if len(names) == 1 else 'take'} {count}",
            labels=[
                Label(need.entry.span, f"{pages_of(need, size)} of them")
                for need in takers
                if need.entry is not None and need.entry.span is not None
            ],
            notes=[
                f"`{need.unit}` takes {counted(pages_of(need, size), 'page')}: {need.arithmetic}" for need in takers
            ],
            help=[f"write `{wanted}` in `hugepages`"],
        )
    )


def applications_have_memory(host: Host, report: Report) -> None:
    """An application that tells its memory by node has some on every node where it has an lcore or a port."""
    for application in applications(host):
        lines = application.memory
        named = {entry.value.node for entry in lines}
        if not lines or None in named:
            continue
        for node in application_nodes(host, application):
            if node is not None and node not in named:
                _report_without_memory(host, report, application, node)


def _report_without_memory(host: Host, report: Report, application: DpdkApplication, node: int) -> None:
    ports = [nic for nic in application.nics if node_of_port(host, application, nic) == node]
    lcores = application.entry("lcores")
    what, place = " and ".join(f"`{nic.name}`" for nic in ports), None
    if node in lcore_nodes(host, application) and lcores is not None:
        assert host.topology is not None  # noqa: S101 - there are nodes
        cpus = spoken(application.lcores & host.topology.nodes[node].cpus)
        what, place = f"{what} and {cpus}" if what else cpus, value_of(lcores, "lcores")
    elif (nics := application.entry("nics")) is not None:
        place = name_in(nics, ports[0].name)
    report.add(
        codes.NODE_WITHOUT_MEMORY.at(
            place,
            unit=application.unit,
            what=what,
            node=node,
            labels=_labels(application.memory, "its memory"),
            notes=[
                "DPDK takes buffers of a port from the port's node, and what an lcore works with from the lcore's: "
                "where there is none an application fails, or works across the sockets"
            ],
            help=[f"add `memory 1GiB on node {node}`, or write `memory` without a node: it holds for each of them"],
        )
    )


def _is_there(host: Host, node: int | None) -> bool:
    """Whether a node that is named exists; where nothing tells of nodes, none is judged."""
    return node is None or host.topology is None or not host.topology.nodes or node in host.topology.nodes


def _lines(host: Host) -> list[Entry[Pages]]:
    section = host.section.section("hugepages")
    return section.entries_of("") if section is not None else []


def _hugepages_place(host: Host) -> Span | None:
    section = host.section.section("hugepages")
    return section.span if section is not None else host.span


def _labels(entries: list[Entry[Pages]] | list[Entry[Amount]], text: str) -> list[Label]:
    return [Label(entry.span, text) for entry in entries if entry.span is not None]


def _first_word(entry: Entry[Pages]) -> Span | None:
    span = entry.span
    match = re.search(r"\S+$|\S+(?=\s)", span.text) if span is not None else None
    return Span(span.source, span.start + match.start(), span.start + match.end()) if span and match else span

"""Kernel arguments and sysctls that say something of huge pages, beside what is reserved.

Sources: Documentation/admin-guide/mm/hugetlbpage.rst, mm/hugetlb.c.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from netc import codes
from netc.checks.hugepages import report_size
from netc.diagnostics import Label
from netc.dpdk.memory import reservations
from netc.dpdk.page_arguments import page_arguments
from netc.dpdk.page_sizes import GIB, KIB, MIB, offered_sizes, on_node, size_text, spoken_size, usual_size
from netc.patterns import pattern
from netc.places import name_in, setting_key
from netc.units import counted

if TYPE_CHECKING:
    from netc.diagnostics import Report
    from netc.language.sections import Entry
    from netc.language.sentences import KernelArgument
    from netc.model import Host
    from netc.source import Span

_SIZE = pattern(r"(\d+)([kmg]?)", re.IGNORECASE)
_UNITS = {"": 1, "k": KIB, "m": MIB, "g": GIB}
COUNTING_SYSCTLS = ("vm.nr_hugepages", "vm.nr_hugepages_mempolicy")


def default_sizes_exist(host: Host, report: Report) -> None:
    """`default_hugepagesz=` stands once and names a size the target has."""
    first: Entry[KernelArgument] | None = None
    for entry in _arguments(host, "default_hugepagesz"):
        text = entry.value.text
        if first is not None:
            label = [Label(first.span, "the kernel takes this one")] if first.span is not None else []
            note = "source: Documentation/admin-guide/mm/hugetlbpage.rst, default_hugepagesz"
            report.add(
                codes.DEFAULT_SIZE_TWICE.at(
                    name_in(entry, text), argument=text, first=first.value.text, labels=label, notes=[note]
                )
            )
            continue
        first = entry
        size = _size_of(text)
        if size is not None and size not in offered_sizes(host):
            report_size(host, report, size, name_in(entry, text))


def the_default_size_is_reserved(host: Host, report: Report) -> None:
    """Where pages are reserved and a default size is written, there are pages of that size."""
    entry = next(iter(_arguments(host, "default_hugepagesz")), None)
    reserved = {each.size for each in reservations(host)}
    size = _size_of(entry.value.text) if entry is not None else None
    if entry is None or size is None or size in reserved or not reserved or size not in offered_sizes(host):
        return
    there = " and ".join(spoken_size(each) for each in sorted(reserved))
    report.add(
        codes.DEFAULT_SIZE_NOT_RESERVED.at(
            name_in(entry, entry.value.text),
            argument=entry.value.text,
            size=spoken_size(size),
            notes=[
                f"pages of {there} are reserved; the default size is that of mmap and shmget without a size, of "
                "/dev/hugepages and of vm.nr_hugepages",
            ],
            help=[f"reserve some in `hugepages`: `{size_text(size)} N`, or leave the argument out"],
        )
    )


def pages_are_told_once(host: Host, report: Report) -> None:
    """No kernel argument and no sysctl says how many huge pages there are, where netc does."""
    reserved = reservations(host)
    if not reserved:
        return
    for name in ("hugepagesz", "hugepages"):
        for entry in _arguments(host, name):
            note = (
                "`hugepages=` counts pages of the size before it on the command line, and each size may stand there "
                "once (hugetlbpage.rst): among arguments of netc's it means another size, or is passed over"
            )
            _report_twice(host, report, entry.value.text, name_in(entry, entry.value.text), note)
    usual = _default_size(host)
    if not host.section.section("hugepages") and usual not in {each.size for each in reserved}:
        return
    for assigned in host.assignments:
        if assigned.value.key in COUNTING_SYSCTLS:
            note = (
                f"it counts pages of the default size, {spoken_size(usual)}, over all nodes: systemd-sysctl would take "
                "pages back, or put them on other nodes"
            )
            _report_twice(host, report, f"set {assigned.value.key}", setting_key(assigned), note)


def _report_twice(host: Host, report: Report, statement: str, place: Span | None, note: str) -> None:
    section = host.section.section("hugepages")
    if section is not None:
        other, where, text = "hugepages", section.span, "the whole reservation of the host"
        way_out = "leave it out, or add its pages to `hugepages`"
    else:
        unit, application = host.section.sections_of("dpdk")[0]
        first = reservations(host)[0]
        other, where = f"dpdk {unit}", application.span
        text = f"this reserves {counted(first.count, 'page')} of {spoken_size(first.size)}{on_node(first.node)}"
        lines = "; ".join(f"{size_text(each.size)} {each.count}{on_node(each.node)}" for each in reservations(host))
        way_out = f"leave it out, or add its pages to those of applications: `hugepages {{ {lines} }}`"
    labels = [Label(where, text)] if where is not None else []
    report.add(
        codes.PAGES_TOLD_TWICE.at(place, statement=statement, other=other, labels=labels, notes=[note], help=[way_out])
    )


def the_kernel_reserves_at_boot(host: Host, report: Report) -> None:
    """Nothing keeps the kernel from reserving the pages that its command line names."""
    early = page_arguments(host)
    for entry in _arguments(host, "hugetlb_cma"):
        if entry.value.text.partition("=")[2] == "0":
            continue
        for arguments in early:
            report.add(
                codes.BOOT_RESERVATION_SKIPPED.at(
                    name_in(entry, entry.value.text),
                    argument=entry.value.text,
                    size=spoken_size(arguments.size),
                    notes=[
                        "it sets memory aside for pages that are asked for later, and passes `hugepages=` over "
                        "(mm/hugetlb.c, hugetlb_hstate_alloc_pages)"
                    ],
                    help=["leave the argument out"],
                )
            )


def _arguments(host: Host, name: str) -> list[Entry[KernelArgument]]:
    return [entry for entry in host.kernel_arguments if entry.value.text.partition("=")[0].replace("-", "_") == name]


def _size_of(argument: str) -> int | None:
    """The bytes that the kernel reads from `default_hugepagesz=1G`; None for a text netc cannot read."""
    match = _SIZE.fullmatch(argument.partition("=")[2])
    return int(match[1]) * _UNITS[match[2].lower()] if match else None


def _default_size(host: Host) -> int:
    """The size that programs get which name none."""
    written = next(iter(_arguments(host, "default_hugepagesz")), None)
    return (_size_of(written.value.text) if written is not None else None) or usual_size(host)

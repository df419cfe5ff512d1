"""CPUs: that those named exist, and that none has two duties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc import codes
from netc.cpulist import CpuSet, spoken
from netc.diagnostics import Label
from netc.isolation import isolating
from netc.places import value_of
from netc.serving import housekeeping_cpus, isolated_cpus
from netc.units import show_size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.diagnostics import Report
    from netc.language.sections import Entry
    from netc.model import Host


def named_cpus_exist(host: Host, report: Report) -> None:
    """Every CPU list of the file names CPUs the host has."""
    if host.topology is None:
        return
    for word, entry in _lists(host):
        beyond = entry.value - host.topology.possible
        if beyond:
            left = entry.value & host.topology.possible
            last = word.rpartition(" ")[2]
            report.add(
                codes.CPU_NOT_THERE.at(
                    value_of(entry, last),
                    word=word,
                    cpus=spoken(beyond),
                    all=spoken(host.topology.possible),
                    help=[f"write `{last} {left}`"] if left else (),
                )
            )


def _lists(host: Host) -> Iterator[tuple[str, Entry[CpuSet]]]:
    for word, entry in (("housekeeping", host.housekeeping), ("isolate", host.isolate)):
        if entry is not None and isinstance(entry.value, CpuSet):
            yield word, entry.with_value(entry.value)
    for nic in host.nics:
        for block in ("irq", "rps"):
            listed = nic.within(block, "cpus")
            if listed is not None and isinstance(listed.value, CpuSet):
                yield f"{block} cpus", listed
    for _, interface in host.section.sections_of("interface"):
        steering = interface.section("rps")
        listed = steering.entry("cpus") if steering is not None else None
        if listed is not None:
            yield "rps cpus", listed
    for _, application in host.section.sections_of("dpdk"):
        lcores = application.entry("lcores")
        if lcores is not None:
            yield "lcores", lcores


def cpus_have_one_duty(host: Host, report: Report) -> None:
    """No CPU is both housekeeping and isolated, as far as both are written as lists."""
    if host.housekeeping is None or host.isolate is None:
        return
    if not isinstance(host.isolate.value, CpuSet):
        return
    kept = housekeeping_cpus(host)
    shared = kept & host.isolate.value
    place = value_of(host.housekeeping, "housekeeping")
    if not shared or place is None:
        return
    rest = host.isolate.value - kept
    report.add(
        codes.CPUS_OVERLAP.at(
            value_of(host.isolate, "isolate"),
            cpus=spoken(shared),
            one="isolated",
            other="housekeeping",
            labels=[Label(place, f"this leaves {spoken(kept)} to the operating system")],
            help=[f"write `isolate {rest}`, or `isolate rest` for all others"] if rest else ["write `isolate rest`"],
        )
    )


def a_cpu_is_left(host: Host, report: Report) -> None:
    """The operating system keeps at least one online CPU."""
    statements = isolating(host)
    if host.topology is None or not statements:
        return
    if host.topology.online and not host.topology.online - isolated_cpus(host):
        note = "timers, RCU callbacks and tasks that are bound nowhere need a CPU too"
        help_line = "write `housekeeping 1 core per node` and `isolate rest`"
        word, entry = statements[0]
        place = value_of(entry, word)
        if word == "lcores":
            help_line = "name fewer CPUs in `lcores`: one core at least is the system's"
        report.add(codes.NONE_LEFT.at(place, notes=[note], help=[help_line]))


def node_memory_adds_up(host: Host, report: Report) -> None:
    """Memory of `node` blocks adds up to `memory` of `system`, where both are written for every node."""
    section = host.section.section("system")
    total = section.entry("memory") if section is not None else None
    cpu = host.cpu_section
    if total is None or cpu is None:
        return
    parts = [node.entry("memory") for _, node in cpu.sections_of("node")]
    written = [part for part in parts if part is not None]
    if not parts or len(written) < len(parts):
        return
    added = sum(part.value for part in written)
    if added != total.value:
        places = [value_of(part, "memory") for part in written]
        labels = [Label(place, "a part of it") for place in places if place is not None]
        report.add(
            codes.NODE_MEMORY_DISAGREES.at(
                value_of(total, "memory"),
                nodes=show_size(added),
                host=show_size(total.value),
                labels=labels,
                help=[f"write `memory {show_size(added).replace(' ', '')}`, or correct the nodes"],
            )
        )

"""Interrupts against the CPUs that are to serve them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc import codes
from netc.checks.queues import certain_queues
from netc.cpulist import CpuSet, spoken
from netc.demand import traffic_nics
from netc.diagnostics import Label, Sentence
from netc.isolation import isolating
from netc.placement import placements
from netc.places import value_of
from netc.serving import housekeeping_cpus, idle_siblings, isolated_cpus, lcores, may_use_isolated

if TYPE_CHECKING:
    from netc.diagnostics import Diagnostic, Report
    from netc.language.sections import Entry
    from netc.model import Host, Nic, Topology
    from netc.placement import Placement
    from netc.source import Span

X86_VECTORS = 203
"""Interrupts of devices that one CPU of x86-64 can take at most: from FIRST_EXTERNAL_VECTOR, 0x20, to
FIRST_SYSTEM_VECTOR, 0xec, of which one more is the kernel's (Linux 6.1 to 7.2, arch/x86/include/asm/irq_vectors.h).
One or two others go to int 0x80 and to a legacy interrupt controller, where there is one."""
MOST_LABELS = 4


def interrupts_go_where_they_may(host: Host, report: Report) -> None:
    """CPUs that `irq cpus` names are on, free for interrupts, and of the node of the NIC."""
    topology = host.topology
    if topology is None:
        return
    isolated, polled, kept = isolated_cpus(host), lcores(host), housekeeping_cpus(host)
    free = topology.online - isolated - polled
    busy = {nic.name for nic in traffic_nics(host)}
    for nic in host.nics:
        entry = nic.within("irq", "cpus")
        if entry is None or not isinstance(entry.value, CpuSet) or nic.given_to_dpdk:
            continue
        written = entry.value & topology.possible
        if written and not written & topology.online:
            report.add(_offline(nic, entry, written))
            continue
        barred = CpuSet() if may_use_isolated(nic) else isolated - polled
        left = written & topology.online - polled - barred
        if written & barred:
            report.add(_isolated(host, nic, entry, written & barred, left))
        if written & polled:
            report.add(polled_cpus(host, "irq cpus", f"nic `{nic.name}`", entry, written & polled, left))
        if nic.name in busy:
            _check_node(topology, nic, entry, left, (free - kept, free), report)


def _offline(nic: Nic, entry: Entry[CpuSet], written: CpuSet) -> Diagnostic:
    return codes.IRQ_OFFLINE.at(
        value_of(entry, "cpus"),
        nic=nic.name,
        notes=[
            f"{spoken(written)} {'is' if len(written) == 1 else 'are'} offline; of a list without a CPU that is "
            "online the kernel takes nothing (EINVAL)"
        ],
        help=["name CPUs that are online, or leave `irq cpus` out"],
    )


def _isolated(host: Host, nic: Nic, entry: Entry[CpuSet], found: CpuSet, left: CpuSet) -> Diagnostic:
    statements = [(value_of(entry, word), word) for word, entry in isolating(host)]
    texts = {
        "isolate": "no interrupt may land on these CPUs",
        "lcores": "these CPUs poll without a pause, and what shares their cores stays idle",
    }
    idle = found & idle_siblings(host)
    labels = [
        Label(place, texts[word]) for place, word in statements if place is not None and (word == "isolate" or idle)
    ]
    without = [f"write `irq {{ cpus {left} }}`"] if left else ["leave `irq cpus` out to have CPUs that are free"]
    return codes.IRQ_ISOLATED.at(
        value_of(entry, "cpus"),
        nic=nic.name,
        cpus=spoken(found),
        labels=labels[:MOST_LABELS],
        help=[*without, f"write `irq {{ cpus {left | found}; isolated }}` if its interrupts belong there"],
    )


def polled_cpus(host: Host, word: str, owner: str, entry: Entry[CpuSet], found: CpuSet, left: CpuSet) -> Diagnostic:
    """The finding that a statement sends packets to CPUs that a DPDK application polls with. `left` are the others."""
    applications = [section.entry("lcores") for _, section in host.section.sections_of("dpdk")]
    places = [value_of(taken, "lcores") for taken in applications if taken is not None and taken.value & found]
    return codes.CPUS_POLLED.at(
        value_of(entry, "cpus"),
        word=word,
        owner=Sentence(owner),
        cpus=spoken(found),
        labels=[Label(place, "these CPUs poll without a pause") for place in places if place is not None],
        notes=["an lcore never sleeps: what the kernel does on its CPU is time in which it polls no queue"],
        help=[f"write `{word} {left}`"] if left else [f"leave `{word}` out"],
    )


def _check_node(
    topology: Topology, nic: Nic, entry: Entry[CpuSet], left: CpuSet, free: tuple[CpuSet, CpuSet], report: Report
) -> None:
    """CPUs of other nodes are told where the NIC's own has CPUs for it, be they housekeeping ones."""
    node = topology.nodes.get(nic.node.value) if nic.node is not None else None
    if node is None or nic.node is None:
        return
    local = [cpus & node.cpus for cpus in (left, *free)]
    away = (entry.value & topology.online) - node.cpus
    if not away or not local[-1]:
        return
    others = [str(other.id) for other in topology.nodes.values() if other.cpus & away]
    place = value_of(nic.node, "node")
    report.add(
        codes.IRQ_OTHER_NODE.at(
            value_of(entry, "cpus"),
            nic=nic.name,
            cpus=spoken(away),
            nodes=f"node{'s' * (len(others) > 1)} {', '.join(others)}",
            node=node.id,
            labels=[Label(place, f"this node has {spoken(node.cpus)}")] if place is not None else [],
            notes=["every packet that those CPUs receive crosses the interconnect between the nodes"],
            help=[f"write `irq {{ cpus {next(filter(None, local))}{_word(nic)} }}`"],
        )
    )


def _word(nic: Nic) -> str:
    """`isolated`, where the block has it: without it the CPUs that are left would be refused."""
    return "; isolated" if nic.within("irq", "isolated") is not None else ""


def vectors_suffice(host: Host, report: Report) -> None:
    """No CPU of x86-64 is to serve more interrupts than it has vectors; arm64 has no such bound."""
    if host.system.architecture.value != "x86-64" or host.topology is None:
        return
    found = placements(host)
    load: dict[int, int] = {}
    for placed in found.values():
        each = interrupts_per_queue(placed.nic)
        for queue in range((certain_queues(host, placed.nic) or 0) * bool(each)):
            cpu = placed.cpu_of(queue)
            load[cpu] = load.get(cpu, 0) + each
    full = CpuSet.of(cpu for cpu, count in load.items() if count > X86_VECTORS)
    if not full:
        return
    worst = max(full, key=lambda cpu: load[cpu])
    shares = {name: _on(host, placed, worst) for name, placed in found.items()}
    first, *others = sorted((name for name in shares if shares[name]), key=lambda name: -shares[name])
    total, cpus = sum(load.values()), len(host.topology.online)
    notes = ["vectors 32 to 235 are for devices (arch/x86/include/asm/irq_vectors.h); one too many fails with ENOSPC"]
    way_out = "write fewer `queues`, or more CPUs in `irq cpus`"
    if total > X86_VECTORS * cpus:
        notes.append(f"all queues need {total} vectors, and the host has {X86_VECTORS * cpus} of them")
        way_out = "have fewer queues, or more CPUs: some of the interfaces would not even come up"
    places = [(_place_of_queues(found[name].nic), name) for name in others[: MOST_LABELS - 1]]
    report.add(
        codes.VECTORS_EXHAUSTED.at(
            _place_of_queues(found[first].nic),
            cpus=spoken(full),
            each=" each" if len(full) > 1 else "",
            count=f"up to {load[worst]}" if len(full) > 1 else load[worst],
            limit=X86_VECTORS,
            label=f"{shares[first]} of them",
            labels=[Label(place, f"{shares[name]} of them") for place, name in places if place is not None],
            notes=notes,
            help=[way_out],
        )
    )


def interrupts_per_queue(nic: Nic) -> int:
    """How many interrupts a pair of queues has: two where sending and receiving have their own."""
    if nic.knowledge is None:
        return 1
    told = nic.knowledge.interrupts
    if told.named_by == "none":
        return 0
    return 2 if told.halves or told.named_by == "virtio" else 1


def _on(host: Host, placed: Placement, cpu: int) -> int:
    """The interrupts of a NIC's queues on one CPU."""
    served = sum(placed.cpu_of(queue) == cpu for queue in range(certain_queues(host, placed.nic) or 0))
    return served * interrupts_per_queue(placed.nic)


def _place_of_queues(nic: Nic) -> Span | None:
    queues, cpus = nic.entry("queues"), nic.within("irq", "cpus")
    if queues is not None:
        return value_of(queues, "queues")
    return value_of(cpus, "cpus") if cpus is not None else nic.span

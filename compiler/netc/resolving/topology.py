"""CPUs, cores and NUMA nodes: from `sockets`, `cores` and `threads`, from `node` blocks, or from facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc import codes
from netc.cpulist import HIGHEST_CPU, CpuSet, spoken
from netc.diagnostics import Label
from netc.model import Node, Topology
from netc.places import value_of
from netc.records import replace

if TYPE_CHECKING:
    from netc.diagnostics import Report
    from netc.hardware.facts import Facts
    from netc.hardware.reading import LocatedFacts
    from netc.language.sections import Entry, Section
    from netc.source import Source

COUNTS = ("sockets", "cores", "threads")


def resolve_topology(
    cpu: Section | None, facts: LocatedFacts | None, report: Report, unread: frozenset[Source] = frozenset()
) -> Topology | None:
    """What is written must agree with the facts; the facts win in detail (gaps, offline CPUs, siblings).

    `unread` are the files of which a statement could not be read.
    """
    told = _from_facts(facts.facts) if facts is not None else None
    written = _written(cpu, told, unread, report)
    if written is not None and told is not None and facts is not None and cpu is not None:
        _compare(written, told, cpu, facts, report)
    topology = told or written
    smt = cpu.entry("smt") if cpu is not None else None
    if topology is not None and smt is not None and not smt.value:
        topology = _one_of_each_core(topology)
    offline = cpu.entry("offline") if cpu is not None else None
    if topology is None or offline is None:
        return topology
    return _take_offline(topology, offline, told is not None, facts, report)


def _written(cpu: Section | None, told: Topology | None, unread: frozenset[Source], report: Report) -> Topology | None:
    if cpu is None:
        return None
    if cpu.sections_of("node"):
        return _from_nodes(cpu, report)
    if not any(cpu.entry(word) for word in COUNTS):
        return None
    missing = [word for word in ("sockets", "cores") if cpu.entry(word) is None]
    if missing and cpu.entry("cores") is None:
        if told is None and (cpu.span is None or cpu.span.source not in unread):
            help_lines = ["write `cores 16`, or how many cores each socket has"]
            report.add(codes.CPU_COUNT_MISSING.at(cpu.span, word="cores", help=help_lines))
        return None
    return _from_counts(cpu, report)


def _from_counts(cpu: Section, report: Report) -> Topology | None:
    """The arithmetic of sockets × cores × threads, CPUs numbered as `numbering` says."""
    sockets, cores, threads = (_count(cpu, word) for word in COUNTS)
    nodes_entry = cpu.entry("nodes")
    nodes = nodes_entry.value if nodes_entry is not None else sockets
    total_cores = sockets * cores
    total = total_cores * threads
    if total - 1 > HIGHEST_CPU:
        count = f"{sockets} sockets × {cores} cores × {threads} threads are {total} CPUs"
        notes = [f"distributions build their kernels with CONFIG_NR_CPUS={HIGHEST_CPU + 1} at most"]
        report.add(codes.TOO_MANY_CPUS.at(cpu.span, count=count, limit=HIGHEST_CPU + 1, notes=notes))
        return None
    if total_cores % nodes:
        place = value_of(nodes_entry, "nodes") if nodes_entry is not None else cpu.span
        fitting = [n for n in range(1, total_cores + 1) if total_cores % n == 0]
        near = [max(n for n in fitting if n < nodes), *[n for n in fitting if n > nodes][:1]]
        help_lines = [
            f"write {' or '.join(f'`nodes {n}`' for n in near)}, or describe uneven nodes with `node 0 {{ cpus … }}`"
        ]
        report.add(codes.NODES_DO_NOT_DIVIDE.at(place, cores=total_cores, nodes=nodes, help=help_lines))
        return None
    entry = cpu.entry("numbering")
    numbering = entry.value if entry is not None else "cores-first"
    siblings: list[CpuSet] = []
    members: dict[int, int] = dict.fromkeys(range(nodes), 0)
    per_node = total_cores // nodes
    for core in range(total_cores):
        if numbering == "threads-first":
            cpus = range(core * threads, (core + 1) * threads)
        else:
            cpus = range(core, total, total_cores)
        node = core % nodes if numbering == "node-interleaved" else core // per_node
        group = CpuSet.of(cpus)
        siblings.append(group)
        members[node] |= group.bits
    everything = CpuSet((1 << total) - 1)
    node_sections = {number: Node(number, CpuSet(bits)) for number, bits in members.items()}
    return Topology(everything, everything, node_sections, tuple(siblings), cpu.place)


def _count(cpu: Section, word: str) -> int:
    entry = cpu.entry(word)
    return int(entry.value) if entry is not None else 1


def _from_nodes(cpu: Section, report: Report) -> Topology:
    nodes: dict[int, Node] = {}
    taken: dict[int, Entry[CpuSet]] = {}
    siblings: list[CpuSet] = []
    for name, section in cpu.sections_of("node"):
        entry = section.entry("cpus")
        cpus = entry.value if entry is not None else CpuSet()
        for number, other in taken.items():
            shared = other.value & cpus
            if shared and entry is not None and other.span is not None:
                place = value_of(other, "cpus") or other.span
                report.add(
                    codes.CPU_ON_TWO_NODES.at(
                        value_of(entry, "cpus"),
                        cpus=spoken(shared),
                        node=name,
                        other=number,
                        labels=[Label(place, f"node {number} has {shared} too")],
                        notes=["a CPU is on one node: that of the memory controller it is wired to"],
                        help=[f"write `cpus {cpus - shared}`"] if cpus - shared else (),
                    )
                )
        if entry is not None:
            taken[int(name)] = entry
        memory = section.entry("memory")
        nodes[int(name)] = Node(int(name), cpus, memory.value if memory is not None else None)
        siblings += [e.value for e in section.entries_of("siblings")]
    everything = CpuSet()
    for node in nodes.values():
        everything |= node.cpus
    grouped = CpuSet()
    for group in siblings:
        grouped |= group
    cores = [group & everything for group in siblings] + [CpuSet.of([c]) for c in everything - grouped]
    cores = [core for core in cores if core]
    ordered = dict(sorted(nodes.items()))
    return Topology(everything, everything, ordered, tuple(sorted(cores, key=min)), cpu.place)


def _from_facts(facts: Facts) -> Topology | None:
    if not facts.cpus:
        return None
    members: dict[int, int] = {node.id: 0 for node in facts.nodes}
    groups: dict[CpuSet, None] = {}
    for cpu in facts.cpus:
        if cpu.node is not None:
            members[cpu.node] = members.get(cpu.node, 0) | 1 << cpu.id
        groups[cpu.siblings or CpuSet.of([cpu.id])] = None
    memory = {node.id: node.memory for node in facts.nodes}
    nodes = {n: Node(n, CpuSet(bits), memory.get(n)) for n, bits in sorted(members.items())}
    possible = (facts.possible or CpuSet()) | facts.present
    caches = tuple(sorted({cpu.l3: None for cpu in facts.cpus if cpu.l3}, key=min))
    return Topology(possible, facts.online, nodes, tuple(sorted(groups, key=min)), "facts", caches)


def _compare(written: Topology, told: Topology, cpu: Section, facts: LocatedFacts, report: Report) -> None:
    """CPUs and nodes as written against the machine; siblings only count where both know of threads."""
    present = facts.facts.present
    place = Label(facts.span_of("cpus"), f"the facts tell of CPUs {present}")
    if written.possible != present:
        report.add(
            codes.FACTS_DISAGREE.at(
                cpu.span,
                what="the CPUs of the host",
                written=str(written.possible),
                found=str(present),
                labels=[place],
                help=["correct the `cpu` block, or leave it out and let the facts speak"],
            )
        )
        return
    for number, node in written.nodes.items():
        other = told.nodes.get(number)
        if told.nodes and (other is None or other.cpus != node.cpus):
            found = "no such node" if other is None else f"CPUs {other.cpus}"
            report.add(
                codes.FACTS_DISAGREE.at(
                    cpu.span,
                    what=f"node {number}",
                    written=f"CPUs {node.cpus}",
                    found=found,
                    labels=[place],
                    help=["set `numbering`, write `node` blocks, or leave both out and let the facts speak"],
                )
            )
            return


def _one_of_each_core(topology: Topology) -> Topology:
    """What is left online with `nosmt`: the first thread of each core."""
    first = CpuSet.of(next(iter(core & topology.online)) for core in topology.cores if core & topology.online)
    return replace(topology, online=first)


def _take_offline(
    topology: Topology, offline: Entry[CpuSet], from_facts: bool, facts: LocatedFacts | None, report: Report
) -> Topology:
    beyond = offline.value - topology.possible
    if beyond:
        report.add(
            codes.CPU_NOT_THERE.at(
                value_of(offline, "offline"),
                word="offline",
                cpus=spoken(beyond),
                all=spoken(topology.possible),
            )
        )
    online_now = offline.value & topology.online
    if from_facts and facts is not None and online_now:
        first = next((i for i, cpu in enumerate(facts.facts.cpus) if cpu.id in online_now), 0)
        report.add(
            codes.FACTS_DISAGREE.at(
                value_of(offline, "offline"),
                what="`offline`",
                written=spoken(offline.value),
                found=f"{spoken(online_now)} online",
                labels=[Label(facts.span_of("cpus", first), "online here")],
                help=["leave `offline` out, or probe the machine again after it was taken offline"],
            )
        )
    return replace(topology, online=topology.online - offline.value)

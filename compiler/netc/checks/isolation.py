"""CPUs that are isolated or left to the operating system, kernel arguments that say the same, and irqbalance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netc import codes
from netc.checks.wording import spoken_nics
from netc.cpulist import CpuListError, CpuSet, spoken
from netc.diagnostics import Label, Sentence
from netc.irqbalance import bans_by_driver, device_driver, in_its_way, is_told_apart, pinned
from netc.isolation import (
    BOOT_CPU,
    apart,
    isolating,
    isolation_arguments,
    tickless_cpus,
    undisturbed_cpus,
    written_argument,
)
from netc.language.sentences import HousekeepingRule
from netc.places import name_in, value_of
from netc.serving import housekeeping_cpus, isolated_cpus, lcores
from netc.units import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.diagnostics import Diagnostic, Report
    from netc.language.sections import Entry, Section
    from netc.model import Host, Topology

KERNEL_PARAMETERS = "source: Documentation/admin-guide/kernel-parameters.txt"
BY_NUMBER = "it is set for each CPU by its number"
WHY_KNOWN = {
    "housekeeping": "interrupts and queues go by which other CPUs there are",
    "isolate": "interrupts and services get the other CPUs, and a kernel drops a list that names a CPU too many",
    "lcores": "they are isolated with their siblings, and a kernel drops a list that names a CPU too many",
}
"""Statement → why it takes the CPUs of the host."""


def cpus_are_known(host: Host, report: Report) -> None:
    """Whoever gives CPUs a duty says which CPUs there are."""
    if host.topology is not None:
        return
    for word in ("housekeeping", "isolate", "c-states", "governor"):
        entry = host.cpu_entry(word)
        if entry is None or entry.value == "on" or host.may_be_unread(entry.span):
            continue
        report.add(codes.CPUS_NOT_KNOWN.at(entry.span, word=word, notes=[WHY_KNOWN.get(word, BY_NUMBER)]))
    for word, entry in isolating(host):
        if word == "lcores" and not host.may_be_unread(entry.span):
            report.add(codes.CPUS_NOT_KNOWN.at(entry.span, word=word, notes=[WHY_KNOWN[word]]))
    for word, found in _steering(host):
        if not host.may_be_unread(found.span):
            note = "masks name no CPU beyond those of the host, and queues are dealt to those that are free"
            report.add(codes.CPUS_NOT_KNOWN.at(found.span, word=word, notes=[note]))


def _steering(host: Host) -> Iterator[tuple[str, Entry[Any] | Section]]:
    """Statements that name or need CPUs, each with its words."""
    for nic in host.nics:
        for block in ("irq", "rps", "xps"):
            section = nic.section.section(block)
            state = section.state if section is not None else None
            if section is not None and (state is None or state.value == "on"):
                yield block, section
    for _, interface in host.section.sections_of("interface"):
        section = interface.section("rps")
        if section is not None:
            yield "rps", section


def housekeeping_cpus_are_there(host: Host, report: Report) -> None:
    """A rule counts out no more cores than there are, and a list names a CPU that is online."""
    topology, entry = host.topology, host.housekeeping
    if topology is None or entry is None:
        return
    if isinstance(entry.value, HousekeepingRule):
        _count_cores(topology, entry, entry.value, report)
    elif entry.value & topology.possible and not entry.value & topology.online:
        offline = entry.value & topology.possible
        report.add(
            codes.HOUSEKEEPING_OFFLINE.at(
                value_of(entry, "housekeeping"),
                cpus=spoken(offline),
                state="which is offline" if len(offline) == 1 else "which are offline",
                notes=[f"the host has {spoken(topology.online)} online"],
                help=[f"write `housekeeping {min(topology.online)}`"] if topology.online else (),
            )
        )


def _count_cores(topology: Topology, entry: Entry[Any], rule: HousekeepingRule, report: Report) -> None:
    places = {f"node {node.id}": node.cpus for node in topology.nodes.values()} if rule.per_node else {}
    for where, cpus in (places or {"the host": topology.online}).items():
        cores = sum(bool(core & topology.online & cpus) for core in topology.cores)
        if cores and rule.cores > cores:
            suffix = " per node" if rule.per_node else ""
            report.add(
                codes.MORE_HOUSEKEEPING_THAN_CORES.at(
                    value_of(entry, "housekeeping"),
                    wanted=counted(rule.cores, "core"),
                    where=where,
                    cores=counted(cores, "core"),
                    help=[f"write `housekeeping 1 core{suffix}`, or how many of the {cores} are to be kept"],
                )
            )
            return


def isolation_leaves_some(host: Host, report: Report) -> None:
    """`isolate rest` finds CPUs that are not left to the operating system."""
    topology, entry = host.topology, host.isolate
    if topology is not None and entry is not None and entry.value == "rest" and not isolated_cpus(host):
        labels = []
        if host.housekeeping is not None and host.housekeeping.span is not None:
            labels.append(Label(host.housekeeping.span, "this keeps them"))
        online = spoken(topology.online)
        report.add(codes.ISOLATES_NOTHING.at(value_of(entry, "isolate"), cpus=online, labels=labels))


def the_boot_cpu_keeps_time(host: Host, report: Report) -> None:
    """CPU 0 is not isolated, for the kernel keeps some of its work there whatever it is told."""
    isolated = isolated_cpus(host)
    if host.topology is None or not isolated & BOOT_CPU or not host.topology.online - isolated:
        return
    if housekeeping_cpus(host) & BOOT_CPU:  # it cannot be both, which is said
        return
    core = next((core for core in host.topology.cores if core & BOOT_CPU), BOOT_CPU)
    # Of several statements the one that names a CPU of its core, and only of `isolate rest` none does.
    word, entry = next(
        (found for found in isolating(host) if isinstance(found[1].value, CpuSet) and found[1].value & core),
        isolating(host)[0],
    )
    rest = (entry.value if isinstance(entry.value, CpuSet) else isolated) - core
    help_line = f"write `{word} {rest}`"
    if entry.value == "rest":
        help_line = f"write `housekeeping {housekeeping_cpus(host) | core}`"
    report.add(
        codes.BOOT_CPU_ISOLATED.at(
            value_of(entry, word),
            notes=[
                "the boot CPU keeps time, so `nohz_full=` never stops its tick, `irqaffinity=` always adds it, and on "
                "arm64 `isolcpus=` leaves it out (kernel/time/tick-sched.c, kernel/irq/irqdesc.c, "
                "kernel/sched/isolation.c)"
            ],
            help=[help_line] if rest else (),
        )
    )


def cores_are_isolated_whole(host: Host, report: Report) -> None:
    """No CPU is isolated whose sibling does other work."""
    topology, entry, smt = host.topology, host.isolate, host.cpu_entry("smt")
    if topology is None or entry is None or (smt is not None and not smt.value):
        return
    isolated, others, whole, touched = isolated_cpus(host) & topology.online, CpuSet(), CpuSet(), CpuSet()
    halves = 0
    for core in topology.cores:
        members = core & topology.online
        if not members & isolated or members & lcores(host):  # what stands beside an lcore its application says
            continue
        touched |= members
        if members <= isolated:
            whole |= members
        else:
            halves += 1
            others |= members - isolated
    if others:
        report.add(_split(host, entry, halves, isolated & touched - whole, others, whole))


def _split(
    host: Host, entry: Entry[CpuSet | str], halves: int, isolated: CpuSet, others: CpuSet, whole: CpuSet
) -> Diagnostic:
    kept = housekeeping_cpus(host) if host.housekeeping is not None else CpuSet()
    if entry.value == "rest":
        fitting = [f"write `housekeeping {kept | isolated}`"]
    elif others & kept:
        fitting = [f"write `isolate {whole}`"] if whole else []
    else:
        everything = whole | isolated | others
        all_but_one = host.topology is not None and not host.topology.online - everything
        fitting = [f"write `isolate {whole}`"] if all_but_one and whole else []
        fitting = fitting if all_but_one else [f"write `isolate {everything}`"]
    owner = "its" if len(isolated) == 1 else "their"
    return codes.CORE_SPLIT.at(
        value_of(entry, "isolate"),
        cores=counted(halves, "core"),
        isolated=spoken(isolated),
        siblings=Sentence(f"{owner} sibling{'s' * (len(others) != 1)}, {spoken(others)}"),
        notes=["threads of a core share its units and caches, so that work on one slows the other down"],
        help=[*fitting, "or boot with one thread for each core: `smt off`"],
    )


def the_kernel_can_stop_the_tick(host: Host, report: Report) -> None:
    """The target's kernel has what `nohz_full=` needs, as far as that is known."""
    distribution = host.system.distribution
    if not tickless_cpus(host) or host.system.kernel.span is not None:
        return
    word, entry = isolating(host)[0]
    if distribution.modules.no_hz_full == "n":
        report.add(
            codes.TICK_NOT_STOPPED.at(
                value_of(entry, word),
                system=f"{distribution.name} {distribution.release or ''}".strip(),
                notes=[
                    "that kernel is built without CONFIG_NO_HZ_FULL and passes `nohz_full=` over",
                    f"source: {distribution.source}",
                ],
                help=["write `kernel` with the version of another kernel that the host will run"],
            )
        )


def arguments_agree_with_statements(host: Host, report: Report) -> None:
    """A kernel argument that the file writes itself says nothing else than `isolate` and `housekeeping`."""
    isolated, free = isolated_cpus(host), undisturbed_cpus(host)
    derived = isolation_arguments(host)
    for name in ("isolcpus", "nohz_full", "rcu_nocbs", "irqaffinity"):
        written = written_argument(host, name)
        if written is None:
            continue
        cpus = _cpus(written.value)
        if not isolated and name == "isolcpus":
            report.add(_unknown_to_netc(written, cpus))
        if name not in derived or cpus is None:
            continue
        agrees = {
            "isolcpus": cpus == isolated,
            "nohz_full": cpus - BOOT_CPU == isolated - BOOT_CPU,
            "rcu_nocbs": isolated <= cpus,
            "irqaffinity": not cpus & free,
        }
        if not agrees[name]:
            report.add(_contradiction(host, written, name, cpus, derived[name]))


def _cpus(value: str) -> CpuSet | None:
    """The CPUs of an argument, behind the words that `isolcpus=` may begin with; None for a list netc cannot read."""
    parts = [part for part in value.split(",") if not part.replace("_", "").isalpha()]
    try:
        return CpuSet.parse(",".join(parts)) if parts else None
    except CpuListError:
        return None


def _contradiction(host: Host, written: Entry[str], name: str, cpus: CpuSet, value: str) -> Diagnostic:
    statements = apart(host)
    word, entry = statements[0]
    labels = []
    if entry.span is not None:
        together = "these mean" if len(statements) > 1 else "this means"
        labels.append(Label(entry.span, f"{together} `{name}={value}`"))
    note = "`isolcpus=` and `nohz_full=` name the isolated CPUs, and a kernel before 5.18 drops one of two that differ"
    if name == "rcu_nocbs":
        note = f"callbacks of RCU would go on on {spoken(isolated_cpus(host) - cpus)}"
    elif name == "irqaffinity":
        note = f"interrupts that nobody pins would go to {spoken(cpus & undisturbed_cpus(host))}"
    return codes.ARGUMENT_CONTRADICTS.at(
        name_in(written, f"{name}={written.value}"),
        argument=f"{name}={written.value}",
        word=word,
        labels=labels,
        notes=[note, KERNEL_PARAMETERS],
        help=[f"remove the `kernel-argument`: `{word}` writes `{name}={value}`"],
    )


def _unknown_to_netc(written: Entry[str], cpus: CpuSet | None) -> Diagnostic:
    return codes.ISOLATED_BY_ARGUMENT.at(
        name_in(written, f"isolcpus={written.value}"),
        argument=f"isolcpus={written.value}",
        notes=["queues, their interrupts and RPS are placed as if no CPU were isolated"],
        help=[f"write `isolate {cpus if cpus is not None else 'LIST'}` in `cpu`; it writes the argument too"],
    )


def irqbalance_leaves_pins_alone(host: Host, report: Report) -> None:
    """What is pinned stays pinned, and a statement about irqbalance does something."""
    written = host.system.irqbalance
    choice = written.value if written is not None else "ban"
    if written is not None and choice == "keep" and in_its_way(host):
        names = [nic.name for nic in pinned(host)]
        what = f"the interrupts of {spoken_nics(names)}" if names else "interrupts to isolated CPUs"
        report.add(
            codes.IRQBALANCE_KEPT.at(
                value_of(written, "irqbalance"),
                what=what,
                notes=["it looks at interrupts every ten seconds; seen on Debian 12, which runs it once installed"],
                help=["write `irqbalance ban`, which keeps it off these and lets it balance the rest"],
            )
        )
    if written is not None and choice == "ban" and not in_its_way(host):
        note = "netc pins interrupts where it knows the CPUs of the host and a NIC, and no CPU is isolated"
        report.add(codes.IRQBALANCE_WITHOUT_EFFECT.at(written.span, notes=[note]))
    if choice == "ban" and bans_by_driver(host):
        for nic in pinned(host):
            if device_driver(nic) is None:
                note = (
                    "on a system with SELinux irqbalance may run no script that tells devices apart, so interrupts "
                    "are kept from it by driver (fedora-selinux, irqbalance.te)"
                )
                report.add(codes.NOT_KEPT_FROM_IRQBALANCE.at(nic.span, nic=nic.name, notes=[note]))
    elif choice == "ban":
        for nic in pinned(host):
            if not is_told_apart(nic):
                note = "irqbalance knows interrupts by their device, and a path like this names none that it could tell"
                report.add(codes.NOT_KEPT_FROM_IRQBALANCE.at(nic.span, nic=nic.name, notes=[note]))

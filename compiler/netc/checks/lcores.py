"""lcores of DPDK applications: CPUs that are on, apart from others, near their ports, and enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc import codes
from netc.checks.wording import joined, quoted
from netc.cpulist import CpuSet, spoken
from netc.diagnostics import Label, Sentence
from netc.dpdk.applications import applications
from netc.dpdk.lcores import PACKETS_PER_LCORE, fitting_lcores, load_on, nodes_of_ports
from netc.dpdk.memory import lcore_nodes
from netc.places import value_of
from netc.serving import housekeeping_cpus, idle_siblings
from netc.units import counted, show_count

if TYPE_CHECKING:
    from netc.diagnostics import Diagnostic, Report
    from netc.dpdk.applications import DpdkApplication
    from netc.language.sections import Entry
    from netc.model import Host
    from netc.source import Span

MOST_LABELS = 4
POLLS = "an lcore never sleeps: whatever else has its CPU takes time in which it polls no queue"


def _lcores_of(application: DpdkApplication) -> Entry[CpuSet] | None:
    return application.entry("lcores")


def _place(application: DpdkApplication) -> Span | None:
    entry = _lcores_of(application)
    return value_of(entry, "lcores") if entry is not None else application.section.span


def applications_have_lcores(host: Host, report: Report) -> None:
    """Every application says which CPUs it polls with, and its main lcore is one of them."""
    for application in applications(host):
        main = application.entry("main-lcore")
        if _lcores_of(application) is None:
            if not host.may_be_unread(application.section.span):
                report.add(_without(host, application))
        elif main is not None and main.value not in application.lcores:
            report.add(
                codes.NO_MAIN_LCORE.at(
                    value_of(main, "main-lcore"),
                    cpu=main.value,
                    unit=application.unit,
                    lcores=application.lcores,
                    labels=_labels([application], "its lcores"),
                    notes=["EAL refuses a main lcore that it is not given (eal_common_options.c)"],
                    help=[f"write `main-lcore {next(iter(application.lcores))}`, or leave it out to have the first"],
                )
            )


def _without(host: Host, application: DpdkApplication) -> Diagnostic:
    cpus = fitting_lcores(host, application)
    nodes = sorted(set(nodes_of_ports(host, application).values()))
    where = f" on node{'s' * (len(nodes) > 1)} {joined([str(node) for node in nodes])}" if nodes else ""
    help_line = f"write `lcores {cpus}`: one CPU of each core{where} that nobody else has" if cpus else ""
    return codes.NO_LCORES.at(
        application.section.span,
        unit=application.unit,
        notes=["left to itself EAL takes every CPU that it may, and polls on all of them"],
        help=[help_line or "write `lcores` with the CPUs it is to have, and `cpu` with those of the host"],
    )


def lcores_are_on(host: Host, report: Report) -> None:
    """lcores are online."""
    if host.topology is None:
        return
    for application in applications(host):
        off = application.lcores & host.topology.possible - host.topology.online
        if off:
            left = application.lcores - off
            smt = host.cpu_entry("smt")
            place = smt.span if smt is not None and not smt.value else None
            report.add(
                codes.LCORES_OFFLINE.at(
                    _place(application),
                    unit=application.unit,
                    cpus=spoken(off),
                    state=Sentence("which is" if len(off) == 1 else "which are"),
                    labels=[Label(place, "this leaves one thread of each core")] if place is not None else [],
                    help=[f"write `lcores {left or fitting_lcores(host, application)}`"],
                )
            )


def lcores_have_one_duty(host: Host, report: Report) -> None:
    """A CPU is an lcore of one application, and neither it nor what stays idle beside it is housekeeping."""
    every = applications(host)
    for number, application in enumerate(every):
        for other in every[:number]:
            shared = application.lcores & other.lcores
            if shared:
                rest = application.lcores - shared
                report.add(
                    codes.LCORES_SHARED.at(
                        _place(application),
                        cpus=spoken(shared),
                        one=other.unit,
                        other=application.unit,
                        labels=_labels([other], "these CPUs poll without a pause already"),
                        notes=[POLLS],
                        help=[f"write `lcores {rest or fitting_lcores(host, application)}`"],
                    )
                )
    entry = host.housekeeping
    if entry is None:
        return
    kept = housekeeping_cpus(host)
    for application in every:
        for cpus, one in ((application.lcores, "polled"), (idle_beside(host, application), "idle beside lcores")):
            if not cpus & kept:
                continue
            left = CpuSet.of(cpu for cpu in application.lcores if not _core(host, cpu) & kept)
            help_lines = [f"write `lcores {left or fitting_lcores(host, application)}`"]
            if one != "polled":
                help_lines.append("or write `siblings on`, which leaves the other threads of their cores to others")
            report.add(
                codes.LCORES_TAKEN.at(
                    _place(application),
                    cpus=spoken(cpus & kept),
                    one=Sentence(one),
                    labels=[Label(place, "this keeps them")] if (place := value_of(entry, "housekeeping")) else [],
                    notes=[POLLS],
                    help=help_lines,
                )
            )
            break


def _core(host: Host, cpu: int) -> CpuSet:
    cores = host.topology.cores if host.topology is not None else ()
    return next((core for core in cores if cpu in core), CpuSet.of([cpu]))


def idle_beside(host: Host, application: DpdkApplication) -> CpuSet:
    """What stays idle beside the lcores of one application."""
    beside = CpuSet()
    for cpu in application.lcores:
        beside |= _core(host, cpu)
    return beside & idle_siblings(host)


def lcores_have_cores_of_their_own(host: Host, report: Report) -> None:
    """No two lcores are threads of one core, unless `siblings on` permits it to all that share it."""
    every = applications(host)
    for number, application in enumerate(every):
        if host.topology is None or application.permits("siblings"):
            continue
        others = CpuSet()  # of two applications the later one is told
        for other in every[:number]:
            others |= other.lcores - application.lcores
        online = [core & host.topology.online for core in host.topology.cores]
        shared = [core for core in online if _is_shared(core, application.lcores, others)]
        if not shared:
            continue
        cpus, rest = CpuSet(), application.lcores
        for core in shared:
            own = core & application.lcores
            cpus |= core & (own | others)
            rest -= own if core & others else own - CpuSet.of(list(own)[:1])
        report.add(
            codes.LCORES_SHARE_CORES.at(
                _place(application),
                lcores=Sentence(f"lcores {cpus}"),
                cores=counted(len(shared), "core"),
                notes=["threads of a core share its units and caches: two that poll get little more done than one"],
                help=[
                    f"write `lcores {rest or fitting_lcores(host, application)}`",
                    "or write `siblings on` if that is meant",
                ],
            )
        )


def _is_shared(core: CpuSet, own: CpuSet, others: CpuSet) -> bool:
    return bool(core & own) and (len(core & own) > 1 or bool(core & others))


def lcores_are_near_ports(host: Host, report: Report) -> None:
    """Each port has an lcore on its own node.

    It is no error even of all ports: their packets arrive all the same, and no statement could say that it is meant.
    """
    if host.topology is None:
        return
    for application in applications(host):
        own = lcore_nodes(host, application)
        away: dict[int, list[str]] = {}
        for name, node in nodes_of_ports(host, application).items():
            if own and node not in own and host.topology.nodes[node].cpus & host.topology.online:
                away.setdefault(node, []).append(name)
        for node, names in away.items():
            verb = "is" if len(names) == 1 else "are"
            nics = [host.nic(name) for name in names[:MOST_LABELS]]
            places = [value_of(nic.node, "node") for nic in nics if nic is not None and nic.node is not None]
            fitting = fitting_lcores(host, application)
            report.add(
                codes.LCORES_AWAY.at(
                    _place(application),
                    ports=Sentence(f"nic{'s' * (len(names) > 1)} {quoted(names)} {verb}"),
                    node=node,
                    unit=application.unit,
                    nodes=Sentence(f"node{'s' * (len(own) > 1)} {joined([str(each) for each in own])}"),
                    labels=[Label(place, "the port is here") for place in places if place is not None],
                    notes=["every packet and descriptor crosses from one node to the other"],
                    help=[f"write `lcores {fitting}`, or add some of node {node}"] if fitting else (),
                )
            )


def lcores_can_take_the_load(host: Host, report: Report) -> None:
    """The packets that the goals promise are no more than lcores have been shown to take."""
    for application in applications(host):
        load, count = load_on(host, application), len(application.lcores)
        if load is None or not count or load.packets <= count * PACKETS_PER_LCORE:
            continue
        needed = -(-load.packets // PACKETS_PER_LCORE)
        place = load.asked.entry.span
        report.add(
            codes.LCORES_TOO_FEW.at(
                _place(application),
                lcores=counted(count, "lcore"),
                unit=application.unit,
                packets=show_count(load.packets),
                each=show_count(load.packets // count),
                labels=[Label(place, "asked for here")] if place is not None else [],
                notes=[
                    f"the most that one core has been shown to take with DPDK is {show_count(PACKETS_PER_LCORE)}/s, "
                    "when it drops them all (The eXpress Data Path, CoNEXT 2018)"
                ],
                help=[f"give it {needed} lcores or more"],
            )
        )


def _labels(those: list[DpdkApplication], text: str) -> list[Label]:
    places = [_place(each) for each in those]
    return [Label(place, text) for place in places if place is not None]

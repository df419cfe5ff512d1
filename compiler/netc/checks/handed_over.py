"""Ports that are handed to applications: nothing else in the file counts on them, and somebody has each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netc import codes
from netc.checks.devices import place_of
from netc.checks.steering import OF_THE_KERNEL, turned_on
from netc.checks.wording import quoted, spoken_nics
from netc.checks.xdp import label_at
from netc.diagnostics import Sentence
from netc.dpdk.applications import application_of, applications
from netc.dpdk.binding import given, handed_over
from netc.places import name_in, setting_key

if TYPE_CHECKING:
    from netc.diagnostics import Diagnostic, Report
    from netc.dpdk.applications import DpdkApplication
    from netc.language.sections import Entry, Section
    from netc.model import Host, Nic

BLOCKS = ("coalesce", "offload")
"""Blocks of `nic` that the kernel carries out; the application does likewise by itself."""
OF_THE_INTERFACE = ("rename", "pause")
"""Statements that hold as long as there is an interface, as of bifurcated ports."""
PREFIXES = tuple(f"net.ipv{family}.{kind}." for family in (4, 6) for kind in ("conf", "neigh"))


def the_kernel_sets_nothing(host: Host, report: Report) -> None:
    """A port that the kernel does not drive has no settings that it would carry out."""
    for nic in given(host):
        found: list[tuple[str, Entry[Any] | Section]] = []
        for word in (*OF_THE_INTERFACE, *BLOCKS):
            written = nic.entry(word) or nic.section.section(word)
            if written is not None and not (nic.bifurcated and word in OF_THE_INTERFACE):
                found.append((word, written))
        found += [(word, on) for word in OF_THE_KERNEL if (on := turned_on(nic, word)) is not None]
        if found:
            report.add(_in_vain(nic, found))


def _in_vain(nic: Nic, found: list[tuple[str, Entry[Any] | Section]]) -> Diagnostic:
    words = [word for word, _ in found]
    keeps = "`queues`, `rings` and `mtu` may stay: the application's memory is sized by them"
    if nic.bifurcated:
        keeps = f"`rename` and `pause` may stay too, since `{nic.dpdk_driver}` keeps the interface; {keeps}"
    return codes.KERNEL_DOES_NOT_DRIVE.at(
        found[0][1].span,
        words=Sentence(f"{quoted(words)} {'is' if len(words) == 1 else 'are'}"),
        nic=nic.name,
        labels=label_at(place_of(nic), "its queues are the application's"),
        notes=[keeps],
        help=[f"leave {quoted(words)} out, or write `default` in place of what a profile brings"],
    )


def sysctls_find_the_interface(host: Host, report: Report) -> None:
    """No sysctl is for the interface of a port that has none."""
    gone = {nic.interface: nic for nic in given(host) if not nic.bifurcated and nic.interface}
    for entry in host.assignments if gone else ():
        key = entry.value.key
        prefix = next((prefix for prefix in PREFIXES if key.startswith(prefix)), "")
        name = key.removeprefix(prefix).rpartition(".")[0] if prefix else ""
        if name in gone:
            report.add(
                codes.SYSCTL_OF_DPDK.at(
                    setting_key(entry),
                    key=key,
                    nic=gone[name].name,
                    labels=label_at(place_of(gone[name]), "it is handed over here"),
                    help=["leave the statement out"],
                )
            )


def nothing_is_built_over_them(host: Host, report: Report) -> None:
    """No bond, VLAN or bridge stands on a port whose packets go to an application."""
    ports = {nic.name: nic for nic in given(host)}
    for name, section in host.section.sections_of("interface"):
        over = section.entry("over")
        for each in over.value if over is not None else ():
            if each in ports:
                report.add(
                    codes.BUILT_OVER_DPDK.at(
                        name_in(over, each) if over is not None else None,
                        interface=name,
                        nic=each,
                        labels=label_at(place_of(ports[each]), "its packets go to the application"),
                        help=[f"take `{each}` out of `over`, or remove `dpdk` from it"],
                    )
                )


def the_host_stays_reachable(host: Host, report: Report) -> None:
    """The management port stays with the kernel, and so does some port."""
    ports = handed_over(host)
    for nic in ports:
        if nic.flagged_management:
            flag = nic.entry("management")
            labels = label_at(flag.span if flag is not None else _told_by_facts(host, nic), "the host is reached by it")
            report.add(codes.DPDK_TAKES_MANAGEMENT.at(place_of(nic), nic=nic.name, labels=labels))
    if not ports or len(ports) < len(host.nics) or host.may_be_unread(host.span) or _others_in_facts(host):
        return
    names = [nic.name for nic in ports]
    verb = "is" if len(names) == 1 else "are"
    note = "an application that has a port takes its packets, and those by which the host is reached too"
    report.add(
        codes.DPDK_TAKES_ALL.at(
            place_of(ports[0]), ports=Sentence(f"{spoken_nics(names)} {verb}"), host=host.name, notes=[note]
        )
    )


def _told_by_facts(host: Host, nic: Nic) -> Any:
    if host.facts is None or nic.fact is None:
        return None
    return host.facts.span_of("nics", host.facts.facts.nics.index(nic.fact), "management")


def _others_in_facts(host: Host) -> bool:
    """Whether the machine has ports that the file says nothing of."""
    facts = host.facts.facts.nics if host.facts is not None else ()
    return any(all(fact is not nic.fact for nic in host.nics) for fact in facts)


def each_port_has_an_application(host: Host, report: Report) -> None:
    for nic in handed_over(host):
        if application_of(host, nic) is None and not host.may_be_unread(host.span):
            unit = next((each.unit for each in applications(host)), "APPLICATION.service")
            note = "it is bound at boot, and no unit is told of it"
            help_lines = [f'name it in an application: `dpdk "{unit}" {{ nics {nic.name} }}`']
            report.add(codes.PORT_WITHOUT_APPLICATION.at(place_of(nic), nic=nic.name, notes=[note], help=help_lines))


def applications_have_their_ports(host: Host, report: Report) -> None:
    """A port that an application names is handed over, and to one application."""
    first: dict[str, DpdkApplication] = {}
    for application in applications(host):
        entry = application.entry("nics")
        for nic in application.nics:
            place = name_in(entry, nic.name) if entry is not None else application.section.span
            earlier = first.setdefault(nic.name, application)
            if not nic.dpdk_driver and not host.may_be_unread(nic.span):
                report.add(
                    codes.PORT_OF_THE_KERNEL.at(
                        place,
                        unit=application.unit,
                        nic=nic.name,
                        labels=label_at(nic.span, "the kernel keeps it"),
                        help=[f"write `dpdk` in nic `{nic.name}`, or take it out of `nics`"],
                    )
                )
            elif earlier is not application:
                report.add(_given_twice(nic, earlier, application))


def _given_twice(nic: Nic, one: DpdkApplication, other: DpdkApplication) -> Diagnostic:
    here, there = one.entry("nics"), other.entry("nics")
    return codes.PORT_OF_TWO_APPLICATIONS.at(
        name_in(there, nic.name) if there is not None else other.section.span,
        nic=nic.name,
        one=one.unit,
        other=other.unit,
        labels=label_at(name_in(here, nic.name) if here is not None else None, "it is given away here"),
        notes=["one process opens a port; what runs beside it as its secondary process needs no statement"],
        help=[f"take `{nic.name}` out of one of the two"],
    )

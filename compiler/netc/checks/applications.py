"""Applications of DPDK: their units, their groups, and what is written for their ports."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from netc import codes
from netc.checks.queues import certain_queues
from netc.checks.wording import quoted
from netc.diagnostics import Label, Sentence
from netc.dpdk.applications import applications, kernel_name
from netc.model import AF_XDP
from netc.patterns import pattern
from netc.places import value_of
from netc.queues import queues_of
from netc.source import Span
from netc.units import counted

if TYPE_CHECKING:
    from netc.diagnostics import Report
    from netc.dpdk.applications import DpdkApplication
    from netc.language.sections import Entry
    from netc.model import Host

LONGEST_PREFIX = 58
"""Characters of a unit's name that are a prefix of files: `/var/run/dpdk/PREFIX/mp_socket_PID_TIME` with 7 and 16
digits is the longest name of a socket, of which the kernel takes 107 (sun_path; lib/eal/common/eal_common_proc.c)."""
UNIT_NOTE = "a unit's name is made of letters, digits, `:`, `-`, `_`, `.` and `@` (systemd.unit(5))"
GROUP_NOTE = "systemd-sysusers makes groups of up to 31 letters, digits, `_` and `-` that begin with a letter or `_`"
PACKAGE = "dpdk.service"
OWN_PREFIX = "netc-"
"""With it the names of units begin that netc writes. A drop-in for one of them would let it wait for itself."""
_DEVARGS = pattern(r"[A-Za-z0-9_.,:=/@+~|()\[\]-]+")
_STRANGE = pattern(r"[^A-Za-z0-9_.,:=/@+~|()\[\]-]")


def units_are_services(host: Host, report: Report) -> None:
    """The name of an application is that of a unit that systemd runs, and of one process."""
    for application in applications(host):
        problem, better = _problem_of_unit(application.unit)
        if problem:
            report.add(
                codes.BAD_UNIT.at(
                    _name_of(application),
                    unit=application.unit,
                    problem=Sentence(problem),
                    notes=[UNIT_NOTE],
                    help=[f'write `dpdk "{better}"`'] if better else (),
                )
            )
        elif application.unit == PACKAGE and host.system.distribution.dpdk_service:
            system = host.system.distribution
            report.add(
                codes.UNIT_OF_THE_PACKAGE.at(
                    _name_of(application),
                    unit=application.unit,
                    system=f"{system.name} {system.release or ''}".strip(),
                    notes=[
                        "it frees the huge pages that are reserved (FREE_PREVIOUS_ALLOCATIONS=1) and binds devices by "
                        "itself, so it is masked where netc does both"
                    ],
                    help=["give the unit of the application another name, such as `forwarder.service`"],
                )
            )


def _problem_of_unit(unit: str) -> tuple[str, str]:
    """What is wrong with the name, and a better one; both empty where nothing is."""
    name = unit.removesuffix(".service")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.:-]*(@[A-Za-z0-9_.:-]*)?", name):
        return "it has characters that no such name may have", ""
    if name == unit:
        plain = "." not in name
        return "it does not end in `.service`", f"{name}.service" if plain else f"{name.partition('.')[0]}.service"
    if name.startswith(OWN_PREFIX):
        return f"netc names units of its own `{OWN_PREFIX}…`", f"{name.removeprefix(OWN_PREFIX)}.service"
    if name.endswith("@"):
        return "a template is many processes, and each needs CPUs and memory of its own", f"{name}1.service"
    if len(name) > LONGEST_PREFIX:
        return (
            f"of its {len(name)} characters before `.service` sockets of DPDK have room for {LONGEST_PREFIX}",
            "",
        )
    return "", ""


def _name_of(application: DpdkApplication) -> Span | None:
    """The name in `dpdk "NAME" { … }`."""
    span = application.section.span
    start = span.text.find('"') if span is not None else -1
    if span is None or start < 0:
        return span
    end = span.text.find('"', start + 1)
    return Span(span.source, span.start + start, span.start + end + 1) if end > start else span


def groups_can_be_made(host: Host, report: Report) -> None:
    """The group of an application is one that systemd-sysusers would make."""
    for application in applications(host):
        entry = application.entry("group")
        if entry is None or re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]{0,30}", str(entry.value)):
            continue
        group = str(entry.value)
        problem = "it is too long" if len(group) > 31 else "it does not begin with a letter"
        report.add(
            codes.BAD_GROUP.at(
                value_of(entry, "group"),
                group=group,
                problem=problem,
                notes=[GROUP_NOTE],
                help=["write `group dpdk`"],
            )
        )


def device_arguments_are_words(host: Host, report: Report) -> None:
    """Device arguments are `KEY=VALUE`, and reach EAL as they are written."""
    for application in applications(host):
        for entry in application.section.entries_of("devargs"):
            problem, help_line = _problem_of_devargs(entry)
            if problem:
                report.add(
                    codes.BAD_DEVARGS.at(
                        _text_of(entry),
                        devargs=entry.value[1],
                        problem=Sentence(problem),
                        notes=["EAL reads `KEY=VALUE,KEY=VALUE`, with brackets around lists: `representor=[0-3]`"],
                        help=[help_line],
                    )
                )


def _problem_of_devargs(entry: Entry[tuple[str, str]]) -> tuple[str, str]:
    nic, text = entry.value
    strange = _STRANGE.search(text)
    if not text:
        return "there is nothing between the quotes", "remove the statement"
    if strange is not None:
        problem = f"`{strange[0]}` has a meaning of its own in an environment file or a shell"
        if strange[0] == " ":
            problem = "systemd would part them at the blank"
        fitting = re.sub(r"\s*,\s*|\s+", ",", text).strip(",")
        fits = _DEVARGS.fullmatch(fitting) is not None
        return problem, f'write `devargs {nic} "{fitting}"`' if fits else f"leave the `{strange[0]}` out"
    if re.match(r"-|--", text):
        return "they begin with `-`, as an option does", "write the words behind the address of `-a` alone"
    first = text.partition(",")[0]
    if "=" not in first:
        if re.fullmatch(r"[0-9A-Fa-f:.-]+", first) and "," in text:
            rest = text[len(first) + 1 :]
            return "they begin with an address, which netc puts before them", f'write `devargs {nic} "{rest}"`'
        return f"`{first}` has no `=`", f'write `devargs {nic} "{first}=1"`, or what the driver of DPDK knows'
    if text.endswith(",") or ",," in text:
        return "a comma stands before nothing", f'write `devargs {nic} "{",".join(filter(None, text.split(",")))}"`'
    return "", ""


def _text_of(entry: Entry[tuple[str, str]]) -> Span | None:
    """The string of `devargs NIC "…"`."""
    span = entry.span
    start = span.text.find('"') if span is not None else -1
    return Span(span.source, span.start + start, span.end) if span is not None and start >= 0 else span


def device_arguments_have_a_port(host: Host, report: Report) -> None:
    """`devargs` names a port of the same application."""
    for application in applications(host):
        own = [nic.name for nic in application.nics]
        for entry in application.section.entries_of("devargs"):
            name = entry.value[0]
            nics = application.entry("nics")
            if name in own or host.nic(name) is None:
                continue
            labels = []
            if nics is not None and nics.span is not None:
                labels.append(Label(nics.span, f"it has {quoted(own)}"))
            report.add(
                codes.DEVARGS_OF_OTHERS.at(
                    entry.span,
                    nic=name,
                    unit=application.unit,
                    labels=labels,
                    help=[f"add `{name}` to its `nics`, or remove the statement"],
                )
            )


def sockets_meet_all_queues(host: Host, report: Report) -> None:
    """Of a port that AF_XDP leaves to the kernel it is known how many queues have a socket."""
    if host.topology is None:  # its lcores are told of that
        return
    for application in applications(host):
        for nic in application.nics:
            written = "queue_count=" in application.devargs(nic)
            if nic.dpdk_driver != AF_XDP or written or certain_queues(host, nic) is not None:
                continue
            queues = queues_of(host, nic) or 1
            report.add(
                codes.QUEUES_OF_SOCKETS.at(
                    nic.span,
                    nic=nic.name,
                    unit=application.unit,
                    queues=counted(queues, "queue"),
                    notes=[
                        "DPDK refuses more sockets than the port has channels, and packets of a queue without a socket "
                        "go to the kernel (rte_eth_af_xdp.c)"
                    ],
                    help=[f"write `queues {len(application.lcores)}`, or what the port shall have"],
                )
            )


def sockets_have_an_interface(host: Host, report: Report) -> None:
    """A port that AF_XDP leaves to the kernel has a name that is known before boot."""
    for application in applications(host):
        for nic in application.nics:
            rename = nic.entry("rename")
            if nic.dpdk_driver == AF_XDP and not kernel_name(nic) and "iface=" not in application.devargs(nic):
                place = rename.span if rename is not None else nic.span
                report.add(codes.SOCKETS_WITHOUT_NAME.at(place, nic=nic.name, unit=application.unit))

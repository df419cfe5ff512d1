"""Several XDP programs of one NIC, which xdp-loader's dispatcher calls one behind the other."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from netc import codes
from netc.checks.kernels import surely_lacks
from netc.checks.xdp import attached, label_at
from netc.diagnostics import Sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.diagnostics import Diagnostic, Report
    from netc.language.sections import Entry
    from netc.language.sentences import Assignment
    from netc.model import Host, Nic, XdpProgram
    from netc.source import Span

MOST_PROGRAMS = 10
"""MAX_DISPATCHER_ACTIONS of libxdp."""
DISPATCHER_SINCE = {"x86-64": ("5.10", "libxdp(3)"), "arm64": ("6.0", "bpf_arch_text_poke of arm64")}
"""Programs are added one after another, each with its priority: since commit 4a1e7c0c63e0. Arm64 had nothing to put
them into the dispatcher with in 5.10, and has it in 6.1; it came with commit b2ad54e1533e."""
JIT = "net.core.bpf_jit_enable"


def _chains(host: Host) -> Iterator[tuple[Nic, list[XdpProgram]]]:
    for nic in host.nics:
        programs = attached(nic)
        if len(programs) > 1:
            yield nic, programs


def programs_can_run_in_a_chain(host: Host, report: Report) -> None:
    """The target has what calls several programs, and each describes its types."""
    for nic, programs in _chains(host):
        _check_target(host, nic, programs, report)
        for each in programs:
            if not each.object.btf:
                problem = f"`{each.file}` does not describe its types"
                note = "the dispatcher takes a program in by the type of its function, from section `.BTF` (libxdp(3))"
                help_lines = ["build it with `clang -g`"]
                report.add(_no_dispatcher(nic, programs, each.section.span, problem, [note], help_lines))


def _check_target(host: Host, nic: Nic, programs: list[XdpProgram], report: Report) -> None:
    system, place = host.system, programs[1].section.span
    since, source = DISPATCHER_SINCE.get(system.architecture.value, ("", ""))
    off = _jit_is_off(host)
    help_lines = ["do the work of both in one program"]
    if system.distribution.paths.xdp_loader is None:
        release = " ".join(filter(None, (system.distribution.name, system.distribution.release)))
        problem = f"netc knows of no xdp-loader in {release}"
        notes = ["the kernel attaches one program to an interface; xdp-loader's dispatcher calls several"]
    elif since and surely_lacks(host, since):
        problem = f"several need kernel {since} on {system.architecture.value}, the target has {system.kernel.value}"
        notes = [f"xdp-loader puts one after another into a dispatcher, which older kernels cannot do ({source})"]
    elif off is not None:
        problem = f"`{JIT}` is set to 0"
        notes = ["a program can be put into a dispatcher only if that was compiled (bpf_check_attach_target)"]
        place, help_lines = off.span, ["leave the statement out, or do the work of both in one program"]
    elif len(programs) > MOST_PROGRAMS:
        problem = f"xdp-loader's dispatcher calls at most {MOST_PROGRAMS}"
        notes = ["it has a slot for each (libxdp, MAX_DISPATCHER_ACTIONS)"]
        place, help_lines = programs[MOST_PROGRAMS].section.span, ["do the work of several in one program"]
    else:
        return
    report.add(_no_dispatcher(nic, programs, place, problem, notes, help_lines))


def _jit_is_off(host: Host) -> Entry[Assignment] | None:
    return next((e for e in host.assignments if e.value.key == JIT and e.value.value == "0"), None)


def _no_dispatcher(
    nic: Nic, programs: list[XdpProgram], place: Span | None, problem: str, notes: list[str], help_lines: list[str]
) -> Diagnostic:
    return codes.NO_DISPATCHER.at(
        place, nic=nic.name, count=len(programs), problem=Sentence(problem), notes=notes, help=help_lines
    )


def programs_have_one_mode(host: Host, report: Report) -> None:
    """Programs that one dispatcher calls run where it runs."""
    for nic, programs in _chains(host):
        first = programs[0]
        other = next((each for each in programs if each.mode != first.mode), None)
        if other is None or "offload" in (first.mode, other.mode):
            continue  # what runs on the NIC itself is one program, which is told of
        mode = next(e for each in (other, first) if (e := each.section.entry("mode")) is not None)
        beside = first if other.section.entry("mode") is mode else other
        report.add(
            codes.MODES_DIFFER.at(
                mode.span,
                nic=nic.name,
                one=first.mode,
                other=other.mode,
                labels=label_at(beside.section.span, f"this one is {beside.mode}"),
                notes=["native and generic XDP cannot be active on one interface (net/core/dev.c, dev_xdp_install)"],
                help=["write the same `mode` for all programs of the NIC"],
            )
        )


def programs_have_an_order(host: Host, report: Report) -> None:
    """Programs of one NIC have names of their own, and where priorities are equal, names do not reverse the order."""
    for nic, programs in _chains(host):
        named: dict[str, XdpProgram] = {}
        for each in programs:
            first = named.setdefault(each.program.name, each)
            if first is not each:
                report.add(
                    codes.PROGRAMS_OF_ONE_NAME.at(
                        each.section.span,
                        nic=nic.name,
                        program=each.program.name,
                        labels=label_at(first.section.span, "this one has the name too"),
                        notes=[
                            "the programs of a NIC are told apart by their names, and so are their lists of prefixes"
                        ],
                        help=["give the function another name in one of the objects"],
                    )
                )
        for one, other in pairwise(programs):
            if one.priority == other.priority and one.program.name > other.program.name:
                report.add(_by_name(nic, one, other))


def _by_name(nic: Nic, one: XdpProgram, other: XdpProgram) -> Diagnostic:
    entry = other.section.entry("priority")
    return codes.ORDER_BY_NAME.at(
        entry.span if entry is not None else other.section.span,
        nic=nic.name,
        one=one.program.name,
        other=other.program.name,
        priority=one.priority,
        labels=label_at(one.section.span, f"`{one.program.name}` stands first, and runs second"),
        notes=[
            "programs of one priority run in the order of their names (libxdp, cmp_xdp_programs); 50 is the usual one"
        ],
        help=[f"write `priority {one.priority + 10}` for the one that is to run second"],
    )

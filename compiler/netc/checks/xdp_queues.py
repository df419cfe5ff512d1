"""The queues and CPUs that XDP programs need: drivers give each queue or CPU a transmit queue for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc import codes
from netc.checks.kernels import surely_lacks
from netc.checks.xdp import attached, label_at, native_xdp
from netc.diagnostics import Sentence
from netc.places import value_of
from netc.queues import allotment, queues_of
from netc.units import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.diagnostics import Diagnostic, Report
    from netc.knowledge.drivers import Driver
    from netc.language.sections import Entry
    from netc.model import Host, Nic, XdpProgram

MOST_CPUS = 128
"""Of ixgbe, which shares each of its 64 transmit queues for programs between two CPUs (ixgbe_xdp_setup)."""
MOST_CPUS_BEFORE = (64, "5.11")
"""Without sharing. It was read in 5.10, and is gone in 6.1."""
ALONE = ("ixgbe",)
"""Drivers that refuse programs while virtual functions are on: IXGBE_FLAG_SRIOV_ENABLED in ixgbe_xdp_setup."""


def _native(host: Host, rule: str) -> Iterator[tuple[Nic, Driver, XdpProgram]]:
    """NICs whose driver has this rule of queues, with the first program that it is to run."""
    for nic in host.nics:
        programs, knowledge = attached(nic, "native"), nic.knowledge
        if programs and knowledge is not None and knowledge.xdp.queues == rule and native_xdp(host, nic) is not False:
            yield nic, knowledge, programs[0]


def half_of_the_queues_is_free(host: Host, report: Report) -> None:
    """Drivers that open a transmit queue for programs beside each queue have as many left."""
    for nic, knowledge, program in _native(host, "half-of-maximum"):
        entry = nic.entry("queues")
        told = nic.channels.value if nic.channels is not None else None
        full = min((limit for limit in (told, knowledge.channels.maximum) if limit is not None), default=None)
        if entry is None or entry.value == "auto":
            if not allotment(host, nic).derived and not host.may_be_unread(nic.span):
                report.add(_not_halved(nic, knowledge, program, full if told is not None else None))
        elif entry.value == "max" and told is None:
            report.add(_beyond_half(nic, knowledge, program, entry, None))
        elif isinstance(entry.value, int) and full is not None and 2 * entry.value > full:
            report.add(_beyond_half(nic, knowledge, program, entry, full))


def _beyond_half(
    nic: Nic, knowledge: Driver, program: XdpProgram, entry: Entry[int | str], full: int | None
) -> Diagnostic:
    labels = [*label_at(program.section.span, "this program needs a transmit queue beside each of them")]
    if full is None:
        asked, limit = "all its queues", "half of them"
        help_lines = ["write `queues N` with at most half of the maximum that `ethtool -l` tells"]
    else:
        half = full // 2
        asked, limit = counted(int(entry.value), "queue"), f"{half}, half of the {full} there are"
        help_lines = [f"write `queues {half}`"] if half else ["write `mode generic`"]
        if nic.channels is not None:
            labels += label_at(value_of(nic.channels, "vectors"), f"the device has {full} channels")
    return codes.QUEUES_BEYOND_HALF.at(
        value_of(entry, "queues"),
        nic=nic.name,
        queues=Sentence(asked),
        driver=knowledge.name,
        limit=Sentence(limit),
        labels=labels,
        notes=[f"with more in use attaching a program fails with EINVAL ({knowledge.source})"],
        help=help_lines,
    )


def _not_halved(nic: Nic, knowledge: Driver, program: XdpProgram, full: int | None) -> Diagnostic:
    if full is None:
        way_out = "write `queues N` with at most half of the maximum that `ethtool -l` tells"
    else:
        way_out = f"write `queues {max(full // 2, 1)}`"
    return codes.QUEUES_NOT_HALVED.at(
        program.section.span,
        nic=nic.name,
        driver=knowledge.name,
        labels=label_at(nic.span, "no goal and no `queues` tells how many it is to have"),
        notes=[
            f"left alone the driver opens what the device offers, and with more than half of that in use attaching a "
            f"program fails with EINVAL ({knowledge.source})"
        ],
        help=[way_out],
    )


def cpus_fit_the_queues(host: Host, report: Report) -> None:
    """A driver with a transmit queue for each CPU has enough of them."""
    if host.topology is None:
        return
    fewer, since = MOST_CPUS_BEFORE
    limit = fewer if surely_lacks(host, since) else MOST_CPUS
    cpus = host.topology.possible.highest + 1
    for _, knowledge, program in _native(host, "cpus-at-most-128"):
        if cpus > limit:
            section = host.cpu_section
            note = f"it has a transmit queue for each CPU that the kernel has room for ({knowledge.source})"
            report.add(
                codes.CPUS_BEYOND_XDP.at(
                    program.section.span,
                    driver=knowledge.name,
                    limit=limit,
                    cpus=cpus,
                    labels=label_at(section.span if section is not None else None, f"these make {cpus} CPUs"),
                    notes=[f"{note}: beyond {limit} attaching a program fails with ENOMEM"],
                    help=["write `mode generic`, or use a NIC of another driver"],
                )
            )


def each_cpu_sends_alone(host: Host, report: Report) -> None:
    """A device has a queue pair for each CPU beside those in use; without, programs send under a lock.

    Programs with a list of prefixes are there to drop, and send nothing.
    """
    if host.topology is None:
        return
    cpus = host.topology.possible.highest + 1
    for nic, knowledge, program in _native(host, "pair-per-cpu"):
        channels, opened = nic.channels, queues_of(host, nic)
        if channels is None or program.drops.entries:
            continue
        # Without a word the driver opens one for each CPU that is on.
        queues = min(opened or len(host.topology.online), channels.value)
        if queues + cpus > channels.value:
            most = channels.value - cpus
            fewer = [f"write `queues {most}`"] if most > 0 else []
            report.add(
                codes.XDP_SENDS_LOCKED.at(
                    program.section.span,
                    nic=nic.name,
                    channels=channels.value,
                    needed=queues + cpus,
                    notes=[
                        f"{counted(queues, 'pair')} in use, and one for each of {counted(cpus, 'CPU')} "
                        f"({knowledge.source}, virtnet_xdp_set)",
                        "a program that only drops and passes packets loses nothing",
                    ],
                    help=[*fewer, f"give the machine {queues + cpus} queue pairs: `queues=` of QEMU"],
                )
            )


def no_functions_stand_in_the_way(host: Host, report: Report) -> None:
    """A driver that runs no programs beside virtual functions has none."""
    for nic in host.nics:
        programs, knowledge, vfs = attached(nic, "native"), nic.knowledge, nic.entry("vfs")
        if programs and vfs is not None and knowledge is not None and knowledge.name in ALONE:
            report.add(
                codes.XDP_WITH_FUNCTIONS.at(
                    programs[0].section.span,
                    driver=knowledge.name,
                    nic=nic.name,
                    labels=label_at(vfs.span, "virtual functions are asked for here"),
                    notes=[f"attaching a program fails with EINVAL while SR-IOV is on ({knowledge.source})"],
                    help=["leave `vfs` out, or write `mode generic`"],
                )
            )

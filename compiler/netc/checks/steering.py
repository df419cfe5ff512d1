"""RPS, RFS, XPS, NAPI and queueing disciplines: that CPUs may take part, and that a statement has an effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc import codes
from netc.checks.interrupts import polled_cpus
from netc.checks.queues import certain_queues
from netc.checks.rss import how_derived
from netc.checks.wording import quoted
from netc.cpulist import spoken
from netc.diagnostics import Label, Sentence
from netc.knowledge.kernels import KernelVersion
from netc.placement import placements
from netc.places import value_of
from netc.queues import allotment, channel_limit, channels_settable
from netc.serving import isolated_cpus, lcores
from netc.units import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from netc.cpulist import CpuSet
    from netc.diagnostics import Diagnostic, Report
    from netc.language.sections import Entry, Section
    from netc.model import Host, Nic

DEFERRAL = KernelVersion(5, 8)
"""The first kernel with napi_defer_hard_irqs (net/core/net-sysfs.c)."""
OF_THE_KERNEL = ("irq", "rss", "rps", "rfs", "arfs", "xps", "steer", "napi", "qdisc")
"""Statements of `nic` about queues that the kernel serves."""


def rps_reaches_cpus(host: Host, report: Report) -> None:
    """CPUs that RPS names are on and not isolated, and no DPDK application polls with them."""
    if host.topology is None:
        return
    isolated, polled = isolated_cpus(host), lcores(host)
    for owner, entry in _rps_lists(host):
        written = entry.value & host.topology.possible
        lost = written - host.topology.online | written & isolated - polled
        left = written - lost - polled
        if written & polled:
            report.add(polled_cpus(host, "rps cpus", owner, entry, written & polled, left))
        if lost:
            report.add(_lost(host, owner, entry, lost, left))


def _rps_lists(host: Host) -> Iterator[tuple[str, Entry[CpuSet]]]:
    """Every `rps cpus` and whose it is."""
    for nic in host.nics:
        entry = nic.within("rps", "cpus")
        if entry is not None and not nic.given_to_dpdk:
            yield f"nic `{nic.name}`", entry
    for name, interface in host.section.sections_of("interface"):
        block = interface.section("rps")
        entry = block.entry("cpus") if block is not None else None
        if entry is not None:
            yield f"interface `{name}`", entry


def _lost(host: Host, owner: str, entry: Entry[CpuSet], lost: CpuSet, left: CpuSet) -> Diagnostic:
    isolated = lost & isolated_cpus(host)
    notes = []
    if isolated:
        notes.append(
            "the kernel takes isolated CPUs out of every mask of RPS, and refuses one that leaves none with EINVAL "
            "(net/core/net-sysfs.c, store_rps_map)"
        )
    states = ["isolated"] * bool(isolated) + ["offline"] * bool(lost - isolated)
    place = value_of(host.isolate, "isolate") if host.isolate is not None and isolated else None
    code = codes.RPS_CPUS_LEFT_OUT if left else codes.RPS_NOWHERE
    free = host.topology.online - isolated_cpus(host) - lcores(host) if host.topology is not None else left
    return code.at(
        value_of(entry, "cpus"),
        owner=Sentence(owner),
        cpus=spoken(lost),
        state=Sentence(f"which {'is' if len(lost) == 1 else 'are'} {' or '.join(states)}"),
        they=Sentence("it takes" if len(lost) == 1 else "they take"),
        labels=[Label(place, "these CPUs are isolated")] if place is not None else [],
        notes=notes,
        help=[f"write `rps cpus {left or free}`" if left or free else "leave `rps` out"],
    )


def rps_gains_something(host: Host, report: Report) -> None:
    """`rps on` stands where there are fewer queues than cores to serve them."""
    for name, placed in placements(host).items():
        state = placed.nic.state("rps")
        if state is None or state.value != "on":
            continue
        queues, cores = certain_queues(host, placed.nic), placed.serving.cores
        if queues is None or queues < cores:
            continue
        report.add(
            codes.RPS_REDUNDANT.at(
                state.span,
                nic=name,
                queues=counted(queues, "queue"),
                cores=counted(cores, "core"),
                notes=["with a receive queue for each CPU RPS is probably redundant and unnecessary (scaling.rst)"],
                help=["leave `rps` out, or write `rps cpus LIST` with CPUs that serve no queue"],
            )
        )


def rps_stands_where_cpus_are_chosen(host: Host, report: Report) -> None:
    """RPS of an interface above others is for bridges: the CPU of a bond's or VLAN's packets is chosen below."""
    for name, section in host.section.sections_of("interface"):
        block, kind = section.section("rps"), section.entry("kind")
        if block is None or kind is None or kind.value not in ("bond", "vlan"):
            continue
        note = (
            "the kernel chooses the CPU when the port below receives a packet, and hands it up on that CPU "
            "(net/core/dev.c, __netif_receive_skb_core)"
        )
        over = section.entry("over")
        below = " and ".join(f"`nic {port}`" for port in over.value) if over is not None else "the NICs below"
        label = Label(place, "this is what it is") if (place := value_of(kind, "kind")) is not None else None
        report.add(
            codes.RPS_BELOW.at(
                block.span,
                name=name,
                kind="VLAN" if kind.value == "vlan" else "bond",
                labels=[label] if label is not None else [],
                notes=[note],
                help=[f"write it in {below}"],
            )
        )


def deferral_is_whole(host: Host, report: Report) -> None:
    """Deferred interrupts have the timer that polls in their place, and the timer has interrupts to replace."""
    for nic in host.nics:
        section = nic.section.section("napi")
        if section is None or nic.given_to_dpdk or host.may_be_unread(section.span):
            continue
        defer, timeout = section.entry("defer-hard-irqs"), section.entry("gro-flush-timeout")
        if defer is not None and defer.value and not (timeout is not None and timeout.value):
            note = "without the timer that polls in its place the interrupt is enabled at once (napi_complete_done)"
            verb = "add" if timeout is None else "change it to"
            add = f"{verb} `gro-flush-timeout 200us`, or leave `defer-hard-irqs` out"
            report.add(_half(nic, "defer-hard-irqs", "gro-flush-timeout", defer, [note], [add]))
        elif timeout is not None and timeout.value and not (defer is not None and defer.value):
            note = "alone it only holds back the packets that GRO collects, for that time (napi_complete_done)"
            verb = "add" if defer is None else "change it to"
            add = f"{verb} `defer-hard-irqs 2`, or leave `gro-flush-timeout` out"
            if host.system.judged.version < DEFERRAL:
                add = "leave `gro-flush-timeout` out"
            report.add(_half(nic, "gro-flush-timeout", "defer-hard-irqs", timeout, [note], [add]))


def _half(nic: Nic, word: str, other: str, entry: Entry[int], notes: list[str], help_lines: list[str]) -> Diagnostic:
    return codes.DEFERRAL_HALVED.at(entry.span, word=word, nic=nic.name, other=other, notes=notes, help=help_lines)


def packets_can_wait(host: Host, report: Report) -> None:
    """A NIC with a ring has a queueing discipline in front of it."""
    for nic in host.nics:
        entry = nic.entry("qdisc")
        virtual = nic.knowledge is not None and nic.knowledge.bus == "none"
        if entry is not None and entry.value == "noqueue" and not virtual and not nic.given_to_dpdk:
            note = "it is for devices that always take a packet, as bridges do (net/core/dev.c, __dev_queue_xmit)"
            report.add(codes.NO_QUEUE_IN_FRONT.at(value_of(entry, "qdisc"), nic=nic.name, notes=[note]))


def steering_has_an_effect(host: Host, report: Report) -> None:
    """What is written about queues and interrupts decides something on this NIC."""
    for nic in host.nics:
        written = {word: found for word in OF_THE_KERNEL if (found := turned_on(nic, word)) is not None}
        if not written or nic.given_to_dpdk:
            continue
        knowledge = nic.knowledge
        if "irq" in written and knowledge is not None and knowledge.interrupts.named_by == knowledge.bus == "none":
            problem = f"a device of `{knowledge.name}` has no interrupts"
            report.add(_in_vain(nic, [("irq", written["irq"])], problem, [], ["leave {} out"]))
        single = list(_of_several_queues(host, nic, written))
        if single:
            queues = nic.entry("queues")
            place = value_of(queues, "queues") if queues is not None else None
            labels = [Label(place, "one queue is written here")] if place is not None else []
            more = channels_settable(host, nic) and channel_limit(host, nic) != 1
            help_lines = ["leave {} out, or have more `queues`" if more else "leave {} out"]
            if any(word == "rss" for word, _ in single):
                help_lines.append("write `rps on` to spread the packets of one queue over CPUs")
            report.add(_in_vain(nic, single, "it has one queue", labels, help_lines, how_derived(host, nic)))


def turned_on(nic: Nic, word: str) -> Entry[object] | Section | None:
    """A statement of the NIC that turns something on."""
    found: Entry[object] | Section | None = nic.entry(word) or nic.section.section(word)
    if word == "steer":
        found = next(iter(nic.section.entries_of(word)), None)
    state = nic.state(word)
    if (state is not None and state.value in ("off", "auto")) or (word == "arfs" and not _is_on(nic, word)):
        return None
    return found


def _is_on(nic: Nic, word: str) -> bool:
    entry = nic.entry(word)
    return entry is not None and bool(entry.value)


def _of_several_queues(
    host: Host, nic: Nic, written: dict[str, Entry[object] | Section]
) -> Iterator[tuple[str, Entry[object] | Section]]:
    """Statements that choose among queues, where there is one queue in their direction."""
    if certain_queues(host, nic) == 1:
        # Of queues that are not there, and of what the driver cannot do, more is told elsewhere.
        if "rss" in written and not any(_is_told(nic, word) for word in ("queues", "weight", "key")):
            yield "rss", written["rss"]
        if "arfs" in written and (nic.knowledge is None or nic.knowledge.has("arfs", host.system.kernel.value)):
            yield "arfs", written["arfs"]
    if "xps" in written and _transmit_queues(host, nic) == 1:
        yield "xps", written["xps"]


def _is_told(nic: Nic, word: str) -> bool:
    """Whether a statement of `rss` is one that other checks look at: a key only where the driver takes none."""
    settable = nic.knowledge is None or nic.knowledge.rss.settable
    return nic.within("rss", word) is not None and not (word == "key" and settable)


def _transmit_queues(host: Host, nic: Nic) -> int | None:
    """How many queues send; None where nothing tells."""
    given, told = allotment(host, nic), nic.fact.queues if nic.fact is not None else None
    if not given.derived and nic.entry("queues") is None and told is not None and told.tx is not None:
        return told.tx
    return certain_queues(host, nic)


def _in_vain(
    nic: Nic,
    written: list[tuple[str, Entry[object] | Section]],
    problem: str,
    labels: list[Label],
    help_lines: list[str],
    notes: Sequence[str] = (),
) -> Diagnostic:
    words = [word for word, _ in written]
    shown = quoted(words)
    return codes.STEERING_WITHOUT_EFFECT.at(
        written[0][1].span,
        words=Sentence(f"{shown} {'has' if len(words) == 1 else 'have'}"),
        nic=nic.name,
        problem=Sentence(problem),
        labels=labels,
        notes=notes,
        help=[line.format(shown) for line in help_lines],
    )

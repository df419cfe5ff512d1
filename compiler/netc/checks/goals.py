"""Goals against each other and against the links and cores that must meet them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc import codes
from netc.checks.wording import spoken_nics
from netc.checks.xdp import GENERIC, attached, native_xdp
from netc.cpulist import CpuSet, spoken
from netc.demand import (
    LARGEST_WINDOW,
    SMALLEST_FRAME_BITS,
    asked,
    flow_rate,
    flows,
    is_of_dpdk,
    largest,
    switched_on,
    traffic_nics,
)
from netc.diagnostics import Label, Sentence
from netc.isolation import taking
from netc.knowledge.goals import goal_kind, goal_kinds
from netc.layers import DPDK, ORDER, STACK_PER_CORE, XDP, XDP_PER_CORE, needed_layers
from netc.places import value_of
from netc.ports import port_need
from netc.serving import serving_cpus
from netc.suggest import did_you_mean
from netc.units import counted, show_bit_rate, show_count, show_size, show_time
from netc.virtual_functions import wires

if TYPE_CHECKING:
    from netc.diagnostics import Diagnostic, Report
    from netc.language.sections import Entry
    from netc.layers import Layer
    from netc.model import Host, Nic
    from netc.serving import Serving

EXCLUDING = (("low-latency", "bulk-transfer"),)
"""Kinds that cannot hold on one NIC: one wants small queues and early interrupts, the other the opposite."""


CONGESTION = "net.ipv4.tcp_congestion_control"

OF_ENDS = ("flow", "rtt", "datagrams", "outbound-rate", "listen", "congestion")
"""Statements about sockets, which only a host that ends connections has."""


def kinds_are_known(host: Host, report: Report) -> None:
    for goal in host.goals:
        if goal_kind(goal.kind) is None:
            kinds = goal_kinds()
            notes = [f"the kinds are {', '.join(f'`{k}`' for k in kinds)}"]
            help_lines = did_you_mean(goal.kind, kinds) or ("write `goal general` for one that is none of these",)
            place = value_of(goal.section, "goal")
            report.add(codes.UNKNOWN_GOAL.at(place, kind=goal.kind, notes=notes, help=help_lines))


def flows_are_complete(host: Host, report: Report) -> None:
    """Rate and round trip of a flow come together; only bulk transfer takes `throughput` for one flow."""
    for goal in host.goals:
        rtt, flow = goal.entry("rtt"), goal.entry("flow")
        if host.may_be_unread(goal.section.span):
            continue
        if rtt is not None and flow_rate(goal) is None:
            help_lines = ["add the rate of the fastest single connection, such as `flow 1Gbps`"]
            report.add(codes.RTT_WITHOUT_RATE.at(rtt.span, kind=goal.kind, help=help_lines))
        if flow is not None and rtt is None:
            help_lines = ["add the longest round trip that must still run at full speed, such as `rtt 40ms`"]
            report.add(codes.FLOW_WITHOUT_RTT.at(flow.span, kind=goal.kind, help=help_lines))


def flows_fit_the_window(host: Host, report: Report) -> None:
    """TCP cannot have more than 65535 << 14 bytes under way on one connection (RFC 7323)."""
    for flow in flows(host):
        if flow.product <= LARGEST_WINDOW:
            continue
        streams = -(-flow.product // LARGEST_WINDOW)
        rate = show_bit_rate(flow.rate.value)
        place = value_of(flow.rtt, "rtt")
        labels = [Label(place, "over this round trip")] if place is not None else []
        report.add(
            codes.WINDOW_TOO_LARGE.at(
                value_of(flow.rate, "throughput" if flow.goal.entry("flow") is None else "flow"),
                rate=rate,
                rtt=show_time(flow.rtt.value),
                product=show_size(flow.product),
                labels=labels,
                notes=["a window is 16 bits scaled by at most 14, so at most 65535 × 16384 bytes (RFC 7323, 2.3)"],
                help=[f"use at least {streams} connections: write `flow {_share(flow.rate.value, streams)}`"],
            )
        )


def _share(rate: int, streams: int) -> str:
    return f"{rate // streams // 10**6}Mbps"


def links_carry_the_goals(host: Host, report: Report) -> None:
    """Throughput and packets fit the links, where the speed of all of them is known."""
    for word, code, bits in (
        ("throughput", codes.THROUGHPUT_BEYOND_LINKS, 1),
        ("packets", codes.PACKETS_BEYOND_LINKS, SMALLEST_FRAME_BITS),
    ):
        for found in asked(host, word):
            nics = wires(nic for nic in traffic_nics(host) if found.goal.nic in ("", nic.name))
            speeds = [nic.speed for nic in nics if nic.speed is not None]
            if not speeds or len(speeds) < len(nics):
                continue
            limit = sum(speed.value for speed in speeds) // bits
            if found.value <= limit:
                continue
            places = [(value_of(speed, "speed"), speed.value) for speed in speeds]
            show = show_bit_rate if bits == 1 else show_count
            labels = [Label(place, f"{show(value // bits)} at most") for place, value in places if place is not None]
            notes = [] if bits == 1 else ["the smallest frame takes 84 bytes of the wire, preamble and gap included"]
            report.add(
                code.at(
                    value_of(found.entry, word), wanted=show(found.value), links=show(limit), labels=labels, notes=notes
                )
            )


def congestion_is_one(host: Host, report: Report) -> None:
    """TCP's congestion control is one for the host, so goals must agree on it."""
    found = [(goal, entry) for goal in host.goals if (entry := goal.entry("congestion")) is not None]
    own = {entry.value.key for entry in host.assignments}
    if len({entry.value for _, entry in found}) < len(("one", "other")) or CONGESTION in own:
        return
    first, entry = found[0]
    second, other = next(pair for pair in found if pair[1].value != entry.value)
    place = value_of(entry, "congestion")
    report.add(
        codes.GOALS_CONTRADICT.at(
            value_of(other, "congestion"),
            key=CONGESTION,
            values=f"`{entry.value}` and `{other.value}`",
            label=f"goal `{second.kind}` asks for this one",
            labels=[Label(place, f"goal `{first.kind}` asks for this one")] if place is not None else [],
            notes=["the key holds for the whole host; a program may choose another for its sockets (TCP_CONGESTION)"],
            help=[f'write it in one goal, or decide with `set {CONGESTION} = {entry.value} because "…"`'],
        )
    )


def goals_go_together(host: Host, report: Report) -> None:
    """Kinds that exclude each other are not on one NIC, nor both on the whole host."""
    for one, other in EXCLUDING:
        first = [goal for goal in host.goals if goal.kind == one]
        second = [goal for goal in host.goals if goal.kind == other]
        for a in first:
            for b in second:
                if a.nic and b.nic and a.nic != b.nic:
                    continue
                nic = a.nic or b.nic
                where = f"nic `{nic}`" if nic else "one host"
                labels = [Label(a.section.span, f"`{one}` is asked for here")] if a.section.span else []
                report.add(
                    codes.CONTRARY_GOALS.at(
                        b.section.span,
                        one=one,
                        other=other,
                        where=where,
                        labels=labels,
                        notes=["one wants each packet at once, the other many packets for each interrupt"],
                        help=["put each goal into the block of the NIC that carries it"],
                    )
                )


def layers_suffice(host: Host, report: Report) -> None:
    """A packet rate beyond the kernel's stack is told with the arithmetic, unless XDP or DPDK is there."""
    lacking = [layer for layer in needed_layers(host) if _lacks_what_it_needs(layer)]
    layer = max(lacking, key=lambda layer: ORDER.index(layer.name), default=None)
    if layer is None or layer.nic is None or layer.load is None:
        return
    notes, way_out = _toward_xdp(host, layer, layer.nic) if layer.name == XDP else _toward_dpdk(layer, layer.nic)
    others = [other.nic.name for other in lacking if other.nic is not None and other is not layer]
    if others:
        notes.append(f"the same holds for {spoken_nics(others)}")
    word = "throughput" if layer.load.estimated else "packets"
    place = value_of(layer.load.asked.entry, word)
    report.add(codes.BEYOND_STACK.at(place, reason=Sentence(layer.reason), notes=notes, help=[way_out]))


def _lacks_what_it_needs(layer: Layer) -> bool:
    """Whether a NIC needs XDP and no program runs in its driver, or DPDK."""
    in_driver = layer.nic is not None and any(each.mode != "generic" for each in attached(layer.nic))
    return layer.name == DPDK or (layer.name == XDP and not in_driver)


def _toward_xdp(host: Host, layer: Layer, nic: Nic) -> tuple[list[str], str]:
    """What XDP would give, and how to have it."""
    notes = [
        f"an XDP program that drops or sends on in the driver takes {show_count(XDP_PER_CORE)}/s on a core, "
        f"{show_count(layer.cores * XDP_PER_CORE)}/s on {counted(layer.cores, 'core')}; this and "
        f"{show_count(STACK_PER_CORE)}/s of the stack are planning numbers, not promises"
    ]
    kind = goal_kind(layer.load.asked.goal.kind) if layer.load is not None else None
    if kind is not None and kind.terminates:
        notes.append("what is for sockets of this host passes through the stack all the same")
    if attached(nic):
        return [*notes, GENERIC], "write `mode native`"
    if native_xdp(host, nic) is False and nic.driver is not None:
        notes.append(f"driver `{nic.driver.value}` has no native XDP in kernel {host.system.kernel.value}")
        return notes, "use a NIC whose driver has native XDP, or spread the load over more cores and NICs"
    return notes, f'drop or send on in an XDP program: write `xdp "FILE" {{ … }}` in nic `{nic.name}`'


def _toward_dpdk(layer: Layer, nic: Nic) -> tuple[list[str], str]:
    note = f"{show_count(XDP_PER_CORE)}/s on each of {counted(layer.cores, 'core')} is a planning number, not a promise"
    return [note], f"hand nic `{nic.name}` to a DPDK application with `dpdk`"


def addresses_suffice(host: Host, report: Report) -> None:
    """More outgoing connections to one destination than one address has ports are told."""
    rate = largest(host, "outbound-rate", ends=True)
    if rate is None:
        return
    need = port_need(rate.value)
    if need.addresses > 1:
        low, high = need.range
        report.add(
            codes.MORE_ADDRESSES.at(
                value_of(rate.entry, "outbound-rate"),
                rate=show_count(rate.value),
                count=need.addresses,
                notes=[f"ports {low} to {high} of one address, each free again after 1 s, four fifths of them in use"],
                help=[
                    f"give the host {need.addresses} addresses and bind connections to them in turn, or keep "
                    "connections to the servers open"
                ],
            )
        )


def statements_have_an_effect(host: Host, report: Report) -> None:
    """Statements that decide nothing in their goal are said, not passed over."""
    for goal in host.goals:
        kind = goal_kind(goal.kind)
        if kind is None:
            continue
        lifetime, rate = goal.entry("lifetime"), goal.entry("connection-rate")
        if lifetime is not None and rate is None:
            notes = ["a mean life counts together with the rate of new connections"]
            help_lines = ["add `connection-rate`, or leave `lifetime` out"]
            _without_effect("lifetime", lifetime, goal.kind, notes, help_lines, report)
        for word in ("forwarding", "tracking"):
            entry = goal.entry(word)
            if entry is not None and entry.value and is_of_dpdk(host, goal):
                notes = [f"nic `{goal.nic}` is handed to DPDK, and the kernel does nothing with its packets"]
                help_lines = ["leave it out, or write it in a goal of the host where its other ports are meant"]
                _without_effect(word, entry, goal.kind, notes, help_lines, report)
        tracked = bool(switched_on(host, "tracking"))
        if kind.terminates:
            continue
        for word in OF_ENDS:
            entry = goal.entry(word)
            if entry is not None:
                notes = [f"a {goal.kind} is no end of the connections it carries"]
                help_lines = ["put it into a goal whose kind ends connections, such as `proxy`"]
                _without_effect(word, entry, goal.kind, notes, help_lines, report)
        for word in ("connections", "connection-rate"):
            entry = goal.entry(word)
            if entry is not None and not tracked:
                notes = [f"a {goal.kind} is no end of the connections it carries, and it tracks none"]
                _without_effect(word, entry, goal.kind, notes, ["add `tracking on`, or leave it out"], report)


def _without_effect(
    word: str, entry: Entry[object], kind: str, notes: list[str], help_lines: list[str], report: Report
) -> None:
    report.add(codes.STATEMENT_WITHOUT_EFFECT.at(entry.span, word=word, kind=kind, notes=notes, help=help_lines))


def management_hears_its_router(host: Host, report: Report) -> None:
    """A host that forwards IPv6 loses routes that the kernel learnt from advertisements, unless accept_ra is 2."""
    found = switched_on(host, "forwarding")
    manager = host.system.network.value
    told = any(e.value.key.endswith(".accept_ra") and e.value.value == "2" for e in host.assignments)
    if not found or told or manager in ("networkd", "networkmanager"):
        return  # those managers read advertisements themselves
    goal, entry = found[0]
    place = entry.span if entry is not None else goal.section.span
    note = "a default route learnt from one goes as forwarding is turned on (ip-sysctl.rst, accept_ra)"
    for nic in host.nics:
        if nic.flagged_management:
            name = nic.interface or "INTERFACE"
            report.add(
                codes.FORWARDING_STOPS_ADVERTISEMENTS.at(
                    nic.span,
                    nic=nic.name,
                    labels=[Label(place, "forwarding is asked for here")] if place is not None else [],
                    notes=[note],
                    help=[f'write `set net.ipv6.conf.{name}.accept_ra = 2 because "…"`, or name who raises the links'],
                )
            )


def lro_is_off_where_packets_pass(host: Host, report: Report) -> None:
    found = switched_on(host, "forwarding")
    if not found:
        return
    goal, entry = found[0]
    for nic in host.nics:
        lro = nic.within("offload", "lro")
        if lro is not None and lro.value:
            place = entry.span if entry is not None else goal.section.span
            labels = [Label(place, "forwarding is asked for here")] if place is not None else []
            report.add(
                codes.LRO_WITH_FORWARDING.at(
                    lro.span,
                    nic=nic.name,
                    labels=labels,
                    notes=["packets that LRO merged cannot be taken apart again; the kernel turns it off itself"],
                    help=["write `lro off`; `gro on` does the same work and can be undone"],
                )
            )


def a_cpu_is_free_for_each_nic(host: Host, report: Report) -> None:
    """Where only housekeeping CPUs are left for a NIC's interrupts, that is said."""
    for nic in traffic_nics(host):
        serving = serving_cpus(host, nic)
        if serving is not None and serving.crowded:
            report.add(_no_free_cpu(host, nic, serving))


def _no_free_cpu(host: Host, nic: Nic, serving: Serving) -> Diagnostic:
    where = f"node {nic.node.value}" if nic.node is not None else "the host"
    labels = []
    for word, entry, _, what in taking(host):
        place = value_of(entry, word)
        if place is not None:
            labels.append(Label(place, what))
    cpus = CpuSet.of(serving.cpus)
    return codes.NO_FREE_CPU.at(
        nic.span,
        nic=nic.name,
        where=where,
        labels=labels,
        notes=[f"its interrupts go to {spoken(cpus)}, next to the tasks of the system"],
        help=[f"give it a core of its own, or write `irq {{ cpus {cpus} }}` if this is meant"],
    )

"""Flows that the NIC itself steers: rules of `steer`, accelerated RFS, and the filters both need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc import codes
from netc.checks.kernels import surely_lacks
from netc.checks.wording import quoted
from netc.diagnostics import Label, Sentence
from netc.knowledge.drivers import driver, known_drivers
from netc.knowledge.flow_rules import flow_rules, flow_types
from netc.places import value_of

if TYPE_CHECKING:
    from netc.diagnostics import Diagnostic, Report
    from netc.knowledge.drivers import Driver
    from netc.knowledge.flow_rules import FlowRules
    from netc.language.sections import Entry
    from netc.language.sentences import FlowRule
    from netc.model import Host, Nic

WHOLE_ADDRESS = {False: "/32", True: "/128"}
"""The length of a prefix that is one address, by whether it is IPv6."""


def arfs_is_there(host: Host, report: Report) -> None:
    """The driver has accelerated RFS where it is turned on."""
    kernel = host.system.kernel.value
    for nic in host.nics:
        entry, knowledge = nic.entry("arfs"), nic.knowledge
        if entry is None or not entry.value or knowledge is None or nic.given_to_dpdk:
            continue
        if _may_have(host, knowledge, "arfs"):
            continue
        having = [name for name in known_drivers() if (known := driver(name)) and known.has("arfs", kernel)]
        report.add(
            codes.ARFS_MISSING.at(
                entry.span,
                driver=knowledge.name,
                notes=[f"drivers that have it: {', '.join(f'`{name}`' for name in having)} (ndo_rx_flow_steer)"],
                help=["write `rfs on`, which does the same in software"],
            )
        )


def _may_have(host: Host, knowledge: Driver, feature: str) -> bool:
    """Whether the driver has the feature with the target's kernel, or nobody can tell."""
    return any(
        found.name == feature and (found.since is None or not surely_lacks(host, found.since))
        for found in knowledge.features
    )


def what_steers_is_on(host: Host, report: Report) -> None:
    """Neither the filters nor the table of flows that steering needs are turned off."""
    for nic in host.nics:
        if nic.given_to_dpdk:
            continue
        arfs, ntuple, rfs = nic.entry("arfs"), nic.within("offload", "ntuple"), nic.state("rfs")
        rules = nic.section.entries_of("steer")
        wanted = ("arfs", arfs) if arfs is not None and arfs.value else ("steer", rules[0]) if rules else None
        if wanted is not None and ntuple is not None and not ntuple.value:
            note = "flow rules and accelerated RFS are kept by the n-tuple filters of the NIC (scaling.rst)"
            report.add(_off(nic, wanted, "ntuple", ntuple, note))
        if arfs is not None and arfs.value and rfs is not None and rfs.value == "off":
            note = "the kernel asks the NIC for a flow when it finds it in the tables of RFS (set_rps_cpu)"
            report.add(_off(nic, ("arfs", arfs), "rfs", rfs, note))


def _off(nic: Nic, wanted: tuple[str, Entry[object]], needed: str, off: Entry[object], note: str) -> Diagnostic:
    word, entry = wanted
    labels = [Label(off.span, "this turns it off")] if off.span is not None else []
    help_lines = [f"leave `{needed} off` out, or leave `{word}` out"]
    return codes.NEEDED_IS_OFF.at(
        entry.span, word=word, nic=nic.name, needed=needed, labels=labels, notes=[note], help=help_lines
    )


def rules_are_of_one_family(host: Host, report: Report) -> None:
    """The IP version of a rule's protocol is that of its source."""
    for nic in host.nics:
        for entry in nic.section.entries_of("steer"):
            rule = entry.value
            if _of_two_families(rule):
                other = f"{rule.protocol[:-1]}{6 if ':' in rule.source else 4}"
                report.add(
                    codes.FLOW_FAMILY.at(
                        entry.span,
                        protocol=rule.protocol,
                        source=rule.source,
                        help=[f"write `steer {other} …`, or a prefix of IPv{rule.protocol[-1]}"],
                    )
                )


def _of_two_families(rule: FlowRule) -> bool:
    return bool(rule.source) and rule.protocol[-1] in "46" and (":" in rule.source) != rule.protocol.endswith("6")


def rules_are_taken(host: Host, report: Report) -> None:
    """The driver takes each rule, and no two of them match the same packets."""
    for nic in host.nics:
        entries = [entry for entry in nic.section.entries_of("steer") if not _of_two_families(entry.value)]
        if not entries or nic.given_to_dpdk:
            continue
        knowledge = nic.knowledge
        told = flow_rules(knowledge.name) if knowledge is not None else None
        if knowledge is not None and _rules_missing(host, knowledge, told):
            report.add(_no_rules(host, knowledge, told, entries[0]))
            continue
        _check_twice(nic, entries, report)
        if knowledge is None or told is None:
            continue
        first: dict[str, Entry[FlowRule]] = {}
        for entry in entries:
            problem = _problem(told, entry.value)
            if problem is not None:
                note = f"what it takes: {told.source}"
                report.add(_refused(knowledge, entry, problem[0], [note], problem[1]))
            elif told.alike:
                _check_alike(knowledge, told, entry, first, report)


def _rules_missing(host: Host, knowledge: Driver, told: FlowRules | None) -> bool:
    """Whether the driver has no filters, none by ports, or none with the target's kernel."""
    if told is None:
        return not _may_have(host, knowledge, "ntuple")
    since = _rules_since(knowledge, told)
    return not told.types or (since is not None and surely_lacks(host, since))


def _rules_since(knowledge: Driver, told: FlowRules | None) -> str | None:
    """The first kernel whose driver has filters; None: all have."""
    feature = next((found.since for found in knowledge.features if found.name == "ntuple"), None)
    return feature if told is None else told.since or feature


def _no_rules(host: Host, knowledge: Driver, told: FlowRules | None, entry: Entry[FlowRule]) -> Diagnostic:
    since = _rules_since(knowledge, told)
    if told is not None and not told.types:
        problem, note = "it filters by MAC address, VLAN and Ethernet type alone", f"what it takes: {told.source}"
    elif since is not None:
        problem, note = f"it takes flow rules from kernel {since} on", f"the target has {host.system.kernel.value}"
    else:
        problem, note = "it has no flow rules", f"it takes none by `ethtool -N` ({knowledge.source})"
    return _refused(knowledge, entry, problem, [note], "leave `steer` out; RSS spreads flows by their hash")


def _refused(knowledge: Driver, entry: Entry[FlowRule], problem: str, notes: list[str], help_line: str) -> Diagnostic:
    return codes.FLOW_RULE_REFUSED.at(
        entry.span, driver=knowledge.name, problem=Sentence(problem), notes=notes, help=[help_line]
    )


def _problem(told: FlowRules, rule: FlowRule) -> tuple[str, str] | None:
    """Why the driver refuses a rule, and the way out."""
    types = flow_types(rule.protocol, rule.source)
    wrong = [flow for flow in types if flow not in told.types]
    if wrong:
        left = [flow for flow in types if flow in told.types]
        way_out = f"write `steer {left[0]} …`" if left else "leave it out; RSS spreads these flows by their hash"
        return f"it has no rules for {quoted(wrong, 'or')}, only for {quoted(told.types)}", way_out
    version_6 = ":" in rule.source
    if rule.source and not told.prefixes and not rule.source.endswith(WHOLE_ADDRESS[version_6]):
        return f"it matches whole addresses, not {rule.source}", "write a rule for each address, or leave `from` out"
    if not told.bare and not _fields(rule):
        return "it matches no protocol alone", "name a `port`, a `source-port` or `from`"
    return None


def _fields(rule: FlowRule) -> tuple[str, ...]:
    """What a rule names, in the words of the statement; a part of the addresses with its length."""
    length = rule.source.rpartition("/")[2]
    source = f"from …/{length}" if rule.source else ""
    return tuple(
        filter(None, (source, "source-port" * (rule.source_port is not None), "port" * (rule.port is not None)))
    )


def _check_alike(
    knowledge: Driver, told: FlowRules, entry: Entry[FlowRule], first: dict[str, Entry[FlowRule]], report: Report
) -> None:
    """Rules that share a mask in the device name the same fields."""
    rule = entry.value
    for group in flow_types(rule.protocol, rule.source) if told.alike == "type" else ("",):
        known = first.setdefault(group, entry)
        if _fields(known.value) == _fields(rule):
            continue
        whose = f"rules for `{group}`" if group else "rules of one device"
        found = codes.FLOW_RULE_REFUSED.at(
            entry.span,
            driver=knowledge.name,
            problem=Sentence(f"its {whose} must name the same fields"),
            label=f"names {_named(rule)}",
            labels=[Label(known.span, f"names {_named(known.value)}")] if known.span is not None else [],
            notes=[f"the device has one mask for them ({told.source})"],
            help=["name the same fields in all of them"],
        )
        report.add(found)
        return


def _named(rule: FlowRule) -> str:
    return quoted(_fields(rule)) if _fields(rule) else "the protocol alone"


def _check_twice(nic: Nic, entries: list[Entry[FlowRule]], report: Report) -> None:
    seen: dict[tuple[object, ...], Entry[FlowRule]] = {}
    for entry in entries:
        rule = entry.value
        source = "" if rule.source.endswith("/0") else rule.source
        for flow in flow_types(rule.protocol, rule.source):
            other = seen.setdefault((flow, source, rule.source_port, rule.port), entry)
            if other is entry:
                continue
            report.add(
                codes.FLOW_TWICE.at(
                    value_of(entry, "steer"),
                    nic=nic.name,
                    label=_goes(flow, rule),
                    labels=[Label(other.span, _goes(flow, other.value))] if other.span is not None else [],
                    help=["leave one of them out, or let them name different packets"],
                )
            )
            break


def _goes(flow: str, rule: FlowRule) -> str:
    return f"this drops {flow} packets" if rule.queue is None else f"this sends {flow} packets to queue {rule.queue}"

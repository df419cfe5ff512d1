"""What the user sets against what the target kernel takes, lacks, or already does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc import codes
from netc.demand import largest
from netc.diagnostics import Sentence, quotable
from netc.knowledge.goals import goal_kind
from netc.knowledge.sysctls import Finding, Kind, judge, judge_together, nearest_key
from netc.patterns import pattern
from netc.places import setting_key, setting_value
from netc.suggest import did_you_mean, nearest
from netc.tracking import fitting_size

if TYPE_CHECKING:
    from netc.diagnostics import Code, Report
    from netc.language.sections import Entry
    from netc.language.sentences import Assignment
    from netc.model import Host

CODES: dict[Kind, Code] = {
    Kind.UNKNOWN_KEY: codes.SYSCTL_UNKNOWN,
    Kind.MISSING_KEY: codes.SYSCTL_MISSING,
    Kind.REFUSED: codes.SYSCTL_REFUSED,
    Kind.READ_ONLY: codes.SYSCTL_READ_ONLY,
    Kind.BELOW_DEFAULT: codes.SYSCTL_BELOW_DEFAULT,
    Kind.NO_EFFECT: codes.SYSCTL_WITHOUT_EFFECT,
    Kind.INSANE: codes.SYSCTL_HARMFUL,
    Kind.MYTH: codes.SYSCTL_MYTH,
}

ABOUT_KEYS = (Kind.UNKNOWN_KEY, Kind.MISSING_KEY, Kind.READ_ONLY)
"""Findings that hold whatever the value is."""

_INTERFACE_KEY = pattern(r"net\.ipv[46]\.(?:conf|neigh)\.([^.]+)\.")
_EVERY_INTERFACE = ("all", "default", "lo", "*")


def settings_are_taken(host: Host, report: Report) -> None:
    """Every `set` is judged for the target kernel, alone and with the others."""
    if not host.assignments:
        return
    memory = host.system.memory.value if host.system.memory is not None else None
    own = {entry.value.key: entry.value.value for entry in host.assignments}
    entries = {entry.value.key: entry for entry in host.assignments}
    refused = set()
    for key, value in own.items():
        found = judge(key, value, host.system.judged, memory, others=own, outgoing=_opens_connections(host))
        kinds = {finding.kind for finding in found}
        if Kind.REFUSED in kinds:
            refused.add(key)
        for finding in found:
            if finding.kind is not Kind.BELOW_DEFAULT or Kind.INSANE not in kinds:
                _tell(finding, entries[key], host, report)
    for finding in judge_together(_with_derived(own, host), host.system.judged, memory):
        if finding.key in entries and finding.key not in refused:
            _tell(finding, entries[finding.key], host, report)


def _with_derived(own: dict[str, str], host: Host) -> dict[str, str]:
    """The settings with those that goals add, so that no advice is given for what netc does itself."""
    size = fitting_size(host)
    return {"net.netfilter.nf_conntrack_buckets": str(size.buckets), **own} if size is not None else own


def _opens_connections(host: Host) -> bool:
    """Whether the host may open connections itself; a pure server's goals say that it does not."""
    if largest(host, "outbound-rate") is not None or not host.goals:
        return True
    kinds = [goal_kind(goal.kind) for goal in host.goals]
    return any(kind is None or kind.outgoing or not kind.terminates for kind in kinds)


def _tell(finding: Finding, entry: Entry[Assignment], host: Host, report: Report) -> None:
    notes = [*finding.notes, *_tick_note(finding, host)]
    if finding.source:
        notes.append(f"source: {finding.source}")
    if not finding.certain:
        notes.append(f"kernel {host.system.kernel.value} is judged by the table of {finding.judged_by}, the nearest")
    value = entry.value.value
    message = finding.message.replace(value, quotable(value)) if value else finding.message
    place = setting_key(entry) if finding.kind in ABOUT_KEYS else setting_value(entry)
    help_lines = _ways_out(finding)
    report.add(CODES[finding.kind].at(place, message=Sentence(message), notes=notes, help=help_lines))


def _ways_out(finding: Finding) -> tuple[str, ...]:
    if finding.kind not in ABOUT_KEYS:
        return ()
    near = nearest_key(finding.key) if finding.kind is not Kind.READ_ONLY and not finding.source else None
    if near and near != finding.key and nearest(_last(finding.key), [_last(near)]):
        return (f"did you mean `{near}`?",)
    return ("leave the statement out",) if finding.kind is not Kind.UNKNOWN_KEY else ()


def _last(key: str) -> str:
    """The part by which keys of one family differ; what they share makes any two of them look alike."""
    return key.rpartition(".")[2]


def _tick_note(finding: Finding, host: Host) -> tuple[str, ...]:
    """Why the least time of a poll is what it is; the number is another on a kernel with another tick."""
    tick = host.system.tick.value
    if finding.key != "net.core.netdev_budget_usecs" or finding.kind is not Kind.REFUSED or not tick:
        return ()
    return (f"two ticks are the least, {2_000_000 // tick} us with CONFIG_HZ={tick}; with 1000 it would be 2000 us",)


def interfaces_are_declared(host: Host, report: Report) -> None:
    """A key of one interface names one that the file declares, else it may never be written."""
    known = {nic.interface for nic in host.nics} | {name for name, _ in host.section.sections_of("interface")}
    if "" in known:
        return  # a NIC keeps the system's name, which netc does not know
    for entry in host.assignments:
        match = _INTERFACE_KEY.match(entry.value.key)
        if match is None or match[1] in _EVERY_INTERFACE or match[1] in known:
            continue
        notes = ["the key is written when an interface of this name appears, and never if none does (sysctl.d(5))"]
        if known:
            notes.append(f"the interfaces here are {', '.join(f'`{name}`' for name in sorted(known))}")
        report.add(
            codes.INTERFACE_SYSCTL.at(
                setting_key(entry),
                key=entry.value.key,
                interface=match[1],
                host=host.name,
                notes=notes,
                help=did_you_mean(match[1], known),
            )
        )

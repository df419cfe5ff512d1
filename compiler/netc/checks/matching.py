"""That every NIC is found again at boot, and no two are the same port."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from netc import codes
from netc.diagnostics import Label
from netc.patterns import pattern
from netc.places import name_in, value_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from netc.diagnostics import Report
    from netc.model import Host, Nic
    from netc.source import Span


def nics_have_a_stable_match(host: Host, report: Report) -> None:
    """A port is recognised by PCI address, MAC, path or VMBus device; a name alone may go to another port."""
    for nic in host.nics:
        match = nic.match
        if match.stable:
            continue
        help_lines = ["write `match pci 0000:18:00.0` or `match mac …`; `netc probe` shows both"]
        span = match.section.span if match.section is not None else nic.span
        if match.driver is not None:
            _driver_alone(host, nic, report)
        elif match.name is not None:
            note = "kernel names follow the order in which drivers probe"
            report.add(
                codes.UNSTABLE_MATCH.at(
                    value_of(match.name, "name"),
                    nic=nic.name,
                    what="name",
                    other="the kernel may give to another port",
                    notes=[note],
                    help=help_lines,
                )
            )
        elif not _missed_in_facts(host, nic) and not host.may_be_unread(span):
            report.add(codes.NO_MATCH.at(span, nic=nic.name, help=help_lines))


def _missed_in_facts(host: Host, nic: Nic) -> bool:
    """Whether the facts would tell how it is recognised, and it was not found there, which has been said."""
    return host.facts is not None and bool(host.facts.facts.nics) and nic.fact is None


def _driver_alone(host: Host, nic: Nic, report: Report) -> None:
    driver = nic.match.driver
    if driver is None:
        return
    others = [
        other
        for other in host.nics
        if other is not nic and other.driver is not None and other.driver.value == driver.value
    ]
    facts = host.facts.facts.nics if host.facts is not None else ()
    ports = sum(1 for fact in facts if fact.driver == driver.value)
    place = value_of(driver, "driver")
    help_lines = ["add `pci` or `mac` to the match where the machine is known"]
    if others and (other := others[0]).span is not None:
        labels = [Label(other.span, "it has the same driver")]
        which = f"nic `{other.name}` has too"
        report.add(
            codes.UNSTABLE_MATCH.at(place, nic=nic.name, what="driver", other=which, labels=labels, help=help_lines)
        )
    elif ports > 1:
        if nic.fact is not None:  # else the facts have been found ambiguous already
            which = f"{ports} ports of the facts have"
            report.add(codes.UNSTABLE_MATCH.at(place, nic=nic.name, what="driver", other=which, help=help_lines))
    else:
        note = "it fits the first such NIC, and a second one that is added later could take its place"
        report.add(codes.DRIVER_MATCH.at(place, nic=nic.name, notes=[note], help=help_lines))


def nics_are_different_ports(host: Host, report: Report) -> None:
    """No two NICs of a host match the same PCI function and port, MAC, path, VMBus device or function."""
    seen: dict[tuple[str, object], tuple[Nic, Span | None]] = {}
    for nic in host.nics:
        for key, shown, place in _identities(nic):
            other, first = seen.setdefault(key, (nic, place))
            if other is nic:
                continue
            labels = [Label(first, f"nic `{other.name}` matches it first")] if first is not None else []
            report.add(codes.SAME_PORT.at(place or nic.span, one=other.name, other=nic.name, key=shown, labels=labels))
            break


def _identities(nic: Nic) -> list[tuple[tuple[str, object], str, Span | None]]:
    """What names the port: a key to compare, how to say it, and the place that tells it."""
    match = nic.match
    port = match.port.value if match.port is not None else None
    found: list[tuple[tuple[str, object], str, Span | None]] = []
    for word, spoken in (("mac", "MAC address"), ("path", "path"), ("vmbus", "VMBus device")):
        entry = getattr(match, word)
        if entry is not None:
            found.append(((word, entry.value), f"{spoken} {entry.value}", value_of(entry, word)))
    if match.vf is not None:
        number, owner = match.vf.value
        shown = f"virtual function {number} of `{owner}`"
        found.append((("vf", match.vf.value), shown, value_of(match.vf, "vf")))
    if match.pci is not None:
        # Two ports may share a PCI function; then `port` or the MAC tells them apart.
        key = (match.pci.value, port, match.mac.value if match.mac is not None else None)
        found.append((("pci", key), f"PCI address {match.pci.value}", value_of(match.pci, "pci")))
    return found


def interface_names_differ(host: Host, report: Report) -> None:
    """No two interfaces of a host get the same name."""
    seen: dict[str, tuple[str, object]] = {}
    for nic in host.nics:
        _claim(nic.interface, f"nic `{nic.name}`", nic.entry("rename") or nic, seen, report)
    for name, section in host.section.sections_of("interface"):
        _claim(name, f"interface `{name}`", section, seen, report)


def _claim(name: str, owner: str, place: object, seen: dict[str, tuple[str, object]], report: Report) -> None:
    if not name:
        return
    earlier = seen.setdefault(name, (owner, place))
    if earlier[1] is place:
        return
    first, here = getattr(earlier[1], "span", None), getattr(place, "span", None)
    labels = [Label(first, f"{earlier[0]} takes the name first")] if first is not None else []
    note = "an interface name is given once; at boot the second rename fails, and which is second is chance"
    report.add(codes.SAME_NAME.at(here, one=earlier[0], other=owner, name=name, labels=labels, notes=[note]))


def named_nics_exist(host: Host, report: Report) -> None:
    """`nics`, `devargs` and `vf … of` name NICs of this host; `over` one of its interfaces too (a VLAN on a bond)."""
    known = {nic.name for nic in host.nics}
    built = {name for name, _ in host.section.sections_of("interface")}
    for name, section in host.section.sections_of("interface"):
        _expect(section.entry("over"), "over", (known | built) - {name}, report)
    for _, section in host.section.sections_of("dpdk"):
        _expect(section.entry("nics"), "nics", known, report)
        for entry in section.entries_of("devargs"):
            _expect(entry.with_value((entry.value[0],)), "devargs", known, report)
    for nic in host.nics:
        if nic.match.vf is not None:
            _expect(nic.match.vf.with_value((nic.match.vf.value[1],)), "match vf", known - {nic.name}, report)


def _expect(entry: object, word: str, known: set[str], report: Report) -> None:
    from netc.language.sections import Entry
    from netc.suggest import did_you_mean

    if not isinstance(entry, Entry):
        return
    for name in entry.value:
        if name not in known:
            place = name_in(entry, name)
            names = ", ".join(f"`{nic}`" for nic in sorted(known))
            notes = [f"this host has {names}"] if known else ["this host has no other NIC"]
            report.add(codes.NIC_MISSING.at(place, word=word, nic=name, notes=notes, help=did_you_mean(name, known)))


KERNEL_NAMES = pattern(r"(eth|wlan|wwan|ib|usb)\d+", re.ASCII)
"""Names that drivers ask the kernel for; systemd.link(5) warns of giving one to a port."""


def names_are_not_the_kernels(host: Host, report: Report) -> None:
    """No port is given a name of the kernel's own pattern: the rename fails where another port has it at that time."""
    for nic in host.nics:
        entry = nic.entry("rename")
        if KERNEL_NAMES.fullmatch(nic.interface):
            notes = ["the rename fails while another port has the name, and which one has it changes from boot to boot"]
            help_lines = [f"write `rename net{nic.interface[-1]}`, or `rename keep` to leave the system's name"]
            span = entry.span if entry is not None else nic.span
            report.add(codes.KERNEL_LIKE_NAME.at(span, name=nic.interface, notes=notes, help=help_lines))


def management_keeps_its_name(host: Host, report: Report) -> None:
    """The port by which the host is reached is not renamed unasked: what configures it goes by its name."""
    for nic in host.nics:
        known = nic.fact.name if nic.fact is not None else None
        if not nic.flagged_management or nic.entry("rename") is not None or known in (None, nic.interface):
            continue
        notes = ["a profile of the network manager that names the old one would no longer find the port"]
        help_lines = [f"write `rename keep`, or `rename {nic.name}` where the new name is meant"]
        report.add(
            codes.MANAGEMENT_RENAMED.at(
                nic.span, nic=nic.name, known=known, name=nic.interface, notes=notes, help=help_lines
            )
        )


MATCH_SINCE = {"port": 243, "vmbus": 243, "vf": 243}
"""Words of `match` that need `Property=` of systemd.link(5) → the version that brought it."""


def systemd_can_match(host: Host, report: Report) -> None:
    for nic in host.nics:
        for word, since in MATCH_SINCE.items():
            entry = getattr(nic.match, word)
            if entry is not None and host.system.systemd.value < since:
                help_lines = [f"leave `{word}` out and write `mac`, which every version can match"]
                report.add(
                    codes.MATCH_NEEDS_SYSTEMD.at(
                        entry.span, systemd=host.system.systemd.value, word=word, since=since, help=help_lines
                    )
                )


class MacLedger:
    """Over all hosts of a run: two hosts that match the same MAC address cannot both be right."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[str, Span | None]] = {}
        self._shared: set[Span] = set()

    def seen(self) -> Iterable[str]:
        """Every address so far."""
        return self._seen

    def add(self, host: Host, report: Report) -> None:
        for nic in host.nics:
            entry = nic.match.mac
            if entry is None:
                continue
            place = value_of(entry, "mac")
            earlier = self._seen.setdefault(entry.value, (host.name, place))
            if earlier[0] == host.name:
                continue
            if place is not None and place == earlier[1]:
                self._report_shared(earlier[0], host.name, entry.value, place, report)
                continue
            span = place or nic.span
            labels = [Label(earlier[1], f"host `{earlier[0]}` matches it here")] if earlier[1] else []
            report.add(codes.SAME_MAC.at(span, one=earlier[0], other=host.name, mac=entry.value, labels=labels))

    def _report_shared(self, one: str, other: str, mac: str, place: Span, report: Report) -> None:
        """One statement that many hosts share is told once."""
        if place in self._shared:
            return
        self._shared.add(place)
        report.add(
            codes.SAME_MAC.at(
                place,
                one=one,
                other=other,
                mac=mac,
                label="every host that takes this statement matches the same port",
                help=["match `pci` in what hosts share, or `mac` in a block of each host"],
            )
        )

"""Virtual functions: that they are made, are as many as device and driver give, and can be set and found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc import codes
from netc.checks.wording import quoted
from netc.checks.xdp import label_at
from netc.diagnostics import Label
from netc.knowledge.sriov import SETTINGS
from netc.places import value_of
from netc.units import counted
from netc.virtual_functions import channels_beside, interfaces_of, physical_function, settings_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from netc.diagnostics import Report
    from netc.knowledge.sriov import Sriov
    from netc.language.sections import Entry
    from netc.model import Host, Nic
    from netc.source import Span


def named_functions_are_made(host: Host, report: Report) -> None:
    """Every virtual function that is set or matched is among those that `vfs` makes."""
    for nic in host.nics:
        made = nic.entry("vfs")
        named = [(number, section.span) for number, section in settings_of(nic)]
        for number, other in interfaces_of(host, nic):
            named.append((number, value_of(other.match.vf, "vf") if other.match.vf is not None else None))
        if made is None:
            _report_none_made(host, nic, named, report)
            continue
        for number, place in named:
            if number >= made.value:
                last = f"0 to {made.value - 1}" if made.value > 1 else "0 alone"
                report.add(
                    codes.NO_SUCH_FUNCTION.at(
                        place,
                        nic=nic.name,
                        number=number,
                        count=made.value,
                        last=last,
                        labels=label_at(made.span, f"it makes {counted(made.value, 'virtual function')}, from 0 on"),
                        help=[f"write `vfs {number + 1}`, or a number below {made.value} here"],
                    )
                )


def _report_none_made(host: Host, nic: Nic, named: list[tuple[int, Span | None]], report: Report) -> None:
    """Virtual functions of a NIC that makes none, told once."""
    if not named or nic.match.vf is not None or host.may_be_unread(nic.span):
        return
    highest = max(number for number, _ in named)
    note = f"they are numbered from 0 on, so that function {highest} needs `vfs {highest + 1}`"
    report.add(
        codes.NO_FUNCTIONS_MADE.at(
            named[0][1],
            nic=nic.name,
            labels=label_at(nic.span, "it has no `vfs`"),
            notes=[note],
            help=[f"write `vfs {highest + 1}` in nic `{nic.name}`"],
        )
    )


def functions_have_none(host: Host, report: Report) -> None:
    """A virtual function makes none itself."""
    for nic in host.nics:
        if nic.match.vf is None:
            continue
        number, name = nic.match.vf.value
        physical = physical_function(host, nic)
        if (made := nic.entry("vfs")) is not None:
            _report_function_of(nic, made.span, f"leave `vfs` out, or write it in nic `{name}`", report)
        elif physical is not None and physical.match.vf is not None:
            help_line = f"write `vf {number} of {physical.match.vf.value[1]}`, with the number it has there"
            _report_function_of(physical, value_of(nic.match.vf, "vf"), help_line, report)


def _report_function_of(nic: Nic, place: Span | None, help_line: str, report: Report) -> None:
    matched = label_at(nic.match.vf.span if nic.match.vf is not None else None, "it is matched as one")
    report.add(codes.FUNCTION_OF_A_FUNCTION.at(place, nic=nic.name, labels=matched, help=[help_line]))


def functions_are_there(host: Host, report: Report) -> None:
    """The driver makes virtual functions, and device and driver have as many as are asked for."""
    for nic, made in _making(host):
        knowledge = nic.knowledge
        if knowledge is not None and knowledge.sriov is None:
            report.add(
                codes.DRIVER_WITHOUT_FUNCTIONS.at(
                    made.span,
                    driver=knowledge.name,
                    notes=[f"it has no operation for `sriov_numvfs` ({knowledge.source})"],
                    help=["leave `vfs` out"],
                )
            )
            continue
        limits: list[tuple[int, str, Span | None]] = []
        if nic.fact is not None and nic.fact.vfs is not None and host.facts is not None:
            index = host.facts.facts.nics.index(nic.fact)
            limits.append((nic.fact.vfs, "the device", host.facts.span_of("nics", index, "vfs")))
        if knowledge is not None and knowledge.sriov is not None and knowledge.sriov.maximum is not None:
            limits.append((knowledge.sriov.maximum, f"driver `{knowledge.name}`", None))
        limit, source, told = min(limits, key=lambda found: found[0], default=(made.value, "", None))
        if made.value > limit:
            report.add(
                codes.FUNCTIONS_BEYOND_DEVICE.at(
                    value_of(made, "vfs"),
                    nic=nic.name,
                    count=counted(made.value, "virtual function"),
                    source=source,
                    limit=limit,
                    labels=label_at(told, "the facts tell it here"),
                    help=[f"write `vfs {limit}` or less" if limit else "leave `vfs` out"],
                )
            )


def functions_can_be_set(host: Host, report: Report) -> None:
    """The driver of the physical function sets what is written of a virtual one."""
    for nic, sriov in _knowing(host):
        for _, section in settings_of(nic):
            for word in SETTINGS:
                entry = section.entry(word)
                if entry is None or word in sriov.settings or nic.knowledge is None:
                    continue
                takes = f"it sets {quoted(sriov.settings)}" if sriov.settings else f"it sets none of {quoted(SETTINGS)}"
                report.add(
                    codes.FUNCTION_SETTING_UNSUPPORTED.at(
                        entry.span,
                        driver=nic.knowledge.name,
                        word=word,
                        notes=[f"{takes} ({nic.knowledge.source})"],
                        help=[f"leave `{word}` out"],
                    )
                )


def functions_have_their_driver(host: Host, report: Report) -> None:
    """A virtual function that names a driver names the one that the kernel has for it."""
    for nic, sriov in _knowing(host):
        for _, other in interfaces_of(host, nic):
            if other.driver is None or sriov.driver in (None, other.driver.value) or nic.knowledge is None:
                continue
            report.add(
                codes.FUNCTION_DRIVER_DIFFERS.at(
                    value_of(other.driver, "driver"),
                    nic=other.name,
                    physical=nic.knowledge.name,
                    right=sriov.driver,
                    driver=other.driver.value,
                    labels=label_at(nic.driver.span if nic.driver is not None else None, "its physical function"),
                    help=[f"write `driver {sriov.driver}`, or leave `driver` out"],
                )
            )


def functions_have_a_maker(host: Host, report: Report) -> None:
    """A port that vfio-pci has makes no virtual functions."""
    for nic, made in _making(host):
        if nic.has_files:
            continue
        dpdk = nic.section.section("dpdk")
        note = (
            "vfio-pci makes some only with its parameter `enable_sriov` (since 5.7), and whoever opens one must then "
            "know a token that the application of the physical function chose (drivers/vfio/pci)"
        )
        report.add(
            codes.FUNCTIONS_OF_DPDK.at(
                made.span,
                nic=nic.name,
                driver=nic.dpdk_driver,
                labels=label_at(dpdk.span if dpdk is not None else None, "it is handed over here"),
                notes=[note],
                help=["leave the port to the kernel and hand virtual functions over: `match vf 0 of …; dpdk`"],
            )
        )


def functions_can_be_found(host: Host, report: Report) -> None:
    """An interface that is a virtual function is known by the PCI address or the name of its physical function."""
    for nic in host.nics:
        physical = physical_function(host, nic)
        if physical is None or not nic.has_files or physical.match.pci is not None or physical.interface:
            continue
        rename = physical.entry("rename")
        report.add(
            codes.NO_WAY_TO_FUNCTIONS.at(
                value_of(nic.match.vf, "vf") if nic.match.vf is not None else nic.span,
                physical=physical.name,
                labels=label_at(rename.span if rename is not None else physical.span, "it keeps the system's name"),
                help=[f"add `pci` to the match of nic `{physical.name}`, or leave `rename keep` out"],
            )
        )


def channels_are_left(host: Host, report: Report) -> None:
    """No more queues than the driver leaves to the interface beside virtual functions."""
    for nic, made in _making(host):
        entry, limit = nic.entry("queues"), channels_beside(nic)
        if entry is None or limit is None or not isinstance(entry.value, int) or entry.value <= limit:
            continue
        assert nic.knowledge is not None  # noqa: S101 - the limit is the driver's
        report.add(
            codes.QUEUES_BESIDE_FUNCTIONS.at(
                value_of(entry, "queues"),
                nic=nic.name,
                queues=entry.value,
                driver=nic.knowledge.name,
                limit=limit,
                count=counted(made.value, "virtual function"),
                labels=label_at(made.span, "queues of the device go to them"),
                notes=[f"see {nic.knowledge.source}"],
                help=[f"write `queues {limit}` or leave `queues` out"],
            )
        )


def functions_have_addresses_of_their_own(host: Host, report: Report) -> None:
    """No MAC address is given to two virtual functions of a host."""
    seen: dict[str, tuple[str, Span | None]] = {}
    for name, entry in _addresses(host):
        place = value_of(entry, "mac")
        first, other = seen.setdefault(entry.value, (name, place))
        if first != name:
            report.add(
                codes.SAME_FUNCTION_ADDRESS.at(
                    place, one=first, other=name, mac=entry.value, labels=label_at(other, f"{first} has it first")
                )
            )


def _addresses(host: Host) -> Iterator[tuple[str, Entry[str]]]:
    """How to say a virtual function, and the MAC address that it is given."""
    for nic in host.nics:
        for number, section in settings_of(nic):
            if (entry := section.entry("mac")) is not None:
                yield f"virtual function {number} of nic `{nic.name}`", entry


class FunctionAddresses:
    """Over all hosts of a run: two hosts that give virtual functions the same MAC address may meet on one network."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[str, Span | None]] = {}
        self._told: set[str] = set()

    def seen(self) -> Iterable[str]:
        """Every address so far."""
        return self._seen

    def add(self, host: Host, report: Report) -> None:
        # Hosts of a range share their statements, and most have none of these.
        for _, entry in host.once("function addresses", lambda: list(_addresses(host))):
            place = value_of(entry, "mac")
            first, other = self._seen.setdefault(entry.value, (host.name, place))
            if first == host.name or entry.value in self._told:
                continue
            self._told.add(entry.value)
            labels = [Label(other, f"host `{first}` gives it here")] if other is not None and other != place else []
            report.add(
                codes.FUNCTION_ADDRESS_OF_HOSTS.at(
                    place,
                    one=first,
                    other=host.name,
                    mac=entry.value,
                    labels=labels,
                    help=["write `vf` with its `mac` in a block of each host"],
                )
            )


def _making(host: Host) -> Iterator[tuple[Nic, Entry[int]]]:
    """The NICs that are to make virtual functions, and are none themselves."""
    for nic in host.nics:
        if nic.match.vf is None and (made := nic.entry("vfs")) is not None:
            yield nic, made


def _knowing(host: Host) -> Iterator[tuple[Nic, Sriov]]:
    """The NICs of whose virtual functions the driver table tells."""
    for nic in host.nics:
        if nic.knowledge is not None and nic.knowledge.sriov is not None:
            yield nic, nic.knowledge.sriov

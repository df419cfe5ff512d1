"""What XDP programs keep out: packets from listed prefixes, and all packets while a program is not attached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc import codes
from netc.checks.xdp import attached, label_at
from netc.diagnostics import Sentence
from netc.places import name_in, value_of
from netc.units import counted

if TYPE_CHECKING:
    from netc.bpf_object import BpfMap
    from netc.diagnostics import Diagnostic, Report
    from netc.model import Host, Nic, XdpProgram
    from netc.source import Span

DROP_MAPS = {"drop_v4": ("IPv4", 4), "drop_v6": ("IPv6", 16)}
"""The maps that prefixes go into, by name: family, and bytes of an address."""
LENGTH_SIZE, VALUE_SIZE = 4, 1
"""Bytes of the prefix length that a key begins with, and of a value."""
NO_PREALLOC = 1
"""BPF_F_NO_PREALLOC of linux/bpf.h."""


def prefixes_fit_the_maps(host: Host, report: Report) -> None:
    """An object whose program is to drop prefixes has the maps that take them, with room for all."""
    for nic in host.nics:
        for each in attached(nic):
            six = sum(":" in prefix for prefix in each.drops.prefixes)
            for name, count in (("drop_v4", len(each.drops.prefixes) - six), ("drop_v6", six)):
                if count:
                    _check_map(each, name, count, report)


def _check_map(xdp: XdpProgram, name: str, count: int, report: Report) -> None:
    found = next((each for each in xdp.object.maps if each.name == name), None)
    place = value_of(xdp.drops.entries[0], "drop")
    family, address = DROP_MAPS[name]
    problem = _problem(name, found, LENGTH_SIZE + address)
    if problem:
        report.add(_cannot_take(xdp, name, problem, place))
    elif found is not None and count > found.max_entries:
        report.add(
            codes.DROPS_BEYOND_MAP.at(
                place,
                count=count,
                family=family,
                map=name,
                file=xdp.file,
                limit=found.max_entries,
                help=[f"build the object with `__uint(max_entries, {1 << (count - 1).bit_length()})` for `{name}`"],
            )
        )


def _problem(name: str, found: BpfMap | None, key_size: int) -> str:
    """Why a map takes no prefixes; empty where it does."""
    if found is None:
        return f"it has no map `{name}`"
    if found.type != "lpm_trie":
        return f"its map `{name}` is of type {found.type}"
    if (found.key_size, found.value_size) != (key_size, VALUE_SIZE):
        return f"keys and values of its map `{name}` have {found.key_size} and {counted(found.value_size, 'byte')}"
    if not found.flags & NO_PREALLOC:
        return f"its map `{name}` lacks BPF_F_NO_PREALLOC, without which the kernel refuses a trie"
    return ""


def _cannot_take(xdp: XdpProgram, name: str, problem: str, place: Span | None) -> Diagnostic:
    family, address = DROP_MAPS[name]
    return codes.DROP_MAPS_MISSING.at(
        place,
        file=xdp.file,
        problem=Sentence(problem),
        labels=label_at(xdp.section.span, "the object is named here"),
        notes=[
            f"prefixes of {family} go into `{name}`: an lpm_trie with BPF_F_NO_PREALLOC, keys of {LENGTH_SIZE} bytes "
            f"prefix length and {address} bytes address, values of {counted(VALUE_SIZE, 'byte')}"
        ],
        help=["define the maps as `examples/xdp/prefix_drop.c` does, or name an object that was built from it"],
    )


def prefixes_leave_something(host: Host, report: Report) -> None:
    """No prefix stands for all addresses."""
    for nic in host.nics:
        for each in attached(nic):
            for prefix in each.drops.prefixes:
                if prefix.endswith("/0"):
                    report.add(_everything(nic, each, prefix))


def _everything(nic: Nic, xdp: XdpProgram, prefix: str) -> Diagnostic:
    written = next((entry for entry in xdp.drops.entries if prefix in entry.value[1:]), None)
    listed = next((entry for entry in xdp.drops.entries if entry.value[0] == "from"), None)
    if written is not None:
        place = name_in(written, prefix)
    else:
        place = value_of(listed, "drop") if listed is not None else None
    return codes.DROPS_EVERYTHING.at(
        place,
        prefix=prefix,
        family="IPv6" if ":" in prefix else "IPv4",
        nic=nic.name,
        help=[f"take `{prefix}` out of the list"],
    )


def the_host_stays_reachable(host: Host, report: Report) -> None:
    """A port that the host is reached by is not closed for want of a program."""
    alone = len(host.nics) == 1
    for nic in host.nics:
        for each in attached(nic):
            entry = each.section.entry("on-failure")
            if entry is None or entry.value != "keep-down" or not (nic.flagged_management or alone):
                continue
            flag = nic.entry("management")
            report.add(
                (codes.KEEP_DOWN_MANAGEMENT if nic.flagged_management else codes.KEEP_DOWN_ALONE).at(
                    value_of(entry, "on-failure"),
                    nic=nic.name,
                    file=each.file,
                    labels=label_at(flag.span if flag is not None else None, "the host is reached by it"),
                    notes=["where the program cannot be attached, nobody reaches the host to see why"],
                    help=["write `on-failure continue`", *([] if nic.flagged_management else OUT_OF_BAND)],
                )
            )


OUT_OF_BAND = ("have another way in, such as a serial console or the management controller of the machine",)

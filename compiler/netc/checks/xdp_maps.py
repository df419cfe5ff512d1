"""What XDP programs bring along: objects that load, and maps with the folders that they are pinned in."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from netc import codes
from netc.checks.xdp import attached, label_at
from netc.checks.xdp_drops import DROP_MAPS
from netc.diagnostics import Sentence
from netc.knowledge.kernels import KernelVersion
from netc.patterns import pattern
from netc.places import name_in, value_of
from netc.suggest import did_you_mean

if TYPE_CHECKING:
    from netc.diagnostics import Diagnostic, Report
    from netc.language.sections import Entry
    from netc.model import Host, Nic, XdpProgram

BPF = "/sys/fs/bpf"
PINS = f"{BPF}/netc"
"""Where maps are pinned that the file says nothing of: a folder for each NIC."""
LOADERS_OWN = f"{BPF}/xdp"
"""What libxdp pins dispatchers and their programs in."""
FOLDER = pattern(rf"{BPF}(?:/[A-Za-z0-9_-]+)+")
SYMBOL = pattern(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
LIBBPF_1 = "6.1"
"""The bpftool of this kernel and of later ones has a libbpf that refuses maps in a section `maps`."""
MOST_NAMES = 8


def objects_load(host: Host, report: Report) -> None:
    """Objects are of the target's byte order, describe maps as its libbpf reads them, and are pinned by name."""
    for nic in host.nics:
        for each in attached(nic):
            found = _refusal(host, each)
            if found is not None:
                problem, way_out = found
                place = each.section.span
                report.add(codes.OBJECT_REFUSED.at(place, file=each.file, problem=Sentence(problem), help=[way_out]))


def _refusal(host: Host, xdp: XdpProgram) -> tuple[str, str] | None:
    """Why an object cannot be loaded, and what helps."""
    if xdp.object.endian != "little":
        problem = f"it is for big-endian machines, and {host.system.architecture.value} is little-endian"
        return problem, "build it with `clang -target bpfel`"
    if xdp.object.legacy_maps and KernelVersion.parse(host.system.kernel.value) >= KernelVersion.parse(LIBBPF_1):
        problem = "its maps stand in section `maps`, which libbpf refuses since 1.0"
        return problem, 'define them in `SEC(".maps")`, with the macros of bpf_helpers.h'
    if SYMBOL.fullmatch(xdp.program.name) is None:
        problem = f"programs are pinned by their names, and `{xdp.program.name[:60]}` is no name of C"
        return problem, "give the function another name"
    return None


def pins_are_folders(host: Host, report: Report) -> None:
    """Maps are pinned in folders that the BPF file system can have, and there are maps to pin."""
    for nic in host.nics:
        for each in attached(nic):
            entry = each.section.entry("pin")
            problem = _pin_problem(_folder(entry)) if entry is not None else ""
            if entry is None:
                continue
            if problem:
                way_out = f'write `pin "{PINS}/{nic.name}"`, or leave `pin` out, which means the same'
                place = value_of(entry, "pin")
                report.add(codes.BAD_PIN.at(place, pin=entry.value, problem=Sentence(problem), help=[way_out]))
            elif not each.object.maps:
                report.add(codes.NO_MAPS_TO_PIN.at(entry.span, file=each.file, help=["leave `pin` out"]))


def _folder(entry: Entry[str]) -> str:
    return entry.value.rstrip("/")


def _pin_problem(folder: str) -> str:
    """Why a path is no folder for maps; empty where it is one."""
    if not folder.startswith(f"{BPF}/"):
        return f"it is not below {BPF}, where the BPF file system is"
    if _is_within(folder, LOADERS_OWN):
        return f"xdp-loader keeps its own in {LOADERS_OWN}"
    if "." in folder:
        return "names in the BPF file system have no dots (kernel/bpf/inode.c, bpf_lookup)"
    if FOLDER.fullmatch(folder) is None:
        return "a folder there is named with letters, digits, `-` and `_`"
    return ""


def _is_within(folder: str, upper: str) -> bool:
    return f"{folder}/".startswith(f"{upper}/")


def programs_are_pinned_together(host: Host, report: Report) -> None:
    """The programs of a NIC have one folder."""
    for nic in host.nics:
        written = [(each, entry) for each in attached(nic) if (entry := each.section.entry("pin")) is not None]
        for each, entry in written[1:]:
            if _folder(entry) != _folder(written[0][1]):
                labels = label_at(value_of(written[0][1], "pin"), "they are pinned in this one")
                place = value_of(entry, "pin")
                report.add(codes.PINS_DIFFER.at(place, nic=nic.name, file=each.file, labels=labels))


def pins_do_not_meet(host: Host, report: Report) -> None:
    """No NIC is pinned where another is, nor above or below: a folder is removed with the programs of its NIC."""
    for one, other in combinations([nic for nic in host.nics if attached(nic)], 2):
        upper, lower = sorted((_pins_of(one), _pins_of(other)), key=len)
        if not _is_within(lower, upper):
            continue
        where = f"into one folder, `{upper}`" if upper == lower else f"into `{_pins_of(one)}` and `{_pins_of(other)}`"
        written = [(nic, entry) for nic in (other, one) if (entry := _written_pin(nic)) is not None]
        shown, entry = written[0] if written else (other, None)
        report.add(
            codes.PINS_OVERLAP.at(
                value_of(entry, "pin") if entry is not None else attached(other)[0].section.span,
                one=one.name,
                other=other.name,
                where=Sentence(where),
                labels=label_at(value_of(written[1][1], "pin"), "here too") if len(written) > 1 else [],
                notes=["the folder of a NIC is removed, with all that is in it, when its programs are taken off"],
                help=[f'write `pin "{PINS}/{shown.name}"` for `{shown.name}`'],
            )
        )


def _written_pin(nic: Nic) -> Entry[str] | None:
    return next((entry for each in attached(nic) if (entry := each.section.entry("pin")) is not None), None)


def _pins_of(nic: Nic) -> str:
    """The folder that the maps of a NIC are pinned in."""
    written = _written_pin(nic)
    return _folder(written) if written is not None else f"{PINS}/{nic.name}"


def named_maps_are_there(host: Host, report: Report) -> None:
    """Maps that a statement names are in the object."""
    for nic in host.nics:
        for each in attached(nic):
            entry, names = each.section.entry("maps"), [found.name for found in each.object.maps]
            for name in entry.value if entry is not None else ():
                if entry is not None and name not in names:
                    shown = ", ".join(f"`{known}`" for known in names[:MOST_NAMES]) + " …" * (len(names) > MOST_NAMES)
                    way_out = f"leave out `{name}`" if names else "leave `maps` out"
                    report.add(
                        codes.NO_SUCH_MAP.at(
                            name_in(entry, name),
                            file=each.file,
                            map=name,
                            notes=[f"it has {shown}" if names else "it has no maps"],
                            help=did_you_mean(name, names) or [way_out],
                        )
                    )


def maps_have_names_of_their_own(host: Host, report: Report) -> None:
    """Maps of the programs of one NIC, which are pinned by their names in one folder, have different names."""
    for nic in host.nics:
        first: dict[str, XdpProgram] = {}
        for each in attached(nic):
            for name in _pinned(each):
                earlier = first.setdefault(name, each)
                if earlier is not each:
                    report.add(_pinned_twice(nic, name, earlier, each))


def _pinned(xdp: XdpProgram) -> list[str]:
    """The maps that are pinned: all, or the named ones and those that prefixes go into."""
    named, names = xdp.section.entry("maps"), [each.name for each in xdp.object.maps]
    if named is None:
        return names
    return [name for name in names if name in named.value or (xdp.drops.prefixes and name in DROP_MAPS)]


def _pinned_twice(nic: Nic, name: str, earlier: XdpProgram, later: XdpProgram) -> Diagnostic:
    help_lines = [f"give map `{name}` another name in one of the objects"]
    for each in (later, earlier):
        rest = [other for other in _pinned(each) if other != name]
        if rest and not (each.drops.prefixes and name in DROP_MAPS):
            help_lines.insert(0, f"write `maps {', '.join(rest)}` for `{each.file}`, so that `{name}` is left out")
            break
    named = later.section.entry("maps")
    return codes.MAP_PINNED_TWICE.at(
        named.span if named is not None else later.section.span,
        file=later.file,
        other=earlier.file,
        nic=nic.name,
        map=name,
        labels=label_at(earlier.section.span, "this one pins it first"),
        notes=["maps are pinned by their names: all, unless `maps` says which"],
        help=help_lines,
    )

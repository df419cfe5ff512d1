"""Units that attach XDP programs before the first packet, the objects they are in, and lists of prefixes.

One unit and one script for each NIC with a program; the shell functions they share are one more file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.backends.binding import device_unit
from netc.backends.guards import INTERFACE, NUMBER, PROGRAM, Defect, require
from netc.backends.rendering import render as fill
from netc.backends.services import known_to_udev_as, service_of_nic
from netc.backends.wording import because, header
from netc.patterns import pattern
from netc.plan import Artifact
from netc.records import dataclass

if TYPE_CHECKING:
    from netc.plan import Interface, Plan, Program

FOLDER = "rootfs/etc/netc/xdp"

SYMBOL = pattern(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
OBJECT = pattern(r"[A-Za-z0-9_-]{1,60}\.o")
MODE = pattern(r"native|generic|offload")
PINS = pattern(r"/sys/fs/bpf(?:/[A-Za-z0-9_-]+)+")
"""The BPF file system takes no dots in names (kernel/bpf/inode.c, bpf_lookup)."""
MAP = pattern(r"[A-Za-z0-9_.]+")
PREFIX = pattern(r"[0-9a-f.:]+/[0-9]{1,3}")


@dataclass(frozen=True, slots=True)
class Attached:
    """What the script prints of one program: the words of the shell function `program`."""

    because: str
    name: str
    object: str
    mode: str
    priority: str
    list: str
    """The file of its prefixes, or `-`."""
    maps: str
    """The maps that are pinned, with commas between, or `-`."""


@dataclass(frozen=True, slots=True)
class Nic:
    """What the templates print of one NIC."""

    nic: str
    name: str
    device: str
    optional: bool
    pins: str
    closed: bool
    programs: list[Attached]


def render(plan: Plan) -> list[Artifact]:
    if not plan.programs:
        return []
    target = plan.target
    functions = fill(
        "xdp/xdp-functions.sh",
        header=header(plan),
        bpftool=require(PROGRAM, target.bpftool, "program"),
        xdp_loader=target.xdp_loader and require(PROGRAM, target.xdp_loader, "program"),
        ip=require(PROGRAM, target.ip, "program"),
        tc=require(PROGRAM, target.tc, "program"),
        known_to_udev_as=known_to_udev_as(),
    )
    artifacts = [Artifact("rootfs/etc/netc/xdp-functions.sh", functions)]
    for name, data in plan.objects:
        artifacts.append(Artifact(f"{FOLDER}/{require(OBJECT, name, 'name of an object')}", data=data))
    for interface in plan.interfaces:
        programs = [program for program in plan.programs if program.interface == interface.nic]
        if programs:
            nic = _nic(interface, programs)
            artifacts += service_of_nic("xdp", "xdp", header(plan), nic.nic, nic.device, nic, at_boot=not nic.optional)
            artifacts += [_list(program) for program in programs if program.drops]
    return artifacts


def _nic(interface: Interface, programs: list[Program]) -> Nic:
    return Nic(
        require(INTERFACE, interface.nic, "name of a NIC"),
        interface.name and require(INTERFACE, interface.name, "interface name"),
        device_unit(interface),
        interface.optional,
        require(PINS, programs[0].pins, "folder of pins"),
        any(program.fails_closed for program in programs),
        [_attached(program) for program in programs],
    )


def _attached(program: Program) -> Attached:
    return Attached(
        because(program.why),
        require(SYMBOL, program.name, "name of a program"),
        require(OBJECT, program.object, "name of an object"),
        require(MODE, program.mode, "mode"),
        require(NUMBER, str(program.priority), "priority"),
        _list_name(program) if program.drops else "-",
        ",".join(require(MAP, each, "name of a map") for each in program.maps) or "-",
    )


def _list_name(program: Program) -> str:
    nic = require(INTERFACE, program.interface, "name of a NIC")
    return f"{nic}-{require(SYMBOL, program.name, 'name of a program')}.prefixes"


def _list(program: Program) -> Artifact:
    """A prefix on each line, and behind it the bytes of its key in an LPM trie: the length in the byte order of the
    host, which is the little endian of all targets, then the address (Documentation/bpf/map_lpm_trie.rst)."""
    import ipaddress  # few hosts have a list

    lines = []
    for prefix in program.drops:
        network = ipaddress.ip_network(require(PREFIX, prefix, "prefix"))
        if str(network) != prefix:
            raise Defect(f"{prefix!r} is not the usual form of a prefix")
        key = network.prefixlen.to_bytes(4, "little") + network.network_address.packed
        lines.append(f"{prefix} {' '.join(map(str, key))}")
    return Artifact(f"{FOLDER}/{_list_name(program)}", fill("xdp/prefixes", lines=lines))

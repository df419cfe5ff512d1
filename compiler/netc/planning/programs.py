"""XDP programs: what is attached, and what must be off before it can be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from netc.digests import digest
from netc.model import AF_XDP
from netc.plan import Program, Why
from netc.planning.draft import is_builtin
from netc.planning.nics import offload_is_written, set_nic

if TYPE_CHECKING:
    from netc.model import Nic, XdpProgram
    from netc.planning.draft import Draft

PINS = "/sys/fs/bpf/netc"
"""Where maps are pinned that the file says nothing of: a folder for each NIC."""
DROP_MAPS = ("drop_v4", "drop_v6")
INGRESS_MODULES = ("sch_ingress", "cls_bpf")
"""What closes an interface, in front of the kernel's stack, while no program is attached."""


def plan_programs(draft: Draft) -> None:
    for nic in draft.host.nics:
        if not nic.has_kernel_queues:
            continue
        pins = [entry for program in nic.programs if (entry := program.section.entry("pin")) is not None]
        folder = str(pins[0].value).rstrip("/") if pins else f"{PINS}/{nic.name}"
        for program in nic.programs:
            _attach(draft, nic, program, folder)
        _offloads(draft, nic)


def _attach(draft: Draft, nic: Nic, xdp: XdpProgram, pins: str) -> None:
    identity = digest(xdp.data)
    name = _file_name(xdp.label, identity)
    draft.objects[name] = xdp.data
    failure = xdp.section.entry("on-failure")
    named = xdp.section.entry("maps")
    closed = failure is not None and failure.value == "keep-down"
    maps = [each.name for each in xdp.object.maps]
    if named is not None:
        maps = [each for each in maps if each in named.value or (xdp.drops.prefixes and each in DROP_MAPS)]
    places = (xdp.section.place, *(entry.place for entry in xdp.drops.entries))
    draft.programs.append(
        Program(
            interface=nic.name,
            name=xdp.program.name,
            object=name,
            sha256=identity,
            section=xdp.program.section,
            mode=xdp.mode,
            priority=xdp.priority,
            pins=pins,
            maps=tuple(maps),
            btf=xdp.object.btf,
            drops=xdp.drops.prefixes,
            fails_closed=closed,
            why=Why(places, "XDP program", _reason(xdp, closed=closed)),
        )
    )
    for module in INGRESS_MODULES if closed else ():
        if not is_builtin(draft.host, module):
            reason = f"{module} drops what arrives while `{xdp.program.name}` is not attached to {nic.name}"
            draft.module(module, Why((xdp.section.place,), "closed without its program", reason))


def _file_name(label: str, digest: str) -> str:
    """A name that tells where it came from, and changes with the object, so that an old and a new one stand
    side by side while one replaces the other."""
    from pathlib import PurePosixPath  # few hosts have a program

    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", PurePosixPath(label).stem).strip("-")[:40] or "object"
    return f"{stem}-{digest[:12]}.o"


def _reason(xdp: XdpProgram, *, closed: bool) -> str:
    where = {
        "native": "in the driver, before the kernel allocates anything for a packet",
        "generic": "behind the driver, where a packet has cost most of its work already",
        "offload": "on the NIC itself",
    }[xdp.mode]
    parts = [f"{xdp.program.name} of {xdp.label} ({xdp.program.instructions} instructions) runs {where}"]
    if xdp.drops.prefixes:
        count = len(xdp.drops.prefixes)
        parts.append(f"it drops packets from {count} prefix{'es' * (count != 1)}")
    parts.append(
        "while it is not attached nothing from the wire reaches the kernel's stack"
        if closed
        else "where it cannot be attached the unit fails and traffic flows without it"
    )
    return "; ".join(parts)


def _offloads(draft: Draft, nic: Nic) -> None:
    """What merges packets before a program could see them is off, for drivers refuse to attach beside it."""
    native = [program.section for program in nic.programs if program.mode == "native"]
    dpdk = nic.section.section("dpdk")
    if nic.dpdk_driver == AF_XDP and dpdk is not None:
        native.append(dpdk)  # whose sockets come with a program
    if not native or nic.knowledge is None:
        return
    for feature in nic.knowledge.xdp.disable:
        known = nic.knowledge.has(feature, draft.host.system.kernel.value)
        if known and not offload_is_written(nic, feature):
            reason = f"{nic.knowledge.name} attaches no XDP program while {feature} merges packets before it"
            why = Why((native[0].place,), "no merging before XDP", reason)
            set_nic(draft, nic, f"offload.{feature}", "off", why)

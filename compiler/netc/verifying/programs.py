"""XDP programs: attached, and in which mode; maps pinned."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from netc.promises import wording
from netc.verifying.answers import Promise
from netc.verifying.interfaces import interface_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.plan import Plan, Program
    from netc.verifying.answers import Answer
    from netc.verifying.machine import Machine

MODES = {1: "native", 2: "generic", 3: "offload"}
"""XDP_ATTACHED_DRV, _SKB and _HW of include/uapi/linux/if_link.h."""
LONGEST_NAME = 15
"""Characters that the kernel keeps of the name of a program (BPF_OBJ_NAME_LEN)."""
LOADED = re.compile(r"^ =>\s+[0-9]+\s+(\S+)\s+[0-9]+\s+[0-9a-f]{16}", re.MULTILINE)
"""A program behind xdp-loader's dispatcher."""


def programs(plan: Plan, machine: Machine) -> Iterator[Answer]:
    for interface in plan.interfaces:
        own = [program for program in plan.programs if program.interface == interface.nic]
        name = interface_of(plan, interface, machine) if own else ""
        for program in own:
            promise = _promise(program, f"{interface.nic}: XDP program {program.name}", program.mode)
            if not machine.live:
                yield promise.unreadable(wording.OUTSIDE_A_COPY)
            elif not name:
                yield promise.unreadable(f"nic {interface.nic} is absent", excused=interface.optional)
            elif not machine.tells_all:
                yield promise.unreadable(wording.ONLY_ROOT)
            elif not machine.has("ip"):
                yield promise.unreadable("ip is not installed")
            else:
                yield promise.judged(_found(program, name, machine, alone=len(own) == 1))
                for each in program.maps:
                    map_ = _promise(program, f"{interface.nic}: map {each} of {program.name}", "pinned")
                    there = machine.exists(f"{program.pins.strip('/')}/maps/{each}")
                    yield map_.kept() if there else map_.broken("not pinned")


def _promise(program: Program, subject: str, wanted: str) -> Promise:
    carrier = f"netc-xdp-{program.interface}.service"
    return Promise("program", program.name, subject, wanted, carrier, program.why, program.interface)


def _shown(name: str, machine: Machine) -> dict[str, Any]:
    """What ip tells of an interface; empty where it tells nothing, or not in JSON."""
    try:
        shown = json.loads(machine.ask("ip", "-json", "-details", "link", "show", "dev", name) or "[]")
    except ValueError:
        return {}
    return shown[0] if shown else {}


def _found(program: Program, name: str, machine: Machine, *, alone: bool) -> str:
    """The mode in which it is attached, or what is there instead."""
    xdp = _shown(name, machine).get("xdp", {})
    attached = {each.get("prog", {}).get("name", ""): each.get("mode") for each in xdp.get("attached", [])}
    if not attached:
        return "not attached"
    short = program.name[:LONGEST_NAME]
    if not alone:
        behind = LOADED.findall(machine.ask("xdp-loader", "status", name) or "")
        if program.name not in behind and short not in behind:
            return "not attached"
        return MODES.get(min(filter(None, attached.values()), default=0), "not attached")
    if short in attached:
        return MODES.get(attached[short] or 0, "attached otherwise")
    return f"replaced by {next(iter(attached)) or 'another'}"

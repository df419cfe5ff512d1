"""Units that say which queue and which CPU packets meet, last of all that is done to a NIC and again as often as its
link or its queues change.

One unit and one script for each NIC, shell functions that they share, and one small service that follows links and
starts the unit of a NIC anew: drivers take their interrupts anew when the link comes up, and forget their CPUs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from netc.backends.binding import device_unit, settings_via
from netc.backends.guards import CPU_LIST, INTERFACE, NUMBER, PCI, PROGRAM, WORDS, Defect, require
from netc.backends.rendering import render as fill
from netc.backends.services import UNITS, Step, enabled, known_to_udev_as, service_of_nic
from netc.backends.wording import because, header
from netc.cpulist import CpuSet
from netc.plan import Artifact, Via
from netc.plan_keys import nic_key_order
from netc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

    from netc.plan import Interface, Plan, Setting


@dataclass(frozen=True, slots=True)
class Nic:
    """What the templates print of one NIC."""

    nic: str
    name: str
    words: list[str]
    """What the function `begin` is told of the NIC beside its name."""
    device: str
    steps: list[Step]


def render(plan: Plan) -> list[Artifact]:
    nics = [
        _nic(interface, settings)
        for interface in plan.interfaces
        if (settings := settings_via(plan, interface, Via.STEERING))
    ]
    if not nics:
        return []
    first = header(plan)
    ip = require(PROGRAM, plan.target.ip, "program")
    functions = fill(
        "steering/steering-functions.sh",
        header=first,
        ethtool=require(PROGRAM, plan.target.ethtool, "program"),
        tc=require(PROGRAM, plan.target.tc, "program"),
        known_to_udev_as=known_to_udev_as('"$root"'),
    )
    named = [nic for nic in nics if nic.name]
    unnamed = " | ".join(nic.nic for nic in nics if not nic.name)  # alternatives of a shell pattern
    follow = fill("steering/follow-links", header=first, ip=ip, named=named, unnamed=unnamed)
    service = "netc-follow-links.service"
    artifacts = [
        Artifact("rootfs/etc/netc/steering-functions.sh", functions),
        Artifact("rootfs/etc/netc/follow-links", follow, mode=0o755),
        Artifact(f"{UNITS}/{service}", fill(f"steering/{service}", header=first)),
        enabled(service),
    ]
    for nic in nics:
        artifacts += service_of_nic("steering", "steering", first, nic.nic, nic.device, nic)
    return artifacts


def _nic(interface: Interface, settings: list[Setting]) -> Nic:
    return Nic(
        require(INTERFACE, interface.nic, "name of a NIC"),
        interface.name and require(INTERFACE, interface.name, "interface name"),
        _words_of(interface),
        device_unit(interface),
        _steps(interface, sorted(settings, key=lambda setting: nic_key_order(setting.key))),
    )


def _words_of(interface: Interface) -> list[str]:
    words = [require(PCI, interface.pci.lower(), "PCI address")] if interface.pci else []
    words += ["twin-queues"] if interface.twin_queues else []
    return [*words, "second-half-receives"] if interface.second_half_receives else words


def _steps(interface: Interface, settings: list[Setting]) -> list[Step]:
    """The table first, which rules are an exception to, and interrupts last."""
    steps = [Step(because(s.why), _command(interface, s)) for s in settings if not _is_rule(s)]
    before = sum(setting.key.startswith("rss.") for setting in settings)
    return [*steps[:before], *_rules(settings), *steps[before:]]


def _is_rule(setting: Setting) -> bool:
    return setting.key.startswith("steer.")


def _rules(settings: list[Setting]) -> list[Step]:
    """All flow rules of a NIC in one call, which also takes back what is wanted no longer."""
    rules = [setting for setting in settings if _is_rule(setting)]
    if not rules:
        return []
    lines = "\n".join(require(WORDS, rule.value, "flow rule") for rule in rules)
    return [Step("\n".join(dict.fromkeys(because(rule.why) for rule in rules)), f"flow_rules '{lines}'")]


def _words(function: str) -> Callable[[Interface, str], str]:
    return lambda _, value: f"{function} '{require(WORDS, value, f'value of {function}')}'"


def _attribute(key: str, name: str) -> Callable[[Interface, str], str]:
    return lambda _, value: f"attribute {key} {name} {require(NUMBER, value, f'value of {name}')}"


def _receive_cpus(_: Interface, value: str) -> str:
    mask = CpuSet.parse(require(CPU_LIST, value, "CPUs of rps")).mask()
    return f"receive_cpus {mask}"


def _send_by_cpu(_: Interface, value: str) -> str:
    masks = [CpuSet.parse(require(CPU_LIST, cpus, "CPUs of xps")).mask() for cpus in value.split(" ")]
    return f"send_by_cpu '{' '.join(masks)}'"


def _interrupts(interface: Interface, value: str) -> str:
    cpus = require(CPU_LIST, value, "CPUs of interrupts")
    if not interface.queue_interrupts:
        return f"channels_to {cpus}"
    requested = "open" if interface.interrupts_at_open else "probe"
    return f"interrupts_to {cpus} '{_classes(interface)}' {requested}"


def _classes(interface: Interface) -> str:
    """A program of sed: NUMBER NAME of an interrupt becomes NUMBER QUEUE NAME; who serves no queue goes."""
    lines = [f"s#^[0-9]+ {_pattern(pattern)}$##; t" for pattern in interface.other_interrupts]
    for pattern in interface.queue_interrupts:
        found = _pattern(pattern)
        before, is_numbered, _ = found.rpartition("([0-9]+)")
        queue = f"\\{3 + before.count('(')}" if is_numbered else "0"
        lines.append(f"s#^([0-9]+) ({found})$#\\1 {queue} \\2#p; t")
    lines.append("s#^([0-9]+) line$#\\1 0 line#p")
    return "\n".join(lines)


def _pattern(pattern: str) -> str:
    """A regular expression that may stand between the marks of sed and in single quotes."""
    if not re.fullmatch(r"[A-Za-z0-9_@:.+*?()\[\]|{}\\-]+", pattern) or pattern.count("(") > 6:
        raise Defect(f"{pattern!r} is no pattern of interrupt names")
    return pattern


COMMANDS: dict[str, Callable[[Interface, str], str]] = {
    "rss.spread": _words("table_is"),
    "rss.key": lambda _, value: "key_is_symmetric",
    "napi.defer-hard-irqs": _attribute("napi.defer-hard-irqs", "napi_defer_hard_irqs"),
    "napi.gro-flush-timeout": _attribute("napi.gro-flush-timeout", "gro_flush_timeout"),
    "qdisc": _words("queueing"),
    "rps.cpus": _receive_cpus,
    "rfs.flows": lambda _, value: f"flows_followed {require(NUMBER, value, 'flows')}",
    "xps.cpus": _send_by_cpu,
    "xps.rx-queues": lambda _, value: "send_by_receive_queue",
    "irq.cpus": _interrupts,
}
"""The shell function that carries out a setting."""


def _command(interface: Interface, setting: Setting) -> str:
    if setting.key.startswith("rss.hash."):
        protocol = require(WORDS, setting.key.removeprefix("rss.hash."), "protocol")
        return f"hash_fields {protocol} {require(WORDS, setting.value, 'hash fields')}"
    if setting.key not in COMMANDS:
        raise Defect(f"no unit carries out {setting.key}")
    return COMMANDS[setting.key](interface, setting.value)

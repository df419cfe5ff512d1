"""irqbalance: a drop-in for its unit that keeps it off pinned interrupts and free CPUs, or a link that masks it.

What the administrator gives it in the environment file of its package stays: the drop-in adds arguments behind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.backends.guards import ARGUMENT, CPU_LIST, INTERFACE, MAC, MODULE, PCI, PROGRAM, Defect, require
from netc.backends.rendering import render as fill
from netc.backends.services import UNITS
from netc.backends.wording import because, header
from netc.cpulist import CpuSet
from netc.patterns import pattern
from netc.plan import Artifact, Kind
from netc.plan_keys import SERVICE_KEYS
from netc.promises.units import POLICY, irqbalance_arguments
from netc.records import dataclass

if TYPE_CHECKING:
    from netc.plan import Interface, Plan, Setting

ENVIRONMENT = "/etc/netc/irqbalance.env"
KEYS = ("service", "banned-cpus", "banned-interrupts")
PCI_IN_PATH = pattern(r"(?:^|-)pci-([0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])$")
"""The PCI function at the end of an ID_PATH."""


@dataclass(frozen=True, slots=True)
class Banned:
    """How the policy script knows the devices of our NICs."""

    functions: str
    """Addresses on the PCI bus, as alternatives of a shell pattern."""
    names: list[str]
    """Names and hardware addresses of interfaces that no PCI address is known of."""
    drivers: str
    """Drivers of interfaces that nothing else is known of, as alternatives of a shell pattern."""


def render(plan: Plan) -> list[Artifact]:
    settings = {setting.key: setting for setting in plan.of(Kind.SERVICE)}
    if unknown := settings.keys() - set(SERVICE_KEYS):
        raise Defect(f"{sorted(unknown)} are no settings of a service")
    masked, cpus, interrupts = (settings.get(f"irqbalance.{key}") for key in KEYS)
    if masked is not None:
        return [Artifact(f"{UNITS}/irqbalance.service", target="/dev/null")]
    if cpus is None and interrupts is None:
        return []
    banned = _banned(plan) if interrupts is not None and interrupts.value == "nics" else None
    artifacts = [_drop_in(plan, cpus, interrupts, banned)]
    if cpus is not None:
        artifacts.append(Artifact(f"rootfs{ENVIRONMENT}", _environment(plan, cpus)))
    if banned is not None:
        text = fill("irqbalance/irqbalance-policy", header=header(plan), banned=banned)
        artifacts.append(Artifact(f"rootfs{POLICY}", text, mode=0o755))
    return artifacts


def _drop_in(plan: Plan, cpus: Setting | None, interrupts: Setting | None, banned: Banned | None) -> Artifact:
    text = fill(
        "irqbalance/90-netc.conf",
        header=header(plan),
        environment=ENVIRONMENT if cpus is not None else "",
        because=because(interrupts.why) if interrupts is not None else "",
        arguments=_arguments(interrupts),
        file=require(PROGRAM, plan.target.irqbalance_file, "environment file of irqbalance"),
        sees_interfaces=banned is not None and bool(banned.names),
    )
    return Artifact(f"{UNITS}/irqbalance.service.d/90-netc.conf", text)


def _arguments(interrupts: Setting | None) -> str:
    if interrupts is None:
        return ""
    arguments = irqbalance_arguments(interrupts.value)
    if arguments is None:
        raise Defect(f"{interrupts.value!r} are no interrupts that irqbalance could leave alone")
    return " ".join(require(ARGUMENT, argument, "argument of irqbalance") for argument in arguments)


def _environment(plan: Plan, cpus: Setting) -> str:
    """The CPUs as the version of irqbalance takes them; of both variables an older one would win over the list."""
    listed = require(CPU_LIST, cpus.value, "CPUs of irqbalance")
    lines = [f"IRQBALANCE_BANNED_CPUS={CpuSet.parse(listed).mask()}"]
    if plan.target.irqbalance_takes_lists:
        lines = ["IRQBALANCE_BANNED_CPUS=", f"IRQBALANCE_BANNED_CPULIST={listed}"]
    return fill("irqbalance/irqbalance.env", header=header(plan), because=because(cpus.why), lines=lines)


def _banned(plan: Plan) -> Banned:
    functions, names, drivers = [], [], []
    for interface in plan.interfaces:
        if interface.vmbus:  # the channels of Hyper-V have no interrupts of their own
            continue
        if function := _function(interface):
            functions.append(function)
        elif interface.name or interface.mac:
            names += _names(interface)
        elif interface.driver:
            drivers.append(require(MODULE, interface.driver, "driver"))
    return Banned(" | ".join(functions), names, " | ".join(sorted(set(drivers))))


def _function(interface: Interface) -> str:
    if interface.pci:
        return require(PCI, interface.pci.lower(), "PCI address")
    found = PCI_IN_PATH.search(interface.path.lower())
    return found[1] if found is not None else ""


def _names(interface: Interface) -> list[str]:
    names = [require(INTERFACE, interface.name, "interface name")] if interface.name else []
    return [*names, require(MAC, interface.mac.lower(), "MAC address")] if interface.mac else names

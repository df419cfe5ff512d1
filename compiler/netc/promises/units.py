"""The units that netc writes, as far as they are to be active on a host that has booted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.plan import Kind, Via
from netc.records import dataclass

if TYPE_CHECKING:
    from netc.plan import Plan

IRQBALANCE = "irqbalance.service"
POLICY = "/etc/netc/irqbalance-policy"
"""The script that irqbalance asks which interrupts it leaves alone."""
BY_DRIVER = "drivers "
DROP_IN = "90-netc.conf"
"""The file by which netc adds to a unit of others."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit, and the NIC without which it cannot be active; empty where it serves none."""

    name: str
    nic: str = ""
    optional: bool = False


def units_of(plan: Plan) -> list[Unit]:
    """Those that carry out the settings of the plan, by name."""
    found = []
    for interface in plan.interfaces:
        nic, settings = interface.nic, plan.of_interface(interface.nic)
        carried = {via for setting in settings if setting.key != "name" for via in setting.via}
        words = ["nic"] * (Via.UNIT in carried) + ["steering"] * (Via.STEERING in carried)
        words += ["xdp"] * any(program.interface == nic for program in plan.programs)
        found += [Unit(f"netc-{word}-{nic}.service", nic, interface.optional) for word in words]
    if any(Via.STEERING in setting.via for setting in plan.settings):
        found.append(Unit("netc-follow-links.service"))
    if plan.of(Kind.CPU):
        found.append(Unit("netc-cpu.service"))
    return sorted(found, key=lambda unit: unit.name)


def irqbalance_arguments(value: str) -> list[str] | None:
    """What irqbalance is called with, for a value of `irqbalance.banned-interrupts`; None where it is none."""
    if value == "nics":
        return [f"--policyscript={POLICY}"]
    if value.startswith(BY_DRIVER):
        return [f"--banmod={driver}" for driver in value.removeprefix(BY_DRIVER).split(",")]
    return None

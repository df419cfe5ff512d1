"""The units that netc writes, as far as they are to be active on a host that has booted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.plan import Kind, Via
from netc.promises.huge_pages import folders_of
from netc.records import dataclass

if TYPE_CHECKING:
    from netc.plan import Plan

POLICY = "/etc/netc/irqbalance-policy"
"""The script that irqbalance asks which interrupts it leaves alone."""
BY_DRIVER = "drivers "
HUGE_PAGES = "netc-hugepages.service"
PORTS = "netc-vfio.service"
DROP_IN = "50-netc.conf"
"""The file by which netc adds to the unit of an application."""
CARRIERS = {Via.FUNCTIONS: "vfs", Via.UNIT: "nic", Via.STEERING: "steering"}
"""What the unit of a NIC that carries out a setting is called, `netc-WORD-NIC.service`."""


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
        words = [word for via, word in CARRIERS.items() if via in carried]
        words += ["xdp"] * any(program.interface == nic for program in plan.programs)
        found += [Unit(f"netc-{word}-{nic}.service", nic, interface.optional) for word in words]
    if any(Via.STEERING in setting.via for setting in plan.settings):
        found.append(Unit("netc-follow-links.service"))
    if plan.of(Kind.CPU):
        found.append(Unit("netc-cpu.service"))
    if plan.devices:
        found.append(Unit(PORTS))
    if folders := folders_of(plan):  # there is one for all pages
        found += [Unit(HUGE_PAGES), *(Unit(folder.unit) for folder in folders)]
    return sorted(found, key=lambda unit: unit.name)


def asked_units(plan: Plan) -> list[str]:
    """Names of all units that systemd is asked about: netc's own, and those of others that it changes."""
    others = [service_of(setting.key) for setting in plan.of(Kind.SERVICE)]
    others += [application.unit for application in plan.applications]
    return list(dict.fromkeys([*(unit.name for unit in units_of(plan)), *others]))


def service_of(key: str) -> str:
    """The service that a setting of Kind.SERVICE is of: `irqbalance.banned-cpus` is of `irqbalance.service`."""
    return f"{key.partition('.')[0]}.service"


def irqbalance_arguments(value: str) -> list[str] | None:
    """What irqbalance is called with, for a value of `irqbalance.banned-interrupts`; None where it is none."""
    if value == "nics":
        return [f"--policyscript={POLICY}"]
    if value.startswith(BY_DRIVER):
        return [f"--banmod={driver}" for driver in value.removeprefix(BY_DRIVER).split(",")]
    return None

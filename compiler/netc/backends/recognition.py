"""The udev rule that recognises NICs which keep the system's name, for the units and scripts that serve them."""

from __future__ import annotations

from netc.backends.binding import alias, settings_via, udev_match
from netc.backends.guards import INTERFACE, require
from netc.backends.rendering import render as fill
from netc.backends.wording import header
from netc.plan import Artifact, Interface, Plan, Via
from netc.records import dataclass


@dataclass(frozen=True, slots=True)
class Nic:
    """What the template prints of one NIC."""

    nic: str
    alias: str
    matches: str


def render(plan: Plan) -> list[Artifact]:
    nics = [_nic(interface) for interface in plan.interfaces if not interface.name and _has_unit(plan, interface)]
    if not nics:
        return []
    text = fill("recognition/90-netc-nic.rules", header=header(plan), nics=nics)
    return [Artifact("rootfs/etc/udev/rules.d/90-netc-nic.rules", text)]


def _has_unit(plan: Plan, interface: Interface) -> bool:
    programs = any(program.interface == interface.nic for program in plan.programs)
    return programs or any(settings_via(plan, interface, via) for via in (Via.UNIT, Via.FUNCTIONS, Via.STEERING))


def _nic(interface: Interface) -> Nic:
    return Nic(require(INTERFACE, interface.nic, "name of a NIC"), alias(interface), ", ".join(udev_match(interface)))

"""Units that make virtual functions, and the udev rule that recognises them.

A `.link` file may have made them already, when udev first saw the interface; the unit makes what is missing and reads
back. Drivers take a virtual function when it is made, and some read its address only then. So none may have one before
it is set: the rule takes that right from drivers, and the unit gives it back but for those that applications have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.backends.binding import VIRTUAL_FUNCTION, device_unit, settings_via, udev_match
from netc.backends.guards import INTERFACE, MAC, NUMBER, PCI, PROGRAM, SWITCH, Defect, require
from netc.backends.rendering import render as fill
from netc.backends.services import Step, known_to_udev_as, service_of_nic
from netc.backends.wording import because, header
from netc.plan import Artifact, Via
from netc.records import dataclass

if TYPE_CHECKING:
    from netc.plan import Interface, Plan, Setting

RULES = "rootfs/etc/udev/rules.d/79-netc-vfs.rules"
FORMS = {"mac": MAC, "vlan": NUMBER, "trust": SWITCH, "spoof-check": SWITCH}
"""What is set of a virtual function, and what its value must be."""


@dataclass(frozen=True, slots=True)
class Nic:
    """What the templates print of a NIC that makes virtual functions."""

    nic: str
    name: str
    device: str
    optional: bool
    needs_link: bool
    steps: list[Step]
    apart: str
    """Numbers of those that no driver of the kernel is to have, with blanks between."""
    taken: str
    """Numbers of those that a driver of the kernel must have, likewise."""
    match: str
    """How a udev rule knows it when it comes; empty where no `.link` file makes virtual functions."""


@dataclass(frozen=True, slots=True)
class VirtualFunction:
    """What the rule prints of an interface that is a virtual function."""

    nic: str
    folder: str
    """Its device, by way of its physical function."""


def render(plan: Plan) -> list[Artifact]:
    nics = [
        _nic(plan, interface, settings)
        for interface in plan.interfaces
        if (settings := settings_via(plan, interface, Via.FUNCTIONS))
    ]
    found = [_function(plan, interface) for interface in plan.interfaces if interface.physical_function]
    first = header(plan)
    artifacts = []
    if nics:
        ip = require(PROGRAM, plan.target.ip, "program")
        text = fill(
            "virtual_functions/vfs-functions.sh", header=first, ip=ip, known_to_udev_as=known_to_udev_as('"$root"')
        )
        artifacts.append(Artifact("rootfs/etc/netc/vfs-functions.sh", text))
    for nic in nics:
        artifacts += service_of_nic(
            "virtual_functions", "vfs", first, nic.nic, nic.device, nic, at_boot=not nic.optional
        )
    makers = [nic.match for nic in nics if nic.match]
    if found or makers:
        name = "virtual_functions/79-netc-vfs.rules"
        text = fill(name, header=first, makers=makers, functions=found, property=VIRTUAL_FUNCTION)
        artifacts.append(Artifact(RULES, text))
    return artifacts


def _nic(plan: Plan, interface: Interface, settings: list[Setting]) -> Nic:
    taken = sorted(_number(each) for each in plan.interfaces if each.physical_function == interface.nic)
    by_link = any(Via.LINK in setting.via for setting in settings)
    return Nic(
        require(INTERFACE, interface.nic, "name of a NIC"),
        interface.name and require(INTERFACE, interface.name, "interface name"),
        device_unit(interface),
        interface.optional,
        interface.functions_need_link,
        [Step(because(setting.why), _command(setting)) for setting in sorted(settings, key=_order)],
        " ".join(require(NUMBER, str(number), "virtual function") for number in interface.functions_apart),
        " ".join(map(str, taken)),
        ", ".join(udev_match(interface, early=True)) if by_link else "",
    )


def _order(setting: Setting) -> int:
    """The number of virtual functions comes first, then each of them."""
    return -1 if setting.key == "vfs" else int(require(NUMBER, setting.key.removeprefix("vf."), "virtual function"))


def _command(setting: Setting) -> str:
    if setting.key == "vfs":
        return f"make_functions {require(NUMBER, setting.value, 'number of virtual functions')}"
    words = setting.value.split(" ")
    for word, value in zip(words[::2], words[1::2], strict=True):
        if word not in FORMS:
            raise Defect(f"{word} is no setting of a virtual function")
        require(FORMS[word], value, f"{word} of a virtual function")
    return f"set_function {_order(setting)} {setting.value}"


def _number(interface: Interface) -> int:
    if interface.function is None or interface.function < 0:
        raise Defect(f"nothing tells the number of virtual function {interface.nic!r}")
    return interface.function


def _function(plan: Plan, interface: Interface) -> VirtualFunction:
    """By the PCI address of its physical function, else by the name that this has when drivers come to it."""
    nic = require(INTERFACE, interface.nic, "name of a NIC")
    physical = next((each for each in plan.interfaces if each.nic == interface.physical_function), None)
    if physical is not None and physical.pci:
        device = f"/sys/bus/pci/devices/{require(PCI, physical.pci.lower(), 'PCI address')}"
    elif physical is not None and physical.name:
        device = f"/sys/class/net/{require(INTERFACE, physical.name, 'interface name')}/device"
    else:
        raise Defect(f"nothing tells the physical function of {interface.nic!r}")
    return VirtualFunction(nic, f"{device}/virtfn{_number(interface)}")

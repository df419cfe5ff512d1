"""The sentences: what is promised, by whom it is carried out, who asked, and what was found instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.plan import Kind, Via
from netc.printable import printable
from netc.promises.huge_pages import on_command_line
from netc.promises.units import CARRIERS, HUGE_PAGES, service_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from netc.plan import Plan, Setting

LOADED = "loaded"
ABSENT = "absent"
ACTIVE = "active"
MASKED = "masked"
NO_UNIT = "absent, for there is no such unit"
CLOSED = "it cannot be opened"
NO_BUS = "there is no /sys/bus"
UNKNOWN = "this netc does not know how"
OUTSIDE_A_COPY = "only the running machine tells"
NO_ETHTOOL = "ethtool is not installed"
ONLY_ROOT = "only root is told"
NO_SYSTEMD = "systemd does not answer"

_SUBJECTS = {
    "name": "name",
    "vfs": "number of virtual functions",
    "mtu": "MTU",
    "rss.spread": "indirection table",
    "rss.key": "hash key",
    "qdisc": "queueing discipline",
}


def tail(carrier: str, places: Sequence[str] = ()) -> str:
    """Behind a sentence: the unit or file that carries the promise out, and the statements that asked."""
    asked = f"asked by {', '.join(map(printable, places))}" if places else ""
    told = "; ".join(filter(None, (carrier, asked)))
    return f" ({told})" if told else ""


def broken(subject: str, found: str, wanted: str, behind: str) -> str:
    return f"broken: {subject} is {found}, promised {wanted}{behind}"


def unreadable(subject: str, reason: str, behind: str) -> str:
    return f"cannot be read: {subject}: {reason}{behind}"


def summary(kept: int, not_kept: int, unread: int, excused: int) -> str:
    """The last line. What is excused could not be read, and need not hold on this machine."""
    count = kept + not_kept + unread + excused
    promises = f"{count} promise{'s' * (count != 1)}"
    line = f"{promises}: {kept} kept, {not_kept} broken, {unread} cannot be read"
    return f"{line}, {excused} excused" if excused else line


def subject(setting: Setting) -> str:
    """What a setting is called; those of NICs begin with the name of the NIC."""
    key = setting.key
    match setting.kind:
        case Kind.SYSCTL:
            return f"sysctl {key}"
        case Kind.MODULE:
            return f"module {key}"
        case Kind.MODULE_OPTION:
            module, _, parameter = key.partition(".")
            return f"parameter {parameter} of module {module}"
        case Kind.KERNEL_ARGUMENT:
            return f"kernel argument {key.partition('=')[0]}"
        case Kind.MANAGER:
            return f"{key} of systemd"
        case Kind.HUGEPAGES:
            return f"number of huge pages in {key}"
        case Kind.NIC:
            return f"{setting.interface}: {_SUBJECTS.get(key) or key.replace('.', ' ')}"
        case _:
            return key


def carrier(plan: Plan, setting: Setting) -> str:
    """The unit that brings a setting about, or where no unit does, the file."""
    match setting.kind:
        case Kind.SYSCTL:
            return "systemd-sysctl.service"
        case Kind.MODULE:
            return "systemd-modules-load.service"
        case Kind.MODULE_OPTION:
            return "/etc/modprobe.d/netc.conf"
        case Kind.KERNEL_ARGUMENT:
            return f"kernel command line, boot loader {plan.target.boot}"
        case Kind.MANAGER:
            return "/etc/systemd/system.conf.d/90-netc.conf"
        case Kind.CPU:
            return "netc-cpu.service"
        case Kind.SERVICE:
            return f"/etc/systemd/system/{setting.key}" if setting.value == MASKED else service_of(setting.key)
        case Kind.NIC:
            return carrier_of_nic(setting.interface, setting.via)
        case Kind.HUGEPAGES:
            return f"kernel command line, {HUGE_PAGES}" if on_command_line(plan, setting) else HUGE_PAGES


def carrier_of_nic(nic: str, via: Iterable[Via]) -> str:
    """The last one to carry out a setting of a NIC: a unit where there is one, else the `.link` file."""
    ways = set(via)
    for way in (Via.STEERING, Via.FUNCTIONS, Via.UNIT):
        if way in ways:
            return f"netc-{CARRIERS[way]}-{nic}.service"
    return f"/etc/systemd/network/10-netc-{nic}.link"


def service_subject(setting: Setting) -> str:
    """What a setting of a service beside netc's own is called."""
    if setting.key == "irqbalance.banned-cpus":
        return "CPUs that irqbalance leaves alone"
    return "arguments of irqbalance" if setting.key == "irqbalance.banned-interrupts" else setting.key


def in_effect(cpus: str) -> str:
    """What a kernel argument for CPUs is where it reached others than was promised."""
    return f"in effect for {f'CPUs {cpus}' if cpus[:1].isdecimal() else 'no CPU'}"


def another_device(device: str, port: int | None = None) -> str:
    """What a name is that the wrong device has."""
    return f"that of another device than {device}" + (f" port {port}" if port is not None else "")


def parts_of_function(setting: Setting) -> Iterator[tuple[str, str, str]]:
    """What is set of a virtual function: word, value, and what it is called."""
    number = setting.key.removeprefix("vf.")
    words = setting.value.split(" ")
    for word, value in zip(words[::2], words[1::2], strict=False):
        yield word, value, f"{setting.interface}: {word} of virtual function {number}"

"""NICs: name, MTU, and what ethtool tells of channels, rings, offloads, moderation and pause frames."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from netc.promises import wording
from netc.promises.devices import folder_of_interface, told
from netc.promises.ethtool_words import WORDS
from netc.records import dataclass
from netc.verifying import interrupts, steering, virtual_functions
from netc.verifying.answers import Promise
from netc.verifying.interfaces import NETS, interface_of, matched, names_below

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.plan import Interface, Plan, Setting
    from netc.verifying.answers import Answer
    from netc.verifying.machine import Machine

QUESTIONS = {"channels": "-l", "ring": "-g", "offload": "-k", "coalesce": "-c", "pause": "-a"}
"""What ethtool is asked for the settings of a group."""
ADDRESSES = ("address", "bonding_slave/perm_hwaddr")
MAXIMA, PRESENT = "Pre-set maximums:", "Current hardware settings:"


@dataclass(frozen=True, slots=True)
class Port:
    """A NIC of the plan on the machine."""

    interface: Interface
    name: str
    machine: Machine

    @property
    def is_up(self) -> bool:
        return self.machine.is_up(self.name)


def nics(plan: Plan, machine: Machine) -> Iterator[Answer]:
    for interface in plan.interfaces:
        settings = plan.of_interface(interface.nic)
        name = interface_of(plan, interface, machine)
        port = Port(interface, name, machine)
        if name:
            for setting in settings:
                yield from _setting(plan, setting, port)
        elif settings or any(program.interface == interface.nic for program in plan.programs):
            yield from _absent(plan, settings, port)


def _absent(plan: Plan, settings: list[Setting], port: Port) -> Iterator[Answer]:
    """One answer for all settings of a NIC that is not there, or that it has another name."""
    machine, interface = port.machine, port.interface
    whole = _whole(plan, settings, interface)
    if not machine.exists("sys/class/net"):  # copies often lack it, and have the interrupts all the same
        yield whole.unreadable("there is no /sys/class/net", excused=interface.optional)
        for setting in settings:
            if setting.key == "irq.cpus" and interface.queue_interrupts:
                yield from interrupts.answers(plan, setting, interface, "", machine)
        return
    other = matched(plan, interface, machine) if interface.name else ""
    if other:
        yield whole.part(f"{interface.nic}: name", interface.name).broken(other)
        return
    yield whole.unreadable("it is absent", excused=interface.optional)


def _whole(plan: Plan, settings: list[Setting], interface: Interface) -> Promise:
    """That the NIC is there, asked by whoever asked first for something of it."""
    subject = f"nic {interface.nic}"
    if settings:
        return Promise.of(plan, settings[0]).part(subject, "there")
    first = next(program for program in plan.programs if program.interface == interface.nic)
    return Promise("nic", interface.nic, subject, "there", "", first.why, interface.nic)


def _setting(plan: Plan, setting: Setting, port: Port) -> Iterator[Answer]:
    promise = Promise.of(plan, setting)
    if setting.key == "name":
        yield _name(plan, promise, port)
    elif setting.key == "vfs":
        yield virtual_functions.number(promise, port.name, port.machine)
    elif setting.key.startswith("vf."):
        yield from virtual_functions.answers(promise, setting, port.name, port.machine)
    elif setting.key == "mtu":
        yield promise.judged(port.machine.first_line(f"{NETS}/{port.name}/mtu") or "")
    elif setting.key in WORDS:
        yield _by_ethtool(promise, setting, port)
    elif setting.key == "irq.cpus" and port.interface.queue_interrupts:
        yield from interrupts.answers(plan, setting, port.interface, port.name, port.machine)
    else:
        yield from steering.answers(promise, setting, port.interface, port.name, port.machine)


def _name(plan: Plan, promise: Promise, port: Port) -> Answer:
    """Whether the interface of this name is the device that was to have it, as far as an address of it is known."""
    interface, machine = port.interface, port.machine
    folder = folder_of_interface(plan, interface)
    if interface.built or not (folder or interface.mac):
        return promise.kept()
    if not folder:
        return _by_address(promise, port)
    if port.name in names_below(folder, interface.port, machine):
        return promise.kept()
    if not machine.files.is_folder("sys/bus"):
        return promise.unreadable(wording.NO_BUS)
    return promise.broken(wording.another_device(told(folder), interface.port))


def _by_address(promise: Promise, port: Port) -> Answer:
    """The address that it has, else the one that it was made with: bonds give their ports one of their own."""
    machine, wanted = port.machine, port.interface.mac.lower()
    if wanted in (machine.first_line(f"{NETS}/{port.name}/{file}") for file in ADDRESSES):
        return promise.kept()
    if not machine.live:
        return promise.unreadable(wording.OUTSIDE_A_COPY)
    if not machine.has("ethtool"):
        return promise.unreadable(wording.NO_ETHTOOL)
    permanent = (machine.ask("ethtool", "-P", port.name) or "").lower()
    if wanted in permanent.split():
        return promise.kept()
    return promise.broken(wording.another_device(wanted))


def _by_ethtool(promise: Promise, setting: Setting, port: Port) -> Answer:
    group, _, label = WORDS[setting.key]
    if not port.machine.live:
        return promise.unreadable(wording.OUTSIDE_A_COPY)
    if not port.machine.has("ethtool"):
        return promise.unreadable(wording.NO_ETHTOOL)
    text = port.machine.ask("ethtool", QUESTIONS[group], port.name) or ""
    maxima, _, present = text.partition(PRESENT) if PRESENT in text else ("", "", text)
    found = value_of(label, present)
    wanted = value_of(label, maxima) if setting.value == "max" else setting.value
    promise = promise.part(promise.subject, wanted or setting.value)
    if found:
        with_pairs = port.interface.pairs_for_programs and setting.key == "channels.combined" and wanted.isdecimal()
        kept = with_pairs and found == str(int(wanted) + _pairs(port.machine))
        return promise.kept() if kept else promise.judged(found)
    return promise.broken(wording.ABSENT) if port.is_up else promise.unreadable("the link is down")


def _pairs(machine: Machine) -> int:
    """How many queue pairs a program of XDP brings: nr_cpu_ids of the kernel, which CPUs that may yet come are in."""
    last = re.search(r"[0-9]+$", machine.first_line("sys/devices/system/cpu/possible") or "")
    return int(last[0]) + 1 if last is not None else 0


def value_of(label: str, text: str) -> str:
    """The first value behind a label of ethtool; empty where it prints `n/a` or nothing."""
    form = rf"^[ \t]*{re.escape(label)}:[ \t]*(\S+)"
    if label in ("adaptive-rx", "adaptive-tx"):
        form = r"^Adaptive RX:[ \t]*(\S+)" if label == "adaptive-rx" else r"^Adaptive RX:.*TX:[ \t]*(\S+)"
    found = next((match[1] for match in re.finditer(form, text, re.MULTILINE)), "")
    return "" if found == "n/a" else found

"""Interrupts of queues: which there are, which queue each serves, and which CPUs the kernel gives them.

The rules are those of docs/steering.md, worked out here once more from the plan, since what the script on the host
finds is what is to be checked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from netc.cpulist import CpuSet
from netc.hardware.interrupts import interrupt_lines
from netc.records import dataclass
from netc.verifying.answers import Promise
from netc.verifying.interfaces import NETS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.plan import Interface, Plan, Setting
    from netc.verifying.answers import Answer
    from netc.verifying.machine import Machine

ANY_NAME = "[^/: -]{1,15}"
"""A name of an interface within that of an interrupt: the one it had when the interrupt was requested."""


@dataclass(frozen=True, slots=True)
class Interrupt:
    number: int
    queue: int
    name: str


def cpus_in_order(value: str) -> list[int]:
    """The CPUs of `irq.cpus`, in the order of queues."""
    return [cpu for span in value.split(",") for cpu in CpuSet.parse(span)]


def answers(plan: Plan, setting: Setting, interface: Interface, name: str, machine: Machine) -> Iterator[Answer]:
    promise = Promise.of(plan, setting)
    found = queue_interrupts(interface, name, machine)
    if not found:
        subject = promise.part(f"{interface.nic}: interrupts of its queues", "found")
        if machine.is_up(name):
            yield subject.broken("not found")
        elif interface.interrupts_at_open:
            yield subject.unreadable("they come with the link, which is down")
        else:
            yield subject.unreadable("none is found")
        return
    cpus = cpus_in_order(setting.value)
    half = len(found) // 2 if interface.second_half_receives else 0
    unmovable = (machine.files.text(f"run/netc/unmovable-{interface.nic}") or "").split()
    for interrupt in found:
        place = (interrupt.queue % half if half else interrupt.queue) % len(cpus)
        part = promise.part(
            f"{interface.nic}: CPU of interrupt {interrupt.number} ({interrupt.name})", str(cpus[place])
        )
        yield _placed(part, interrupt.number, machine, unmovable=str(interrupt.number) in unmovable)


def _placed(promise: Promise, number: int, machine: Machine, *, unmovable: bool) -> Answer:
    folder = f"proc/irq/{number}"
    asked = machine.first_line(f"{folder}/smp_affinity_list")
    if asked is None:
        return promise.unreadable("it has no smp_affinity_list")
    if asked != promise.wanted:
        if unmovable:
            return promise.unreadable(f"the kernel alone places it, on {asked or 'no CPU'}", excused=True)
        return promise.broken(asked or "no CPU")
    effective = machine.first_line(f"{folder}/effective_affinity_list")
    if effective and effective != asked:
        # Without interrupt remapping the kernel moves an interrupt when it next arrives (GENERIC_PENDING_IRQ).
        return promise.unreadable(f"it moves there when it next arrives, and is on {effective}", excused=True)
    return promise.kept()


def queue_interrupts(interface: Interface, name: str, machine: Machine) -> list[Interrupt]:
    """The interrupts that serve queues, by queue, then by number."""
    known = _of_device(interface, name, machine) or _named(interface, name, machine)
    own = name or interface.name
    queued = _classified(known, interface, re.escape(own))
    if not queued and not _has_other_ports(name, machine):
        queued = _classified(known, interface, ANY_NAME)
    return sorted(queued, key=lambda interrupt: (interrupt.queue, interrupt.number))


def _of_device(interface: Interface, name: str, machine: Machine) -> list[tuple[int, str]]:
    """Number and name of the vectors of the device; of virtio they belong to the device above."""
    device = f"{NETS}/{name}/device" if name else ""
    folders = [f"{device}/msi_irqs", f"{device}/../msi_irqs"] if device else []
    if interface.pci:
        folders.append(f"sys/bus/pci/devices/{interface.pci.lower()}/msi_irqs")
    for folder in folders:
        numbers = [int(number) for number in machine.files.names(folder) if number.isdecimal()]
        if numbers:
            named = ((number, _name_of(number, machine)) for number in numbers)
            return [(number, text) for number, text in named if text]
    for folder in [device, f"{device}/.."] if device else []:
        single = machine.files.number(f"{folder}/irq")
        if single:
            return [(single, "line")]
    return []


def _name_of(number: int, machine: Machine) -> str:
    actions = machine.first_line(f"sys/kernel/irq/{number}/actions")
    if actions is not None:
        return actions
    folders = [each for each in machine.files.names(f"proc/irq/{number}") if _is_folder(number, each, machine)]
    if folders:
        return folders[0]
    lines = [line.name for line in interrupt_lines(machine.files) if line.number == number]
    return (lines[0] or "").rpartition(" ")[2] if lines else ""


def _is_folder(number: int, name: str, machine: Machine) -> bool:
    return machine.files.is_folder(f"proc/irq/{number}/{name}")


def _named(interface: Interface, name: str, machine: Machine) -> list[tuple[int, str]]:
    """Interrupts by their names alone, where sysfs tells nothing of the device."""
    own, pci = name or interface.name, interface.pci.lower()
    words = [re.escape(word) for word in (own, pci) if word]
    if not words:
        return []
    form = re.compile(rf"(?<![A-Za-z0-9_])(?:{'|'.join(words)})(?![A-Za-z0-9_])")
    found = []
    for line in interrupt_lines(machine.files):
        last = (line.name or "").rpartition(" ")[2]
        if last and ((pci and line.pci == pci) or form.search(last)):
            found.append((line.number, last))
    return found


def _classified(known: list[tuple[int, str]], interface: Interface, name: str) -> list[Interrupt]:
    others = [re.compile(pattern.replace("{interface}", name)) for pattern in interface.other_interrupts]
    forms = [re.compile(pattern.replace("{interface}", name)) for pattern in interface.queue_interrupts]
    found = []
    for number, text in known:
        if text == "line":
            found.append(Interrupt(number, 0, text))
            continue
        if any(other.fullmatch(text) for other in others):
            continue
        match = next(filter(None, (form.fullmatch(text) for form in forms)), None)
        if match is not None:
            found.append(Interrupt(number, _queue(match), text))
    return found


def _queue(match: re.Match[str]) -> int:
    """The last group that is `([0-9]+)`; without one there is one queue."""
    numbered = match.re.pattern.rpartition("([0-9]+)")
    if not numbered[1]:
        return 0
    return int(match[1 + numbered[0].replace(r"\(", "").count("(")])


def _has_other_ports(name: str, machine: Machine) -> bool:
    return bool(name) and any(port != name for port in machine.files.names(f"{NETS}/{name}/device/net"))

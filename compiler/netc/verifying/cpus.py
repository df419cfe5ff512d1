"""Idle states and frequency governors, huge pages, and drivers of devices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.cpulist import CpuSet
from netc.plan import Kind
from netc.promises import wording
from netc.promises.devices import folder_of_function
from netc.promises.huge_pages import counting_folder
from netc.promises.units import PORTS
from netc.verifying.answers import Promise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.plan import Plan
    from netc.verifying.answers import Answer
    from netc.verifying.machine import Machine

CPUS = "sys/devices/system/cpu"


def cpus(plan: Plan, machine: Machine) -> Iterator[Answer]:
    for setting in plan.of(Kind.CPU):
        listed, _, word = setting.value.partition(" ")
        promise = Promise.of(plan, setting)
        driver = "cpuidle" if setting.key == "idle" else "cpufreq"
        if not _has_driver(setting.key, machine):
            if not machine.files.is_folder(CPUS):
                yield promise.unreadable(f"there is no /{CPUS}")
            else:
                yield promise.unreadable(f"the kernel has no {driver} driver for this machine", excused=True)
            continue
        for cpu in CpuSet.parse(listed):
            yield from _of_cpu(promise, setting.key, word, cpu, machine)


def _has_driver(key: str, machine: Machine) -> bool:
    if key == "idle":
        numbered = (name for name in machine.files.names(CPUS) if name[:3] == "cpu" and name[3:].isdecimal())
        return any(machine.files.is_folder(f"{CPUS}/{name}/cpuidle/state0") for name in numbered)
    return any(name.startswith("policy") for name in machine.files.names(f"{CPUS}/cpufreq"))


def _of_cpu(promise: Promise, key: str, word: str, cpu: int, machine: Machine) -> Iterator[Answer]:
    folder = f"{CPUS}/cpu{cpu}"
    if not machine.files.is_folder(folder):
        yield promise.part(f"CPU {cpu}", "there").broken(wording.ABSENT)
    elif machine.first_line(f"{folder}/online") == "0":
        return
    elif key == "governor":
        found = machine.first_line(f"{folder}/cpufreq/scaling_governor")
        yield promise.part(f"governor of CPU {cpu}", word).judged(found or wording.ABSENT)
    else:
        limit = "n/a" if word == "off" else _first_latency(folder, machine)
        if limit:
            found = machine.first_line(f"{folder}/power/pm_qos_resume_latency_us")
            yield promise.part(f"time to wake CPU {cpu} in us", limit).judged(found or wording.ABSENT)


def _first_latency(folder: str, machine: Machine) -> str:
    """The latency of the first state that does not poll, at least 1; empty where there is none."""
    for state in range(10):
        name = machine.first_line(f"{folder}/cpuidle/state{state}/name")
        if name is None or name == "POLL":
            continue
        return str(max(1, machine.files.number(f"{folder}/cpuidle/state{state}/latency") or 0))
    return ""


def huge_pages(plan: Plan, machine: Machine) -> Iterator[Answer]:
    for setting in plan.of(Kind.HUGEPAGES):
        promise = Promise.of(plan, setting, f"at least {setting.value}")
        found = machine.first_line(f"{counting_folder(setting.key)}/nr_hugepages")
        if found is None or not found.isdecimal():
            yield promise.broken(wording.ABSENT)
        else:
            yield promise.kept(found) if int(found) >= int(setting.value) else promise.broken(found)


def devices(plan: Plan, machine: Machine) -> Iterator[Answer]:
    for device in plan.devices:
        subject, folder = folder_of_function(device)
        promise = Promise("device", device.nic, subject, device.driver, PORTS, device.why, device.nic)
        if not machine.files.is_folder(folder):
            yield promise.unreadable("the device is absent", excused=device.optional)
        else:
            yield promise.judged(machine.files.link_name(f"{folder}/driver") or "none")

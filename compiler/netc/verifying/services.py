"""What systemd tells: limits of services, irqbalance and what is masked, and the units of netc."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.cpulist import CpuSet
from netc.plan import Kind
from netc.promises import wording
from netc.promises.sysctl_forms import canonical_cpus
from netc.promises.units import DROP_IN, asked_units, irqbalance_arguments, service_of, units_of
from netc.verifying.answers import Promise
from netc.verifying.interfaces import interface_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.plan import Application, Plan, Setting
    from netc.promises.units import Unit
    from netc.verifying.answers import Answer
    from netc.verifying.machine import Machine

PROPERTIES = "Id,LoadState,ActiveState,MainPID,DropInPaths"


def manager(plan: Plan, machine: Machine) -> Iterator[Answer]:
    for setting in plan.of(Kind.MANAGER):
        if setting.key == "CPUAffinity":
            yield _affinity(Promise.of(plan, setting, canonical_cpus(setting.value)), machine)
            continue
        promise = Promise.of(plan, setting)
        shown = _properties(machine.ask("systemctl", "show", f"--property={setting.key},{setting.key}Soft"))
        found = shown.get(setting.key, "")
        if not machine.live:
            yield promise.unreadable(wording.OUTSIDE_A_COPY)
        elif not shown:
            yield promise.unreadable(wording.NO_SYSTEMD)
        else:
            soft = shown.get(f"{setting.key}Soft")
            yield promise.judged(f"{soft}:{found}" if soft and ":" in setting.value else found)


def _affinity(promise: Promise, machine: Machine) -> Answer:
    """CPUAffinity= counts for systemd itself too, so that its own CPUs tell."""
    for line in (machine.files.text("proc/1/status") or "").splitlines():
        name, _, value = line.partition(":")
        if name == "Cpus_allowed_list":
            return promise.judged(value.strip())
    return promise.unreadable("there is no /proc/1/status")


def _properties(text: str | None) -> dict[str, str]:
    pairs = (line.partition("=") for line in (text or "").splitlines())
    return {name: value for name, equals, value in pairs if equals}


def states(plan: Plan, machine: Machine) -> dict[str, dict[str, str]]:
    """What systemd says of each unit that is asked for, in one call; empty where it does not answer."""
    names = asked_units(plan)
    text = machine.ask("systemctl", "show", f"--property={PROPERTIES}", "--", *names) if names else None
    blocks = map(_properties, (text or "").split("\n\n"))
    return {block["Id"]: block for block in blocks if "Id" in block}


def units(plan: Plan, machine: Machine) -> Iterator[Answer]:
    wanted = units_of(plan)
    known = states(plan, machine)
    if not known:
        if wanted or plan.applications:
            reason = wording.NO_SYSTEMD if machine.live else wording.OUTSIDE_A_COPY
            yield Promise("unit", "", "units of netc", wording.ACTIVE, "systemd").unreadable(reason)
        return
    absent = {i.nic for i in plan.interfaces if i.optional and not interface_of(plan, i, machine)}
    for unit in wanted:
        yield _unit(unit, known.get(unit.name, {}), unit.nic in absent)
    for application in plan.applications:
        yield _drop_in(application, known.get(application.unit, {}))


def _drop_in(application: Application, state: dict[str, str]) -> Answer:
    unit = application.unit
    promise = Promise("unit", unit, f"drop-in of {unit}", DROP_IN, "systemd", application.why)
    if state.get("LoadState") == "not-found":
        return promise.broken(wording.NO_UNIT)
    there = any(path.endswith(f"/{unit}.d/{DROP_IN}") for path in state.get("DropInPaths", "").split())
    return promise.kept() if there else promise.broken(wording.ABSENT)


def _unit(unit: Unit, state: dict[str, str], is_excused: bool) -> Answer:
    promise = Promise("unit", unit.name, f"unit {unit.name}", wording.ACTIVE, "systemd", interface=unit.nic)
    found = state.get("ActiveState", "")
    if state.get("LoadState") == "not-found":
        return promise.broken(wording.ABSENT)
    if is_excused and found != wording.ACTIVE:
        return promise.unreadable(f"nic {unit.nic} is absent", excused=True)
    return promise.judged(found)


def others(plan: Plan, machine: Machine) -> Iterator[Answer]:
    """Services beside netc's own: masked, or irqbalance as it runs."""
    settings = plan.of(Kind.SERVICE)
    known = states(plan, machine) if settings else {}
    for setting in settings:
        promise = _promised_of_service(plan, setting)
        state = known.get(service_of(setting.key))
        if state is None:
            yield promise.unreadable(wording.NO_SYSTEMD if machine.live else wording.OUTSIDE_A_COPY)
        elif setting.value == wording.MASKED:
            found = state.get("LoadState", "")
            active = state.get("ActiveState") == wording.ACTIVE
            yield promise.judged(f"{found}, and still active" if active else found)
        elif state.get("MainPID", "0") == "0":
            yield promise.kept("not running")  # and moves nothing
        elif not machine.tells_all:
            yield promise.unreadable(wording.ONLY_ROOT)
        else:
            yield _running(promise, state["MainPID"], setting, machine)


def _promised_of_service(plan: Plan, setting: Setting) -> Promise:
    wanted = setting.value
    if setting.key == "irqbalance.banned-cpus":
        wanted = canonical_cpus(setting.value)
    elif setting.key == "irqbalance.banned-interrupts":
        wanted = " ".join(irqbalance_arguments(setting.value) or [])
    return Promise.of(plan, setting).part(wording.service_subject(setting), wanted)


def _running(promise: Promise, process: str, setting: Setting, machine: Machine) -> Answer:
    if setting.key == "irqbalance.banned-cpus":
        content = machine.files.content(f"proc/{process}/environ") or b""
        variables = _properties(content.replace(b"\0", b"\n").decode("utf-8", "replace"))
        listed = variables.get("IRQBALANCE_BANNED_CPULIST", "")
        if listed:
            return promise.judged(canonical_cpus(listed))
        mask = variables.get("IRQBALANCE_BANNED_CPUS", "")
        wanted = CpuSet.parse(setting.value).mask()
        return promise.kept() if mask == wanted else promise.broken(mask or "none")
    content = machine.files.content(f"proc/{process}/cmdline") or b""
    given = content.decode("utf-8", "replace").split("\0")
    there = [word for word in promise.wanted.split(" ") if word in given]
    return promise.judged(" ".join(there) or "others")

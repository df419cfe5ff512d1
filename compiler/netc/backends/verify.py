"""`netc-verify.service`: the promises of the plan, checked after boot by a shell script.

The script holds a line for each promise, in the words of `netc verify`; how the kernel is read stands in functions
beside it, and in those of the scripts that set things, which look and change nothing when told to `check`.
"""

from __future__ import annotations

import shlex
from functools import lru_cache
from typing import TYPE_CHECKING

from netc.backends.guards import CPU_LIST, INTERFACE, PROGRAM, Defect, require
from netc.backends.rendering import render as fill
from netc.backends.services import UNITS, ask_ethtool, behind_label, enabled
from netc.backends.wording import header
from netc.cpulist import CpuSet
from netc.plan import Artifact, Kind, Via
from netc.printable import printable
from netc.promises import wording
from netc.promises.arguments import name_of, shown_cpus, stands_together
from netc.promises.devices import folder_of_function, folder_of_interface, told
from netc.promises.ethtool_words import WORDS
from netc.promises.huge_pages import counting_folder
from netc.promises.sysctl_forms import canonical_cpus, promised_sysctls
from netc.promises.units import DROP_IN, PORTS, asked_units, irqbalance_arguments, units_of
from netc.promises.written_files import LIST, are_written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.plan import Interface, Plan, Setting

UNIT = "netc-verify.service"


def render(plan: Plan) -> list[Artifact]:
    if not are_written(plan):
        return []
    lines = [*_lines(plan), _call("files", wording.tail(LIST))]
    first, target = header(plan), plan.target
    functions = fill(
        "verify/verify-functions.sh",
        header=first,
        ethtool=require(PROGRAM, target.ethtool, "program"),
        ip=require(PROGRAM, target.ip, "program"),
        xdp_loader=target.xdp_loader and require(PROGRAM, target.xdp_loader, "program"),
        ask_ethtool=ask_ethtool(),
        behind_label=behind_label(),
    )
    service = fill(f"verify/{UNIT}", header=first, units=[unit.name for unit in units_of(plan)])
    return [
        Artifact("rootfs/etc/netc/verify-functions.sh", functions),
        Artifact("rootfs/etc/netc/verify", fill("verify/verify", header=first, lines=lines), mode=0o755),
        Artifact(f"{UNITS}/{UNIT}", service),
        enabled(UNIT),
    ]


def _call(function: str, *words: str) -> str:
    """A line of the script; whatever the words hold, the shell takes each as one."""
    return " ".join([function, *map(_quoted, words)])


@lru_cache(maxsize=4096)  # most words stand in the scripts of all hosts
def _quoted(word: str) -> str:
    return shlex.quote(printable(word))


def _behind(plan: Plan, setting: Setting) -> str:
    return wording.tail(wording.carrier(plan, setting), setting.why.places)


def _lines(plan: Plan) -> Iterator[str]:
    yield from _modules(plan)
    yield from _sysctls(plan)
    yield from _arguments(plan)
    for interface in plan.interfaces:
        yield from _nic(plan, interface)
    if plan.of(Kind.CPU):
        behind = [word for s in plan.of(Kind.CPU) for word in (s.key, _behind(plan, s))]
        yield _call("check_of", "cpu", *behind)
    for setting in plan.of(Kind.HUGEPAGES):
        subject = wording.subject(setting)
        yield _call("pages", counting_folder(setting.key), setting.value, subject, _behind(plan, setting))
    for device in plan.devices:
        subject, folder = folder_of_function(device)
        required = "optional" if device.optional else "required"
        yield _call("bound", folder, device.driver, required, subject, wording.tail(PORTS, device.why.places))
    yield from _services(plan)


def _modules(plan: Plan) -> Iterator[str]:
    for setting in plan.of(Kind.MODULE_OPTION):
        module, _, parameter = setting.key.partition(".")
        folder = module.replace("-", "_")
        subject = wording.subject(setting)
        yield _call("parameter", module, folder, parameter, setting.value, subject, _behind(plan, setting))
    for setting in plan.of(Kind.MODULE):
        yield _call("module", setting.key.replace("-", "_"), wording.subject(setting), _behind(plan, setting))


def _sysctls(plan: Plan) -> Iterator[str]:
    settings = plan.of(Kind.SYSCTL)
    optional = {interface.name for interface in plan.interfaces if interface.optional and interface.name}
    all_promised = promised_sysctls(plan, [(setting.key, setting.value) for setting in settings])
    if all_promised:
        yield _call("read_sysctls", *(promised.path for promised in all_promised))
    for setting, promised in zip(settings, all_promised, strict=True):
        words = [promised.path, promised.form, promised.text, wording.subject(setting), _behind(plan, setting)]
        if "*" in promised.path:
            yield _call("sysctls", *words, *promised.but)
        elif promised.interface in optional:
            yield _call("sysctl", *words, setting.module, promised.interface)
        else:
            yield _call("sysctl", *words, *filter(None, [setting.module]))


def _arguments(plan: Plan) -> Iterator[str]:
    settings = plan.of(Kind.KERNEL_ARGUMENT)
    keys = [setting.key for setting in settings]
    for setting in settings:
        pattern = name_of(setting.key).replace("_", "[-_]")
        _, equals, value = setting.key.partition("=")
        which = "any" if stands_together(setting.key, keys) else "last"
        words = [pattern, f"{equals}{value}", which, setting.key, wording.subject(setting), _behind(plan, setting)]
        yield _call("argument", *words, *(shown_cpus(setting.key) or ()))


def _nic(plan: Plan, interface: Interface) -> Iterator[str]:
    settings = plan.of_interface(interface.nic)
    programs = [program for program in plan.programs if program.interface == interface.nic]
    if not settings and not programs:
        return
    nic = require(INTERFACE, interface.nic, "name of a NIC")
    first = _behind(plan, settings[0]) if settings else wording.tail("", programs[0].why.places)
    folder = folder_of_interface(plan, interface) or "-"
    port = "-" if interface.port is None else str(interface.port)
    required = "optional" if interface.optional else "required"
    match = [folder, interface.mac.lower() or "-", port]
    yield _call("nic", nic, interface.name or "-", required, *match, first)
    yield from _nic_settings(plan, interface, settings)
    for program in programs:
        behind = wording.tail(f"netc-xdp-{nic}.service", program.why.places)
        count = "one" if len(programs) == 1 else "several"
        yield _call("program", program.name, program.mode, count, f"{nic}: XDP program {program.name}", behind)
        for each in program.maps:
            subject = f"{nic}: map {each} of {program.name}"
            yield _call("pinned", f"{program.pins}/maps/{each}", subject, behind)


def _nic_settings(plan: Plan, interface: Interface, settings: list[Setting]) -> Iterator[str]:
    folder = folder_of_interface(plan, interface)
    steered: list[str] = []
    for setting in settings:
        subject, behind = wording.subject(setting), _behind(plan, setting)
        if setting.key == "name":
            device = told(folder) if folder else interface.mac.lower()
            if interface.built or not device:
                yield _call("name_is", "-", "", subject, setting.value, behind)
            else:
                wrong = wording.another_device(device, interface.port if folder else None)
                yield _call("name_is", "device" if folder else "address", wrong, subject, setting.value, behind)
        elif setting.key == "mtu":
            yield _call("mtu", setting.value, subject, behind)
        elif setting.key == "vfs":
            yield _call("functions", setting.value, subject, behind)
        elif setting.key.startswith("vf."):
            for word, value, part in wording.parts_of_function(setting):
                yield _call("function_is", setting.key.removeprefix("vf."), word, value, part, behind)
        elif setting.key in WORDS:
            group, _, label = WORDS[setting.key]
            more = ["pairs"] if interface.pairs_for_programs and setting.key == "channels.combined" else []
            yield _call("device", group, label, setting.value, subject, behind, *more)
        elif Via.STEERING in setting.via:
            steered += [f"steer {setting.value}" if setting.key.startswith("steer.") else setting.key, behind]
        else:
            raise Defect(f"nothing reads {setting.key} back")
    if steered:
        yield _call("steering", *steered)


def _services(plan: Plan) -> Iterator[str]:
    for setting in plan.of(Kind.MANAGER):
        subject, behind = wording.subject(setting), _behind(plan, setting)
        if setting.key == "CPUAffinity":
            yield _call("affinity", canonical_cpus(setting.value), subject, behind)
        else:
            yield _call("manager", setting.key, setting.value, subject, behind)
    units = units_of(plan)
    if names := asked_units(plan):
        yield _call("units", *names)
    for setting in plan.of(Kind.SERVICE):
        yield _service(setting, _behind(plan, setting))
    if units or plan.applications:
        yield _call("units_answer", wording.tail("systemd"))
    for unit in units:
        yield _call("unit", unit.name, unit.nic or "-", wording.tail("systemd"))
    for application in plan.applications:
        yield _call("drop_in", application.unit, DROP_IN, wording.tail("systemd", application.why.places))


def _service(setting: Setting, behind: str) -> str:
    subject = wording.service_subject(setting)
    if setting.value == wording.MASKED:
        return _call("masked", setting.key, subject, behind)
    if setting.key == "irqbalance.banned-cpus":
        cpus = CpuSet.parse(require(CPU_LIST, setting.value, "CPUs of irqbalance"))
        return _call("irqbalance", "cpus", str(cpus), subject, behind, cpus.mask())
    if setting.key == "irqbalance.banned-interrupts":
        return _call("irqbalance", "arguments", " ".join(irqbalance_arguments(setting.value) or []), subject, behind)
    raise Defect(f"nothing reads {setting.key} back")

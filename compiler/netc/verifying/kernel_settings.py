"""Sysctls, modules and their parameters, and kernel arguments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from netc.plan import Kind
from netc.promises import wording
from netc.promises.arguments import name_of, shown_cpus, stands_together
from netc.promises.sysctl_forms import compared, is_kept, promised_sysctls
from netc.verifying.answers import Promise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.plan import Plan, Setting
    from netc.promises.sysctl_forms import Promised
    from netc.verifying.answers import Answer
    from netc.verifying.machine import Machine

SYSCTLS = "proc/sys"
SWITCHES = {"Y": ("1", "y", "Y", "on", "true"), "N": ("0", "n", "N", "off", "false")}
"""What a parameter that is a switch shows, and what it takes for that (param_set_bool, kstrtobool)."""


def sysctls(plan: Plan, machine: Machine) -> Iterator[Answer]:
    settings = plan.of(Kind.SYSCTL)
    optional = [interface.name for interface in plan.interfaces if interface.optional and interface.name]
    excused = {name for name in optional if not machine.exists(f"sys/class/net/{name}")}
    for setting, promised in zip(settings, promised_sysctls(plan, [(s.key, s.value) for s in settings]), strict=True):
        promise = Promise.of(plan, setting, promised.text)
        if not machine.files.is_folder(SYSCTLS):
            yield promise.unreadable(f"there is no /{SYSCTLS}")
        elif "*" in promised.path:
            yield from _family(promise, promised, machine)
        elif promised.interface in excused:
            yield promise.unreadable(f"{promised.interface} is absent", excused=True)
        else:
            yield _sysctl(promise, setting, promised, f"{SYSCTLS}/{promised.path}", machine)


def _sysctl(promise: Promise, setting: Setting, promised: Promised, path: str, machine: Machine) -> Answer:
    if not machine.exists(path):
        if setting.module and not is_loaded(setting.module, machine):
            return promise.broken(f"{wording.ABSENT}, for module {setting.module} is not loaded")
        return promise.broken(wording.ABSENT)
    return _found(promise, promised, path, machine)


def _found(promise: Promise, promised: Promised, path: str, machine: Machine) -> Answer:
    """What a key that is there holds; some can only be written."""
    found = machine.first_line(path)
    if found is None:
        return promise.unreadable(wording.CLOSED)
    found = compared(promised.form, found)
    return promise.kept(found) if is_kept(promised, found) else promise.broken(found or "empty")


def _family(promise: Promise, promised: Promised, machine: Machine) -> Iterator[Answer]:
    """Each key that a `*`, which is part of a name or all of it, stands for."""
    found = [""]
    for part in promised.path.split("/"):
        form = re.compile(re.escape(part).replace(r"\*", "[^/]*"))
        found = [
            f"{above}/{name}" if above else name
            for above in found
            for name in (machine.files.names(f"{SYSCTLS}/{above}") if "*" in part else [part])
            if form.fullmatch(name)
        ]
    paths = [path for path in found if path not in promised.but and machine.exists(f"{SYSCTLS}/{path}")]
    if not paths:
        yield promise.broken(wording.ABSENT)
    for path in paths:
        yield _found(promise.part(f"sysctl {path}", promised.text), promised, f"{SYSCTLS}/{path}", machine)


def is_loaded(module: str, machine: Machine) -> bool:
    """Whether a module is loaded, or a part of the kernel."""
    name = module.replace("-", "_")
    if machine.files.is_folder(f"sys/module/{name}"):
        return True
    release = machine.first_line("proc/sys/kernel/osrelease") or ""
    built_in = machine.files.text(f"lib/modules/{release}/modules.builtin") or ""
    return re.search(rf"/{name.replace('_', '[-_]')}\.ko", built_in) is not None


def modules(plan: Plan, machine: Machine) -> Iterator[Answer]:
    for setting in plan.of(Kind.MODULE):
        promise = Promise.of(plan, setting, wording.LOADED)
        if is_loaded(setting.key, machine):
            yield promise.kept()
        elif machine.files.is_folder("sys/module"):
            yield promise.broken("not loaded")
        else:
            yield promise.unreadable("there is no /sys/module")


def module_options(plan: Plan, machine: Machine) -> Iterator[Answer]:
    for setting in plan.of(Kind.MODULE_OPTION):
        module, _, parameter = setting.key.partition(".")
        promise = Promise.of(plan, setting)
        folder = f"sys/module/{module.replace('-', '_')}"
        found = machine.first_line(f"{folder}/parameters/{parameter}")
        if not machine.files.is_folder(folder):
            yield promise.unreadable(f"module {module} is not loaded")
        elif found is None:
            yield promise.unreadable(f"module {module} does not show it")
        elif setting.value in SWITCHES.get(found, ()):
            yield promise.kept()
        else:
            yield promise.judged(found)


def kernel_arguments(plan: Plan, machine: Machine) -> Iterator[Answer]:
    line = machine.first_line("proc/cmdline")
    present = _words(line or "")
    settings = plan.of(Kind.KERNEL_ARGUMENT)
    keys = [setting.key for setting in settings]
    for setting in settings:
        promise = Promise.of(plan, setting, setting.key)
        if line is None:
            yield promise.unreadable("there is no /proc/cmdline")
            continue
        alike = [word for word in present if name_of(word) == name_of(setting.key)]
        chosen = alike if stands_together(setting.key, keys) else alike[-1:]
        if _spelled_alike(setting.key) in map(_spelled_alike, chosen):
            yield _in_effect(promise, machine)
        else:
            yield promise.broken(alike[-1] if alike else wording.ABSENT)


def _in_effect(promise: Promise, machine: Machine) -> Answer:
    """Of an argument that stands on the command line."""
    shown = shown_cpus(promise.wanted)
    if shown is None:
        return promise.kept()
    file, cpus = shown
    found = machine.first_line(file)
    if found is None:
        return promise.unreadable(f"there is no /{file}")
    return promise.kept() if found == cpus else promise.broken(wording.in_effect(found))


def _spelled_alike(argument: str) -> str:
    _, equals, value = argument.partition("=")
    return f"{name_of(argument)}{equals}{value}"


def _words(line: str) -> list[str]:
    """The arguments of a command line that are the kernel's: quotes hold blanks, `--` ends them (next_arg)."""
    words = [match[0] for match in re.finditer(r'(?:[^\s"]|"[^"]*(?:"|$))+', line)]
    return words[: words.index("--")] if "--" in words else words

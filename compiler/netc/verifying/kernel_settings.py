"""Sysctls, modules and their parameters, and kernel arguments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from netc.plan import Kind
from netc.promises import wording
from netc.promises.arguments import name_of, stands_together
from netc.promises.sysctl_forms import compared, is_kept, promised_sysctls
from netc.verifying.answers import Promise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.plan import Plan, Setting
    from netc.promises.sysctl_forms import Promised
    from netc.verifying.answers import Answer
    from netc.verifying.machine import Machine

SYSCTLS = "proc/sys"
TRUE = ("1", "y", "Y", "on", "true")
"""What a parameter that is a switch takes for `Y` (param_set_bool, kstrtobool)."""


def sysctls(plan: Plan, machine: Machine) -> Iterator[Answer]:
    settings = plan.of(Kind.SYSCTL)
    excused = {i.name for i in plan.interfaces if i.optional and not machine.exists(f"sys/class/net/{i.name}")}
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
    found = machine.first_line(path)
    if found is None:
        return promise.unreadable("it cannot be opened")
    found = compared(promised.form, found)
    return promise.kept(found) if is_kept(promised, found) else promise.broken(found or "empty")


def _family(promise: Promise, promised: Promised, machine: Machine) -> Iterator[Answer]:
    """Each key that a `*` stands for."""
    before, _, after = promised.path.partition("*")
    found = [f"{before}{name}{after}" for name in machine.files.names(f"{SYSCTLS}/{before.rstrip('/')}")]
    paths = [path for path in found if path not in promised.but and machine.exists(f"{SYSCTLS}/{path}")]
    if not paths:
        yield promise.broken(wording.ABSENT)
    for path in paths:
        text = compared(promised.form, machine.first_line(f"{SYSCTLS}/{path}") or "")
        part = promise.part(f"sysctl {path}", promised.text)
        yield part.kept(text) if is_kept(promised, text) else part.broken(text or "empty")


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
        elif found == "Y" and setting.value in TRUE:
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
            yield promise.kept()
        else:
            yield promise.broken(alike[-1] if alike else wording.ABSENT)


def _spelled_alike(argument: str) -> str:
    _, equals, value = argument.partition("=")
    return f"{name_of(argument)}{equals}{value}"


def _words(line: str) -> list[str]:
    """The arguments of a command line that are the kernel's: quotes hold blanks, `--` ends them (next_arg)."""
    words = [match[0] for match in re.finditer(r'(?:[^\s"]|"[^"]*(?:"|$))+', line)]
    return words[: words.index("--")] if "--" in words else words

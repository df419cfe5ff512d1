"""What a plan promises of a machine with virtio NICs, read from the kernel in another way than netc's units do.

`wanted_files` and `wanted_commands` say what to look at; `broken` compares. It reads `plan.json` as plain JSON.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.virtual_machine.machine import Observed

FILES = [
    *("/proc/cmdline", "/proc/interrupts", "/sys/module/*/initstate", "/proc/irq/*/smp_affinity_list"),
    *("/sys/class/net/*/address", "/sys/class/net/*/mtu", "/sys/class/net/*/device"),
    *("/sys/class/net/*/napi_defer_hard_irqs", "/sys/class/net/*/gro_flush_timeout"),
    *("/sys/class/net/*/queues/rx-*/rps_cpus", "/sys/class/net/*/queues/tx-*/xps_cpus"),
    *("/sys/devices/system/node/node*/hugepages/*/nr_hugepages", "/sys/bus/pci/devices/*/driver"),
    *("/sys/module/*/parameters/*", "/sys/devices/system/cpu/isolated", "/sys/devices/system/cpu/nohz_full"),
]
NIC_COMMANDS = ["ethtool -l {nic}", "ethtool -g {nic}", "ethtool -k {nic}", "ip -d link show {nic}"]
FAILED = "systemctl --failed --no-legend --plain"
JOURNAL = "journalctl --no-pager -o cat -u 'netc-*'"
APPLICATIONS = "journalctl --no-pager -o cat -u polls.service"
CHECK = "journalctl --no-pager -o cat -u netc-verify.service"
COMMANDS = [FAILED, JOURNAL, APPLICATIONS, CHECK]


NIC_FILES = {
    "mtu": "mtu",
    "napi.defer-hard-irqs": "napi_defer_hard_irqs",
    "napi.gro-flush-timeout": "gro_flush_timeout",
}
"""Key of a setting → file of the interface that has its value."""


def files(plan: dict[str, Any]) -> list[str]:
    """The files that tell whether the plan's promises hold."""
    keys = [setting["key"] for setting in plan["settings"] if setting["kind"] == "sysctl"]
    return FILES + [f"/proc/sys/{key.replace('.', '/')}" for key in keys]


def commands(plan: dict[str, Any]) -> list[str]:
    named = [interface["name"] for interface in plan["interfaces"]]
    return COMMANDS + [command.format(nic=name) for name in named for command in NIC_COMMANDS]


def broken(plan: dict[str, Any], seen: Observed) -> list[str]:
    """Every promise that the kernel does not keep, in words."""
    found = []
    for setting in plan["settings"]:
        reader = READERS.get(setting["kind"])
        if reader is not None:
            name = f"{setting.get('interface', '')} {setting['key']}".strip()
            found += [f"{name}: {problem}" for problem in reader(plan, setting, seen)]
    for program in plan["programs"]:
        link = seen.commands[f"ip -d link show {_name(plan, program['interface'])}"]
        if not re.search(r"prog/xdp id \d+", link):
            found.append(f"{program['interface']}: no native program in {link!r}")
    for device in plan["devices"]:
        driver = seen.files.get(f"/sys/bus/pci/devices/{device['address']}/driver") or "none"
        if driver.rpartition("/")[2] != device["driver"]:
            found.append(f"{device['nic']}: driver {driver}")
    return found


def _sysctl(plan: dict[str, Any], setting: dict[str, Any], seen: Observed) -> Iterator[str]:
    text = seen.files.get(f"/proc/sys/{setting['key'].replace('.', '/')}")
    if text is None:
        yield "no such key"
    elif text.split() != setting["value"].split():
        yield f"{setting['value']} promised, {' '.join(text.split())} found"


def _module(plan: dict[str, Any], setting: dict[str, Any], seen: Observed) -> Iterator[str]:
    if f"/sys/module/{setting['key'].replace('-', '_')}/initstate" not in seen.files:
        yield "not loaded"


def _module_option(plan: dict[str, Any], setting: dict[str, Any], seen: Observed) -> Iterator[str]:
    module, _, parameter = setting["key"].partition(".")
    text = seen.files.get(f"/sys/module/{module}/parameters/{parameter}")
    if (text or "").strip() != setting["value"]:
        yield f"{setting['value']} promised, {text!r} found"


def _argument(plan: dict[str, Any], setting: dict[str, Any], seen: Observed) -> Iterator[str]:
    if setting["key"] not in (seen.files["/proc/cmdline"] or "").split():
        yield "not on the command line"


def _pages(plan: dict[str, Any], setting: dict[str, Any], seen: Observed) -> Iterator[str]:
    node, size = setting["key"].split("/")
    text = seen.files.get(f"/sys/devices/system/node/{node}/hugepages/{size}/nr_hugepages")
    if text is None or int(text) < int(setting["value"]):
        yield f"{setting['value']} promised, {text!r} found"


def _nic(plan: dict[str, Any], setting: dict[str, Any], seen: Observed) -> Iterator[str]:
    name = _name(plan, setting["interface"])
    folder = f"/sys/class/net/{name}"
    key, value = setting["key"], setting["value"]
    if f"{folder}/address" not in seen.files:
        yield f"no interface {name}"
    elif key in NIC_FILES:
        yield from _differs(value, seen.files.get(f"{folder}/{NIC_FILES[key]}"))
    elif key == "channels.combined":
        yield from _differs(value, _current(seen.commands[f"ethtool -l {name}"], "Combined"))
    elif key in ("ring.rx", "ring.tx"):
        rings = seen.commands[f"ethtool -g {name}"]
        word = key[-2:].upper()
        yield from _differs(_maximum(rings, word) if value == "max" else value, _current(rings, word))
    elif key == "offload.gro-hw":
        found = re.search(r"^rx-gro-hw: (\w+)", seen.commands[f"ethtool -k {name}"], re.MULTILINE)
        yield from _differs(value, found and found[1])
    elif key == "rps.cpus":
        masks = _queues(seen, folder, "rx", "rps_cpus")
        if set(masks) != {_cpus(value)}:
            yield f"{value} promised, {masks} found"
    elif key == "xps.cpus":
        masks = _queues(seen, folder, "tx", "xps_cpus")
        if masks[: len(value.split())] != [_cpus(word) for word in value.split()]:
            yield f"{value} promised, {masks} found"
    elif key == "irq.cpus":
        yield from _interrupts(seen, folder, value)
    elif key != "name":
        raise AssertionError(f"nobody reads {key}")


READERS = {
    "sysctl": _sysctl,
    "module": _module,
    "module-option": _module_option,
    "kernel-argument": _argument,
    "hugepages": _pages,
    "nic": _nic,
}


def _interrupts(seen: Observed, folder: str, value: str) -> Iterator[str]:
    """virtio names the interrupts of a queue `virtio3-input.0` and `virtio3-output.0`."""
    cpus = [cpu for part in value.split(",") for cpu in _list(part)]
    device = (seen.files[f"{folder}/device"] or "").rpartition("/")[2]
    table = seen.files["/proc/interrupts"] or ""
    found = re.findall(rf"^ *(\d+):.* {re.escape(device)}-(?:input|output)\.(\d+)$", table, re.MULTILINE)
    if not found:
        yield f"no interrupts of {device}"
    for number, queue in found:
        if int(queue) >= _queue_count(seen, folder):
            continue
        now = (seen.files.get(f"/proc/irq/{number}/smp_affinity_list") or "").strip()
        if now != str(cpus[int(queue) % len(cpus)]):
            yield f"queue {queue}: CPU {cpus[int(queue) % len(cpus)]} promised, {now} found"


def _queue_count(seen: Observed, folder: str) -> int:
    return len(_queues(seen, folder, "rx", "rps_cpus"))


def _queues(seen: Observed, folder: str, kind: str, file: str) -> list[frozenset[int]]:
    pattern = re.compile(rf"{re.escape(folder)}/queues/{kind}-(\d+)/{file}")
    found = {int(match[1]): text or "" for path, text in seen.files.items() if (match := pattern.fullmatch(path))}
    return [_mask(found[number]) for number in sorted(found)]


def _mask(text: str) -> frozenset[int]:
    number = int(text.strip().replace(",", "") or "0", 16)
    return frozenset(bit for bit in range(number.bit_length()) if number >> bit & 1)


def _cpus(text: str) -> frozenset[int]:
    return frozenset(cpu for part in text.split(",") for cpu in _list(part))


def _list(part: str) -> range:
    first, _, last = part.partition("-")
    return range(int(first), int(last or first) + 1)


def _differs(promised: str | None, found: str | None) -> Iterator[str]:
    if found is None or promised != found.strip():
        yield f"{promised} promised, {found} found"


def _current(text: str, word: str) -> str | None:
    found = re.findall(rf"^{word}:\s+(\d+)", text, re.MULTILINE)
    return found[-1] if found else None


def _maximum(text: str, word: str) -> str | None:
    found = re.findall(rf"^{word}:\s+(\d+)", text, re.MULTILINE)
    return found[0] if found else None


def _name(plan: dict[str, Any], nic: str) -> str:
    return next(str(each["name"]) for each in plan["interfaces"] if each["nic"] == nic)

"""What the kernel shows of a sysctl after a value was written to it.

Numbers come back in decimal and rounded, masks with zeros in front, lists of ports merged, keys of fast open padded.
Sources: kernel/sysctl.c, net/core/sysctl_net_core.c, net/ipv4/sysctl_net_ipv4.c.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from netc.cpulist import CpuListError, CpuSet
from netc.knowledge.kernels import Kernel, KernelVersion
from netc.knowledge.sysctl_forms import UNSIGNED, read_numbers
from netc.knowledge.sysctl_table import canonical, lookup
from netc.patterns import pattern
from netc.records import dataclass

if TYPE_CHECKING:
    from netc.knowledge.sysctl_table import Sysctl
    from netc.plan import Plan, Target

_SWAPPED = str.maketrans("./", "/.")
PER_INTERFACE = pattern(r"(net\.(?:ipv[46]\.(?:conf|neigh)|mpls\.conf))\.(.+)\.([^.]+)")
_GROUP = 8
"""Digits of a group of a mask, as the kernel prints it (`%*pb` of lib/vsprintf.c)."""
_LONGEST_LIST = 65536
"""Ports; CpuSet reads lists of CPUs, which are shorter."""


@dataclass(frozen=True, slots=True)
class Promised:
    """A sysctl as it is to be found. `form` says how it is compared:

    `numbers` (the kernel shows these and may show more behind them), `mask` (zeros in front do not count), `set`
    (words in any order), `text` (words in this order).
    """

    path: str
    """Below /proc/sys; a `*` stands for one name."""
    form: str
    text: str
    interface: str = ""
    """For keys of an interface, its name."""
    but: tuple[str, ...] = ()
    """Paths that a `*` in `path` does not stand for, since a line of their own sets them (sysctl.d(5))."""


def promised_sysctls(plan: Plan, keys: list[tuple[str, str]]) -> list[Promised]:
    """What is to be found of each key and value."""
    kernel = kernel_of(plan.target)
    exact = [path_of(key) for key, _ in keys if "*" not in key]
    return [_promised(key, value, kernel, exact) for key, value in keys]


def kernel_of(target: Target) -> Kernel:
    return Kernel(KernelVersion.parse(target.kernel), target.tick or None, target.page, target.architecture)


def _promised(key: str, value: str, kernel: Kernel, exact: list[str]) -> Promised:
    # Hosts of a fleet share most of their settings.
    return _of_some(key, value, kernel, tuple(exact)) if "*" in key else _of_one(key, value, kernel)


@lru_cache(maxsize=4096)
def _of_one(key: str, value: str, kernel: Kernel) -> Promised:
    return _of_some(key, value, kernel, ())


def _of_some(key: str, value: str, kernel: Kernel, exact: tuple[str, ...]) -> Promised:
    path = path_of(key)
    form, text = shown_after(key, value, kernel)
    but: tuple[str, ...] = ()
    if "*" in path:
        any_of_them = re.compile(re.escape(path).replace(r"\*", "[^/]*"))
        but = tuple(each for each in exact if any_of_them.fullmatch(each))
    found = PER_INTERFACE.fullmatch(canonical(key))
    interface = found[2].replace("/", ".") if found is not None else ""
    return Promised(path, form, text, "" if interface in ("all", "default") or "*" in interface else interface, but)


def spelled(key: str) -> str:
    """The key as sysctl.d(5) reads it: with slashes where an interface name holds a dot."""
    found = PER_INTERFACE.fullmatch(key)
    if found is None or "." not in found[2] or "/" in key:
        return key
    return f"{found[1].replace('.', '/')}/{found[2]}/{found[3]}"


def path_of(key: str) -> str:
    """The key's path under /proc/sys."""
    key = spelled(key)
    first = re.search(r"[./]", key)
    if first is None or first[0] == "/":
        return key
    return key.translate(_SWAPPED)


def shown_after(key: str, value: str, kernel: Kernel) -> tuple[str, str]:
    """Form and text of a sysctl after `value` was written, for a key that nobody knows as it was written."""
    sysctl = lookup(key, kernel)
    words = " ".join(value.split())
    if sysctl is None:
        return ("text", words)
    if sysctl.numeric:
        return _numbers(sysctl, value) or ("text", words)
    match sysctl.type:
        case "mask":
            return ("mask", ",".join(group.zfill(_GROUP) for group in words.lower().split(",")).lstrip("0,") or "0")
        case "ports":
            return ("text", _merged(words))
        case "names":
            return ("set", words)
        case "key":
            return ("text", ",".join(_padded(key) for key in words.lower().split(",")))
        case _:
            return ("text", words)


def _numbers(sysctl: Sysctl, value: str) -> tuple[str, str] | None:
    reading = read_numbers(value, sysctl.count, signed=sysctl.type not in UNSIGNED)
    if reading.refusal or not reading.numbers:
        return None
    return ("numbers", " ".join(str(sysctl.stored(number)) for number in reading.numbers))


def _padded(key: str) -> str:
    return "-".join(group.zfill(8) for group in key.split("-"))


def _merged(ports: str) -> str:
    """The kernel's own form of a list of ports: sorted, ranges joined (proc_do_large_bitmap)."""
    found: set[int] = set()
    for part in filter(None, ports.split(",")):
        first, _, last = part.partition("-")
        if not (first.isdecimal() and (last or first).isdecimal() and int(last or first) < _LONGEST_LIST):
            return ports
        found.update(range(int(first), int(last or first) + 1))
    return str(CpuSet.of(found))


def compared(form: str, text: str) -> str:
    """A text of /proc/sys without what does not count in this form."""
    words = " ".join(text.partition("\n")[0].split())
    return (words.lstrip("0,") or "0") if form == "mask" and words else words


def is_kept(promised: Promised, found: str) -> bool:
    """Whether what was found, as `compared` gives it, is what was promised."""
    if promised.form == "numbers":
        return f"{found} ".startswith(f"{promised.text} ")
    if promised.form == "set":
        return sorted(found.split()) == sorted(promised.text.split())
    return found == promised.text


def canonical_cpus(text: str) -> str:
    """A CPU list as the kernel prints it; as it is where it is none."""
    try:
        return str(CpuSet.parse(text))
    except CpuListError:
        return text

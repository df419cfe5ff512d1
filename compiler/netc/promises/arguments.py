"""Kernel arguments on a command line: which are of one name, which of those counts, and which CPUs it reached."""

from __future__ import annotations

from netc.promises.sysctl_forms import canonical_cpus

ADDING_UP = frozenset({"console", "earlycon", "earlyprintk", "hugepages", "hugepagesz", "module_blacklist"})
"""Arguments that count each time they stand there; of others the last one does."""


def name_of(argument: str) -> str:
    """Its name; the kernel takes `-` and `_` for the same (parameq of kernel/params.c)."""
    return argument.partition("=")[0].replace("-", "_")


def stands_together(argument: str, all_arguments: list[str]) -> bool:
    """Whether it is enough that an argument stands on the command line, beside others of its name."""
    name = name_of(argument)
    return name in ADDING_UP or sum(name_of(each) == name for each in all_arguments) > 1


SHOWN_CPUS = {"isolcpus": "sys/devices/system/cpu/isolated", "nohz_full": "sys/devices/system/cpu/nohz_full"}
"""Arguments whose CPUs the kernel shows, and where. It refuses one that does not fit another which came before it
(housekeeping_setup of kernel/sched/isolation.c), and knows `nohz_full` only with CONFIG_NO_HZ_FULL."""
_FLAGS = ("nohz", "domain", "managed_irq")


def shown_cpus(argument: str) -> tuple[str, str] | None:
    """The file that shows for which CPUs an argument is in effect, and what is to stand there; None without one."""
    name, _, value = argument.partition("=")
    flags = []
    while name == "isolcpus" and value.partition(",")[0] in _FLAGS:
        flag, _, value = value.partition(",")
        flags.append(flag)
    if name not in SHOWN_CPUS or (flags and "domain" not in flags):
        return None
    return SHOWN_CPUS[name], canonical_cpus(value)

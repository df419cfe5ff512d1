"""Kernel arguments on a command line: which are of one name, and which of those counts."""

from __future__ import annotations

ADDING_UP = frozenset({"console", "earlycon", "earlyprintk", "hugepages", "hugepagesz", "module_blacklist"})
"""Arguments that count each time they stand there; of others the last one does."""


def name_of(argument: str) -> str:
    """Its name; the kernel takes `-` and `_` for the same (parameq of kernel/params.c)."""
    return argument.partition("=")[0].replace("-", "_")


def stands_together(argument: str, all_arguments: list[str]) -> bool:
    """Whether it is enough that an argument stands on the command line, beside others of its name."""
    name = name_of(argument)
    return name in ADDING_UP or sum(name_of(each) == name for each in all_arguments) > 1

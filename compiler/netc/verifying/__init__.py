"""Whether a machine is what a plan promises: each setting read back from the kernel.

`CHECKS` is the one list. A check reads through a `Machine`, the running one or a copy of its `/proc` and `/sys`, and
gives an `Answer` for each promise: kept, broken, or not to be read here. What is missing is never kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.verifying import cpus, kernel_settings, nics, programs, services, written_files
from netc.verifying.machine import Machine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from netc.plan import Plan
    from netc.verifying.answers import Answer

CHECKS: tuple[Callable[[Plan, Machine], Iterator[Answer]], ...] = (
    kernel_settings.module_options,
    kernel_settings.modules,
    kernel_settings.sysctls,
    kernel_settings.kernel_arguments,
    nics.nics,
    programs.programs,
    cpus.cpus,
    cpus.huge_pages,
    cpus.devices,
    services.manager,
    services.others,
    services.units,
    written_files.files,
)


def verify(plan: Plan, root: Path) -> list[Answer]:
    """The answers of the machine below `root` to all promises of the plan."""
    machine = Machine(root)
    return [answer for check in CHECKS for answer in check(plan, machine)]

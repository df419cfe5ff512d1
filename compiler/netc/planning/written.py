"""Kernel arguments that are written or follow from a statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.plan import Why

if TYPE_CHECKING:
    from netc.planning.draft import Draft


def plan_written(draft: Draft) -> None:
    """`nosmt` from `smt off`, and every `kernel-argument`. Sysctls that are `set` are settled with the rest."""
    smt = draft.host.cpu_entry("smt")
    if smt is not None and not smt.value:
        reason = "the second thread of every core is off, so that no other task shares its caches and units"
        draft.kernel_argument("nosmt", Why((smt.place,), "one thread for each core", reason))
    for entry in draft.host.kernel_arguments:
        draft.kernel_argument(entry.value.text, Why((entry.place,), "written", entry.value.reason))

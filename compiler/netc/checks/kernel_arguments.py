"""Kernel arguments that are known to do nothing or to do something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc import codes
from netc.diagnostics import Sentence
from netc.places import name_in

if TYPE_CHECKING:
    from netc.diagnostics import Report
    from netc.model import Host

KNOWN_WRONG = {
    "amd_iommu=on": (
        "`amd_iommu` has no value `on`, and the AMD IOMMU is on by default",
        "leave it out; it knows `off`, `fullflush`, `force_isolation`, `force_enable`, `pgtbl_v1` and `pgtbl_v2`",
    ),
}
"""Argument → what is wrong and the way out."""

SYSCTL_FAMILIES = ("net.", "vm.", "fs.", "kernel.")


def arguments_are_known(host: Host, report: Report) -> None:
    for entry in host.kernel_arguments:
        text = entry.value.text
        name, _, value = text.partition("=")
        found = KNOWN_WRONG.get(text)
        if found is None and name.startswith(SYSCTL_FAMILIES):
            problem = "the kernel takes a sysctl from its command line only as `sysctl.KEY=VALUE`"
            found = (problem, f'write `set {name} = {value or "VALUE"} because "…"`')
        if found is not None:
            problem, way_out = found
            report.add(
                codes.UNKNOWN_KERNEL_ARGUMENT.at(
                    name_in(entry, text),
                    argument=text,
                    problem=Sentence(problem),
                    notes=["source: Documentation/admin-guide/kernel-parameters.txt"],
                    help=[way_out],
                )
            )

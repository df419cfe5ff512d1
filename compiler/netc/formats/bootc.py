"""`bootc`: a directory to build a bootable container from.

Kernel arguments are among the files, in `/usr/lib/bootc/kargs.d`; the steps of `after-copy` run while the container is
built. https://bootc-dev.github.io/bootc/building/kernel-arguments.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc import codes
from netc.backends.rendering import render as fill
from netc.backends.wording import header
from netc.formats.host_files import COMMAND_LINE
from netc.plan import Artifact

if TYPE_CHECKING:
    from netc.diagnostics import Report
    from netc.formats.host_files import HostFiles

BOOT = "bootc"


def render(host: HostFiles, report: Report) -> list[Artifact]:
    boot = host.plan.target.boot
    if boot != BOOT:
        help_lines = ["write `boot bootc` in the `system` block"]
        wanted, found = "`boot bootc`", f"`boot {boot}`"
        report.add(codes.FORMAT_FOR_OTHERS.at(None, format="bootc", needed=wanted, found=found, help=help_lines))
    text = fill("formats/Containerfile", header=header(host.plan), after_copy=host.after_copy)
    return [Artifact("Containerfile", text), *(a for a in host.artifacts if a.path != COMMAND_LINE)]

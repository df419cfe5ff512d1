"""The kernel command line, for image builders and for the boot loaders that read fragments.

Boot loaders without fragments get the arguments from the back end `after_copy`. A plan without arguments has
none of these files: an empty `kernel-command-line` would say the same with one more file to copy.
"""

from __future__ import annotations

from netc.backends.guards import ARGUMENT, require
from netc.backends.rendering import render as fill
from netc.backends.wording import Line, because, header
from netc.plan import Artifact, Kind, Plan


def render(plan: Plan) -> list[Artifact]:
    arguments = [
        Line(because(s.why), require(ARGUMENT, s.key, "kernel argument")) for s in plan.of(Kind.KERNEL_ARGUMENT)
    ]
    if not arguments:
        return []
    line = " ".join(argument.key for argument in arguments)
    files = [Artifact("kernel-command-line", fill("kernel_arguments/kernel-command-line", line=line))]
    if plan.target.boot == "grub":
        text = fill("kernel_arguments/zz-netc.cfg", header=header(plan), arguments=arguments)
        files.append(Artifact("rootfs/etc/default/grub.d/zz-netc.cfg", text))
    elif plan.target.boot == "bootc":
        text = fill("kernel_arguments/50-netc.toml", header=header(plan), arguments=arguments)
        files.append(Artifact("rootfs/usr/lib/bootc/kargs.d/50-netc.toml", text))
    return files

"""`mkosi`: a directory that mkosi builds an image with, or includes.

`mkosi.extra` lands in the image, `mkosi.conf` has the command line. mkosi makes the initrd itself and takes nothing of
the image into it, so what `after-copy` would have copied there is given to that, as `mkosi.initrd.conf`.
https://github.com/systemd/mkosi/blob/main/mkosi/resources/man/mkosi.1.md
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.backends.boot_steps import initramfs_files
from netc.backends.rendering import render as fill
from netc.backends.wording import header
from netc.plan import Artifact
from netc.records import replace

if TYPE_CHECKING:
    from netc.diagnostics import Report
    from netc.formats.host_files import HostFiles

EXTRA = "mkosi.extra/"
INITRD = "mkosi.initrd.conf/"


def render(host: HostFiles, report: Report) -> list[Artifact]:
    top = header(host.plan)
    arguments = " ".join(host.arguments).replace("%", "%%")  # a single one begins a specifier
    made = [Artifact("mkosi.conf", fill("formats/mkosi.conf", header=top, arguments=arguments))]
    made += [replace(artifact, path=f"{EXTRA}{artifact.path}") for artifact in host.rootfs]
    early = set(initramfs_files(host.plan))
    made += [replace(a, path=f"{INITRD}{EXTRA}{a.path}") for a in host.rootfs if f"/{a.path}" in early]
    return [*made, *(artifact for artifact in host.beside if artifact.path == "plan.json")]

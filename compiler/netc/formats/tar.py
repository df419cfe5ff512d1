"""`tar`: `rootfs.tar` with what lies on the host; the rest lies beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.formats.archive import archive
from netc.plan import Artifact

if TYPE_CHECKING:
    from netc.diagnostics import Report
    from netc.formats.host_files import HostFiles


def render(host: HostFiles, report: Report) -> list[Artifact]:
    return sorted([*host.beside, Artifact("rootfs.tar", data=archive(host.rootfs, host.time))], key=lambda a: a.path)

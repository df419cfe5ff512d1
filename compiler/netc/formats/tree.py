"""`tree`: the artifacts as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netc.diagnostics import Report
    from netc.formats.host_files import HostFiles
    from netc.plan import Artifact


def render(host: HostFiles, report: Report) -> list[Artifact]:
    return host.artifacts

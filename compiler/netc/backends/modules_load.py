"""modules-load.d(5): modules that must be there before sysctls are applied."""

from __future__ import annotations

from netc.backends.guards import MODULE, require
from netc.backends.rendering import render as fill
from netc.backends.wording import Line, because, header
from netc.plan import Artifact, Kind, Plan


def render(plan: Plan) -> list[Artifact]:
    modules = plan.of(Kind.MODULE)
    if not modules:
        return []
    lines = [Line(because(s.why), require(MODULE, s.key, "module")) for s in modules]
    text = fill("modules_load/netc.conf", header=header(plan), lines=lines)
    return [Artifact("rootfs/etc/modules-load.d/netc.conf", text)]

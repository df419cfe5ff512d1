"""systemd-system.conf(5): what the manager gives to all services, such as the limit of open files."""

from __future__ import annotations

from netc.backends.guards import DIRECTIVE, DIRECTIVE_VALUE, require
from netc.backends.rendering import render as fill
from netc.backends.wording import Line, because, header
from netc.plan import Artifact, Kind, Plan


def render(plan: Plan) -> list[Artifact]:
    directives = [
        Line(
            because(s.why),
            require(DIRECTIVE, s.key, "directive"),
            require(DIRECTIVE_VALUE, s.value, f"value of {s.key}"),
        )
        for s in plan.of(Kind.MANAGER)
    ]
    if not directives:
        return []
    text = fill("manager/90-netc.conf", header=header(plan), directives=directives)
    return [Artifact("rootfs/etc/systemd/system.conf.d/90-netc.conf", text)]

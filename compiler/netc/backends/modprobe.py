"""modprobe.d(5): parameters of modules."""

from __future__ import annotations

from netc.backends.guards import ARGUMENT, MODULE, PARAMETER, require
from netc.backends.rendering import render as fill
from netc.backends.wording import Line, because, header
from netc.plan import Artifact, Kind, Plan, Setting


def render(plan: Plan) -> list[Artifact]:
    lines = [_line(setting) for setting in plan.of(Kind.MODULE_OPTION)]
    if not lines:
        return []
    text = fill("modprobe/netc.conf", header=header(plan), lines=lines)
    return [Artifact("rootfs/etc/modprobe.d/netc.conf", text)]


def _line(setting: Setting) -> Line:
    """The module and its parameter, as two words, and the value."""
    module, _, parameter = setting.key.partition(".")
    require(MODULE, module, "module")
    require(PARAMETER, parameter, "module parameter")
    value = require(ARGUMENT, setting.value, f"value of {setting.key}")
    return Line(because(setting.why), f"{module} {parameter}", value)

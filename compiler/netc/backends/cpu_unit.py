"""The unit that says how deep idle CPUs sleep and who chooses their frequency.

Both are settings of sysfs, so that they act on every architecture and without a boot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.backends.guards import CPU_LIST, MODULE, Defect, require
from netc.backends.rendering import render as fill
from netc.backends.services import UNITS, Step, enabled
from netc.backends.wording import because, header
from netc.plan import Artifact, Kind, Plan
from netc.plan_keys import CPU_KEYS

if TYPE_CHECKING:
    from netc.plan import Setting

UNIT = "netc-cpu.service"


def render(plan: Plan) -> list[Artifact]:
    steps = [Step(because(setting.why), _command(setting)) for setting in plan.of(Kind.CPU)]
    if not steps:
        return []
    first = header(plan)
    return [
        Artifact("rootfs/etc/netc/cpu", fill("cpu_unit/cpu", header=first, steps=steps), mode=0o755),
        Artifact(f"{UNITS}/{UNIT}", fill(f"cpu_unit/{UNIT}", header=first)),
        enabled(UNIT),
    ]


def _command(setting: Setting) -> str:
    if setting.key not in CPU_KEYS:
        raise Defect(f"{setting.key} is no setting of CPUs")
    cpus, _, word = setting.value.partition(" ")
    what = f"value of {setting.key}"
    return f"{setting.key} {require(CPU_LIST, cpus, what)} {require(MODULE, word, what)}"

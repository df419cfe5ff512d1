"""One boot for each setting and kernel, in which the guest's script runs."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.effect.results import Result
from benchmarks.effect.settings import CHECKS, HOSTS, INSIDE, SETTINGS, lay
from benchmarks.trees import compiled
from benchmarks.virtual_machine.image import image
from benchmarks.virtual_machine.machine import boot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.effect.experiments import Experiment

PROGRAMS = ("tuned",)
"""Packages of the image beside the usual ones."""
SCRIPT_SECONDS = 240
"""After which a script is given up; most take a minute."""


class NotHeldError(Exception):
    """A setting did not hold, a script failed, or it took too long: why."""


def measured(experiment: Experiment, runs: int) -> Iterator[Result]:
    """A result for each kernel and setting, as they come."""
    with tempfile.TemporaryDirectory(prefix="netc-effect-") as name:
        hosts = compiled(HOSTS / f"{experiment.name}.net", Path(name))
        for kernel in experiment.kernels:
            for setting in SETTINGS:
                yield _booted(experiment, kernel, setting, hosts, runs)


def _booted(experiment: Experiment, kernel: str, setting: str, hosts: Path, runs: int) -> Result:
    script = ["python3", f"/{INSIDE}/{experiment.name}.py", "--runs", str(runs)]
    steps = [
        {"run": ["uname", "-r"]},
        {"run": ["sh", "-c", CHECKS[setting], "sh", experiment.profile], "seconds": 90},
        {"run": script, "seconds": SCRIPT_SECONDS},
    ]
    with tempfile.TemporaryDirectory(prefix="netc-effect-") as name:
        tree = Path(name) / "root"
        arguments = lay(setting, experiment, hosts / experiment.host(kernel), tree)
        answer = boot(image(PROGRAMS, kernel), experiment.machine, tree, arguments, steps)
    release, check, measuring = answer.ran
    where = f"{setting}, kernel {kernel}"
    if not release["output"].startswith(f"{kernel}."):
        raise NotHeldError(f"{where}: the kernel is {release['output'].strip()}")
    if check["status"]:
        raise NotHeldError(f"{where}: the setting does not hold:\n{check['output'].strip()}")
    if measuring["status"]:
        raise NotHeldError(f"{where}: the script failed:\n{measuring['output'].strip()[-2000:]}")
    lines = [line for line in measuring["output"].splitlines() if line.startswith("{")]
    result = Result(kernel, setting, release["output"].strip(), check["output"].strip(), [json.loads(x) for x in lines])
    return replace(result, runs=[{each.key: run[each.key] for each in experiment.measures} for run in result.runs])

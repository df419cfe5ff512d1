"""`python -m benchmarks.effect NAME…`: the same traffic on three settings of the same machine."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from importlib.util import find_spec
from pathlib import Path

from benchmarks.effect.boots import PROGRAMS, NotHeldError, measured
from benchmarks.effect.experiments import BY_NAME, EXPERIMENTS
from benchmarks.effect.pages import write
from benchmarks.effect.table import table
from benchmarks.trees import NotCompiledError
from benchmarks.virtual_machine.image import NoMachineError, image

DOCS = Path(__file__).parents[2] / "docs"
LONGEST = 600
"""Seconds after which an experiment is given up; images, which are made once, apart."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.effect", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="experiments; without one they are listed")
    parser.add_argument("--runs", type=int, default=5, help="how many runs in each boot; 5 unless told")
    parser.add_argument("--docs", action="store_true", help="write results, plot and table to docs/")
    asked = parser.parse_args()
    if unknown := [name for name in asked.names if name not in BY_NAME]:
        parser.error(f"no experiment `{unknown[0]}`; there are {', '.join(BY_NAME)}")
    if not asked.names:
        for each in EXPERIMENTS:
            print(f"{each.name:20} {each.question}")
        return 0
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that nothing is left behind then either
    signal.signal(signal.SIGALRM, _too_long)
    try:
        if os.geteuid() != 0 or find_spec("netc") is None:
            raise NoMachineError("this benchmark needs root, and netc installed for this Python")
        for name in asked.names:
            _measure(name, asked.runs, docs=asked.docs)
    except (NoMachineError, NotCompiledError, NotHeldError) as reason:
        print(reason, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def _measure(name: str, runs: int, *, docs: bool) -> None:
    experiment = BY_NAME[name]
    print(f"{name}: {experiment.question}", flush=True)
    for kernel in experiment.kernels:
        image(PROGRAMS, kernel)
    results = []
    signal.alarm(LONGEST)
    try:
        for result in measured(experiment, runs):
            print(f"{result.setting}, Linux {result.release}: {' '.join(result.held.split())}", flush=True)
            results.append(result)
    finally:
        signal.alarm(0)
        if results:
            print(f"\nmedian of {runs} runs (least–most), ratio of medians to the default settings\n")
            print(table(experiment, results), flush=True)
    if docs:
        write(experiment, results, DOCS)


def _too_long(*_: object) -> None:
    raise NotHeldError(f"not done after {LONGEST} seconds")


if __name__ == "__main__":
    sys.exit(main())

"""`python -m benchmarks.boot`: what netc adds to a boot, as a ratio to what tuned adds to the same one."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

from benchmarks.boot import readings, settings
from benchmarks.boot.tables import Rounds, tables
from benchmarks.trees import compiled, kernel_arguments
from benchmarks.virtual_machine.image import Image, NoMachineError, image
from benchmarks.virtual_machine.machine import QEMU, boot

HOST = Path(__file__).parent / "host.net"
TOOLS = {QEMU: "qemu-system-x86", "ip": "iproute2", "unshare": "util-linux"}
"""Programs that a machine is run with, and the packages of Debian that have them."""
LONGEST = 600
"""Seconds within which it ends; making the image, once, comes before."""


def main() -> int:
    options = _arguments()
    if missing := lacking():
        print(f"this benchmark needs {', '.join(missing)}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that the machine ends too
    try:
        with tempfile.TemporaryDirectory(prefix="netc-benchmark-") as folder:
            _print(*measured(Path(folder), options.runs), options.runs)
    except NoMachineError as reason:
        print(f"no machine can be had here: {reason}", file=sys.stderr)
        return 2
    except (RuntimeError, ValueError) as problem:
        print(f"nothing is measured: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return 0


def lacking() -> list[str]:
    needed = {
        "root": os.geteuid() == 0,
        "netc, installed for this Python": find_spec("netc"),
        **{f"{tool} (Debian: {package})": shutil.which(tool) for tool, package in TOOLS.items()},
    }
    return [what for what, there in needed.items() if not there]


def measured(folder: Path, runs: int) -> tuple[str, Rounds]:
    """What the machine calls itself, and as many rounds as asked for that end in time, one at least."""
    (host,) = (path.parent for path in compiled(HOST, folder).glob("*/rootfs"))
    trees = {name: settings.tree(name, host, folder / name) for name in settings.SETTINGS}
    built = image(settings.PACKAGES)
    begin = time.monotonic()
    rounds: Rounds = []
    while len(rounds) < runs:
        began = time.monotonic()
        found = {}
        for name in settings.SETTINGS:
            system, found[name] = _boot(built, name, trees[name], host)
        rounds.append(found)
        now = time.monotonic()
        print(f"round {len(rounds)}: {now - began:.0f} s", file=sys.stderr)
        if now - begin + (now - began) * 1.1 > LONGEST:
            break
    return system, rounds


def _boot(built: Image, setting: str, tree: Path, host: Path) -> tuple[str, readings.Boot]:
    arguments = kernel_arguments(host) if setting == "netc" else ""
    seen = boot(built, settings.MACHINE, tree, arguments, settings.steps(setting)).observed["up"]
    try:
        return ", ".join(seen.commands[settings.SYSTEM].splitlines()), readings.boot(setting, seen)
    except ValueError as problem:
        raise ValueError(f"setting {setting}: {problem}") from None


def _print(system: str, rounds: Rounds, runs: int) -> None:
    machine = settings.MACHINE
    print(f"{system}; {machine.cpus} CPUs; tuned with {settings.PROFILE}")
    few = f", for {runs} would pass {LONGEST} s" if len(rounds) < runs else ""
    print(f"{len(rounds)} boots of each, in turn{few}; median (least–most)\n")
    print(tables(rounds))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.boot", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="boots of each setting (3)")
    options = parser.parse_args()
    if options.runs < 1:
        parser.error("--runs is 1 at least")
    return options


if __name__ == "__main__":
    sys.exit(main())

"""`python -m benchmarks.compile`: every figure is a ratio to a baseline that was measured in the same minute."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.compile import inputs
from benchmarks.compile.runs import Bench, Used

if TYPE_CHECKING:
    from collections.abc import Callable

FLOOR = "import lark, jinja2"
COPY = """
import os, sys
source, target = sys.argv[1:]
os.mkdir(target)
for folder, folders, files in os.walk(source):
    here = target + folder.removeprefix(source)
    for name in folders:
        os.mkdir(f"{here}/{name}")
    for name in files:
        path = f"{folder}/{name}"
        if os.path.islink(path):
            os.symlink(os.readlink(path), f"{here}/{name}")
        else:
            with open(path, "rb") as read, open(f"{here}/{name}", "wb") as written:
                written.write(read.read())
"""
"""Reads a tree and writes it elsewhere: what the file system alone takes for it, and some reading."""


SIZES = (10, 100, 1000, 10_000)
SHARED = 1000
"""Hosts of the fleet that is also shared out to several processes, looked at whole, and copied."""
LONGEST = 540.0
"""Seconds after which nothing is begun, nor what would not end before, so that all is over within ten minutes."""


def main() -> None:
    options = _arguments()
    with tempfile.TemporaryDirectory(prefix="netc-benchmark-", dir=options.folder) as folder:
        bench = Bench(Path(folder), LONGEST)
        sizes = [size for size in SIZES if size < 10_000 or not options.small]
        targets = Targets()
        small = _cold(bench, options.runs, targets)
        for what, text, each in (("that differ", inputs.unlike, 4.0), ("of one range", inputs.alike, 1.0)):
            _fleet(bench, options.runs, sizes, what, text, each, targets)
        _growth(bench, options.runs, small, "NICs of one host", inputs.many_nics, [1, 10, 100, 1000])
        _growth(bench, options.runs, small, "CPUs of one host", inputs.many_cpus, [64, 512, 4096])
        targets.print()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compile", description=__doc__)
    parser.add_argument("--runs", type=int, default=7, metavar="N", help="runs of each, beside the warm-up (7)")
    parser.add_argument("--small", action="store_true", help="leave 10,000 hosts out, which take minutes")
    parser.add_argument("--folder", metavar="DIR", help="where to work: it decides which file system is written to")
    return parser.parse_args()


def _cold(bench: Bench, runs: int, targets: Targets) -> Used:
    """One small host against importing two libraries, starting Python, and netplan."""
    commands = {
        "netc": bench.compile("small.net", inputs.SMALL),
        "floor": (sys.executable, "-c", FLOOR),
        "python": (sys.executable, "-c", "pass"),
    }
    if shutil.which("netplan") is not None:
        bench.file("netplan/etc/netplan/bench.yaml", inputs.NETPLAN)
        commands["netplan"] = ("netplan", "generate", "--root-dir", str(bench.folder / "netplan"))
    used = bench.compare(commands, 3 * runs)
    netc = used["netc"]
    print(f"one host of four NICs, from a cold process (median of {3 * runs})")
    names = {
        "netc": "netc compile",
        "floor": f'python -c "{FLOOR}"',
        "python": "python -c pass",
        "netplan": "netplan generate",
    }
    for name, each in used.items():
        _row(names[name], each)
    _ratio("netc to the imports, CPU", netc.cpu / used["floor"].cpu)
    if "netplan" in used:
        _ratio("netc to netplan, CPU", netc.cpu / used["netplan"].cpu)
        _ratio("netc to netplan, on the clock", netc.wall / used["netplan"].wall)
        targets.hold("cold start, to netplan generate (CPU)", netc.cpu / used["netplan"].cpu, 0.5)
    else:
        print("  netplan is not installed (Debian: netplan.io), so there is nothing to compare with")
    print()
    return netc


def _fleet(
    bench: Bench, runs: int, sizes: list[int], what: str, text: Callable[[int], str], each: float, targets: Targets
) -> None:
    """A fleet of each size, and again where nothing changed. `each` is the target in milliseconds of CPU a host."""
    print(f"hosts {what}")
    last: Used | None = None
    for size in sizes:
        if bench.late(20 * last.wall if last is not None else 0.0):  # twice, and ten times the size
            print(f"  {size} hosts: left out, for lack of time")
            continue
        few = max(1, min(runs, 3000 // size))
        command = bench.compile(f"fleet-{size}.net", text(size))
        used = bench.measure(command, few, warm=size < 10_000)
        _row(f"{size} hosts", used)
        grown = f", {used.cpu / last.cpu:.1f} × the tenth" if last is not None else ""
        print(f"{'':34}{used.cpu / size * 1e3:.2f} ms of CPU a host{grown}")
        if size == SHARED:
            _shared_out(bench, few, command, used)
        again = bench.measure(command, few, keep=True, warm=False)
        _row("the same, nothing changed", again)
        _ratio("to the first time, CPU", again.cpu / used.cpu)
        if size == SHARED:
            looked = bench.measure((*command, "--check"), few, keep=True, warm=False)
            _row("the same, every file looked at", looked)
            targets.hold(f"1,000 hosts {what}, ms of CPU each", used.cpu / size * 1e3, each)
            _against_the_disk(bench, few, used)
        if size == 10_000:
            if last is not None:
                targets.hold(f"10,000 hosts {what}, to 1,000 (CPU)", used.cpu / last.cpu, 11)
            targets.hold(f"10,000 hosts {what}, MiB at the peak", used.memory / (1 << 20), 400)
            targets.hold(f"10,000 hosts {what}, unchanged, to the first time (CPU)", again.cpu / used.cpu, 0.25)
            targets.hold(f"10,000 hosts {what}, unchanged, to the first time (clock)", again.wall / used.wall, 0.25)
        last = used
    print()


def _shared_out(bench: Bench, runs: int, command: tuple[str, ...], used: Used) -> None:
    """What several processes gain."""
    jobs = len(os.sched_getaffinity(0))
    shared = bench.measure((*command, "--jobs", str(jobs)), runs)
    _row(f"the same, --jobs {jobs}", shared)
    _ratio("to one process, on the clock", shared.wall / used.wall)


def _against_the_disk(bench: Bench, runs: int, used: Used) -> None:
    """What of the time is the file system's."""
    written = bench.folder / "out"
    kept = written.rename(bench.folder / f"kept-{used.wall}")
    copied = bench.measure((sys.executable, "-c", COPY, str(kept), str(written)), runs)
    _row("reading and writing that tree", copied)
    _ratio("compiling to copying the tree, CPU", used.cpu / copied.cpu)


def _growth(bench: Bench, runs: int, small: Used, what: str, text: Callable[[int], str], sizes: list[int]) -> None:
    """One host that grows; the ratios are to the small host, and to the size before."""
    print(what)
    last: Used | None = None
    for size in sizes:
        if bench.late():
            print(f"  {size}: left out, for lack of time")
            continue
        used = bench.measure(bench.compile(f"grown-{size}.net", text(size)), runs if size < 1000 else min(runs, 3))
        _row(f"{size}", used)
        _ratio("to the small host, CPU", used.cpu / small.cpu)
        if last is not None:
            _ratio("to the size before, CPU", used.cpu / last.cpu)
        last = used
    print()


class Targets:
    """What was wanted, and what was found."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def hold(self, what: str, found: float, most: float) -> None:
        said = "holds" if found <= most else "DOES NOT HOLD"
        self._lines.append(f"  {what:<66}{found:9.2f}  at most {most:6g}  {said}")

    def print(self) -> None:
        print("targets")
        print("\n".join(self._lines))


def _row(name: str, used: Used) -> None:
    print(
        f"  {name:<32}{used.cpu * 1e3:10.1f} ms CPU {used.wall * 1e3:10.1f} ms clock {used.memory / (1 << 20):6.0f} MiB"
    )


def _ratio(name: str, ratio: float) -> None:
    print(f"  → {name}: {ratio:.2f}")


if __name__ == "__main__":
    main()

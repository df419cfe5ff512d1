"""`python -m benchmarks.compile`: every figure is a ratio to a baseline that was measured in the same minute."""

from __future__ import annotations

import argparse
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


def main() -> None:
    options = _arguments()
    with tempfile.TemporaryDirectory(prefix="netc-benchmark-", dir=options.folder) as folder:
        bench = Bench(Path(folder))
        small = _cold(bench, options.runs)
        _fleet(bench, options.runs, [10, 100, 1000, *([10000] if options.large else [])])
        _growth(bench, options.runs, small, "NICs of one host", inputs.many_nics, [1, 10, 100])
        _growth(bench, options.runs, small, "CPUs of one host", inputs.many_cpus, [64, 512, 4096])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compile", description=__doc__)
    parser.add_argument("--runs", type=int, default=7, metavar="N", help="runs of each, beside the warm-up (7)")
    parser.add_argument("--large", action="store_true", help="10,000 hosts too; takes minutes")
    parser.add_argument("--folder", metavar="DIR", help="where to work: it decides which file system is written to")
    return parser.parse_args()


def _cold(bench: Bench, runs: int) -> Used:
    """One small host against importing two libraries, starting Python, and netplan."""
    commands = {
        "netc": bench.compile("small.net", inputs.SMALL),
        "floor": (sys.executable, "-c", FLOOR),
        "python": (sys.executable, "-c", "pass"),
    }
    if shutil.which("netplan") is not None:
        bench.file("netplan/etc/netplan/bench.yaml", inputs.NETPLAN)
        commands["netplan"] = ("netplan", "generate", "--root-dir", str(bench.folder / "netplan"))
    used = bench.compare(commands, runs)
    netc, floor = used["netc"], used["floor"]
    print(f"one host of four NICs, from a cold process (median of {runs})")
    _row("netc compile", netc)
    _row(f'python -c "{FLOOR}"', floor)
    _row("python -c pass", used["python"])
    if "netplan" in used:
        _row("netplan generate", used["netplan"])
    _ratio("netc to the imports, CPU", netc.cpu / floor.cpu, "at most 4")
    if "netplan" in used:
        _ratio("netc to netplan, CPU", netc.cpu / used["netplan"].cpu)
        _ratio("netc to netplan, on the clock", netc.wall / used["netplan"].wall, "at most 0.5")
    else:
        print("  netplan is not installed (Debian: netplan.io), so there is nothing to compare with")
    print()
    return netc


def _fleet(bench: Bench, runs: int, sizes: list[int]) -> None:
    """Fleets of hosts that differ, of hosts that are alike, and both again where nothing changed."""
    for what, text in (("that differ", inputs.unlike), ("of one range", inputs.alike)):
        print(f"hosts {what}")
        last: Used | None = None
        for size in sizes:
            few = max(1, min(runs, 3000 // size))
            command = bench.compile(f"fleet-{size}.net", text(size))
            used = bench.measure(command, few)
            grown = f", {used.cpu / last.cpu:.1f} × the tenth" if last is not None else ""
            _row(f"{size} hosts", used)
            print(f"{'':34}{used.cpu / size * 1e3:.2f} ms of CPU a host{grown}")
            last = used
            if size == 1000:
                _against_the_disk(bench, few, command, used)
        print()


def _against_the_disk(bench: Bench, runs: int, command: tuple[str, ...], used: Used) -> None:
    """What of the time is the file system's, and what a second run takes."""
    again = bench.measure(command, runs, keep=True)
    _row("1000 hosts, nothing changed", again)
    written = bench.folder / "out"
    kept = written.rename(bench.folder / f"kept-{used.wall}")
    copied = bench.measure((sys.executable, "-c", COPY, str(kept), str(written)), runs)
    _row("reading and writing that tree", copied)
    _ratio("compiling to copying the tree, CPU", used.cpu / copied.cpu)


def _growth(bench: Bench, runs: int, small: Used, what: str, text: Callable[[int], str], sizes: list[int]) -> None:
    """One host that grows; the ratio is to the small host."""
    print(what)
    for size in sizes:
        used = bench.measure(bench.compile(f"grown-{size}.net", text(size)), runs)
        _row(f"{size}", used)
        _ratio("to the small host, CPU", used.cpu / small.cpu)
    print()


def _row(name: str, used: Used) -> None:
    print(
        f"  {name:<32}{used.cpu * 1e3:10.1f} ms CPU {used.wall * 1e3:10.1f} ms clock {used.memory / (1 << 20):6.0f} MiB"
    )


def _ratio(name: str, ratio: float, wanted: str = "") -> None:
    print(f"  → {name}: {ratio:.2f}{f' (wanted: {wanted})' if wanted else ''}")


if __name__ == "__main__":
    main()

"""`python -m benchmarks.xdp_drop`: how many packets XDP and nftables drop in a second, on the same pair of veths."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import Any

from benchmarks.trees import NotCompiledError, compiled
from benchmarks.xdp_drop.pair import BASELINE, LISTS, ROUNDS
from benchmarks.xdp_drop.rates import table
from benchmarks.xdp_drop.senders import BPF

PROJECT = Path(__file__).parents[2]
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
TOOLS = {"bpftool": "bpftool", "ethtool": "ethtool", "ip": "iproute2", "nft": "nftables", "unshare": "util-linux"}
"""Programs that are run, and the packages of Debian that have them."""
HOST = """\
host {mode}-{length} {{
    system {{ distribution debian 13 }}
    cpu {{ sockets 1; cores 2 }}
    nic front {{ match mac 02:00:00:00:01:{number:02x}; driver veth
        xdp "prefix_drop.o" {{ mode {mode}; drop from "{length}.txt" }}
    }}
}}
"""
LONGEST = 110
"""Seconds after which it gives up; it takes a minute."""


def main() -> int:
    if missing := lacking():
        print(f"this benchmark needs {', '.join(missing)}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="netc-benchmark-") as folder:
        try:
            found = measured(hosts(Path(folder)))
        except NotCompiledError as said:
            print(said, file=sys.stderr)
            return 1
    print(
        f"Linux {platform.release()}, {platform.machine()}: packets a second on one CPU that sends and receives them,"
    )
    print(f"ns a packet, ratio to {BASELINE} in the same round; median of {ROUNDS} runs (least–most)")
    for sent, length in dict.fromkeys((each["sent"], each["list"]) for each in found):
        print(f"\n{sent}; {length} prefixes")
        print(table([each for each in found if (each["sent"], each["list"]) == (sent, length)], BASELINE))
    return 0


def lacking() -> list[str]:
    needed = {
        "root": os.geteuid() == 0,
        "x86-64 or arm64": platform.machine() in BPF,
        "netc, installed for this Python": find_spec("netc"),
        **{f"{tool} (Debian: {package})": shutil.which(tool, path=PATH) for tool, package in TOOLS.items()},
    }
    return [what for what, there in needed.items() if not there]


def hosts(folder: Path) -> Path:
    """The folder, compiled, of hosts that differ in the mode of XDP and the length of the list."""
    shutil.copy(PROJECT / "examples/xdp/prefix_drop.o", folder)
    for length, (prefixes, *_) in LISTS.items():
        (folder / f"{length}.txt").write_text("\n".join(prefixes))
    wanted = enumerate(product(LISTS, ("native", "generic")))
    text = "".join(HOST.format(number=number, length=length, mode=mode) for number, (length, mode) in wanted)
    (folder / "pair.net").write_text(text)
    return compiled(folder / "pair.net", folder)


def measured(place: Path) -> list[dict[str, Any]]:
    command = ["unshare", "--net", "--mount", sys.executable, "-m", "benchmarks.xdp_drop.pair", str(place)]
    there: dict[str, Any] = {"cwd": PROJECT, "env": {**os.environ, "PATH": PATH}}
    try:
        done = subprocess.run(command, **there, capture_output=True, text=True, check=False, timeout=LONGEST)
    except subprocess.TimeoutExpired:
        raise SystemExit(f"not done after {LONGEST} seconds") from None
    if done.returncode:
        raise SystemExit(f"no pair of veths to measure: {done.stderr.strip().splitlines()[-1]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


if __name__ == "__main__":
    sys.exit(main())

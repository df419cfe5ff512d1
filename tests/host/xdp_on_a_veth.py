"""Runs an XDP program, native, on one end of a veth pair and sends it frames from the other.

A program of its own, because namespaces belong to a process: start it under `unshare --net --mount`. It reads a job as
JSON from its input and writes what happened as JSON to its output. Frames are told apart by their source MAC address.
"""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

ETH_P_ALL = 3
SO_RCVBUFFORCE = 33
PINS = "/sys/fs/bpf/netc/front"
OURS = b"\x02\x4e\x43"
"""How the source MAC addresses of all frames begin; the number of the frame follows."""
SOURCE = slice(6, 12)
LAST = 2**24 - 1


def run(*words: str, **more: str) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60, **more)  # type: ignore[call-overload] # only cwd and input
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(words)}: {done.stdout}{done.stderr}")
    return str(done.stdout)


def bpftool(*words: str) -> Any:
    said = run("bpftool", "--json", *words)
    return json.loads(said) if said.strip() else None


def make_pair(mtu: int) -> None:
    """`front` and `peer`, on which the kernel itself sends nothing: without addresses and IPv6."""
    Path("/proc/sys/net/ipv6/conf/default/disable_ipv6").write_text("1")
    run("mount", "-t", "bpf", "bpf", "/sys/fs/bpf")
    Path(PINS).mkdir(parents=True)
    run("ip", "link", "add", "front", "mtu", str(mtu), "type", "veth", "peer", "name", "peer", "mtu", str(mtu))
    for name in ("front", "peer"):
        run("ip", "link", "set", name, "up")


def load(path: str, pins: str) -> None:
    Path(pins).mkdir(exist_ok=True)
    bpftool("prog", "load", path, f"{pins}/program", "type", "xdp", "pinmaps", pins)


def fill(job: dict[str, Any], pins: str) -> None:
    """The first prefix of each map by a call of its own, the others by a batch."""
    single, *batch = [f"map update pinned {pins}/{name} key hex {key} value hex 01" for name, key in job["prefixes"]]
    bpftool(*single.split())
    gone = [f"map delete pinned {pins}/{name} key hex {key}" for name, key in job.get("deleted", [])]
    Path("/run/batch").write_text("\n".join([*batch, *gone, ""]))
    run("bpftool", "batch", "file", "/run/batch")


def open_socket(interface: str) -> socket.socket:
    made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    made.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 * 2**20)  # for all frames of a job
    made.bind((interface, ETH_P_ALL))
    return made


def numbered(frame: bytes, number: int) -> bytes:
    return frame[:6] + OURS + number.to_bytes(3, "big") + frame[12:]


def arrivals(receiver: socket.socket, last: int) -> list[int]:
    """The numbers of the frames that arrive, up to the last one."""
    found = []
    receiver.settimeout(20)
    while True:
        source = receiver.recv(65536)[SOURCE]
        number = int.from_bytes(source[3:], "big")
        if source[:3] == OURS and number == last:
            return found
        if source[:3] == OURS:
            found.append(number)


def counters(pins: str) -> dict[str, list[int]]:
    """Packets and bytes by key, added up over the CPUs."""
    found = {}
    for entry in bpftool("map", "dump", "pinned", f"{pins}/counters"):
        values = [value["value"] for value in entry["formatted"]["values"]]
        found[str(entry["formatted"]["key"])] = [sum(v["packets"] for v in values), sum(v["bytes"] for v in values)]
    return found


def verdict(frame: bytes) -> int:
    """What the program returns for a frame that the kernel hands to it without a NIC (BPF_PROG_TEST_RUN)."""
    Path("/run/frame").write_bytes(frame)
    done = bpftool("prog", "run", "pinned", f"{PINS}/program", "data_in", "/run/frame", "repeat", "1")
    return int(done["retval"])


def send_frames(job: dict[str, Any]) -> dict[str, Any]:
    frames = [bytes.fromhex(frame) for frame in job["frames"]]
    receiver, sender = open_socket("front"), open_socket("peer")
    for number, frame in enumerate(frames):
        sender.send(numbered(frame, number))
    sender.send(numbered(bytes(12) + b"\x88\xb5", LAST))  # 802 local experiments: no IP
    arrived = arrivals(receiver, LAST)
    counted = counters(PINS)
    verdicts = [verdict(frame) for frame in frames[: job.get("test_runs", 0)]]
    return {"arrived": arrived, "counters": counted, "verdicts": verdicts}


def replace_under_load(job: dict[str, Any]) -> dict[str, Any]:
    """Swaps the program for another one of its kind while frames come in, which both must drop."""
    frame = numbered(bytes.fromhex(job["frames"][0]), 0)
    receiver, sender = open_socket("front"), open_socket("peer")
    sent, stopped = [0], threading.Event()

    def flood() -> None:
        while not stopped.is_set():
            sender.send(frame)
            sent[0] += 1

    places = [PINS, f"{PINS}-new"]
    load(job["object"], places[1])
    fill(job, places[1])
    thread = threading.Thread(target=flood)
    thread.start()
    for turn in range(job["replacements"]):
        while sent[0] < 50 * (turn + 1):
            time.sleep(0.001)
        bpftool("net", "attach", "xdpdrv", "pinned", f"{places[(turn + 1) % 2]}/program", "dev", "front", "overwrite")
    stopped.set()
    thread.join()
    sender.send(numbered(bytes(12) + b"\x88\xb5", LAST))
    arrived = arrivals(receiver, LAST)
    dropped = [counters(place)["0"][0] for place in places]
    return {"sent": sent[0], "arrived": arrived, "dropped": dropped}


def main() -> None:
    job = json.load(sys.stdin)
    make_pair(job.get("mtu", 1500))
    run("mount", "-t", "tmpfs", "tmpfs", "/run")
    load(job["object"], PINS)
    if job.get("prefixes"):
        fill(job, PINS)
    bpftool("net", "attach", "xdpdrv", "pinned", f"{PINS}/program", "dev", "front")
    happened = replace_under_load(job) if job.get("replacements") else send_frames(job)
    attached = bpftool("net", "show", "dev", "front")[0]["xdp"]
    bpftool("net", "detach", "xdpdrv", "dev", "front")
    happened["mode"] = [found["mode"] for found in attached]
    with contextlib.suppress(BrokenPipeError):
        json.dump(happened, sys.stdout)


if __name__ == "__main__":
    main()

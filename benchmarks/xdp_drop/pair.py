"""Run in namespaces of its own: a pair of veths, one case after the other. Each result is one line of JSON."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.xdp_drop.rates import nft_packets, udp_buffer_errors, xdp_dropped
from benchmarks.xdp_drop.senders import MACS, PORT, RECEIVER, Frames, Ring

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROUNDS, SECONDS = 5, 0.4
BASELINE = "nftables, netdev ingress"
BOGONS = """
    0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24
    192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
"""
MANY = [f"{n >> 8}.{n & 255}.77.0/24" for n in range(11 << 8, (11 << 8) + 10_000)]
LISTS = {"14": (BOGONS.split(), 10 << 8, 256), "10000": (MANY, 11 << 8, len(MANY))}
"""Prefixes, and the first of the networks (see `senders.frame`) that packets come from, and their number."""
LINK = ("ip", "link", "set")
DUMP = ("bpftool", "-j", "map", "dump", "pinned", "/sys/fs/bpf/netc/front/maps/counters")
RULES = """table {family} drop_rate {{
    counter dropped {{ }}
    set listed {{ type ipv4_addr; flags interval; elements = {{ {listed} }}; }}
    chain first {{ type filter hook {hook}; policy accept; ip saddr @listed counter name "dropped" drop; }}
}}
"""


@dataclass(frozen=True)
class Case:
    """One way to drop: the commands that begin and end it, and what counts the packets that it dropped."""

    name: str
    begin: tuple[str, ...]
    end: tuple[str, ...]
    dropped: Callable[[], int] | None


def cases(length: str, hosts: Path, sender: Frames | Ring) -> Iterator[Case]:
    if isinstance(sender, Frames):  # the other sends nothing where nobody receives
        yield Case("sender alone, link down", (*LINK, "front", "down"), (*LINK, "front", "up"), None)
    udp = Path("/proc/net/snmp")
    yield Case("no filter, UDP socket full", ("true",), ("true",), lambda: udp_buffer_errors(udp.read_text()))
    for name, family, hook in (
        (BASELINE, "netdev", "ingress device front priority filter"),
        ("nftables, inet prerouting", "inet", "prerouting priority raw"),
    ):
        rules = Path(f"/run/{family}-{length}.nft")
        rules.write_text(RULES.format(family=family, hook=hook, listed=", ".join(LISTS[length][0])))
        end = ("nft", "delete", "table", family, "drop_rate")
        yield Case(name, ("nft", "-f", str(rules)), end, lambda: nft_packets(run("nft", "list", "counters")))
    for mode in ("native", "generic"):
        script = ("sh", str(hosts / f"{mode}-{length}/rootfs/etc/netc/xdp/front"))
        yield Case(f"XDP {mode}", (*script, "attach"), (*script, "detach"), lambda: xdp_dropped(run(*DUMP)))


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or f"status {done.returncode}").splitlines()
        raise OSError(f"{command[0]}: {said[0]}")
    return done.stdout


def set_up() -> None:
    for kind, where in (("sysfs", "/sys"), ("tmpfs", "/run"), ("bpf", "/sys/fs/bpf")):
        run("mount", "-t", kind, kind, where)
    for path in Path("/proc/sys/net").glob("ipv6/conf/*/disable_ipv6"):
        path.write_text("1")  # it sends packets of its own
    for path in Path("/proc/sys/net").glob("ipv4/conf/*/rp_filter"):
        path.write_text("0")
    run("ip", "link", "add", "front", "address", MACS[0], "type", "veth", "peer", "name", "peer", "address", MACS[1])
    run(*LINK, "peer", "up")
    run(*LINK, "front", "up")
    run("ip", "addr", "add", f"{RECEIVER}/24", "dev", "front")
    run("ethtool", "-K", "front", "gro", "on")  # without GRO or XDP a veth takes no frames
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    os.nice(-20)  # other work on this CPU then counts for little


def rate(sender: Frames | Ring, case: Case) -> float:
    """Packets a second in the fastest of many calls: what else the machine does only delays.

    All packets must have been dropped in the way of the case.
    """
    run(*case.begin)
    try:
        sender.send()  # to warm up
        before = settled(case)
        calls = []
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            calls.append(sender.send())
        dropped = settled(case) - before
    finally:
        run(*case.end)
    sent = len(calls) * sender.PACKETS
    if case.dropped and dropped != sent:
        raise OSError(f"{dropped} of {sent} packets were dropped there")
    return sender.PACKETS / min(calls)


def settled(case: Case) -> int:
    """What was dropped so far, when no packet is on its way."""
    time.sleep(0.02)
    return case.dropped() if case.dropped else 0


def main(hosts: Path) -> None:
    set_up()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)  # the kernel takes the least it allows
        receiver.bind(("", PORT))
        senders = [(length, kind("peer", *LISTS[length][1:])) for kind in (Frames, Ring) for length in LISTS]
        for number, (length, sender) in product(range(ROUNDS), senders):
            for case in cases(length, hosts, sender):
                found: dict[str, object] = {"sent": sender.title, "list": length, "case": case.name, "round": number}
                try:
                    found["rate"] = rate(sender, case)
                except OSError as refusal:
                    found["refusal"] = str(refusal)
                print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Run in namespaces of its own: a pair of veths, the script of netc on one end, packets from the other.

Each argument is a step; what a step finds is one line of JSON.
"""

from __future__ import annotations

import ipaddress
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MAC = {"front": "02:00:00:00:00:01", "peer": "02:00:00:00:00:02"}
OWN4, OWN6, PORT = "10.9.0.1", "fd09::1", 9999
SO_RCVBUFFORCE = 33
"""asm-generic/socket.h"""
LAST = "10.20.30.41"
"""A source that no program here drops."""


def wait_for(what: Callable[[], bool]) -> None:
    while not what():
        time.sleep(0.01)


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


def must(*command: str) -> None:
    done = run(*command)
    assert done.returncode == 0, (command, done.stderr)


def set_up() -> None:
    must("mount", "-t", "sysfs", "sysfs", "/sys")
    must("mount", "-t", "tmpfs", "tmpfs", "/run")
    must("mount", "-t", "bpf", "bpf", "/sys/fs/bpf")
    must("ip", "link", "add", "front", "address", MAC["front"], "type", "veth", "peer", "name", "peer")
    must("ip", "link", "set", "peer", "address", MAC["peer"])
    for name in ("lo", "front", "peer"):
        must("ip", "link", "set", name, "up")
    must("ip", "addr", "add", f"{OWN4}/24", "dev", "front")
    must("ip", "-6", "addr", "add", f"{OWN6}/64", "dev", "front", "nodad")
    for key in ("all", "front"):
        Path(f"/proc/sys/net/ipv4/conf/{key}/rp_filter").write_text("0")
    must("ip", "route", "add", "default", "dev", "front")
    # An address of IPv6 is made ready by a worker of the kernel, which may come late on a busy machine.
    wait_for(lambda: OWN6 in run("ip", "-6", "route", "show", "table", "local", "dev", "front").stdout)


def checksum(data: bytes) -> int:
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def frame(source: str) -> bytes:
    """A UDP datagram with this source, for the address of its version that `front` has."""
    mac = bytes.fromhex((MAC["front"] + MAC["peer"]).replace(":", ""))
    address = ipaddress.ip_address(source)
    udp = struct.pack("!HHHH", 1000, PORT, 8 + 4, 0) + b"netc"
    if address.version == 4:
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0)
        ip += address.packed + socket.inet_aton(OWN4)
        ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
        return mac + b"\x08\x00" + ip + udp
    own = ipaddress.ip_address(OWN6).packed
    pseudo = address.packed + own + struct.pack("!II", len(udp), 17) + udp
    udp = udp[:6] + struct.pack("!H", checksum(pseudo)) + udp[8:]
    return mac + b"\x86\xdd" + struct.pack("!IHBB", 0x60000000, len(udp), 17, 64) + address.packed + own + udp


def arrived(sources: list[str]) -> list[str]:
    """Which of the sources' datagrams a socket gets: those before one that no program drops, or within two seconds
    where nothing gets through."""
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as receiver:
        receiver.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        receiver.bind(("::", PORT))
        receiver.settimeout(2)
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sender:
            sender.bind(("peer", 0))
            for source in (*sources, LAST):
                sender.send(frame(source))
        found: list[str] = []
        while True:
            try:
                _, (address, *_) = receiver.recvfrom(64)
            except TimeoutError:
                return found
            if address == f"::ffff:{LAST}":
                return found
            found.append(address.removeprefix("::ffff:"))


def steady(script: str, action: str, source: str) -> dict[str, int]:
    """How many of an allowed source's packets get lost while the script runs."""
    sent = 0
    stop = threading.Event()
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver,
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sender,
    ):
        receiver.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 26)  # read when all is over, however long it took
        receiver.bind(("0.0.0.0", PORT))
        receiver.settimeout(2)
        sender.bind(("peer", 0))
        packet = frame(source)

        def send() -> None:
            nonlocal sent
            while not stop.is_set():
                sender.send(packet)
                sent += 1
                time.sleep(0.0002)

        thread = threading.Thread(target=send)
        thread.start()
        wait_for(lambda: sent > 100)
        done = run("sh", script, action)
        before = sent
        wait_for(lambda: sent > before + 100)
        stop.set()
        thread.join()
        got = 0
        while got < sent:
            try:
                receiver.recv(64)
            except TimeoutError:
                break
            got += 1
    return {"status": done.returncode, "sent": sent, "lost": sent - got}


def state() -> dict[str, object]:
    shown = json.loads(run("bpftool", "-j", "net", "show", "dev", "front").stdout or "[]")
    pins = sorted(str(path) for path in Path("/sys/fs/bpf").rglob("*") if path.is_file() and ".debug" not in path.name)
    flags = int(Path("/sys/class/net/front/flags").read_text(), 16)
    return {
        "xdp": [each["mode"] for each in (shown[0]["xdp"] if shown else [])],
        "pins": pins,
        "up": bool(flags & 1),
        "closed": "0 0 2" in run("tc", "filter", "show", "dev", "front", "ingress").stdout,
    }


def counters() -> dict[str, int]:
    """Packets of prefix_drop's counters, of all CPUs."""
    dump = json.loads(run("bpftool", "-j", "map", "dump", "pinned", "/sys/fs/bpf/netc/front/maps/counters").stdout)
    sums = [sum(each["value"]["packets"] for each in entry["formatted"]["values"]) for entry in dump]
    return dict(zip(("dropped", "passed"), sums, strict=True))


def main(steps: list[str]) -> None:
    set_up()
    for step in steps:
        word, _, rest = step.partition(" ")
        found: object
        if word in ("attach", "reload", "detach"):
            done = run("sh", rest, word)
            found = {"status": done.returncode, "said": done.stdout.splitlines(), "err": done.stderr}
        elif word == "send":
            found = arrived(rest.split())
        elif word == "steady":
            found = steady(*rest.split())  # type: ignore[arg-type] # three words
        elif word == "state":
            found = state()
        elif word == "counters":
            found = counters()
        else:
            found = os.system(rest)
        print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1:])

"""Makes one bottleneck in network namespaces of its own, and prints what `netc doctor` says inside as JSON.

Two namespaces, `here` and `there`, are joined by a veth pair, 10.9.0.1 and 10.9.0.2; the bottleneck is made in `here`,
where the doctor looks. A program of its own, run as `bottleneck.py NAME`: what it starts ends with it.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import random
import socket
import struct
import subprocess
import sys
import threading
import time
from multiprocessing import Process
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE, THERE = f"netc-here-{os.getpid()}", f"netc-there-{os.getpid()}"
HERE_ADDRESS, THERE_ADDRESS = "10.9.0.1", "10.9.0.2"
SO_SNDBUFFORCE, SO_RCVBUFFORCE = 32, 33
UDP_SEGMENT = 103
CLONE_NEWNET = 0x40000000
SECONDS = 2.0
"""How long the doctor looks."""
TBF = ("tc", "qdisc", "add", "dev", "front", "root", "tbf", "rate")


def run(*words: str, text: str | None = None) -> str:
    done = subprocess.run(words, input=text, capture_output=True, text=True, check=False, timeout=60)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(words)}: {done.stdout}{done.stderr}")
    return done.stdout


@contextlib.contextmanager
def namespaces() -> Iterator[None]:
    for name in (HERE, THERE):
        run("ip", "netns", "add", name)
    try:
        run("ip", "-n", HERE, "link", "add", "front", "type", "veth", "peer", "name", "back", "netns", THERE)
        for name, link, address in ((HERE, "front", HERE_ADDRESS), (THERE, "back", THERE_ADDRESS)):
            run("ip", "-n", name, "address", "add", f"{address}/16", "dev", link)
            run("ip", "-n", name, "link", "set", "lo", "up")
            run("ip", "-n", name, "link", "set", link, "up")
        time.sleep(0.5)  # for duplicate address detection to be over
        yield
    finally:
        for name in (HERE, THERE):
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)


def enter(name: str) -> None:
    """Make this process one of a namespace."""
    with Path("/run/netns", name).open() as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")


@contextlib.contextmanager
def working(name: str, work: Callable[..., None], *arguments: Any) -> Iterator[None]:
    """A process in a namespace for as long as the block runs."""

    def inside() -> None:
        enter(name)
        work(*arguments)

    process = Process(target=inside, daemon=True)
    process.start()
    try:
        yield
    finally:
        process.kill()
        process.join()


def here(*words: str, text: str | None = None) -> str:
    return run("ip", "netns", "exec", HERE, *words, text=text)


def set_here(key: str, value: str) -> None:
    here("sh", "-c", f"echo {value} > /proc/sys/{key}")


def doctor(*before: str) -> dict[str, Any]:
    words = [*before, sys.executable, "-m", "netc", "doctor", "--format", "json", "--interval", str(SECONDS)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    if done.returncode not in (0, 4):
        raise SystemExit(done.stdout + done.stderr)
    return {"status": done.returncode, **json.loads(done.stdout)}


def doctor_here() -> dict[str, Any]:
    return doctor("ip", "netns", "exec", HERE)


# What goes on in the namespaces.


def serve(port: int, backlog: int = 4096, accept: bool = True, read: bool = True) -> None:
    """Take connections and read until they end; the one who asked closes first."""
    listener = socket.create_server(("", port), backlog=backlog)
    while not accept:
        time.sleep(1)

    def attend(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            while read and connection.recv(65536):
                pass

    while True:
        threading.Thread(target=attend, args=(listener.accept()[0],), daemon=True).start()


def connect_and_stay(address: str, port: int, count: int, gap: float = 0.0) -> None:
    """Ask for connections and keep them, also those that get no answer."""
    kept = []
    for _ in range(count):
        made = socket.socket()
        made.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            made.connect((address, port))
        kept.append(made)
        time.sleep(gap)
    while True:
        time.sleep(1)


def connect_and_close(address: str, port: int, pause: float = 0.0) -> None:
    """Open and close connections, and go on when no port is left."""
    while True:
        time.sleep(pause)
        with socket.socket() as made:
            try:
                made.connect((address, port))
            except OSError:
                time.sleep(0.01)


def send_datagrams(address: str, ports: range, rate: int, size: int = 200) -> None:
    """So many datagrams a second, in bursts of 10 ms, one after the other to each port."""
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    number = 0
    while True:
        for _ in range(max(1, rate // 100)):
            with contextlib.suppress(OSError):
                sender.sendto(bytes(size), (address, ports[number % len(ports)]))
            number += 1
        time.sleep(0.01)


def send_bursts(address: str, port: int) -> None:
    """Five times 60 datagrams every 10 ms, each 60 by one system call: faster than a CPU takes them."""
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, 64)
    while True:
        for _ in range(5):
            with contextlib.suppress(OSError):
                sender.sendto(bytes(60 * 64), (address, port))
        time.sleep(0.01)


def flood(cpu: int, address: str, port: int) -> None:
    """As many datagrams of several flows as one CPU sends; on veth it also receives them."""
    os.sched_setaffinity(0, {cpu})
    with contextlib.suppress(PermissionError):  # a control group may have no share of real time
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))  # before all other work of this machine
    senders = []
    for _ in range(16):
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.setblocking(False)
        made.connect((address, port))
        senders.append(made)
    while True:
        for made in senders:
            with contextlib.suppress(OSError):
                made.send(bytes(64))


def bind_and_sleep(port: int) -> None:
    reader = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    reader.bind(("", port))
    while True:
        time.sleep(1)


def read_datagrams(port: int) -> None:
    reader = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    reader.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 256 * 2**20)
    reader.bind(("", port))
    while True:
        reader.recv(2048)


def send_stream(address: str, port: int, pause: float = 0.0) -> None:
    with socket.create_connection((address, port)) as made:
        while True:
            made.sendall(bytes(65536))
            time.sleep(pause)


def half_open(address: str, port: int, rate: int) -> None:
    """SYNs from addresses that never answer."""
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    target = socket.inet_aton(address)
    while True:
        for _ in range(rate // 100):
            source = socket.inet_aton(f"10.9.{random.randint(1, 200)}.{random.randint(1, 250)}")
            segment = struct.pack("!HHIIBBHHH", random.randint(1024, 65535), port, 1, 0, 0x50, 2, 65535, 0, 0)
            total = checksum(source + target + struct.pack("!BBH", 0, 6, len(segment)) + segment)
            segment = segment[:16] + struct.pack("!H", total) + segment[18:]
            header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, 0, 0, 64, 6, 0, source, target)
            raw.sendto(header + segment, (address, 0))
        time.sleep(0.01)


def checksum(data: bytes) -> int:
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


# The bottlenecks.


def quiet() -> dict[str, Any]:
    return doctor_here()


def busy_and_well() -> dict[str, Any]:
    """Connections that are served, and datagrams that are read."""
    with (
        working(HERE, serve, 8000),
        working(HERE, read_datagrams, 7000),
        working(THERE, send_datagrams, HERE_ADDRESS, range(7000, 7001), 5000),
    ):
        time.sleep(0.5)
        with working(THERE, send_stream, HERE_ADDRESS, 8000, 0.001):
            time.sleep(0.5)
            return doctor_here()


def quiet_beside_a_flood() -> dict[str, Any]:
    """softnet_stat and the times of CPUs show it here too, though none of its packets comes here."""
    with working(THERE, flood, 0, "127.0.0.1", 7001):
        time.sleep(0.5)
        return doctor_here()


def accept_queue() -> dict[str, Any]:
    with working(HERE, serve, 8000, 5, False):
        time.sleep(0.5)
        with working(THERE, connect_and_stay, HERE_ADDRESS, 8000, 200, 0.02):
            time.sleep(0.5)
            return doctor_here()


def accept_queue_when_all_is_still() -> dict[str, Any]:
    """Six connections fill a backlog of five, and nobody else asks: only the queue itself tells."""
    with working(HERE, serve, 8000, 5, False):
        time.sleep(0.5)
        with working(THERE, connect_and_stay, HERE_ADDRESS, 8000, 6):
            time.sleep(1)
            return doctor_here()


def udp_receive_buffer() -> dict[str, Any]:
    with (
        working(HERE, bind_and_sleep, 7000),
        working(THERE, send_datagrams, HERE_ADDRESS, range(7000, 7001), 5000),
    ):
        time.sleep(1)
        return doctor_here()


def udp_receive_buffer_in_a_flood() -> dict[str, Any]:
    with (
        working(HERE, bind_and_sleep, 7000),
        working(THERE, flood, 0, HERE_ADDRESS, 7000),
    ):
        time.sleep(1)
        return doctor_here()


@contextlib.contextmanager
def set_for_all(key: str, value: int) -> Iterator[None]:
    """A setting that is the machine's, and that only the first namespace may write."""
    path = Path("/proc/sys") / key
    before = path.read_text()
    path.write_text(str(value))
    try:
        yield
    finally:
        path.write_text(before)


def conntrack_table() -> dict[str, Any]:
    here("nft", "-f", "-", text="table ip t { chain c { type filter hook input priority 0; ct state new accept; }; }")
    with (
        set_for_all("net/netfilter/nf_conntrack_max", 100),
        working(THERE, send_datagrams, HERE_ADDRESS, range(10000, 60000), 2000),
    ):
        time.sleep(0.5)
        return doctor_here()


def filter_slowly() -> None:
    """A long list of rules, as on many a firewall: what takes the time is receiving, not sending."""
    rules = "".join(f"ip saddr 192.0.2.{number % 250} udp dport {number} drop;" for number in range(1, 301))
    here("nft", "-f", "-", text=f"table ip t {{ chain c {{ type filter hook prerouting priority -300; {rules} }}; }}")


def steer_to_the_second_cpu() -> None:
    here("sh", "-c", "echo 2 > /sys/class/net/front/queues/rx-0/rps_cpus")


def interrupt_overload() -> dict[str, Any]:
    filter_slowly()
    with working(THERE, flood, 0, HERE_ADDRESS, 7001):
        time.sleep(0.5)
        return doctor_here()


def interrupt_overload_with_a_reader() -> dict[str, Any]:
    filter_slowly()
    with working(HERE, read_datagrams, 7000), working(THERE, flood, 0, HERE_ADDRESS, 7000):
        time.sleep(0.5)
        return doctor_here()


def interrupt_overload_by_steering() -> dict[str, Any]:
    """RPS that hands all packets to one CPU, which cannot keep up: its queue overflows too."""
    filter_slowly()
    steer_to_the_second_cpu()
    with working(THERE, flood, 0, HERE_ADDRESS, 7001):
        time.sleep(0.5)
        return doctor_here()


@contextlib.contextmanager
def bursts_for_the_second_cpu() -> Iterator[None]:
    """Segments that veth would pass on as one packet are made before it."""
    run("ip", "netns", "exec", THERE, "ethtool", "-K", "back", "tx-udp-segmentation", "off")
    steer_to_the_second_cpu()
    with working(HERE, read_datagrams, 7000), working(THERE, send_bursts, HERE_ADDRESS, 7000):
        time.sleep(0.5)
        yield


def softirq_budget() -> dict[str, Any]:
    """Rounds of 4 packets, and bursts of 60."""
    with set_for_all("net/core/netdev_budget", 4), bursts_for_the_second_cpu():
        return doctor_here()


def backlog() -> dict[str, Any]:
    """Bursts of 60 packets for another CPU, whose queue takes 20."""
    with set_for_all("net/core/netdev_max_backlog", 20), bursts_for_the_second_cpu():
        return doctor_here()


def talk_to_oneself(cpu: int, port: int) -> None:
    """Two system calls for each datagram, as fast as one CPU does them, and more time in the kernel than in Python."""
    os.sched_setaffinity(0, {cpu})
    os.setpriority(os.PRIO_PROCESS, 0, -15)  # before other work of this machine
    talker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    talker.bind(("127.0.0.1", port))
    talker.connect(("127.0.0.1", port))
    data = bytearray(32768)
    while True:
        talker.send(data)
        talker.recv_into(data)


def system_calls() -> dict[str, Any]:
    with contextlib.ExitStack() as all_of:
        for cpu in sorted(os.sched_getaffinity(0)):
            all_of.enter_context(working(HERE, talk_to_oneself, cpu, 7000 + cpu))
        time.sleep(0.5)
        return doctor_here()


def cookies_for_all() -> dict[str, Any]:
    """With tcp_syncookies 2 each SYN counts as if it had found its queue full."""
    set_here("net/ipv4/tcp_syncookies", "2")
    with working(HERE, serve, 8000):
        time.sleep(0.5)
        with working(THERE, connect_and_close, HERE_ADDRESS, 8000, 0.005):
            time.sleep(0.5)
            return doctor_here()


def ports() -> dict[str, Any]:
    set_here("net/ipv4/ip_local_port_range", "'50000 50059'")
    with working(THERE, serve, 8000):
        time.sleep(0.5)
        with working(HERE, connect_and_close, THERE_ADDRESS, 8000):
            time.sleep(1)
            return doctor_here()


def ports_when_reuse_frees_them() -> dict[str, Any]:
    """After a second in TIME_WAIT a port may be taken again, so nothing is exhausted."""
    set_here("net/ipv4/tcp_tw_reuse", "1")
    set_here("net/ipv4/ip_local_port_range", "'50000 50059'")
    with working(THERE, serve, 8000):
        time.sleep(0.5)
        with working(HERE, connect_and_close, THERE_ADDRESS, 8000):
            time.sleep(1)
        time.sleep(1.5)
        return doctor_here()


def time_wait_buckets() -> dict[str, Any]:
    set_here("net/ipv4/tcp_max_tw_buckets", "20")
    with working(THERE, serve, 8000):
        time.sleep(0.5)
        with working(HERE, connect_and_close, THERE_ADDRESS, 8000):
            time.sleep(1)
            return doctor_here()


def syn_queue() -> dict[str, Any]:
    with working(HERE, serve, 8000, 16), working(THERE, half_open, HERE_ADDRESS, 8000, 500):
        time.sleep(1)
        return doctor_here()


def retransmissions() -> dict[str, Any]:
    """One packet in twenty is lost on the other side."""
    rules = "table ip t { chain c { type filter hook prerouting priority -300; numgen random mod 100 < 8 drop; }; }"
    run("ip", "netns", "exec", THERE, "nft", "-f", "-", text=rules)
    with contextlib.ExitStack() as all_of:
        all_of.enter_context(working(THERE, serve, 8000))
        time.sleep(0.5)
        for _ in range(8):
            all_of.enter_context(working(HERE, send_stream, THERE_ADDRESS, 8000, 0.001))
        time.sleep(1)
        return doctor_here()


def qdisc() -> dict[str, Any]:
    here(*TBF, "1mbit", "burst", "10kb", "limit", "20kb")
    with working(HERE, send_datagrams, THERE_ADDRESS, range(7000, 7001), 2000, 1000):
        time.sleep(1)
        return doctor_here()


def qdisc_with_tcp() -> dict[str, Any]:
    """More connections than the queue has room for one packet of each: TCP cannot send slowly enough."""
    here(*TBF, "20mbit", "burst", "10kb", "limit", "20kb")
    with working(THERE, serve, 8000):
        time.sleep(0.5)
        with contextlib.ExitStack() as all_of:
            for _ in range(32):
                all_of.enter_context(working(HERE, send_stream, THERE_ADDRESS, 8000))
            time.sleep(1)
            return doctor_here()


def neighbour_table() -> dict[str, Any]:
    """1,500 addresses within the seconds that the kernel keeps new ones; the table is that of the whole machine."""

    def ask() -> None:
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sender.setblocking(False)
        sender.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 64 * 2**20)  # what waits for an answer counts as unsent
        while True:
            for number in range(3000):
                with contextlib.suppress(OSError):
                    sender.sendto(b"", (f"10.9.{1 + number // 250}.{1 + number % 250}", 9))
            time.sleep(0.5)

    with working(HERE, ask):
        time.sleep(0.5)
        return doctor()  # the first namespace alone shows the table


MADE = {
    made.__name__: made
    for made in (
        quiet,
        quiet_beside_a_flood,
        busy_and_well,
        accept_queue,
        accept_queue_when_all_is_still,
        udp_receive_buffer,
        udp_receive_buffer_in_a_flood,
        conntrack_table,
        interrupt_overload,
        interrupt_overload_with_a_reader,
        interrupt_overload_by_steering,
        softirq_budget,
        backlog,
        system_calls,
        cookies_for_all,
        ports,
        ports_when_reuse_frees_them,
        time_wait_buckets,
        syn_queue,
        retransmissions,
        qdisc,
        qdisc_with_tcp,
        neighbour_table,
    )
}


if __name__ == "__main__":
    with namespaces():
        print(json.dumps(MADE[sys.argv[1]]()))

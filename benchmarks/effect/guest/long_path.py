"""TCP over a long path: a router between host and far end delays both ways and lets so much pass.

One flow that the host sends and one that it receives, four that it sends and four that it receives, each group over a
path of its own and all at once. What has arrived is counted after slow start, headers reckoned in, so that a figure is
the share of the link that the flows keep.

Nothing is copied: senders use sendfile(2), as servers of files do, and receivers throw away what they read.
"""

import contextlib
import os
import socket
import threading
import time

from common import Namespace, busy, loads, measure, veth

RATE, RTT = 200_000_000, 0.25
"""Bits and seconds."""
QUEUE = 100_000
"""Packets that netem may hold. More than any window: nothing is lost, so that buffers alone decide."""
NETEM = f"netem delay {RTT / 2 * 1000:g}ms rate {RATE}bit limit {QUEUE}"
SLOW_START, COUNTED = 3.4, 1.6
"""Seconds of a run."""
BUFFER = "4096 131072 67108864"
"""Of the far ends, 64 MiB: they must never be the limit."""
WIRE = 1514 / 1448
"""Bytes of a full frame for each byte of data: netem counts headers of Ethernet, IPv4 and TCP with timestamps."""
PORT = 5001
RESET = b"\1\0\0\0\0\0\0\0"
"""For SO_LINGER: closing ends the connection at once."""
CHUNK = 1 << 20


class Group:
    """Flows in one direction, with a router and a far end of their own."""

    def __init__(self, host, number, name, flows, outward):
        self.host, self.name, self.flows, self.outward = host, name, flows, outward
        near, self.address = f"198.18.{number}", f"198.19.{number}.1"
        self.router, self.end = Namespace(), Namespace()
        self.router.set(ip_forward=1)
        self.end.set(tcp_rmem=BUFFER, tcp_wmem=BUFFER)
        veth((host, f"path{number}", f"{near}.1/24"), (self.router, "near", f"{near}.2/24"))
        veth((self.router, "far", f"198.19.{number}.2/24"), (self.end, "wan", f"{self.address}/24"))
        host.run("ip", "route", "add", f"198.19.{number}.0/24", "via", f"{near}.2")
        self.end.run("ip", "route", "add", "default", "via", f"198.19.{number}.2")

    def start(self, source):
        """Connect, and let flows of this file begin."""
        self._tc("add", NETEM)
        with self.end, socket.create_server((self.address, PORT)) as listener:
            with self.host:
                near = [socket.socket() for _ in range(self.flows)]
            for each in near:
                each.setblocking(False)
                each.connect_ex((self.address, PORT))
            far = [listener.accept()[0] for _ in near]
        for each in near:
            each.setblocking(True)
        self.ends, self.counts = [*near, *far], [0] * self.flows
        senders, receivers = (near, far) if self.outward else (far, near)
        for sender in senders:
            threading.Thread(target=send, args=(sender, source), daemon=True).start()
        for place, receiver in enumerate(receivers):
            threading.Thread(target=receive, args=(receiver, self.counts, place), daemon=True).start()

    def stop(self):
        """End the flows, and forget what is on its way and what the far end learnt of the path."""
        for each in self.ends:
            each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            with contextlib.suppress(OSError):  # the other end has reset it
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._tc("del")
        self.end.run("ip", "tcp_metrics", "flush")

    def _tc(self, verb, what=""):
        for side in ("near", "far"):
            self.router.run(*f"tc qdisc {verb} dev {side} root {what}".split())


def send(connection, source):
    with contextlib.suppress(OSError):  # the run is over
        while True:
            os.sendfile(connection.fileno(), source, 0, CHUNK)


def receive(connection, counts, place):
    room = bytearray(CHUNK)
    with contextlib.suppress(OSError):
        while got := connection.recv_into(room, CHUNK, socket.MSG_TRUNC):
            counts[place] += got


def main():
    host, source = Namespace(new=False), os.memfd_create("sent")
    os.truncate(source, CHUNK)
    kinds = (("one_out", 1, True), ("one_in", 1, False), ("four_out", 4, True), ("four_in", 4, False))
    groups = [Group(host, number, *kind) for number, kind in enumerate(kinds)]

    def one_run(_):
        for group in groups:
            group.start(source)
        time.sleep(SLOW_START)
        ticks, begin, before = busy(), time.monotonic(), [sum(group.counts) for group in groups]
        time.sleep(COUNTED)
        after, end, worked = [sum(group.counts) for group in groups], time.monotonic(), max(loads(ticks, busy()))
        for group in groups:
            group.stop()
        host.run("ip", "tcp_metrics", "flush")
        shares = [800 * WIRE * (b - a) / (end - begin) / RATE for a, b in zip(before, after, strict=True)]
        return {group.name: share for group, share in zip(groups, shares, strict=True)} | {"busiest_cpu": worked}

    measure(one_run)


if __name__ == "__main__":
    main()

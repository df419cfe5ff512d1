"""TCP over a long path: a router between host and far end delays both ways and lets so much pass.

One flow each way at once, each over a path of its own, then four each way. What has arrived is counted after slow
start, headers reckoned in, so that a figure is the share of the link that the flows keep.
"""

import socket
import threading
import time

from common import Namespace, busy, loads, measure, veth

RATE, RTT = 200_000_000, 0.3
"""Bits and seconds."""
QUEUE = 100_000
"""Packets that netem may hold. More than any window: nothing is lost, so that buffers alone decide."""
NETEM = f"netem delay {RTT / 2 * 1000:g}ms rate {RATE}bit limit {QUEUE}"
SLOW_START, COUNTED = 4.0, 2.0
"""Seconds of a run."""
BUFFER = "4096 131072 268435456"
"""Of the far end, 256 MiB: it must never be the limit."""
WIRE = 1514 / 1448
"""Bytes of a full frame for each byte of data: netem counts headers of Ethernet, IPv4 and TCP with timestamps."""
PORT = 5001


class Path:
    """The host, a router and a far end of one path."""

    def __init__(self, host, number):
        self.near, self.far = f"198.18.{number}.1", f"198.19.{number}.1"
        router, self.end = Namespace(), Namespace()
        router.set(ip_forward=1)
        self.end.set(tcp_rmem=BUFFER, tcp_wmem=BUFFER)
        veth((host, f"path{number}", f"{self.near}/24"), (router, "near", f"198.18.{number}.2/24"))
        veth((router, "far", f"198.19.{number}.2/24"), (self.end, "wan", f"{self.far}/24"))
        host.run("ip", "route", "add", f"198.19.{number}.0/24", "via", f"198.18.{number}.2")
        self.end.run("ip", "route", "add", "default", "via", f"198.19.{number}.2")
        self.router = router
        self._tc("add", NETEM)

    def connect(self, host, flows):
        """The host's and the far end's ends of as many connections."""
        with self.end, socket.create_server((self.far, PORT)) as listener:
            with host:
                near = [socket.socket() for _ in range(flows)]
            for each in near:
                each.setblocking(False)
                each.connect_ex((self.far, PORT))
            far = [listener.accept()[0] for _ in near]
        for each in near:
            each.setblocking(True)
        return near, far

    def clear(self):
        """Forget what is still on its way, and what the far end learnt of the path."""
        self._tc("del")
        self._tc("add", NETEM)
        self.end.run("ip", "tcp_metrics", "flush")

    def _tc(self, verb, what=""):
        for side in ("near", "far"):
            self.router.run(*f"tc qdisc {verb} dev {side} root {what}".split())


def share(host, paths, flows):
    """What all flows of each path reach of its link, in percent, and how busy a CPU was, in percent.

    The host sends on the first path and receives on the second.
    """
    host.run("ip", "tcp_metrics", "flush")
    counts = [[0] * flows for _ in paths]
    (out, far_out), (back, far_back) = (path.connect(host, flows) for path in paths)
    for sender in (*out, *far_back):
        threading.Thread(target=send, args=(sender,), daemon=True).start()
    for receivers, count in zip((far_out, back), counts, strict=True):
        for place, receiver in enumerate(receivers):
            threading.Thread(target=receive, args=(receiver, count, place), daemon=True).start()
    time.sleep(SLOW_START)
    before, ticks, begin = [sum(count) for count in counts], busy(), time.monotonic()
    time.sleep(COUNTED)
    after, end = [sum(count) for count in counts], time.monotonic()
    worked = max(loads(ticks, busy()))
    for each in (*out, *far_out, *back, *far_back):
        each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # end by a reset, at once
        each.shutdown(socket.SHUT_RDWR)
        each.close()
    for path in paths:
        path.clear()
    return [800 * WIRE * (b - a) / (end - begin) / RATE for a, b in zip(before, after, strict=True)], worked


def send(connection):
    data = bytes(1 << 18)
    try:
        while True:
            connection.sendall(data)
    except OSError:
        return  # the run is over


def receive(connection, counts, place):
    room = bytearray(1 << 20)
    try:
        while got := connection.recv_into(room):
            counts[place] += got
    except OSError:
        return


def main():
    host = Namespace(new=False)
    paths = [Path(host, 0), Path(host, 1)]

    def one_run(_):
        one, busy_one = share(host, paths, 1)
        four, busy_four = share(host, paths, 4)
        names = ("one_out", "one_in", "four_out", "four_in")
        return dict(zip(names, [*one, *four], strict=True)) | {"busiest_cpu": max(busy_one, busy_four)}

    measure(one_run)


if __name__ == "__main__":
    main()

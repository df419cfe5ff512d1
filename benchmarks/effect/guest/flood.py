"""A flood beside honest requests: what a server answers while it lasts.

CPU 0 is the server: it takes the interrupts of its port and runs what answers. CPU 1 is the rest of the world, in a
namespace with a second port on the same Ethernet: a client with some connections, and pktgen, which sends UDP from
random addresses of one network to a port that is closed.
"""

import contextlib
import os
import select
import socket
import threading
import time
from pathlib import Path

from common import Namespace, busy, loads, measure, run
from packets import FAR_CPU, HOST_ADDRESS, HOST_CPU, Generator, join, nft

PORT, CONNECTIONS, SIZE = 8080, 8, 100
"""Requests and answers have as many bytes, and each connection has one under way."""
RATE = 20_000
"""Packets of the flood a second."""
BEGIN, SECONDS = 0.5, 2.5
"""Of a run: until all is in its stride, and what counts."""
RULES = """table netdev flood {{
    chain first {{
        type filter hook ingress device "{front}" priority filter; policy accept
        ip saddr 198.18.0.0/15 drop
    }}
}}
"""


def main():
    host, far = Namespace(new=False), Namespace()
    front, wire = join(host, far)
    listener = socket.create_server((HOST_ADDRESS, PORT))
    if os.fork() == 0:
        serve(listener)
    os.sched_setaffinity(0, {FAR_CPU})
    with far:
        connections = [socket.create_connection((HOST_ADDRESS, PORT), timeout=10) for _ in range(CONNECTIONS)]
    answers = []
    threading.Thread(target=ask, args=(connections, answers), daemon=True).start()
    network = ("src_min 198.18.0.1", "src_max 198.19.255.254", "flag IPSRC_RND", "udp_dst_min 9", "udp_dst_max 9")
    flood = Generator(far, wire, RATE, *network)

    def one_run(_):
        quiet, _, _ = rates(front, answers, contextlib.nullcontext())
        as_it_is = rates(front, answers, flood)
        nft(RULES.format(front=front))
        ruled = rates(front, answers, flood)
        run("nft", "delete", "table", "netdev", "flood")
        names = ("answered", "taken", "load")
        more = {f"{name}_ruled": value for name, value in zip(names, ruled, strict=True)}
        return {"quiet": quiet, **dict(zip(names, as_it_is, strict=True)), **more}

    measure(one_run)


def rates(front, answers, flood):
    """Answers a second, packets a second that the driver took, and how busy the server's CPU is, in percent."""
    packets = Path(f"/sys/class/net/{front}/statistics/rx_packets")
    with flood:
        time.sleep(BEGIN)
        ticks, before, begin = busy(), (len(answers), int(packets.read_text())), time.perf_counter()
        time.sleep(SECONDS)
        worked, after, end = busy(), (len(answers), int(packets.read_text())), time.perf_counter()
    answered, taken = [(b - a) / (end - begin) for a, b in zip(before, after, strict=True)]
    return answered, taken, loads(ticks, worked)[HOST_CPU]


def serve(listener):
    """Answer on all connections, in a process of its own, until the client is gone."""
    os.sched_setaffinity(0, {HOST_CPU})
    with contextlib.suppress(ConnectionError):
        for connection, data in arriving([listener.accept()[0] for _ in range(CONNECTIONS)]):
            connection.sendall(data)
    os._exit(0)


def ask(connections, answers):
    """Send a request by each connection, and the next when its answer is there."""
    for each in connections:
        each.sendall(bytes(SIZE))
    for connection, data in arriving(connections):
        answers.append(len(data))
        connection.sendall(bytes(SIZE))


def arriving(connections):
    """Each connection that something arrives on, and what, until one ends."""
    with select.epoll() as ready:
        by_number = {each.fileno(): each for each in connections}
        for number in by_number:
            ready.register(number, select.EPOLLIN)
        while True:
            for number, _ in ready.poll():
                data = by_number[number].recv(SIZE)
                if not data:
                    return
                yield by_number[number], data


if __name__ == "__main__":
    main()

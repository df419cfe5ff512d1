"""A connection storm on a listener that pauses: all clients connect and ask before it accepts the first of them.

For some the accept queue has no place, and they have to try again one, three and seven seconds after they first did.
That is done for a listener that asks for as much as it can get, and for one that asks for 511, as nginx
does unless it is told.
"""

import resource
import selectors
import socket
import struct
import time

from common import Namespace, measure, veth

CLIENTS = 6000
"""What 60,000 a second are in 100 ms."""
PATIENCE = 6.0
"""Seconds that clients wait from when the listener goes on."""
HOST, PORT = "198.18.0.1", 443
RESET = b"\1\0\0\0\0\0\0\0"
"""For SO_LINGER: closing ends the connection at once, and nothing stays in TIME_WAIT."""
UNACKED_AT = 24
"""Where `tcpi_unacked` stands in struct tcp_info, behind eight bytes and four numbers of 32 bits."""


def storm(host, clients, backlog):
    """Clients without a place when the listener goes on, and seconds from then until it had accepted all."""
    with host:
        listener = socket.create_server((HOST, PORT), backlog=backlog)
    listener.setblocking(False)
    waiting, accepted = [], []
    with selectors.DefaultSelector() as asked, clients:
        for _ in range(CLIENTS):
            client = socket.socket()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            client.setblocking(False)
            client.connect_ex((HOST, PORT))
            waiting.append(client)
        left_out = CLIENTS - queued(listener)
        begin = time.monotonic()
        drain(listener, accepted)
        while len(accepted) < CLIENTS and time.monotonic() < begin + PATIENCE:
            asked.register(listener, selectors.EVENT_READ)
            asked.select(begin + PATIENCE - time.monotonic())
            asked.unregister(listener)
            drain(listener, accepted)
        seconds = time.monotonic() - begin
    for each in [*waiting, *accepted, listener]:
        each.close()
    return left_out, min(seconds, PATIENCE)


def queued(listener):
    """Connections in the accept queue: `tcpi_unacked` of a listener (tcp_get_info in net/ipv4/tcp.c)."""
    return struct.unpack_from("=I", listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104), UNACKED_AT)[0]


def drain(listener, accepted):
    while True:
        try:
            accepted.append(listener.accept()[0])
        except BlockingIOError:
            return


def main():
    resource.setrlimit(resource.RLIMIT_NOFILE, (3 * CLIENTS, 3 * CLIENTS))
    host, clients = Namespace(new=False), Namespace()
    veth((host, "path0", f"{HOST}/24"), (clients, "wan", "198.18.0.2/24"))
    clients.set(ip_local_port_range="1024 65535")

    def one_run(_):
        left_out, seconds = storm(host, clients, 65535)
        modest, _ = storm(host, clients, 511)
        return {"left_out": left_out, "seconds": seconds, "left_out_of_511": modest}

    measure(one_run)


if __name__ == "__main__":
    main()

"""Short outgoing connections to one destination, which the host closes first, so that each keeps its port for a minute.

Each run has a namespace of its own with the host's values of net.ipv4, since ports of the run before would be busy.
There each port is used once first, as the minute before may leave it: 28,232 ports are 470 connections a second.
"""

import errno
import socket
import time
from pathlib import Path

from common import Namespace, measure, veth

SECONDS = 4.0
"""Of a run."""
WINDOW = 500
"""Ports filled at once: the kernel tries one after the other, which is slow in a large range that is nearly full."""
RANGE = "ip_local_port_range"
SERVER, PORT = "198.18.0.2", 8080


def one_run(_):
    host, far = like_the_host(), Namespace()
    veth((host, "path0", "198.18.0.1/24"), (far, "wan", f"{SERVER}/24"))
    with far:
        listener = socket.create_server((SERVER, PORT))
    with host, listener:
        fill(host, listener)
        made = failed = 0
        begin = time.monotonic()
        while (now := time.monotonic()) < begin + SECONDS:
            if connection(listener):
                made += 1
            else:
                failed += 1
    host.close()
    far.close()
    return {"failed": 100 * failed / (made + failed), "rate": made / (now - begin)}


def fill(host, listener):
    """Use each port of the host's range once."""
    path = Path("/proc/sys/net/ipv4", RANGE)
    text = path.read_text()
    first, last = (int(word) for word in text.split())
    for low in range(first, last + 1, WINDOW):
        high = min(low + WINDOW - 1, last)
        host.set(**{RANGE: f"{low} {high}"})
        for _ in range(low, high + 1):
            connection(listener)
    path.write_text(text)


def connection(listener):
    """One connection that the host closes first; False where there was no port for it."""
    with socket.socket() as client:
        try:
            client.connect((SERVER, PORT))
        except OSError as refusal:
            if refusal.errno != errno.EADDRNOTAVAIL:
                raise
            return False
        server, _ = listener.accept()
    server.close()
    return True


def like_the_host():
    """A new namespace with what the one of the host has set for TCP and its ports."""
    folder = Path("/proc/sys/net/ipv4")
    keys = [path.name for pattern in ("tcp_*", "ip_local_*") for path in folder.glob(pattern)]
    values = {key: (folder / key).read_text() for key in keys}
    made = Namespace()
    with made:
        for key, value in values.items():
            path = folder / key
            if path.exists() and path.stat().st_mode & 0o200 and path.read_text() != value:
                path.write_text(value)
    return made


if __name__ == "__main__":
    measure(one_run)

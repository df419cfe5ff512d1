"""Short outgoing connections to one destination, which the host closes first, so that each keeps its port for a minute.

Before the runs each port is used once, as the minute before may leave it: 28,232 ports are 470 connections a second.
The runs follow at once, within the minute.
"""

import errno
import os
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from common import Namespace, measure, veth

SECONDS = 3.0
"""Of a run."""
WINDOW = 500
"""Ports filled at once: the kernel tries one after the other, which is slow in a large range that is nearly full."""
RANGE = "ip_local_port_range"
SERVER, PORT = "198.18.0.2", 8080


def fill(host, listener):
    """Use each port of the host's range once."""
    path = Path("/proc/sys/net/ipv4", RANGE)
    text = path.read_text()
    first, last = (int(word) for word in text.split())
    cpus = os.cpu_count()

    def fill_some(ports):
        for _ in range(ports):
            connection(listener)

    # The first ports are free again a minute later, so that no CPU may be idle meanwhile.
    with ThreadPoolExecutor(cpus) as pool:
        for low in range(first, last + 1, WINDOW):
            high = min(low + WINDOW - 1, last)
            host.set(**{RANGE: f"{low} {high}"})
            ports = high + 1 - low
            list(pool.map(fill_some, [ports * (each + 1) // cpus - ports * each // cpus for each in range(cpus)]))
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


def main():
    host, far = Namespace(new=False), Namespace()
    veth((host, "path0", "198.18.0.1/24"), (far, "wan", f"{SERVER}/24"))
    with far:
        listener = socket.create_server((SERVER, PORT))
    fill(host, listener)

    def one_run(_):
        made = failed = 0
        begin = time.monotonic()
        while (now := time.monotonic()) < begin + SECONDS:
            if connection(listener):
                made += 1
            else:
                failed += 1
        return {"failed": 100 * failed / (made + failed), "rate": made / (now - begin)}

    measure(one_run)


if __name__ == "__main__":
    main()

"""A burst of datagrams while their reader is away: how many it finds when it comes back.

The sender is in a namespace of its own behind a veth. A burst is half a mebibyte of datagrams of one size, and ends
before the reader reads the first, as when it waits for a disk.
"""

import contextlib
import socket

from common import Namespace, measure, veth

BURST = 512 << 10
"""Bytes of all datagrams, without headers."""
ASKED = 8 << 20
"""What the reader asks for by SO_RCVBUF that asks at all; the kernel cuts it to net.core.rmem_max."""
FRONT = "02:00:00:00:0f:01"
"""The host's port, as hosts/udp_burst.net has it."""
READER, SENDER, PORT = "198.51.100.1", "198.51.100.2", 8125


def main():
    host, far = Namespace(new=False), Namespace()
    veth((host, "front", f"{READER}/24", FRONT), (far, "wire", f"{SENDER}/24"))
    with far:
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.connect((READER, PORT))

    def one_run(_):
        return {
            "plain_100": lost(sender, 100, None),
            "asking_100": lost(sender, 100, ASKED),
            "plain_1200": lost(sender, 1200, None),
            "plain_40": lost(sender, 40, None),
        }

    measure(one_run)


def lost(sender, size, asked):
    """The share of a burst that the reader does not find, in percent."""
    count, found = BURST // size, 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as reader:
        if asked:
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, asked)
        reader.bind((READER, PORT))
        for _ in range(count):
            sender.send(bytes(size))
        reader.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while reader.recv(size):
                found += 1
    return 100 * (count - found) / count


if __name__ == "__main__":
    main()

"""Packets on the one queue of a virtio port: those that the host's stack gets through, and on which CPU.

A second port on the same Ethernet, in a namespace of its own, sends many UDP flows from a CPU that the queue does not
interrupt. Each packet meets conntrack and a list of addresses, one rule each: work that is worth spreading.
"""

import socket
import time
from pathlib import Path

from common import Namespace, measure
from packets import FAR_ADDRESS, HOST_ADDRESS, Generator, join, nft, nft_packets

PORT = 8125
RATE = 20_000
"""Packets a second."""
LISTED = [f"203.0.{113 + number // 250}.{number % 250}" for number in range(500)]
"""Addresses that are not let in, as programs list them that watch logs: one rule each."""
BEGIN, SECONDS = 1.0, 4.0
"""Of a run: until all is in its stride, and what counts."""
RULES = """table inet host {{
    counter handled {{ }}
    chain input {{
        type filter hook input priority filter; policy accept
        ct state invalid drop
        {listed}
        udp dport {port} counter name "handled" accept
    }}
}}
"""


def main():
    host, far = Namespace(new=False), Namespace()
    _, wire = join(host, far)
    nft(RULES.format(listed="; ".join(f"ip saddr {address} drop" for address in LISTED), port=PORT))
    reader = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)  # that reads nothing: its buffer is full at once
    reader.bind((HOST_ADDRESS, PORT))
    flows = ("flag UDPSRC_RND", "udp_src_min 1024", "udp_src_max 5119", f"udp_dst_min {PORT}", f"udp_dst_max {PORT}")
    source = (f"src_min {FAR_ADDRESS}", f"src_max {FAR_ADDRESS}")
    sender = Generator(far, wire, RATE, *source, *flows)

    def one_run(_):
        with sender:
            time.sleep(BEGIN)
            before, begin = (nft_packets("handled"), processed()), time.perf_counter()
            time.sleep(SECONDS)
            after, end = (nft_packets("handled"), processed()), time.perf_counter()
        by_cpu = [b - a for a, b in zip(before[1], after[1], strict=True)]
        return {"handled": (after[0] - before[0]) / (end - begin), "busiest": 100 * max(by_cpu) / sum(by_cpu)}

    measure(one_run)


def processed():
    """Packets that each CPU took through the stack: the first column of softnet_stat (net/core/net-procfs.c)."""
    return [int(line.split()[0], 16) for line in Path("/proc/net/softnet_stat").read_text().splitlines()]


if __name__ == "__main__":
    main()

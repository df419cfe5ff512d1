"""A stateful firewall, and more connections through it than the kernel's own table holds.

Clients are on the left, servers on the right, in namespaces without addresses: three rings of frames play them, with
SYNs, their answers, and the ACKs that end the handshakes. The host forwards between them by rules that know states.
"""

import socket
import struct
import time
from pathlib import Path

from common import Namespace, measure, veth
from packets import Ring, nft, nft_packets

CONNECTIONS, AT_ONCE = 20_000, 500
"""In all, and how many handshakes are under way at a time."""
CLIENTS = [f"10.1.0.{number}" for number in range(2, 6)]
SERVER = "10.2.0.2"
OUTSIDE, INSIDE = "02:00:00:00:0f:01", "02:00:00:00:0f:02"
"""The host's ports, as hosts/firewall.net has them."""
LEFT, RIGHT = "02:00:00:00:0f:11", "02:00:00:00:0f:12"
RULES = """table inet firewall {
    counter acknowledged { }
    chain forward {
        type filter hook forward priority filter; policy drop
        iifname "outside" ct state established counter name "acknowledged" accept
        ct state established accept
        iifname "outside" tcp dport 443 tcp flags & (syn | ack) == syn ct state new accept
    }
}
"""
KEYS = Path("/proc/sys/net/netfilter")
SYN, ACK = 0x02, 0x10


def main():
    host, left, right = Namespace(new=False), Namespace(), Namespace()
    lay_wires(host, left, right)
    syns, answers, acks = frames()
    rings = Ring(left, "wire", syns), Ring(right, "wire", answers), Ring(left, "wire", acks)
    room = int((KEYS / "nf_conntrack_max").read_text())

    def one_run(_):
        lost, entries, chain = opened(rings)
        empty_table()
        if room < CONNECTIONS:  # what is often advised: more entries, and the buckets stay
            (KEYS / "nf_conntrack_max").write_text(str(CONNECTIONS))
        _, _, raised_chain = opened(rings)
        begin = time.perf_counter()
        rings[2].send(CONNECTIONS)
        rate = CONNECTIONS / (time.perf_counter() - begin)
        empty_table()
        if room < CONNECTIONS:
            (KEYS / "nf_conntrack_max").write_text(str(room))
        return {"lost": lost, "entries": entries, "chain": chain, "raised_chain": raised_chain, "raised_rate": rate}

    measure(one_run)


def lay_wires(host, left, right):
    """The far ends have addresses that nobody uses: what is sent to those of clients and servers meets no stack."""
    veth((host, "outside", "10.1.0.1/24", OUTSIDE), (left, "wire", "10.1.0.254/24", LEFT))
    veth((host, "inside", "10.2.0.1/24", INSIDE), (right, "wire", "10.2.0.254/24", RIGHT))
    for name, mac, addresses in (("outside", LEFT, CLIENTS), ("inside", RIGHT, [SERVER])):
        for address in addresses:
            host.run(*f"ip neighbour replace {address} lladdr {mac} dev {name} nud permanent".split())
    host.set(ip_forward=1)  # default and tuned leave that to whoever makes a router
    nft(RULES)


def opened(rings):
    """Connections lost, entries, mean entries of a bucket, after all handshakes; an entry is in two chains."""
    before = nft_packets("acknowledged")
    for _ in range(CONNECTIONS // AT_ONCE):
        for ring in rings:
            ring.send(AT_ONCE)
    entries, buckets = (int((KEYS / f"nf_conntrack_{key}").read_text()) for key in ("count", "buckets"))
    return CONNECTIONS - (nft_packets("acknowledged") - before), entries, 2 * entries / buckets


def empty_table():
    """The message IPCTNL_MSG_CT_DELETE of nfnetlink without attributes (net/netfilter/nf_conntrack_netlink.c)."""
    netfilter, conntrack, delete, request, acknowledge = 12, 1, 2, 1, 4
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, netfilter) as kernel:
        kernel.send(struct.pack("=IHHIIBBH", 20, conntrack << 8 | delete, request | acknowledge, 1, 0, 0, 0, 0))
        (error,) = struct.unpack_from("=i", kernel.recv(4096), 16)
    if error:
        raise OSError(-error, "the table was not emptied")


def frames():
    """The SYN, its answer and its acknowledgement of each connection."""
    made = [], [], []
    for number in range(CONNECTIONS):
        client = CLIENTS[number % len(CLIENTS)], 10_000 + number // len(CLIENTS)
        for steps, here, there, source, target, numbers, flags in (
            (made[0], LEFT, OUTSIDE, client, (SERVER, 443), (1000, 0), SYN),
            (made[1], RIGHT, INSIDE, (SERVER, 443), client, (5000, 1001), SYN | ACK),
            (made[2], LEFT, OUTSIDE, client, (SERVER, 443), (1001, 5001), ACK),
        ):
            steps.append(ethernet(here, there) + segment(source, target, numbers, flags))
    return made


def ethernet(source, target):
    return bytes.fromhex((target + source).replace(":", "")) + b"\x08\x00"


def segment(source, target, numbers, flags):
    """An IPv4 packet with a TCP segment without data; conntrack looks at both checksums."""
    addresses = socket.inet_aton(source[0]) + socket.inet_aton(target[0])
    head = struct.pack("!BBHHHBBH", 0x45, 0, 40, 0, 0x4000, 64, socket.IPPROTO_TCP, 0) + addresses
    head = head[:10] + checksum(head) + head[12:]
    tcp = struct.pack("!HHIIBBHHH", source[1], target[1], *numbers, 0x50, flags, 0xFFFF, 0, 0)
    return head + tcp[:16] + checksum(addresses + struct.pack("!HH", socket.IPPROTO_TCP, 20) + tcp) + tcp[18:]


def checksum(data):
    return struct.pack("!H", 0xFFFF - sum(struct.unpack(f"!{len(data) // 2}H", data)) % 0xFFFF)


if __name__ == "__main__":
    main()

"""The inputs that are measured, made anew for every run of the benchmark."""

from __future__ import annotations

SMALL = """\
host web-1 {
    system { distribution debian 12; memory 64GiB }
    cpu { sockets 1; cores 16; threads 2 }
    nic n0 { match mac 3c:fd:fe:9e:7a:10; driver ice; speed 25Gbps; node 0; mtu 9000 }
    nic n1 { match mac 3c:fd:fe:9e:7a:11; driver ice; speed 25Gbps; node 0; mtu 9000 }
    nic n2 { match mac 3c:fd:fe:9e:7a:12; driver ice; speed 25Gbps; node 0; mtu 9000 }
    nic n3 { match mac 3c:fd:fe:9e:7a:13; driver ice; speed 25Gbps; node 0; mtu 9000 }
    goal web-server { throughput 20Gbps; connections 300k; connection-rate 20k/s; rtt 40ms; flow 1Gbps }
}
"""
"""One host of four NICs, as netplan gets it below: recognised by MAC, renamed, with an MTU."""

NETPLAN = """\
network:
  version: 2
  ethernets:
    n0: {match: {macaddress: "3c:fd:fe:9e:7a:10"}, set-name: n0, mtu: 9000, addresses: [192.0.2.1/26]}
    n1: {match: {macaddress: "3c:fd:fe:9e:7a:11"}, set-name: n1, mtu: 9000, addresses: [192.0.2.65/26]}
    n2: {match: {macaddress: "3c:fd:fe:9e:7a:12"}, set-name: n2, mtu: 9000, addresses: [192.0.2.129/26]}
    n3: {match: {macaddress: "3c:fd:fe:9e:7a:13"}, set-name: n3, mtu: 9000, addresses: [192.0.2.193/26]}
"""

EDGE = """\
profile edge {
    system { distribution debian 12; memory 256GiB }
    cpu { sockets 2; cores 16; threads 2 }
    goal load-balancer {
        throughput 80Gbps
        packets 4Mpps
        connections 2M
        connection-rate 150k/s
        flow 1Gbps
        rtt 40ms
    }
    set net.core.somaxconn = 16384 because "the proxy listens with backlog 16384"
}
"""


def unlike(hosts: int) -> str:
    """Hosts of one profile that differ in the addresses and queues of their NICs and in their goals."""
    return EDGE + "".join(map(_own, range(hosts)))


def _own(number: int) -> str:
    address = f"{number >> 8:02x}:{number & 255:02x}"
    return f"""\
host lb-{number:05d}.example.net : edge {{
    nic front {{ match mac 3c:fd:fe:00:{address}; driver ice; speed 100Gbps; node 0 }}
    nic back {{ match mac 3c:fd:fe:01:{address}; driver mlx5_core; speed 100Gbps; node 1; queues {8 + number % 8} }}
    goal load-balancer {{ connections {1_000_000 + 100 * number}; rtt {20 + number % 50}ms }}
}}
"""


def alike(hosts: int) -> str:
    """Hosts of one range, which differ in nothing but their names."""
    return f"""\
{EDGE}
host lb-[{1:05d}..{hosts:05d}].example.net : edge {{
    nic front {{ match pci 0000:18:00.0; driver ice; speed 100Gbps; node 0 }}
    nic back {{ match pci 0000:86:00.0; driver mlx5_core; speed 100Gbps; node 1; queues 8 }}
}}
"""


def many_nics(count: int) -> str:
    """One host with that many NICs, half of them on each node."""
    lines = [
        f"    nic n{i} {{ match pci {i >> 8:04x}:{i & 255:02x}:00.0; driver ice; speed 25Gbps; node {i % 2} }}\n"
        for i in range(count)
    ]
    return f"""\
host big {{
    system {{ distribution debian 12; memory 1TiB }}
    cpu {{ sockets 2; cores 64; threads 2 }}
    goal proxy {{ throughput 20Gbps; connections 1M }}
{"".join(lines)}}}
"""


def many_cpus(count: int) -> str:
    """One host of two threads a core and a node for every 32 cores, as far as eight nodes."""
    sockets = min(8, count // 64)
    return f"""\
host wide {{
    system {{ distribution debian 12; memory 1TiB }}
    cpu {{ sockets {sockets}; cores {count // 2 // sockets}; threads 2; housekeeping 1 core per node }}
    nic front {{ match pci 0000:18:00.0; driver ice; speed 100Gbps; node 0 }}
    nic back {{ match pci 0000:86:00.0; driver ice; speed 100Gbps; node 0 }}
    goal proxy {{ throughput 80Gbps; packets 8Mpps; connections 1M }}
}}
"""

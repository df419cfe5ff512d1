"""What each form takes and what it refuses, with code and the exact place."""

from __future__ import annotations

import pytest
from written import block_with_report, mistakes, value

from netc.cpulist import CpuSet
from netc.language.sentences import (
    Amount,
    Assignment,
    FlowRule,
    HousekeepingRule,
    KernelArgument,
    Pages,
    Release,
)

READ: list[tuple[str, str, object]] = [
    ("system", "memory 256GiB", 256 << 30),
    ("system", "memory 1.5GB", 1_500_000_000),
    ("system", "page 4KiB", 4096),
    ("system", "kernel 6.10", "6.10"),
    ("system", "kernel 6.12.3", "6.12.3"),
    ("system", "systemd 252", 252),
    ("system", "distribution debian 12", Release("debian", "12")),
    ("system", "distribution Ubuntu 24.04", Release("ubuntu", "24.04")),
    ("system", "distribution arch", Release("arch", "")),
    ("cpu", "smt off", False),
    ("cpu", "offline 3,5-7", CpuSet.parse("3,5-7")),
    ("cpu", "offline 0-31:2/4", CpuSet.parse("0-31:2/4")),
    ("cpu", "offline 0, 2,\n4", CpuSet.of([0, 2, 4])),
    ("cpu", "isolate rest", "rest"),
    ("cpu", "isolate 8-15", CpuSet.parse("8-15")),
    ("cpu", "housekeeping 0,32", CpuSet.parse("0,32")),
    ("cpu", "housekeeping 7", CpuSet.of([7])),
    ("cpu", "housekeeping 1 core", HousekeepingRule(1, per_node=False)),
    ("cpu", "housekeeping 2 cores per node", HousekeepingRule(2, per_node=True)),
    ("match", "pci 18:00.0", "0000:18:00.0"),
    ("match", "pci 0000:AF:1f.7", "0000:af:1f.7"),
    ("match", "pci 10000:18:00.0", "10000:18:00.0"),
    ("match", "mac 3C:FD:fe:9e:7a:10", "3c:fd:fe:9e:7a:10"),
    ("match", "driver mlx5_core", "mlx5_core"),
    ("match", "vmbus F8615163-df3e-46c5-913f-f2d2f965ed0e", "f8615163-df3e-46c5-913f-f2d2f965ed0e"),
    ("match", "vf 0 of front", (0, "front")),
    ("match", "name match", "match"),
    ("nic", "rename keep", "keep"),
    ("nic", "rename front0", "front0"),
    ("nic", "management", True),
    ("nic", "queues max", "max"),
    ("nic", "speed 2.5Gbps", 2_500_000_000),
    ("nic", "steer tcp port 443 to queue 3", FlowRule("tcp", "", None, 443, 3)),
    (
        "nic",
        "steer udp4 from 192.0.2.0/24 source-port 53 port 99 to drop",
        FlowRule("udp4", "192.0.2.0/24", 53, 99, None),
    ),
    ("coalesce", "rx 0us", 0),
    ("coalesce", "rx 1.5us", 1500),
    ("rss", "hash udp4 src-dst-ports", ("udp4", "src-dst-ports")),
    ("rss", "weight 1,1,2,2", (1, 1, 2, 2)),
    ("rss", "queues all", "all"),
    ("irq", "cpus isolated", "isolated"),
    ("xdp", "maps a, b,a", ("a", "b")),
    ("xdp", 'pin "/x"', "/x"),
    ("xdp", "drop 192.0.2.0/24, 2001:DB8::/32", ("prefixes", "192.0.2.0/24", "2001:db8::/32")),
    ("xdp", 'drop from "bogons.txt"', ("from", "bogons.txt")),
    ("goal", "packets 12Mpps", 12_000_000),
    ("goal", "connections 2M", 2_000_000),
    ("goal", "connections 470", 470),
    ("goal", "connection-rate 150k/s", 150_000),
    ("goal", "latency low", "low"),
    ("goal", "latency 50us", 50_000),
    ("goal", "lifetime 1min", 60 * 10**9),
    ("goal", "listen 80,443,80", (80, 443)),
    ("interface", "over front,\n    back", ("front", "back")),
    ("host-dpdk", "memory 4GiB on node 1", Amount(4 << 30, 1)),
    ("host-dpdk", "memory 4GiB", Amount(4 << 30, None)),
    ("host-dpdk", 'devargs front "a=1"', ("front", "a=1")),
    ("hugepages", "1GiB 8 on node 0", Pages(1 << 30, 8, 0)),
    ("hugepages", "2MiB 512", Pages(2 << 20, 512, None)),
    ("host", 'hardware "a \\"b\\" \\\\"', 'a "b" \\'),
    (
        "host",
        'set net.ipv4.tcp_rmem = 4096 131072 6291456 because "x"',
        Assignment("net.ipv4.tcp_rmem", "4096 131072 6291456", "x"),
    ),
    ("host", 'set net/core/x=64MiB because "x"', Assignment("net/core/x", "64MiB", "x")),
    ("host", 'set a.b = "two words" 1, 2 because "x"', Assignment("a.b", "two words 1,2", "x")),
    ("host", 'kernel-argument "isolcpus=1-3,5" because "x"', KernelArgument("isolcpus=1-3,5", "x")),
]

REFUSED = [
    ("system", "memory", "N0106", "memory"),
    ("system", "memory 256", "N0109", "256"),
    ("system", "memory 10Gbps", "N0109", "10Gbps"),
    ("system", "memory 3gib", "N0109", "3gib"),
    ("system", "memory 0B", "N0110", "0B"),
    ("system", "memory big", "N0107", "big"),
    ("system", 'memory "256GiB"', "N0107", '"256GiB"'),
    ("system", "memory 1GiB 2GiB", "N0108", "2GiB"),
    ("system", "memory 1GiB { a }", "N0112", "{"),
    ("system", "memory 1GiB,", "N0108", ","),
    ("system", "kernel six", "N0107", "six"),
    ("system", "kernel 6", "N0107", "6"),
    ("system", "kernel 6.1.2.3", "N0107", "6.1.2.3"),
    ("system", "systemd 20", "N0110", "20"),
    ("system", "systemd 2k", "N0107", "2k"),
    ("system", "systemd " + "9" * 30, "N0110", "9" * 30),
    ("system", "systemd ٣٠٠", "N0107", "٣٠٠"),
    ("system", "boot lilo", "N0107", "lilo"),
    ("system", "boot = grub", "N0107", "="),
    ("cpu", "smt yes", "N0107", "yes"),
    ("cpu", "offline 3-1", "N0114", "3-1"),
    ("cpu", "offline 1,x,3", "N0114", "1,x,3"),
    ("cpu", "offline 1,", "N0106", "offline 1,"),
    ("cpu", "offline 9000", "N0114", "9000"),
    ("cpu", "isolate rst", "N0107", "rst"),
    ("cpu", "isolate", "N0106", "isolate"),
    ("cpu", "housekeeping 1 core each", "N0108", "each"),
    ("cpu", "housekeeping 1 core per socket", "N0107", "socket"),
    ("cpu", "housekeeping 0 cores", "N0110", "0"),
    ("match", "pci 0000:18:20.0", "N0107", "0000:18:20.0"),
    ("match", "pci 18:00.8", "N0107", "18:00.8"),
    ("match", "mac 3c:fd:fe:9e:7a", "N0107", "3c:fd:fe:9e:7a"),
    ("match", "driver -v", "N0107", "-v"),
    ("match", "name lo", "N0113", "lo"),
    ("match", "name 123", "N0113", "123"),
    ("match", "name sixteen-letters0", "N0113", "sixteen-letters0"),
    ("match", "vf 0 front", "N0107", "front"),
    ("match", "vf 0 of", "N0106", "vf 0 of"),
    ("nic", "management on", "N0108", "on"),
    ("nic", "steer icmp to queue 1", "N0107", "icmp"),
    ("nic", "steer tcp port 443 queue 3", "N0107", "queue"),
    ("nic", "steer tcp port 0 to queue 3", "N0110", "0"),
    ("nic", "steer tcp from 192.0.2.1/24 to drop", "N0120", "192.0.2.1/24"),
    ("rss", "hash tcp src-dst", "N0107", "tcp"),
    ("rss", "weight 1,,2", "N0107", ","),
    ("xdp", "pin /x", "N0107", "/x"),
    ("xdp", r'pin "\n"', "N0009", r'"\n"'),
    ("xdp", 'pin "a\tb"', "N0010", '"a\tb"'),
    ("xdp", 'pin "a\u0085b"', "N0010", '"a\u0085b"'),
    ("xdp", "drop 192.0.2.0/24,", "N0106", "drop 192.0.2.0/24,"),
    ("goal", "connections 150K", "N0109", "150K"),
    ("goal", "connection-rate 150k", "N0109", "150k"),
    ("goal", "packets 12M", "N0109", "12M"),
    ("goal", "rtt 0.5ns", "N0109", "0.5ns"),
    ("goal", "listen 80 443", "N0108", "443"),
    ("goal", "listen 70000", "N0110", "70000"),
    ("hugepages", "1GiB on node 0", "N0107", "on"),
    ("hugepages", "1GiB 8 on 0", "N0107", "0"),
    ("host", "hardware a.yaml", "N0107", "a.yaml"),
    ("host", "set somaxconn = 1", "N0117", "somaxconn"),
    ("host", "set a.b 1", "N0107", "1"),
    ("host", "set a.b = because", "N0106", "set a.b = because"),
    ("host", "set a.b = 1", "N0116", "set a.b = 1"),
    ("host", "set a.b = 1 because", "N0106", "set a.b = 1 because"),
    ("host", "set a.b = 1 because x", "N0107", "x"),
    ("host", 'set a.b = "$(x)" because "y"', "N0118", '"$(x)"'),
    ("host", 'kernel-argument "a b" because "y"', "N0119", '"a b"'),
    ("host", 'kernel-argument "a"', "N0116", 'kernel-argument "a"'),
    ("host", 'kernel-argument "$x" because "y"', "N0119", '"$x"'),
]


@pytest.mark.parametrize(("kind", "text", "wanted"), READ, ids=[text for _, text, _ in READ])
def test_form_reads(kind: str, text: str, wanted: object) -> None:
    found = value(kind, text)
    assert found == wanted
    assert type(found) is type(wanted)


@pytest.mark.parametrize(("kind", "text", "code", "place"), REFUSED, ids=[text for _, text, _, _ in REFUSED])
def test_form_refuses(kind: str, text: str, code: str, place: str) -> None:
    assert mistakes(kind, text) == [(code, place)]


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        ("rings", "rx 4k", ("`4096`", "`4000`")),
        ("rings", "rx 1M", ("`1048576`", "`1000000`")),
        ("goal", "rtt 40", ("`ms`", "`us`")),
        ("goal", "rtt 40Mbps", ("`ms`", "`us`")),
        ("system", "boot grubb", ("did you mean `grub`?",)),
        ("nic", "irq atuo", ("did you mean `auto`?",)),
        ("cpu", "isolate rset", ("did you mean `rest`?",)),
    ],
)
def test_help_names_what_can_be_typed(kind: str, text: str, words: tuple[str, ...]) -> None:
    _, (diagnostic,) = block_with_report(kind, text)
    assert all(word in " ".join(diagnostic.help) for word in words), diagnostic.help

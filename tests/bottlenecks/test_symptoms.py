"""Each bottleneck on a made machine: it alone is named, and what is proposed for it compiles and reaches further."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from counted_machine import Counts, changed, connection, diagnosed, quiet

from netc.bottlenecks.examining import RULES
from netc.bottlenecks.surroundings import Listener, Qdisc
from netc.knowledge.bottlenecks import symptoms
from running import netc

if TYPE_CHECKING:
    from pathlib import Path


def times(*busy: tuple[int, int, int, int]) -> list[list[int]]:
    """200 ticks on, of user, system, idle and softirq for each CPU."""
    start = quiet()["times"]
    return [
        [s[0] + b[0], s[1], s[2] + b[1], s[3] + b[2], s[4], s[5], s[6] + b[3], s[7]]
        for s, b in zip(start, busy, strict=True)
    ]


IDLE = (0, 5, 195, 0)


def later(**changes: Any) -> Counts:
    """Two seconds of little to do, but for the changes."""
    return changed(quiet(), **{"times": times(IDLE, IDLE, IDLE, IDLE), **changes})


@dataclass
class Case:
    """A machine two seconds later, and what must be said of it."""

    symptom: str
    after: Counts
    evidence: str
    cause: str
    statement: str
    planned: dict[str, str] = field(default_factory=dict)
    """Settings of the plan that come of the statement."""
    more: dict[str, Any] = field(default_factory=dict)
    before: Counts = field(default_factory=quiet)


TIGHT = {"settings": {"net/ipv4/ip_local_port_range": "50000\t50099"}}
WAITING = [connection(f"0109000A:{50000 + n:04X}", "0209000A:1F90", "06", 55) for n in range(95)]

CASES = {
    "interrupt-overload by time": Case(
        "interrupt-overload",
        later(
            softnet=[[1_000_000, 0, 10], [1_000_000, 0, 10], [1_300_000, 0, 900], [1_001_000, 0, 10]],
            times=times(IDLE, IDLE, (0, 10, 20, 170), IDLE),
            dev={"eth0": (4_300_500, 2_000_000)},
            interrupts={40: [0, 0, 540_000, 0], 41: [0, 0, 10_000, 500_000]},
        ),
        "CPU 2: 85 % of its time in softirq, 10 % idle",
        "the queues in use of eth0 all interrupt CPU 2",
        "nic eth0 { rps on }",
    ),
    "interrupt-overload by packets": Case(
        "interrupt-overload",
        later(
            softnet=[[1_000_000, 0, 10], [1_000_000, 0, 10], [1_200_000, 0, 10], [1_001_000, 0, 10]],
            times=times(IDLE, IDLE, (120, 50, 0, 30), IDLE),
            dev={"eth0": (4_200_500, 2_000_000)},
        ),
        "it handled 200,000 (100,000/s) of 201,000 packets",
        "the others cannot help",
        "nic eth0 { rps on }",
    ),
    "softirq-budget": Case(
        "softirq-budget",
        later(
            softnet=[[1_050_000, 0, 10], [1_050_000, 0, 510], [1_050_000, 0, 10], [1_050_000, 0, 10]],
            dev={"eth0": (4_200_000, 2_000_000)},
        ),
        "time_squeeze of CPU 1 grew by 500 (250/s); netdev_budget is 300",
        "one round of receiving ends",
        'set net.core.netdev_budget = 600 because "time_squeeze grows by 250/s on CPU 1"',
        {"net.core.netdev_budget": "600"},
    ),
    "backlog": Case(
        "backlog",
        later(
            softnet=[[1_050_000, 4000, 10], [1_050_000, 0, 10], [1_050_000, 0, 10], [1_050_000, 0, 10]],
            dev={"eth0": (4_200_000, 2_000_000)},
        ),
        "CPU 0 dropped 4,000 (2,000/s); netdev_max_backlog is 1,000",
        "had netdev_max_backlog packets waiting",
        'set net.core.netdev_max_backlog = 2000 because "softnet_stat dropped grows by 2000/s on CPU 0"',
        {"net.core.netdev_max_backlog": "2000"},
    ),
    "rings by statistics": Case(
        "rings",
        later(dev={"eth0": (4_099_000, 2_000_000)}, statistics={"rx_missed_errors": 1007}),
        "eth0 lost 1,000 (500/s), 1.0 % of what arrived",
        "come too late",
        "nic eth0 { rings { rx max }; queues auto }",
        {"ring.rx": "max"},
    ),
    "rings by the driver": Case(
        "rings",
        later(dev={"eth0": (4_099_000, 2_000_000)}),
        "eth0 lost 1,000 (500/s), 1.0 % of what arrived",
        "come too late",
        "nic eth0 { rings { rx max }; queues auto }",
        more={"rings": {"eth0": 1000}},
    ),
    "numa-crossings": Case(
        "numa-crossings",
        later(interrupts={40: [9_000, 0, 500_500, 0], 41: [0, 500, 0, 500_000]}),
        "9,500 (4,750/s) of its 10,000 interrupts went to CPUs of other nodes, 95 %",
        "by irqbalance",
        "nic eth0 { node 1; irq { cpus 2-3 } }",
    ),
    "socket-memory of TCP": Case(
        "socket-memory",
        later(sockstat="TCP: inuse 40 orphan 0 tw 60 alloc 90 mem 1024000\nUDP: inuse 8 mem 20"),
        "TCP sockets hold 1,024,000 pages; tcp_mem sets 1,024,000",
        "programs leave data unread",
        'set net.ipv4.tcp_mem = 1536000 2048000 3072000 because "TCP sockets hold 1,024,000 of 1,024,000 pages"',
        {"net.ipv4.tcp_mem": "1536000 2048000 3072000"},
    ),
    "socket-memory of UDP": Case(
        "socket-memory",
        later(Udp__MemErrors=400),
        "Udp MemErrors grew by 400 (200/s)",
        "programs leave data unread",
        'set net.ipv4.udp_mem = 3072000 4096000 6144000 because "UDP sockets hold 20 of 3,072,000 pages"',
    ),
    "conntrack-table by its size": Case(
        "conntrack-table",
        later(conntrack={"entries": 236_000}),
        "236,000 of 262,144 entries",
        "outlive a closed connection",
        "goal firewall { connections 530k }",
        {"net.netfilter.nf_conntrack_max": "636000"},
    ),
    "conntrack-table by drops": Case(
        "conntrack-table",
        later(conntrack={"early_drop": 30, "drop": 10}),
        "40 (20/s) connections were dropped or pushed out",
        "outlive a closed connection",
        "goal firewall { connections 530k }",
    ),
    "accept-queue of the program": Case(
        "accept-queue",
        later(TcpExt__ListenOverflows=13, Tcp__PassiveOpens=5000),
        "port 80: 6 connections waiting for accept, 6 fit (backlog 5)",
        "asked listen(2) for a backlog of 5",
        "goal general { connection-rate 4.1k/s }",
        more={"listeners": (Listener("80", 6, 5), Listener("22", 0, 128))},
    ),
    "accept-queue of the kernel": Case(
        "accept-queue",
        later(TcpExt__ListenOverflows=13),
        "TcpExt ListenOverflows grew by 10 (5/s)",
        "somaxconn is 4,096 and bounds",
        "goal general { connection-rate 78k/s }",
        {"net.core.somaxconn": "8192"},
        more={"listeners": (Listener("80", 4097, 4096),)},
    ),
    "syn-queue": Case(
        "syn-queue",
        later(TcpExt__TCPReqQFullDoCookies=803),
        "800 (400/s) SYNs found the queue of handshakes full",
        "a SYN flood",
        "goal general { connection-rate 78k/s }",
    ),
    "syn-queue without cookies": Case(
        "syn-queue",
        later(TcpExt__TCPReqQFullDrop=803, settings={"net/ipv4/tcp_syncookies": "0"}),
        "0 (0/s) were answered with a SYN cookie",
        "a SYN flood",
        'set net.ipv4.tcp_syncookies = 1 because "800 SYNs were dropped for a full queue"',
    ),
    "ports": Case(
        "ports",
        later(**TIGHT, tcp=WAITING, sockstat="TCP: inuse 3 orphan 0 tw 95 alloc 9 mem 5\nUDP: inuse 8 mem 20"),
        "95 of 100 local ports (50000-50099) lead from 10.0.9.1 to 10.0.9.2:8080",
        "95 of 95 are in TIME_WAIT",
        "goal proxy { outbound-rate 760/s }",
        {"net.ipv4.tcp_tw_reuse": "1"},
    ),
    "time-wait-buckets": Case(
        "time-wait-buckets",
        later(TcpExt__TCPTimeWaitOverflow=203),
        "TcpExt TCPTimeWaitOverflow grew by 200 (100/s)",
        "which is 262,144",
        "goal general { connection-rate 7.3k/s }",
        {"net.ipv4.tcp_max_tw_buckets": "525600"},
    ),
    "neighbour-table": Case(
        "neighbour-table",
        later(arp_cache={"entries": 1000, "table_fulls": 12}),
        "IPv4: 1,000 neighbours, gc_thresh3 is 1,024 (98 %)",
        "more hosts on the attached links",
        "goal router { neighbours 1.1k }",
        {"net.ipv4.neigh.default.gc_thresh3": "4096"},
    ),
    "udp-receive-buffer, asleep": Case(
        "udp-receive-buffer",
        later(Udp__RcvbufErrors=4005, udp={7000: 4005}),
        "port 7000: 4,000 (2,000/s) dropped",
        "the program at port 7000 hardly reads",
        "goal general { datagrams 64KiB }",
        {"net.core.rmem_default": "524288"},
    ),
    "udp-receive-buffer, in bursts": Case(
        "udp-receive-buffer",
        later(Udp__RcvbufErrors=4005, Udp__InDatagrams=100_000, udp={7000: 4005}),
        "Udp RcvbufErrors grew by 4,000 (2,000/s), 29 % of what arrived",
        "reads later than its receive buffer lasts (rmem_default, 212,992 bytes, unless it asks)",
        "goal general { datagrams 64KiB }",
    ),
    "tcp-receive-buffer": Case(
        "tcp-receive-buffer",
        later(TcpExt__RcvPruned=503, TcpExt__TCPBacklogDrop=13, Tcp__InSegs=550_000),
        "RcvPruned 500 (250/s), TCPBacklogDrop 10 (5/s)",
        "buffers of at most 6,291,456 bytes",
        "set net.ipv4.tcp_rmem = 4096 131072 12582912 "
        'because "TCP drops 255 segments a second for lack of receive buffer"',
        {"net.ipv4.tcp_rmem": "4096 131072 12582912"},
    ),
    "qdisc": Case(
        "qdisc",
        later(),
        "fq_codel of eth0 dropped 3,000 (1,500/s) and sent 50,000 packets",
        "more is sent on eth0 than its fq_codel passes on",
        "nic eth0 { qdisc fq }",
        more={
            "qdiscs": ((Qdisc("eth0", "fq_codel", "0:", 10_000, 500), Qdisc("eth0", "fq_codel", "0:", 60_000, 3500)),)
        },
    ),
    "retransmissions": Case(
        "retransmissions",
        later(Tcp__RetransSegs=3020, Tcp__OutSegs=550_000, TcpExt__TCPTimeouts=43),
        "3,000 (1,500/s) segments were sent again, 5.7 % of 53,000",
        "the path or the other end loses packets",
        "goal general { congestion bbr }",
        {"net.ipv4.tcp_congestion_control": "bbr"},
    ),
    "system-calls": Case(
        "system-calls",
        later(
            Udp__InDatagrams=690_000,
            times=times(*[(70, 110, 10, 10)] * 4),
            softnet=[[1_150_000, 0, 10]] * 4,
            dev={"eth0": (4_600_000, 2_000_000)},
        ),
        "programs fetched 600,000 (300,000/s) datagrams on 4 CPUs",
        "fetch datagrams one by one",
        "goal general { packets 300kpps }",
    ),
}


def test_every_symptom_has_a_rule_and_a_case() -> None:
    names = [symptom.name for symptom in symptoms()]
    assert names == list(RULES)
    assert set(names) == {case.symptom for case in CASES.values()}


def test_roots_stand_before_what_they_explain() -> None:
    seen: set[str] = set()
    for symptom in symptoms():
        assert symptom.explained_by <= seen
        seen.add(symptom.name)


def test_a_quiet_machine_is_healthy(tmp_path: Path) -> None:
    found = diagnosed(tmp_path, quiet(), later(), listeners=(Listener("22", 0, 128),))
    assert found.findings == ()
    assert found.not_judged == ("qdisc",)


@pytest.mark.parametrize("name", CASES)
def test_it_is_named_and_no_other(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    found = diagnosed(tmp_path, case.before, case.after, **case.more)
    assert [finding.symptom.name for finding in found.findings] == [case.symptom]
    (finding,) = found.findings
    assert any(case.evidence in line for line in finding.evidence), finding.evidence
    assert case.cause in finding.cause
    assert finding.statement == case.statement
    assert not re.search(r"[{}]", finding.cause)


@pytest.mark.parametrize("name", CASES)
def test_its_statement_compiles_and_gives_what_was_short(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    (tmp_path / "h.net").write_text(
        f"profile answer {{\n {case.statement}\n}}\n"
        "host h : answer {\n system { distribution debian 12; memory 64GiB }\n cpu { sockets 2; cores 2; threads 1 }\n"
        " nic eth0 { match pci 0000:86:00.0; rename keep; driver ixgbe; speed 10Gbps; node 1; vectors 64 }\n}\n"
    )
    done = netc("compile", tmp_path / "h.net", "-o", tmp_path / "out")
    assert done.status == 0, done.err
    plan = json.loads((tmp_path / "out/h/plan.json").read_text())
    planned = {setting["key"]: setting["value"] for setting in plan["settings"]}
    assert case.planned.items() <= planned.items()


NOTHING_AMISS = {
    "squeezes of other namespaces": later(
        softnet=[[1_000_000, 0, 10], [9_000_000, 0, 5000], [1_000_000, 0, 10], [1_000_000, 0, 10]]
    ),
    "drops of other namespaces": later(
        softnet=[[1_000_000, 0, 10], [9_000_000, 5000, 10], [1_000_000, 0, 10], [1_000_000, 0, 10]]
    ),
    "a flood of another namespace": later(
        softnet=[[1_000_000, 0, 10], [9_000_000, 0, 10], [1_000_000, 0, 10], [1_000_000, 0, 10]],
        times=times(IDLE, (0, 0, 0, 200), IDLE, IDLE),
    ),
    "loopback on one CPU": later(
        softnet=[[1_000_000, 0, 10], [9_000_000, 0, 10], [1_000_000, 0, 10], [1_000_000, 0, 10]],
        times=times(IDLE, (0, 0, 0, 200), IDLE, IDLE),
        dev={"lo": (9_000_000, 9_000_000)},
    ),
    "a build on all CPUs": later(times=times(*[(150, 48, 0, 2)] * 4)),
    "packets on all CPUs": later(
        softnet=[[2_000_000, 0, 10]] * 4, times=times(*[(0, 20, 0, 180)] * 4), dev={"eth0": (8_000_000, 2_000_000)}
    ),
    "one SYN sent again and again": later(Tcp__RetransSegs=220, TcpExt__TCPSynRetrans=203, Tcp__OutSegs=500_100),
    "few segments, most sent again": later(Tcp__RetransSegs=30, Tcp__OutSegs=500_002),
    "a single lost datagram": later(Udp__RcvbufErrors=6),
    "a single squeeze and drop": later(softnet=[[1_000_100, 1, 11]] * 4, dev={"eth0": (4_000_400, 2_000_000)}),
    "one ring loss in a long interrupt": later(
        statistics={"rx_missed_errors": 107}, dev={"eth0": (9_000_000, 2_000_000)}
    ),
    "ports that may be reused": later(
        settings={"net/ipv4/ip_local_port_range": "50000\t50099", "net/ipv4/tcp_tw_reuse": "1"},
        tcp=WAITING,
        sockstat="TCP: inuse 3 orphan 0 tw 95 alloc 9 mem 5\nUDP: inuse 8 mem 20",
    ),
    "a server whose clients are many": later(
        **TIGHT,
        tcp=[
            connection("0109000A:C355", "00000000:0000", "0A"),
            *(connection("0109000A:C355", f"0209000A:{port:04X}", "06", 55) for port in range(2000, 2200)),
        ],
        sockstat="TCP: inuse 3 orphan 0 tw 200 alloc 9 mem 5\nUDP: inuse 8 mem 20",
    ),
    "no limit of tracking": later(conntrack={"entries": 5000}, settings={"net/netfilter/nf_conntrack_max": "0"}),
}


@pytest.mark.parametrize("name", NOTHING_AMISS)
def test_what_looks_like_it_and_is_not(name: str, tmp_path: Path) -> None:
    found = diagnosed(tmp_path, quiet(), NOTHING_AMISS[name])
    assert [finding.symptom.name for finding in found.findings] == []
    assert found.explained == {}


def test_what_follows_from_another_is_told_with_it(tmp_path: Path) -> None:
    lossy = CASES["retransmissions"].after
    after = changed(lossy, conntrack={"early_drop": 300})
    found = diagnosed(tmp_path, quiet(), after)
    assert [finding.symptom.name for finding in found.findings] == ["conntrack-table"]
    assert found.explained == {"retransmissions": "conntrack-table"}


def test_a_flood_whose_packets_no_program_reads_is_the_program_s(tmp_path: Path) -> None:
    flood = CASES["interrupt-overload by time"].after
    found = diagnosed(tmp_path, quiet(), changed(flood, Udp__RcvbufErrors=290_000))
    assert [finding.symptom.name for finding in found.findings] == ["udp-receive-buffer"]


def test_a_reader_that_one_flooded_cpu_starves_is_the_flood_s(tmp_path: Path) -> None:
    flood = CASES["interrupt-overload by time"].after
    found = diagnosed(tmp_path, quiet(), changed(flood, Udp__RcvbufErrors=90_000, Udp__InDatagrams=250_000))
    assert [finding.symptom.name for finding in found.findings] == ["interrupt-overload"]
    assert found.explained == {"softirq-budget": "interrupt-overload", "udp-receive-buffer": "interrupt-overload"}

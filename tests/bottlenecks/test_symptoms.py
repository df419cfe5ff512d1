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
    answer: str
    """The statement; or of what a statement does not help against, part of what does."""
    planned: dict[str, str] = field(default_factory=dict)
    """Settings of the plan that come of the statement."""
    more: dict[str, Any] = field(default_factory=dict)
    before: Counts = field(default_factory=quiet)


TIGHT = {"settings": {"net/ipv4/ip_local_port_range": "50000\t50099"}}
OPEN = [connection(f"0109000A:{50000 + n:04X}", "0209000A:1F90", "01") for n in range(95)]
WAITING = [connection(f"0109000A:{50000 + n:04X}", "0209000A:1F90", "06", 55) for n in range(95)]
TRACKED = {
    "net.netfilter.nf_conntrack_max": "636000",
    "net.netfilter.nf_conntrack_buckets": "636416",
    "nf_conntrack": "",
    "nf_conntrack.hashsize": "636416",
    "DefaultLimitNOFILE": "1024:1048576",
}
NEIGHBOURS = {
    f"net.{family}.neigh.default.gc_thresh{number}": str(512 << number)
    for family in ("ipv4", "ipv6")
    for number in (1, 2, 3)
}

CASES = {
    "interrupt-overload by time": Case(
        "interrupt-overload",
        later(
            softnet=[[1_000_000, 0, 10], [1_000_000, 0, 10], [1_300_000, 0, 900], [1_001_000, 0, 10]],
            times=times(IDLE, IDLE, (0, 10, 20, 170), IDLE),
            dev={"eth0": (4_300_500, 2_000_000)},
            interrupts={40: [0, 0, 540_000, 0], 41: [0, 0, 10_000, 500_000]},
        ),
        "CPU 2: 85 % of the time in softirq, 10 % idle",
        "the queues in use of eth0 interrupt only CPU 2",
        "nic eth0 { rps on }",
        {"rps.cpus": "0-3"},
    ),
    "interrupt-overload by packets": Case(
        "interrupt-overload",
        later(
            softnet=[[1_000_000, 0, 10], [1_000_000, 0, 10], [1_200_000, 0, 10], [1_001_000, 0, 10]],
            times=times(IDLE, IDLE, (120, 50, 0, 30), IDLE),
            dev={"eth0": (4_200_500, 2_000_000)},
        ),
        "CPU 2: 200,000 (100,000/s) of 201,000 packets",
        "the others cannot help",
        "nic eth0 { rps on }",
        {"rps.cpus": "0-3"},
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
        {"ring.rx": "max"},
        more={"rings": {"eth0": 1000}},
    ),
    "numa-crossings": Case(
        "numa-crossings",
        later(interrupts={40: [9_000, 0, 500_500, 0], 41: [0, 500, 0, 500_000]}),
        "9,500 (4,750/s) of its 10,000 interrupts went to CPUs of other nodes, 95 %",
        "by irqbalance",
        "nic eth0 { node 1; irq { cpus 2-3 } }",
        {"irq.cpus": "2-3", "xps.cpus": "0,2 1,3"},
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
        {"net.ipv4.udp_mem": "3072000 4096000 6144000"},
    ),
    "conntrack-table by its size": Case(
        "conntrack-table",
        later(conntrack={"entries": 236_000}),
        "236,000 of 262,144 entries",
        "outlive a closed connection",
        "goal general { tracking on; connections 530k }",
        TRACKED,
    ),
    "conntrack-table by drops": Case(
        "conntrack-table",
        later(conntrack={"early_drop": 30, "drop": 10}),
        "40 (20/s) connections were dropped or pushed out",
        "outlive a closed connection",
        "goal general { tracking on; connections 530k }",
        TRACKED,
    ),
    "accept-queue of the program": Case(
        "accept-queue",
        later(TcpExt__ListenOverflows=13, Tcp__PassiveOpens=5000),
        "port 80: 6 connections waiting for accept, 6 fit (backlog 5)",
        "the program at port 80 does not accept in time",
        "port 80 for 5 of 4,096",
        more={"listeners": (Listener("80", 6, 5), Listener("22", 0, 128))},
    ),
    "accept-queue that is no longer full": Case(
        "accept-queue",
        later(TcpExt__ListenOverflows=13),
        "TcpExt ListenOverflows grew by 10 (5.0/s)",
        "a program whose queue is no longer full does not accept in time",
        "port 80 for 5, port 22 for 128 of 4,096",
        more={"listeners": (Listener("80", 0, 5), Listener("22", 0, 128), Listener("443", 0, 4096))},
    ),
    "accept-queue that is full while nobody asks": Case(
        "accept-queue",
        later(),
        "port 80: 6 connections waiting for accept, 6 fit (backlog 5)",
        "the program at port 80 does not accept in time",
        "port 80 for 5 of 4,096",
        more={"listeners": (Listener("80", 6, 5),), "full_before": frozenset({"80"})},
    ),
    "accept-queue of the kernel": Case(
        "accept-queue",
        later(TcpExt__ListenOverflows=13),
        "TcpExt ListenOverflows grew by 10 (5.0/s)",
        "at most somaxconn, which is 4,096",
        'set net.core.somaxconn = 8192 because "ListenOverflows grows by 5.0/s"',
        {"net.core.somaxconn": "8192"},
        more={"listeners": (Listener("80", 4097, 4096), Listener("22", 0, 128))},
    ),
    "accept-queue as long as can be": Case(
        "accept-queue",
        later(TcpExt__ListenOverflows=13, settings={"net/core/somaxconn": "65535"}),
        "TcpExt ListenOverflows grew by 10 (5.0/s)",
        "the program at port 80 does not accept in time",
        "the program must accept faster: somaxconn is 65,535",
        more={"listeners": (Listener("80", 65536, 65535),)},
    ),
    "syn-queue": Case(
        "syn-queue",
        later(TcpExt__TCPReqQFullDoCookies=803),
        "800 (400/s) SYNs found the queue of handshakes full",
        "a SYN flood",
        'set net.core.somaxconn = 8192 because "400/s SYNs find the queue of handshakes full"',
        {"net.core.somaxconn": "8192"},
    ),
    "syn-queue of a program": Case(
        "syn-queue",
        later(TcpExt__TCPReqQFullDoCookies=803),
        "800 (400/s) were answered with a SYN cookie",
        "a SYN flood",
        "port 80 for 16 of 4,096",
        more={"listeners": (Listener("80", 0, 16),)},
    ),
    "syn-queue without cookies": Case(
        "syn-queue",
        later(TcpExt__TCPReqQFullDrop=803, settings={"net/ipv4/tcp_syncookies": "0"}),
        "0 (0/s) were answered with a SYN cookie",
        "a SYN flood",
        'set net.ipv4.tcp_syncookies = 1 because "SYNs are dropped for a full queue"',
        {"net.ipv4.tcp_syncookies": "1"},
    ),
    "ports": Case(
        "ports",
        later(**TIGHT, tcp=WAITING, sockstat="TCP: inuse 3 orphan 0 tw 95 alloc 9 mem 5\nUDP: inuse 8 mem 20"),
        "95 of 100 local ports (50000-50099) lead from 10.0.9.1 to 10.0.9.2:8080",
        "95 of 95 are in TIME_WAIT",
        "goal general { outbound-rate 760/s }",
        {"net.ipv4.tcp_tw_reuse": "1"},
    ),
    "ports of open connections": Case(
        "ports",
        later(**TIGHT, tcp=OPEN, sockstat="TCP: inuse 98 orphan 0 tw 0 alloc 99 mem 5\nUDP: inuse 8 mem 20"),
        "95 of 100 local ports (50000-50099) lead from 10.0.9.1 to 10.0.9.2:8080",
        "0 of 95 are in TIME_WAIT",
        'set net.ipv4.ip_local_port_range = 10240 65535 because "95 of 100 local ports lead to 10.0.9.2:8080"',
        {"net.ipv4.ip_local_port_range": "10240 65535"},
    ),
    "ports that no range widens": Case(
        "ports",
        later(
            settings={"net/ipv4/ip_local_port_range": "1024\t65535", "net/ipv4/ip_local_reserved_ports": "1024-65435"},
            tcp=[connection(f"0109000A:{port:04X}", "0209000A:1F90", "01") for port in range(65436, 65531)],
            sockstat="TCP: inuse 96 orphan 0 tw 0 alloc 99 mem 5\nUDP: inuse 8 mem 20",
        ),
        "95 of 100 local ports",
        "0 of 95 are in TIME_WAIT",
        "keep connections and use them again",
    ),
    "time-wait-buckets": Case(
        "time-wait-buckets",
        later(TcpExt__TCPTimeWaitOverflow=203),
        "TcpExt TCPTimeWaitOverflow grew by 200 (100/s)",
        "which is 262,144",
        "goal general { connection-rate 7.3k/s }",
        {"net.ipv4.tcp_max_tw_buckets": "525600", "net.ipv4.tcp_fin_timeout": "35"},
    ),
    "neighbour-table": Case(
        "neighbour-table",
        later(arp_cache={"entries": 1000, "table_fulls": 12}),
        "IPv4: 1,000 neighbours, gc_thresh3 is 1,024 (98 %)",
        "more hosts on the attached links",
        "goal general { neighbours 1.1k }",
        NEIGHBOURS,
    ),
    "udp-receive-buffer, asleep": Case(
        "udp-receive-buffer",
        later(Udp__RcvbufErrors=4005, udp={7000: 4005}),
        "port 7000: 4,000 (2,000/s) dropped",
        "the program at port 7000 hardly reads",
        "the program must read: no buffer is large enough",
    ),
    "udp-receive-buffer, in bursts": Case(
        "udp-receive-buffer",
        later(Udp__RcvbufErrors=4005, Udp__InDatagrams=100_000, udp={7000: 4005}),
        "Udp RcvbufErrors grew by 4,000 (2,000/s), 29 % of what arrived",
        "reads later than its receive buffer lasts (rmem_default, 212,992 bytes, unless it asks)",
        "goal general { datagrams 64KiB }",
        {"net.core.rmem_default": "524288", "net.core.rmem_max": "262144"},
    ),
    "tcp-receive-buffer": Case(
        "tcp-receive-buffer",
        later(TcpExt__RcvPruned=503, TcpExt__TCPBacklogDrop=13, Tcp__InSegs=550_000),
        "RcvPruned 500 (250/s), TCPBacklogDrop 10 (5.0/s)",
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
        {"qdisc": "fq"},
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
        {"net.ipv4.tcp_congestion_control": "bbr", "net.core.default_qdisc": "fq", "tcp_bbr": "", "sch_fq": ""},
    ),
    "system-calls": Case(
        "system-calls",
        later(
            Udp__InDatagrams=690_000,
            times=times(*[(70, 110, 10, 10)] * 4),
            softnet=[[1_150_000, 0, 10]] * 4,
            dev={"eth0": (4_600_000, 2_000_000)},
        ),
        "programs fetched 600,000 (300,000/s) and sent 0 (0/s) datagrams on 4 CPUs",
        "fetch or send datagrams one by one",
        "the program must fetch or send many datagrams with one call",
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
    if finding.statement is None:
        assert finding.remedy is not None
        assert case.answer in finding.remedy
    else:
        assert (finding.statement, finding.remedy) == (case.answer, None)
    assert not re.search(r"[{}]", finding.cause)


PLAIN_HOST = """\
profile answer {
 %s
}
host h : answer {
 system { distribution debian 12; memory 64GiB }
 cpu { sockets 2; cores 2; threads 1 }
 nic eth0 { match pci 0000:86:00.0; rename keep; driver ixgbe; speed 10Gbps; vectors 64 }
}
"""


def planned(statement: str, folder: Path) -> set[tuple[str, str]]:
    """Keys and values of a plain host's plan with a statement."""
    folder.mkdir(exist_ok=True)
    (folder / "h.net").write_text(PLAIN_HOST % statement)
    done = netc("compile", folder / "h.net", "-o", folder / "out")
    assert done.status == 0, done.err
    settings = json.loads((folder / "out/h/plan.json").read_text())["settings"]
    return {(setting["key"], str(setting["value"])) for setting in settings}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, str]]:
    return planned("", tmp_path_factory.mktemp("plain"))


@pytest.mark.parametrize("name", CASES)
def test_its_statement_compiles_and_gives_what_was_short(
    name: str, plain: set[tuple[str, str]], tmp_path: Path
) -> None:
    """What is asked for, and nothing that has no part in it: a server shall not forward for want of tracking."""
    case = CASES[name]
    (finding,) = diagnosed(tmp_path / "machine", case.before, case.after, **case.more).findings
    if finding.statement is None:
        assert not case.planned
        return
    new = planned(finding.statement, tmp_path / "host") - plain
    assert new
    assert new == set(case.planned.items())


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
    "softirqs of disks on one CPU": later(
        times=times(IDLE, (0, 10, 20, 170), IDLE, IDLE),
        softnet=[[1_000_000, 0, 10], [1_004_000, 0, 10], [1_000_000, 0, 10], [1_000_000, 0, 10]],
        dev={"eth0": (4_004_000, 2_000_000)},
    ),
    "softirqs on more than half of the CPUs": later(
        times=times((0, 10, 20, 170), (0, 10, 20, 170), (0, 10, 20, 170), IDLE),
        softnet=[[1_200_000, 0, 10]] * 3 + [[1_000_000, 0, 10]],
        dev={"eth0": (4_600_000, 2_000_000)},
    ),
    "SYN cookies for all": later(
        TcpExt__TCPReqQFullDoCookies=9003, settings={"net/ipv4/tcp_syncookies": "2"}, Tcp__PassiveOpens=10_000
    ),
    "two packets of one new connection that raced": later(conntrack={"drop": 500, "insert_failed": 500}),
    "a queue that is full for a moment": later(),
    "no limit of tracking": later(conntrack={"entries": 5000}, settings={"net/netfilter/nf_conntrack_max": "0"}),
}


@pytest.mark.parametrize("name", NOTHING_AMISS)
def test_what_looks_like_it_and_is_not(name: str, tmp_path: Path) -> None:
    full = (Listener("80", 2, 1),) if name == "a queue that is full for a moment" else ()
    found = diagnosed(tmp_path, quiet(), NOTHING_AMISS[name], listeners=full, full_before=frozenset())
    assert [finding.symptom.name for finding in found.findings] == []
    assert found.explained == {}


def test_two_overloaded_cpus_of_many(tmp_path: Path) -> None:
    """A NIC of two queues fills two CPUs, and neither alone has three quarters of anything."""
    busy = (0, 10, 20, 170)
    flood = later(
        softnet=[[1_000_000, 0, 10], [1_200_000, 0, 10], [1_190_000, 0, 10], [1_000_000, 0, 10]],
        times=times(IDLE, busy, busy, IDLE),
        dev={"eth0": (4_390_000, 2_000_000)},
    )
    (finding,) = diagnosed(tmp_path, quiet(), flood).findings
    assert finding.evidence[:3] == (
        "CPUs 1-2: 85 % of the time in softirq, 10 % idle",
        "CPUs 1-2: 390,000 (195,000/s) of 390,000 packets",
        "2 other CPUs: 0 % in softirq",
    )
    assert "interrupt only CPUs 1-2" in finding.cause


@pytest.mark.parametrize("key", ["net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding"])
def test_a_host_that_forwards_has_the_goal_of_one(key: str, tmp_path: Path) -> None:
    after = later(conntrack={"entries": 236_000}, settings={key: "1"})
    (finding,) = diagnosed(tmp_path, quiet(), after).findings
    assert finding.statement == "goal firewall { connections 530k }"


@pytest.mark.parametrize(("kind", "told"), [("tbf", "somebody set the rate"), ("fq", "eth0 has fq already")])
def test_a_queue_that_no_statement_empties(kind: str, told: str, tmp_path: Path) -> None:
    full = (Qdisc("eth0", kind, "1:", 10_000, 500), Qdisc("eth0", kind, "1:", 60_000, 3500))
    (finding,) = diagnosed(tmp_path, quiet(), later(), qdiscs=(full,)).findings
    assert finding.statement is None
    assert told in (finding.remedy or "")


HIDDEN = ("netdev_budget", "netdev_max_backlog", "udp_mem")


@pytest.mark.parametrize("key", HIDDEN)
def test_a_setting_that_a_network_namespace_does_not_show_is_not_made_up(key: str, tmp_path: Path) -> None:
    case = CASES[{"netdev_budget": "softirq-budget", "netdev_max_backlog": "backlog"}.get(key, "socket-memory of UDP")]
    hidden: list[Counts] = []
    for counts in (case.before, case.after):
        rest = {path: value for path, value in counts["settings"].items() if not path.endswith(key)}
        hidden.append({**counts, "settings": rest})
    (finding,) = diagnosed(tmp_path, *hidden).findings
    assert any(f"{key} is not shown here" in line for line in finding.evidence)
    assert finding.statement is None or "= 0" not in finding.statement


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

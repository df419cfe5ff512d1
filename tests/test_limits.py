"""Numbers: what goals must give, what must not be given, and what holds for every plan there can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netc import pipeline
from netc.backends import artifacts_of
from netc.diagnostics import Report
from netc.knowledge.goals import goal_kinds
from netc.knowledge.sysctls import Kind as Judged
from netc.knowledge.sysctls import judge, lookup
from netc.plan import Kind, Plan, Setting
from netc.resolving.files import Files
from running import netc, often

if TYPE_CHECKING:
    from pathlib import Path

    from netc.knowledge.kernels import Kernel

KERNELS = ("5.15", "6.1", "6.12", "6.18", "7.3")
MEMORIES = ("512MiB", "4GiB", "64GiB", "1TiB")


def host(goals: str, kernel: str = "6.1", memory: str = "64GiB", nic: str = "", extra: str = "") -> str:
    return f"""\
host h {{
    system {{ distribution debian 12; kernel {kernel}; memory {memory} }}
    cpu {{ sockets 1; cores 16; threads 2 }}
    nic front {{ match pci 0000:18:00.0; driver ice; speed 100Gbps; vectors 64; {nic} }}
    {goals}
    {extra}
}}
"""


def planned(text: str) -> tuple[Plan | None, Report, Kernel | None]:
    """The plan of the one host of a text, or None where it has errors, and the kernel that it is judged by."""
    report = Report()
    run = pipeline.load(["-"], Files(Files.common_base([]), lambda: text.encode()), report)
    kernel = None
    for found in pipeline.hosts(run):
        kernel = found.system.judged
    plans = list(pipeline.plans(run))
    return (plans[0] if plans and not report.failed else None), report, kernel


def plan_of(text: str) -> Plan:
    plan, report, _ = planned(text)
    assert plan is not None, [diagnostic.message for diagnostic in report]
    return plan


def sysctls(text: str) -> dict[str, Setting]:
    return {setting.key: setting for setting in plan_of(text).of(Kind.SYSCTL)}


# What the numbers must be.


def test_a_flow_of_10_gbit_over_100_ms_gets_twice_its_product() -> None:
    found = sysctls(host("goal bulk-transfer { flow 10Gbps; rtt 100ms }"))
    for key in ("net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"):
        least, _, most = map(int, found[key].value.split())
        assert least == 4096
        assert 250_000_000 <= most <= 2**31 - 1
    assert 125_000_000 <= int(found["net.core.rmem_max"].value) <= 2**31 - 1
    assert "125" in found["net.core.rmem_max"].why.reason or "119.2 MiB" in found["net.core.rmem_max"].why.reason


def test_a_kernel_that_does_enough_is_left_alone_and_explain_says_so(tmp_path: Path) -> None:
    text = host("goal web-server { flow 1Gbps; rtt 10ms }", kernel="6.18")
    assert "net.ipv4.tcp_rmem" not in sysctls(text)
    (tmp_path / "x.net").write_text(text)
    done = netc("explain", tmp_path / "x.net", "tcp_rmem")
    assert done.status == 0
    assert "33554432" in done.out  # what the kernel has
    assert "1.192 MiB" in done.out  # what the flow needs
    netc("compile", tmp_path / "x.net", "-o", tmp_path / "o")
    for path in (tmp_path / "o/h/rootfs").rglob("*"):
        assert not path.is_file() or "tcp_rmem" not in path.read_text()


ASKING = {
    "net.core.rmem_max": ("goal bulk-transfer { flow 10Gbps; rtt 100ms }", "", "SO_RCVBUF"),
    "net.core.wmem_max": ("goal bulk-transfer { flow 10Gbps; rtt 100ms }", "", "SO_SNDBUF"),
    "net.core.netdev_max_backlog": ("goal dns { packets 8Mpps }", "rps on;", "never by a NIC"),
    "net.netfilter.nf_conntrack_max": ("goal firewall { connections 3M; connection-rate 1k/s }", "", "3,000,000"),
    "net.ipv4.tcp_tw_reuse": ("goal proxy { outbound-rate 5k/s }", "", "shortens no TIME_WAIT"),
    "net.ipv4.tcp_fin_timeout": ("goal web-server { connection-rate 50k/s }", "", "does not shorten TIME_WAIT"),
}
"""The six keys that everybody copies: a goal that asks for each, and what its reason must own up to."""


@pytest.mark.parametrize("key", ASKING)
@pytest.mark.parametrize("kernel", KERNELS)
def test_the_keys_that_everybody_copies_have_a_goal_and_an_honest_reason(key: str, kernel: str) -> None:
    goal, nic, honest = ASKING[key]
    setting = sysctls(host(goal, kernel=kernel, nic=nic))[key]
    assert honest in setting.why.reason
    assert setting.why.places


@pytest.mark.parametrize("key", ASKING)
def test_and_without_a_goal_they_are_not_touched(key: str) -> None:
    assert key not in sysctls(host("goal general { }"))


def test_a_firewall_of_50k_a_second_counts_the_two_minutes_of_time_wait() -> None:
    plan = plan_of(host("goal firewall { connection-rate 50k/s }", memory="256GiB"))
    found = {setting.key: setting.value for setting in plan.settings}
    entries = int(found["net.netfilter.nf_conntrack_max"])
    buckets = int(found["net.netfilter.nf_conntrack_buckets"])
    assert entries >= 7_200_000
    assert buckets % 512 == 0
    assert buckets >= entries / 4
    assert found["nf_conntrack.hashsize"] == str(buckets)
    assert [setting.key for setting in plan.of(Kind.MODULE)] == ["nf_conntrack"]
    assert "net.netfilter.nf_conntrack_tcp_timeout_time_wait" not in found
    paths = {artifact.path for artifact in artifacts_of(plan)}
    assert {"rootfs/etc/modprobe.d/netc.conf", "rootfs/etc/modules-load.d/netc.conf"} <= paths
    assert "rootfs/etc/udev/rules.d/90-netc-sysctl.rules" in paths


@pytest.mark.parametrize(
    "system", ["debian 12", "debian 13", "ubuntu 24.04", "rhel 9", "fedora 42", "generic; systemd 252"]
)
def test_files_sort_as_they_must_be_applied(system: str) -> None:
    text = host("goal firewall { connections 1M }", extra='set net.ipv4.conf.all.rp_filter = 2 because "policy"')
    plan = plan_of(text.replace("debian 12", system))
    texts = {a.path.rpartition("/")[2]: a.text for a in artifacts_of(plan) if "/sysctl.d/" in a.path}
    names = sorted(texts)
    assert len(names) == 2
    forwarding, others = names
    assert "\nnet.ipv4.ip_forward = 1\n" in texts[forwarding]
    assert "\nnet.ipv4.conf.all.rp_filter = 2\n" in texts[others]
    assert ".conf." not in texts[forwarding].replace("net.ipv6.conf.all.forwarding", "").replace("under conf for", "")
    if system == "debian 12":
        assert all(name > "99-sysctl.conf" for name in names)


def test_the_time_limit_of_the_softirq_is_never_below_two_ticks() -> None:
    for tick in (100, 250, 300, 1000):
        text = host("goal dns { packets 30Mpps }", extra="").replace("kernel 6.1", f"kernel 6.1; tick {tick}")
        found = sysctls(text)
        if "net.core.netdev_budget_usecs" in found:
            assert int(found["net.core.netdev_budget_usecs"].value) >= 2_000_000 // tick


def test_listening_ports_in_the_range_are_reserved() -> None:
    found = sysctls(host("goal proxy { outbound-rate 40k/s; listen 80,12345,15000 }"))
    low, high = map(int, found["net.ipv4.ip_local_port_range"].value.split())
    assert low <= 12345 <= high
    assert found["net.ipv4.ip_local_reserved_ports"].value == "12345,15000"


def test_a_flow_beyond_the_window_of_tcp_is_an_error() -> None:
    plan, report, _ = planned(host("goal bulk-transfer { flow 100Gbps; rtt 200ms }"))
    assert plan is None
    assert "N0405" in {diagnostic.code for diagnostic in report}


def test_larger_demands_win() -> None:
    goals = "goal proxy { flow 1Gbps; rtt 50ms; connection-rate 50k/s }"
    more = f"{goals}; goal bulk-transfer {{ flow 10Gbps; rtt 50ms }}; goal web-server {{ connection-rate 90k/s }}"
    one, both = sysctls(host(goals)), sysctls(host(more))
    for key in ("net.core.rmem_max", "net.core.somaxconn"):
        assert int(both[key].value) > int(one[key].value)


# What holds for every plan.

AMOUNTS = {
    "throughput": (1, 400, ("Mbps", "Gbps")),
    "flow": (1, 100, ("kbps", "Mbps", "Gbps")),
    "rtt": (1, 900, ("us", "ms")),
    "packets": (1, 100, ("kpps", "Mpps")),
    "connections": (1, 999, ("", "k", "M")),
    "connection-rate": (1, 999, ("/s", "k/s")),
    "outbound-rate": (1, 200, ("/s", "k/s")),
    "lifetime": (1, 999, ("ms", "s", "h")),
    "datagrams": (1, 999, ("B", "KiB", "MiB")),
    "neighbours": (1, 999, ("", "k")),
    "latency": (1, 1999, ("ns", "us")),
}
SWITCHES = {"forwarding": ("on", "off"), "tracking": ("on", "off"), "congestion": ("bbr", "cubic", "dctcp", "reno")}


@st.composite
def goals(draw: st.DrawFn) -> str:
    words = draw(st.lists(st.sampled_from([*AMOUNTS, *SWITCHES]), unique=True, max_size=7))
    lines = []
    for word in words:
        if word in SWITCHES:
            lines.append(f"{word} {draw(st.sampled_from(SWITCHES[word]))}")
        else:
            least, most, units = AMOUNTS[word]
            lines.append(f"{word} {draw(st.integers(least, most))}{draw(st.sampled_from(units))}")
    return f"goal {draw(st.sampled_from(sorted(goal_kinds())))} {{ {'; '.join(lines)} }}"


@st.composite
def hosts(draw: st.DrawFn) -> str:
    kinds = draw(st.lists(goals(), min_size=1, max_size=3, unique_by=lambda goal: goal.split()[1]))
    nic = "".join(
        draw(st.lists(st.sampled_from(("rps on; ", "queues max; ", "mtu 9000; ", "rename keep; ")), unique=True))
    )
    return host("; ".join(kinds), draw(st.sampled_from(KERNELS)), draw(st.sampled_from(MEMORIES)), nic)


REASONABLE = settings(max_examples=often(150), deadline=None)


def stronger(key: str, value: str, kernel: Kernel, memory: int | None) -> bool:
    """Whether a value differs from the kernel's default, in the direction in which more is given."""
    sysctl = lookup(key, kernel)
    assert sysctl is not None
    default = sysctl.default(memory)
    if default is None:
        return True
    if isinstance(default, str) or not all(word.isdecimal() for word in value.split()):
        return value != default
    numbers = tuple(map(int, value.split()))
    if numbers == default:
        return False
    return key in NOT_MORE or all(n >= d for n, d in zip(numbers, default, strict=True))


NOT_MORE = {
    "kernel.timer_migration",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_notsent_lowat",
    "net.ipv4.tcp_slow_start_after_idle",
    "net.ipv4.tcp_tw_reuse",  # 2, for loopback alone, is less than 1
    "net.ipv4.tcp_ecn",  # 2 answers, 1 asks too
    "net.ipv4.ip_local_port_range",
    "net.netfilter.nf_conntrack_tcp_timeout_established",
    "net.netfilter.nf_conntrack_tcp_timeout_time_wait",
}
"""Keys whose derived values are smaller numbers than the default because that is the point."""

WRONG = (Judged.REFUSED, Judged.MISSING_KEY, Judged.MYTH, Judged.BELOW_DEFAULT, Judged.READ_ONLY, Judged.UNKNOWN_KEY)


def size_of(memory: str) -> int:
    number, unit = memory[:-3], memory[-3:]
    return int(number) * {"MiB": 2**20, "GiB": 2**30, "TiB": 2**40}[unit]


@given(hosts())
@REASONABLE
def test_every_plan_is_taken_by_its_kernel_and_says_why(text: str) -> None:
    plan, report, kernel = planned(text)
    assert all(diagnostic.code.startswith("N") for diagnostic in report)
    if plan is None or kernel is None:
        assert report.failed
        return
    memory = size_of(text.partition("memory ")[2].split()[0])
    others = {setting.key: setting.value for setting in plan.of(Kind.SYSCTL)}
    for setting in plan.settings:
        assert setting.why.places
        assert setting.why.rule
        for line in (*setting.why.places, setting.why.rule, setting.why.reason):
            assert line
            assert line.isprintable()
            assert not line.endswith("\\")
        if setting.kind is not Kind.SYSCTL:
            continue
        wrong = [
            found
            for found in judge(setting.key, setting.value, kernel, others=others, memory=memory)
            if found.kind in WRONG and not (found.kind is Judged.BELOW_DEFAULT and setting.key in NOT_MORE)
            # the reason of one says that it is for FIN_WAIT_2 and that TIME_WAIT is not shortened, of the other that
            # every program of the host spins
            if found.slug not in ("fin-timeout", "busy-poll-everywhere")
        ]
        assert wrong == [], setting
        assert stronger(setting.key, setting.value, kernel, memory), setting
    assert artifacts_of(plan)


@given(hosts())
@settings(max_examples=often(40), deadline=None)
def test_what_is_left_alone_is_not_set_and_says_why(text: str) -> None:
    plan, _, _ = planned(text)
    if plan is not None:
        assert not {left.key for left in plan.left_alone} & {setting.key for setting in plan.settings}
        assert all(left.why.reason and left.default for left in plan.left_alone)

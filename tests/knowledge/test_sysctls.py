"""The settings of sysctl.yaml: their form, what the kernels' tables say, and what netc says of values."""

from __future__ import annotations

import json
import time
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from netc.knowledge import sysctl_formulas
from netc.knowledge.kernels import Kernel, KernelVersion
from netc.knowledge.sysctls import (
    Kind,
    Sysctl,
    canonical,
    families,
    judge,
    judge_together,
    known_keys,
    lookup,
    modules_needed,
    nearest_key,
)
from netc.knowledge.tables import table

GIB = 2**30
INT_MAX = 2**31 - 1


def kernel(version: str, tick: int | None = 250, page_size: int = 4096) -> Kernel:
    return Kernel(KernelVersion.parse(version), tick, page_size)


def at(key: str, version: str, tick: int | None = 250) -> Sysctl:
    found = lookup(key, kernel(version, tick))
    assert found is not None
    return found


def slugs(key: str, value: str, version: str = "6.12", memory: int | None = None, **more: object) -> set[str]:
    return {finding.slug for finding in judge(key, value, kernel(version), memory, **more)}  # type: ignore[arg-type]


def kinds(key: str, value: str, version: str = "6.12", memory: int | None = None) -> set[Kind]:
    return {finding.kind for finding in judge(key, value, kernel(version), memory)}


# The file


def test_the_file_has_the_form_of_its_schema() -> None:
    text = resources.files("netc.knowledge").joinpath("sysctl.schema.json").read_text(encoding="utf-8")
    schema = json.loads(text)
    Draft202012Validator.check_schema(schema)
    assert [error.message for error in Draft202012Validator(schema).iter_errors(table("sysctl"))] == []


def test_every_reference_of_the_file_exists() -> None:
    known = set(known_keys())
    data = table("sysctl")
    for group in data["groups"]:
        assert {*group.get("after", ())} <= known
        for facts in group["keys"].values():
            assert all(lookup(key, kernel("6.12")) for key in facts.get("after", ()))
            for name in ("min", "max", "default"):
                fact = facts.get(name)
                for value in fact.values() if isinstance(fact, dict) else [fact]:
                    if isinstance(value, str) and value.startswith("@"):
                        assert value[1:] in known
                    if isinstance(value, str) and value.startswith("="):
                        assert value[1:].split()[0] in sysctl_formulas.FORMULAS
    for rule in data["together"]:
        for key in (rule["key"], *rule.get("all", {}), *rule.get("absent", ())):
            assert lookup(key, kernel("6.12")), key
    assert not known & set(data["gone"])


def test_every_myth_names_keys_netc_has() -> None:
    for rule in table("sysctl")["myths"]:
        for key in rule["keys"]:
            assert "*" in key or lookup(key, kernel("6.12")) is not None


def test_slugs_are_unique() -> None:
    data = table("sysctl")
    found = [rule["slug"] for rule in [*data["myths"], *data["together"]]]
    assert len(found) == len(set(found))
    assert not set(found) & {kind.value for kind in Kind if kind is not Kind.MYTH}


@pytest.mark.parametrize("version", ["4.9", "5.14", "6.1", "6.6", "6.12", "6.18", "7.3", "8.0"])
def test_every_key_can_be_viewed_for_every_kernel(version: str) -> None:
    for key in known_keys():
        found = at(key, version)
        default = found.default(16 * GIB)
        assert found.source
        if not found.numeric:
            assert found.minimum is None
            continue
        least, most = found.bounds()
        assert least is not None and most is not None and least <= most
        if isinstance(default, tuple) and found.exists and found.writable:
            assert all(least <= number <= most for number in default), key
            assert len(default) == found.count, key


# What the tables of the kernels say


@pytest.mark.parametrize(
    ("key", "version", "least", "most"),
    [
        ("net.core.rmem_max", "6.1", 2304, INT_MAX),
        ("net.core.wmem_max", "6.18", 4608, INT_MAX),
        ("net.core.optmem_max", "6.1", -INT_MAX - 1, INT_MAX),
        ("net.core.optmem_max", "6.12", 0, INT_MAX),
        ("net.core.somaxconn", "6.1", 0, INT_MAX),
        ("net.core.netdev_max_backlog", "7.3", -INT_MAX - 1, INT_MAX),
        ("net.core.rps_sock_flow_entries", "6.1", 0, 536870912),
        ("net.core.netdev_unregister_timeout_secs", "6.1", 1, 3600),
        ("net.ipv4.tcp_ecn", "6.18", 0, 2),
        ("net.ipv4.tcp_ecn", "7.3", 0, 5),
        ("net.ipv4.tcp_rmem", "6.18", 1, INT_MAX),
        ("net.ipv4.tcp_rmem", "7.3", 4096, INT_MAX),
        ("net.ipv4.tcp_syn_retries", "6.1", 1, 127),
        ("net.ipv4.tcp_tw_reuse", "6.1", 0, 2),
        ("net.ipv4.tcp_tw_reuse_delay", "6.18", 1, 60000),
        ("net.ipv4.tcp_rto_max_ms", "7.3", 1000, 120000),
        ("net.ipv4.tcp_adv_win_scale", "6.1", -31, 31),
        ("net.ipv4.tcp_tso_rtt_log", "6.1", 0, 255),
        ("net.ipv4.tcp_tso_rtt_log", "6.12", 0, 31),
        ("net.ipv4.tcp_notsent_lowat", "6.1", 0, 2**32 - 1),
        ("net.ipv4.tcp_min_snd_mss", "6.1", 48, 65535),
        ("net.ipv4.fib_sync_mem", "6.1", 65536, 67108864),
        ("net.ipv4.tcp_window_scaling", "6.1", 0, 255),
        ("net.ipv4.tcp_reordering", "6.1", 1, 300),
        ("net.netfilter.nf_conntrack_max", "6.18", 0, INT_MAX),
        ("net.netfilter.nf_conntrack_max", "7.3", 1, INT_MAX),
        ("net.netfilter.nf_conntrack_tcp_loose", "6.1", 0, 1),
        ("net.netfilter.nf_conntrack_events", "6.1", 0, 2),
        ("net.ipv4.neigh.default.gc_thresh3", "6.1", 0, INT_MAX),
        ("net.ipv6.neigh.default.gc_thresh3", "6.1", 0, INT_MAX),
        ("fs.nr_open", "6.18", 64, 2147483584),
        ("kernel.timer_migration", "6.18", 0, 1),
    ],
)
def test_bounds_by_kernel(key: str, version: str, least: int, most: int) -> None:
    assert at(key, version).bounds() == (least, most)


@pytest.mark.parametrize(
    ("key", "absent", "present"),
    [
        ("net.core.rps_default_mask", "6.1", "6.12"),
        ("net.core.qdisc_max_burst", "6.18", "7.3"),
        ("net.ipv4.tcp_plb_enabled", "6.1", "6.12"),
        ("net.ipv4.tcp_rto_min_us", "6.1", "6.12"),
        ("net.ipv4.tcp_rto_max_ms", "6.12", "6.18"),
        ("net.ipv4.tcp_tw_reuse_delay", "6.12", "6.18"),
        ("net.ipv4.tcp_ecn_option", "6.12", "6.18"),
        ("net.ipv4.ip_local_port_step_width", "6.18", "7.3"),
        ("net.netfilter.nf_conntrack_dccp_loose", "7.3", "6.12"),
    ],
)
def test_keys_come_and_go(key: str, absent: str, present: str) -> None:
    assert at(key, present).exists
    assert not at(key, absent).exists
    (finding,) = judge(key, "1", kernel(absent))
    assert finding.kind is Kind.MISSING_KEY
    assert finding.certain
    assert "came after" in finding.notes[0] or "went after" in finding.notes[0]


@pytest.mark.parametrize(
    ("key", "version", "default"),
    [
        ("net.core.rmem_max", "6.12", (212992,)),
        ("net.core.rmem_max", "6.18", (4194304,)),
        ("net.core.optmem_max", "6.1", (20480,)),
        ("net.core.optmem_max", "6.12", (131072,)),
        ("net.core.skb_defer_max", "7.3", (128,)),
        ("net.ipv4.tcp_rmem", "6.12", (4096, 131072, 6291456)),
        ("net.ipv4.tcp_rmem", "6.18", (4096, 131072, 33554432)),
        ("net.ipv4.tcp_wmem", "6.18", (4096, 16384, 4194304)),
        ("net.ipv4.tcp_limit_output_bytes", "6.12", (1048576,)),
        ("net.ipv4.tcp_limit_output_bytes", "6.18", (4194304,)),
        ("net.ipv4.ip_local_port_range", "6.1", (32768, 60999)),
        ("net.ipv4.tcp_mem", "6.18", None),
    ],
)
def test_defaults_by_kernel(key: str, version: str, default: object) -> None:
    assert at(key, version).default() == default


@pytest.mark.parametrize(
    ("key", "memory", "default"),
    [
        ("net.ipv4.tcp_rmem", GIB, (4096, 131072, 8388608)),
        ("net.ipv4.tcp_rmem", 8 * GIB, (4096, 131072, 33554432)),
        ("net.netfilter.nf_conntrack_max", 8 * GIB, (262144,)),
        ("net.netfilter.nf_conntrack_buckets", 2 * GIB, (65536,)),
        ("net.netfilter.nf_conntrack_buckets", GIB // 2, (4096,)),
        ("net.netfilter.nf_conntrack_expect_max", 8 * GIB, (4096,)),
        ("net.ipv4.tcp_max_tw_buckets", 24 * GIB, (131072,)),
        ("net.ipv4.tcp_max_tw_buckets", 512 * GIB, (262144,)),
        ("net.ipv4.tcp_max_syn_backlog", 24 * GIB, (2048,)),
        ("net.ipv4.udp_mem", 16 * GIB, (393216, 524288, 786432)),
    ],
)
def test_defaults_that_follow_memory(key: str, memory: int, default: tuple[int, ...]) -> None:
    assert at(key, "6.18").default(memory) == default


@pytest.mark.parametrize(("tick", "least"), [(100, 20000), (250, 8000), (300, 6666), (1000, 2000), (None, 2000)])
def test_the_receive_loop_gets_two_ticks_at_least(tick: int | None, least: int) -> None:
    assert at("net.core.netdev_budget_usecs", "6.1", tick).minimum == least
    (finding,) = judge("net.core.netdev_budget_usecs", str(least - 1), kernel("6.1", tick))
    assert finding.kind is Kind.REFUSED
    assert str(least) in finding.message
    assert judge("net.core.netdev_budget_usecs", str(least), kernel("6.1", tick)) == []


def test_timeouts_end_where_their_ticks_fill_an_integer() -> None:
    assert at("net.ipv4.tcp_fin_timeout", "6.1", 250).maximum == 8589934
    assert at("net.ipv4.tcp_fin_timeout", "6.1", 1000).maximum == 2147483


def test_a_kernel_between_tables_that_agree_is_certain() -> None:
    assert at("net.core.somaxconn", "6.6").certain
    assert not at("net.core.rmem_max", "6.15").certain
    assert at("net.core.rmem_max", "6.15").judged_by == "6.12"
    assert not at("net.core.somaxconn", "5.14").certain
    assert at("net.core.somaxconn", "5.14").judged_by == "6.1"
    assert not judge("net.ipv4.tcp_rto_max_ms", "5000", kernel("6.14"))[0].certain


def test_scopes_and_modules() -> None:
    assert at("net.core.rmem_max", "6.1").scope == "global"
    assert at("net.core.rmem_max", "6.12").scope == "global-readonly"
    assert at("net.core.optmem_max", "6.12").scope == "namespace"
    assert at("net.ipv4.tcp_mem", "6.1").scope == "global"
    assert at("net.ipv4.tcp_rmem", "6.1").scope == "namespace"
    assert at("net.ipv4.neigh.default.gc_stale_time", "6.1").scope == "global"
    assert at("net.ipv4.neigh.eth0.gc_stale_time", "6.1").scope == "namespace"
    assert modules_needed("net.netfilter.nf_conntrack_max", "1000000", kernel("6.1")) == ("nf_conntrack",)
    assert modules_needed("net.ipv4.tcp_congestion_control", "bbr", kernel("6.1")) == ("tcp_bbr",)
    assert modules_needed("net.core.default_qdisc", "fq", kernel("6.1")) == ("sch_fq",)
    assert modules_needed("net.core.somaxconn", "1", kernel("6.1")) == ()


def test_what_the_kernel_makes_of_a_number() -> None:
    assert at("net.core.rps_sock_flow_entries", "6.1").stored(100) == 128
    assert [at("net.netfilter.nf_conntrack_buckets", "6.1").stored(n) for n in (1, 1000, 1000000, 262144)] == [
        512,
        1024,
        1000448,
        262144,
    ]
    assert at("net.ipv4.icmp_ratelimit", "6.1").stored(1001) == 1004
    # as 6.18 with 250 ticks a second shows them
    assert [at("net.ipv4.neigh.default.locktime", "6.1").stored(n) for n in (1, 7, 10, 1001)] == [0, 6, 10, 1000]
    assert at("net.core.somaxconn", "6.1").stored(1001) == 1001
    pages_of_64k = lookup("net.netfilter.nf_conntrack_buckets", kernel("6.1", page_size=65536))
    assert pages_of_64k is not None and pages_of_64k.stored(1) == 8192


def test_forwarding_is_written_before_what_it_resets() -> None:
    assert at("net.ipv4.conf.eth0.rp_filter", "6.1").after == ("net.ipv4.ip_forward",)
    assert "net.ipv4.ip_unprivileged_port_start" in at("net.ipv4.ip_local_port_range", "6.1").after


# Names of keys


@pytest.mark.parametrize(
    ("key", "dotted"),
    [
        ("net.core.somaxconn", "net.core.somaxconn"),
        ("net/core/somaxconn", "net.core.somaxconn"),
        ("net/ipv4/conf/eth0.100/rp_filter", "net.ipv4.conf.eth0/100.rp_filter"),
        ("net.ipv4.conf.eth0/100.rp_filter", "net.ipv4.conf.eth0/100.rp_filter"),
        (" net.ipv4.ip_forward ", "net.ipv4.ip_forward"),
    ],
)
def test_both_forms_of_a_key(key: str, dotted: str) -> None:
    assert canonical(key) == dotted
    assert lookup(key, kernel("6.1")) == lookup(dotted, kernel("6.1")) is not None


def test_an_interface_stands_for_itself() -> None:
    for name in ("all", "default", "eth0", "enp24s0f0np0", "eth0/100", "*"):
        assert at(f"net.ipv4.conf.{name}.rp_filter", "6.1").key == f"net.ipv4.conf.{name}.rp_filter"
    assert lookup("net.ipv4.conf.rp_filter", kernel("6.1")) is None
    (finding,) = judge("net.ipv4.conf.eth0.100.rp_filter", "1", kernel("6.1"))
    assert "net.ipv4.conf.eth0/100.rp_filter" in finding.notes[0]


def test_unknown_keys() -> None:
    assert kinds("net.core.rmem_mx", "1") == {Kind.MISSING_KEY}
    assert kinds("net.ipv4.conf.all.rp_fliter", "1") == {Kind.MISSING_KEY}
    assert kinds("kernel.panic", "1") == {Kind.UNKNOWN_KEY}
    assert kinds("net.ipv4.vs.conntrack", "1") == {Kind.UNKNOWN_KEY}
    assert kinds("", "") == {Kind.UNKNOWN_KEY}
    assert nearest_key("net.core.rmem_mx") == "net.core.rmem_max"
    assert nearest_key("net.ipv4.conf.eth0.rp_fliter") == "net.ipv4.conf.eth0.rp_filter"
    assert "net.core.*" in families()


# Values


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("net.core.rmem_max", "2303"),
        ("net.core.rmem_max", "2147483648"),
        ("net.core.rmem_max", "abc"),
        ("net.core.rmem_max", "64MiB"),
        ("net.core.rmem_max", ""),
        ("net.core.somaxconn", "5000,6"),
        ("net.core.somaxconn", "+5"),
        ("net.core.somaxconn", "09"),
        ("net.core.flow_limit_table_len", "5000"),
        ("net.core.flow_limit_cpu_bitmap", "0-1"),
        ("net.core.flow_limit_cpu_bitmap", "0x3"),
        ("net.core.default_qdisc", "nosuch"),
        ("net.ipv4.tcp_congestion_control", "cubci"),
        ("net.ipv4.tcp_rmem", "4096,131072,6291456"),
        ("net.ipv4.tcp_rmem", "4096 131072 2147483648"),
        ("net.ipv4.tcp_wmem", "0 16384 4194304"),
        ("net.ipv4.tcp_sack", "256"),
        ("net.ipv4.tcp_notsent_lowat", "-1"),
        ("net.ipv4.tcp_tw_reuse", "3"),
        ("net.ipv4.tcp_fin_timeout", "536870912"),
        ("net.ipv4.ip_local_port_range", "1023 65535"),
        ("net.ipv4.ip_local_port_range", "60000 50000"),
        ("net.ipv4.ip_local_port_range", "1024 65536"),
        ("net.ipv4.ip_local_reserved_ports", "70000"),
        ("net.ipv4.ip_local_reserved_ports", "9-1"),
        ("net.ipv4.ip_local_reserved_ports", "80, 443"),
        ("net.ipv4.neigh.default.gc_thresh3", "-1"),
        ("net.netfilter.nf_conntrack_tcp_loose", "2"),
        ("net.netfilter.nf_conntrack_buckets", "0"),
        ("vm.nr_hugepages", "-1"),
        ("fs.nr_open", "8"),
        ("fs.file-max", "9223372036854775808"),
    ],
)
def test_refused_values(key: str, value: str) -> None:
    (finding,) = judge(key, value, kernel("6.12"))
    assert finding.kind is Kind.REFUSED
    assert finding.kind.is_error
    assert f"`{key}`" in finding.message


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("net.core.rmem_max", "67108864"),
        ("net.core.somaxconn", "0x10000"),
        ("net.core.flow_limit_cpu_bitmap", "3"),
        ("net.core.flow_limit_cpu_bitmap", "ffffffff,ffffffff"),
        ("net.core.default_qdisc", "fq"),
        ("net.ipv4.tcp_congestion_control", "bbr"),
        ("net.ipv4.tcp_rmem", "4096 131072 67108864"),
        ("net.ipv4.tcp_rmem", "4096\t131072\t67108864"),
        ("net.ipv4.tcp_notsent_lowat", "131072"),
        ("net.ipv4.tcp_fastopen", "1027"),
        ("net.ipv4.tcp_keepalive_time", "600"),
        ("net.ipv4.ip_local_port_range", "1024 65535"),
        ("net.ipv4.ip_local_reserved_ports", "8080,9000-9010"),
        ("net.ipv4.ip_local_reserved_ports", ""),
        ("net.ipv4.ip_forward", "1"),
        ("net.netfilter.nf_conntrack_tcp_timeout_time_wait", "30"),
        ("net.ipv4.conf.*.rp_filter", "2"),
    ],
)
def test_values_without_a_word(key: str, value: str) -> None:
    assert judge(key, value, kernel("6.12")) == []


def test_a_bound_that_is_another_key() -> None:
    lower = {"net/ipv4/ip_unprivileged_port_start": "80"}
    assert judge("net.ipv4.ip_local_port_range", "80 65535", kernel("6.12"), others=lower) == []
    assert slugs("net.ipv4.ip_unprivileged_port_start", "40000") == {"refused"}
    higher = {"net.ipv4.ip_local_port_range": "50000 65000"}
    assert slugs("net.ipv4.ip_unprivileged_port_start", "40000", others=higher) == set()


def test_values_below_the_default() -> None:
    assert kinds("net.core.rmem_max", "1048576", "6.18") == {Kind.BELOW_DEFAULT}
    assert kinds("net.core.rmem_max", "1048576", "6.12") == set()
    assert kinds("net.ipv4.tcp_rmem", "4096 131072 16777216", "6.18") == {Kind.BELOW_DEFAULT}
    assert kinds("net.ipv4.ip_local_port_range", "40000 50000") == {Kind.BELOW_DEFAULT}
    assert kinds("net.netfilter.nf_conntrack_max", "65536", memory=16 * GIB) == {Kind.BELOW_DEFAULT}
    assert kinds("net.netfilter.nf_conntrack_max", "65536") == set()
    # Free pages are fewer than all: what a little less memory would give is no complaint.
    assert kinds("net.ipv4.tcp_mem", "190000 250000 380000", memory=16 * GIB) == set()
    assert kinds("net.ipv4.tcp_mem", "19000 25000 38000", memory=16 * GIB) == {Kind.BELOW_DEFAULT}


def test_values_that_make_no_sense() -> None:
    assert kinds("net.core.netdev_max_backlog", "-1") == {Kind.BELOW_DEFAULT, Kind.INSANE}
    assert Kind.INSANE in kinds("net.core.netdev_budget", "0")
    assert Kind.INSANE in kinds("net.ipv4.tcp_fin_timeout", "0")
    assert kinds("net.ipv4.tcp_keepalive_time", "40000") == {Kind.INSANE}
    assert kinds("net.ipv4.tcp_sack", "7") == {Kind.INSANE}
    assert kinds("net.netfilter.nf_conntrack_max", "0", "6.18") == {Kind.INSANE}
    assert slugs("vm.min_free_kbytes", "1048576", memory=8 * GIB) == {"share-of-memory"}
    assert slugs("vm.min_free_kbytes", "262144", memory=8 * GIB) == set()
    assert "octal" in slugs("net.core.somaxconn", "010000")
    assert slugs("net.ipv4.tcp_rmem", "4096 131072") == {"missing-numbers"}
    assert slugs("net.core.somaxconn", "8192 6") == {"extra-numbers"}


def test_keys_that_take_no_value() -> None:
    assert kinds("net.netfilter.nf_conntrack_count", "5") == {Kind.READ_ONLY}
    assert kinds("net.ipv4.tcp_available_congestion_control", "bbr") == {Kind.READ_ONLY}


# Myths


@pytest.mark.parametrize("version", ["5.14", "6.1", "6.12", "6.18", "7.3"])
def test_tcp_tw_recycle_is_an_error(version: str) -> None:
    (finding,) = judge("net.ipv4.tcp_tw_recycle", "1", kernel(version))
    assert finding.kind is Kind.MISSING_KEY and finding.kind.is_error
    assert finding.slug == "tw-recycle"
    assert "4.12" in finding.notes[0]


def test_a_kernel_from_before_the_removal_may_have_the_key() -> None:
    (finding,) = judge("net.ipv4.tcp_tw_recycle", "1", kernel("4.11"))
    assert finding.kind is Kind.UNKNOWN_KEY


@pytest.mark.parametrize(
    ("key", "value", "slug"),
    [
        ("net.ipv4.tcp_fin_timeout", "15", "fin-timeout"),
        ("net.ipv4.tcp_sack", "0", "sack-off"),
        ("net.ipv4.tcp_window_scaling", "0", "window-scaling-off"),
        ("net.ipv4.tcp_timestamps", "0", "timestamps-off"),
        ("net.ipv4.tcp_mem", "786432 1048576 1073741824", "mem-in-bytes"),
        ("net.ipv4.udp_mem", "67108864 134217728 268435457", "mem-in-bytes"),
        ("net.ipv4.tcp_rmem", "4096 12582912 16777216", "huge-initial-buffer"),
        ("net.core.rmem_default", "134217728", "huge-default-buffer"),
        ("net.ipv4.tcp_adv_win_scale", "-2", "adv-win-scale"),
        ("net.ipv4.udp_wmem_min", "16384", "udp-wmem-min"),
        ("net.ipv4.tcp_low_latency", "1", "legacy-key"),
        ("net.ipv4.tcp_fack", "1", "legacy-key"),
        ("net.core.netdev_max_backlog", "250000", "backlog-is-not-the-ring"),
        ("net.ipv4.tcp_abort_on_overflow", "1", "abort-on-overflow"),
        ("net.ipv4.tcp_max_tw_buckets", "5000", "time-wait-limit"),
        ("net.ipv4.tcp_max_orphans", "4096", "orphan-limit"),
        ("net.ipv4.tcp_collapse_max_bytes", "6291456", "collapse-max-bytes"),
        ("net.ipv4.tcp_bic", "1", "obsolete-key"),
        ("net.ipv4.route.max_size", "8048576", "route-cache"),
        ("net.ipv6.route.max_size", "8048576", "route-limit-6"),
        ("net.ipv4.neigh.default.gc_interval", "3600", "neighbour-gc-interval"),
        ("net.core.bpf_jit_enable", "2", "jit-debugging"),
        ("net.core.busy_poll", "50", "busy-poll-everywhere"),
        ("net.netfilter.nf_conntrack_udp_timeout", "0", "conntrack-timeout-zero"),
        ("net.core.default_qdisc", "htb", "harmful-qdisc"),
    ],
)
def test_myths(key: str, value: str, slug: str) -> None:
    findings = judge(key, value, kernel("6.12"))
    assert [finding.slug for finding in findings] == [slug]
    (finding,) = findings
    assert finding.kind.is_error == (slug in ("collapse-max-bytes", "obsolete-key"))
    assert finding.source
    assert f"`{key}" in finding.message


def test_myths_that_depend_on_more() -> None:
    assert slugs("net.ipv4.tcp_adv_win_scale", "-2", "6.1") == set()
    assert slugs("net.ipv4.tcp_tw_reuse", "1") == set()
    assert slugs("net.ipv4.tcp_tw_reuse", "1", outgoing=False) == {"tw-reuse-inbound"}
    assert slugs("net.ipv4.tcp_max_tw_buckets", "65536", memory=64 * GIB) == {"time-wait-limit"}
    assert slugs("net.ipv4.tcp_max_tw_buckets", "2000000", memory=64 * GIB) == set()
    assert slugs("net.ipv4.tcp_mem", "786432 1048576 26777216", memory=64 * GIB) == {"mem-in-bytes"}


@pytest.mark.parametrize(
    ("settings", "slug"),
    [
        ({"net.ipv4.tcp_tw_reuse": "1", "net.ipv4.tcp_timestamps": "0"}, "tw-reuse-without-timestamps"),
        ({"net.ipv4.ip_local_port_range": "1024 65535"}, "ports-without-reservation"),
        ({"net.ipv4.tcp_max_syn_backlog": "8192"}, "syn-backlog-alone"),
        ({"net.netfilter.nf_conntrack_max": "2000000"}, "conntrack-long-chains"),
        (
            {"net.netfilter.nf_conntrack_max": "2000000", "net.netfilter.nf_conntrack_buckets": "65536"},
            "conntrack-long-chains",
        ),
        ({"net/ipv4/conf/all/rp_filter": "0"}, "rp-filter-all-only"),
        ({"net.ipv4.conf.all.rp_filter": "1", "net.ipv4.conf.eth0.rp_filter": "0"}, "rp-filter-all-wins"),
    ],
)
def test_settings_that_defeat_each_other(settings: dict[str, str], slug: str) -> None:
    assert [finding.slug for finding in judge_together(settings, kernel("6.12"))] == [slug]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"net.ipv4.tcp_tw_reuse": "1"},
        {"net.ipv4.tcp_timestamps": "0"},
        {"net.ipv4.ip_local_port_range": "1024 65535", "net.ipv4.ip_local_reserved_ports": "80,443"},
        {"net.ipv4.ip_local_port_range": "32768 65535"},
        {"net.ipv4.tcp_max_syn_backlog": "8192", "net.core.somaxconn": "8192"},
        {"net.ipv4.tcp_max_syn_backlog": "8192", "net.ipv4.tcp_syncookies": "0"},
        {"net.netfilter.nf_conntrack_max": "2000000", "net.netfilter.nf_conntrack_buckets": "2000000"},
        {"net.ipv4.conf.all.rp_filter": "0", "net.ipv4.conf.eth0.rp_filter": "0"},
        {"net.ipv4.conf.all.rp_filter": "2", "net.ipv4.conf.eth0.rp_filter": "1"},
    ],
)
def test_settings_that_go_together(settings: dict[str, str]) -> None:
    assert judge_together(settings, kernel("6.12")) == []


# Any text, and speed

KEYS = st.one_of(st.sampled_from(known_keys()), st.text(max_size=60), st.from_regex(r"net\.[a-z0-9./_*]{0,50}"))
VALUES = st.one_of(
    st.text(max_size=40),
    st.lists(st.integers(-(2**66), 2**66), max_size=5).map(lambda numbers: " ".join(map(str, numbers))),
    st.from_regex(r"[0-9a-fx,\- \t\n]{0,40}"),
)
VERSIONS = st.sampled_from(["2.6.32", "4.4", "5.14", "6.1", "6.9", "6.12.3", "6.18", "7.3", "12.0"])


@given(KEYS, VALUES, VERSIONS, st.sampled_from([None, 100, 250, 1000]), st.sampled_from([None, GIB, 2**40]))
def test_no_text_breaks_the_judgement(key: str, value: str, version: str, tick: int | None, memory: int | None) -> None:
    target = kernel(version, tick)
    for finding in judge(key, value, target, memory, others={key: value}):
        assert finding.message
        assert finding.slug
    judge_together({key: value, "net.ipv4.tcp_tw_reuse": "1"}, target, memory)
    nearest_key(key)


def test_a_thousand_hosts_look_up_forty_keys_at_once() -> None:
    keys = [key.replace("*", "eth0") for key in known_keys()][:40]
    target = kernel("6.12")
    lookup(keys[0], target)
    begun = time.process_time()
    for _ in range(1000):
        for key in keys:
            lookup(key, target)
    assert time.process_time() - begun < 5

"""Order and spelling of sysctls, and the rule for modules that come late."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from planned import DEBIAN, plan, sysctl

from netc.backends.sysctl import render
from netc.promises.sysctl_forms import spelled

if TYPE_CHECKING:
    from netc.plan import Plan


def files(plan: Plan) -> dict[str, str]:
    return {artifact.path.removeprefix("rootfs/etc/"): artifact.text for artifact in render(plan)}


def keys(text: str) -> list[str]:
    return [line.split(" = ")[0] for line in text.splitlines() if " = " in line and not line.startswith("#")]


def test_file_names_depend_on_sysctl_conf() -> None:
    settings = (sysctl("net.ipv4.ip_forward", "1"), sysctl("net.core.somaxconn", "8192"))
    assert sorted(files(plan(*settings))) == [
        "sysctl.d/99-zy-netc-forwarding.conf",
        "sysctl.d/99-zz-netc.conf",
    ]
    newer = replace(DEBIAN, outranks_sysctl_conf=False)
    assert sorted(files(plan(*settings, target=newer))) == [
        "sysctl.d/89-netc-forwarding.conf",
        "sysctl.d/90-netc.conf",
    ]
    assert "99-sysctl.conf" < "99-zy-netc-forwarding.conf" < "99-zz-netc.conf"


def test_nothing_wanted_is_nothing_written() -> None:
    assert files(plan()) == {}


def test_all_and_default_come_before_interfaces() -> None:
    wanted = [f"net.ipv4.conf.{name}.rp_filter" for name in ("aaa", "default", "all", "zzz")]
    text = files(plan(*(sysctl(key, "1") for key in wanted)))["sysctl.d/99-zz-netc.conf"]
    assert [key.split(".")[3] for key in keys(text)] == ["all", "default", "aaa", "zzz"]


def test_the_flow_limit_table_is_sized_before_it_is_made() -> None:
    text = files(plan(sysctl("net.core.flow_limit_cpu_bitmap", "ff"), sysctl("net.core.flow_limit_table_len", "8192")))[
        "sysctl.d/99-zz-netc.conf"
    ]
    assert keys(text) == ["net.core.flow_limit_table_len", "net.core.flow_limit_cpu_bitmap"]


@pytest.mark.parametrize(
    ("key", "written"),
    [
        ("net.core.somaxconn", "net.core.somaxconn"),
        ("net.ipv4.conf.front0.rp_filter", "net.ipv4.conf.front0.rp_filter"),
        ("net.ipv4.conf.eth0.100.rp_filter", "net/ipv4/conf/eth0.100/rp_filter"),
        ("net.ipv6.neigh.a.b.c.gc_stale_time", "net/ipv6/neigh/a.b.c/gc_stale_time"),
        ("net.ipv4.conf.eth0/100.rp_filter", "net.ipv4.conf.eth0/100.rp_filter"),
        ("net.ipv4.conf.*.rp_filter", "net.ipv4.conf.*.rp_filter"),
    ],
)
def test_dots_in_interface_names(key: str, written: str) -> None:
    assert spelled(key) == written


def rule(*settings: tuple[str, str]) -> list[str]:
    text = files(plan(*(sysctl(key, "1", module=module) for key, module in settings)))
    lines = text.get("udev/rules.d/90-netc-sysctl.rules", "").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_a_late_module_gets_its_directory() -> None:
    (line,) = rule(
        ("net.netfilter.nf_conntrack_max", "nf_conntrack"),
        ("net.netfilter.nf_conntrack_buckets", "nf_conntrack"),
        ("net.core.somaxconn", ""),
    )
    assert line.startswith('ACTION=="add", SUBSYSTEM=="module", KERNEL=="nf_conntrack", RUN+="')
    assert line.endswith('/systemd-sysctl --prefix=/net/netfilter"')


def test_a_directory_of_several_owners_is_not_taken_whole() -> None:
    (line,) = rule(("net.ipv4.tcp_congestion_control", "tcp_bbr"), ("net.ipv4.tcp_rmem", ""))
    assert "--prefix=/net/ipv4/tcp_congestion_control" in line
    (line,) = rule(("net.nf_conntrack_max", "nf_conntrack"))
    assert "--prefix=/net/nf_conntrack_max" in line
    one, two = rule(("net.x.a", "x"), ("net.x.b", "y"))
    assert "--prefix=/net/x/a" in one
    assert "--prefix=/net/x/b" in two


def test_builtin_keys_need_no_rule() -> None:
    assert rule(("net.core.somaxconn", "")) == []

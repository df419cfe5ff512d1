"""What a short latency leads to, for every driver of the table and several kernels."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from netc import pipeline
from netc.diagnostics import Report
from netc.knowledge import drivers
from netc.latency import LONGEST_MODERATION, RELAXED, share_of_moderation
from netc.plan import Kind
from netc.resolving.files import Files

if TYPE_CHECKING:
    from netc.plan import Plan

# The file itself, so that a mistake in what reads it for netc shows.
DRIVERS: dict[str, Any] = yaml.safe_load((Path(drivers.__file__).parent / "drivers.yaml").read_text(encoding="utf-8"))[
    "drivers"
]
KERNELS = ("5.10", "6.1", "6.6", "6.12", "6.18", "7.3")
LATENCIES = {"low": 0, "3us": 3, "8us": 8, "20us": 20, "50us": 50, "500us": 500, "1ms": 1000}
"""Written, and in microseconds."""


def plan_of(folder: Path, body: str, system: str = "distribution debian 12") -> tuple[Plan, set[str]]:
    """The plan of one host with this body, and the codes of what is said of it."""
    path = folder / "host.net"
    path.write_text(f"host h {{\n    system {{ {system} }}\n{body}\n}}\n", encoding="utf-8")
    report = Report()
    run = pipeline.load([str(path)], Files(Files.common_base([str(path)])), report)
    (plan,) = pipeline.plans(run)
    return plan, {diagnostic.code for diagnostic in report}


def nic(driver: str, *statements: str) -> str:
    return f"    nic up {{ match pci 0000:18:00.0; driver {driver}; {'; '.join(statements)} }}\n"


def coalescing(plan: Plan) -> dict[str, str]:
    return {s.key.partition(".")[2]: s.value for s in plan.of_interface("up") if s.key.startswith("coalesce.")}


def sysctls(plan: Plan) -> dict[str, str]:
    return {s.key: s.value for s in plan.of(Kind.SYSCTL)}


def left(plan: Plan) -> dict[str, str]:
    return {entry.key: entry.why.reason for entry in plan.left_alone}


def version(text: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", text)))


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("name", DRIVERS)
def test_nothing_is_derived_that_a_driver_lacks(name: str, kernel: str, tmp_path: Path) -> None:
    facts = DRIVERS[name]["coalesce"]
    for latency, usecs in LATENCIES.items():
        body = nic(name) + f"    goal dns {{ latency {latency} }}"
        plan, _ = plan_of(tmp_path, body, f"distribution generic; kernel {kernel}; systemd 252; tick 250")
        found = coalescing(plan)
        if not found:
            assert "up coalesce" in left(plan)
        for parameter, value in found.items():
            condition = facts.get("conditions", {}).get(parameter, {})
            assert parameter in facts["parameters"]
            assert "needs" not in condition
            assert version(condition.get("since", "0")) <= version(kernel)
            assert not (parameter.startswith("tx-usecs") and facts.get("tx_follows_rx"))
            if parameter.endswith("-usecs") and int(value) > 1:
                assert facts.get("minimum", 0) <= int(value) <= facts.get("maximum", LONGEST_MODERATION)
                assert int(value) % facts.get("step", 1) == 0
                assert 4 * int(value) <= usecs
            elif not parameter.startswith("adaptive"):
                assert int(value) == facts["immediate"][parameter]
            else:
                assert value == "off"


@pytest.mark.parametrize("name", [name for name, record in DRIVERS.items() if "immediate" in record["coalesce"]])
def test_values_without_moderation_are_whole(name: str) -> None:
    """Where frames are counted no time means to wait for the frames alone: include/uapi/linux/ethtool.h."""
    facts = DRIVERS[name]["coalesce"]
    immediate = facts["immediate"]
    assert set(immediate) <= set(facts["parameters"])
    for direction in {parameter[:2] for parameter in immediate}:
        assert f"{direction}-usecs" in immediate
        if f"{direction}-frames" in facts["parameters"]:
            assert immediate[f"{direction}-frames"] == 1


@pytest.mark.parametrize(
    ("limit", "share"), [(None, 0), (999, 0), (4000, 1), (50_000, 12), (80_000, 20), (RELAXED - 1, 20)]
)
def test_share_of_moderation(limit: int | None, share: int) -> None:
    assert share_of_moderation(limit) == share


@pytest.mark.parametrize(
    ("driver", "latency", "values"),
    [
        ("ixgbe", "low", {"rx-usecs": "0"}),
        ("ixgbe", "6us", {"rx-usecs": "0"}),
        ("ixgbe", "8us", {"rx-usecs": "2"}),
        ("igb", "39us", {"rx-usecs": "0"}),
        ("igb", "40us", {"rx-usecs": "10"}),
        ("i40e", "15us", {"rx-usecs": "2", "tx-usecs": "2", "adaptive-rx": "off", "adaptive-tx": "off"}),
        ("tg3", "low", {"rx-usecs": "1", "tx-usecs": "1", "rx-frames": "1", "tx-frames": "1"}),
        ("tg3", "50us", {"rx-usecs": "12", "tx-usecs": "12"}),
        ("qede", "low", {"rx-usecs": "1", "tx-usecs": "1"}),
        ("ena", "1ms", {"rx-usecs": "20", "tx-usecs": "20", "adaptive-rx": "off"}),
        ("ena", "1.1ms", {}),
        ("r8169", "low", {}),
        ("virtio_net", "low", {}),
        ("vmxnet3", "low", {}),
    ],
)
def test_moderation(driver: str, latency: str, values: dict[str, str], tmp_path: Path) -> None:
    plan, _ = plan_of(tmp_path, nic(driver) + f"    goal dns {{ latency {latency} }}")
    assert coalescing(plan) == values


@pytest.mark.parametrize(
    ("written", "values"),
    [
        ("rx 30us", {"rx-usecs": "30", "adaptive-rx": "off", "adaptive-tx": "off"}),
        ("adaptive off", {"rx-usecs": "0", "tx-usecs": "0", "adaptive-rx": "off", "adaptive-tx": "off"}),
        ("adaptive on", {"adaptive-rx": "on", "adaptive-tx": "on"}),
        ("adaptive-rx on", {"adaptive-rx": "on"}),
        ("adaptive-tx on", {"rx-usecs": "0", "adaptive-rx": "off", "adaptive-tx": "on"}),
    ],
)
def test_what_is_written_of_moderation_stays(written: str, values: dict[str, str], tmp_path: Path) -> None:
    plan, found = plan_of(tmp_path, nic("ice", f"coalesce {{ {written} }}") + "    goal low-latency { }")
    assert coalescing(plan) == values
    assert ("N0650" in found) == (written in ("adaptive on", "adaptive-rx on"))


def test_the_shortest_of_several_latencies_counts(tmp_path: Path) -> None:
    goals = "    goal dns { latency 60us }\n    goal database { latency 40us }\n    goal proxy { latency 2ms }"
    plan, _ = plan_of(tmp_path, nic("ena") + goals)
    assert coalescing(plan)["rx-usecs"] == "10"
    assert "latency 2 ms" in left(plan)


def test_a_goal_of_one_nic_leaves_the_moderation_of_others(tmp_path: Path) -> None:
    body = "    nic other { match pci 0000:19:00.0; driver ice; goal dns { latency low } }\n"
    plan, _ = plan_of(tmp_path, nic("ice") + body)
    assert coalescing(plan) == {}
    assert any(s.key == "coalesce.rx-usecs" for s in plan.of_interface("other"))


@pytest.mark.parametrize(
    ("body", "usecs"),
    [
        ("    goal low-latency { }", "50"),
        ("    goal proxy { latency 80us }", "50"),
        ("    goal proxy { latency 3ms }", None),
        ("    goal router { latency 50us }", None),
        (nic("ice", "napi { busy-poll 20us }") + "    goal low-latency { }", "20"),
        (nic("ice", "napi { busy-poll 0us }") + "    goal low-latency { }", None),
        (nic("ice", "napi { busy-poll 75us }") + "    goal router { }", "75"),
        (f"{nic('ice', 'dpdk', 'goal low-latency { }')}\n    nic admin {{ match pci 0000:01:00.0; management }}", None),
    ],
)
def test_busy_polling(body: str, usecs: str | None, tmp_path: Path) -> None:
    plan, _ = plan_of(tmp_path, body)
    assert {sysctls(plan).get(f"net.core.busy_{word}") for word in ("poll", "read")} == {usecs}


def test_any_goal_with_a_latency_gets_what_its_kind_has_not(tmp_path: Path) -> None:
    wanted = {"kernel.numa_balancing": "0", "vm.stat_interval": "10", "kernel.timer_migration": "0"}
    for goal in ("low-latency { }", "dns { latency 50us }", "router { latency 50us }"):
        plan, _ = plan_of(tmp_path, f"    goal {goal}")
        found = sysctls(plan)
        assert {key: found.get(key) for key in wanted} == wanted
        assert ("net.ipv4.tcp_slow_start_after_idle" in found) == ("router" not in goal)
        arguments = [s.key for s in plan.of(Kind.KERNEL_ARGUMENT)]
        assert {"skew_tick=1", "transparent_hugepage=never"} <= set(arguments)


def test_timers_leave_isolated_cpus(tmp_path: Path) -> None:
    cpus = "    cpu { sockets 1; cores 8; threads 1; isolate 4-7 }\n"
    plan, _ = plan_of(tmp_path, cpus + "    goal low-latency { }")
    assert "kernel.timer_migration" not in sysctls(plan)


def test_a_written_kernel_argument_stays(tmp_path: Path) -> None:
    body = '    goal low-latency { }\n    kernel-argument "transparent-hugepage=madvise" because "the heap asks for it"'
    plan, _ = plan_of(tmp_path, body)
    arguments = [s.key for s in plan.of(Kind.KERNEL_ARGUMENT)]
    assert "transparent_hugepage=never" not in arguments
    assert "skew_tick=1" in arguments

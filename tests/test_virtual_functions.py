"""Virtual functions, from the file to what is written of them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from netc import codes, pipeline
from netc.backends import artifacts_of
from netc.backends.guards import Defect
from netc.diagnostics import Report
from netc.plan import Interface, Kind, Plan, Setting, Target, Via, Why
from netc.plan_json import from_json, to_json
from netc.queues import channel_limit, queues_of
from netc.resolving.files import Files

if TYPE_CHECKING:
    from pathlib import Path

    from netc.model import Host

SYSTEM = "distribution debian 12; memory 16GiB; cpu-vendor intel"
FRONT = "nic front { match pci 0000:18:00.0; driver ice; speed 25Gbps; node 1; vfs 4"
ADMIN = "nic admin { match pci 0000:00:1f.6; driver e1000e; node 0; management }"
CPUS = "cpu { sockets 2; cores 4 }"


def run_of(folder: Path, body: str, system: str = SYSTEM) -> tuple[pipeline.Run, Report]:
    path = folder / "host.net"
    path.write_text(f"host h {{\n    system {{ {system} }}\n{body}\n}}\n")
    report = Report()
    return pipeline.load([str(path)], Files(Files.common_base([str(path)])), report), report


def host_of(folder: Path, body: str, system: str = SYSTEM) -> tuple[Host, set[str]]:
    run, report = run_of(folder, body, system)
    (host,) = pipeline.hosts(run)
    return host, {diagnostic.code for diagnostic in report}


def plan_of(folder: Path, body: str, system: str = SYSTEM) -> Plan:
    run, report = run_of(folder, body, system)
    (plan,) = pipeline.plans(run)
    assert not report.failed, [diagnostic.message for diagnostic in report]
    return plan


def files_of(plan: Plan) -> dict[str, str]:
    return {artifact.path.removeprefix("rootfs/etc/"): artifact.text for artifact in artifacts_of(plan)}


def code_of(text: str) -> list[str]:
    """The lines that are neither comments nor empty."""
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_a_virtual_function_has_what_its_physical_function_tells(tmp_path: Path) -> None:
    host, _ = host_of(tmp_path, f"{CPUS}\n{FRONT} }}\nnic w0 {{ match vf 0 of front }}")
    found = host.nic("w0")
    assert found is not None
    assert (found.driver and found.driver.value, found.knowledge and found.knowledge.name) == ("iavf", "iavf")
    assert (found.node and found.node.value, found.speed and found.speed.value) == (1, 25 * 10**9)
    assert channel_limit(host, found) == 16


def test_what_is_written_of_it_wins(tmp_path: Path) -> None:
    body = f"{CPUS}\n{FRONT} }}\nnic w0 {{ match vf 0 of front; node 0; speed 10Gbps; vectors 4 }}"
    host, _ = host_of(tmp_path, body)
    found = host.nic("w0")
    assert found is not None
    assert (found.node and found.node.value, found.speed and found.speed.value) == (0, 10 * 10**9)
    assert channel_limit(host, found) == 4


def test_the_physical_function_keeps_fewer_queues(tmp_path: Path) -> None:
    body = (
        f"{CPUS}\nnic front {{ match pci 0000:18:00.0; driver igb; speed 1Gbps; node 0; vectors 8; VFS }}\n"
        "goal router { packets 1Mpps }"
    )
    for vfs, queues in (("vfs 2", 2), ("mtu 1500", 4)):
        host, found = host_of(tmp_path, body.replace("VFS", vfs))
        front = host.nic("front")
        assert front is not None
        assert queues_of(host, front) == queues
        assert not any(code.startswith("N08") for code in found)


def test_one_wire_is_counted_once(tmp_path: Path) -> None:
    """A goal of 40 Gbit/s does not fit one wire of 25 with a virtual function on it."""
    body = f"{CPUS}\n{FRONT} }}\nnic w0 {{ match vf 0 of front }}\ngoal router {{ throughput 40Gbps }}"
    beyond = codes.THROUGHPUT_BEYOND_LINKS.number
    assert beyond in host_of(tmp_path, body)[1]
    assert beyond not in host_of(tmp_path, body.replace("40Gbps", "20Gbps"))[1]


@pytest.mark.parametrize(
    ("driver", "systemd", "by_link"),
    [
        ("ice", 252, True),
        ("ice", 250, False),
        ("bnxt_en", 252, False),
        ("hns3", 252, True),
    ],
)
def test_who_makes_them(tmp_path: Path, driver: str, systemd: int, by_link: bool) -> None:
    """udev where systemd has a word for it and the driver takes it while down, and in any case the unit."""
    front = FRONT.replace("ice", driver)
    plan = plan_of(tmp_path, f"{front}; vf 1 {{ vlan 5 }} }}", f"{SYSTEM}; systemd {systemd}")
    via = {setting.key: setting.via for setting in plan.settings if setting.key[:2] == "vf"}
    assert via == dict.fromkeys(("vfs", "vf.1"), (Via.LINK, Via.FUNCTIONS) if by_link else (Via.FUNCTIONS,))
    files = files_of(plan)
    assert ("SR-IOVVirtualFunctions=4" in files["systemd/network/10-netc-front.link"]) is by_link
    assert ("udev/rules.d/79-netc-vfs.rules" in files) is by_link
    assert "make_functions 4" in files["netc/vfs/front"]


def test_no_vlan_is_left_to_the_unit(tmp_path: Path) -> None:
    """systemd refuses VLANId=0 (netif-sriov.c of 252 and 257)."""
    files = files_of(plan_of(tmp_path, f"{FRONT}; vf 0 {{ vlan 0 }}; vf 1 {{ vlan 0; trust on }} }}"))
    link = code_of(files["systemd/network/10-netc-front.link"])
    assert link[link.index("SR-IOVVirtualFunctions=4") + 1 :] == ["[SR-IOV]", "VirtualFunction=1", "Trust=yes"]
    steps = [line for line in code_of(files["netc/vfs/front"]) if line.startswith("set_function")]
    assert steps == ["set_function 0 vlan 0", "set_function 1 vlan 0 trust on"]


def test_virtual_functions_stand_by_number(tmp_path: Path) -> None:
    body = FRONT.replace("vfs 4", "vfs 12") + "; vf 10 { vlan 5 }; vf 2 { vlan 6 }; vf 0 { vlan 7 } }"
    files = files_of(plan_of(tmp_path, body))
    numbers = re.findall(r"^VirtualFunction=(\d+)$", files["systemd/network/10-netc-front.link"], re.MULTILINE)
    assert numbers == ["0", "2", "10"]
    assert re.findall(r"^set_function (\d+)", files["netc/vfs/front"], re.MULTILINE) == numbers


def test_each_is_found_by_its_physical_function(tmp_path: Path) -> None:
    body = f"{FRONT} }}\nnic w0 {{ match vf 0 of front }}\nnic w3 {{ match vf 3 of front; rename keep; queues 2 }}"
    rules = files_of(plan_of(tmp_path, body))["udev/rules.d/79-netc-vfs.rules"]
    assert code_of(rules)[-3:-1] == [
        'TEST=="/sys/bus/pci/devices/0000:18:00.0/virtfn0/net/$kernel", ENV{NETC_VF}="w0"',
        'TEST=="/sys/bus/pci/devices/0000:18:00.0/virtfn3/net/$kernel", ENV{NETC_VF}="w3"',
    ]
    named = files_of(plan_of(tmp_path, body.replace("pci 0000:18:00.0", "mac 3c:fd:fe:9e:7a:10")))
    rules = named["udev/rules.d/79-netc-vfs.rules"]
    assert code_of(rules)[4].startswith(
        'ATTR{address}=="3c:fd:fe:9e:7a:10", ENV{DEVTYPE}=="", ATTR{device/sriov_numvfs}'
    )
    assert code_of(rules)[-3] == 'TEST=="/sys/class/net/front/device/virtfn0/net/$kernel", ENV{NETC_VF}="w0"'
    assert "Property=NETC_VF=w0" in named["systemd/network/10-netc-w0.link"]
    assert 'ENV{NETC_VF}=="w3", ENV{NETC_NIC}="w3"' in named["udev/rules.d/90-netc-nic.rules"]


def test_those_of_applications_are_kept_apart(tmp_path: Path) -> None:
    body = (
        f"{CPUS}\n{FRONT} }}\n{ADMIN}\nnic w0 {{ match vf 0 of front }}\nnic d1 {{ match vf 1 of front; dpdk }}\n"
        'dpdk "app.service" { nics d1; lcores 6; memory 1GiB }'
    )
    plan = plan_of(tmp_path, body)
    front = next(interface for interface in plan.interfaces if interface.nic == "front")
    assert front.functions_apart == (1,)
    assert [(device.address, device.function, device.driver) for device in plan.devices] == [
        ("0000:18:00.0", 1, "vfio-pci")
    ]
    assert {"keep_apart 1", "must_be_taken 0"} <= set(code_of(files_of(plan)["netc/vfs/front"]))


def test_a_bifurcated_driver_has_those_of_applications_too(tmp_path: Path) -> None:
    body = (
        f"{CPUS}\n{FRONT.replace('ice', 'mlx5_core')} }}\n{ADMIN}\nnic d1 {{ match vf 1 of front; dpdk }}\n"
        'dpdk "app.service" { nics d1; lcores 6; memory 1GiB }'
    )
    plan = plan_of(tmp_path, body)
    front = next(interface for interface in plan.interfaces if interface.nic == "front")
    assert front.functions_apart == ()
    assert [(device.function, device.driver, device.bifurcated) for device in plan.devices] == [(1, "mlx5_core", True)]


def test_it_may_be_absent_where_its_physical_function_may(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, f"{FRONT}; optional }}\nnic w0 {{ match vf 0 of front; queues 2 }}")
    assert [interface.optional for interface in plan.interfaces] == [True, True]
    assert not any("multi-user" in path for path in files_of(plan) if "-w0" in path or "-front" in path)


def test_the_plan_is_read_back(tmp_path: Path) -> None:
    body = (
        f"{FRONT.replace('ice', 'igb')}; vf 0 {{ mac 02:00:00:00:00:01; vlan 0 }} }}\nnic w0 {{ match vf 0 of front }}"
    )
    plan = plan_of(tmp_path, body)
    assert from_json(to_json(plan)) == replace(plan, objects=())
    assert '"functions_need_link": true' in to_json(plan)


WHY = Why(("a.net: $(id)",), "test", 'x"\n%n $name\\')
TARGET = Target("debian", "12", "6.1", 252, 250, "x86-64", "grub", "initramfs-tools", "networkd", 4096)


def made(
    *settings: tuple[str, str], number: int | None = 0, physical: str = "front", pci: str = "0000:18:00.0"
) -> Plan:
    found = tuple(
        Setting(Kind.NIC, key, value, WHY, interface="front", via=(Via.LINK, Via.FUNCTIONS)) for key, value in settings
    )
    interfaces = (
        Interface("front", "" if not pci else "front", pci=pci, mac="02:00:00:00:00:09"),
        Interface("w0", "w0", physical_function=physical, function=number),
    )
    return Plan("h", ("a.net",), TARGET, "kernel", "x", interfaces, found)


@pytest.mark.parametrize(
    "plan",
    [
        made(("vfs", "4; reboot")),
        made(("vfs", "-1")),
        made(("vf.0", "mac 02:00:00:00:00:01$(id)")),
        made(("vf.0", "mac 02:00:00:00:00:01 vlan 1\n")),
        made(("vf.0", "trust yes")),
        made(("vf.0", "rate 5")),
        made(("vf.x", "vlan 5")),
        made(("vf.0", "vlan")),
        made(number=None),
        made(number=-1),
        made(physical="nobody"),
        made(pci=""),
    ],
    ids=lambda plan: f"{[setting.value for setting in plan.settings]} {plan.interfaces[1].function}",
)
def test_what_tools_would_misread_is_a_defect(plan: Plan) -> None:
    with pytest.raises((Defect, ValueError)):
        artifacts_of(plan)


def test_hostile_reasons_stay_in_comments() -> None:
    plan = made(("vfs", "2"), ("vf.0", "vlan 5"))
    plain = replace(plan, settings=tuple(replace(s, why=Why(("a",), "b", "c")) for s in plan.settings))
    for one, other in zip(artifacts_of(plan), artifacts_of(plain), strict=True):
        if one.path != "plan.json" and not one.path.endswith(("/netc/files", "/netc/verify")):  # digests, and words
            assert code_of(one.text) == code_of(other.text)

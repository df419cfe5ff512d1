"""A plan carried out on a veth, damaged, and read back: what is damaged is named, by netc and by the boot check."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from made import plan, run

from netc.backends import artifacts_of
from netc.plan import Interface, Kind, Program, Setting, Via, Why
from netc.plan_json import to_json
from netc.records import replace

S = Via.STEERING
ASKED = Why(("a.net: host h1",), "test", "because")
OBJECT = Path(__file__).parents[1] / "objects/pass.o"
PINS = "/sys/fs/bpf/netc/front"


def nic(key: str, value: str, *via: Via) -> Setting:
    return Setting(Kind.NIC, key, value, ASKED, interface="front", via=via)


PLAN = replace(
    plan(
        Setting(Kind.SYSCTL, "net.core.somaxconn", "5000", ASKED),
        nic("mtu", "1400", Via.UNIT),
        nic("channels.rx", "2", Via.UNIT),
        nic("channels.tx", "2", Via.UNIT),
        nic("offload.tso", "off", Via.UNIT),
        nic("napi.defer-hard-irqs", "2", S),
        nic("qdisc", "pfifo", S),
        nic("rps.cpus", "0-1", S),
        nic("rfs.flows", "4096", S),
        nic("xps.cpus", "0 1", S),
        Setting(Kind.SERVICE, "irqbalance.service", "masked", ASKED),
        Setting(Kind.MANAGER, "DefaultLimitNOFILE", "1024:524288", ASKED),
        interfaces=(Interface("front", "front", driver="veth", match_name="front"),),
    ),
    programs=(Program("front", "pass", "pass.o", "0" * 64, "xdp", "native", 10, PINS, (), True, (), False, ASKED),),
    objects=(("pass.o", OBJECT.read_bytes()),),
)

SYSTEMCTL = """#!/bin/sh
case $* in
    *DefaultLimitNOFILE*) printf 'DefaultLimitNOFILE=524288\\nDefaultLimitNOFILESoft=1024\\n' ;;
    *)
        for unit in "$@"; do
            case $unit in
                irqbalance.service) printf 'MainPID=0\\nId=irqbalance.service\\nDropInPaths=\\nLoadState=masked\\n' ;;
                *.service) printf 'MainPID=0\\nId=%s\\nDropInPaths=\\nLoadState=loaded\\n' "$unit" ;;
                *) continue ;;
            esac
            state=active
            [ ! -e "/run/failed-$unit" ] || state=failed
            [ "$unit" != irqbalance.service ] || state=inactive
            printf 'ActiveState=%s\\n\\n' "$state"
        done
        ;;
esac
"""
"""Answers as systemd does; a unit has failed where a file says so."""

PREPARED = """
ip link add front numtxqueues 4 numrxqueues 4 type veth peer name peer numtxqueues 4 numrxqueues 4
ethtool -L peer rx 2 tx 2
ip link set front up
ip link set peer up
echo 5000 >/proc/sys/net/core/somaxconn
"""

NIC = "(netc-nic-front.service; asked by a.net: host h1)"
STEERING = "(netc-steering-front.service; asked by a.net: host h1)"
XDP = "(netc-xdp-front.service; asked by a.net: host h1)"
DAMAGES = {
    "sysctl": (
        "echo 128 >/proc/sys/net/core/somaxconn",
        ["broken: sysctl net.core.somaxconn is 128, promised 5000 (systemd-sysctl.service; asked by a.net: host h1)"],
        "echo 5000 >/proc/sys/net/core/somaxconn",
    ),
    "mtu": ("ip link set front mtu 1450", [f"broken: front: MTU is 1450, promised 1400 {NIC}"], ""),
    "offload": ("ethtool -K front tso on", [f"broken: front: offload tso is on, promised off {NIC}"], ""),
    "napi": (
        "echo 0 >/sys/class/net/front/napi_defer_hard_irqs",
        [f"broken: front: napi_defer_hard_irqs is 0, promised 2 {STEERING}"],
        "",
    ),
    "rps": (
        "echo 1 >/sys/class/net/front/queues/rx-1/rps_cpus",
        [f"broken: front: rps_cpus of rx-1 is 1, promised 3 {STEERING}"],
        "",
    ),
    "rfs": (
        "echo 512 >/sys/class/net/front/queues/rx-0/rps_flow_cnt",
        [f"broken: front: rps_flow_cnt of rx-0 is 512, promised 2048 {STEERING}"],
        "",
    ),
    "xps": (
        "echo 3 >/sys/class/net/front/queues/tx-1/xps_cpus",
        [f"broken: front: xps_cpus of tx-1 is 3, promised 2 {STEERING}"],
        "",
    ),
    "qdisc": (
        "tc qdisc del dev front root",
        [f"broken: front: queueing discipline is pfifo on 0 queues, promised pfifo on 2 queues {STEERING}"],
        "",
    ),
    "channels": (
        "ethtool -L front tx 1",
        [
            f"broken: front: channels tx is 1, promised 2 {NIC}",
            f"broken: front: queueing discipline is pfifo on 2 queues, promised pfifo on 1 queues {STEERING}",
        ],
        "",
    ),
    "program off": (
        "bpftool net detach xdpdrv dev front",
        [f"broken: front: XDP program pass is not attached, promised native {XDP}"],
        "",
    ),
    "program in another mode": (
        f"bpftool net detach xdpdrv dev front; bpftool net attach xdpgeneric pinned {PINS}/programs/pass dev front",
        [f"broken: front: XDP program pass is generic, promised native {XDP}"],
        "",
    ),
    "unit": (
        ">/run/failed-netc-nic-front.service",
        ["broken: unit netc-nic-front.service is failed, promised active (systemd)"],
        "rm /run/failed-netc-nic-front.service",
    ),
    "interface": (
        "ip link set front down; ip link set front name elsewhere",
        [
            f"cannot be read: nic front: it is absent {NIC}",
            f"cannot be read: front: XDP program pass: nic front is absent {XDP}",
        ],
        "ip link set elsewhere name front; ip link set front up",
    ),
}


@cache
def said(folder: Path) -> dict[str, Any]:
    """What both say after each damage, in one namespace."""
    for artifact in artifacts_of(PLAN):
        path = folder / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        if not artifact.target:
            path.write_bytes(
                artifact.data or artifact.text.replace("/etc/netc/nic-f", f"{folder}/rootfs/etc/netc/nic-f").encode()
            )
    damages = {name: command for name, (command, _, _) in DAMAGES.items()}
    repairs = {name: repair for name, (_, _, repair) in DAMAGES.items()}
    job = {
        "folder": str(folder / "rootfs/etc/netc"),
        "plan": to_json(PLAN),
        "systemctl": SYSTEMCTL,
        "prepared": PREPARED,
        "scripts": ["nic/front", "xdp/front", "steering/front"],
        "damages": damages,
        "repairs": repairs,
    }
    program = Path(__file__).with_name("verify_on_a_veth.py")
    done = subprocess.run(
        ["unshare", "--net", "--mount", sys.executable, program],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stderr == ""
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("veth")


needs = [pytest.mark.root, *(pytest.mark.tool(name) for name in ("ethtool", "tc", "ip", "bpftool", "systemctl"))]
pytestmark = needs


def test_what_was_carried_out_is_kept(folder: Path) -> None:
    kept = said(folder)["kept"]
    assert kept["errors"] == ""
    assert kept["netc"] == ["20 promises: 20 kept, 0 broken, 0 cannot be read"], said(folder)["applied"]
    assert (kept["shell"], kept["status"]) == (kept["netc"], 0)


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_damaged_is_named(folder: Path, damage: str) -> None:
    told = said(folder)[damage]
    assert told["complaint"] == ""
    assert sorted(told["netc"][:-1]) == sorted(DAMAGES[damage][1])
    assert (sorted(told["shell"]), told["status"], told["errors"]) == (sorted(told["netc"]), 1, "")


@pytest.mark.tool("systemd-analyze")
def test_systemd_takes_the_unit(folder: Path) -> None:
    said(folder)
    unit = folder / "rootfs/etc/systemd/system/netc-verify.service"
    checked = run("systemd-analyze", "verify", "--man=no", unit)
    assert "netc-verify" not in checked.stderr

"""A plan carried out on a veth, damaged, and read back: what is damaged is named, by netc and by the boot check."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from made import files, plan, run

from netc.plan import Application, Interface, Kind, Program, Setting, Via, Why
from netc.plan_json import to_json
from netc.records import replace

if TYPE_CHECKING:
    from netc.plan import Plan

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
                irqbalance.service | dpdk.service)
                    printf 'MainPID=0\\nId=%s\\nDropInPaths=\\nLoadState=masked\\n' "$unit" ;;
                testpmd.service)
                    printf 'Id=%s\\nMainPID=0\\nDropInPaths=%s\\n' "$unit" "$(cat /run/drop-ins)"
                    if [ -s /run/drop-ins ]; then echo LoadState=loaded; else echo LoadState=not-found; fi ;;
                *.service | *.mount) printf 'MainPID=0\\nId=%s\\nDropInPaths=\\nLoadState=loaded\\n' "$unit" ;;
                *) continue ;;
            esac
            state=active
            [ ! -e "/run/failed-$unit" ] || state=failed
            case $unit in irqbalance.service | dpdk.service) [ -e /run/dpdk ] || state=inactive ;; *) ;; esac
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
    "file": (
        "echo >>/etc/netc/steering/front",
        ["broken: /etc/netc/steering/front is changed, promised as written (/etc/netc/files)"],
        "sed -i '$d' /etc/netc/steering/front",
    ),
    "files": (
        "mv /etc/netc/files /etc/netc/list",
        ["broken: /etc/netc/files is absent, promised as written (/etc/netc/files)"],
        "mv /etc/netc/list /etc/netc/files",
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
    """What both say of the veth after each damage."""
    return carried_out(PLAN, folder, PREPARED, ["nic/front", "xdp/front", "steering/front"], DAMAGES)


def carried_out(
    promised: Plan, folder: Path, prepared: str, scripts: list[str], damages: dict[str, tuple[str, list[str], str]]
) -> dict[str, Any]:
    """What both say of a plan after each damage, in one namespace."""
    rootfs = files(promised, folder)
    for name, content in promised.objects:
        (rootfs / "etc/netc/xdp" / name).write_bytes(content)
    job = {
        "folder": str(rootfs),
        "plan": to_json(promised),
        "systemctl": SYSTEMCTL,
        "prepared": prepared,
        "scripts": scripts,
        "damages": {name: command for name, (command, _, _) in damages.items()},
        "repairs": {name: repair for name, (_, _, repair) in damages.items()},
    }
    done = subprocess.run(
        ["unshare", "--net", "--mount", sys.executable, Path(__file__).with_name("verify_on_a_veth.py")],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stderr == ""
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def summary(folder: Path, kept: int, broken: int = 0) -> str:
    """The last line, where so many promises are kept besides the files that are as they were written."""
    listed = (folder / "rootfs/etc/netc/files").read_text().splitlines()
    kept += sum(line.startswith(("file ", "link ")) for line in listed)
    return f"{kept + broken} promises: {kept} kept, {broken} broken, 0 cannot be read"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("veth")


needs = [pytest.mark.root, *(pytest.mark.tool(name) for name in ("ethtool", "tc", "ip", "bpftool", "systemctl"))]
pytestmark = needs


def test_what_was_carried_out_is_kept(folder: Path) -> None:
    kept = said(folder)["kept"]
    assert kept["errors"] == ""
    assert kept["netc"] == [summary(folder, 20)], said(folder)["applied"]
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


# What ethtool prints of an Intel E810 (ice, ethtool 6.1), for what no veth has.
PRINTED = {
    "-l": "Channel parameters for front:\nPre-set maximums:\nRX:\t\t64\nTX:\t\t64\nOther:\t\t1\nCombined:\t64\n"
    "Current hardware settings:\nRX:\t\t0\nTX:\t\t0\nOther:\t\t1\nCombined:\t4\n",
    "-g": "Ring parameters for front:\nPre-set maximums:\nRX:\t\t8160\nRX Mini:\tn/a\nRX Jumbo:\tn/a\nTX:\t\t8160\n"
    "Current hardware settings:\nRX:\t\t8160\nRX Mini:\tn/a\nRX Jumbo:\tn/a\nTX:\t\t512\nRX Buf Len:\t\tn/a\n",
    "-k": "Features for front:\nrx-checksumming: on\n\ttx-checksum-ip-generic: off [fixed]\n"
    "tcp-segmentation-offload: on\nrx-gro-hw: off [fixed]\n",
    "-c": "Coalesce parameters for front:\nAdaptive RX: off  TX: on\nstats-block-usecs:\tn/a\n\nrx-usecs:\t50\n"
    "rx-frames:\tn/a\n\ntx-usecs:\t60\n",
    "-a": "Pause parameters for front:\nAutonegotiate:\ton\nRX:\t\toff\nTX:\t\toff\n",
    "-x": "RX flow hash indirection table for front with 4 RX ring(s):\n"
    "    0:      0     1     2     3     0     1     2     3\n"
    "    8:      0     1     2     3     0     1     2     3\nRSS hash key:\n" + ":".join(["6d:5a"] * 26) + "\n"
    "RSS hash function:\n    toeplitz: on\n",
    "-n-rx-flow-hash": "UDP over IPV4 flows use these fields for computing Hash flow key:\nIP SA\nIP DA\n"
    "L4 bytes 0 & 1 [TCP/UDP src port]\nL4 bytes 2 & 3 [TCP/UDP dst port]\n\n",
    "-n-rule": "Filter: 7\n\tRule Type: TCP over IPv4\n\tDest port: 443 mask: 0x0\n\tAction: Direct to queue 3\n\n",
}
ETHTOOL = """#!/bin/sh
case $1 in
    -n) [ "$3" != rule ] || [ "$4" = 7 ] || exit 1; cat "/run/ethtool/-n-$3" ;;
    *) cat "/run/ethtool/$1" ;;
esac
"""
TOLD = plan(
    nic("channels.combined", "4", Via.UNIT),
    nic("ring.rx", "max", Via.UNIT),
    nic("ring.tx", "512", Via.UNIT),
    nic("offload.gro-hw", "off", Via.UNIT),
    nic("coalesce.rx-usecs", "50", Via.UNIT),
    nic("coalesce.tx-usecs", "60", Via.UNIT),
    nic("coalesce.adaptive-rx", "off", Via.UNIT),
    nic("coalesce.adaptive-tx", "on", Via.UNIT),
    nic("pause.rx", "off", Via.UNIT),
    nic("rss.spread", "equal 4", S),
    nic("rss.key", "symmetric", S),
    nic("rss.hash.udp4", "sdfn", S),
    nic("steer.000", "flow-type tcp4 dst-port 443 action 3", S),
    interfaces=(Interface("front", "front", driver="ice", match_name="front"),),
)


def written(name: str, text: str) -> str:
    """The command that puts a text into a file of what ethtool prints."""
    return f"printf '%s' '{text}' >/run/ethtool/{name}"


def instead(name: str, old: str, new: str) -> str:
    assert old in PRINTED[name]
    return written(name, PRINTED[name].replace(old, new))


PRETENDED = "\n".join(
    [
        "mkdir -p /run/ethtool /run/netc",
        *(written(name, text) for name, text in PRINTED.items()),
        "echo '7 flow-type tcp4 dst-port 443 action 3' >/run/netc/flow-rules-front",
        f"printf '%s' '{ETHTOOL}' >/run/ethtool/program; chmod 755 /run/ethtool/program",
        "mount --bind /run/ethtool/program /usr/sbin/ethtool",
        "ip link add front type veth peer name peer; ip link set front up",
    ]
)
CHANGES = {
    "channels": ("-l", "Combined:\t4\n", "Combined:\t8\n", f"broken: front: channels combined is 8, promised 4 {NIC}"),
    "ring": ("-g", "TX:\t\t512", "TX:\t\t256", f"broken: front: ring tx is 256, promised 512 {NIC}"),
    "ring at its most": (
        "-g",
        "RX:\t\t8160\nRX Mini:\tn/a\nRX Jumbo:\tn/a\nTX:\t\t512",
        "RX:\t\t512\nTX:\t\t512",
        f"broken: front: ring rx is 512, promised 8160 {NIC}",
    ),
    "offload": ("-k", "rx-gro-hw: off", "rx-gro-hw: on", f"broken: front: offload gro-hw is on, promised off {NIC}"),
    "time": ("-c", "rx-usecs:\t50", "rx-usecs:\t3", f"broken: front: coalesce rx-usecs is 3, promised 50 {NIC}"),
    "time that the driver has not": (
        "-c",
        "tx-usecs:\t60",
        "tx-usecs:\tn/a",
        f"broken: front: coalesce tx-usecs is absent, promised 60 {NIC}",
    ),
    "adaptive": (
        "-c",
        "RX: off  TX: on",
        "RX: off  TX: off",
        f"broken: front: coalesce adaptive-tx is off, promised on {NIC}",
    ),
    "pause": ("-a", "RX:\t\toff", "RX:\t\ton", f"broken: front: pause rx is on, promised off {NIC}"),
    "table": (
        "-x",
        "    8:      0     1",
        "    8:      3     1",
        f"broken: front: indirection table is 0 1 2 3 0 1 2 3 and so on, promised equal 4 {STEERING}",
    ),
    "key": (
        "-x",
        "6d:5a:6d:5a\n",
        "6d:5a:6d:5b\n",
        f"broken: front: hash key is another, promised symmetric {STEERING}",
    ),
    "no key": (
        "-x",
        "RSS hash key:\n" + ":".join(["6d:5a"] * 26),
        "RSS hash key:\nOperation not supported",
        f"broken: front: hash key is absent, promised symmetric {STEERING}",
    ),
    "a key that begins like an entry of the table": (
        "-x",
        ":".join(["6d:5a"] * 26),
        ":".join(["60:4c"] * 26),
        f"broken: front: hash key is another, promised symmetric {STEERING}",
    ),
    "fields": (
        "-n-rx-flow-hash",
        "L4 bytes 0 & 1 [TCP/UDP src port]\n",
        "",
        f"broken: front: hash of udp4 is sdn, promised sdfn {STEERING}",
    ),
    "rule": (
        "-n-rule",
        "queue 3",
        "queue 33",
        "broken: front: flow rule flow-type tcp4 dst-port 443 action 3 is absent, promised "
        f"flow-type tcp4 dst-port 443 action 3 {STEERING}",
    ),
}


CHANGES["rule of another port"] = ("-n-rule", "port: 443", "port: 4430", CHANGES["rule"][3])
CHANGES["rule of other packets"] = ("-n-rule", "TCP over", "UDP over", CHANGES["rule"][3])


@cache
def told(folder: Path) -> dict[str, Any]:
    changes = {
        name: (instead(file, old, new), [line], written(file, PRINTED[file]))
        for name, (file, old, new, line) in CHANGES.items()
    }
    return carried_out(TOLD, folder, PRETENDED, [], changes)


@pytest.fixture(scope="module")
def pretended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ethtool")


def test_what_ethtool_tells_is_kept(pretended: Path) -> None:
    kept = told(pretended)["kept"]
    assert kept["netc"] == [summary(pretended, 16)]
    assert (kept["shell"], kept["status"], kept["errors"]) == (kept["netc"], 0, "")


@pytest.mark.parametrize("change", CHANGES)
def test_what_ethtool_tells_otherwise_is_named(pretended: Path, change: str) -> None:
    answers = told(pretended)[change]
    assert answers["netc"] == [CHANGES[change][3], summary(pretended, 15, 1)]
    assert (answers["shell"], answers["status"], answers["errors"]) == (answers["netc"], 1, "")


@cache
def with_program(folder: Path) -> dict[str, Any]:
    """virtio_net with a program of XDP, which adds a queue pair for each CPU to the four channels."""
    interface = Interface("front", "front", driver="virtio_net", match_name="front", pairs_for_programs=True)
    cpus = int(Path("/sys/devices/system/cpu/possible").read_text().replace(",", "-").rpartition("-")[2]) + 1
    changes = {
        str(count): (instead("-l", "Combined:\t4\n", f"Combined:\t{more}\n"), lines, written("-l", PRINTED["-l"]))
        for count, more, lines in (
            ("as many", 4 + cpus, []),
            ("more", 5 + cpus, [f"broken: front: channels combined is {5 + cpus}, promised 4 {NIC}"]),
        )
    }
    told = plan(nic("channels.combined", "4", Via.UNIT), interfaces=(interface,))
    return {**carried_out(told, folder, PRETENDED, [], changes), "lines": changes}


@pytest.mark.parametrize("channels", ["as many", "more"])
def test_queue_pairs_of_a_program_are_not_channels_too_many(channels: str, tmp_path: Path) -> None:
    found = with_program(tmp_path)
    lines = found["lines"][channels][1]
    assert found["kept"]["netc"] == found["kept"]["shell"]
    assert found[channels]["netc"][:-1] == lines
    assert (found[channels]["shell"], found[channels]["status"]) == (found[channels]["netc"], len(lines))


# What ip prints of virtual functions (igb on Linux 6.1, iproute2 6.1), for what no veth has.
FUNCTIONS = """2: front: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP mode DEFAULT
    link/ether 52:54:00:00:00:01 brd ff:ff:ff:ff:ff:ff
    vf 0     link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff, vlan 100, spoof checking off, link-state auto, trust on
    vf 1     link/ether 02:00:00:00:00:02 brd ff:ff:ff:ff:ff:ff, spoof checking on, link-state auto, trust off
    vf 10    link/ether 02:00:00:00:00:03 brd ff:ff:ff:ff:ff:ff, vlan 7, qos 3, vlan protocol 802.1ad, spoof checking on
"""
IP = """#!/bin/sh
cat /run/ip/printed
"""
MASK = "(/etc/systemd/system/dpdk.service; asked by a.net: host h1)"
MADE = "(netc-vfs-front.service; asked by a.net: host h1)"
GIVEN = replace(
    plan(
        nic("vf.0", "mac 02:00:00:00:00:01 vlan 100 trust on spoof-check off", Via.FUNCTIONS),
        nic("vf.1", "mac 02:00:00:00:00:02 vlan 0", Via.FUNCTIONS),
        nic("vf.10", "vlan 7 spoof-check on", Via.FUNCTIONS),
        Setting(Kind.SERVICE, "dpdk.service", "masked", ASKED),
        interfaces=(Interface("front", "front", driver="igb", match_name="front"),),
    ),
    applications=(Application("testpmd.service", (), "1-2", (), "/dev/hugepages-2MiB", ASKED),),
)


def printed(old: str = "", new: str = "") -> str:
    """The command that has `ip` print what it prints, or something else in place of `old`."""
    assert old in FUNCTIONS
    return f"printf '%s' '{FUNCTIONS.replace(old, new) if old else FUNCTIONS}' >/run/ip/printed"


DROPPED = "echo '/x/a.conf /etc/systemd/system/testpmd.service.d/50-netc.conf' >/run/drop-ins"
GIVING = "\n".join(
    [
        "mkdir -p /run/ip",
        DROPPED,
        printed(),
        f"printf '%s' '{IP}' >/run/ip/program; chmod 755 /run/ip/program",
        "ip link add front type veth peer name peer; ip link set front up",
        "mount --bind /run/ip/program /usr/sbin/ip",
    ]
)
LOSSES: dict[str, tuple[str, list[str], str]] = {
    "mac, as an old ip prints it": (
        printed("vf 0     link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff", "vf 0 MAC 02:00:00:00:00:09"),
        [f"broken: front: mac of virtual function 0 is 02:00:00:00:00:09, promised 02:00:00:00:00:01 {MADE}"],
        printed(),
    ),
    "vlan": (
        printed(", vlan 100", ""),
        [f"broken: front: vlan of virtual function 0 is 0, promised 100 {MADE}"],
        printed(),
    ),
    "a vlan too many": (
        printed("00:02 brd ff:ff:ff:ff:ff:ff", "00:02 brd ff:ff:ff:ff:ff:ff, vlan 12"),
        [f"broken: front: vlan of virtual function 1 is 12, promised 0 {MADE}"],
        printed(),
    ),
    "trust that the driver does not tell": (
        printed(", trust on", ""),
        [f"broken: front: trust of virtual function 0 is absent, promised on {MADE}"],
        printed(),
    ),
    "spoof check": (
        printed("checking off", "checking on"),
        [f"broken: front: spoof-check of virtual function 0 is on, promised off {MADE}"],
        printed(),
    ),
    "a virtual function that is gone": (
        printed("    vf 10 ", "    vf 11 "),
        [
            f"broken: front: vlan of virtual function 10 is absent, promised 7 {MADE}",
            f"broken: front: spoof-check of virtual function 10 is absent, promised on {MADE}",
        ],
        printed(),
    ),
    "drop-in": (
        "echo /etc/systemd/system/testpmd.service.d/90-netc.conf >/run/drop-ins",
        [
            "broken: drop-in of testpmd.service is absent, promised 50-netc.conf (systemd; asked by a.net: host h1)",
        ],
        DROPPED,
    ),
    "no such application": (
        ": >/run/drop-ins",
        [
            "broken: drop-in of testpmd.service is absent, for there is no such unit, promised 50-netc.conf "
            "(systemd; asked by a.net: host h1)",
        ],
        DROPPED,
    ),
    "masked and active": (
        ">/run/dpdk",
        [f"broken: dpdk.service is masked, and still active, promised masked {MASK}"],
        "rm /run/dpdk",
    ),
    "unit of virtual functions": (
        ">/run/failed-netc-vfs-front.service",
        ["broken: unit netc-vfs-front.service is failed, promised active (systemd)"],
        "rm /run/failed-netc-vfs-front.service",
    ),
    "huge pages": (
        r">'/run/failed-dev-hugepages\x2d2MiB.mount'",
        [r"broken: unit dev-hugepages\x2d2MiB.mount is failed, promised active (systemd)"],
        r"rm '/run/failed-dev-hugepages\x2d2MiB.mount'",
    ),
}


@cache
def given(folder: Path) -> dict[str, Any]:
    return carried_out(GIVEN, folder, GIVING, [], LOSSES)


@pytest.fixture(scope="module")
def functions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("functions")


def test_virtual_functions_and_applications_are_kept(functions: Path) -> None:
    kept = given(functions)["kept"]
    assert kept["netc"] == [summary(functions, 13)]
    assert (kept["shell"], kept["status"], kept["errors"]) == (kept["netc"], 0, "")


@pytest.mark.parametrize("loss", LOSSES)
def test_what_an_application_lacks_is_named(functions: Path, loss: str) -> None:
    answers = given(functions)[loss]
    assert answers["complaint"] == ""
    assert sorted(answers["netc"][:-1]) == sorted(LOSSES[loss][1])
    assert (sorted(answers["shell"]), answers["status"], answers["errors"]) == (sorted(answers["netc"]), 1, "")

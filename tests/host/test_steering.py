"""Scripts that steer NICs: on copies of machines, on a made /sys, and on veths."""

from __future__ import annotations

import json
import os
import random
import shlex
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from made import TARGET, files, nic, plan, run

from netc.cpulist import CpuSet
from netc.plan import Interface, Via
from running import netc

if TYPE_CHECKING:
    from netc.plan import Setting

S = Via.STEERING
QUEUES = (r"i40e-{interface}-(TxRx|rx|tx)-([0-9]+)",)
OTHERS = (r"i40e-.+:(misc|fdir.*)",)
VIRTIO = {
    "queue_interrupts": (r"virtio[0-9]+-(input|output)\.([0-9]+)",),
    "other_interrupts": (r"virtio[0-9]+-config",),
}
PATHS = "/usr/sbin:/usr/bin:/sbin:/bin"


def scripts(folder: Path, *settings: Setting, interface: Interface | None = None) -> Path:
    """The folder etc/netc of a plan with one NIC."""
    port = interface or Interface(
        "front", "front", pci="0000:18:00.0", queue_interrupts=QUEUES, other_interrupts=OTHERS
    )
    return files(plan(*settings, interfaces=(port,), target=TARGET), folder / "out") / "etc/netc"


def function(netc_folder: Path, call: str, shell: str = "sh") -> str:
    """What a shell function prints."""
    done = run(shell, "-c", f". {netc_folder}/steering-functions.sh; {call}", PATH=PATHS)
    assert done.stderr == ""
    return done.stdout.strip()


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n")


def machine(root: Path, names: dict[int, str], *, parent: bool = False, up: bool = True) -> None:
    """A /proc and /sys with one port `front` whose device has these interrupts, by number."""
    function_folder = root / "sys/devices/pci0000:17/0000:18:00.0"
    device = function_folder / "virtio1" if parent else function_folder
    put(device / "net/front/flags", "0x1003" if up else "0x1002")
    (device / "net/front/device").symlink_to("../..")
    (root / "sys/class/net").mkdir(parents=True)
    (root / "sys/class/net/front").symlink_to(os.path.relpath(device / "net/front", root / "sys/class/net"))
    for number, name in names.items():
        put(function_folder / f"msi_irqs/{number}", "msix")
        put(root / f"sys/kernel/irq/{number}/actions", name)
        put(root / f"proc/irq/{number}/smp_affinity_list", "0-63")


def steer(folder: Path, root: Path, *words: str) -> tuple[int, list[str]]:
    done = run("sh", folder / "steering/front", *words, PATH=PATHS, NETC_ROOT=str(root))
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


def affinity(root: Path, number: int) -> str:
    return (root / f"proc/irq/{number}/smp_affinity_list").read_text().strip()


# The form of masks: an independent formatter, which knows only what Documentation/core-api/printk-formats.rst says.
def mask_of(cpus: set[int]) -> str:
    words: dict[int, int] = {}
    for cpu in cpus:
        words[cpu // 32] = words.get(cpu // 32, 0) + 2 ** (cpu % 32)
    if not words:
        return "0"
    top = max(words)
    return ",".join([f"{words[top]:x}", *(f"{words.get(word, 0):08x}" for word in range(top - 1, -1, -1))])


SETS = [{0}, {31}, {32}, {63, 64}, {4095}, set(range(33)), set(range(65)), set(range(257)), set(range(4096)), {0, 4095}]


@pytest.mark.parametrize("shell", ["sh", "bash", "busybox"])
def test_masks_are_joined_to_the_kernels_shortest_form(tmp_path: Path, shell: str) -> None:
    if shell == "busybox" and not Path("/bin/busybox").exists():
        pytest.skip("busybox is not installed")
    folder = scripts(tmp_path, nic("front", "rps.cpus", "1", S))
    chance = random.Random(1)
    sets = SETS + [
        {chance.randrange(top) for _ in range(chance.randrange(1, 40))} for top in (2, 33, 64, 300, 4096) * 5
    ]
    pairs = [*pairwise(sets), *((cpus, cpus) for cpus in sets)]
    calls = "; ".join(f'both {mask_of(one)} {mask_of(other)}; line "$joined"' for one, other in pairs)
    command = "busybox sh" if shell == "busybox" else shell
    done = run(*command.split(), "-c", f". {folder}/steering-functions.sh; {calls}", PATH=PATHS)
    assert done.stderr == ""
    assert done.stdout.split() == [mask_of(one | other) for one, other in pairs]
    assert [CpuSet.of(cpus).mask() for cpus in sets] == [mask_of(cpus) for cpus in sets]


def test_masks_of_single_bits(tmp_path: Path) -> None:
    folder = scripts(tmp_path, nic("front", "rps.cpus", "1", S))
    calls = "; ".join(f"mask_of_one {bit}" for bit in range(130))
    assert function(folder, calls).split() == [mask_of({bit}) for bit in range(130)]


def test_masks_of_queues_are_joined_or_begin_again(tmp_path: Path) -> None:
    folder = scripts(tmp_path, nic("front", "rps.cpus", "1", S))
    masks = "101 202 404 8"
    assert [function(folder, f"mask_of_queue {q} 4 '{masks}'; line \"$joined_mask\"") for q in range(4)] == [
        "101",
        "202",
        "404",
        "8",
    ]
    assert [function(folder, f"mask_of_queue {q} 2 '{masks}'; line \"$joined_mask\"") for q in range(2)] == [
        "505",
        "20a",
    ]
    assert [function(folder, f"mask_of_queue {q} 6 '{masks}'; line \"$joined_mask\"") for q in range(6)] == [
        *("101", "202", "404", "8", "101", "202")
    ]


def table(size: int, weights: list[int]) -> str:
    """What ethtool makes of weights: entry i belongs to the queue in whose share of the table i lies."""
    total = sum(weights)
    entries = []
    for entry in range(size):
        queue = 0
        while entry >= size * sum(weights[: queue + 1]) // total:
            queue += 1
        entries.append(queue)
    return " ".join(map(str, entries))


def test_indirection_tables_are_those_of_ethtool(tmp_path: Path) -> None:
    folder = scripts(tmp_path, nic("front", "rss.spread", "equal 2", S))
    assert function(folder, "table_of 8 equal 3") == "0 1 2 0 1 2 0 1"
    assert function(folder, "table_of 6 start 4 equal 2") == "4 5 4 5 4 5"
    for weights in ([1, 1, 2, 2], [1, 0, 3], [5, 1]):
        assert function(folder, f"table_of 128 weight {' '.join(map(str, weights))}") == table(128, weights)


NAMES = {
    40: "i40e-0000:18:00.0:misc",
    41: "i40e-front-TxRx-0",
    42: "i40e-front-TxRx-1",
    43: "i40e-front-TxRx-10",
    44: "i40e-front-TxRx-2",
    45: "i40e-0000:18:00.0:fdir-TxRx-0",
}


def test_queues_are_told_from_other_interrupts_and_pinned_once(tmp_path: Path) -> None:
    machine(tmp_path / "root", NAMES)
    folder = scripts(tmp_path, nic("front", "irq.cpus", "3,1", S))
    status, said = steer(folder, tmp_path / "root")
    assert status == 0
    assert [affinity(tmp_path / "root", number) for number in NAMES] == ["0-63", "3", "1", "3", "3", "0-63"]
    assert said == [
        "netc: front: interrupt 41 (i40e-front-TxRx-0) was on 0-63, is on CPU 3",
        "netc: front: interrupt 42 (i40e-front-TxRx-1) was on 0-63, is on CPU 1",
        "netc: front: interrupt 44 (i40e-front-TxRx-2) was on 0-63, is on CPU 3",
        "netc: front: interrupt 43 (i40e-front-TxRx-10) was on 0-63, is on CPU 3",
    ]
    assert steer(folder, tmp_path / "root") == (0, [])


def test_an_interface_named_otherwise_when_its_interrupts_were_requested(tmp_path: Path) -> None:
    machine(tmp_path / "root", {41: "i40e-eth0-TxRx-0", 42: "i40e-eth0-TxRx-1"})
    folder = scripts(tmp_path, nic("front", "irq.cpus", "5-6", S))
    assert steer(folder, tmp_path / "root")[0] == 0
    assert [affinity(tmp_path / "root", number) for number in (41, 42)] == ["5", "6"]


def test_an_interface_that_keeps_its_name_is_the_one_udev_recognised(tmp_path: Path) -> None:
    machine(tmp_path / "root", {41: "i40e-front-TxRx-0"})
    put(tmp_path / "root/sys/class/net/front/ifindex", "12")
    put(tmp_path / "root/run/udev/data/n1", "E:NETC_NIC=front-2")
    interface = Interface("front", "", mac="52:54:00:00:00:01", queue_interrupts=QUEUES)
    folder = scripts(tmp_path, nic("front", "irq.cpus", "5", S), interface=interface)
    absent = "netc: nic front is absent, and is steered when it comes"
    assert steer(folder, tmp_path / "root") == (0, [absent])
    put(tmp_path / "root/run/udev/data/n12", "I:1\nE:ID_BUS=pci\nE:NETC_NIC=front")
    assert steer(folder, tmp_path / "root")[0] == 0
    assert affinity(tmp_path / "root", 41) == "5"


def test_interrupts_go_by_their_queues(tmp_path: Path) -> None:
    """Folders are told in the order of their digits: 100 before 98."""
    numbers = (98, 99, 100, 101)
    machine(tmp_path / "root", {number: f"i40e-front-TxRx-{queue}" for queue, number in enumerate(numbers)})
    folder = scripts(tmp_path, nic("front", "irq.cpus", "4-7", S))
    _, said = steer(folder, tmp_path / "root", "pairs")
    assert said == [f"{number} {queue} {queue + 4} i40e-front-TxRx-{queue}" for queue, number in enumerate(numbers)]


def test_a_script_leaves_word_that_it_began(tmp_path: Path) -> None:
    machine(tmp_path / "root", {41: "i40e-front-TxRx-0"})
    folder = scripts(tmp_path, nic("front", "irq.cpus", "5", S))
    began = tmp_path / "root/run/netc/steered-front"
    assert steer(folder, tmp_path / "root")[0] == 0, "there is no place for it, and no harm"
    began.parent.mkdir(parents=True)
    steer(folder, tmp_path / "root", "check")
    assert not began.exists()
    assert steer(folder, tmp_path / "root") == (0, [])
    assert began.exists()


def test_virtio_has_its_interrupts_above_and_two_for_each_queue(tmp_path: Path) -> None:
    names = {
        30: "virtio1-config",
        31: "virtio1-input.0",
        32: "virtio1-output.0",
        33: "virtio1-input.1",
        34: "virtio1-output.1",
    }
    machine(tmp_path / "root", names, parent=True)
    interface = Interface("front", "front", pci="0000:18:00.0", **VIRTIO)  # type: ignore[arg-type] # tuples of text
    folder = scripts(tmp_path, nic("front", "irq.cpus", "2-3", S), interface=interface)
    assert steer(folder, tmp_path / "root")[0] == 0
    assert [affinity(tmp_path / "root", number) for number in names] == ["0-63", "2", "2", "3", "3"]


def test_halves_of_one_queue_share_a_cpu(tmp_path: Path) -> None:
    """gve: blocks 0 and 1 send, 2 and 3 receive."""
    machine(tmp_path / "root", {31 + block: f"gve-ntfy-blk{block}@pci:0000:18:00.0" for block in range(4)})
    interface = Interface(
        "front",
        "front",
        pci="0000:18:00.0",
        queue_interrupts=(r"gve-ntfy-blk([0-9]+)@pci:.+",),
        second_half_receives=True,
    )
    folder = scripts(tmp_path, nic("front", "irq.cpus", "8-15", S), interface=interface)
    assert steer(folder, tmp_path / "root")[0] == 0
    assert [affinity(tmp_path / "root", 31 + block) for block in range(4)] == ["8", "9", "8", "9"]


def test_a_link_that_is_down_has_no_interrupts_yet(tmp_path: Path) -> None:
    machine(tmp_path / "root", {}, up=False)
    (tmp_path / "root/proc").mkdir(exist_ok=True)
    put(tmp_path / "root/proc/interrupts", "           CPU0")
    interface = Interface("front", "front", match_name="x", queue_interrupts=QUEUES, interrupts_at_open=True)
    folder = scripts(tmp_path, nic("front", "irq.cpus", "1", S), interface=interface)
    assert steer(folder, tmp_path / "root") == (
        0,
        ["netc: front: its interrupts come with the link, and are pinned then"],
    )


def test_a_link_that_is_up_without_interrupts_is_told(tmp_path: Path) -> None:
    machine(tmp_path / "root", {})
    put(tmp_path / "root/proc/interrupts", "           CPU0\n  1:   5  IO-APIC 1-edge  i8042")
    folder = scripts(tmp_path, nic("front", "irq.cpus", "1", S))
    assert steer(folder, tmp_path / "root") == (1, ["netc: front: no interrupt of its queues is found"])


def test_a_nic_that_is_absent_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "root/sys/class/net").mkdir(parents=True)
    folder = scripts(tmp_path, nic("front", "irq.cpus", "1", S))
    assert steer(folder, tmp_path / "root") == (0, ["netc: nic front is absent, and is steered when it comes"])


@pytest.mark.tool("shellcheck")
def test_scripts_are_clean(tmp_path: Path) -> None:
    settings = [
        nic("front", "rss.spread", "weight 1 0 2", S),
        nic("front", "rss.key", "symmetric", S),
        nic("front", "rss.hash.udp4", "sdfn", S),
        nic("front", "steer.000", "flow-type tcp4 dst-port 443 action 3", S),
        nic("front", "steer.001", "flow-type tcp6 src-ip 2001:db8:: m ::ffff dst-port 443 action -1", S),
        nic("front", "napi.defer-hard-irqs", "2", S),
        nic("front", "napi.gro-flush-timeout", "200000", S),
        nic("front", "qdisc", "fq", S),
        nic("front", "rps.cpus", "1-3,64", S),
        nic("front", "rfs.flows", "32768", S),
        nic("front", "xps.cpus", "0,2 1,3", S),
        nic("front", "xps.rx-queues", "same", S),
        nic("front", "irq.cpus", "1-3,0", S),
    ]
    keep = Interface("keep", "", mac="52:54:00:00:00:01", queue_interrupts=QUEUES, twin_queues=True)
    front = Interface("front", "front", pci="0000:18:00.0", queue_interrupts=QUEUES, other_interrupts=OTHERS)
    made = plan(*settings, nic("keep", "irq.cpus", "1", S), interfaces=(front, keep), target=TARGET)
    folder = files(made, tmp_path) / "etc/netc"
    rule = (tmp_path / "rootfs/etc/udev/rules.d/90-netc-nic.rules").read_text()
    assert 'ENV{NETC_NIC}="keep"' in rule, "the script finds an interface that keeps its name by this"
    paths = [
        folder / "steering/front",
        folder / "steering/keep",
        folder / "follow-links",
        folder / "steering-functions.sh",
    ]
    for path in paths:
        checked = run("shellcheck", "--external-sources", f"--source-path={folder}", "--exclude=SC1091", path)
        assert checked.stdout == ""
        assert run("sh", "-n", path).stderr == ""


# On a copy of a machine with two X710 ports on node 1, whose CPUs are the odd ones.
XEON = Path(os.environ.get("NETC_MACHINES", "")) / "xeon-6130-32cpu-i40e"


@pytest.mark.skipif(not XEON.is_dir(), reason="NETC_MACHINES does not hold xeon-6130-32cpu-i40e")
@pytest.mark.parametrize("isolate", ["", "cpu { isolate 4-31 }"])
def test_the_copied_xeon_gets_the_pairs_of_the_plan(tmp_path: Path, isolate: str) -> None:
    assert netc("probe", "--root", XEON, "-o", tmp_path / "x.yaml").status == 0
    (tmp_path / "x.net").write_text(
        f'host x {{\n system {{ distribution debian 12 }}\n hardware "x.yaml"\n {isolate}\n'
        " nic ens7f0 { match pci 0000:86:00.0; node 1 }\n nic ens7f1 { match pci 0000:86:00.1; node 1 }\n}\n"
    )
    assert netc("compile", tmp_path / "x.net", "-o", tmp_path / "out").status == 0
    settings = json.loads((tmp_path / "out/x/plan.json").read_text())["settings"]
    for name in ("ens7f0", "ens7f1"):
        (value,) = [s["value"] for s in settings if s["key"] == "irq.cpus" and s.get("interface") == name]
        cpus = [cpu for span in value.split(",") for cpu in CpuSet.parse(span)]
        script = tmp_path / f"out/x/rootfs/etc/netc/steering/{name}"
        done = run("sh", script, "pairs", PATH=PATHS, NETC_ROOT=str(XEON))
        assert done.stderr == ""
        pairs = [line.split() for line in done.stdout.splitlines()]
        assert [int(queue) for _, queue, _, _ in pairs] == list(range(32))
        assert [int(cpu) for _, _, cpu, _ in pairs] == [cpus[queue % len(cpus)] for queue in range(32)]
        assert {pair[3] for pair in pairs} == {f"i40e-{name}-TxRx-{queue}" for queue in range(32)}
        allowed = {3} if isolate else set(range(1, 32, 2))
        assert set(cpus) <= allowed


VETH = """
mount -t sysfs sysfs /sys
ip link add front numtxqueues 4 numrxqueues 4 type veth peer name peer numtxqueues 4 numrxqueues 4
ip link set front up; ip link set peer up
{steer}
cd /sys/class/net/front
cat napi_defer_hard_irqs gro_flush_timeout queues/rx-*/rps_cpus queues/rx-*/rps_flow_cnt queues/tx-*/xps_cpus
"""


@pytest.mark.root
def test_files_of_a_veth_hold_what_is_promised(tmp_path: Path) -> None:
    settings = [
        nic("front", "napi.defer-hard-irqs", "2", S),
        nic("front", "napi.gro-flush-timeout", "200000", S),
        nic("front", "rps.cpus", "0-1", S),
        nic("front", "rfs.flows", "32768", S),
        nic("front", "xps.cpus", "0 1", S),
    ]
    folder = scripts(tmp_path, *settings, interface=Interface("front", "front", driver="veth", match_name="x"))
    script = shlex.quote(str(folder / "steering/front"))
    once = run("unshare", "--net", "--mount", "sh", "-euc", VETH.format(steer=f"sh {script} >&2"), PATH=PATHS)
    assert once.stdout.split() == ["2", "200000", *["3"] * 4, *["8192"] * 4, "1", "2", "1", "2"]
    assert len(once.stderr.splitlines()) == 2 + 4 + 4 + 4
    twice = run(
        "unshare",
        "--net",
        "--mount",
        "sh",
        "-euc",
        VETH.format(steer=f"sh {script} >/dev/null; sh {script} >&2"),
        PATH=PATHS,
    )
    assert twice.stderr == ""


@pytest.mark.root
def test_what_the_kernel_refuses_is_told(tmp_path: Path) -> None:
    beyond = 4096
    folder = scripts(
        tmp_path,
        nic("front", "rps.cpus", str(beyond), S),
        interface=Interface("front", "front", driver="veth", match_name="x"),
    )
    steps = VETH.partition("cd ")[0].format(steer=f"sh {folder}/steering/front >&2")
    done = run("unshare", "--net", "--mount", "sh", "-c", steps, PATH=PATHS)
    wanted = mask_of({beyond})
    assert f"netc: front: rps_cpus of rx-0 is 0, wanted {wanted}: Value too large for defined data type" in done.stderr


FOLLOWED = """
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /run
mkdir /run/netc-follow-links /run/netc
{steered}
ip link add front numtxqueues 4 numrxqueues 4 type veth peer name peer numtxqueues 4 numrxqueues 4
ip link set peer up
PATH={stubs}:$PATH
begun() {{ while ! grep -q "$1" /run/calls 2>/dev/null; do sleep 0.1; done; sleep 0.5; : >/run/calls; }}
timeout 60 sh {follow} & follower=$!
begun front
{event}
tries=0
while [ -n "{wanted}" ] && [ ! -s /run/calls ] && [ $tries -lt 100 ]; do sleep 0.2; tries=$((tries + 1)); done
sleep 2
cat /run/calls
kill $follower
"""
EVENTS = {
    "link up": ("ip link set front up", True),
    "link down": ("ip link set front up; sleep 1; : >/run/calls; ip link set front down", True),
    "MTU": ("ip link set front mtu 1400", True),
    "channels": ("ethtool -L front rx 2 tx 2", True),
    "renamed away": ("ip link set front name other", False),
    "renamed back": ("ip link set front name other; sleep 1; : >/run/calls; ip link set other name front", True),
    "made anew": ("ip link del front; sleep 1; : >/run/calls; ip link add front type veth peer name peer", True),
    "another interface": ("ip link add other type veth peer name another; ip link set other up", False),
    "removed": ("ip link del front", False),
}


STEERED = "touch /run/netc/steered-front /run/netc/steered-peer"
"""What the scripts leave when they begin to steer."""


def follow(
    folder: Path,
    event: str,
    systemctl: str,
    *,
    started: bool = True,
    script: Path | None = None,
    steered: str = STEERED,
) -> list[str]:
    """How the service's own script, with the kernel's events, calls a systemctl that only notes it. Where the unit
    is `started`, the first call is waited for, and then what else may come; a busy machine is slow. Without an event
    the calls are those for what happened before."""
    (folder / "stubs").mkdir(parents=True)
    (folder / "stubs/systemctl").write_text(f'#!/bin/sh\necho "$*" >>/run/calls\n{systemctl}\n')
    (folder / "stubs/systemctl").chmod(0o755)
    interface = Interface("front", "front", driver="veth", match_name="x")
    script = script or scripts(folder, nic("front", "rps.cpus", "0", S), interface=interface) / "follow-links"
    wanted = "call" * started
    steps = FOLLOWED.format(stubs=folder / "stubs", follow=script, event=event, wanted=wanted, steered=steered)
    if not event or not steered:
        steps = steps.replace("begun front\n", "")
    done = run("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", steps, PATH=PATHS)
    return done.stdout.splitlines()


@pytest.mark.root
@pytest.mark.tool("udevadm")
@pytest.mark.tool("ethtool")
def test_events_start_the_unit_anew(tmp_path: Path) -> None:
    with ThreadPoolExecutor(len(EVENTS)) as pool:  # each waits for seconds in a namespace of its own
        found = {
            event: pool.submit(follow, tmp_path / event.replace(" ", "-"), command, "", started=started)
            for event, (command, started) in EVENTS.items()
        }
    restart = "--quiet restart netc-steering-front.service"
    assert {event: set(calls.result()) for event, calls in found.items()} == {
        event: {restart} if started else set() for event, (_, started) in EVENTS.items()
    }


@pytest.mark.root
@pytest.mark.tool("udevadm")
def test_what_happens_during_a_run_makes_one_more(tmp_path: Path) -> None:
    storm = "for mtu in 1300 1301 1302 1303 1304 1305 1306; do ip link set front mtu $mtu; sleep 0.05; done"
    assert len(follow(tmp_path, f"sleep 1; {storm}", "sleep 1")) == 2


@pytest.mark.root
@pytest.mark.tool("udevadm")
def test_what_happened_before_it_listens_is_one_call(tmp_path: Path) -> None:
    ports = tuple(Interface(name, name, driver="veth", match_name="x") for name in ("front", "peer"))
    made = plan(*(nic(port.nic, "rps.cpus", "0", S) for port in ports), interfaces=ports, target=TARGET)
    script = files(made, tmp_path / "out") / "etc/netc/follow-links"
    both = ["--quiet restart netc-steering-front.service netc-steering-peer.service"]
    assert follow(tmp_path, "", "", script=script) == both


@pytest.mark.root
@pytest.mark.tool("udevadm")
def test_a_first_run_that_is_to_come_is_left_to_the_device(tmp_path: Path) -> None:
    """What happens before a NIC is steered makes no run more; where nobody steers it, the service does in the end."""
    events = "sleep 3; ip link set front mtu 1400; sleep 1"
    before = f"{events}; [ ! -e /run/calls ] || echo early >>/run/calls; touch /run/netc/steered-front"
    calls = follow(tmp_path / "steered", f"{before}; ip link set front mtu 1300", "", steered="")
    assert calls == ["--quiet restart netc-steering-front.service"]
    nobody = "export NETC_PATIENCE=2"
    assert follow(tmp_path / "nobody", "", "", steered=nobody) == ["--quiet restart netc-steering-front.service"]


def test_an_interface_that_keeps_its_name_is_followed(tmp_path: Path) -> None:
    """By udev's record of its properties, as the kernel's number of the interface leads to it."""
    for number, name, known_as in ((7, "eth9", "keep"), (8, "eth8", "other")):
        put(tmp_path / f"net/{name}/ifindex", str(number))
        put(tmp_path / f"net/{name}/device", "")
        put(tmp_path / f"udev/n{number}", f"I:1\nE:ID_BUS=pci\nE:NETC_NIC={known_as}")
    put(tmp_path / "steered-keep", "begun")
    (tmp_path / "waiting").mkdir()
    called = f"until [ -s {tmp_path}/calls ]; do sleep 0.1; done"
    stubs = {
        "ip": f"echo '8: eth8: <UP>'; echo '7: eth9: <UP>'; {called}",
        "udevadm": called,
        "systemctl": f'echo "$*" >>{tmp_path}/calls',
    }
    for name, body in stubs.items():
        put(tmp_path / f"stubs/{name}", f"#!/bin/sh\n{body}")
        (tmp_path / f"stubs/{name}").chmod(0o755)
    interface = Interface("keep", "", mac="52:54:00:00:00:01", queue_interrupts=QUEUES)
    text = (scripts(tmp_path, nic("keep", "irq.cpus", "5", S), interface=interface) / "follow-links").read_text()
    places = {
        "sys=/sys/class/net": f"sys={tmp_path}/net",
        "=/run/netc-follow-links": f"={tmp_path}/waiting",
        "=/run/netc/steered-": f"={tmp_path}/steered-",
        "/run/udev/data/": f"{tmp_path}/udev/",
        f'"{TARGET.ip}"': f"{tmp_path}/stubs/ip",
    }
    for there, here in places.items():
        assert there in text
        text = text.replace(there, here)
    put(tmp_path / "follow", text)
    run("sh", tmp_path / "follow", PATH=f"{tmp_path}/stubs:{PATHS}", NETC_PATIENCE="1")
    calls = (tmp_path / "calls").read_text().splitlines()
    assert set(calls) == {"--quiet restart netc-steering-keep.service"}

"""`netc verify` and the boot check on made and copied machines: both read, and must say the same."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from checked import PATHS, agreed, by_netc, by_shell
from jsonschema import Draft202012Validator
from made import EVERYTHING, files, nic, plan, run, sysctl

from netc import shipped
from netc.plan import Application, Device, Interface, Kind, Program, Setting, Via, Why
from netc.plan_json import to_json
from netc.records import replace
from running import netc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from netc.plan import Plan

S = Via.STEERING
QUEUES = (r"i40e-{interface}-(TxRx|rx|tx)-([0-9]+)",)
OTHERS = (r"i40e-.+:(misc|fdir.*)",)
ASKED = Why(("a.net: host h1",), "test", "because")
FRONT = Interface("front", "front", pci="0000:18:00.0", queue_interrupts=QUEUES, other_interrupts=OTHERS)
BEHIND = {
    "sysctl": "(systemd-sysctl.service; asked by a.net: host h1)",
    "module": "(systemd-modules-load.service; asked by a.net: host h1)",
    "steering": "(netc-steering-front.service; asked by a.net: host h1)",
    "cpu": "(netc-cpu.service; asked by a.net: host h1)",
    "device": "(netc-vfio.service; asked by a.net: host h1)",
    "pages": "(netc-hugepages.service; asked by a.net: host h1)",
    "cmdline": "(kernel command line, boot loader grub; asked by a.net: host h1)",
}


def asked(setting: Setting) -> Setting:
    return replace(setting, why=ASKED)


def other(kind: Kind, key: str, value: str = "") -> Setting:
    return Setting(kind, key, value, ASKED)


PLAN = replace(
    plan(
        other(Kind.MODULE_OPTION, "nf_conntrack.hashsize", "524288"),
        other(Kind.MODULE, "tcp_bbr"),
        asked(sysctl("net.core.somaxconn", "0x1000")),
        asked(sysctl("net.ipv4.tcp_rmem", "4096 131072 6291456")),
        asked(sysctl("net.core.rps_sock_flow_entries", "30000")),
        asked(sysctl("net.core.flow_limit_cpu_bitmap", "00ff")),
        asked(sysctl("net.netfilter.nf_conntrack_buckets", "100000", "nf_conntrack")),
        asked(sysctl("net.ipv4.ip_local_reserved_ports", "9000-9001,80,81")),
        asked(sysctl("net.ipv4.tcp_allowed_congestion_control", "bbr cubic")),
        asked(sysctl("net.ipv4.conf.bond0.100.rp_filter", "2")),
        asked(sysctl("net.ipv4.conf.*.log_martians", "1")),
        asked(sysctl("net.ipv4.conf.lo.log_martians", "0")),
        asked(nic("front", "name", "front", Via.LINK)),
        asked(nic("front", "mtu", "9000", Via.LINK, Via.UNIT)),
        asked(nic("front", "napi.defer-hard-irqs", "2", S)),
        asked(nic("front", "rps.cpus", "0-3,32", S)),
        asked(nic("front", "rfs.flows", "5000", S)),
        asked(nic("front", "xps.cpus", "0,32 1 2 3", S)),
        asked(nic("front", "irq.cpus", "3,1-2", S)),
        other(Kind.KERNEL_ARGUMENT, "nohz_full=1-3"),
        other(Kind.KERNEL_ARGUMENT, "nosmt"),
        other(Kind.KERNEL_ARGUMENT, "hugepages=4"),
        other(Kind.CPU, "governor", "0-1 performance"),
        other(Kind.CPU, "idle", "0-1 shallow"),
        other(Kind.HUGEPAGES, "node0/hugepages-2048kB", "8"),
        other(Kind.HUGEPAGES, "hugepages-1048576kB", "2"),
        other(Kind.MANAGER, "CPUAffinity", "0-3,8"),
        interfaces=(FRONT,),
    ),
    devices=(
        Device("data", "pci", "0000:19:00.0", "vfio-pci", ASKED),
        Device("vf", "pci", "0000:18:00.0", "vfio-pci", ASKED, function=1),
        Device("shared", "pci", "0000:3b:00.0", "mlx5_core", ASKED, kernel_driver="mlx5_core", bifurcated=True),
    ),
)


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n")


def link(path: Path, target: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(os.path.relpath(target, path.parent))


SYSCTLS = {
    "net/core/somaxconn": "4096",
    "net/ipv4/tcp_rmem": "4096\t131072\t6291456",
    "net/core/rps_sock_flow_entries": "32768",
    "net/core/flow_limit_cpu_bitmap": "00000000,000000ff",
    "net/netfilter/nf_conntrack_buckets": "100352",
    "net/ipv4/ip_local_reserved_ports": "80-81,9000-9001",
    "net/ipv4/tcp_allowed_congestion_control": "cubic bbr",
    "net/ipv4/conf/bond0.100/rp_filter": "2",
    "net/ipv4/conf/all/log_martians": "1",
    "net/ipv4/conf/lo/log_martians": "0",
    "kernel/osrelease": "6.1.0-18-amd64",
}
"""What a kernel shows after the values of the plan were written to it, as it was seen on 6.1 and 6.18."""


def machine(root: Path) -> None:
    """A /proc and /sys that keep all promises of PLAN that files can tell."""
    for name, text in SYSCTLS.items():
        put(root / "proc/sys" / name, text)
    put(root / "sys/module/nf_conntrack/parameters/hashsize", "524288")
    put(root / "lib/modules/6.1.0-18-amd64/modules.builtin", "kernel/net/ipv4/tcp-bbr.ko")
    put(root / "proc/cmdline", 'a="b nosmt=force" hugepages=4 nohz-full=5 nohz-full=1-3 hugepages=9 nosmt -- init')
    put(root / "sys/devices/system/cpu/nohz_full", "1-3")
    put(root / "proc/1/status", "Name:\tsystemd\nCpus_allowed_list:\t0-3,8")
    function = root / "sys/devices/pci0000:17/0000:18:00.0"
    put(function / "net/front/flags", "0x1003")
    put(function / "net/front/mtu", "9000")
    put(function / "net/front/napi_defer_hard_irqs", "2")
    link(function / "net/front/device", function)
    link(root / "sys/class/net/front", function / "net/front")
    link(root / "sys/bus/pci/devices/0000:18:00.0", function)
    for queue, mask in enumerate(("00000001,00000001", "0,2", "4", "00000008")):
        put(function / f"net/front/queues/tx-{queue}/xps_cpus", mask)
        put(function / f"net/front/queues/rx-{queue}/rps_cpus", "00000001,0000000f")
        put(function / f"net/front/queues/rx-{queue}/rps_flow_cnt", "2048")
    for number, (name, cpu) in INTERRUPTS.items():
        put(function / f"msi_irqs/{number}", "msix")
        put(root / f"sys/kernel/irq/{number}/actions", name)
        put(root / f"proc/irq/{number}/smp_affinity_list", cpu)
        put(root / f"proc/irq/{number}/effective_affinity_list", cpu.partition("-")[0])
    for cpu in range(2):
        folder = root / f"sys/devices/system/cpu/cpu{cpu}"
        put(folder / "online", "1")
        put(folder / "cpufreq/scaling_governor", "performance")
        put(folder / "power/pm_qos_resume_latency_us", "2")
        for state, (name, latency) in enumerate((("POLL", "0"), ("C1", "2"), ("C6", "133"))):
            put(folder / f"cpuidle/state{state}/name", name)
            put(folder / f"cpuidle/state{state}/latency", latency)
    put(root / "sys/devices/system/cpu/cpufreq/policy0/x", "")
    put(root / "sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages", "9")
    put(root / "sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages", "2")
    vfio = root / "sys/bus/pci/drivers/vfio-pci"
    vfio.mkdir(parents=True)
    for address in ("0000:19:00.0", "0000:18:02.1"):
        link(root / f"sys/devices/pci0000:17/{address}/driver", vfio)
    link(root / "sys/devices/pci0000:17/0000:3b:00.0/driver", root / "sys/bus/pci/drivers/mlx5_core")
    link(root / "sys/bus/pci/devices/0000:3b:00.0", root / "sys/devices/pci0000:17/0000:3b:00.0")
    link(root / "sys/bus/pci/devices/0000:19:00.0", root / "sys/devices/pci0000:17/0000:19:00.0")
    link(function / "virtfn1", root / "sys/devices/pci0000:17/0000:18:02.1")


INTERRUPTS = {
    40: ("i40e-0000:18:00.0:misc", "0-63"),
    41: ("i40e-front-TxRx-0", "3"),
    42: ("i40e-front-TxRx-1", "1"),
    43: ("i40e-front-TxRx-10", "1"),
    44: ("i40e-front-TxRx-2", "2"),
}
UNITS = "cannot be read: units of netc: only the running machine tells (systemd)"
FILES = "cannot be read: files of netc: there is no /etc/netc/files (/etc/netc/files)"
KEPT = 44


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox"])
def test_a_machine_that_keeps_everything(tmp_path: Path, shell: str) -> None:
    words = ["busybox", "sh"] if shell == "busybox" else [shell]
    if run("which", words[0]).returncode != 0:
        pytest.skip(f"{shell} is not installed")
    machine(tmp_path / "root")
    assert agreed(PLAN, tmp_path / "out", tmp_path / "root", *words) == [
        FILES,
        UNITS,
        f"{KEPT + 2} promises: {KEPT} kept, 0 broken, 2 cannot be read",
    ]


FUNCTION = "sys/devices/pci0000:17/0000:18:00.0"
SYS = "sys/class/net/front"
DAMAGES: dict[str, tuple[str, str, str]] = {
    # what happened: the file, what it holds then (`-`: it is gone), and what is said of it
    "sysctl": ("proc/sys/net/core/somaxconn", "128", "sysctl net.core.somaxconn is 128, promised 4096 sysctl"),
    "sysctl that begins alike": (
        "proc/sys/net/core/somaxconn",
        "40960",
        "sysctl net.core.somaxconn is 40960, promised 4096 sysctl",
    ),
    "sysctl absent": ("proc/sys/net/core/somaxconn", "-", "sysctl net.core.somaxconn is absent, promised 4096 sysctl"),
    "rounded otherwise": (
        "proc/sys/net/core/rps_sock_flow_entries",
        "30000",
        "sysctl net.core.rps_sock_flow_entries is 30000, promised 32768 sysctl",
    ),
    "one of three": (
        "proc/sys/net/ipv4/tcp_rmem",
        "4096\t131072\t6000000",
        "sysctl net.ipv4.tcp_rmem is 4096 131072 6000000, promised 4096 131072 6291456 sysctl",
    ),
    "mask": (
        "proc/sys/net/core/flow_limit_cpu_bitmap",
        "00000001,000000ff",
        "sysctl net.core.flow_limit_cpu_bitmap is 1,000000ff, promised ff sysctl",
    ),
    "set": (
        "proc/sys/net/ipv4/tcp_allowed_congestion_control",
        "cubic",
        "sysctl net.ipv4.tcp_allowed_congestion_control is cubic, promised bbr cubic sysctl",
    ),
    "empty": (
        "proc/sys/net/ipv4/ip_local_reserved_ports",
        "",
        "sysctl net.ipv4.ip_local_reserved_ports is empty, promised 80-81,9000-9001 sysctl",
    ),
    "any of a family": (
        "proc/sys/net/ipv4/conf/all/log_martians",
        "0",
        "sysctl net/ipv4/conf/all/log_martians is 0, promised 1 sysctl",
    ),
    "dots": (
        "proc/sys/net/ipv4/conf/bond0.100/rp_filter",
        "0",
        "sysctl net.ipv4.conf.bond0.100.rp_filter is 0, promised 2 sysctl",
    ),
    "module": (
        "lib/modules/6.1.0-18-amd64/modules.builtin",
        "x.ko",
        "module tcp_bbr is not loaded, promised loaded module",
    ),
    "argument": (
        "proc/cmdline",
        "nosmt nohz_full=1-3 nohz_full=5 hugepages=4",
        "kernel argument nohz_full is nohz_full=5, promised nohz_full=1-3 cmdline",
    ),
    "argument gone": (
        "proc/cmdline",
        'nohz_full=1-3 x="a nosmt" hugepages=4 -- nosmt',
        "kernel argument nosmt is absent, promised nosmt cmdline",
    ),
    "argument with a value": (
        "proc/cmdline",
        "nohz_full=1-3 hugepages=4 nosmt nosmt=force",
        "kernel argument nosmt is nosmt=force, promised nosmt cmdline",
    ),
    "argument that the kernel refused for another": (
        "sys/devices/system/cpu/nohz_full",
        "4-7",
        "kernel argument nohz_full is in effect for CPUs 4-7, promised nohz_full=1-3 cmdline",
    ),
    "argument without effect": (
        "sys/devices/system/cpu/nohz_full",
        "(null)",
        "kernel argument nohz_full is in effect for no CPU, promised nohz_full=1-3 cmdline",
    ),
    "napi": (f"{SYS}/napi_defer_hard_irqs", "0", "front: napi_defer_hard_irqs is 0, promised 2 steering"),
    "napi absent": (f"{SYS}/napi_defer_hard_irqs", "-", "front: napi_defer_hard_irqs is absent, promised 2 steering"),
    "rps": (f"{SYS}/queues/rx-2/rps_cpus", "00000000", "front: rps_cpus of rx-2 is 0, promised 1,0000000f steering"),
    "rfs": (f"{SYS}/queues/rx-3/rps_flow_cnt", "1024", "front: rps_flow_cnt of rx-3 is 1024, promised 2048 steering"),
    "xps": (f"{SYS}/queues/tx-0/xps_cpus", "1", "front: xps_cpus of tx-0 is 1, promised 1,00000001 steering"),
    "affinity": (
        "proc/irq/43/smp_affinity_list",
        "0-63",
        "front: CPU of interrupt 43 (i40e-front-TxRx-10) is 0-63, promised 1 steering",
    ),
    "governor": (
        "sys/devices/system/cpu/cpu1/cpufreq/scaling_governor",
        "powersave",
        "governor of CPU 1 is powersave, promised performance cpu",
    ),
    "idle": (
        "sys/devices/system/cpu/cpu0/power/pm_qos_resume_latency_us",
        "0",
        "time to wake CPU 0 in us is 0, promised 2 cpu",
    ),
}


def said_of(text: str) -> str:
    sentence, _, carrier = text.rpartition(" ")
    return f"broken: {sentence} {BEHIND[carrier]}"


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_damaged_is_named_and_nothing_else(tmp_path: Path, damage: str) -> None:
    file, text, said = DAMAGES[damage]
    machine(tmp_path / "root")
    if text == "-":
        (tmp_path / "root" / file).unlink()
    else:
        put(tmp_path / "root" / file, text)
    assert agreed(PLAN, tmp_path / "out", tmp_path / "root") == [
        said_of(said),
        FILES,
        UNITS,
        f"{KEPT + 2} promises: {KEPT - 1} kept, 1 broken, 2 cannot be read",
    ]


def front_is_renamed(root: Path) -> None:
    (root / FUNCTION / "net/front").rename(root / FUNCTION / "net/eth0")
    (root / "sys/class/net/front").unlink()
    link(root / "sys/class/net/eth0", root / FUNCTION / "net/eth0")


def front_is_another(root: Path) -> None:
    """The name was given to another card."""
    (root / "sys/bus/pci/devices/0000:18:00.0").unlink()
    (root / "sys/bus/pci/devices/0000:18:00.0").mkdir()
    link(root / "sys/bus/pci/devices/0000:18:00.0/virtfn1", root / "sys/devices/pci0000:17/0000:18:02.1")


def module_is_gone(root: Path) -> None:
    (root / "proc/sys/net/netfilter/nf_conntrack_buckets").unlink()
    (root / "sys/module/nf_conntrack/parameters/hashsize").unlink()
    (root / "sys/module/nf_conntrack/parameters").rmdir()
    (root / "sys/module/nf_conntrack").rmdir()


def other_drivers(root: Path) -> None:
    (root / "sys/devices/pci0000:17/0000:19:00.0/driver").unlink()
    (root / "sys/devices/pci0000:17/0000:18:02.1/driver").unlink()
    (root / "sys/devices/pci0000:17/0000:3b:00.0/driver").unlink()
    link(root / "sys/devices/pci0000:17/0000:3b:00.0/driver", root / "sys/bus/pci/drivers/vfio-pci")
    link(root / "sys/devices/pci0000:17/0000:18:02.1/driver", root / "sys/bus/pci/drivers/iavf")


def pages_are_few(root: Path) -> None:
    put(root / "sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages", "7")
    (root / "sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages").unlink()


def interrupts_wait(root: Path) -> None:
    put(root / "proc/irq/41/effective_affinity_list", "0")
    put(root / "run/netc/unmovable-front", "42")
    put(root / "proc/irq/42/smp_affinity_list", "7")


def services_may_go_elsewhere(root: Path) -> None:
    put(root / "proc/1/status", "Cpus_allowed_list:\t0-8")


GONE = "sys/bus/pci/devices/0000:19:00.0"
EVENTS: dict[str, tuple[Callable[[Path], object], list[str], str]] = {
    "renamed": (
        front_is_renamed,
        [
            "broken: front: name is eth0, promised front "
            "(/etc/systemd/network/10-netc-front.link; asked by a.net: host h1)"
        ],
        "28 promises: 25 kept, 1 broken, 2 cannot be read",
    ),
    "another card": (
        front_is_another,
        [
            "broken: front: name is that of another device than 0000:18:00.0, promised front "
            "(/etc/systemd/network/10-netc-front.link; asked by a.net: host h1)"
        ],
        "46 promises: 43 kept, 1 broken, 2 cannot be read",
    ),
    "module unloaded": (
        module_is_gone,
        [
            "broken: sysctl net.netfilter.nf_conntrack_buckets is absent, for module nf_conntrack is not loaded, "
            f"promised 100352 {BEHIND['sysctl']}",
            "cannot be read: parameter hashsize of module nf_conntrack: module nf_conntrack is not loaded "
            "(/etc/modprobe.d/netc.conf; asked by a.net: host h1)",
        ],
        "46 promises: 42 kept, 1 broken, 3 cannot be read",
    ),
    "other drivers": (
        other_drivers,
        [
            f"broken: data: driver of 0000:19:00.0 is none, promised vfio-pci {BEHIND['device']}",
            f"broken: shared: driver of 0000:3b:00.0 is vfio-pci, promised mlx5_core {BEHIND['device']}",
            f"broken: vf: driver of 0000:18:00.0 function 1 is iavf, promised vfio-pci {BEHIND['device']}",
        ],
        "46 promises: 41 kept, 3 broken, 2 cannot be read",
    ),
    "device gone": (
        lambda root: (root / GONE).unlink(),
        [f"cannot be read: data: driver of 0000:19:00.0: the device is absent {BEHIND['device']}"],
        "46 promises: 43 kept, 0 broken, 3 cannot be read",
    ),
    "few pages": (
        pages_are_few,
        [
            f"broken: number of huge pages in hugepages-1048576kB is absent, promised at least 2 {BEHIND['pages']}",
            f"broken: number of huge pages in node0/hugepages-2048kB is 7, promised at least 8 {BEHIND['pages']}",
        ],
        "46 promises: 42 kept, 2 broken, 2 cannot be read",
    ),
    "interrupts that nobody can move now": (
        interrupts_wait,
        [
            "cannot be read: front: CPU of interrupt 41 (i40e-front-TxRx-0): it moves there when it next arrives, "
            f"and is on 0 {BEHIND['steering']}",
            "cannot be read: front: CPU of interrupt 42 (i40e-front-TxRx-1): the kernel alone places it, on 7 "
            f"{BEHIND['steering']}",
        ],
        "46 promises: 42 kept, 0 broken, 2 cannot be read, 2 excused",
    ),
    "affinity of services": (
        services_may_go_elsewhere,
        [
            "broken: CPUAffinity of systemd is 0-8, promised 0-3,8 "
            "(/etc/systemd/system.conf.d/90-netc.conf; asked by a.net: host h1)"
        ],
        "46 promises: 43 kept, 1 broken, 2 cannot be read",
    ),
}


@pytest.mark.parametrize("event", EVENTS)
def test_events_are_told(tmp_path: Path, event: str) -> None:
    happens, said, summary = EVENTS[event]
    machine(tmp_path / "root")
    happens(tmp_path / "root")
    assert agreed(PLAN, tmp_path / "out", tmp_path / "root") == [*sorted([*said, FILES, UNITS]), summary]


def test_an_optional_nic_may_be_absent_and_another_not(tmp_path: Path) -> None:
    put(tmp_path / "root/sys/class/net/lo/mtu", "65536")
    put(tmp_path / "root/proc/sys/kernel/osrelease", "6.1")
    settings = [
        asked(nic("front", "mtu", "9000", Via.UNIT)),
        asked(nic("front", "rps.cpus", "1", S)),
        asked(sysctl("net.ipv4.conf.front.rp_filter", "2")),
    ]
    needed = plan(*settings, interfaces=(FRONT,))
    absent = "cannot be read: nic front: it is absent (netc-nic-front.service; asked by a.net: host h1)"
    assert agreed(needed, tmp_path / "needed", tmp_path / "root") == [
        f"broken: sysctl net.ipv4.conf.front.rp_filter is absent, promised 2 {BEHIND['sysctl']}",
        FILES,
        absent,
        UNITS,
        "4 promises: 0 kept, 1 broken, 3 cannot be read",
    ]
    optional = plan(*settings, interfaces=(replace(FRONT, optional=True),))
    assert agreed(optional, tmp_path / "optional", tmp_path / "root") == [
        FILES,
        absent,
        f"cannot be read: sysctl net.ipv4.conf.front.rp_filter: front is absent {BEHIND['sysctl']}",
        UNITS,
        "4 promises: 0 kept, 0 broken, 2 cannot be read, 2 excused",
    ]


def test_a_nic_that_keeps_its_name_is_found_as_udev_recognised_it(tmp_path: Path) -> None:
    root = tmp_path / "root"
    for index, name in enumerate(("eth0", "eth1")):
        put(root / f"sys/class/net/{name}/ifindex", str(index + 2))
        put(root / f"sys/class/net/{name}/mtu", str(9000 + index))
    put(root / "run/udev/data/n3", "E:ID_BUS=pci\nE:NETC_NIC=keep")
    keep = Interface("keep", "", mac="52:54:00:00:00:01")
    mtu = asked(nic("keep", "mtu", "9001", Via.UNIT))
    assert agreed(plan(mtu, interfaces=(keep,)), tmp_path / "out", root)[-1].startswith("3 promises: 1 kept")
    put(root / "run/udev/data/n3", "E:NETC_NIC=keeper")
    assert "cannot be read: nic keep: it is absent" in agreed(plan(mtu, interfaces=(keep,)), tmp_path / "out", root)[1]


VIRTUAL = Interface("w1", "w1", physical_function="front", function=1)
FUNCTIONS = plan(
    asked(nic("front", "vfs", "2", Via.LINK, Via.FUNCTIONS)),
    asked(nic("w1", "name", "w1", Via.LINK)),
    asked(nic("w1", "mtu", "1500", Via.LINK)),
    interfaces=(FRONT, VIRTUAL),
)
NAMED_BY_LINK = "(/etc/systemd/network/10-netc-w1.link; asked by a.net: host h1)"


def with_functions(root: Path, *names: str) -> None:
    """A physical function with virtual ones, whose interfaces have these names."""
    function = root / "sys/devices/pci0000:17/0000:18:00.0"
    put(function / "sriov_numvfs", str(len(names)))
    link(function / "net/front/device", function)
    link(root / "sys/class/net/front", function / "net/front")
    link(root / "sys/bus/pci/devices/0000:18:00.0", function)
    for number, name in enumerate(names):
        virtual = root / f"sys/devices/pci0000:17/0000:18:02.{number}"
        link(function / f"virtfn{number}", virtual)
        put(virtual / f"net/{name}/mtu", "1500")
        link(root / f"sys/class/net/{name}", virtual / f"net/{name}")


def said_of_functions(folder: Path, promised: Plan = FUNCTIONS) -> list[str]:
    """What both say, without what no copy can tell."""
    *said, last = agreed(promised, folder / "out", folder / "root")
    return [*(line for line in said if line != FILES and "only the running machine tells" not in line), last]


@pytest.mark.parametrize("physical", [FRONT, replace(FRONT, pci="", match_name="eth0")])
def test_a_virtual_function_is_known_by_its_physical_function_and_number(tmp_path: Path, physical: Interface) -> None:
    with_functions(tmp_path / "root", "w0", "w1")
    promised = replace(FUNCTIONS, interfaces=(physical, VIRTUAL))
    assert said_of_functions(tmp_path, promised) == ["5 promises: 3 kept, 0 broken, 2 cannot be read"]


def test_names_of_virtual_functions_that_were_changed_over(tmp_path: Path) -> None:
    with_functions(tmp_path / "root", "w1", "w0")
    assert said_of_functions(tmp_path) == [
        "broken: w1: name is that of another device than 0000:18:00.0/virtfn1, promised w1 " + NAMED_BY_LINK,
        "5 promises: 2 kept, 1 broken, 2 cannot be read",
    ]


def test_a_virtual_function_that_has_another_name(tmp_path: Path) -> None:
    with_functions(tmp_path / "root", "w0", "eth5")
    assert said_of_functions(tmp_path) == [
        "broken: w1: name is eth5, promised w1 " + NAMED_BY_LINK,
        "4 promises: 1 kept, 1 broken, 2 cannot be read",
    ]


def test_a_number_of_virtual_functions_that_is_another(tmp_path: Path) -> None:
    with_functions(tmp_path / "root", "w0")
    assert said_of_functions(tmp_path) == [
        "broken: front: number of virtual functions is 1, promised 2 (netc-vfs-front.service; asked by a.net: host h1)",
        "cannot be read: nic w1: it is absent " + NAMED_BY_LINK,
        "4 promises: 0 kept, 1 broken, 3 cannot be read",
    ]


def test_a_name_is_not_kept_where_nothing_tells_of_devices(tmp_path: Path) -> None:
    put(tmp_path / "root/sys/class/net/w1/mtu", "1500")
    (tmp_path / "root/proc").mkdir()
    promised = plan(FUNCTIONS.settings[1], interfaces=(FRONT, VIRTUAL))
    assert said_of_functions(tmp_path, promised) == [
        "cannot be read: w1: name: there is no /sys/bus " + NAMED_BY_LINK,
        "2 promises: 0 kept, 0 broken, 2 cannot be read",
    ]


def test_pages_that_the_command_line_reserves_are_seen_to_by_the_unit(tmp_path: Path) -> None:
    (tmp_path / "root/proc").mkdir(parents=True)
    pages = other(Kind.HUGEPAGES, "node0/hugepages-1048576kB", "4")
    promised = plan(pages, other(Kind.KERNEL_ARGUMENT, "hugepagesz=1G"))
    assert said_of_functions(tmp_path, promised)[0] == (
        "broken: number of huge pages in node0/hugepages-1048576kB is absent, promised at least 4 "
        "(kernel command line, netc-hugepages.service; asked by a.net: host h1)"
    )


def kept(promised: Plan, folder: Path) -> str:
    """The last line, without files and units, which no copy tells."""
    return said_of_functions(folder, promised)[-1]


def test_an_optional_nic_without_a_name_excuses_nothing(tmp_path: Path) -> None:
    put(tmp_path / "root/proc/sys/net/core/somaxconn", "128")
    spare = Interface("spare", "", mac="52:54:00:00:00:01", optional=True)
    promised = plan(asked(sysctl("net.core.somaxconn", "4096")), interfaces=(spare,))
    assert kept(promised, tmp_path) == "2 promises: 0 kept, 1 broken, 1 cannot be read"


def test_keys_that_a_part_of_a_name_stands_for(tmp_path: Path) -> None:
    for name, text in {"eth0": "2", "eth1": "0", "lo": "0"}.items():
        put(tmp_path / f"root/proc/sys/net/ipv4/conf/{name}/rp_filter", text)
    promised = plan(asked(sysctl("net.ipv4.conf.eth*.rp_filter", "2")))
    assert said_of_functions(tmp_path, promised) == [
        f"broken: sysctl net/ipv4/conf/eth1/rp_filter is 0, promised 2 {BEHIND['sysctl']}",
        "3 promises: 1 kept, 1 broken, 1 cannot be read",
    ]


def test_a_mask_is_compared_as_the_kernel_fills_it_up(tmp_path: Path) -> None:
    put(tmp_path / "root/proc/sys/net/core/flow_limit_cpu_bitmap", "00000000,00000001,000000ff")
    promised = plan(asked(sysctl("net.core.flow_limit_cpu_bitmap", "1,FF")))
    assert kept(promised, tmp_path) == "2 promises: 1 kept, 0 broken, 1 cannot be read"


def test_a_key_that_can_only_be_written_cannot_be_read(tmp_path: Path) -> None:
    promised = plan(asked(sysctl("net.ipv4.route.flush", "1")))
    line = f"cannot be read: sysctl net.ipv4.route.flush: it cannot be opened {BEHIND['sysctl']}"
    assert line in by_netc(promised, Path("/"))
    assert line in by_shell(files(promised, tmp_path) / "etc/netc", None)[1]


def test_others_than_root_are_not_told_of_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    local = Interface("local", "lo", match_name="lo")
    pins = "/sys/fs/bpf/netc/local"
    program = Program("local", "pass", "p.o", "0", "xdp", "native", 10, pins, ("m",), True, (), False, ASKED)
    said = by_netc(replace(plan(interfaces=(local,)), programs=(program,)), Path("/"))
    behind = "(netc-xdp-local.service; asked by a.net: host h1)"
    assert f"cannot be read: local: XDP program pass: only root is told {behind}" in said


@pytest.mark.parametrize(("shown", "promised"), [("N", "0"), ("N", "off"), ("Y", "1")])
def test_switches_of_modules_are_shown_as_letters(tmp_path: Path, shown: str, promised: str) -> None:
    put(tmp_path / "root/sys/module/vfio/parameters/x", shown)
    assert " 1 kept, 0 broken" in kept(plan(other(Kind.MODULE_OPTION, "vfio.x", promised)), tmp_path)


NAMED_FRONT = "(/etc/systemd/network/10-netc-front.link; asked by a.net: host h1)"


@pytest.mark.parametrize("port", [0, 1])
def test_a_name_that_the_other_port_of_a_device_has(tmp_path: Path, port: int) -> None:
    function = tmp_path / "root/sys/bus/pci/devices/0000:18:00.0"
    put(function / "net/front/dev_port", "1")
    link(tmp_path / "root/sys/class/net/front", function / "net/front")
    promised = plan(asked(nic("front", "name", "front", Via.LINK)), interfaces=(replace(FRONT, port=port),))
    wrong = f"broken: front: name is that of another device than 0000:18:00.0 port 0, promised front {NAMED_FRONT}"
    assert said_of_functions(tmp_path, promised)[:-1] == ([wrong] if port == 0 else [])


def test_a_name_that_a_device_of_another_address_has(tmp_path: Path) -> None:
    by_address = Interface("front", "front", mac="52:54:00:00:00:01")
    promised = plan(asked(nic("front", "name", "front", Via.LINK)), interfaces=(by_address,))
    folder = tmp_path / "root/sys/class/net/front"
    (tmp_path / "root/proc").mkdir(parents=True)
    put(folder / "address", "52:54:00:00:00:01")
    assert " 1 kept, 0 broken" in kept(promised, tmp_path)
    put(folder / "address", "52:54:00:00:00:02")
    assert " 0 kept, 0 broken, 2 cannot" in kept(promised, tmp_path)
    put(folder / "bonding_slave/perm_hwaddr", "52:54:00:00:00:01")
    assert " 1 kept, 0 broken" in kept(promised, tmp_path)


def test_an_interface_without_queues_keeps_no_promise_of_them(tmp_path: Path) -> None:
    put(tmp_path / "root/sys/class/net/front/flags", "0x1003")
    promised = plan(
        asked(nic("front", "rps.cpus", "1", S)), asked(nic("front", "rfs.flows", "9", S)), interfaces=(FRONT,)
    )
    assert said_of_functions(tmp_path, promised)[:-1] == [
        f"broken: front: rps_cpus of rx-0 is absent, promised 2 {BEHIND['steering']}",
        f"broken: front: rps_flow_cnt of rx-0 is absent, promised 16 {BEHIND['steering']}",
    ]


MOUNT = "etc/systemd/system/dev-hugepages\\x2d2MiB.mount"  # newer sha256sum shows the backslash twice
WANTED = "etc/systemd/system/multi-user.target.wants"
CHANGES: dict[str, Callable[[Path], object]] = {
    "changed": lambda path: path.write_text("receive_cpus 4\n"),
    "absent": lambda path: path.unlink(),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "a link to nothing": lambda path: (path.unlink(), path.symlink_to("/nowhere")),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("path", ["etc/netc/steering/front", MOUNT, f"{WANTED}/netc-verify.service"])
def test_a_file_that_was_changed_is_named(tmp_path: Path, path: str, change: str) -> None:
    root = tmp_path / "root"
    machine(root)
    run("cp", "-a", files(PLAN, tmp_path / "out") / "etc", root)
    *said, before = agreed(PLAN, tmp_path / "out", root)
    assert (said, before.count(" 0 broken, 1 cannot be read")) == ([UNITS], 1)
    if path.startswith(WANTED) and change == "changed":
        (root / path).unlink()
        (root / path).symlink_to("/dev/null")
    else:
        CHANGES[change](root / path)
    found = "absent" if change == "absent" else "changed"
    line, _, after = agreed(PLAN, tmp_path / "out", root)
    assert line == f"broken: /{path} is {found}, promised as written (/etc/netc/files)"
    assert after.count(" 1 broken, 1 cannot be read") == 1


@pytest.mark.parametrize("text", ["", "# nothing\n", "file 0 /etc/netc/verify\n", "file /etc/netc/verify\n", "x\n"])
def test_a_list_that_was_damaged_is_named(tmp_path: Path, text: str) -> None:
    root = tmp_path / "root"
    machine(root)
    run("cp", "-a", files(PLAN, tmp_path / "out") / "etc", root)
    (root / "etc/netc/files").write_text(text)
    assert agreed(PLAN, tmp_path / "out", root)[:-1] == [
        "broken: /etc/netc/files is changed, promised as written (/etc/netc/files)",
        UNITS,
    ]


def test_a_machine_that_is_empty_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "root/proc").mkdir(parents=True)
    everything = replace(
        EVERYTHING,
        programs=(
            Program(
                "front",
                "pass",
                "p.o",
                "0",
                "xdp",
                "native",
                10,
                "/sys/fs/bpf/netc/front",
                ("m",),
                True,
                (),
                False,
                ASKED,
            ),
        ),
        applications=(Application("testpmd.service", ("data",), "1-2", (), "/dev/hugepages-2MiB", ASKED),),
    )
    assert " 0 kept, " in agreed(everything, tmp_path / "out", tmp_path / "root")[-1]
    assert " 0 kept, " in agreed(PLAN, tmp_path / "out2", tmp_path / "root")[-1]


def test_texts_that_shells_would_run_are_said_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "root/proc/sys").mkdir(parents=True)
    said = agreed(plan(sysctl("net.core.somaxconn", "1")), tmp_path / "out", tmp_path / "root")
    assert said[0].endswith("asked by a.net: $(id) `id` \"'%n\\, b\\nc)")


def test_a_check_that_is_stopped_tells_what_it_knows(tmp_path: Path) -> None:
    """As systemd stops it when its time is over: all processes at once."""
    (tmp_path / "root/proc").mkdir(parents=True)
    folder = files(plan(asked(sysctl("net.core.somaxconn", "4096"))), tmp_path) / "etc/netc"
    waits, sleep = tmp_path / "waits", tmp_path / "bin/sleep"
    sleep.parent.mkdir()
    sleep.write_text(f"#!/bin/sh\n: >{waits}\nexec /bin/sleep 1000\n")
    sleep.chmod(0o755)
    given = {"NETC_ROOT": str(tmp_path / "root"), "NETC_PATIENCE": "1000", "PATH": f"{sleep.parent}:{PATHS}"}
    check = subprocess.Popen(
        ["sh", folder / "verify"], env=given, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    while not waits.exists():
        assert check.poll() is None
        time.sleep(0.01)
    os.killpg(check.pid, signal.SIGTERM)
    said, _ = check.communicate(timeout=60)
    assert (check.returncode, said.splitlines()[-1]) == (1, "netc: 2 promises: 0 kept, 0 broken, 2 cannot be read")


@pytest.mark.tool("shellcheck")
def test_scripts_are_clean(tmp_path: Path) -> None:
    folder = files(replace(EVERYTHING, settings=(*EVERYTHING.settings, *PLAN.settings)), tmp_path) / "etc/netc"
    for path in (folder / "verify", folder / "verify-functions.sh"):
        checked = run("shellcheck", "--external-sources", f"--source-path={folder}", "--exclude=SC1091", path)
        assert checked.stdout == ""


# The command.


def test_status_and_forms(tmp_path: Path) -> None:
    machine(tmp_path / "root")
    small = plan(asked(sysctl("net.core.somaxconn", "4096")))
    (tmp_path / "plan.json").write_text(to_json(small))
    command = ("verify", tmp_path, "--root", tmp_path / "root")
    run("cp", "-a", files(small, tmp_path / "out") / "etc", tmp_path / "root")
    assert netc(*command).status == 0
    assert netc(*command).out == "h1: 6 promises: 6 kept, 0 broken, 0 cannot be read\n"
    put(tmp_path / "root/proc/sys/net/core/somaxconn", "1")
    told = netc(*command, "--format", "json")
    assert told.status == 4
    assert '"verdict": "broken"' in told.out
    (tmp_path / "root/proc/sys/net/core/somaxconn").unlink()
    assert netc(*command).status == 4
    given = netc("verify", "-", "--root", tmp_path / "root", given=to_json(small).encode())
    assert given.out == netc(*command).out


def test_the_json_form_is_that_of_its_schema(tmp_path: Path) -> None:
    machine(tmp_path / "root")
    front_is_renamed(tmp_path / "root")
    interrupts_wait(tmp_path / "root")
    (tmp_path / "plan.json").write_text(to_json(PLAN))
    told = json.loads(netc("verify", tmp_path / "plan.json", "--root", tmp_path / "root", "--format", "json").out)
    schema = json.loads(shipped.read("netc.verifying", "verify.schema.json"))
    Draft202012Validator.check_schema(schema)
    assert [error.message for error in Draft202012Validator(schema).iter_errors(told)] == []
    assert sum(told["summary"].values()) == len(told["promises"])


def test_what_cannot_be_read_is_no_success(tmp_path: Path) -> None:
    (tmp_path / "root/proc").mkdir(parents=True)
    (tmp_path / "plan.json").write_text(to_json(plan(asked(sysctl("net.core.somaxconn", "4096")))))
    done = netc("verify", tmp_path / "plan.json", "--root", tmp_path / "root")
    assert done.status == 4
    assert done.out.endswith("h1: 2 promises: 0 kept, 0 broken, 2 cannot be read\n")


def mistakes() -> Iterator[tuple[str, str]]:
    good = to_json(PLAN)
    yield "cut off", good[: len(good) // 2]
    yield "another version", good.replace('"format": 1', '"format": 99')
    yield "no plan", "{}"
    yield "not text", "\udcff"


@pytest.mark.parametrize("mistake", dict(mistakes()))
def test_a_damaged_plan_is_one_sentence(tmp_path: Path, mistake: str) -> None:
    (tmp_path / "plan.json").write_bytes(dict(mistakes())[mistake].encode(errors="surrogateescape"))
    done = netc("verify", tmp_path / "plan.json", "--root", tmp_path)
    assert (done.status, done.out, done.err.count("\n")) == (2, "", 1)


@pytest.mark.parametrize(
    ("old", "new"), [('"value": "1"', '"value": "\\u001b[2J"'), ('"kernel": "6.1"', '"kernel": "six"')]
)
def test_values_that_are_none_are_said_on_one_line(tmp_path: Path, old: str, new: str) -> None:
    pages = other(Kind.HUGEPAGES, "node0/hugepages-2048kB", "1")
    text = to_json(plan(asked(sysctl("net.core.somaxconn", "1")), pages))
    (tmp_path / "plan.json").write_text(text.replace(old, new))
    put(tmp_path / "root/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages", "1")
    done = netc("verify", tmp_path / "plan.json", "--root", tmp_path / "root")
    assert (done.status, done.out, done.err.count("\n")) == (2, "", 1)
    assert "\x1b" not in done.err


def test_what_a_machine_says_is_printed_on_one_line(tmp_path: Path) -> None:
    put(
        tmp_path / "root/sys/class/net/front/mtu", "1500\x1b[2J\udcff".encode(errors="surrogateescape").decode("latin1")
    )
    (tmp_path / "plan.json").write_text(
        to_json(plan(asked(nic("front", "mtu", "9000", Via.UNIT)), interfaces=(FRONT,)))
    )
    done = netc("verify", tmp_path / "plan.json", "--root", tmp_path / "root")
    assert "broken: front: MTU is 1500\\x1b[2J" in done.out


def test_what_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(to_json(PLAN))
    assert netc("verify", tmp_path / "none.json").status == 2
    assert netc("verify", tmp_path / "plan.json", "--root", tmp_path / "none").status == 2
    assert netc("verify", tmp_path / "plan.json", "--root", tmp_path).status == 2


# Copied machines, and an independent reading of them.
MACHINES = Path(os.environ.get("NETC_MACHINES", ""))
COPIES = {
    "xeon-6130-32cpu-i40e": ("xeon-6130-32cpu-i40e", "ens7f0", "0000:86:00.0", r"i40e-ens7f0-TxRx-([0-9]+)"),
    "kvm-12cpu-virtio": ("kvm-12cpu-virtio", "", "0000:01:00.0", r"virtio1-(input|output)\.([0-9]+)"),
    "dell-r910-40cpu-bnx2": ("dell-r910-40cpu-bnx2/40intel64-2g2n4c+pci", "eth1", "", ""),
    "48amd64-4pa2n6c-sparse": ("48amd64-4pa2n6c-sparse/48amd64-4d2n6c-sparse", "", "", ""),
    "offline-cpu0-node0": ("offline-cpu0-node0/offline-cpu0-node0", "", "", ""),
}
"""Folder, name of an interface, its PCI function, and the names of its queues' interrupts."""
ORDER = "5,7,3"


def plan_of_copy(name: str, pci: str, queues: str) -> Plan:
    port = Interface("port", name or "port", pci=pci, match_name="x", queue_interrupts=(queues,) if queues else ())
    return plan(
        other(Kind.KERNEL_ARGUMENT, "psi=0"),
        other(Kind.KERNEL_ARGUMENT, "nosmt"),
        asked(nic("port", "mtu", "1500", Via.UNIT)),
        *([asked(nic("port", "irq.cpus", ORDER, S))] if queues else []),
        other(Kind.CPU, "governor", "0-3 performance"),
        other(Kind.CPU, "idle", "0-3 shallow"),
        *(other(Kind.HUGEPAGES, f"node{node}/hugepages-2048kB", "4") for node in range(4)),
        interfaces=(port,),
    )


def word_in(path: Path) -> str:
    return path.read_text().strip() if path.is_file() else "absent"


def read_independently(root: Path, name: str, queues: str) -> dict[str, str]:
    """What differs from the plan, by the name of the promise: files that hold something else, or are not there."""
    found: dict[str, str] = {}
    if (root / "proc/cmdline").is_file():
        words = word_in(root / "proc/cmdline").split()
        found |= {f"kernel argument {w.partition('=')[0]}": "absent" for w in ("psi=0", "nosmt") if w not in words}
    if (root / "sys/class/net").is_dir() and name and (mtu := word_in(root / f"sys/class/net/{name}/mtu")) != "1500":
        found["port: MTU"] = mtu
    if queues:
        for line in (root / "proc/interrupts").read_text().splitlines():
            number, last = line.split(":")[0].strip(), line.split()[-1]
            if match := re.fullmatch(queues, last):
                cpu = ORDER.split(",")[int(match.groups()[-1]) % 3]
                if (present := word_in(root / f"proc/irq/{number}/smp_affinity_list")) != cpu:
                    found[f"port: CPU of interrupt {number} ({last})"] = present
    cpus = root / "sys/devices/system/cpu"
    for kind, glob in (("governor", "cpufreq/policy*"), ("idle", "cpu[0-9]*/cpuidle/state0")):
        if not list(cpus.glob(glob)):
            continue
        for cpu in range(4):
            folder = cpus / f"cpu{cpu}"
            if not folder.is_dir():
                found[f"CPU {cpu}"] = "absent"
            elif word_in(folder / "online") == "0":
                continue
            elif kind == "governor" and (present := word_in(folder / "cpufreq/scaling_governor")) != "performance":
                found[f"governor of CPU {cpu}"] = present
            elif kind == "idle" and (folder / "cpuidle/state1").is_dir():
                found[f"time to wake CPU {cpu} in us"] = word_in(folder / "power/pm_qos_resume_latency_us")
    for node in range(4):
        count = word_in(root / f"sys/devices/system/node/node{node}/hugepages/hugepages-2048kB/nr_hugepages")
        if not count.isdigit() or int(count) < 4:
            found[f"number of huge pages in node{node}/hugepages-2048kB"] = count
    return found


@pytest.mark.skipif(not MACHINES.name, reason="NETC_MACHINES names no folder with copies of machines")
@pytest.mark.parametrize("copy", COPIES)
def test_a_copied_machine_differs_where_an_independent_reading_says(tmp_path: Path, copy: str) -> None:
    folder, name, pci, queues = COPIES[copy]
    root = MACHINES / folder
    if not root.is_dir():
        pytest.skip(f"NETC_MACHINES does not hold {folder}")
    promised = plan_of_copy(name, pci, queues)
    said = agreed(promised, tmp_path, root)
    broken = dict(
        match.groups() for line in said if (match := re.match(r"broken: (.+) is (.*), promised", line)) is not None
    )
    assert broken == read_independently(root, name, queues)
    assert broken, "a machine that nobody tuned keeps not all"


def test_lines_of_both_are_compared_at_all(tmp_path: Path) -> None:
    """The comparison itself sees a difference."""
    machine(tmp_path / "root")
    folder = files(PLAN, tmp_path / "out") / "etc/netc"
    before = by_netc(PLAN, tmp_path / "root")
    put(tmp_path / "root/proc/sys/net/core/somaxconn", "1")
    assert by_shell(folder, tmp_path / "root")[1] != before

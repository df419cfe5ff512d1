"""The main job, end to end: a machine is probed, its facts are named by a `.net` file, and boot files come out."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from running import netc, tree

PORTS = (
    ("eno1", "0000:19:00.0", "ixgbe", 0, "ac:1f:6b:00:00:01"),
    ("eno2", "0000:19:00.1", "ixgbe", 0, "ac:1f:6b:00:00:02"),
    ("eno3", "0000:1a:00.0", "igb", 0, "ac:1f:6b:00:00:03"),
    ("ens7f0", "0000:86:00.0", "i40e", 1, "3c:fd:fe:00:00:01"),
    ("ens7f1", "0000:86:00.1", "i40e", 1, "3c:fd:fe:00:00:02"),
)
CPUS = 32


def put(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{text}\n")


def put_link(root: Path, name: str, target: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


def cpus_of(node: int) -> str:
    return ",".join(map(str, range(node, CPUS, 2)))


def two_sockets(root: Path) -> None:
    """/proc and /sys of two Xeons without SMT: even CPUs on node 0, odd ones on node 1, as many firmwares do."""
    put(root, "proc/sys/kernel/hostname", "lb-01.example.net")
    put(root, "proc/sys/kernel/osrelease", "5.14.0-570.el9.x86_64")
    put(root, "proc/meminfo", "MemTotal:       197000000 kB")
    info = "processor\t: {}\nvendor_id\t: GenuineIntel\nmodel name\t: Xeon\nflags\t\t: fpu lm constant_tsc\n"
    put(root, "proc/cpuinfo", "\n".join(info.format(cpu) for cpu in range(CPUS)))
    for name in ("possible", "present", "online"):
        put(root, f"sys/devices/system/cpu/{name}", f"0-{CPUS - 1}")
    put(root, "sys/devices/system/node/online", "0-1")
    for cpu in range(CPUS):
        folder = f"sys/devices/system/cpu/cpu{cpu}"
        put(root, f"{folder}/topology/physical_package_id", str(cpu % 2))
        put(root, f"{folder}/topology/core_id", str(cpu // 2))
        put(root, f"{folder}/topology/thread_siblings_list", str(cpu))
        put(root, f"{folder}/cache/index3/level", "3")
        put(root, f"{folder}/cache/index3/shared_cpu_list", cpus_of(cpu % 2))
    for node in (0, 1):
        folder = f"sys/devices/system/node/node{node}"
        put(root, f"{folder}/cpulist", cpus_of(node))
        put(root, f"{folder}/meminfo", f"Node {node} MemTotal:       98500000 kB")
    lines = ["".join(f"{f'CPU{cpu}':>11}" for cpu in range(CPUS))]
    for number, (name, pci, driver, node, mac) in enumerate(PORTS):
        bridge = f"sys/devices/pci0000:{pci[5:7]}/0000:{pci[5:7]}:00.9"
        put(root, f"{bridge}/{pci}/class", "0x020000")
        put(root, f"{bridge}/{pci}/numa_node", str(node))
        put_link(root, f"{bridge}/{pci}/driver", f"../../../../bus/pci/drivers/{driver}")
        put_link(root, f"sys/bus/pci/devices/{pci}", f"../../../../{bridge}/{pci}")
        port = f"{bridge}/{pci}/net/{name}"
        for key, text in (("type", "1"), ("address", mac), ("addr_assign_type", "0"), ("speed", "-1")):
            put(root, f"{port}/{key}", text)
        put_link(root, f"{port}/device", f"../../../{pci}")
        put_link(root, f"sys/class/net/{name}", f"../../../{port}")
        for queue in range(4):
            interrupt = 100 + 10 * number + queue
            put(root, f"{bridge}/{pci}/msi_irqs/{interrupt}", "msix")
            lines.append(f"{interrupt:>4}:{'          0' * CPUS} PCI-MSI {queue}-edge {driver}-{name}-TxRx-{queue}")
    put(root, "proc/interrupts", "\n".join(lines))


JOB = """\
host lb-01.example.net {{
    system {{ distribution {distribution}; network networkd }}
    hardware "facts.yaml"
    nic front {{ match pci 0000:86:00.0; speed 40Gbps; vectors 64; rings {{ rx 2048 }} }}
    nic back {{ match pci 0000:86:00.1; speed 40Gbps; vectors 64 }}
    nic admin {{ match pci 0000:1a:00.0; management; rename admin }}
    goal load-balancer {{
        throughput 30Gbps
        packets 4Mpps
        connections 1M
        connection-rate 60k/s
        outbound-rate 5k/s
        flow 2Gbps
        rtt 40ms
        listen 80,443
    }}
    goal firewall {{
        connections 1M
        connection-rate 20k/s
        neighbours 2000
    }}
    kernel-argument "panic=10" because "it must come back by itself"
}}
"""

EVERYWHERE = {
    "after-copy",
    "kernel-command-line",
    "manifest.json",
    "plan.json",
    "rootfs/etc/modprobe.d/netc.conf",
    "rootfs/etc/modules-load.d/netc.conf",
    "rootfs/etc/netc/nic-functions.sh",
    "rootfs/etc/netc/nic/back",
    "rootfs/etc/netc/nic/front",
    "rootfs/etc/sysctl.d/99-zy-netc-forwarding.conf",
    "rootfs/etc/sysctl.d/99-zz-netc.conf",
    "rootfs/etc/systemd/network/10-netc-admin.link",
    "rootfs/etc/systemd/network/10-netc-back.link",
    "rootfs/etc/systemd/network/10-netc-front.link",
    "rootfs/etc/systemd/system.conf.d/90-netc.conf",
    "rootfs/etc/systemd/system/multi-user.target.wants/netc-nic-back.service",
    "rootfs/etc/systemd/system/multi-user.target.wants/netc-nic-front.service",
    "rootfs/etc/systemd/system/netc-nic-back.service",
    "rootfs/etc/systemd/system/netc-nic-front.service",
    "rootfs/etc/systemd/system/sys-subsystem-net-devices-back.device.wants/netc-nic-back.service",
    "rootfs/etc/systemd/system/sys-subsystem-net-devices-front.device.wants/netc-nic-front.service",
    "rootfs/etc/udev/rules.d/90-netc-sysctl.rules",
    "rootfs/etc/netc/files",
    "rootfs/etc/netc/remove",
    "rootfs/etc/netc/verify",
    "rootfs/etc/netc/verify-functions.sh",
    "rootfs/etc/systemd/system/multi-user.target.wants/netc-verify.service",
    "rootfs/etc/systemd/system/netc-verify.service",
    "rootfs/etc/netc/follow-links",
    "rootfs/etc/netc/steering-functions.sh",
    "rootfs/etc/systemd/system/irqbalance.service.d/90-netc.conf",
    "rootfs/etc/systemd/system/multi-user.target.wants/netc-follow-links.service",
    "rootfs/etc/systemd/system/netc-follow-links.service",
    *(f"rootfs/etc/netc/steering/{nic}" for nic in ("admin", "back", "front")),
    *(f"rootfs/etc/systemd/system/netc-steering-{nic}.service" for nic in ("admin", "back", "front")),
    *(
        f"rootfs/etc/systemd/system/sys-subsystem-net-devices-{nic}.device.wants/netc-steering-{nic}.service"
        for nic in ("admin", "back", "front")
    ),
}
FILES = {
    "debian 12": EVERYWHERE | {"rootfs/etc/default/grub.d/zz-netc.cfg", "rootfs/etc/netc/irqbalance-policy"},
    "rhel 9": EVERYWHERE,  # the Boot Loader Specification: `after-copy` tells grubby, no file does
}
DISTRIBUTIONS = sorted(FILES)


def facts_of(root: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    done = netc("probe", "--root", root, "-o", folder / "facts.yaml")
    assert (done.status, done.out, done.err) == (0, "", "")


def built(root: Path, folder: Path, distribution: str) -> Path:
    """The folder of the host that comes of a machine."""
    facts_of(root, folder)
    (folder / "job.net").write_text(JOB.format(distribution=distribution))
    done = netc("compile", folder / "job.net", "-o", folder / "out", "--strict")
    assert (done.status, done.out, done.err) == (0, "", "")
    return folder / "out/lb-01.example.net"


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The finished host by distribution."""
    root = tmp_path_factory.mktemp("machine")
    two_sockets(root)
    return {name: built(root, tmp_path_factory.mktemp("job"), name) for name in DISTRIBUTIONS}


def sysctls(host: Path) -> dict[str, str]:
    """What sysctl.d(5) holds, read by rule: later files win, `#` and `;` begin comments."""
    found = {}
    for path in sorted((host / "rootfs/etc/sysctl.d").iterdir()):
        for line in path.read_text().splitlines():
            if line and line[0] not in "#;":
                match = re.fullmatch(r"([a-z0-9_./-]+) = ([0-9a-z _,-]+)", line)
                assert match, line
                found[match[1]] = match[2]
    return found


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_the_files_are_these_and_no_others(distribution: str, hosts: dict[str, Path]) -> None:
    found = {name for name, text in tree(hosts[distribution]).items() if text != "folder"}
    assert found == FILES[distribution]


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_the_manifest_names_them_all(distribution: str, hosts: dict[str, Path]) -> None:
    told = json.loads((hosts[distribution] / "manifest.json").read_text())
    named = {entry["path"] for entry in told["files"] + told["links"]}
    assert named == FILES[distribution] - {"manifest.json"}


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_every_link_leads_to_a_file(distribution: str, hosts: dict[str, Path]) -> None:
    links = [path for path in hosts[distribution].rglob("*") if path.is_symlink()]
    assert len(links) == 9
    assert all(path.resolve().is_file() for path in links)


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_the_values(distribution: str, hosts: dict[str, Path]) -> None:
    found = sysctls(hosts[distribution])
    assert {key: found[key] for key in WANTED} == WANTED
    assert int(found["net.netfilter.nf_conntrack_max"]) >= 1.2 * (1_000_000 + 20_000 * 120)
    assert not set(found) & ABSENT
    commands = (hosts[distribution] / "kernel-command-line").read_text().split()
    assert commands == ["panic=10"]


WANTED = {
    "net.ipv4.ip_forward": "1",
    "net.ipv6.conf.all.forwarding": "1",
    "net.core.rmem_max": "10485760",
    "net.core.wmem_max": "10485760",
    "net.core.somaxconn": "8192",
    "net.ipv4.tcp_rmem": "4096 131072 20971520",
    "net.ipv4.tcp_wmem": "4096 16384 20971520",
    "net.ipv4.tcp_tw_reuse": "1",
    "net.ipv4.tcp_fin_timeout": "15",
    "net.ipv4.neigh.default.gc_thresh3": "4096",
    "net.ipv6.neigh.default.gc_thresh3": "4096",
}
ABSENT = {
    "net.core.netdev_max_backlog",  # no RPS: the queue is never used
    "net.ipv4.tcp_max_syn_backlog",  # read only without SYN cookies
    "net.core.netdev_budget_usecs",
    "net.ipv4.tcp_mem",  # 2 × 4 × 30 Gbit/s × 40 ms are within what the kernel gives 188 GiB
    "net.ipv4.tcp_timestamps",
    "net.ipv4.tcp_sack",
}


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_ports_of_node_1_are_served_by_its_odd_cpus(distribution: str, hosts: dict[str, Path]) -> None:
    plan = json.loads((hosts[distribution] / "plan.json").read_text())
    served = {}
    for name in ("front", "back"):
        link = (hosts[distribution] / f"rootfs/etc/systemd/network/10-netc-{name}.link").read_text()
        assert "\nCombinedChannels=8\n" in link, "two ports share sixteen cores"
        settings = {s["key"]: s for s in plan["settings"] if s.get("interface") == name}
        assert "node 1" in settings["channels.combined"]["why"]["reason"]
        cpus = [int(cpu) for cpu in settings["irq.cpus"]["value"].split(",")]
        assert sorted(cpus) == list(range(1, 32, 2)), "the odd CPUs are those of node 1"
        served[name] = set(cpus[:8])
    assert not served["front"] & served["back"]
    admin = (hosts[distribution] / "rootfs/etc/systemd/network/10-netc-admin.link").read_text()
    assert "Channels" not in admin
    assert "\nName=admin\n" in admin


def test_each_distribution_gets_its_own_steps(hosts: dict[str, Path]) -> None:
    debian, rhel = ((hosts[name] / "after-copy").read_text() for name in DISTRIBUTIONS)
    assert "update-initramfs" in debian
    assert "update-grub" in debian
    assert "grubby" not in debian
    assert "dracut" in rhel
    assert "grubby --update-kernel=ALL --args=" in rhel
    assert "update-grub" not in rhel
    for name in DISTRIBUTIONS:
        host = hosts[name]
        for script in (host / "after-copy", *(host / "rootfs/etc/netc/nic").iterdir()):
            assert os.access(script, os.X_OK)
            assert subprocess.run(["sh", "-n", script], capture_output=True, check=False).stderr == b""


def test_facts_that_disagree_are_an_error(tmp_path: Path) -> None:
    two_sockets(tmp_path / "machine")
    facts_of(tmp_path / "machine", tmp_path)
    wrong = JOB.format(distribution="debian 12").replace("pci 0000:86:00.0; speed", "pci 0000:86:00.0; node 0; speed")
    (tmp_path / "job.net").write_text(wrong)
    done = netc("compile", tmp_path / "job.net", "-o", tmp_path / "out", "--diagnostics", "json")
    assert (done.status, done.codes) == (1, ["N0209"])
    (found,) = done.diagnostics
    assert found["line"] == 4
    assert found["labels"][-1]["file"].endswith("facts.yaml")
    assert not (tmp_path / "out").exists()


# What the programs of this machine say of the files.

SYSTEMD_SYSCTL = next(
    (p for p in ("/usr/lib/systemd/systemd-sysctl", "/lib/systemd/systemd-sysctl") if Path(p).exists()), ""
)


def in_namespaces(script: str, *arguments: str | Path) -> str:
    """What a shell script prints in network and mount namespaces of its own, where it may change what it likes."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("needs root and unshare")
    done = subprocess.run(
        ["unshare", "--net", "--mount", "sh", "-c", script, "sh", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
        env={**os.environ, "SYSTEMD_LOG_LEVEL": "debug", "SYSTEMD_LOG_TARGET": "console", "LC_ALL": "C"},
    )
    output = done.stdout + done.stderr
    if "unshare failed" in output:
        pytest.skip(f"no namespaces here: {output.strip()}")
    return output


NAMESPACED = ("net.ipv4.tcp_", "net.ipv4.ip_", "net.core.somaxconn", "net.ipv6.conf.")
"""Keys that each network namespace has for itself, so that this machine's own are not touched."""


def _of_the_network(file: Path, folder: Path) -> Path:
    """A copy without the keys that no namespace holds: this machine would be changed."""
    copy = folder / file.name
    copy.write_text("".join(line for line in file.read_text().splitlines(True) if line.startswith(("#", "net.", "\n"))))
    return copy


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_systemd_sysctl_applies_them(distribution: str, hosts: dict[str, Path], tmp_path: Path) -> None:
    if not SYSTEMD_SYSCTL:
        pytest.skip("systemd-sysctl is not installed")
    folder = hosts[distribution] / "rootfs/etc/sysctl.d"
    files = [_of_the_network(file, tmp_path) for file in sorted(folder.iterdir())]
    own = {key: value for key, value in sysctls(hosts[distribution]).items() if key.startswith(NAMESPACED)}
    reading = "".join(f'printf "%s = " {key}; cat /proc/sys/{key.replace(".", "/")}\n' for key in own)
    output = in_namespaces(f'{SYSTEMD_SYSCTL} "$@" || echo failed\n{reading}', *files)
    complaints = [line for line in output.splitlines() if re.search("Couldn't write|Failed to|not an assignment", line)]
    assert not [line for line in complaints for key in own if key.replace(".", "/") in line or key in line], complaints
    now = dict(re.findall(r"^([a-z0-9_.]+) = (.*)$", output, re.MULTILINE))
    assert {key: now[key].replace("\t", " ") for key in own} == own


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_systemd_reads_the_units(distribution: str, hosts: dict[str, Path]) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    units = sorted((hosts[distribution] / "rootfs/etc/systemd/system").glob("*.service"))
    assert units
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--generators=no", *units],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "LC_ALL": "C"},
    )
    about = [line for line in done.stderr.splitlines() if "netc" in line]
    assert about == [], done.stderr


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_udevd_reads_the_link_files(distribution: str, hosts: dict[str, Path]) -> None:
    if shutil.which("udevadm") is None or shutil.which("ip") is None:
        pytest.skip("needs udevadm and ip")
    script = """
        set -e
        mount -t sysfs sysfs /sys
        mount -t tmpfs tmpfs /run
        mkdir -p /run/systemd/network /run/udev
        cp "$@" /run/systemd/network
        ip link add netctest0 type veth peer name netctest1
        udevadm test-builtin net_setup_link /sys/class/net/netctest0
    """
    files = sorted((hosts[distribution] / "rootfs/etc/systemd/network").iterdir())
    output = in_namespaces(script, *files)
    for path in files:
        if path.name not in output:
            pytest.skip(f"udevd does not say what it reads: {output[-200:]}")
    wrong = [
        line for line in output.splitlines() if "netc" in line and re.search("ignor|[Uu]nknown|[Ff]ailed|nvalid", line)
    ]
    assert wrong == []


# A copy of a real machine.


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_a_real_machine_gives_the_same(distribution: str, hosts: dict[str, Path], tmp_path: Path) -> None:
    """A Xeon 6130 of two sockets with i40e ports on node 1."""
    machines = os.environ.get("NETC_MACHINES", "")
    if not machines:
        pytest.skip("NETC_MACHINES names no folder with copies of machines")
    root = Path(machines) / "xeon-6130-32cpu-i40e"
    if not (root / "proc").is_dir():
        pytest.skip(f"no copy of {root.name}")
    host = built(root, tmp_path, distribution)
    assert sysctls(host) == sysctls(hosts[distribution])
    found = {name: text for name, text in tree(host).items() if name.endswith((".link", ".service", "/front", "/back"))}
    other = {name: text for name, text in tree(hosts[distribution]).items() if name in found}
    assert found == other

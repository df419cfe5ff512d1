"""Applications of DPDK: what they are started with, read back as EAL reads it, and the CPUs that are kept for them."""

from __future__ import annotations

import argparse
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest

from netc import pipeline
from netc.backends import artifacts_of
from netc.diagnostics import Report
from netc.plan import Kind, Plan
from netc.resolving.files import Files

EXAMPLES = Path(__file__).parents[1] / "examples"
ADMIN = "nic admin { match pci 0000:01:00.0; driver igb; node 0; management }"
FRONT = "nic front { match pci 0000:18:00.0; driver ice; node 0; speed 100Gbps; dpdk }"
SYSTEM = "distribution debian 13; memory 64GiB; cpu-vendor intel"


def plans(source: Path) -> list[Plan]:
    report = Report()
    run = pipeline.load([str(source)], Files(Files.common_base([str(source)])), report)
    found = list(pipeline.plans(run))
    assert not report.failed, [d.message for d in report]
    return found


def plan_of(folder: Path, body: str, system: str = SYSTEM) -> Plan:
    path = folder / "host.net"
    path.write_text(f"host h {{\n    system {{ {system} }}\n{body}\n}}\n")
    (plan,) = plans(path)
    return plan


def cpus_of(text: str) -> set[int]:
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return found


@dataclass
class Started:
    """The arguments of an application as EAL takes them (lib/eal/common/eal_common_options.c)."""

    lcores: dict[int, int]
    """lcore → CPU"""
    main: int
    allowed: list[str]
    memory: list[int]
    folder: str
    prefix: str
    devices: list[str]
    no_pci: bool
    iova: str | None


def started(plan: Plan, unit: str) -> Started:
    """What stands in the environment file of a unit, split as systemd splits `$DPDK_EAL_ARGUMENTS`."""
    files = {a.path: a.text for a in artifacts_of(plan)}
    text = files[f"rootfs/etc/netc/dpdk/{unit}.env"]
    assert f"EnvironmentFile=/etc/netc/dpdk/{unit}.env" in files[drop_in(unit)].splitlines()
    (line,) = [line for line in text.splitlines() if line and not line.startswith("#")]
    found = re.fullmatch(r'DPDK_EAL_ARGUMENTS="([^"\\$`]*)"', line)
    assert found is not None, line
    parser = argparse.ArgumentParser(exit_on_error=False, allow_abbrev=False)
    parser.add_argument("-l", dest="cores")
    parser.add_argument("--lcores")
    parser.add_argument("-a", dest="allowed", action="append", default=[])
    parser.add_argument("--vdev", dest="devices", action="append", default=[])
    parser.add_argument("--no-pci", action="store_true")
    for option in ("--main-lcore", "--socket-mem", "--huge-dir", "--file-prefix", "--iova-mode"):
        parser.add_argument(option)
    words = found[1].split()
    assert shlex.split(found[1]) == words
    given = parser.parse_args(words)
    assert (given.cores is None) != (given.lcores is None)
    lcores = {cpu: cpu for cpu in cpus_of(given.cores)} if given.cores else {}
    for pair in (given.lcores or "").split(",") if given.lcores else []:
        number, cpu = pair.split("@")
        lcores[int(number)] = int(cpu)
    return Started(
        lcores,
        int(given.main_lcore),
        given.allowed,
        [int(mib) for mib in given.socket_mem.split(",")],
        given.huge_dir,
        given.file_prefix,
        given.devices,
        given.no_pci,
        given.iova_mode,
    )


def drop_in(unit: str) -> str:
    return f"rootfs/etc/systemd/system/{unit}.service.d/50-netc.conf"


def arguments(plan: Plan) -> dict[str, str]:
    """The kernel's command line; of one that stands there twice the last counts."""
    files = {a.path: a.text for a in artifacts_of(plan)}
    return dict(word.partition("=")[::2] for word in files["kernel-command-line"].split())


def isolated(plan: Plan) -> set[int]:
    """The CPUs that every argument and the manager agree to keep free."""
    found = arguments(plan)
    flags, lists = [], []
    for part in found["isolcpus"].split(","):
        (flags if part.replace("_", "").isalpha() else lists).append(part)
    assert flags == ["managed_irq", "domain"]
    cpus = cpus_of(",".join(lists))
    assert cpus_of(found["nohz_full"]) == cpus_of(found["rcu_nocbs"]) == cpus
    assert not cpus_of(found["irqaffinity"]) & cpus
    (manager,) = [s.value for s in plan.of(Kind.MANAGER) if s.key == "CPUAffinity"]
    assert cpus_of(manager) == cpus_of(found["irqaffinity"])
    return cpus


# The examples.

PROMISED = {
    "generator.net": ("pktgen", set(range(4, 9)), {*range(4, 9), *range(20, 25)}, {0: 1 << 30}),
    "upf.net": ("upf", set(range(36, 52)), {*range(36, 52), *range(100, 116)}, {1: 16 << 30}),
    "trading.net": ("feed", set(range(14, 18)), {*range(4, 12), *range(14, 18)}, {1: 2 << 30}),
}
"""Example → unit, its lcores, all isolated CPUs, and the bytes it takes of each node."""


@pytest.mark.parametrize("name", PROMISED)
def test_examples_keep_cpus_for_their_applications(name: str) -> None:
    unit, lcores, apart, memory = PROMISED[name]
    (plan,) = plans(EXAMPLES / name)
    found = started(plan, unit)
    assert set(found.lcores.values()) == lcores
    assert found.main in found.lcores
    assert isolated(plan) == apart
    assert {node: mib << 20 for node, mib in enumerate(found.memory) if mib} == memory
    reserved: dict[int, int] = {}
    for setting in plan.of(Kind.HUGEPAGES):
        node, kib = re.fullmatch(r"node(\d+)/hugepages-(\d+)kB", setting.key).groups()  # type: ignore[union-attr] - a Kind.HUGEPAGES key
        reserved[int(node)] = reserved.get(int(node), 0) + int(setting.value) * int(kib) * 1024
    assert all(reserved[node] >= size for node, size in memory.items())
    # No interrupt of a port that stays with the kernel goes to them.
    for setting in plan.settings:
        if setting.key == "irq.cpus":
            assert not cpus_of(setting.value) & apart


# One application.


def test_ports_are_opened_by_address(tmp_path: Path) -> None:
    body = f"""cpu {{ sockets 1; cores 8 }}
{FRONT}
{ADMIN}
dpdk "testpmd.service" {{ nics front; lcores 4-6; memory 1GiB; devargs front "safe-mode-support=1,x=[0-3]" }}"""
    plan = plan_of(tmp_path, body)
    found = started(plan, "testpmd")
    assert found.allowed == ["0000:18:00.0,safe-mode-support=1,x=[0-3]"]
    assert not found.no_pci
    assert found.iova is None
    assert (found.lcores, found.main) == ({4: 4, 5: 5, 6: 6}, 4)
    assert (found.memory, found.prefix) == ([1024], "testpmd")
    unit = {a.path: a.text for a in artifacts_of(plan)}[drop_in("testpmd")].splitlines()
    assert "Requires=netc-hugepages.service netc-vfio.service" in unit
    assert "After=netc-hugepages.service netc-vfio.service" in unit
    assert f"RequiresMountsFor={found.folder}" in unit
    assert "LimitMEMLOCK=infinity" in unit
    assert not any(line.startswith(("SupplementaryGroups", "CPUAffinity", "ExecStartPre")) for line in unit)


def test_a_port_of_af_xdp_is_a_virtual_device(tmp_path: Path) -> None:
    body = f"""cpu {{ sockets 1; cores 8 }}
nic front {{ match pci 0000:18:00.0; driver ice; queues 2; vectors 64; rename wan0; dpdk {{ driver af_xdp }} }}
{ADMIN}
dpdk "fwd.service" {{ nics front; lcores 4-5; memory 1GiB; devargs front "busy_budget=0" }}"""
    plan = plan_of(tmp_path, body)
    found = started(plan, "fwd")
    assert found.devices == ["net_af_xdp0,iface=wan0,start_queue=0,queue_count=2,busy_budget=0"]
    assert found.no_pci
    assert not found.allowed
    unit = {a.path: a.text for a in artifacts_of(plan)}[drop_in("fwd")].splitlines()
    after = next(line for line in unit if line.startswith("After="))
    assert "netc-steering-front.service" in after.split()  # channels change before there are sockets
    assert not any("netc-vfio" in line for line in unit)


def test_what_is_written_of_a_port_of_af_xdp_counts(tmp_path: Path) -> None:
    body = f"""cpu {{ sockets 1; cores 8 }}
nic front {{ match pci 0000:18:00.0; driver ice; queues 4; vectors 64; dpdk {{ driver af_xdp }} }}
{ADMIN}
dpdk "fwd.service" {{ nics front; lcores 4-5; memory 1GiB; devargs front "start_queue=2,queue_count=2" }}"""
    assert started(plan_of(tmp_path, body), "fwd").devices == ["net_af_xdp0,iface=front,start_queue=2,queue_count=2"]


def test_a_port_of_the_vmbus_is_named_by_its_uuid(tmp_path: Path) -> None:
    body = f"""cpu {{ sockets 1; cores 8 }}
nic front {{ match vmbus 6045bdf8-a1b2-6045-bdf8-a1b26045bdf8; driver hv_netvsc; dpdk }}
{ADMIN}
dpdk "fwd.service" {{ nics front; lcores 4-5; memory 1GiB }}"""
    found = started(plan_of(tmp_path, body), "fwd")
    assert found.allowed == ["6045bdf8-a1b2-6045-bdf8-a1b26045bdf8"]
    assert found.no_pci  # the list of one bus says nothing of another


def test_an_application_without_ports_takes_no_device(tmp_path: Path) -> None:
    body = 'cpu { sockets 1; cores 8 }\ndpdk "ring.service" { lcores 4-5; memory 1GiB }'
    found = started(plan_of(tmp_path, body), "ring")
    assert found.no_pci
    assert (found.allowed, found.devices) == ([], [])


def test_a_cpu_beyond_the_numbers_of_lcores_is_mapped(tmp_path: Path) -> None:
    body = f"""cpu {{ sockets 1; cores 160 }}
{FRONT}
{ADMIN}
dpdk "fwd.service" {{ nics front; lcores 126-130; main-lcore 129; memory 1GiB }}"""
    found = started(plan_of(tmp_path, body), "fwd")
    assert found.lcores == {0: 126, 1: 127, 2: 128, 3: 129, 4: 130}
    assert found.main == 3
    body = body.replace("126-130; main-lcore 129", "100-127")
    assert started(plan_of(tmp_path, body), "fwd").lcores == {cpu: cpu for cpu in range(100, 128)}


def test_physical_addresses_are_asked_for_only_without_an_iommu(tmp_path: Path) -> None:
    body = f"""cpu {{ sockets 1; cores 8 }}
nic front {{ match pci 0000:18:00.0; driver virtio_net; dpdk }}
{ADMIN}
dpdk "fwd.service" {{ nics front; lcores 4-5; memory 1GiB; no-iommu on }}"""
    plan = plan_of(tmp_path, body, "distribution rocky 9; memory 64GiB; cpu-vendor intel")
    assert started(plan, "fwd").iova == "pa"


def test_several_applications_run_beside_one_another(tmp_path: Path) -> None:
    body = f"""cpu {{ sockets 2; cores 8; threads 2 }}
{FRONT}
nic back {{ match pci 0000:86:00.0; driver ice; node 1; dpdk }}
{ADMIN}
dpdk "one.service" {{ nics front; lcores 2-4; memory 1GiB; group dpdk }}
dpdk "pktgen@two.service" {{ nics back; lcores 10-11; memory 1GiB; group gen }}"""
    plan = plan_of(tmp_path, body)
    one, two = started(plan, "one"), started(plan, "pktgen@two")
    assert (one.prefix, two.prefix) == ("one", "pktgen@two")
    assert (one.allowed, two.allowed) == (["0000:18:00.0"], ["0000:86:00.0"])
    assert isolated(plan) == {2, 3, 4, 10, 11, 18, 19, 20, 26, 27}
    files = {a.path: a.text for a in artifacts_of(plan)}
    assert "SupplementaryGroups=dpdk" in files[drop_in("one")].splitlines()
    assert "SupplementaryGroups=gen" in files[drop_in("pktgen@two")].splitlines()
    made = files["rootfs/etc/sysusers.d/netc-dpdk.conf"].splitlines()
    assert [line for line in made if not line.startswith("#")] == ["g dpdk - -", "g gen - -"]
    assert "systemd-sysusers /etc/sysusers.d/netc-dpdk.conf" in files["after-copy"].splitlines()


@pytest.mark.parametrize(("system", "masked"), [("debian 12", True), ("ubuntu 24.04", True), ("rocky 9", False)])
def test_the_service_of_the_package_is_masked_where_there_is_one(tmp_path: Path, system: str, masked: bool) -> None:
    body = f'cpu {{ sockets 1; cores 8 }}\n{FRONT}\n{ADMIN}\ndpdk "a.service" {{ nics front; lcores 4; memory 1GiB }}'
    plan = plan_of(tmp_path, body, f"distribution {system}; memory 64GiB; cpu-vendor intel")
    links = {a.path: a.target for a in artifacts_of(plan) if a.target}
    assert (links.get("rootfs/etc/systemd/system/dpdk.service") == "/dev/null") == masked
    assert [s.value for s in plan.of(Kind.SERVICE) if s.key == "dpdk.service"] == ["masked"] * masked


# Isolation.


def with_cpus(more: str) -> str:
    return f"cpu {{ sockets 1; cores 8; threads 2{more} }}\n{FRONT}\n{ADMIN}\n"


@pytest.mark.parametrize(
    ("more", "application", "apart"),
    [
        ("", "lcores 4-5", {4, 5, 12, 13}),
        ("", "lcores 4-5; siblings on", {4, 5}),
        ("", "lcores 4-5,12-13; siblings on", {4, 5, 12, 13}),
        ("; smt off", "lcores 4-5", {4, 5}),
        ("; isolate 6-7,14-15", "lcores 4-5", {4, 5, 6, 7, 12, 13, 14, 15}),
        ("; isolate 4-7,12-15", "lcores 4-5", {4, 5, 6, 7, 12, 13, 14, 15}),
        ("; housekeeping 0-1,8-9; isolate rest", "lcores 4-5", {*range(2, 8), *range(10, 16)}),
        ("; offline 13", "lcores 4-5", {4, 5, 12}),
    ],
)
def test_lcores_are_isolated_with_their_siblings(tmp_path: Path, more: str, application: str, apart: set[int]) -> None:
    body = with_cpus(more) + f'dpdk "fwd.service" {{ nics front; memory 1GiB; {application} }}'
    assert isolated(plan_of(tmp_path, body)) == apart


def test_the_reason_names_lcores_and_what_isolate_leaves_out(tmp_path: Path) -> None:
    body = with_cpus("; isolate 6-7,14-15") + 'dpdk "fwd.service" { nics front; memory 1GiB; lcores 4-5 }'
    (setting,) = [s for s in plan_of(tmp_path, body).of(Kind.KERNEL_ARGUMENT) if s.key.startswith("isolcpus=")]
    assert "CPUs 4-5 are lcores of fwd.service; CPUs 12-13 share cores with lcores and stay idle" in setting.why.reason
    assert "`isolate` leaves CPUs 4-5,12-13 of these out" in setting.why.reason
    assert [place.rpartition(", ")[2] for place in setting.why.places] == ["isolate", "lcores"]


def test_queues_of_the_kernel_keep_off_lcores_and_what_is_idle_beside_them(tmp_path: Path) -> None:
    body = with_cpus("") + "nic web { match pci 0000:19:00.0; driver ice; node 0; vectors 64; queues 6 }\n"
    body += 'dpdk "fwd.service" { nics front; memory 1GiB; lcores 4-5 }'
    plan = plan_of(tmp_path, body)
    (cpus,) = [s.value for s in plan.of_interface("web") if s.key == "irq.cpus"]
    assert not cpus_of(cpus) & {4, 5, 12, 13}


# The same intent in a PerformanceProfile.

PROFILE = {
    "cpu": {"reserved": "0-1", "isolated": "2-15", "balanceIsolated": False},
    "hugepages": {"defaultHugepagesSize": "1G", "pages": [{"size": "1G", "count": 4, "node": 0}]},
    "net": {"userLevelNetworking": True},
    "workloadHints": {"realTime": False},
}
"""`spec` of a PerformanceProfile v2 for an Intel host of 16 CPUs on two nodes."""

OF_PROFILE = (
    "nohz=on rcu_nocbs=2-15 tuned.non_isolcpus=00000003 systemd.cpu_affinity=0,1 intel_iommu=on iommu=pt "
    "isolcpus=domain,managed_irq,2-15 default_hugepagesz=1G intel_pstate=active"
)
"""What the Node Tuning Operator makes of it: cmdline_* in assets/performanceprofile/tuned/openshift-node-performance of
openshift/cluster-node-tuning-operator, and tuned.go beside it, which leaves pages of a node to a unit."""

THEIRS_ALONE = {
    "nohz": "`on` is what the kernel does without it (tick_nohz_enabled)",
    "tuned.non_isolcpus": "TuneD reads it in its own initrd; the kernel does not know it",
    "systemd.cpu_affinity": "`CPUAffinity=` in system.conf.d says the same, and changes without a new boot entry",
    "default_hugepagesz": "it would change the pages of programs that name no size; EAL is told its folder",
    "intel_pstate": "how CPUs change their frequency is no part of the intent",
}
OURS_ALONE = {
    "nohz_full": "they add it with the hint `realTime`; an lcore is one task alone on its CPU, so it always gains",
    "irqaffinity": "they move interrupts at run time (`globallyDisableIrqLoadBalancing`)",
    "hugepagesz": "they write pages of a node by a unit, when memory may be in pieces already",
    "hugepages": "the same",
}


def test_a_performance_profile_of_the_same_intent_gives_the_same_arguments(tmp_path: Path) -> None:
    reserved, free = str(PROFILE["cpu"]["reserved"]), str(PROFILE["cpu"]["isolated"])
    body = f"""cpu {{ sockets 2; cores 8; housekeeping {reserved}; isolate {free} }}
{FRONT}
{ADMIN}
dpdk "fwd.service" {{ nics front; lcores 2-7; memory 4GiB on node 0; page 1GiB }}"""
    plan = plan_of(tmp_path, body)
    ours = arguments(plan)
    theirs = dict(word.partition("=")[::2] for word in OF_PROFILE.split())
    assert set(theirs) - set(ours) == set(THEIRS_ALONE)
    assert set(ours) - set(theirs) == set(OURS_ALONE)
    for name in set(ours) & set(theirs):
        # The order of the words of isolcpus= means nothing.
        assert set(ours[name].split(",")) == set(theirs[name].split(",")), name
    # What stands elsewhere says the same.
    assert isolated(plan) == cpus_of(free)
    (manager,) = [s.value for s in plan.of(Kind.MANAGER) if s.key == "CPUAffinity"]
    assert cpus_of(manager) == cpus_of(theirs["systemd.cpu_affinity"]) == cpus_of(reserved)
    assert (ours["hugepagesz"], ours["hugepages"]) == ("1G", "0:4")
    (pages,) = plan.of(Kind.HUGEPAGES)
    assert (pages.key, pages.value) == ("node0/hugepages-1048576kB", "4")


TWO_PORTS = """
    cpu {{ cores 8; housekeeping 0-1 }}
    {admin}
    nic one {{ match {{ pci 0000:18:00.0; {first} }}; driver {driver}; dpdk }}
    nic two {{ match {{ pci 0000:18:00.0; {second} }}; driver {driver}{given} }}
    dpdk "pmd.service" {{ nics {nics}; lcores 4-5; memory 1GiB; {devargs} }}
"""


@pytest.mark.parametrize(
    ("driver", "first", "second", "nics", "devargs", "allowed"),
    [
        ("mlx4_en", "port 0", "port 1", "one", "", "0000:18:00.0,port=0"),
        ("mlx4_en", "port 0", "port 1", "one, two", "", "0000:18:00.0,port=0,port=1"),
        ("mlx4_en", "port 0", "port 1", "one", 'devargs one "port=1"', "0000:18:00.0,port=1"),
        ("mlx4_en", "port 0", "port 1", "one, two", 'devargs one "mr_ext_memseg_en=0"',
         "0000:18:00.0,port=0,port=1,mr_ext_memseg_en=0"),
        ("mana", "mac 00:0d:3a:00:00:01", "mac 00:0d:3a:00:00:02", "one", "", "0000:18:00.0,mac=00:0d:3a:00:00:01"),
        ("mana", "port 0", "port 1", "one, two", "", "0000:18:00.0"),
    ],
)  # fmt: skip
def test_ports_of_one_pci_function_are_one_device_and_no_more(
    tmp_path: Path, driver: str, first: str, second: str, nics: str, devargs: str, allowed: str
) -> None:
    given = "; dpdk" if "two" in nics else ""
    body = TWO_PORTS.format(
        admin=ADMIN, driver=driver, first=first, second=second, nics=nics, devargs=devargs, given=given
    )
    assert started(plan_of(tmp_path, body), "pmd").allowed == [allowed]

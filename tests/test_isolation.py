"""CPUs that are isolated, left to the operating system and kept free of interrupts: every file says the same of them.

The files are read back here with readers of their own, and over many hosts their sets fit each other.
"""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING, Any

import pytest

from netc import pipeline
from netc.backends import artifacts_of
from netc.diagnostics import Report
from netc.plan import Kind
from netc.resolving.files import Files

if TYPE_CHECKING:
    from pathlib import Path

    from netc.plan import Plan

NIC = "nic up { match pci 0000:18:00.0; driver igb; node 0 }"


def listed(cpus: set[int]) -> str:
    """A CPU list as a person writes it: every range whose ends differ by two or more with a dash."""
    parts: list[str] = []
    for cpu in sorted(cpus):
        if cpu - 1 in cpus and parts:
            parts[-1] = f"{parts[-1].split('-')[0]}-{cpu}"
        else:
            parts.append(str(cpu))
    return ",".join(parts)


def cpus_of(text: str) -> set[int]:
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return found


def mask_of(cpus: set[int]) -> str:
    """A mask as the kernel prints it: hexadecimal digits in groups of eight."""
    digits = f"{sum(1 << cpu for cpu in cpus):x}"
    whole = digits.rjust(-(-len(digits) // 8) * 8, "0")
    groups = [whole[n : n + 8] for n in range(0, len(whole), 8)]
    return ",".join([groups[0].lstrip("0"), *groups[1:]])


def plan_of(folder: Path, body: str, system: str = "distribution debian 12") -> Plan:
    path = folder / "host.net"
    path.write_text(f"host h {{\n    system {{ {system} }}\n{body}\n}}\n")
    report = Report()
    run = pipeline.load([str(path)], Files(Files.common_base([str(path)])), report)
    (plan,) = pipeline.plans(run)
    assert not report.failed, [d.message for d in report]
    return plan


class Written:
    """What the files of a host say of CPUs, as a boot loader, systemd, irqbalance and a shell read them."""

    def __init__(self, plan: Plan) -> None:
        files = {a.path: a for a in artifacts_of(plan)}
        words = files["kernel-command-line"].text.split() if "kernel-command-line" in files else []
        self.arguments = dict(word.partition("=")[::2] for word in words)
        self.manager = self.values(files, "rootfs/etc/systemd/system.conf.d/90-netc.conf")
        self.irqbalance = self.values(files, "rootfs/etc/netc/irqbalance.env")
        script = files["rootfs/etc/netc/cpu"].text if "rootfs/etc/netc/cpu" in files else ""
        self.cpu = re.findall(r"^(idle|governor) (\S+) (\S+)$", script, re.MULTILINE)
        self.files = files

    @staticmethod
    def values(files: dict[str, Any], path: str) -> dict[str, str]:
        text = files[path].text if path in files else ""
        return {key: value for line in text.splitlines() if line[:1].isalpha() for key, value in [line.split("=", 1)]}

    def argument(self, name: str) -> set[int]:
        value = self.arguments.get(name, "")
        digits = re.search(r"[0-9].*", value)
        return cpus_of(digits[0]) if digits else set()


def random_cpus(rng: random.Random) -> tuple[str, set[int], list[set[int]]]:
    """A `cpu` block's numbers, all CPUs, and the CPUs of each core."""
    sockets, cores, threads = rng.choice([1, 1, 2, 4]), rng.choice([2, 3, 8, 24, 40]), rng.choice([1, 2, 2])
    total = sockets * cores
    everything = set(range(total * threads))
    members = [{core + n * total for n in range(threads)} for core in range(total)]
    return f"sockets {sockets}; cores {cores}; threads {threads}", everything, members


@pytest.mark.parametrize("seed", range(60))
def test_sets_of_all_files_fit_each_other(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    numbers, everything, members = random_cpus(rng)
    isolated = set().union(*rng.sample(members[1:], rng.randrange(1, len(members)))) if rng.random() < 0.8 else set()
    kept = set().union(*rng.sample(members, rng.randrange(1, min(len(members), 5)))) - isolated
    kept = kept if rng.random() < 0.7 else set()
    words = [numbers]
    words += [f"isolate {listed(isolated)}"] if isolated else []
    words += [f"housekeeping {listed(kept)}"] if kept else []
    plan = plan_of(tmp_path, f"    cpu {{ {'; '.join(words)} }}\n    {NIC}")
    written = Written(plan)
    assert not cpus_of(next(s.value for s in plan.settings if s.key == "irq.cpus")) & isolated
    assert written.argument("isolcpus") == isolated
    assert written.argument("nohz_full") == isolated
    assert written.argument("rcu_nocbs") == isolated
    others = everything - isolated
    if isolated:
        assert written.arguments["isolcpus"] == f"managed_irq,domain,{listed(isolated)}"
        assert written.arguments["irqaffinity"] == listed(others)
        assert written.manager == {"CPUAffinity": listed(others)}
        assert written.irqbalance["IRQBALANCE_BANNED_CPULIST"] == listed(isolated)
    else:
        assert written.manager == {}
        assert written.argument("irqaffinity") == kept
        assert written.irqbalance.get("IRQBALANCE_BANNED_CPULIST", "") == (listed(everything - kept) if kept else "")


def test_nothing_is_written_where_nothing_is_asked(tmp_path: Path) -> None:
    written = Written(plan_of(tmp_path, "    cpu { sockets 2; cores 8; threads 2 }"))
    assert (written.arguments, written.manager, written.irqbalance, written.cpu) == ({}, {}, {}, [])


def test_rest_is_all_but_housekeeping(tmp_path: Path) -> None:
    cpu = "    cpu { sockets 2; cores 8; threads 2; housekeeping 1 core per node; isolate rest }"
    written = Written(plan_of(tmp_path, cpu))
    assert written.argument("irqaffinity") == {0, 8, 16, 24}
    assert written.argument("isolcpus") == set(range(32)) - {0, 8, 16, 24}


def test_an_offline_cpu_is_on_no_other_list(tmp_path: Path) -> None:
    written = Written(plan_of(tmp_path, "    cpu { sockets 1; cores 8; offline 3; isolate 4-7 }"))
    assert written.argument("irqaffinity") == {0, 1, 2}
    assert written.manager == {"CPUAffinity": "0-2"}


@pytest.mark.parametrize(
    ("kernel", "isolcpus", "nohz_full"),
    [
        ("4.18", "domain,0-3", "0-3"),  # of an unknown word it would drop the whole argument, of two lists the second
        ("5.10", "managed_irq,domain,0-3", "0-3"),
        ("5.18", "managed_irq,domain,0-3", "1-3"),
        ("6.18", "managed_irq,domain,0-3", "1-3"),
    ],
)
def test_the_boot_cpu_and_older_kernels(kernel: str, isolcpus: str, nohz_full: str, tmp_path: Path) -> None:
    system = f"distribution debian 12; kernel {kernel}"
    written = Written(plan_of(tmp_path, "    cpu { sockets 1; cores 8; isolate 0-3 }", system))
    assert written.arguments["isolcpus"] == isolcpus
    assert written.arguments["nohz_full"] == nohz_full
    assert written.arguments["rcu_nocbs"] == "0-3"


def test_an_argument_that_is_written_counts(tmp_path: Path) -> None:
    body = """
    cpu { sockets 1; cores 8; isolate 4-7 }
    kernel-argument "isolcpus=domain,4-7" because "a test"
    kernel-argument "rcu-nocbs=1-7" because "a test"
    """
    written = Written(plan_of(tmp_path, body))
    assert written.files["kernel-command-line"].text.split() == [
        "nohz_full=4-7",
        "irqaffinity=0-3",
        "isolcpus=domain,4-7",
        "rcu-nocbs=1-7",
    ]


CPU = "sockets 2; cores 4; threads 2"


def test_idle_states_and_governors_are_those_written(tmp_path: Path) -> None:
    written = Written(plan_of(tmp_path, f"    cpu {{ {CPU}; offline 15; c-states off; governor schedutil }}"))
    assert sorted(written.cpu) == [("governor", "0-14", "schedutil"), ("idle", "0-14", "off")]


def test_latency_wants_shallow_sleep_where_packets_are_handled(tmp_path: Path) -> None:
    cpu = f"    cpu {{ {CPU}; isolate 7,15 }}"
    nic = "    nic up { match pci 0000:18:00.0; driver igb; node 0; queues 2 }"
    body = f"{cpu}\n{nic}\n    goal low-latency {{ packets 10kpps }}"
    written = Written(plan_of(tmp_path, body))
    # node 0 keeps core 0 (CPUs 0 and 8) to the system, so that the queues are on cores 1 and 2
    assert sorted(written.cpu) == [("governor", "1-2,7,15", "performance"), ("idle", "1-2,7,15", "shallow")]


def test_what_is_written_wins_over_latency(tmp_path: Path) -> None:
    cpu = f"    cpu {{ {CPU}; c-states on; governor powersave }}"
    body = f"{cpu}\n    {NIC}\n    goal low-latency {{ packets 10kpps }}"
    assert Written(plan_of(tmp_path, body)).cpu == [("governor", "0-15", "powersave")]


def services(plan: Plan) -> dict[str, str]:
    return {setting.key: setting.value for setting in plan.of(Kind.SERVICE)}


ISOLATED = "    cpu { sockets 1; cores 40; isolate 8-15,39 }"


def test_an_older_irqbalance_gets_a_mask(tmp_path: Path) -> None:
    written = Written(plan_of(tmp_path, ISOLATED, "distribution debian 11"))
    assert written.irqbalance == {"IRQBALANCE_BANNED_CPUS": mask_of({*range(8, 16), 39})}
    assert written.irqbalance["IRQBALANCE_BANNED_CPUS"] == "80,0000ff00"
    written = Written(plan_of(tmp_path, ISOLATED, "distribution debian 12"))
    assert written.irqbalance == {"IRQBALANCE_BANNED_CPUS": "", "IRQBALANCE_BANNED_CPULIST": "8-15,39"}


def test_irqbalance_is_kept_off_pinned_interrupts(tmp_path: Path) -> None:
    cpu = "    cpu { sockets 1; cores 8 }\n"
    assert services(plan_of(tmp_path, cpu)) == {}
    assert services(plan_of(tmp_path, cpu + NIC)) == {"irqbalance.banned-interrupts": "nics"}
    assert services(plan_of(tmp_path, NIC)) == {}
    kept = plan_of(tmp_path, cpu + NIC, "distribution debian 12; irqbalance keep")
    assert services(kept) == {}
    hyper_v = "    nic up { match vmbus 6045bdf8-a1b2-6045-bdf8-a1b26045bdf8; driver hv_netvsc }"
    assert services(plan_of(tmp_path, cpu + hyper_v)) == {}


def test_irqbalance_is_masked_where_the_file_says_so(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, ISOLATED, "distribution debian 12; irqbalance disable")
    assert services(plan) == {"irqbalance.service": "masked"}
    links = {a.path: a.target for a in artifacts_of(plan) if "irqbalance" in a.path}
    assert links == {"rootfs/etc/systemd/system/irqbalance.service": "/dev/null"}


def test_with_selinux_interrupts_are_told_by_their_driver(tmp_path: Path) -> None:
    body = """
    cpu { sockets 1; cores 8 }
    nic a { match pci 0000:18:00.0; driver mlx5_core }
    nic b { match pci 0000:19:00.0; driver virtio_net }
    nic c { match pci 0000:1a:00.0; driver virtio_net }
    """
    plan = plan_of(tmp_path, body, "distribution rocky 9")
    assert services(plan) == {"irqbalance.banned-interrupts": "drivers mlx5_core,virtio-pci"}
    drop_in = Written(plan).files["rootfs/etc/systemd/system/irqbalance.service.d/90-netc.conf"].text
    assert "$IRQBALANCE_ARGS --banmod=mlx5_core --banmod=virtio-pci\n" in drop_in
    assert "PrivateNetwork" not in drop_in

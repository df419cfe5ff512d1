"""The script of idle states and governors, run on copies of sysfs that behave as drivers do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from made import NASTY, files, plan, run

from netc.plan import Kind, Setting

if TYPE_CHECKING:
    from pathlib import Path

INTEL = (("POLL", 0), ("C1", 2), ("C1E", 10), ("C6", 133))
ARM = (("WFI", 1), ("cpu-sleep-0", 350))
ACPI = (("POLL", 0), ("C1", 0), ("C2", 100))


class Machine:
    """A copy of /sys with CPUs, and the script that runs on it."""

    def __init__(self, folder: Path, *settings: tuple[str, str]) -> None:
        self.root = folder / "root"
        self.cpus = self.root / "sys/devices/system/cpu"
        self.cpus.mkdir(parents=True)
        wanted = [Setting(Kind.CPU, key, value, NASTY) for key, value in settings]
        self.rootfs = files(plan(*wanted), folder / "out")

    def cpu(self, number: int, states: tuple[tuple[str, int], ...] = (), governor: str = "", online: str = "1") -> None:
        cpu = self.cpus / f"cpu{number}"
        (cpu / "power").mkdir(parents=True)
        (cpu / "power/pm_qos_resume_latency_us").write_text("0\n")
        if number:
            (cpu / "online").write_text(f"{online}\n")
        for index, (name, latency) in enumerate(states):
            state = cpu / f"cpuidle/state{index}"
            state.mkdir(parents=True)
            (state / "name").write_text(f"{name}\n")
            (state / "latency").write_text(f"{latency}\n")
        if governor:
            policy = self.cpus / f"cpufreq/policy{number}"
            policy.mkdir(parents=True)
            (policy / "scaling_governor").write_text(f"{governor}\n")
            (cpu / "cpufreq").symlink_to(policy)

    def shared(self, number: int, policy: int) -> None:
        """A CPU whose clock is that of another."""
        self.cpu(number)
        (self.cpus / f"cpu{number}/cpufreq").symlink_to(self.cpus / f"cpufreq/policy{policy}")

    def run(self) -> tuple[int, list[str]]:
        done = run("sh", self.rootfs / "etc/netc/cpu", NETC_ROOT=str(self.root), PATH="/usr/sbin:/usr/bin:/sbin:/bin")
        assert done.stderr == ""
        return done.returncode, done.stdout.splitlines()

    def limit(self, number: int) -> str:
        return (self.cpus / f"cpu{number}/power/pm_qos_resume_latency_us").read_text().strip()


@pytest.mark.parametrize(
    ("states", "word", "limit"),
    [
        (INTEL, "shallow", "2"),
        (INTEL, "off", "n/a"),
        (ARM, "shallow", "1"),
        (ACPI, "shallow", "1"),  # 0 would be no limit
    ],
)
def test_idle_states_are_limited_once(
    states: tuple[tuple[str, int], ...], word: str, limit: str, tmp_path: Path
) -> None:
    machine = Machine(tmp_path, ("idle", f"0,2-3 {word}"))
    for number in range(4):
        machine.cpu(number, states)
    changed = [f"netc: time to wake CPU {number} in us was 0, is {limit}" for number in (0, 2, 3)]
    assert machine.run() == (0, changed)
    assert [machine.limit(number) for number in range(4)] == [limit, "0", limit, limit]
    assert machine.run() == (0, [])


def test_governors_are_set_once_for_each_clock(tmp_path: Path) -> None:
    machine = Machine(tmp_path, ("governor", "0-3 performance"))
    machine.cpu(0, governor="powersave")
    machine.cpu(1, governor="performance")
    machine.cpu(2, governor="powersave")
    machine.shared(3, 2)
    changed = [f"netc: governor of CPU {number} was powersave, is performance" for number in (0, 2)]
    assert machine.run() == (0, changed)
    assert machine.run() == (0, [])


def test_a_machine_without_the_choice_keeps_nothing(tmp_path: Path) -> None:
    machine = Machine(tmp_path, ("governor", "0-1 performance"), ("idle", "0-1 shallow"))
    machine.cpu(0)
    machine.cpu(1)
    assert machine.run() == (
        0,
        [
            "netc: frequency cannot be chosen here: the kernel has no cpufreq driver for this machine",
            "netc: idle states cannot be chosen here: the kernel has no cpuidle driver for this machine",
        ],
    )
    assert machine.limit(0) == "0"


def test_offline_cpus_are_passed_over_and_absent_ones_are_not(tmp_path: Path) -> None:
    machine = Machine(tmp_path, ("idle", "0-2 shallow"))
    machine.cpu(0, INTEL)
    machine.cpu(1, online="0")
    assert machine.run() == (1, ["netc: time to wake CPU 0 in us was 0, is 2", "netc: CPU 2 is absent"])


def test_what_the_kernel_does_not_take_is_a_failure(tmp_path: Path) -> None:
    machine = Machine(tmp_path, ("governor", "0-2 schedutil"))
    machine.cpu(0, governor="powersave")
    machine.cpu(1, governor="powersave")
    machine.cpu(2)  # of whom the driver knows nothing
    deaf = machine.cpus / "cpufreq/policy0/scaling_governor"
    deaf.unlink()
    deaf.symlink_to("/dev/null")  # takes everything and keeps nothing
    status, lines = machine.run()
    assert status == 1
    missing = machine.cpus / "cpu2/cpufreq/scaling_governor"
    assert lines == [
        "netc: governor of CPU 0 is unknown, wanted schedutil",
        "netc: governor of CPU 1 was powersave, is schedutil",
        f"netc: governor of CPU 2 cannot be set: there is no {missing}",
    ]


@pytest.mark.tool("shellcheck")
def test_the_script_is_clean(tmp_path: Path) -> None:
    rootfs = Machine(tmp_path, ("governor", "0-7 performance"), ("idle", "0-7 off")).rootfs
    checked = run("shellcheck", rootfs / "etc/netc/cpu")
    assert checked.stdout == ""


@pytest.mark.tool("systemd-analyze")
def test_the_unit_is_verified(tmp_path: Path) -> None:
    units = Machine(tmp_path, ("idle", "0-7 off")).rootfs / "etc/systemd/system"
    said = run("systemd-analyze", "verify", "--man=no", units / "netc-cpu.service")
    assert [line for line in (said.stderr + said.stdout).splitlines() if "netc" in line] == []
    assert (units / "multi-user.target.wants/netc-cpu.service").resolve() == units / "netc-cpu.service"

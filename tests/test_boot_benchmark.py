"""What of `benchmarks.boot` needs no machine: what it lays over the root, reads and reckons. No test boots."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from benchmarks.boot.readings import Boot
    from benchmarks.virtual_machine.machine import Observed

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT)


SHOWN = """\
Id=netc-steering-front.service
InactiveExitTimestampMonotonic=9000000
ActiveEnterTimestampMonotonic=9500000
CPUUsageNSec=250000000

Id=netc-observe.service
InactiveExitTimestampMonotonic=9900000
ActiveEnterTimestampMonotonic=9900000
CPUUsageNSec=1

Id=netc-verify.service
InactiveExitTimestampMonotonic=0
ActiveEnterTimestampMonotonic=0
CPUUsageNSec=[not set]

Id=multi-user.target
InactiveExitTimestampMonotonic=8000000
ActiveEnterTimestampMonotonic=8000000
"""
CHAIN = """\
The time when unit became active or started is printed after the "@" character.
The time the unit took to start is printed after the "+" character.

multi-user.target @8.0s
└─netc-nic-front.service @6.0s +1.5s
"""


def starts(*messages: tuple[str, str, int]) -> str:
    lines = [{"MESSAGE_ID": kind, "UNIT": unit, "__MONOTONIC_TIMESTAMP": str(when)} for kind, unit, when in messages]
    return "\n".join(json.dumps(line) for line in lines)


def told(failed: str = "", active: str = "") -> Observed:
    from benchmarks.boot import settings
    from benchmarks.virtual_machine.machine import Observed

    begun, done = settings.STARTING, settings.STARTED
    journal = starts(
        (begun, "netc-steering-front.service", 5000000),
        (begun, "dbus.service", 5100000),
        (done, "netc-steering-front.service", 6000000),
        (done, "netc-follow-links.service", 6500000),
        (begun, "netc-steering-front.service", 9000400),
        (done, "netc-steering-front.service", 9500400),
    )
    files: dict[str, str | None] = {
        "/sys/fs/cgroup/init.scope/cpu.stat": "usage_usec 3000000\nuser_usec 1\n",
        "/sys/fs/cgroup/netc.slice/cpu.stat": "usage_usec 700000\nuser_usec 1\n",
        "/sys/fs/cgroup/observer.slice/cpu.stat": "usage_usec 9000000\nuser_usec 1\n",
        "/sys/fs/cgroup/user.slice/cpu.stat": None,
    }
    commands = {
        settings.SHOW: SHOWN,
        settings.MANAGER: "UserspaceTimestampMonotonic=2000000\nFinishTimestampMonotonic=9000000\n",
        settings.STARTS: journal,
        settings.FAILED: failed,
        settings.ACTIVE: active,
        settings.CHAIN: CHAIN,
    }
    return Observed(files, commands)


def test_a_boot_is_read_with_all_starts_of_a_unit() -> None:
    from benchmarks.boot.readings import boot

    read = boot("netc", told())
    assert (read.userspace, read.target, read.finished) == (2.0, 8.0, 9.0)
    assert list(read.units) == ["netc-steering-front.service"], "neither the observer nor what never started"
    steering = read.units["netc-steering-front.service"]
    assert (steering.runs, steering.cpu) == (2, 0.25)
    assert steering.seconds == pytest.approx(1.5)
    assert read.cpu == {"init.scope": 3.0, "netc.slice": 0.7, "observer.slice": 9.0}
    assert read.all_cpu == pytest.approx(3.7)
    assert read.chain.splitlines() == ["multi-user.target @8.0s", "└─netc-nic-front.service @6.0s +1.5s"]


def test_a_boot_that_is_not_what_was_to_be_measured_is_refused() -> None:
    from benchmarks.boot.readings import boot

    with pytest.raises(ValueError, match=r"units failed: netc-verify\.service"):
        boot("netc", told(failed="netc-verify.service loaded failed failed Promises\n"))
    with pytest.raises(ValueError, match="tuned has no profile network-throughput: Cannot talk"):
        boot("tuned", told(active="Cannot talk to TuneD daemon via DBus.\n"))
    assert boot("tuned", told(active="Current active profile: network-throughput\n")).target == 8.0


def made(target: float, system: float, units: dict[str, tuple[float, float]], **slices: float) -> Boot:
    from benchmarks.boot.readings import Boot, Unit

    cpu = {"init.scope": 1.0, "system.slice": system, **{f"{name}.slice": seconds for name, seconds in slices.items()}}
    named = {f"{name}.service": Unit(1, *took) for name, took in units.items()}
    return Boot(1.0, target, target + 1, named, cpu, "multi-user.target @8s")


def a_round(bare: float = 10, tuned: float = 14) -> dict[str, Boot]:
    """Netc adds 1 s of time and 0.8 of CPU to a boot of 10, tuned 4 and 4."""
    units = {"netc-verify": (0.5, 0.2), "netc-steering-a": (0.5, 0.1), "netc-xdp-a": (2.0, 0.3)}
    return {
        "bare": made(bare, 5.0, {}, observer=7.0),
        "tuned": made(tuned, 5.0, {"tuned": (2.0, 3.0)}, tuned=4.0, observer=8.0),
        "netc": made(11, 5.0, units, netc=0.8, observer=9.0),
    }


def test_ratios_are_those_of_one_round() -> None:
    from benchmarks.boot.tables import added, checking

    each = a_round()
    # XDP pins nothing; what the slice counts beyond the last starts were starts of pinning
    assert checking(each["netc"]) == (1.0, pytest.approx(0.5))
    assert added([each], lambda boot: boot.all_cpu) == [pytest.approx(0.2)]
    assert added([a_round(tuned=9)], lambda boot: boot.target) == [], "a busy minute hid what tuned takes"


def test_additions_are_told_from_the_noise_of_bare_boots() -> None:
    from benchmarks.boot.tables import added, additions, tables

    rounds = [a_round(), a_round(bare=9), a_round(bare=10.5)]
    assert added(rounds, lambda boot: boot.target) == [0.25]
    assert added([a_round(), a_round(bare=6)], lambda boot: boot.target) == [0.5]
    assert added([a_round(), a_round(bare=2)], lambda boot: boot.target) == [], "bare boots differ by 8, tuned adds 8"
    row = additions(rounds).splitlines()[1].split()
    assert row[-5:] == ["4.00", "(3.50–5.00)", "1.00", "(0.50–2.00)", "1.50"]
    assert "One boot of each" in tables(rounds[:1])
    assert "One boot of each" not in tables(rounds)


def test_tables_say_what_holds() -> None:
    from benchmarks.boot.tables import boots, targets, units

    _, pinning, everything, _ = targets([a_round()]).splitlines()
    assert " ".join(pinning.split()).endswith("0.50 (0.50–0.50) 0.12 (0.12–0.12) 1: time holds, CPU holds")
    assert everything.endswith("0.25: time holds, CPU holds")
    missed = targets([{**a_round(), "netc": made(12, 9.0, {"netc-verify": (3.0, 0.2)}, netc=0.2)}]).splitlines()
    assert [line.partition(": ")[2] for line in missed[1:3]] == ["time missed, CPU holds", "time missed, CPU missed"]
    hidden = targets([a_round(tuned=9)]).splitlines()[2]
    assert "lost in the rest" in hidden
    assert hidden.endswith("0.25: CPU holds")
    assert boots([a_round(), a_round(bare=11)]).splitlines()[1].split()[-6:] == [
        *("10.50", "(10.00–11.00)", "14.00", "(14.00–14.00)", "11.00", "(11.00–11.00)"),
    ]
    rows = {line.split()[0]: line.split() for line in units([a_round()]).splitlines()}
    assert rows["netc-verify.service"] == ["netc-verify.service", "1", "500", "(500–500)", "200", "(200–200)"]
    assert rows["beside"] == ["beside", "the", "last", "starts", "200", "(200–200)"]
    assert rows["tuned.service"][2:] == ["2000", "(2000–2000)", "3000", "(3000–3000)"]


def test_settings_differ_in_tuned_and_netc_alone(tmp_path: Path) -> None:
    from benchmarks.boot.settings import SETTINGS, tree

    rootfs = tmp_path / "host/rootfs"
    (rootfs / "etc/netc").mkdir(parents=True)
    (rootfs / "etc/netc/files").write_text("x")
    found = {name: tree(name, rootfs.parent, tmp_path / name) for name in SETTINGS}
    paths = {
        name: {
            path.relative_to(place).as_posix() for path in place.rglob("*") if not path.is_dir() or path.is_symlink()
        }
        for name, place in found.items()
    }
    assert paths["netc"] - paths["bare"] == {"etc/netc/files"}
    assert paths["tuned"] ^ paths["bare"] == {
        *("etc/tuned/active_profile", "etc/tuned/profile_mode", "etc/systemd/system/tuned.service"),
    }
    masked = "etc/systemd/system/tuned.service"
    assert (found["bare"] / masked).readlink() == (found["netc"] / masked).readlink() == Path("/dev/null")


def test_its_host_is_the_machine(tmp_path: Path) -> None:
    from benchmarks.boot.__main__ import HOST
    from benchmarks.boot.settings import MACHINE
    from benchmarks.trees import compiled

    (rootfs,) = compiled(HOST, tmp_path).glob("*/rootfs")
    plan = json.loads((rootfs.parent / "plan.json").read_text())
    assert [each["pci"] for each in plan["interfaces"]] == [MACHINE.address(port) for port in MACHINE.ports]
    units = {path.name for path in (rootfs / "etc/systemd/system").iterdir()}
    kinds = ("nic", "steering", "xdp")
    assert units >= {"netc-verify.service", "netc-hugepages.service", *(f"netc-{kind}-front.service" for kind in kinds)}


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from benchmarks.boot import __main__ as benchmark

    monkeypatch.setattr("sys.argv", ["boot"])
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert benchmark.main() == 2
    said = capsys.readouterr().err
    assert said.startswith("this benchmark needs root, qemu-system-x86_64 (Debian: qemu-system-x86), ")
    assert said.count("\n") == 1

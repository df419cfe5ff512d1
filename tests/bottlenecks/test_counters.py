"""What is read of a machine: differences that wrap, what is absent, files that are not as they should be."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from counted_machine import Counts, changed, connection, diagnosed, interval, put, quiet, write_machine
from hypothesis import given, settings
from hypothesis import strategies as st

from netc.bottlenecks.counters import take
from netc.bottlenecks.examining import Patient
from netc.bottlenecks.ports_taken import reserved_ports, taken_ports
from netc.bottlenecks.report import table, text
from netc.bottlenecks.verdict import at_least, percent
from netc.hardware.machine_files import MachineFiles

FILES = (
    *("proc/net/snmp", "proc/net/netstat", "proc/net/snmp6", "proc/net/sockstat", "proc/net/softnet_stat"),
    *("proc/net/dev", "proc/net/udp", "proc/net/tcp", "proc/net/stat/nf_conntrack", "proc/stat", "proc/interrupts"),
    *("proc/uptime", "proc/sys/net/ipv4/tcp_rmem", "proc/sys/net/ipv4/ip_local_port_range"),
    *("proc/sys/net/ipv4/ip_local_reserved_ports", "proc/net/stat/arp_cache"),
)


def test_counters_of_32_bits_wrap(tmp_path: Path) -> None:
    before = changed(quiet(), softnet=[[2**32 - 10, 0, 0]] * 4)
    after = changed(quiet(), softnet=[[90, 0, 0]] * 4)
    assert [cpu.processed for cpu in interval(tmp_path, before, after).cpus()] == [100] * 4


def test_a_counter_that_was_reset_counts_from_zero(tmp_path: Path) -> None:
    before, after = quiet(), changed(quiet(), dev={"eth0": (250, 2_000_000)})
    assert interval(tmp_path, before, after).received(loopback=False) == {"eth0": 250}


def test_idle_time_that_goes_back_is_none(tmp_path: Path) -> None:
    times = [[row[0] + 100, row[1], row[2], row[3] - 50, *row[4:]] for row in quiet()["times"]]
    shares = interval(tmp_path, quiet(), changed(quiet(), times=times)).cpus()
    assert [cpu.idle for cpu in shares] == [0.0] * 4


def test_a_cpu_that_came_online_meanwhile_is_left_out(tmp_path: Path) -> None:
    before: Counts = quiet()
    before["softnet"], before["times"] = before["softnet"][:3], before["times"][:3]
    (tmp_path / "proc").mkdir()
    assert [cpu.number for cpu in interval(tmp_path, before, quiet()).cpus()] == [0, 1, 2]


@pytest.mark.parametrize("name", FILES)
def test_what_is_absent_is_not_zero(name: str, tmp_path: Path) -> None:
    write_machine(tmp_path, quiet())
    with_all = take(MachineFiles(tmp_path))
    if (tmp_path / name).is_file():
        (tmp_path / name).unlink()
    without = take(MachineFiles(tmp_path))
    assert with_all.counters.keys() >= without.counters.keys()
    assert with_all.gauges.keys() >= without.gauges.keys()
    assert all(with_all.counters[key] == value for key, value in without.counters.items())


def test_statistics_of_another_namespace_are_not_taken_for_ours(tmp_path: Path) -> None:
    """`unshare --net` without a new /sys still shows the interfaces of the namespace it came from."""
    write_machine(tmp_path, quiet())
    put(tmp_path, {"proc/net/dev": "a\nb\n lo: 1 2 0 0 0 0 0 0 3 4 0 0 0 0 0 0"})
    assert take(MachineFiles(tmp_path)).interfaces == {"lo": {"rx_packets": 2, "tx_packets": 4}}


def test_a_copy_tells_totals_since_boot(tmp_path: Path) -> None:
    after = changed(quiet(), Udp__RcvbufErrors=80_000)
    write_machine(tmp_path, after)
    put(tmp_path, {"proc/uptime": "40000.5 9000.1"})
    patient = Patient(tmp_path)
    (diagnosis,) = patient.diagnoses(9.0)
    assert not patient.live
    assert diagnosis.seconds is None
    assert [finding.symptom.name for finding in diagnosis.findings] == ["udp-receive-buffer"]
    assert "80,000 since boot" in diagnosis.findings[0].evidence[0]


def test_a_copy_without_uptime_is_judged_by_what_is_now(tmp_path: Path) -> None:
    after = changed(quiet(), Udp__RcvbufErrors=80_000, conntrack={"entries": 262_144})
    found = diagnosed(tmp_path, None, after, None)
    assert [finding.symptom.name for finding in found.findings] == ["conntrack-table"]
    assert found.measures["udp-receive-buffer"] == "80,000 since boot"


NUMBERS = st.sampled_from(["-1", "9" * 5000, "f" * 5000, "1e9", "0x10", "\u0663", "99999999999999999999", "-", ":", ""])


@settings(deadline=None)
@given(name=st.sampled_from(FILES), place=st.integers(0, 200), word=NUMBERS | st.text(max_size=20), whole=st.booleans())
def test_no_text_makes_it_stumble(name: str, place: int, word: str, whole: bool) -> None:
    """Files that hold anything at all, and files of which one word is another."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        counts = changed(quiet(), tcp=[connection("0109000A:C350", "0209000A:1F90", "06", 9)])
        write_machine(root, counts)
        put(root, {"proc/uptime": "4000.1 1.1", "proc/sys/net/ipv4/ip_local_reserved_ports": "80,50000-50010"})
        words = (root / name).read_text().split(" ")
        words[place % len(words)] = word
        (root / name).write_bytes((word if whole else " ".join(words)).encode("utf-8", "surrogatepass"))
        (diagnosis,) = Patient(root).diagnoses(1.0)
        said = text(diagnosis) + table(diagnosis)
        assert all(character.isprintable() or character == "\n" for character in said)
        reserved_ports(MachineFiles(root), 1, 65535)
        taken_ports(MachineFiles(root), (1, 65535), 2, 1.0)


@pytest.mark.parametrize(
    ("reuse", "left", "remote", "taken"),
    [
        (0, 10, "0209000A:1F90", 1),
        (1, 10, "0209000A:1F90", 0),
        (1, 59.5, "0209000A:1F90", 1),
        (2, 10, "0209000A:1F90", 1),
        (2, 10, "0100007F:1F90", 0),
        (2, 59.5, "0100007F:1F90", 1),
    ],
)
def test_time_wait_counts_as_long_as_it_keeps_the_port(
    reuse: int, left: float, remote: str, taken: int, tmp_path: Path
) -> None:
    write_machine(tmp_path, changed(quiet(), tcp=[connection("0109000A:C350", remote, "06", left)]))
    found = taken_ports(MachineFiles(tmp_path), (50000, 50099), reuse, 1.0)
    assert found is not None
    assert found.taken == taken


def test_the_destination_is_told_as_people_write_it(tmp_path: Path) -> None:
    write_machine(tmp_path, quiet())
    words = "B80D0120000000000000000001000000"
    mapped = "0000000000000000FFFF00000109000A"
    lines = [connection(f"{words}:C350", f"{words}:01BB", "01"), connection(f"{words}:C351", f"{words}:01BB", "01")]
    put(tmp_path, {"proc/net/tcp6": "\n".join(["head", *lines, connection(f"{mapped}:C350", f"{mapped}:0050", "01")])})
    found = taken_ports(MachineFiles(tmp_path), (50000, 50099), 0, 1.0)
    assert found is not None
    assert (found.local, found.remote, found.taken, found.waiting) == ("2001:db8::1", "[2001:db8::1]:443", 2, 0)


def test_reserved_ports_are_none_to_take(tmp_path: Path) -> None:
    put(tmp_path, {"proc/sys/net/ipv4/ip_local_reserved_ports": "80,50000,50090-50200"})
    assert reserved_ports(MachineFiles(tmp_path), 50000, 50099) == 11


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "1"), (1, "1"), (99, "99"), (101, "110"), (81_920, "82k"), (1_000_001, "1.1M"), (2e6, "2M")],
)
def test_numbers_are_rounded_up_to_two_digits(number: float, text: str) -> None:
    assert at_least(number) == text


def test_small_shares_keep_a_digit() -> None:
    assert [percent(share) for share in (0, 0.0571, 0.5, 1)] == ["0 %", "5.7 %", "50 %", "100 %"]


@pytest.mark.skipif(not os.environ.get("NETC_MACHINES"), reason="NETC_MACHINES names no folder with copies of machines")
def test_copies_of_real_machines_are_read() -> None:
    for place in sorted(Path(os.environ["NETC_MACHINES"]).glob("*")):
        for root in (place, *place.glob("*")):
            if (root / "sys").is_dir():
                (diagnosis,) = Patient(root).diagnoses(1.0)
                assert diagnosis.findings == ()
                if (root / "proc/interrupts").is_file():
                    assert "numa-crossings" in diagnosis.measures

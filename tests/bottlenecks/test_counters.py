"""What is read of a machine: differences that wrap, what is absent, files that are not as they should be."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from counted_machine import DEVICE, Counts, changed, connection, diagnosed, interval, put, quiet, write_machine
from hypothesis import given, settings
from hypothesis import strategies as st

from netc.bottlenecks.counters import take
from netc.bottlenecks.examining import Patient
from netc.bottlenecks.interval import Interval
from netc.bottlenecks.ports_taken import reserved_ports, taken_ports
from netc.bottlenecks.report import table, text
from netc.bottlenecks.surroundings import survey
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


def test_a_counter_that_fell_tells_nothing_of_the_interval(tmp_path: Path) -> None:
    """A NIC was reset, or a driver adds up fewer queues than before."""
    before = changed(quiet(), statistics={"rx_missed_errors": 900_000})
    after = changed(quiet(), dev={"eth0": (250, 2_000_000)}, statistics={"rx_missed_errors": 899_000})
    fell = interval(tmp_path, before, after)
    assert fell.received(loopback=True) == {"lo": 0}
    assert fell.interface("eth0", "rx_missed_errors") is None
    assert fell.grew("Tcp.InSegs") == 0
    found = diagnosed(tmp_path, before, after)
    assert found.findings == ()
    assert interval(tmp_path, changed(quiet(), Udp__RcvbufErrors=9000), quiet()).grew("Udp.RcvbufErrors") is None


def test_a_loss_in_a_tenth_of_a_second_is_not_ten_in_one(tmp_path: Path) -> None:
    lost = changed(quiet(), Udp__RcvbufErrors=5 + 9, TcpExt__TCPReqQFullDrop=3 + 4, statistics={"rx_missed_errors": 16})
    short = interval(tmp_path, quiet(), lost, 0.1)
    assert short.reaches(9, 9.0)
    assert not short.reaches(9, 9.1)
    assert not short.reaches(9, 90.0)


def test_a_few_ticks_are_no_share(tmp_path: Path) -> None:
    """10 ticks of 1/100 s, of which one softirq more or less is a tenth."""
    times = [[row[0], row[1], row[2], row[3] + 3, row[4], row[5], row[6] + 7, row[7]] for row in quiet()["times"]]
    found = diagnosed(tmp_path, quiet(), changed(quiet(), times=times), 0.1)
    assert {"interrupt-overload", "system-calls"} <= set(found.not_judged)


def test_a_cpu_that_comes_online_brings_no_interrupts_of_before(tmp_path: Path) -> None:
    """/proc/interrupts has a column for each online CPU; what comes with a new one was counted long ago."""
    write_machine(tmp_path, quiet())
    files = MachineFiles(tmp_path)
    after = take(files, {40, 41})
    before = take(files, {40, 41})
    del before.interrupts[40][2], before.interrupts[41]
    both = Interval(before, after, 2.0, survey(files))
    assert both.interrupts(40) == {0: 0, 1: 0, 3: 0}
    assert both.interrupts(41) == {}


def test_interrupts_are_read_for_nics_alone(tmp_path: Path) -> None:
    write_machine(tmp_path, quiet())
    assert take(MachineFiles(tmp_path)).interrupts == {}
    assert set(take(MachineFiles(tmp_path), {41}).interrupts) == {41}


HOSTILE = ("a\x1ceth0", "a\u2028eth0", "\x1b[31m", "a\x85eth0")


@pytest.mark.parametrize("name", HOSTILE)
def test_the_name_of_an_interface_is_no_line_of_its_own(name: str, tmp_path: Path) -> None:
    """Python ends lines where the kernel does not, and the kernel takes such names (dev_valid_name)."""
    write_machine(tmp_path, quiet())
    honest = take(MachineFiles(tmp_path), {40})
    for path, line in (
        ("proc/net/dev", f"{name}: 0 9 0 9 0 0 0 0 0 9 0 0 0 0 0 0"),
        ("proc/interrupts", f"77: 1 1 1 1 PCI-MSI {name}\x1c40: 9 9 9 9"),
    ):
        put(tmp_path, {path: f"{(tmp_path / path).read_text().rstrip()}\n{line}"})
    sample = take(MachineFiles(tmp_path), {40})
    assert sample.interfaces["eth0"]["rx_packets"] == honest.interfaces["eth0"]["rx_packets"]
    assert set(sample.interfaces) == set(honest.interfaces)
    assert sample.interrupts == honest.interrupts


def test_nothing_missed_needs_no_look_into_sys(tmp_path: Path) -> None:
    """/proc/net/dev adds what was missed to what was dropped."""
    write_machine(tmp_path, changed(quiet(), statistics={"rx_missed_errors": 0}))
    (tmp_path / DEVICE / "net/eth0/statistics/rx_missed_errors").unlink()
    assert take(MachineFiles(tmp_path)).interfaces["eth0"]["rx_missed_errors"] == 0
    write_machine(tmp_path, changed(quiet(), statistics={"rx_missed_errors": 70}))
    assert take(MachineFiles(tmp_path)).interfaces["eth0"]["rx_missed_errors"] == 70


def test_the_line_of_bonding_is_no_interface(tmp_path: Path) -> None:
    write_machine(tmp_path, quiet())
    put(tmp_path, {"sys/class/net/bonding_masters": "bond0"})
    assert "rx_missed_errors" in take(MachineFiles(tmp_path)).interfaces["eth0"]


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
    with_all = take(MachineFiles(tmp_path), {40, 41})
    if (tmp_path / name).is_file():
        (tmp_path / name).unlink()
    without = take(MachineFiles(tmp_path), {40, 41})
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
    assert set(found.measures) == {"conntrack-table", "ports", "neighbour-table", "socket-memory"}
    assert "udp-receive-buffer" in found.not_judged


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

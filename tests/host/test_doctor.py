"""Bottlenecks made for real in network namespaces: `netc doctor` names each, and no other. And what --watch shows."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

MAKER = Path(__file__).with_name("bottleneck.py")
NOT_SHOWN = {"neighbour-table", "conntrack-table"}
"""The one is shown to the first namespace alone, the other where the kernel has loaded connection tracking."""

NAMED = {
    "accept_queue": "accept-queue",
    "accept_queue_when_all_is_still": "accept-queue",
    "syn_queue": "syn-queue",
    "udp_receive_buffer": "udp-receive-buffer",
    "udp_receive_buffer_in_a_flood": "udp-receive-buffer",
    "conntrack_table": "conntrack-table",
    "interrupt_overload": "interrupt-overload",
    "interrupt_overload_with_a_reader": "interrupt-overload",
    "interrupt_overload_by_steering": "interrupt-overload",
    "softirq_budget": "softirq-budget",
    "backlog": "backlog",
    "system_calls": "system-calls",
    "ports": "ports",
    "time_wait_buckets": "time-wait-buckets",
    "qdisc": "qdisc",
    "qdisc_with_tcp": "qdisc",
    "retransmissions": "retransmissions",
}
"""What `bottleneck.py` makes → the symptom it must show."""

pytestmark = [
    pytest.mark.root,
    pytest.mark.alone,
    *(pytest.mark.tool(name) for name in ("ip", "tc", "ss", "nft", "ethtool")),
]


QUIET = 0.7
"""Share of its CPUs' time that a machine must have left for a bottleneck to be that of the test."""


def times_of_cpus() -> list[int]:
    return [int(word) for word in Path("/proc/stat").read_text().split()[1:9]]


def idle_share() -> float:
    """Of the time of all CPUs in half a second: user nice system idle iowait irq softirq steal, proc_stat(5)."""
    first = times_of_cpus()
    time.sleep(0.5)
    passed = [now - before for now, before in zip(times_of_cpus(), first, strict=True)]
    return (passed[3] + passed[4]) / max(sum(passed), 1)


def made(name: str) -> dict[str, Any]:
    if name.startswith(("interrupt_overload", "softirq_budget", "backlog")) and (os.cpu_count() or 1) < 2:
        pytest.skip("one CPU has no other to spread to")
    if name == "conntrack_table" and not Path("/proc/sys/net/netfilter/nf_conntrack_max").exists():
        pytest.skip("this kernel has no connection tracking, or has not loaded it")
    for _ in range(60):
        if idle_share() > QUIET:
            break
    else:
        pytest.skip("other work keeps the CPUs of this machine busy, and would be a bottleneck of its own")
    done = subprocess.run([sys.executable, MAKER, name], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


@pytest.mark.parametrize("name", NAMED)
def test_it_is_named_and_no_other(name: str) -> None:
    for _ in range(3):  # what else this machine does meanwhile may be a bottleneck of its own
        said = made(name)
        if [finding["symptom"] for finding in said["findings"]] == [NAMED[name]]:
            break
    assert [finding["symptom"] for finding in said["findings"]] == [NAMED[name]], said
    assert said["status"] == 4


@pytest.mark.parametrize(
    "name", ["quiet", "quiet_beside_a_flood", "busy_and_well", "ports_when_reuse_frees_them", "cookies_for_all"]
)
def test_a_namespace_that_is_well_is_called_so(name: str) -> None:
    said = made(name)
    assert said["findings"] == [], said
    assert said["status"] == 0
    assert set(said["not_judged"]) <= NOT_SHOWN


def test_the_neighbour_table_of_the_machine() -> None:
    """Seen from the first namespace, where other work of this machine may show other bottlenecks."""
    if not Path("/proc/net/stat/arp_cache").exists():
        pytest.skip("these tests run in a network namespace, which does not show the table")
    said = made("neighbour_table")
    assert "neighbour-table" in [finding["symptom"] for finding in said["findings"]], said


DOCTOR = [sys.executable, "-m", "netc", "doctor", "--watch", "--interval", "0.3"]
IN_A_NAMESPACE = ["unshare", "--net", *DOCTOR]


def test_watch_redraws_a_terminal_until_interrupted() -> None:
    master, slave = pty.openpty()
    environment = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    process = subprocess.Popen(IN_A_NAMESPACE, stdin=slave, stdout=slave, stderr=slave, env=environment)
    os.close(slave)
    seen = b""
    until = time.monotonic() + 30
    while seen.count(b"system-calls") < 3 and time.monotonic() < until:
        if select.select([master], [], [], 1)[0]:
            seen += os.read(master, 65536)
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0, seen
    os.close(master)
    screens = seen.split(b"\x1b[H\x1b[J")
    assert len(screens) >= 3
    assert screens[0] == b""
    assert screens[1].count(b"\n") == 18
    assert b"Traceback" not in seen


def test_watch_prints_blocks_into_a_pipe_and_ends_with_what_was_seen_last() -> None:
    process = subprocess.Popen(IN_A_NAMESPACE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(2 * 19)]
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=10)
    assert process.returncode == 0, err
    assert lines[0].startswith("bottleneck")
    assert lines[18] == "\n"
    assert lines[19].startswith("bottleneck")
    assert "\x1b" not in "".join(lines)

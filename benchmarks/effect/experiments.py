"""The experiments: what is asked, on which machine, what is measured. EXPERIMENTS is the one list.

Beside each record lie `guest/NAME.py`, which makes the traffic in the machine, and `hosts/NAME.net`, which describes
that traffic as an engineer would who never saw the script.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from benchmarks.virtual_machine.machine import Machine, Port

FRONT = Port("52:54:00:6e:74:01")
"""The NIC that each machine has, at 0000:21:00.0; the traffic of most experiments goes over veths of the guest."""

FAR = Port("52:54:00:6e:74:02")
"""A second NIC, at 0000:22:00.0, which the guest gives to the far end; both are on one Ethernet."""
WIRED = Machine((FRONT, FAR), cpus=2, nodes=1, memory=1024, joined=True)
"""Two CPUs, one for each end: no more than the machine below has, or they would wait for one another."""


@dataclass(frozen=True)
class Measure:
    """One figure of a run."""

    key: str
    """As the guest's script prints it."""
    title: str
    unit: str
    """Behind the figure, such as `%` or `1/s`; empty for a number of things."""
    better: Literal["more", "less"] = "more"


@dataclass(frozen=True)
class Experiment:
    """One question, and how it is put."""

    name: str
    question: str
    profile: str
    """The profile of tuned that is meant for such traffic."""
    measures: tuple[Measure, ...]
    """The first answers the question."""
    machine: Machine
    kernels: tuple[str, ...] = ("6.1",)
    """Of `benchmarks.virtual_machine.image.KERNELS`."""

    def host(self, kernel: str) -> str:
        """The host of hosts/NAME.net that is this machine with that kernel."""
        return f"{self.name.replace('_', '-')}-{kernel}.example.net"


EXPERIMENTS = (
    Experiment(
        name="long_path",
        question="How much of a long, fast path do TCP flows reach?",
        profile="network-throughput",
        measures=(
            Measure("one_out", "one flow, the host sends", "% of the link"),
            Measure("one_in", "one flow, the host receives", "% of the link"),
            Measure("four_out", "four flows, the host sends", "% of the link"),
            Measure("four_in", "four flows, the host receives", "% of the link"),
            Measure("busiest_cpu", "the busiest CPU meanwhile", "%", "less"),
        ),
        machine=Machine((FRONT,), cpus=2, nodes=1, memory=8192),
        kernels=("6.1", "6.12"),
    ),
    Experiment(
        name="storm",
        question="Who is left out when 6,000 clients connect while the listener pauses?",
        profile="network-throughput",
        measures=(
            Measure("left_out", "left out, backlog 65,535", "of 6,000 clients", "less"),
            Measure("seconds", "until all were accepted, 6 s at most", "s", "less"),
            Measure("left_out_of_511", "left out, backlog 511", "of 6,000 clients", "less"),
        ),
        machine=Machine((FRONT,), cpus=2, nodes=1, memory=4096),
    ),
    Experiment(
        name="short_connections",
        question="Can a host go on that used each of its ports to one server within a minute?",
        profile="network-throughput",
        measures=(
            Measure("failed", "attempts without a port", "%", "less"),
            Measure("rate", "connections made", "1/s"),
        ),
        machine=Machine((FRONT,), cpus=2, nodes=1, memory=8192),
    ),
    Experiment(
        name="firewall",
        question="How many of 20,000 connections does a stateful firewall hold?",
        profile="network-throughput",
        measures=(
            Measure("lost", "connections lost", "", "less"),
            Measure("entries", "entries in the table", ""),
            Measure("chain", "entries in a bucket, mean", "", "less"),
            Measure("raised_chain", "the same, with 20,000 allowed by hand", "", "less"),
            Measure("raised_rate", "packets passed then", "1/s"),
        ),
        machine=Machine((FRONT,), cpus=2, nodes=1, memory=1024),
    ),
    Experiment(
        name="udp_burst",
        question="How much of a burst of 512 KiB by UDP is lost while its reader is away?",
        profile="network-throughput",
        measures=(
            Measure("plain_100", "lost of datagrams of 100 bytes", "%", "less"),
            Measure("asking_100", "the same, where the reader asks for 8 MiB", "%", "less"),
            Measure("plain_1200", "lost of datagrams of 1,200 bytes", "%", "less"),
            Measure("plain_40", "lost of datagrams of 40 bytes", "%", "less"),
        ),
        machine=Machine((FRONT,), cpus=2, nodes=1, memory=1024),
    ),
    Experiment(
        name="spread",
        question="What does a host with one queue get through if its packets are spread?",
        profile="network-throughput",
        measures=(
            Measure("handled", "packets handled", "1/s"),
            Measure("busiest", "share of the busiest CPU in them", "%", "less"),
        ),
        machine=WIRED,
    ),
    Experiment(
        name="flood",
        question="What is left for honest requests beside a flood?",
        profile="network-latency",
        measures=(
            Measure("answered", "requests answered beside a flood", "1/s"),
            Measure("taken", "packets taken from the NIC meanwhile", "1/s"),
            Measure("load", "work of the server's CPU", "%", "less"),
            Measure("answered_ruled", "requests answered where nftables drops too", "1/s"),
            Measure("taken_ruled", "packets taken then", "1/s"),
            Measure("load_ruled", "work of the server's CPU then", "%", "less"),
            Measure("quiet", "requests answered without a flood", "1/s"),
        ),
        machine=WIRED,
    ),
)
BY_NAME = {each.name: each for each in EXPERIMENTS}

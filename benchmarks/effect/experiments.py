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
)
BY_NAME = {each.name: each for each in EXPERIMENTS}

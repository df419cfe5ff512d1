"""Facts from YAML: what is read, and where it stands."""

from __future__ import annotations

import pytest

from netc.cpulist import CpuSet
from netc.diagnostics import Report
from netc.hardware.facts import (
    CpuFact,
    Facts,
    HugepagesFact,
    InterruptFact,
    NicFact,
    NodeFact,
    QueuesFact,
    RingsFact,
)
from netc.hardware.reading import LocatedFacts, read_facts
from netc.source import Source


def read(text: str) -> tuple[list[LocatedFacts], Report]:
    report = Report()
    return read_facts(Source("host.yaml", text), report), report


def accepted(text: str) -> list[LocatedFacts]:
    entries, report = read(text)
    assert [finding.message for finding in report] == []
    return entries


def test_a_whole_machine() -> None:
    (entry,) = accepted(
        """
host: lb-01.example.net
architecture: x86-64
cpu_vendor: intel
kernel: 6.10          # a float to YAML
tick: 250
systemd: 252
distribution: debian 12
possible: 0-3
cpus:
  - {id: 0, node: 0, socket: 0, core: 0, siblings: "0,2", l3: 0-2, online: true}
  - {id: 1}
  - {id: 2, online: false}
nodes:
  - {id: 0, memory: 1.5GiB, hugepages: {1GiB: 8, 2MiB: 0}}
nics:
  - name: eth0.100
    role: front
    driver: ice
    pci: 18:00.0
    mac: 00:11:22:33:44:55      # a number of base 60 to YAML 1.1
    node: 0
    speed: 2.5Gbps
    channels: 64
    queues: {rx: 8, tx: 8}
    rings: {rx: 8160}
    rss_table: 512
    interrupts:
      - {number: 37, name: ice-eth0-TxRx-0}
      - number: 38
    xdp: true
    iommu_group: 42
    vfs: 64
    management: false
"""
    )
    assert entry.facts == Facts(
        host="lb-01.example.net",
        architecture="x86-64",
        cpu_vendor="intel",
        kernel="6.10",
        tick=250,
        systemd=252,
        distribution="debian 12",
        possible=CpuSet.parse("0-3"),
        cpus=(
            CpuFact(0, 0, 0, 0, CpuSet.parse("0,2"), CpuSet.parse("0-2"), True),
            CpuFact(1),
            CpuFact(2, online=False),
        ),
        nodes=(NodeFact(0, 3 * 2**29, (HugepagesFact(2**21, 0), HugepagesFact(2**30, 8))),),
        nics=(
            NicFact(
                name="eth0.100",
                role="front",
                driver="ice",
                pci="0000:18:00.0",
                mac="00:11:22:33:44:55",
                node=0,
                speed=25 * 10**8,
                channels=64,
                queues=QueuesFact(8, 8),
                rings=RingsFact(8160),
                rss_table=512,
                interrupts=(InterruptFact(37, "ice-eth0-TxRx-0"), InterruptFact(38)),
                xdp=True,
                iommu_group=42,
                vfs=64,
                management=False,
            ),
        ),
    )


def test_an_inventory() -> None:
    first, second = accepted("- host: lb-[01..40]\n  cpus: [{id: 0}]\n- {host: 'db,1', kernel: '6.1'}\n")
    assert first.facts.host == "lb-[01..40]"
    assert second.facts == Facts(host="db,1", kernel="6.1")


def test_json_is_yaml() -> None:
    first, second = accepted('[{"host": "a", "kernel": "6.10"}, {"host":"b","cpus":[{"id":3}]}]')
    assert (first.facts.kernel, second.facts.cpus) == ("6.10", (CpuFact(3),))
    assert second.span_of("cpus", 0, "id").text == "3"


def test_a_byte_order_mark_moves_no_place() -> None:
    (entry,) = accepted("\ufeffhost: a\ntick: 250\n")
    assert entry.span_of("host").text == "a"
    (finding,) = read("\ufeffhost: a\ntick: x\n")[1]
    assert finding.span is not None
    assert finding.span.text == "x"


PLACES = """\
# ünïcödé before it moves no place
- host: a
  nics:
  - driver: ice     # 𝄞
    rings: {rx: 1}
- host: b
  nics:
  -
    name: eth0
    driver: mlx5_core
  cpus:
  - {id: 7,
     node: 1}
"""


@pytest.mark.parametrize(
    ("entry", "path", "text", "place"),
    [
        (0, ("host",), "a", (2, 9)),
        (0, ("nics", 0, "driver"), "ice", (4, 13)),
        (0, ("nics", 0, "rings", "rx"), "1", (5, 17)),
        (1, ("host",), "b", (6, 9)),
        (1, ("nics", 0, "driver"), "mlx5_core", (10, 13)),
        (1, ("cpus", 0, "node"), "1", (13, 12)),
        (1, ("cpus", 0), "{id: 7,", (12, 5)),
        (1, ("nics", 0, "mac"), "name: eth0", (9, 5)),
        (1, ("nics", 5), "-", (8, 3)),
        (1, ("nodes", 0, "id"), "host: b", (6, 3)),
    ],
)
def test_places(entry: int, path: tuple[str | int, ...], text: str, place: tuple[int, int]) -> None:
    span = accepted(PLACES)[entry].span_of(*path)
    assert (span.text, span.first) == (text, place)


def test_a_place_in_an_entry_that_cannot_stand_alone() -> None:
    (entry,) = accepted('["host":a]')
    assert entry.span_of("host").first == (1, 2)

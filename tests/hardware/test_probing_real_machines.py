"""Copies of real machines, counted by simpler means than the probe's.

NETC_MACHINES names a folder with the copies, unpacked in a folder each or packed in an archive each.
"""

from __future__ import annotations

import os
import re
import tarfile
from pathlib import Path

import pytest

from netc.cpulist import CpuSet
from netc.diagnostics import Report
from netc.hardware.facts import Facts
from netc.hardware.probing import probe
from netc.hardware.reading import read_facts
from netc.hardware.writing import write_facts
from netc.source import Source

MACHINES = os.environ.get("NETC_MACHINES", "")
NAMES = (
    "48amd64-4pa2n6c-sparse",
    "dell-r910-40cpu-bnx2",
    "kvm-12cpu-virtio",
    "offline-cpu0-node0",
    "xeon-6130-32cpu-i40e",
)
pytestmark = pytest.mark.skipif(not MACHINES, reason="NETC_MACHINES names no folder with copies of machines")

Machine = tuple[Path, Facts]


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Machine]:
    """Name → root of the copy and its facts, of the copies that are there."""
    found = {}
    for name in NAMES:
        root = _root(Path(MACHINES), name, tmp_path_factory)
        if root is not None:
            found[name] = (root, probe(root))
    return found


def _root(folder: Path, name: str, tmp_path_factory: pytest.TempPathFactory) -> Path | None:
    """Where /sys of a copy begins: in its folder or one below."""
    place = folder / name
    if not place.is_dir():
        packed = [path for path in folder.glob(f"{name}.*") if tarfile.is_tarfile(path)]
        if not packed:
            return None
        place = tmp_path_factory.mktemp(name)
        with tarfile.open(packed[0]) as archive:
            archive.extractall(place, filter="tar")
    return next((root for root in (place, *sorted(place.iterdir())) if (root / "sys").is_dir()), None)


def machine(machines: dict[str, Machine], name: str) -> Machine:
    if name not in machines:
        pytest.skip(f"no copy of {name}")
    return machines[name]


@pytest.mark.parametrize("name", NAMES)
def test_written_facts_are_read_back(machines: dict[str, Machine], name: str) -> None:
    _, facts = machine(machines, name)
    report = Report()
    (entry,) = read_facts(Source(f"{name}.yaml", write_facts(facts)), report)
    assert entry.facts == facts
    assert not len(report)


@pytest.mark.parametrize("name", NAMES)
def test_cpus_are_those_of_cpuinfo(machines: dict[str, Machine], name: str) -> None:
    root, facts = machine(machines, name)
    listed = re.findall(r"^processor\s*: (\d+)$", (root / "proc/cpuinfo").read_text(), re.MULTILINE)
    assert [str(cpu.id) for cpu in facts.cpus] == sorted(listed, key=int)


@pytest.mark.parametrize("name", NAMES)
def test_nodes_and_their_cpus_are_those_of_the_folders(machines: dict[str, Machine], name: str) -> None:
    root, facts = machine(machines, name)
    lists = {
        int(path.parent.name.removeprefix("node")): CpuSet.parse(path.read_text().strip("\0\n"))
        for path in (root / "sys/devices/system/node").glob("node*/cpulist")
    }
    assert {node.id for node in facts.nodes} == set(lists)
    for node, cpus in lists.items():
        assert CpuSet.of(cpu.id for cpu in facts.cpus if cpu.node == node) == cpus


@pytest.mark.parametrize("name", NAMES)
def test_sockets_are_those_of_cpuinfo(machines: dict[str, Machine], name: str) -> None:
    root, facts = machine(machines, name)
    blocks = (root / "proc/cpuinfo").read_text().split("\n\n")
    sockets = {
        int(number[1]): int(socket[1])
        for block in blocks
        if (number := re.search(r"^processor\s*: (\d+)", block, re.MULTILINE))
        and (socket := re.search(r"^physical id\s*: (\d+)", block, re.MULTILINE))
    }
    told = {cpu.id: cpu.socket for cpu in facts.cpus if cpu.online and cpu.socket is not None}
    assert told
    assert all(sockets[number] == socket for number, socket in told.items())


@pytest.mark.parametrize("name", ["kvm-12cpu-virtio", "xeon-6130-32cpu-i40e"])
def test_interrupts_are_the_lines_of_each_device(machines: dict[str, Machine], name: str) -> None:
    root, facts = machine(machines, name)
    lines = (root / "proc/interrupts").read_text().splitlines()
    assert facts.nics
    for nic in facts.nics:
        numbers = [int(line.split(":")[0]) for line in lines if f"MSIX-{nic.pci} " in line]
        assert [interrupt.number for interrupt in nic.interrupts] == numbers
        queues = sum(bool(re.search(rf"\b{nic.name}-TxRx-\d+$", line)) for line in lines)
        assert sum(f"{nic.name}-TxRx-" in (i.name or "") for i in nic.interrupts) == queues


def test_xeon(machines: dict[str, Machine]) -> None:
    _, facts = machine(machines, "xeon-6130-32cpu-i40e")
    assert [(nic.name, nic.driver, nic.pci, nic.node, len(nic.interrupts)) for nic in facts.nics] == [
        ("eno1", "ixgbe", "0000:19:00.0", 0, 33),
        ("eno2", "ixgbe", "0000:19:00.1", 0, 33),
        ("eno3", "igb", "0000:1a:00.0", 0, 9),
        ("eno4", "igb", "0000:1a:00.1", 0, 9),
        ("ens7f0", "i40e", "0000:86:00.0", 1, 34),
        ("ens7f1", "i40e", "0000:86:00.1", 1, 34),
    ]
    assert facts.possible == CpuSet.parse("0-31")
    assert (facts.kernel, facts.architecture, facts.cpu_vendor) == ("5.14", "x86-64", "intel")
    assert [node.memory for node in facts.nodes] == [97607836 * 1024, 99040276 * 1024]


def test_kvm(machines: dict[str, Machine]) -> None:
    _, facts = machine(machines, "kvm-12cpu-virtio")
    (nic,) = facts.nics
    assert (nic.name, nic.driver, nic.pci, nic.node) == (None, "virtio_net", "0000:01:00.0", None)
    assert [interrupt.number for interrupt in nic.interrupts] == [68, 69, 70]
    assert facts.possible == CpuSet.parse("0-11")


def test_dell(machines: dict[str, Machine]) -> None:
    _, facts = machine(machines, "dell-r910-40cpu-bnx2")
    assert [(nic.name, nic.pci, nic.mac, nic.speed, nic.node) for nic in facts.nics] == [
        ("eth0", "0000:02:00.0", "78:2b:cb:38:ac:1b", 10**9, None),
        ("eth1", "0000:02:00.1", "78:2b:cb:38:ac:1d", None, None),
        ("eth2", "0000:03:00.0", "78:2b:cb:38:ac:1f", None, None),
        ("eth3", "0000:03:00.1", "78:2b:cb:38:ac:21", None, None),
    ]
    assert {nic.driver for nic in facts.nics} == {"bnx2"}
    assert (facts.possible, facts.online) == (CpuSet.parse("0-79"), CpuSet.parse("0-39"))
    assert facts.cpus[39].l3 == CpuSet.of(range(3, 40, 4))


def test_sparse_nodes(machines: dict[str, Machine]) -> None:
    _, facts = machine(machines, "48amd64-4pa2n6c-sparse")
    assert [node.id for node in facts.nodes] == [0, 1, 2, 33, 34, 45, 72, 73]
    assert facts.nodes[7].memory == 16 * 2**30
    assert (facts.cpus[47].node, facts.cpus[47].socket, facts.cpu_vendor) == (73, 3, "amd")


def test_offline(machines: dict[str, Machine]) -> None:
    _, facts = machine(machines, "offline-cpu0-node0")
    assert (facts.present, facts.online) == (CpuSet.parse("0-23"), CpuSet.parse("4-20"))
    assert facts.possible == CpuSet.parse("0-191")
    assert [node.id for node in facts.nodes] == [1]
    assert {cpu.node for cpu in facts.cpus if cpu.id % 2 == 0} == {None}

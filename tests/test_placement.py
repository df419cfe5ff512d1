"""Queues and CPUs: the rules of placement, over many hosts."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from netc import pipeline
from netc.cpulist import CpuSet
from netc.diagnostics import Report
from netc.placement import placements, transmitters
from netc.resolving.files import Files

if TYPE_CHECKING:
    from pathlib import Path

    from netc.model import Host

SYSTEM = "system { distribution debian 12 }"


def host_of(folder: Path, body: str) -> Host:
    """The one host of a file with this body."""
    path = folder / "host.net"
    path.write_text(f"host h {{\n    {SYSTEM}\n{body}\n}}\n")
    report = Report()
    run = pipeline.load([str(path)], Files(Files.common_base([str(path)])), report)
    (host,) = list(pipeline.hosts(run))
    return host


def nics(count: int, *, node: int | None = 0, queues: int | None = None, driver: str = "i40e") -> str:
    lines = []
    for number in range(count):
        place = "" if node is None else f"; node {node}"
        written = "" if queues is None else f"; queues {queues}"
        lines.append(
            f"    nic n{number} {{ match pci 0000:{number // 32:02x}:{number % 32:02x}.0; driver {driver}; "
            f"vectors 64; speed 100Gbps{place}{written} }}"
        )
    return "\n".join(lines)


CPU = "    cpu { sockets 2; cores 16; threads 2 }"
LOAD = "    goal general { packets 12Mpps }"


def cores_used(host: Host) -> Counter[int]:
    assert host.topology is not None
    core_of = {cpu: number for number, core in enumerate(host.topology.cores) for cpu in core}
    return Counter(
        core_of[placed.cpu_of(queue)]
        for placed in placements(host).values()
        for queue in range(placed.queues or len(placed.cpus))
    )


@pytest.mark.parametrize("count", [1, 2, 3, 5, 16])
def test_derived_queues_share_no_core_while_cores_are_left(tmp_path: Path, count: int) -> None:
    host = host_of(tmp_path, "\n".join([CPU, nics(count), LOAD]))
    used = cores_used(host)
    assert max(used.values()) == 1
    assert sum(used.values()) <= 16


def test_more_nics_than_cores_share_evenly(tmp_path: Path) -> None:
    host = host_of(tmp_path, "\n".join([CPU, nics(40), LOAD]))
    used = cores_used(host)
    assert sum(used.values()) == 40
    assert max(used.values()) - min(used.values()) <= 1


@pytest.mark.parametrize(("one", "other"), [(10, 2), (2, 10), (15, 1), (8, 8), (1, 1)])
def test_written_queues_share_no_core_while_cores_are_left(tmp_path: Path, one: int, other: int) -> None:
    body = [CPU, nics(1, queues=one), nics(1, queues=other).replace("n0", "m0").replace("0000:00", "0000:10"), LOAD]
    assert max(cores_used(host_of(tmp_path, "\n".join(body))).values()) == 1


def test_all_queues_are_on_the_node_of_the_nic(tmp_path: Path) -> None:
    host = host_of(tmp_path, "\n".join([CPU, nics(2, node=1), LOAD]))
    for placed in placements(host).values():
        assert placed.used <= CpuSet.parse("16-31,48-63")


def test_an_unknown_node_takes_nodes_in_turn(tmp_path: Path) -> None:
    host = host_of(tmp_path, "\n".join([CPU, nics(1, node=None, queues=8), LOAD]))
    (placed,) = placements(host).values()
    assert placed.cpus[:8] == (0, 16, 1, 17, 2, 18, 3, 19)


def test_siblings_come_after_all_cores(tmp_path: Path) -> None:
    host = host_of(tmp_path, "\n".join([CPU, nics(1, queues=20), LOAD]))
    (placed,) = placements(host).values()
    assert placed.cpus[:20] == (*range(16), 32, 33, 34, 35)


def test_isolated_housekeeping_and_dpdk_cpus_serve_nothing(tmp_path: Path) -> None:
    cpu = "    cpu { sockets 1; cores 16; threads 2; housekeeping 0,16; isolate 8-11,24-27 }"
    application = '    dpdk "app.service" { nics fast; lcores 12-15 }\n    nic fast { match pci 0000:aa:00.0; dpdk }'
    host = host_of(tmp_path, "\n".join([cpu, nics(2), application, LOAD]))
    assert set(placements(host)) == {"n0", "n1"}
    for placed in placements(host).values():
        assert CpuSet.of(placed.cpus) <= CpuSet.parse("1-7,17-23,28-31")
        assert placed.used <= CpuSet.parse("1-7,28-31")


def test_each_nic_keeps_to_its_own_caches(tmp_path: Path) -> None:
    """Two chiplets of four cores on one node: a NIC's queues share one third-level cache."""
    cpus = "\n".join(
        f"  - {{id: {cpu}, node: 0, socket: 0, core: {cpu}, siblings: '{cpu}', l3: '{'0-3' if cpu < 4 else '4-7'}'}}"
        for cpu in range(8)
    )
    (tmp_path / "h.yaml").write_text(f"cpus:\n{cpus}\nnodes:\n  - {{id: 0}}\n")
    host = host_of(tmp_path, "\n".join(['    hardware "h.yaml"', nics(2, queues=4), LOAD]))
    assert [str(placed.used) for placed in placements(host).values()] == ["0-3", "4-7"]


def test_every_online_cpu_sends_by_the_nearest_queue(tmp_path: Path) -> None:
    host = host_of(tmp_path, "\n".join([CPU, nics(1, queues=16), LOAD]))
    (placed,) = placements(host).values()
    maps = transmitters(host, placed)
    assert len(maps) == 16
    assert sum(len(cpus) for cpus in maps) == 64, "no CPU sends by two queues"
    for place, cpus in enumerate(maps):
        assert {place, place + 32} <= set(cpus), "both threads of a core"


def test_a_port_for_management_takes_housekeeping_cpus(tmp_path: Path) -> None:
    cpu = "    cpu { sockets 1; cores 8; threads 1; housekeeping 0-1 }"
    admin = "    nic admin { match pci 0000:aa:00.0; driver igb; management }"
    host = host_of(tmp_path, "\n".join([cpu, nics(1), admin, LOAD]))
    assert placements(host)["admin"].cpus == (0, 1)
    assert not placements(host)["n0"].used & CpuSet.parse("0-1")

"""Huge pages: how many, of which size and on which node; and that the command line says so.

The kernel's arguments are read back here by a reader of their own, made after
Documentation/admin-guide/mm/hugetlbpage.rst and kernel-parameters.txt.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netc import pipeline
from netc.diagnostics import Report, Severity
from netc.dpdk.applications import applications
from netc.dpdk.mbufs import mbuf_size
from netc.dpdk.memory import hugepage_folder, needs, page_size, reservations, socket_memory
from netc.plan import Kind
from netc.resolving.files import Files
from running import often

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.model import Host
    from netc.plan import Plan

ROOT = Path(__file__).parent
MIB, GIB = 1 << 20, 1 << 30
UNITS = {"": 1, "k": 1 << 10, "m": MIB, "g": GIB}
LEGAL = {
    ("x86-64", 4): {2 * MIB, GIB},
    ("arm64", 4): {64 << 10, 2 * MIB, 32 * MIB, GIB},
    ("arm64", 16): {2 * MIB, 32 * MIB, GIB},
    ("arm64", 64): {2 * MIB, 512 * MIB, 16 * GIB},
}
"""Architecture and base page in KiB → what the kernel lists in /sys/kernel/mm/hugepages."""


@dataclass
class CommandLine:
    """What a kernel takes from its command line; words it passes over are in `ignored`."""

    usual: int = 2 * MIB
    pages: dict[tuple[int, int | None], int] = field(default_factory=dict)
    """Page size and node → count; None for pages that are spread over all nodes."""
    ignored: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, text: str, legal: set[int], usual: int = 2 * MIB, *, nodes: set[int], by_node: bool) -> CommandLine:
        line = cls(usual)
        size: int | None = usual  # of the next count; None behind a size that is not there
        sized: set[int] = set()
        counted: set[int] = set()
        defaults = 0
        for word in text.split():
            name, _, value = word.partition("=")
            if name in ("hugepagesz", "default_hugepagesz"):
                wanted = size_of(value)
                defaults += name == "default_hugepagesz"
                twice = wanted in sized if name == "hugepagesz" else defaults > 1
                size = None if wanted not in legal or twice else wanted
                if size is None:
                    line.ignored.append(word)
                elif name == "hugepagesz":
                    sized.add(size)
                else:
                    line.usual = size
            elif name == "hugepages":
                found = counts(value, nodes, by_node=by_node)
                if size is None or size in counted or found is None:
                    line.ignored.append(word)
                    continue
                counted.add(size)
                line.pages |= {(size, node): count for node, count in found.items()}
            elif name == "hugetlb_cma":
                line.ignored += [w for w in text.split() if w.startswith("hugepages=")]
        return line


def size_of(text: str) -> int:
    match = re.fullmatch(r"(\d+)([kmgKMG]?)", text)
    return int(match[1]) * UNITS[match[2].lower()] if match else 0


def counts(text: str, nodes: set[int], *, by_node: bool) -> dict[int | None, int] | None:
    if ":" not in text:
        return {None: int(text)} if text.isdecimal() else None
    pairs = [part.split(":") for part in text.split(",")]
    if not by_node or any(int(node) not in nodes for node, _ in pairs):
        return None
    return {int(node): int(count) for node, count in pairs}


@pytest.mark.parametrize(
    ("text", "pages", "ignored"),
    [
        ("hugepagesz=1G hugepages=0:1,1:3", {(GIB, 0): 1, (GIB, 1): 3}, []),
        ("hugepages=4 hugepagesz=1G", {(2 * MIB, None): 4}, []),
        ("hugepagesz=4M hugepages=4", {}, ["hugepagesz=4M", "hugepages=4"]),
        ("hugepagesz=1G hugepages=4 hugepagesz=1G hugepages=8", {(GIB, None): 4}, ["hugepagesz=1G", "hugepages=8"]),
        ("hugepagesz=1G hugepages=4 hugepages=8", {(GIB, None): 4}, ["hugepages=8"]),
        ("hugepagesz=1G hugepages=7:4", {}, ["hugepages=7:4"]),
        ("default_hugepagesz=1G hugepagesz=1G hugepages=4", {(GIB, None): 4}, []),
    ],
)
def test_the_reader_reads_as_the_kernel_does(text: str, pages: object, ignored: list[str]) -> None:
    line = CommandLine.read(text, LEGAL["x86-64", 4], nodes={0, 1}, by_node=True)
    assert (line.pages, line.ignored) == (pages, ignored)


def hosts_of(folder: Path, text: str) -> tuple[list[Host], Report]:
    path = folder / "host.net"
    path.write_text(text)
    report = Report()
    run = pipeline.load([str(path)], Files(Files.common_base([str(path)])), report)
    return list(pipeline.hosts(run)), report


def host_of(
    folder: Path, body: str, *, cpu: str = "sockets 2; cores 16; threads 2", system: str = "memory 256GiB"
) -> Host:
    text = f"host h {{\n    system {{ distribution debian 12; {system} }}\n    cpu {{ {cpu} }}\n{body}\n}}\n"
    (host,), _ = hosts_of(folder, text)
    return host


def plan_of(folder: Path, body: str, *, cpu: str = "sockets 2; cores 16; threads 2", system: str = "") -> Plan:
    path = folder / "host.net"
    path.write_text(f"host h {{\n    system {{ distribution debian 12; {system} }}\n    cpu {{ {cpu} }}\n{body}\n}}\n")
    report = Report()
    run = pipeline.load([str(path)], Files(Files.common_base([str(path)])), report)
    (plan,) = pipeline.plans(run)
    assert [d.message for d in report if d.severity is Severity.ERROR] == []
    return plan


def promised(plan: Plan) -> dict[tuple[int, int | None], int]:
    """What a plan's settings promise."""
    found: dict[tuple[int, int | None], int] = {}
    for setting in plan.of(Kind.HUGEPAGES):
        match = re.fullmatch(r"(?:node(\d+)/)?hugepages-(\d+)kB", setting.key)
        assert match is not None
        found[int(match[2]) << 10, int(match[1]) if match[1] else None] = int(setting.value)
    return found


def arguments(plan: Plan) -> str:
    return " ".join(setting.key for setting in plan.of(Kind.KERNEL_ARGUMENT))


# What applications take.

FRONT = "    nic front { match pci 0000:18:00.0; driver ice; node 0; dpdk }"
BACK = "    nic back { match pci 0000:86:00.0; driver ice; node 1; dpdk }"


def memory_of(host: Host) -> dict[int | None, int]:
    (application,) = applications(host)
    return {need.node: need.size for need in needs(host, application)}


@pytest.mark.parametrize(
    ("statements", "memory"),
    [
        ("memory 4GiB on node 0", {0: 4 * GIB}),
        ("memory 4GiB", {0: 4 * GIB, 1: 4 * GIB}),
        ("memory 4GiB; memory 1GiB on node 1", {0: 4 * GIB, 1: GIB}),
        ("memory 4GiB on node 0; memory 1GiB on node 1", {0: 4 * GIB, 1: GIB}),
    ],
)
def test_written_memory_wins(tmp_path: Path, statements: str, memory: dict[int, int]) -> None:
    application = f'    dpdk "pmd.service" {{ nics front, back; lcores 4-7; {statements} }}'
    assert memory_of(host_of(tmp_path, f"{FRONT}\n{BACK}\n{application}")) == memory


@pytest.mark.parametrize(
    ("nic", "lcores", "mbufs", "size"),
    [
        ("", "4-7", 16383, 2368),  # 4 queues × 2 rings × 1024 + 4 × 576 = 10496
        ("", "4-19", 65535, 2368),  # 16 × 2048 + 16 × 576 = 41984
        ("queues 1; rings { rx 512; tx 512 };", "4-7", 4095, 2368),  # 1024 + 4 × 576 = 3328
        ("vectors 2;", "4-7", 8191, 2368),  # 2 × 2048 + 4 × 576 = 6400
        ("mtu 2000;", "4-7", 16383, 2368),
        ("mtu 9000;", "4-7", 16383, 192 + 128 + 9216),
    ],
)
def test_memory_follows_from_ports_and_lcores(tmp_path: Path, nic: str, lcores: str, mbufs: int, size: int) -> None:
    front = f"    nic front {{ match pci 0000:18:00.0; driver ice; node 0; dpdk; {nic} }}"
    host = host_of(
        tmp_path, f'{front}\n    dpdk "pmd.service" {{ nics front; lcores {lcores} }}', cpu="sockets 1; cores 32"
    )
    assert mbuf_size(host.nics[0]) == size
    assert memory_of(host) == {0: mbufs * size * 115 // 100 + 128 * MIB}


def test_every_node_with_an_lcore_or_a_port_has_memory(tmp_path: Path) -> None:
    host = host_of(tmp_path, f'{BACK}\n    dpdk "pmd.service" {{ nics back; lcores 4-7 }}')
    memory = memory_of(host)
    assert memory[0] == 128 * MIB
    assert memory[1] > memory[0]
    assert [(each.size, each.node, each.count) for each in reservations(host)] == [(GIB, 0, 1), (GIB, 1, 1)]


def test_applications_add_up_and_each_takes_whole_pages(tmp_path: Path) -> None:
    body = """
    dpdk "a.service" { lcores 4; memory 1500MiB; page 1GiB }
    dpdk "b.service" { lcores 5; memory 100MiB; page 1GiB }
    dpdk "c.service" { lcores 6; memory 3MiB; page 2MiB }"""
    host = host_of(tmp_path, body)
    assert [(each.size, each.node, each.count) for each in reservations(host)] == [(GIB, 0, 3), (2 * MIB, 0, 2)]
    assert [socket_memory(host, each) for each in applications(host)] == [(2048, 0), (1024, 0), (4, 0)]


@pytest.mark.parametrize(
    ("system", "statements", "size"),
    [
        ("memory 256GiB", "", GIB),
        ("memory 16GiB", "", 2 * MIB),  # 8 GiB of a node are less than 16 pages of 1 GiB
        ("memory 16GiB", "memory 1GiB", GIB),
        ("memory 256GiB", "page 2MiB", 2 * MIB),
        ("architecture arm64; page 64KiB; memory 256GiB", "", 512 * MIB),
        ("architecture arm64; page 16KiB; memory 256GiB", "", GIB),
    ],
)
def test_pages_are_large_where_there_is_room(tmp_path: Path, system: str, statements: str, size: int) -> None:
    host = host_of(tmp_path, f'    dpdk "pmd.service" {{ lcores 4-7; {statements} }}', system=system)
    assert page_size(host, applications(host)[0]) == size


@pytest.mark.parametrize(
    ("reserved", "size"),
    [
        ("1GiB 8 on node 0", GIB),
        ("1GiB 2; 2MiB 2048", 2 * MIB),
        ("1GiB 2; 2MiB 16", GIB),  # neither covers it, which is an error
        ("1GiB 8 on node 1; 2MiB 2048", 2 * MIB),
    ],
)
def test_applications_use_what_is_reserved(tmp_path: Path, reserved: str, size: int) -> None:
    application = '    dpdk "pmd.service" { lcores 4-7; memory 4GiB }'
    host = host_of(tmp_path, f"{application}\n    hugepages {{ {reserved} }}")
    assert page_size(host, applications(host)[0]) == size


def test_folders_are_shared_unless_groups_differ(tmp_path: Path) -> None:
    body = """
    dpdk "a.service" { lcores 4; page 2MiB; group one }
    dpdk "b.service" { lcores 5; page 2MiB; group two }
    dpdk "c.service" { lcores 6; page 1GiB; group two }"""
    host = host_of(tmp_path, body)
    assert [hugepage_folder(host, each) for each in applications(host)] == [
        "/dev/hugepages-2MiB-one",
        "/dev/hugepages-2MiB-two",
        "/dev/hugepages-1GiB",
    ]


# Who reserves them.


@pytest.mark.parametrize(
    ("kernel", "cpu", "wanted"),
    [
        ("6.1", "sockets 2; cores 8", "hugepagesz=1G hugepages=0:4,1:4"),
        ("5.16", "sockets 2; cores 8", "hugepagesz=1G hugepages=0:4,1:4"),
        ("5.15", "sockets 2; cores 8", ""),
        ("5.4", "sockets 1; cores 8", "hugepagesz=1G hugepages=4"),
        ("5.16", "node 0 { cpus 0-3 }; node 2 { cpus 4-7 }", ""),
        ("6.1", "node 0 { cpus 0-3 }; node 2 { cpus 4-7 }", "hugepagesz=1G hugepages=0:4,2:4"),
    ],
)
def test_old_kernels_leave_nodes_to_the_unit(tmp_path: Path, kernel: str, cpu: str, wanted: str) -> None:
    plan = plan_of(tmp_path, "    hugepages { 1GiB 4 }", cpu=cpu, system=f"kernel {kernel}")
    assert arguments(plan) == wanted
    assert set(promised(plan).values()) == {4}


def test_small_pages_are_the_units(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, "    hugepages { 2MiB 512 on node 1 }")
    assert arguments(plan) == ""
    assert promised(plan) == {(2 * MIB, 1): 512}


def test_without_nodes_pages_belong_to_the_host(tmp_path: Path) -> None:
    path = tmp_path / "host.net"
    path.write_text("host h { system { distribution debian 12 }; hugepages { 1GiB 4; 2MiB 64 } }\n")
    run = pipeline.load([str(path)], Files(Files.common_base([str(path)])), Report())
    (plan,) = pipeline.plans(run)
    assert promised(plan) == {(GIB, None): 4, (2 * MIB, None): 64}
    assert arguments(plan) == "hugepagesz=1G hugepages=4"


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ("1GiB 4 on node 0; 1GiB 2 on node 1", "hugepagesz=1G hugepages=0:4,1:2"),
        ("1GiB 4 on node 1", "hugepagesz=1G hugepages=1:4"),
        ("1GiB 4; 1GiB 2 on node 1", ""),  # one argument cannot say both
    ],
)
def test_nodes_may_be_named_where_nothing_tells_of_them(tmp_path: Path, lines: str, wanted: str) -> None:
    path = tmp_path / "host.net"
    path.write_text(f"host h {{ system {{ distribution debian 12 }}; hugepages {{ {lines} }} }}\n")
    run = pipeline.load([str(path)], Files(Files.common_base([str(path)])), Report())
    (plan,) = pipeline.plans(run)
    assert arguments(plan) == wanted
    assert len(promised(plan)) == lines.count(";") + 1


@st.composite
def described(draw: st.DrawFn) -> tuple[str, int, str, str]:
    """Architecture, base page in KiB, kernel and the body of a host with reservations."""
    architecture, base = draw(st.sampled_from(sorted(LEGAL)))
    kernel = draw(st.sampled_from(["5.10", "5.15", "5.16", "6.1", "6.12", "7.0"]))
    numbers = sorted(draw(st.sets(st.integers(0, 9), min_size=1, max_size=4)))
    nodes = "; ".join(f"node {n} {{ cpus {4 * at}-{4 * at + 3} }}" for at, n in enumerate(numbers))
    lines = []
    for size in sorted(LEGAL[architecture, base]):
        for node in draw(st.lists(st.sampled_from([None, *numbers]), unique=True, max_size=3)):
            place = "" if node is None else f" on node {node}"
            lines.append(f"{size >> 10}KiB {draw(st.integers(1, 4096))}{place}")
    body = f"cpu {{ {nodes} }}\n" + (f"hugepages {{ {'; '.join(lines)} }}" if lines else "")
    return architecture, base, kernel, body


@settings(max_examples=often(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(described())
def test_the_command_line_reads_back_as_promised(tmp_path: Path, machine: tuple[str, int, str, str]) -> None:
    architecture, base, kernel, body = machine
    path = tmp_path / "host.net"
    system = f"distribution debian 12; architecture {architecture}; page {base}KiB; kernel {kernel}"
    path.write_text(f"host h {{\n    system {{ {system} }}\n{body}\n}}\n")
    run = pipeline.load([str(path)], Files(Files.common_base([str(path)])), Report())
    (plan,) = pipeline.plans(run)
    told = promised(plan)
    assert told.keys() <= {(size, node) for size in LEGAL[architecture, base] for node in range(10)}
    nodes = {int(number) for number in re.findall(r"node (\d+) \{", body)}
    by_node = tuple(map(int, kernel.split("."))) >= (5, 16)
    line = CommandLine.read(arguments(plan), LEGAL[architecture, base], nodes=nodes, by_node=by_node)
    assert line.ignored == []
    spread = {(size, min(nodes) if node is None else node): count for (size, node), count in line.pages.items()}
    assert len(nodes) == 1 or None not in {node for _, node in line.pages}
    assert spread.items() <= told.items()
    if by_node and nodes == set(range(len(nodes))):
        assert spread == {key: count for key, count in told.items() if key[0] >= GIB}


def compiled() -> Iterator[Path]:
    """Every compiled host of the examples and of the cases."""
    for folder in (ROOT.parent / "out", ROOT / "cases" / "accept"):
        yield from (path.parent for path in sorted(folder.rglob("plan.json")))


@pytest.mark.parametrize("folder", [path for path in compiled() if "hugepages" in (path / "plan.json").read_text()])
def test_compiled_command_lines_read_back_as_promised(folder: Path) -> None:
    plan = json.loads((folder / "plan.json").read_text())
    target = plan["target"]
    told: dict[tuple[int, int | None], int] = {}
    for setting in plan["settings"]:
        match = re.fullmatch(r"(?:node(\d+)/)?hugepages-(\d+)kB", setting["key"])
        if match is not None:
            told[int(match[2]) << 10, int(match[1]) if match[1] else None] = int(setting["value"])
    line = folder / "kernel-command-line"
    text = line.read_text() if line.exists() else ""
    legal = LEGAL[target["architecture"], target["page"] >> 10]
    read = CommandLine.read(text, legal, nodes={node or 0 for _, node in told}, by_node=True)
    assert read.ignored == []
    assert {size for size, _ in told} <= legal
    plain = {size: count for (size, node), count in read.pages.items() if node is None}
    old = tuple(map(int, target["kernel"].split("."))) < (5, 16)
    for (size, node), count in told.items():
        found = plain.get(size, read.pages.get((size, node), 0))
        assert found == (count if size >= GIB and (read.pages or not old) else 0)
    assert len(plain) <= 1 or len({node for _, node in told}) == 1


# What is said of them.


LARGE = '    dpdk "a.service" { lcores 4; memory 1GiB; page 1GiB }'


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("    hugepages { 2MiB 1024 }", set()),
        ('    hugepages { 2MiB 1024 }\n    set vm.nr_overcommit_hugepages = 64 because "guests"', set()),
        ('    hugepages { 1GiB 4 }\n    kernel-argument "default_hugepagesz=1G" because "x"', set()),
        ('    kernel-argument "default_hugepagesz=1048576k" because "x"', set()),
        ('    kernel-argument "default_hugepagesz=3G" because "x"', {"N0801"}),
        ('    kernel-argument "hugepages=64" because "netc reserves none"', set()),
        ('    hugepages { 1GiB 4 }\n    kernel-argument "hugetlb_cma=0" because "x"', set()),
        (f'{LARGE}\n    set vm.nr_hugepages = 64 because "x"', set()),
        (f'{LARGE.replace("page 1GiB", "page 2MiB")}\n    set vm.nr_hugepages = 64 because "x"', {"N0809"}),
        ('    dpdk "a.service" { lcores 4,20; memory 1GiB }', set()),
        ('    dpdk "a.service" { lcores 4,20; memory 1GiB on node 1 }', {"N0808"}),
        ("    hugepages { 1GiB 125 }", set()),
        ("    hugepages { 1GiB 126 }", {"N0805"}),  # 2 GiB of 128 are for records of pages, 512 MiB for the system
        ("    hugepages { 1GiB 128 }", {"N0805"}),  # an even share may not be what the node has
        ("    hugepages { 1GiB 129 }", {"N0804"}),
    ],
)
def test_what_is_said(tmp_path: Path, body: str, found: set[str]) -> None:
    cpu = "    cpu { sockets 2; cores 16 }"
    text = f"host h {{\n    system {{ distribution debian 12; memory 256GiB }}\n{cpu}\n{body}\n}}\n"
    _, report = hosts_of(tmp_path, text)
    assert {d.code for d in report if "N0801" <= d.code <= "N0819"} == found


def test_pages_that_a_machine_has_now_decide_nothing(tmp_path: Path) -> None:
    """Facts tell which sizes there are; how many pages somebody reserved before is no promise."""
    facts = "host: h\ncpus: [{id: 0, node: 0}]\nnodes: [{id: 0, memory: 8GiB, hugepages: {2MiB: 4096, 1GiB: 2}}]\n"
    (tmp_path / "h.yaml").write_text(facts)
    body = 'system { distribution debian 12 }\nhardware "h.yaml"\nhugepages { 1GiB 1 }'
    (host,), report = hosts_of(tmp_path, f"host h {{\n{body}\n}}\n")
    assert list(report) == []
    assert [(each.size, each.node, each.count) for each in reservations(host)] == [(GIB, 0, 1)]

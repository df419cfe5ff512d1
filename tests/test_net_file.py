"""A `.net` file made of facts: it compiles, says the same machine, and copies no name it should not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netc import pipeline
from netc.cpulist import CpuSet
from netc.diagnostics import Report
from netc.formatting import format_source
from netc.hardware.facts import CpuFact, Facts, NicFact, NodeFact
from netc.net_file import write_net
from netc.resolving.files import Files
from netc.source import Source
from running import often

if TYPE_CHECKING:
    from netc.model import Host

GIB = 2**30


def compiled(facts: Facts) -> tuple[str, Host]:
    """The text of the facts and the host that it gives. Also that text is in the one style."""
    text = write_net(facts)
    report = Report()
    run = pipeline.load(["-"], Files(Path(), text.encode), report)
    hosts = list(pipeline.hosts(run))
    assert not report.failed, "\n".join([text, *(d.message for d in report)])
    assert format_source(Source("-", text), Report()) == text
    assert len(hosts) == 1
    return text, hosts[0]


def cpus(*groups: str, node: int | None = 0, socket: int = 0, online: bool = True) -> tuple[CpuFact, ...]:
    """The CPUs of cores given by their siblings."""
    cores = [CpuSet.parse(group) for group in groups]
    return tuple(
        CpuFact(number, node, socket, core=index, siblings=core if online else None, online=online)
        for index, core in enumerate(cores)
        for number in core
    )


def machine(*cpus: CpuFact, nodes: tuple[NodeFact, ...] = (), **fields: object) -> Facts:
    numbered = tuple(sorted(cpus, key=lambda cpu: cpu.id))
    return Facts(host="db1", distribution="debian 12", cpus=numbered, nodes=nodes, **fields)  # type: ignore[arg-type] # by name


def test_counts_are_written_where_their_arithmetic_gives_the_machine() -> None:
    first = cpus("0,4", "1,5")
    second = cpus("2,6", "3,7", node=1, socket=1)
    text, host = compiled(machine(*first, *second, nodes=(NodeFact(0, 4 * GIB), NodeFact(1, 4 * GIB))))
    assert "    cpu {\n        sockets 2\n        cores 2\n        threads 2\n    }\n" in text
    assert "memory 8GiB" in text
    assert host.topology is not None
    assert str(host.topology.nodes[1].cpus) == "2-3,6-7"


@pytest.mark.parametrize(
    ("groups", "line"),
    [
        ((("0-1", "2-3"), ("4-5", "6-7")), "numbering threads-first"),
        ((("0,4", "2,6"), ("1,5", "3,7")), "numbering node-interleaved"),
    ],
)
def test_numbering_is_written_where_it_is_not_the_usual(groups: tuple[tuple[str, ...], ...], line: str) -> None:
    parts = [cpu for number, group in enumerate(groups) for cpu in cpus(*group, node=number, socket=number)]
    text, host = compiled(machine(*parts))
    assert line in text
    assert host.topology is not None
    assert host.topology.cores == tuple(sorted((CpuSet.parse(g) for group in groups for g in group), key=min))


def test_sparse_nodes_and_nodes_without_cpus_get_blocks() -> None:
    parts = (*cpus("0,2", "1,3"), *cpus("4,6", "5,7", node=8, socket=1))
    nodes = (NodeFact(0, 4 * GIB), NodeFact(8, 4 * GIB), NodeFact(250, GIB))
    text, host = compiled(machine(*parts, nodes=nodes))
    assert "sockets" not in text
    assert "node 250 { memory 1GiB }" in text
    assert host.topology is not None
    assert {number: str(node.cpus) for number, node in host.topology.nodes.items()} == {0: "0-3", 8: "4-7", 250: ""}
    assert CpuSet.parse("5,7") in host.topology.cores


def test_gaps_in_cpu_numbers_get_a_block() -> None:
    text, host = compiled(machine(*cpus("0", "2", "9", node=None)))
    assert "node 0 { cpus 0,2,9 }" in text
    assert host.topology is not None
    assert str(host.topology.possible) == "0,2,9"


def test_offline_cpus_are_written_as_such() -> None:
    parts = (*cpus("0", "1"), *cpus("2", "3", node=None, online=False))
    text, host = compiled(machine(*parts, nodes=(NodeFact(0, GIB),)))
    assert "cores 4" in text
    assert "offline 2-3" in text
    assert host.topology is not None
    assert str(host.topology.online) == "0-1"


def test_offline_cpus_of_no_node_are_left_out_of_node_blocks() -> None:
    parts = (*cpus("0", "1"), *cpus("5", node=3), *cpus("7", node=None, online=False))
    text, _ = compiled(machine(*parts))
    assert "# CPUs 7 belong to no node that is on." in text
    assert "offline" not in text


def test_nics_say_what_is_known_of_them() -> None:
    nic = NicFact("enp24s0f0", None, "ice", "0000:18:00.0", "3c:fd:fe:9e:7a:10", 0, 100 * 10**9, 64, management=True)
    text, host = compiled(machine(*cpus("0", "1"), nics=(nic,)))
    block = text[text.index("    nic ") : text.index("\n\n    # What")]
    assert block == (
        "    nic enp24s0f0 {\n"
        "        match pci 0000:18:00.0  # mac 3c:fd:fe:9e:7a:10\n"
        "        driver ice\n"
        "        speed 100Gbps\n"
        "        node 0\n"
        "        vectors 64\n"
        "        management\n"
        "    }"
    )
    assert host.nics[0].interface == "enp24s0f0"


def test_a_node_that_the_cpus_do_not_tell_of_is_left_out() -> None:
    nic = NicFact("a0", pci="0000:18:00.0", node=1)
    text, _ = compiled(machine(*cpus("0", "1", node=None), nics=(nic,)))
    assert "        node 1\n" not in text
    text, _ = compiled(machine(nics=(nic,)))
    assert "        node 1\n" in text


def test_ports_that_share_an_address_are_told_apart() -> None:
    one = NicFact("a0", pci="0000:18:00.0", mac="3c:fd:fe:9e:7a:10")
    two = NicFact("a1", pci="0000:18:00.0", mac="3c:fd:fe:9e:7a:11")
    text, _ = compiled(machine(nics=(one, two)))
    assert "match { pci 0000:18:00.0; mac 3c:fd:fe:9e:7a:11 }" in text


def test_ports_that_cannot_be_told_apart_are_left_out_and_named() -> None:
    twins = (NicFact("a0", mac="3c:fd:fe:9e:7a:10"), NicFact("a1", mac="3c:fd:fe:9e:7a:10"), NicFact("veth0"))
    text, host = compiled(machine(nics=twins))
    assert not host.nics
    assert text.count("so it is left out") == 3


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("eth0", "nic eth0 {"),
        ("eth0.100", "nic eth0-100 {"),
        ("123", "nic nic0 {"),
        ("all", "nic nic0 {"),
        ("a;b # {", "nic a-b {"),
        ("x\n}\nhost y {}\n", "nic x-host-y {"),
        ("日本", "nic nic0 {"),
        (None, "nic nic0 {"),
    ],
)
def test_odd_interface_names_become_words_and_keep_their_interface(name: str | None, written: str) -> None:
    text, host = compiled(machine(nics=(NicFact(name, pci="0000:18:00.0"),)))
    assert written in text
    assert host.nics[0].interface == ""


def test_two_names_that_become_one_word_stay_two_nics() -> None:
    nics = tuple(NicFact(name, pci=f"0000:18:00.{n}") for n, name in enumerate(("e.1", "e:1", "e-1")))
    _, host = compiled(machine(nics=nics))
    assert len({nic.name for nic in host.nics}) == 3


@pytest.mark.parametrize(
    ("facts", "wanted"),
    [
        (Facts(), "host localhost {"),
        (Facts(host="lb-[01..40].example"), "host localhost {"),
        (Facts(host="a b {"), "host localhost {"),
        (Facts(host="db1.example.net"), "host db1.example.net {"),
        (Facts(distribution="gentoo 2.17"), "distribution generic  # netc does not know `gentoo 2.17`"),
        (Facts(distribution="debian 12", kernel="6.12"), "kernel 6.12"),
        (Facts(distribution="evil\n}"), "distribution generic  # netc does not know `evil\\n}`".replace("\\n", "/n")),
        (Facts(systemd=257), "systemd 257"),
        (Facts(), "# not found on the machine: correct it"),
    ],
)
def test_system_is_what_the_facts_tell(facts: Facts, wanted: str) -> None:
    text, _ = compiled(facts)
    assert wanted in text


def test_what_the_distribution_has_anyway_is_not_written() -> None:
    text, _ = compiled(Facts(distribution="debian 12", kernel="6.1", systemd=252, tick=250))
    assert "        distribution debian 12\n    }\n" in text


TEXTS = st.none() | st.text(max_size=20) | st.sampled_from(["eth0", "ens1f0np0", "lo", "a\\", '"', "debian 12", "arch"])
NICS = st.builds(
    NicFact,
    name=TEXTS,
    role=TEXTS,
    driver=TEXTS,
    pci=TEXTS | st.sampled_from(["0000:18:00.0", "0000:18:00.1"]),
    mac=TEXTS | st.sampled_from(["3c:fd:fe:9e:7a:10", "3c:fd:fe:9e:7a:11"]),
    node=st.none() | st.integers(0, 3),
    speed=st.none() | st.integers(1, 10**12),
    channels=st.none() | st.integers(0, 10**5),
    management=st.none() | st.booleans(),
)
CPUS = st.lists(
    st.builds(
        CpuFact,
        id=st.integers(0, 12),
        node=st.none() | st.integers(0, 3),
        socket=st.none() | st.integers(0, 1),
        online=st.booleans(),
    ),
    max_size=8,
    unique_by=lambda cpu: cpu.id,
).map(tuple)
NODES = st.lists(
    st.builds(NodeFact, id=st.integers(0, 4), memory=st.none() | st.integers(1, 2**40)),
    max_size=3,
    unique_by=lambda node: node.id,
).map(tuple)


@settings(max_examples=often(60), deadline=None)
@given(
    st.builds(
        Facts,
        host=TEXTS,
        architecture=TEXTS | st.just("arm64"),
        cpu_vendor=TEXTS | st.just("amd"),
        kernel=TEXTS | st.sampled_from(["6.1", "6.12"]),
        tick=st.none() | st.sampled_from([0, 100, 250, 1000]),
        systemd=st.none() | st.integers(-1, 260),
        distribution=TEXTS | st.sampled_from(["rocky 9", "debian trixie", "generic"]),
        cpus=CPUS,
        nodes=NODES,
        nics=st.lists(NICS, max_size=3).map(tuple),
    )
)
def test_whatever_the_facts_hold_the_file_compiles(facts: Facts) -> None:
    _, host = compiled(facts)
    online = host.topology.online if host.topology is not None else CpuSet()
    told = {cpu.id for cpu in facts.cpus if cpu.online and (cpu.node is not None or not facts.nodes)}
    assert set(online) <= set(facts.online)
    assert told <= set(online) or any(cpu.node is None for cpu in facts.cpus)

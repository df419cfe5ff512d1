"""Blocks: states, blocks without braces, `default`, and statements that do not belong."""

from __future__ import annotations

import pytest
from written import block, block_with_report, mistakes, shown

from netc.language.sections import DEFAULT, STATE, Entry, Section


def test_an_entry_knows_its_value_place_and_words() -> None:
    section = block("goal", "rtt 40ms", "profile edge, goal load-balancer")
    entry = section.entry("rtt")
    assert entry is not None
    assert entry.value == 40_000_000
    assert entry.place == "a.net: profile edge, goal load-balancer, rtt"
    assert entry.span is not None
    assert entry.span.text == "rtt 40ms"


def test_blocks_know_their_place() -> None:
    section = block("host", "nic front {\n    rings { rx 4096 }\n}", "host a")
    nic = section.section("nic", "front")
    assert nic is not None
    assert nic.span is not None
    assert nic.span.text == "nic front"
    rings = nic.section("rings")
    assert rings is not None
    assert rings.place == "a.net: host a, nic front, rings"
    assert section.sections_of("nic") == [("front", nic)]


@pytest.mark.parametrize(
    ("with_braces", "without"),
    [
        ("match { pci 18:00.0 }", "match pci 18:00.0"),
        ("rps { cpus 1-15 }", "rps cpus 1-15"),
        ("xps { by cpu }", "xps by cpu"),
        ("rings { rx 4096 }", "rings rx 4096"),
        ("vf 0 { vlan 100 }", "vf 0 vlan 100"),
        ("goal dns { rtt 1ms }", "goal dns rtt 1ms"),
        ('xdp "a.o" { mode native }', 'xdp "a.o" mode native'),
    ],
)
def test_one_statement_needs_no_braces(with_braces: str, without: str) -> None:
    def values(section: Section) -> object:
        return {
            key: values(found) if isinstance(found, Section) else (found.value, found.place)
            for key, found in section.entries.items()
        }

    assert values(block("nic", with_braces)) == values(block("nic", without))


def test_a_value_begins_a_statement_of_hugepages() -> None:
    section = block("host", "hugepages 1GiB 8 on node 0").section("hugepages")
    assert section is not None
    assert list(section.entries) == [("", "1GiB", "on node 0")]


@pytest.mark.parametrize("text", ["rps on", "rps off", "rps auto", "irq auto", "xps off", "dpdk off"])
def test_a_word_stands_for_a_block(text: str) -> None:
    word, state = text.split()
    section = block("nic", text).section(word)
    assert section is not None
    assert section.state is not None
    assert section.state.value == state
    assert list(section.entries) == [STATE]


def test_dpdk_stands_alone_or_with_a_block() -> None:
    alone = block("nic", "dpdk").section("dpdk")
    assert alone is not None
    assert alone.state is not None
    assert alone.state.value == ""
    given = block("nic", "dpdk { driver vfio-pci }").section("dpdk")
    assert given is not None
    assert given.state is None


@pytest.mark.parametrize(
    ("kind", "text", "key"),
    [
        ("goal", "rtt default", ("rtt",)),
        ("nic", "management default", ("management",)),
        ("nic", "rps default", ("rps",)),
        ("nic", "goal dns default", ("goal", "dns")),
        ("nic", "vf 00 default", ("vf", "0")),
        ("nic", 'xdp "a.o" default', ("xdp", "a.o")),
        ("nic", "steer tcp port 443 default", ("steer", "tcp", "", "", "443")),
        ("nic", "steer default", ("steer",)),
        ("cpu", "node 1 default", ("node", "1")),
        ("cpu", "housekeeping default", ("housekeeping",)),
        ("rss", "hash udp4 default", ("hash", "udp4")),
        ("host", "nic front default", ("nic", "front")),
        ("host", "set net.core.somaxconn default", ("set", "net.core.somaxconn")),
        ("host", "set net/core/somaxconn = default", ("set", "net.core.somaxconn")),
        ("host", 'set net.core.somaxconn = default because "x"', ("set", "net.core.somaxconn")),
        ("host", 'kernel-argument "quiet" default', ("kernel-argument", "quiet")),
        ("xdp", "drop from default", ("drop", "from")),
        ("host-dpdk", "devargs front default", ("devargs", "front")),
        ("host-dpdk", "memory default on node 1", ("memory", "on node 1")),
        ("hugepages", "1GiB default on node 0", ("", "1GiB", "on node 0")),
        ("hugepages", "1GiB default", ("", "1GiB", "")),
    ],
)
def test_default_takes_a_statement_back(kind: str, text: str, key: tuple[str, ...]) -> None:
    ((found, entry),) = block(kind, text).entries.items()
    assert found == key
    assert isinstance(entry, Entry)
    assert entry.value is DEFAULT


def test_default_within_a_block_without_braces() -> None:
    rings = block("nic", "rings rx default").section("rings")
    assert rings is not None
    entry = rings.entry("rx")
    assert entry is not None
    assert entry.value is DEFAULT


@pytest.mark.parametrize(
    ("kind", "text", "code", "place"),
    [
        ("goal", "rtt 40ms default", "N0108", "default"),
        ("goal", "rtt default default", "N0107", "default"),
        ("goal", "rtt default { a }", "N0112", "{"),
        ("nic", "frobnicate 1", "N0103", "frobnicate"),
        ("nic", "rtt 40ms", "N0104", "rtt"),
        ("goal", "queues 4", "N0104", "queues"),
        ("nic", "  host x { }", "N0121", "host"),
        ("nic", '"queues" 4', "N0122", '"queues"'),
        ("nic", "= 4", "N0122", "="),
        ("nic", "rings", "N0111", "rings"),
        ("nic", "goal dns", "N0111", "goal dns"),
        ("nic", "goal", "N0106", "goal"),
        ("nic", "rps", "N0111", "rps"),
        ("nic", "rings on", "N0107", "on"),
        ("nic", "rings { rx 1 } ; rings tx 2", "N0105", "rings tx 2"),
        ("nic", "rps on { cpus 1 }", "N0108", "on"),
        ("nic", "rps on off", "N0107", "on"),
        ("nic", "mtu 1500 { }", "N0112", "{"),
        ("nic", "queues 4; queues 4", "N0105", "queues 4"),
        ("nic", "vf 0 vlan 1; vf 00 vlan 2", "N0105", "vf 00 vlan 2"),
        ("nic", "rtt 1ms; rtt 1ms", "N0104", "rtt"),
        ("rings", "rx 1; rx default", "N0105", "rx default"),
        ("hugepages", "GiB 1", "N0103", "GiB"),
        ("hugepages", "1GiB 8; 1024MiB 9", "N0105", "1024MiB 9"),
        ("host", "nic lo { }", "N0113", "lo"),
        ("host", 'set a.b = 1 because "x"; set a/b = 2 because "y"', "N0105", 'set a/b = 2 because "y"'),
    ],
)
def test_a_statement_that_is_wrong_is_told_at_its_place(kind: str, text: str, code: str, place: str) -> None:
    found = mistakes(kind, text)
    assert (code, place) in found
    assert {c for c, _ in found} == {code}


def test_statements_told_apart_by_their_first_words_stand_side_by_side() -> None:
    assert not mistakes(
        "nic", "steer tcp port 443 to queue 3; steer tcp port 80 to queue 3; steer udp port 443 to drop"
    )
    assert not mistakes("rss", "hash udp4 src-dst; hash udp6 src-dst")
    assert not mistakes("hugepages", "1GiB 8 on node 0; 1GiB 8 on node 1; 2MiB 8 on node 0")
    assert not mistakes("cpu", "node 0 { cpus 0 }; node 1 { cpus 1 }")
    assert not mistakes("node", "siblings 0,2; siblings 1,3")


@pytest.mark.parametrize(
    ("kind", "text", "told"),
    [
        ("nic", "quues 4", "did you mean `queues`?"),
        ("goal", "connections_rate 5/s", "did you mean `connection-rate`?"),
        ("nic", "rtt 40ms", "`rtt` stands in `goal`"),
        ("nic", "rx 4096", "`rx` stands in `rings` or `coalesce` or `pause`"),
        ("nic", "  host x { }", "close the blocks above with `}` and put `host` in a line of its own"),
        ("nic", "irq", "`irq` needs `auto` or a block with `cpus`, `isolated` …"),
    ],
)
def test_the_way_out_is_named(kind: str, text: str, told: str) -> None:
    _, (diagnostic,) = block_with_report(kind, text)
    assert told in (diagnostic.message, *diagnostic.notes, *diagnostic.help)


def test_a_second_writing_shows_the_first() -> None:
    _, (diagnostic,) = block_with_report("nic", "queues 4\nqueues 8")
    (label,) = diagnostic.labels
    assert (label.span.text, label.text) == ("queues 4", "it is written here first")


def test_mistakes_leave_the_rest_of_the_block() -> None:
    section, diagnostics = block_with_report("nic", "mtu x\nqueues 4\nrings { rx; tx 7 }\nspede 1\ndriver ice")
    assert shown(diagnostics) == [("N0107", "x"), ("N0106", "rx"), ("N0103", "spede")]
    assert list(section.entries) == [("queues",), ("rings",), ("driver",)]

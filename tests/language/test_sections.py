"""How profiles merge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from written import block

from netc.language.sections import Section, merge

if TYPE_CHECKING:
    from netc.language.sections import Entry


def merged(kind: str, *texts: str) -> Section:
    """Blocks laid on each other, the first lowest; each is the block of a profile `p0`, `p1`, …"""
    base = Section(kind, None, "")
    for number, text in enumerate(texts):
        base = merge(base, block(kind, text, f"p{number}"))
    return base


def values(section: Section) -> dict[str, object]:
    return {
        " ".join(key).strip(): values(found) if isinstance(found, Section) else found.value
        for key, found in section.entries.items()
    }


def entry(section: Section, *path: str) -> Entry[object]:
    for word in path[:-1]:
        inner = section.section(*word.split())
        assert inner is not None
        section = inner
    found = section.entry(path[-1])
    assert found is not None
    return found


def test_a_statement_replaces_the_earlier_one_whole() -> None:
    assert values(merged("goal", "rtt 1ms; listen 80,443", "listen 22")) == {"rtt": 1_000_000, "listen": (22,)}


def test_blocks_of_one_name_merge_and_others_stand_apart() -> None:
    found = merged("host", "nic a { mtu 1; driver ice }".replace("1", "1500"), "nic a { mtu 9000 }\nnic b { mtu 1500 }")
    assert values(found) == {"nic a": {"mtu": 9000, "driver": "ice"}, "nic b": {"mtu": 1500}}


def test_merging_goes_down_into_blocks_of_blocks() -> None:
    found = merged("host", "nic a { rings { rx 1; tx 2 } }", "nic a { rings rx 3 }", "nic a rings rx 4")
    assert values(found) == {"nic a": {"rings": {"rx": 4, "tx": 2}}}


def test_beaten_entries_are_known_nearest_first() -> None:
    found = entry(merged("goal", "rtt 1ms", "rtt 2ms", "flow 1Gbps", "rtt 3ms"), "rtt")
    assert found.value == 3_000_000
    assert [(e.value, e.place) for e in found.beaten] == [
        (2_000_000, "a.net: p1, rtt"),
        (1_000_000, "a.net: p0, rtt"),
    ]
    assert all(not e.beaten for e in found.beaten)


def test_default_takes_back_what_is_below_and_not_what_comes_later() -> None:
    assert values(merged("goal", "rtt 1ms; flow 1Gbps", "rtt default")) == {"flow": 10**9}
    assert values(merged("goal", "rtt 1ms", "rtt default", "rtt 2ms")) == {"rtt": 2_000_000}
    assert values(merged("goal", "rtt default")) == {}


def test_default_takes_a_block_back() -> None:
    assert values(merged("host", "nic a { mtu 1500 }\nnic b { mtu 1500 }", "nic a default")) == {"nic b": {"mtu": 1500}}
    assert values(merged("nic", "rings { rx 1; tx 2 }", "rings default")) == {}
    assert values(merged("nic", "rings { rx 1; tx 2 }", "rings rx default")) == {"rings": {"tx": 2}}


def test_default_in_a_block_that_is_new_leaves_nothing() -> None:
    assert values(merged("host", "nic a { rings rx default }")) == {"nic a": {"rings": {}}}


def test_default_of_a_word_takes_back_all_that_begins_with_it() -> None:
    rules = "steer tcp port 1 to queue 1; steer udp port 1 to queue 1"
    assert values(merged("nic", rules, "steer default")) == {}
    assert list(values(merged("nic", rules, "steer tcp port 1 default"))) == ["steer udp   1"]


def test_default_of_one_sysctl_leaves_the_others() -> None:
    below = 'set a.b = 1 because "x"; set a.c = 2 because "y"'
    assert list(values(merged("host", below, "set a/b default"))) == ["set a.c"]


def test_pages_of_another_node_are_another_statement() -> None:
    found = merged("host", "hugepages { 1GiB 8 on node 0; 1GiB 8 on node 1 }", "hugepages 1GiB default on node 1")
    assert list(values(found)["hugepages"]) == ["1GiB on node 0"]  # type: ignore[call-overload] # a block


def test_a_word_for_a_block_replaces_the_block_and_the_block_the_word() -> None:
    assert values(merged("nic", "rps cpus 1-3", "rps off")) == {"rps": {"": "off"}}
    again = values(merged("nic", "rps off", "rps cpus 1-3"))["rps"]
    assert isinstance(again, dict)
    assert list(again) == ["cpus"]
    assert entry(merged("nic", "rps off", "rps on"), "rps", "").beaten[0].value == "off"


def test_taking_a_statement_back_turns_nothing_on() -> None:
    assert values(merged("nic", "rps off", "rps cpus default")) == {"rps": {"": "off"}}


def test_an_empty_block_changes_nothing() -> None:
    assert values(merged("nic", "rps off\nrings rx 1", "rps {}\nrings {}")) == {"rps": {"": "off"}, "rings": {"rx": 1}}


def test_merging_changes_neither_side() -> None:
    base, over = block("host", "nic a { mtu 1500 }"), block("host", "nic a { mtu 9000 }")
    before = values(base), values(over)
    merge(base, over)
    assert (values(base), values(over)) == before

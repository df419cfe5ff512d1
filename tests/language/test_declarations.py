"""Statements of a file."""

from __future__ import annotations

import pytest
from written import declared, shown

from netc.language.declarations import HostDeclaration, InventoryDeclaration


def test_a_file_declares_includes_profiles_and_hosts_in_order() -> None:
    declarations, diagnostics = declared(
        'include "a.net"; include "b.net"\n'
        "profile edge { cpu { cores 1 } }\n"
        "profile big : edge, fast {}\n"
        "host a-[1..2].x : edge { goal dns { rtt 1ms } }\n"
        'hosts from "fleet.yaml" : big\n'
        "host bare\n"
    )
    assert not diagnostics
    assert [include.name for include in declarations.includes] == ["a.net", "b.net"]
    assert list(declarations.profiles) == ["edge", "big"]
    assert [parent.name for parent in declarations.profiles["big"].parents] == ["edge", "fast"]
    named, inventory, bare = declarations.hosts
    assert isinstance(named, HostDeclaration)
    assert (named.pattern, named.span.text) == ("a-[1..2].x", "a-[1..2].x")
    goal = named.section.section("goal", "dns")
    assert goal is not None
    assert goal.place == "a.net: host a-[1..2].x, goal dns"
    assert isinstance(inventory, InventoryDeclaration)
    assert inventory.file.name == "fleet.yaml"
    assert isinstance(bare, HostDeclaration)
    assert not bare.section.entries


@pytest.mark.parametrize(
    "text", ["host a : b, c {}", "host a: b,c {}", "host a :b ,c {}", "host a:b,c{}", "host a : b,\n  c {}"]
)
def test_profiles_may_stand_close_to_their_colon(text: str) -> None:
    declarations, diagnostics = declared(text)
    assert not diagnostics
    (host,) = declarations.hosts
    assert isinstance(host, HostDeclaration)
    assert host.pattern == "a"
    assert [(parent.name, parent.span.text) for parent in host.parents] == [("b", "b"), ("c", "c")]


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("include", "N0102", "include"),
        ("include a.net", "N0102", "include a.net"),
        ('include "a" "b"', "N0102", 'include "a" "b"'),
        ('include "a" {}', "N0102", 'include "a"'),
        (r'include "a\n"', "N0009", r'"a\n"'),
        ("profile", "N0102", "profile"),
        ("profile a.b {}", "N0115", "a.b"),
        ("profile a : {}", "N0102", "profile a :"),
        ("profile a b {}", "N0102", "profile a b"),
        ("profile a : b c {}", "N0102", "profile a : b c"),
        ("profile a : b, {}", "N0102", "profile a : b,"),
        ("host : b {}", "N0102", "host : b"),
        ('host "a" {}', "N0102", 'host "a"'),
        ("host a = b {}", "N0102", "host a = b"),
        ("hosts {}", "N0102", "hosts"),
        ("hosts from fleet.yaml", "N0102", "hosts from fleet.yaml"),
        ("hots a {}", "N0101", "hots"),
        ('"host" a {}', "N0101", '"host"'),
        ("nic a { mtu 1500 }", "N0101", "nic"),
        ("profile a {}\nprofile a {}", "N0135", "a"),
        ("host a { bogus 1 }", "N0103", "bogus"),
    ],
)
def test_a_declaration_that_is_wrong_is_told_at_its_place(text: str, code: str, place: str) -> None:
    assert shown(declared(text)[1]) == [(code, place)]


def test_the_nearest_word_is_named() -> None:
    assert declared("profil a {}")[1][0].help == ("did you mean `profile`?",)


def test_of_two_profiles_of_one_name_the_first_counts() -> None:
    declarations, (diagnostic,) = declared("profile a { cpu { cores 1 } }\nprofile a { cpu { cores 2 } }")
    assert diagnostic.labels[0].span.first == (1, 9)
    cpu = declarations.profiles["a"].section.section("cpu")
    assert cpu is not None
    cores = cpu.entry("cores")
    assert cores is not None
    assert cores.value == 1


def test_all_independent_mistakes_are_told() -> None:
    text = "hots a {}\ninclude x\nhost b { mtu 1 }\nprofile c { cpu { cores x } }\nhost d { nic e { quues 4 } }"
    found = declared(text)[1]
    assert [(d.code, d.span.first[0]) for d in found if d.span] == [
        ("N0101", 1),
        ("N0102", 2),
        ("N0104", 3),
        ("N0107", 4),
        ("N0103", 5),
    ]

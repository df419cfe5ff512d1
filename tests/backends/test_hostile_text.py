"""What users write reaches artifacts in comments alone, and what tools would act on never leaves them."""

from __future__ import annotations

import itertools
import json
import shlex
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planned import FULL, argument, manager, module, nic, option, plan, sysctl

from netc.backends import artifacts_of
from netc.backends.guards import Defect
from netc.backends.wording import WIDTH, comment
from netc.plan import Interface, Kind, Plan, Setting, Why
from netc.plan_json import from_json, to_json

NASTY = (
    'x\n$(touch /tmp/owned)\r\nRUN+="/bin/sh" %n %i `id` \'"\\\n'
    "options evil a=1\u2028net.evil = 1\u2029\u0085\x0b\x0c\x1b[31m\x00 end\\"
)


def nasty(plan: Plan, text: str) -> Plan:
    settings = tuple(replace(s, why=Why((text, "b"), text, text)) for s in plan.settings)
    return replace(plan, settings=settings, sources=(text,), layer_reason=text)


def bare(text: str) -> list[str]:
    """The lines of a file that are no comments."""
    return [line for line in text.split("\n") if not line.startswith("#")]


@pytest.mark.parametrize("text", [NASTY, "\\", "a\\", "", "\n", "#", "\ud800"])
def test_hostile_text_stays_in_comments(text: str) -> None:
    for plain, hostile in zip(artifacts_of(FULL), artifacts_of(nasty(FULL, text)), strict=True):
        assert (plain.path, plain.mode, plain.target) == (hostile.path, hostile.mode, hostile.target)
        hostile.text.encode()
        if hostile.path == "plan.json":
            continue
        if hostile.path.endswith("/etc/netc/files"):
            assert [line.split()[::2] for line in bare(plain.text)] == [
                line.split()[::2] for line in bare(hostile.text)
            ]
        elif hostile.path.endswith("/etc/netc/verify"):
            assert_words_differ_in_who_asked(bare(plain.text), bare(hostile.text))
        else:
            assert bare(plain.text) == bare(hostile.text)
        for line in hostile.text.split("\n"):
            assert not (line.startswith("#") and line.endswith("\\"))
            assert line.isprintable()


def assert_words_differ_in_who_asked(plain: list[str], hostile: list[str]) -> None:
    """The boot check says who asked: a word of the shell each, and all other words are the same."""
    for one, other in zip(plain, hostile, strict=True):
        words = zip(shlex.split(one), shlex.split(other), strict=True)
        assert {(a, b) for a, b in words if a != b and not (a.startswith(" (") and b.startswith(" ("))} == set()


def test_hostile_text_is_escaped_in_the_plan() -> None:
    text = to_json(nasty(FULL, NASTY))
    assert all(line.isprintable() for line in text.split("\n"))
    assert from_json(text) == nasty(FULL, NASTY)
    assert json.loads(text)["layer_reason"] == NASTY


@given(st.text())
def test_comments_are_printable_lines(text: str) -> None:
    for line in comment(text).split("\n"):
        assert line.startswith("#")
        assert line.isprintable()
        assert not line.endswith(("\\", " "))
        assert len(line) <= WIDTH or " " not in line[2:].removesuffix(" .")


BAD_SETTINGS = [
    argument("a b"),
    argument("a=$(id)"),
    argument('a="b"'),
    argument("a\n"),
    argument("a\\"),
    option("nf_conntrack.hashsize", "1 2"),
    option("nf_conntrack.hashsize", "1\n"),
    option("nf_conntrack", "1"),
    option("nf conntrack.hashsize", "1"),
    module("a\nb"),
    module("a b"),
    sysctl("net.core.a b", "1"),
    sysctl("net.core.a", "1\nnet.core.b = 2"),
    sysctl("net.core.a", "1\\"),
    sysctl("-net.core.a", "1"),
    sysctl("net.core.$name", "1", module="nf_conntrack"),
    sysctl("net.core.a", "1", module='a", RUN+="b'),
    manager("DefaultLimitNOFILE", "%h"),
    manager("DefaultLimit NOFILE", "1"),
    manager("DefaultLimitNOFILE", "1\n[Service]"),
]


@pytest.mark.parametrize("setting", BAD_SETTINGS, ids=lambda s: f"{s.key} {s.value}")
def test_settings_that_tools_would_misread_are_defects(setting: Setting) -> None:
    with pytest.raises(Defect):
        artifacts_of(plan(setting))


BAD_NIC_SETTINGS = [
    nic("n", "mtu", "9000; reboot"),
    nic("n", "ring.rx", "maximum"),
    nic("n", "channels.combined", "most"),
    nic("n", "offload.gro", "yes"),
    nic("n", "offload.$(id)", "on"),
    nic("n", "coalesce.rx-usecs", "50us"),
    nic("n", "priv-flags", "on"),
]


@pytest.mark.parametrize("setting", BAD_NIC_SETTINGS, ids=lambda s: f"{s.key} {s.value}")
def test_nic_settings_outside_the_tables_are_defects(setting: Setting) -> None:
    with pytest.raises(Defect):
        artifacts_of(plan(setting, interfaces=(Interface("n", "n0", pci="0000:18:00.0"),)))


BAD_INTERFACES = [
    Interface("n", "n0"),
    Interface("n", "n 0", pci="0000:18:00.0"),
    Interface("n/x", "n0", pci="0000:18:00.0"),
    Interface("n", "n0", pci="18:00.0"),
    Interface("n", "n0", pci='0000:18:00.0", RUN+="x'),
    Interface("n", "", mac="3c:fd:fe:9e:7a:10\nName=x"),
    Interface("n", "", path="pci *"),
    Interface("n", "", driver="a b", match_driver=True),
    Interface("n", "", vmbus="x"),
    Interface("n", "", match_name="a*"),
]


@pytest.mark.parametrize("interface", BAD_INTERFACES, ids=str)
def test_interfaces_that_tools_would_misread_are_defects(interface: Interface) -> None:
    with pytest.raises(Defect):
        artifacts_of(plan(nic("n", "mtu", "9000"), nic("n/x", "mtu", "9000"), interfaces=(interface,)))


def test_every_value_follows_its_reason() -> None:
    """The line before a value is a comment, the one that names who asked."""
    kinds = {Kind.SYSCTL, Kind.MODULE, Kind.MODULE_OPTION, Kind.MANAGER, Kind.NIC}
    values = {s.value or s.key for s in FULL.settings if s.kind in kinds}
    checked = 0
    for artifact in artifacts_of(FULL):
        if not artifact.path.endswith(".conf"):
            continue
        lines = artifact.text.splitlines()
        for before, line in itertools.pairwise(lines):
            if line and not line.startswith(("#", "[")):
                assert before.startswith("# asked by lb.net: "), artifact.path
                assert any(value in line for value in values)
                checked += 1
    assert checked == len([s for s in FULL.settings if s.kind in kinds - {Kind.NIC}])

"""Facts that are refused: with which code, where, in which words, and how soon."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netc import codes
from netc.diagnostics import Code, Report
from netc.hardware import yaml_nodes
from netc.hardware.reading import LocatedFacts, read_facts
from netc.hardware.schema import schema
from netc.source import Source


def read(text: str) -> tuple[list[LocatedFacts], Report]:
    report = Report()
    return read_facts(Source("host.yaml", text), report), report


REFUSED = [
    (codes.FACTS_NOT_YAML, "host: a\n  b: c\n", 2),
    (codes.FACTS_NOT_YAML, "host: a\n\tkernel: 6.1\n", 2),
    (codes.FACTS_NOT_YAML, "host: a\n\nkernel: '\n", 4),
    (codes.FACTS_NOT_YAML, "host: a\nkernel: \0\n", 2),
    (codes.FACTS_NOT_YAML, "host: a\nkernel: \ud800\n", 2),
    (codes.FACTS_NOT_PLAIN, "host: &name a\n", 1),
    (codes.FACTS_NOT_PLAIN, "host: a\nkernel: *k\n", 2),
    (codes.FACTS_NOT_PLAIN, "host: a\nkernel: !!python/name:os.system x\n", 2),
    (codes.FACTS_NOT_PLAIN, "&x [{host: a}]\n", 1),
    (codes.FACTS_TOO_LARGE, "host:\n  " + "[" * 30 + "]" * 30, 2),
    (codes.FACTS_TOO_LARGE, "".join(f"k{n}: 1\n" for n in range(65)), 65),
    (codes.FACT_KEY_TWICE, "host: a\nkernel: 6.1\nhost: b\n", 3),
    (codes.FACT_WRONG_SHAPE, "cpus: 64\n", 1),
    (codes.FACT_WRONG_SHAPE, "cpus:\n  - 64\n", 2),
    (codes.FACT_WRONG_SHAPE, "host: [a]\n", 1),
    (codes.FACT_WRONG_SHAPE, "nodes:\n- id: 0\n  hugepages: 4\n", 3),
    (codes.FACT_WRONG_SHAPE, "- host: a\n- b\n", 2),
    (codes.FACT_WRONG_SHAPE, "just text\n", 1),
    (codes.FACT_WRONG_SHAPE, "host: a\n[1, 2]: 3\n", 2),
    (codes.FACT_UNKNOWN_KEY, "host: a\ncpu: []\n", 2),
    (codes.FACT_UNKNOWN_KEY, "nics:\n- name: eth0\n  drivr: ice\n", 3),
    (codes.FACT_MISSING, "cpus:\n- node: 0\n", 2),
    (codes.FACT_MISSING, "- host: a\n- kernel: 6.1\n", 2),
    (codes.FACT_LISTED_TWICE, "cpus:\n- id: 0\n- id: 0\n", 3),
    (codes.FACT_LISTED_TWICE, "nics:\n- {name: eth0}\n- {}\n- {}\n- {name: eth0}\n", 5),
    (codes.FACT_LISTED_TWICE, "nodes:\n- id: 0\n  hugepages:\n    2MiB: 1\n    2048KiB: 1\n", 5),
    (codes.FACT_LEAVES_OUT_CPU, "cpus:\n- {id: 0}\n- {id: 1, l3: 0}\n", 3),
    (codes.FACT_UNKNOWN_CPU, "cpus:\n- {id: 0, siblings: 0-1}\n", 2),
    (codes.FACT_UNKNOWN_CPU, "possible: 0-1\ncpus:\n- {id: 2}\n", 3),
    (codes.FACT_UNKNOWN_NODE, "nodes: [{id: 0}]\ncpus:\n- {id: 0, node: 1}\n", 3),
    (codes.FACT_UNKNOWN_NODE, "nodes: [{id: 0}]\nnics:\n- node: 1\n", 3),
    (codes.FACT_WITHOUT_VALUE, "host: a\nnics:\n- driver:\n  name: eth0\n", 3),
    (codes.FACT_WITHOUT_VALUE, "host: a\nkernel: null\n", 2),
    (codes.FACTS_EMPTY, "", 1),
    (codes.FACTS_EMPTY, "# nothing\n", 1),
    (codes.FACTS_EMPTY, "---\n", 1),
    (codes.FACTS_EMPTY, "[]\n", 1),
    (codes.FACTS_SECOND_DOCUMENT, "host: a\n---\nhost: b\n", 2),
]


@pytest.mark.parametrize(("code", "text", "line"), REFUSED)
def test_refused(code: Code, text: str, line: int) -> None:
    entries, report = read(text)
    (finding,) = report
    assert finding.code == code.number
    assert finding.span is not None
    assert finding.span.first[0] == line
    assert len(entries) in (0, 1)


def test_every_code_is_refused_somewhere() -> None:
    defined = {c for c in vars(codes).values() if isinstance(c, Code) and "N0251" <= c.number <= "N0269"}
    assert defined == {code for code, _, _ in REFUSED} | {codes.FACT_INVALID}
    assert len({code.number for code in defined}) == len(defined)


@pytest.mark.parametrize(
    "line",
    [
        "host: a b\x0b",
        "host: a/b",
        "host: ''",
        "architecture: x86_64",
        "cpu_vendor: via",
        "kernel: 6",
        "tick: 0250",
        "tick: 0x10",
        "tick: 2_50",
        "tick: '250'",
        "tick: 1",
        "systemd: 252.4",
        "distribution: gentoo",
        "distribution: debian twelve",
        "possible: 3-1",
        "possible: 0-8192",
        "possible: ''",
        "possible: all",
        "cpus: [{id: -1}]",
        "cpus: [{id: 8192}]",
        "cpus: [{id: 0, online: on}]",
        "cpus: [{id: 0, online: 'true'}]",
        "nodes: [{id: 0, memory: 64}]",
        "nodes: [{id: 0, memory: 64Gbps}]",
        "nodes: [{id: 0, memory: 0.3B}]",
        "nodes: [{id: 0, memory: 99999999TiB}]",
        "nodes: [{id: 0, hugepages: {2: 1}}]",
        "nodes: [{id: 0, hugepages: {2MiB: -1}}]",
        "nics: [{name: eth0$}]",
        "nics: [{name: 'eth0\n\n'}]",
        'nics: [{name: "eth0\\n"}]',
        "nics: [{name: -eth0}]",
        "nics: [{name: sixteencharacters}]",
        "nics: [{role: a.b}]",
        "nics: [{driver: 'ice; reboot'}]",
        "nics: [{driver: ICE}]",
        "nics: [{pci: '0000:18:00.8'}]",
        "nics: [{pci: '0000:18:20.0'}]",
        "nics: [{mac: '3c:fd:fe:9e:7a'}]",
        "nics: [{mac: '01:00:5e:00:00:01'}]",
        "nics: [{mac: 3c-fd-fe-9e-7a-10}]",
        "nics: [{node: -1}]",
        "nics: [{speed: 25000}]",
        "nics: [{channels: 0}]",
        "nics: [{rss_table: many}]",
        "nics: [{iommu_group: 1.5}]",
        'nics: [{interrupts: [{number: 1, name: "a\\nb"}]}]',
        "nics: [{interrupts: [{number: 1, name: é}]}]",
    ],
)
def test_invalid_values(line: str) -> None:
    entries, report = read(line)
    (finding,) = report
    assert finding.code in {codes.FACT_INVALID.number, codes.FACTS_NOT_YAML.number}
    assert entries == []


@pytest.mark.parametrize(
    ("text", "message", "helps"),
    [
        (
            "cpu: 1",
            "`cpu` is not a fact of a machine",
            ("did you mean `cpus`?",),
        ),
        (
            "architecture: x86_64",
            "`x86_64` is invalid as `architecture`: it takes `x86-64` or `arm64`",
            ("write `x86-64`",),
        ),
        (
            "nics: [{node: -1}]",
            "`-1` is invalid as `node`: it takes the number of a NUMA node",
            ("leave the key out when the value is not known, which is what the kernel means by -1",),
        ),
        (
            "possible: 3-1",
            "`3-1` is invalid as `possible`: `3-1` runs backwards",
            ("correct the value, or leave `possible` out where it is not known",),
        ),
        ("cpus: 3", "`cpus` holds a single value where a list belongs", ("`netc probe` writes the form",)),
        ("cpus: [{node: 3}]", "a CPU has no `id`", ("add `id`",)),
    ],
)
def test_messages(text: str, message: str, helps: tuple[str, ...]) -> None:
    (finding,) = read(text)[1]
    assert (finding.message, finding.help) == (message, helps)


def test_all_findings_in_one_run() -> None:
    entries, report = read("- host: a\n  tick: x\n  nics: [{nod: 1}]\n- host: b\n- host: c\n  kernel: x\n")
    assert [finding.code for finding in report] == ["N0258", "N0256", "N0258"]
    assert [entry.facts.host for entry in entries] == ["b"]


def test_reading_stops_among_nothing_but_findings() -> None:
    _, report = read("".join("- host: a/b\n" for _ in range(5000)))
    assert len(report) == yaml_nodes.MOST_FINDINGS


HOSTILE = {
    "aliases": "a: &a [x,x]\n" + "".join(f"{c}: &{c} [*a,*a,*a,*a]\n" for c in "bcdefgh"),
    "a long line": "host: " + "a" * 10_000_000,
    "a long line of brackets": "[" * 10_000_000,
    "brackets": "[" * 100_000,
    "braces": "{a: " * 100_000,
    "dashes": "- " * 100_000,
    "question marks": "? " * 100_000,
    "blank lines": "\n" * 10_000_000,
    "keys": "".join(f"k{n}: 1\n" for n in range(200_000)),
    "a large file": ("#" * 99 + "\n") * 400_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_at_once(name: str) -> None:
    start = time.process_time()
    entries, report = read(HOSTILE[name])
    assert time.process_time() - start < 20
    assert entries == []
    assert report.failed


KEYS = sorted({key for part in schema()["$defs"].values() for key in part.get("properties", ())})
WORDS = st.sampled_from([*KEYS, *":-,{}[]&*!|>'\"#%@`?", "---", "...", "2MiB", "0", "6.10", "true", "null", "~"])
BREAKS = st.sampled_from([" ", " ", "\n", "\n  ", "\t", ""])


@given(st.one_of(st.text(max_size=200), st.lists(WORDS | BREAKS, max_size=40).map(" ".join)))
def test_any_text_gives_facts_or_findings(text: str) -> None:
    entries, report = read(text)
    assert entries or report.failed
    for finding in report:
        assert finding.span is not None
        assert 0 <= finding.span.start <= finding.span.end <= len(text)
    for entry in entries:
        assert entry.span_of("host").end <= len(text)

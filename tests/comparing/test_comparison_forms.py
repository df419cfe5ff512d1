"""The forms of a comparison: to the letter, within their bounds, and harmless whatever stands in a plan.

NETC_UPDATE=1 writes the goldens anew; read the diff.
"""

from __future__ import annotations

import json
import os
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from compared import compared, fleets
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt

from netc import shipped
from netc.comparing import as_json, html, markdown, text
from netc.comparing.contents import Content
from netc.comparing.fleets import Comparison
from netc.comparing.text import Look
from netc.plan import Interface, Kind, Plan, Setting, Target, Why
from netc.render.visible import visible
from running import netc, netc_process

FOLDER = Path(__file__).parent
GOLDEN = FOLDER / "golden"
EXAMPLES = sorted((FOLDER.parents[1] / "examples").glob("*.net"))
HOSTILE = (
    "a|b`c`<script>alert(1)</script><!--\n\n- [x](http://e.example) **b** @all &lt; \x1b[31m ]]> ``` --> $(x) "
    "\u202e www.e.example"
)


@pytest.fixture(scope="module")
def golden() -> Comparison:
    found = compared(GOLDEN / "old.net", GOLDEN / "new.net")
    return Comparison("old.net", "new.net", found.groups, found.added, found.removed, found.alike, found.settings)


FORMS = {
    "diff.txt": lambda found: text.render(found, Look(files=True)),
    "diff.md": markdown.render,
    "diff.json": as_json.render,
}


@pytest.mark.parametrize("name", FORMS)
def test_form(name: str, golden: Comparison) -> None:
    found = FORMS[name](golden)
    path = GOLDEN / name
    if os.environ.get("NETC_UPDATE") == "1":
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text(encoding="utf-8")


def valid(data: Any) -> bool:
    schema = json.loads(shipped.read("netc.comparing", "diff.schema.json"))
    Draft202012Validator.check_schema(schema)
    return bool(Draft202012Validator(schema).is_valid(data))


def test_json_keeps_to_its_schema(golden: Comparison) -> None:
    data = json.loads(as_json.render(golden))
    assert valid(data)
    data["groups"][0]["changes"][0]["unknown"] = 1
    assert not valid(data)


def test_colour_is_for_terminals(golden: Comparison) -> None:
    plain, coloured = (text.render(golden, Look(colour=colour)) for colour in (False, True))
    assert "\x1b" not in plain
    assert "\x1b[1;31m  ! lockout" in coloured


@pytest.mark.parametrize("width", [60, 80, 132])
def test_text_fits_the_terminal(width: int, golden: Comparison) -> None:
    lines = text.render(golden, Look(width)).splitlines()
    # A name and an effect stand in one line whatever the width, with 16 columns for values.
    assert [line for line in lines if len(line) > max(width, 90)] == []


def isolating(cpus: str) -> Plan:
    target = Target("debian", "12", "6.1", 252, 250, "x86-64", "grub", "none", "none", 4096)
    argument = f"isolcpus=managed_irq,domain,{cpus},40-47"
    isolated = Setting(Kind.KERNEL_ARGUMENT, argument, "", Why(("a.net: host x, isolate",), "isolate", "asked for"))
    return Plan("x", ("a.net",), target, "kernel", "", (), (isolated,))


def test_of_long_values_what_differs_is_shown() -> None:
    found = fleets([(isolating("4-8,20-24"), isolating("4-10,20-26"))])
    (line,) = (each for each in text.render(found, Look(width=80)).splitlines() if "isolcpus" in each)
    assert " …4-8,20-24… → …4-10,20-26… " in line


def test_the_page_asks_for_nothing(golden: Comparison) -> None:
    page = html.render(golden)
    assert "default-src 'none'" in page
    tags = Tags()
    tags.feed(page)
    assert {name for _, attributes in tags.found for name in attributes} & {"src", "href", "onclick", "action"} == set()
    assert [name for name, _ in tags.found].count("svg") == 2
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")


class Tags(HTMLParser):
    """The elements of a text, and its words."""

    def __init__(self, text: str = "") -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def hostile_plan(host: str, number: int, side: str) -> Plan:
    why = Why((f"{HOSTILE}: host {host}, set k",), HOSTILE, f"{HOSTILE} {side} {number}")
    settings = [
        Setting(Kind.SYSCTL, f"net.{HOSTILE}.{number}.{k}", f"{HOSTILE * 3} {side}", why) for k in range(number % 6 + 1)
    ]
    target = Target(HOSTILE, side, "6.1", 252, 250, "x86-64", "grub", "none", "none", 4096)
    nic = Interface(f"n{HOSTILE}", "", driver=HOSTILE + side, match_name=HOSTILE)
    return Plan(host, ("a.net",), target, "kernel", HOSTILE, (nic,), tuple(settings))


def hostile(count: int) -> Comparison:
    """Hosts of which no two change alike, each with names that mean something everywhere."""
    names = [f"{HOSTILE}{'x' * (n % 7)}{n}" for n in range(count)]
    pairs = [(hostile_plan(name, n, "old"), hostile_plan(name, n, "new")) for n, name in enumerate(names)]
    return fleets(pairs, files={"rootfs/etc/x": Content(f"{HOSTILE}\n".encode())})


def test_markdown_fits_a_comment_whatever_the_fleet() -> None:
    found = hostile(1000)
    assert len(found.groups) == 1000
    report = markdown.render(found)
    assert 30_000 < len(report) < len(report.encode()) <= markdown.MOST
    left_out = sum(1 for group in found.groups if f"{len(group.hosts)}" and visible(group.hosts[0]) not in report)
    assert left_out == 0 or "No room here for" in report


def test_markdown_of_one_huge_entry_fits_too() -> None:
    why = Why(("a.net: host x, set k",), "written", "x")
    target = Target("debian", "12", "6.1", 252, 250, "x86-64", "grub", "none", "none", 4096)
    sides = [
        Plan(
            "x",
            ("a.net",),
            target,
            "kernel",
            "",
            (),
            tuple(Setting(Kind.SYSCTL, f"a.k{n}", v * 99, why) for n in range(3000)),
        )
        for v in "12"
    ]
    report = markdown.render(fleets([(sides[0], sides[1])], files={}))
    assert len(report.encode()) <= markdown.MOST
    assert "rows more" in report


def test_hostile_words_mean_nothing_in_markdown() -> None:
    """Read by a parser of its own: only netc's elements are there, no links, no emphasis, no list of theirs."""
    report = markdown.render(hostile(1))
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(report)
    kinds = {token.type for token in tokens}
    assert kinds <= {"heading_open", "heading_close", "paragraph_open", "paragraph_close", "inline", "html_block"} | {
        *("bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close", "fence")
    }
    inline = {child.type for token in tokens for child in token.children or ()}
    assert inline <= {"text", "softbreak", "text_special"}
    tags = Tags("".join(token.content for token in tokens if token.type == "html_block"))
    allowed = {"h3", "code", "table", "tr", "th", "td", "br", "b", "p", "details", "summary"}
    assert {name for name, _ in tags.found} <= allowed
    assert {key for _, attributes in tags.found for key in attributes} <= {"colspan"}
    assert any(visible(HOSTILE) in words for words in tags.words)


def test_hostile_words_mean_nothing_in_the_page() -> None:
    tags = Tags(html.render(hostile(1)))
    assert [name for name, _ in tags.found].count("script") == 1
    assert not any(name in ("a", "img", "iframe", "b") for name, _ in tags.found)
    # Line breaks stay, since HTML reads them as blanks.
    assert any("<script>alert(1)</script><!--" in words for words in tags.words)


def test_hostile_words_mean_nothing_in_a_terminal() -> None:
    report = text.render(hostile(3), Look(files=True))
    assert all(line.isprintable() for line in report.splitlines())


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_nothing_differs_from_itself(example: Path) -> None:
    done = netc("diff", example, example)
    assert done.status == 0, done.out
    assert "nothing differs" in done.out


FLEET = """
profile web {{
    system {{ distribution debian 12; memory 64GiB }}
    cpu {{ sockets 1; cores 16; threads 2 }}
    nic up {{ match path pci-0000:18:00.0; driver i40e; speed 10Gbps; vectors 64 }}
    goal web-server {{ connections 200k; connection-rate {rate}; flow 200Mbps; rtt 150ms }}
}}
host web-[0001..1000].example.net : web
"""
STATEMENT = "fleet.net: profile web, goal web-server, connection-rate"


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fleet of 1,000 hosts, and the same with one number changed in a profile."""
    folder = tmp_path_factory.mktemp("fleet")
    for name, rate in (("before", "60k/s"), ("after", "90k/s")):
        (folder / name).mkdir()
        (folder / name / "fleet.net").write_text(FLEET.format(rate=rate), encoding="utf-8")
    return folder


def test_one_number_for_a_thousand_hosts_is_one_screen(fleet: Path) -> None:
    done = netc_process("diff", "before/fleet.net", "after/fleet.net", cwd=fleet, COLUMNS="80")
    assert done.status == 4
    assert f"{STATEMENT}: 60k/s → 90k/s" in done.out
    assert "web-[0001..1000].example.net (1,000 hosts)" in done.out
    assert "net.core.somaxconn" in done.out
    assert len(done.out.splitlines()) <= 24


def test_one_number_for_a_thousand_hosts_is_one_comment(fleet: Path) -> None:
    done = netc("diff", fleet / "before", fleet / "after", "--format", "markdown")
    assert done.status == 4
    assert len(done.out) < 6000
    assert f"{STATEMENT}: 60k/s → 90k/s" in done.out


def test_the_same_comparison_is_the_same_bytes(fleet: Path) -> None:
    reports = {
        netc_process("diff", "before", "after", "--format", "html", cwd=fleet, PYTHONHASHSEED=seed).out for seed in "12"
    }
    assert len(reports) == 1

"""`netc draw`: what a picture shows, read back from the SVG by a parser of its own, and what the command answers."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from netc import pipeline
from netc.cpulist import CpuSet
from netc.diagnostics import Report
from netc.drawing import picture
from netc.drawing.palette import COLOURS, PORTS
from netc.placement import placements
from netc.resolving.files import Files
from running import netc

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from netc.model import Host

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.net"))
SVG = "{http://www.w3.org/2000/svg}"


def nics(count: int, *nodes: int | None, more: str = "") -> str:
    lines = []
    for number in range(count):
        node = nodes[number % len(nodes)]
        place = "" if node is None else f"; node {node}"
        name = f"port{number} {{ match pci 0000:{number + 1:02x}:00.0; driver ice; speed 100Gbps; vectors 64"
        lines.append(f"nic {name}{place}{more} }}")
    return "\n".join(lines)


CROSSING = """
cpu { sockets 2; cores 8; threads 2; housekeeping 0,16; isolate 4-7,20-23; offline 31 }
nic front { match pci 0000:18:00.0; driver ice; node 0; vectors 64; queues 8; irq { cpus 1-3,8-12 } }
nic admin { match pci 0000:01:00.0; driver igb; node 0; queues 1; management }
nic lost { match pci 0000:02:00.0; driver i40e; vectors 8; queues 4 }
nic fast { match pci 0000:87:00.0; driver ice; node 1; dpdk }
dpdk "testpmd.service" { nics fast; lcores 4-7,13-15 }
"""
HOSTS = {
    "one": "cpu { sockets 1; cores 1 }",
    "four": f"cpu {{ sockets 1; cores 4 }}\n{nics(2, 0, more='; queues 4')}",
    "thirty-three": f"cpu {{ node 0 {{ cpus 0-32 }} }}\n{nics(1, 0)}",
    "two-sockets": "cpu { sockets 2; cores 64; threads 2; housekeeping 1 core per node }\n"
    + nics(4, 0, 1, more="; queues 16"),
    "odd": f"cpu {{ node 0 {{ cpus 0-256 }} }}\n{nics(2, 0, more='; queues 32')}",
    "eight-nodes": f"cpu {{ sockets 2; cores 64; threads 2; nodes 8; offline 127,255 }}\n{nics(16, *range(8))}",
    "many-ports": f"cpu {{ sockets 1; cores 4; threads 2 }}\n{nics(30, 0, more='; queues 8')}",
    "many-threads": f"cpu {{ sockets 2; cores 10; threads 8; numbering threads-first }}\n{nics(2, 0, 1)}",
    "interleaved": f"cpu {{ sockets 2; cores 8; threads 2; numbering node-interleaved }}\n{nics(2, 0, 1)}",
    "sockets-in-node": f"cpu {{ sockets 4; cores 4; nodes 2 }}\n{nics(2, 0, 1)}",
    "gaps": f"cpu {{ node 1 {{ cpus 0-3 }}; node 5 {{ cpus 8-11 }}; node 7 {{ memory 4GiB }} }}\n{nics(2, 1, 5)}",
    "crossing": CROSSING,
}


def host_of(folder: Path, body: str, name: str = "h.example.net", *, faulty: bool = False) -> Host:
    path = folder / "host.net"
    path.write_text(f"host {name} {{\nsystem {{ distribution debian 12 }}\n{body}\n}}\n")
    report = Report()
    run = pipeline.load([str(path)], Files(Files.common_base([str(path)])), report)
    (host,) = list(pipeline.hosts(run))
    assert report.failed == faulty, list(report)
    return host


def drawn(host: Host) -> Element:
    return ElementTree.fromstring(picture(host, {}))


def parts(root: Element, kind: str) -> list[Element]:
    return [element for element in root.iter(f"{SVG}g") if element.get("class") == kind]


def shown(root: Element) -> list[str]:
    """Every line of text a reader sees."""
    return [text.text or "" for text in root.iter(f"{SVG}text")]


@pytest.fixture(params=HOSTS)
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Host:
    return host_of(tmp_path, HOSTS[request.param])


# What is in the picture.


def test_every_cpu_stands_there_once_at_its_node_and_core(host: Host) -> None:
    topology = host.topology
    assert topology is not None
    cpus = parts(drawn(host), "cpu")
    assert sorted(int(cpu.attrib["data-cpu"]) for cpu in cpus) == list(topology.possible)
    for cpu in cpus:
        number = int(cpu.attrib["data-cpu"])
        assert cpu.get("data-node") == str(topology.node_of(number))
        assert number in CpuSet.parse(cpu.attrib["data-core"])
        assert CpuSet.parse(cpu.attrib["data-core"]) in topology.cores
        assert ("offline" in cpu.get("data-roles", "")) == (number not in topology.online)
        texts = [text.text for text in cpu.iter(f"{SVG}text")]
        assert str(number) in texts


def test_every_queue_is_joined_to_the_cpu_that_serves_it(host: Host) -> None:
    check_queues(host)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_queues_of_the_examples_too(path: Path) -> None:
    run = pipeline.load([str(path)], Files(Files.common_base([str(path)])), Report())
    check_queues(next(pipeline.hosts(run)))


def check_queues(host: Host) -> None:
    topology = host.topology
    assert topology is not None
    root = drawn(host)
    found = {}
    for wire in parts(root, "join"):
        for queue in wire.get("data-queues", "").split():
            assert (wire.attrib["data-nic"], int(queue)) not in found
            found[wire.attrib["data-nic"], int(queue)] = wire
    wanted = {
        (nic, queue): placed.cpu_of(queue)
        for nic, placed in placements(host).items()
        for queue in range(placed.queues or 0)
    }
    assert {key: int(wire.attrib["data-cpus"]) for key, wire in found.items()} == wanted
    crossings = dict.fromkeys((nic.name for nic in host.nics), 0)
    for (name, number), wire in found.items():
        told = next(known.node for known in host.nics if known.name == name)
        away = told is not None and topology.node_of(wanted[name, number]) != told.value
        assert wire.get("data-crossing") == ("yes" if away else "no")
        assert ("crossing" in wire[-1].attrib["class"]) == away
        crossings[name] += away
    assert {port.attrib["data-nic"]: int(port.attrib["data-crossings"]) for port in parts(root, "port")} == crossings


def test_crossings_stand_out_and_are_counted(tmp_path: Path) -> None:
    root = drawn(host_of(tmp_path, CROSSING))
    texts = shown(root)
    assert "5 of 13 queues are served on another node than the NIC's; 1 NIC of DPDK has lcores on another node" in texts
    assert "5 of 8 queues on another node" in texts
    assert "4 of 7 lcores on another node" in texts
    style = root.findtext(f"{SVG}style") or ""
    assert ".wire.crossing{stroke-width:3;stroke-dasharray:8 4;" in style
    assert "crossing: the CPU is on another node than the NIC" in texts


def test_without_crossings_the_picture_says_so(tmp_path: Path) -> None:
    root = drawn(host_of(tmp_path, HOSTS["two-sockets"]))
    assert "Every queue is served on the node of its NIC" in shown(root)
    assert not [text for text in shown(root) if "crossing" in text]


def test_a_port_of_dpdk_is_joined_to_its_lcores_as_a_group(tmp_path: Path) -> None:
    wires = [wire for wire in parts(drawn(host_of(tmp_path, CROSSING)), "join") if wire.get("data-nic") == "fast"]
    assert all(wire.get("data-queues") is None for wire in wires)
    joined = [int(cpu) for wire in wires for cpu in wire.attrib["data-cpus"].split()]
    assert sorted(joined) == [4, 5, 6, 7, 13, 14, 15]
    far = [wire.attrib["data-cpus"] for wire in wires if wire.get("data-crossing") == "yes"]
    assert " ".join(far).split() == ["4", "5", "6", "7"]


def test_neighbouring_lcores_have_one_wire(tmp_path: Path) -> None:
    fast = 'nic fast { match pci 0000:87:00.0; driver ice; dpdk }\ndpdk "a.service" { nics fast; lcores 2-5,7 }'
    admin = "nic admin { match pci 0000:01:00.0; driver igb; management }"
    body = f"cpu {{ sockets 1; cores 8 }}\n{fast}\n{admin}"
    wires = [wire for wire in parts(drawn(host_of(tmp_path, body)), "join") if wire.get("data-nic") == "fast"]
    assert [wire.attrib["data-cpus"] for wire in wires] == ["2 3 4 5", "7"]


def test_ports_stand_at_their_node_or_outside_of_all(tmp_path: Path) -> None:
    root = drawn(host_of(tmp_path, CROSSING))
    at = {
        port.get("data-nic"): place.get("data-node") for place in parts(root, "place") for port in parts(place, "port")
    }
    assert at == {"lost": None, "front": "0", "admin": "0", "fast": "1"}
    assert "node not known" in shown(root)
    alone = drawn(host_of(tmp_path, f"cpu {{ sockets 1; cores 4 }}\n{nics(1, None)}"))
    assert [place.get("data-node") for place in parts(alone, "place") if parts(place, "port")] == ["0"]


def test_roles_have_a_word_and_a_pattern_each(tmp_path: Path) -> None:
    root = drawn(host_of(tmp_path, CROSSING))
    cpus = {int(cpu.attrib["data-cpu"]): cpu for cpu in parts(root, "cpu")}
    patterns = {pattern.get("id") for pattern in root.iter(f"{SVG}pattern")}
    for number, role, word in ((0, "housekeeping", "house"), (20, "isolated", "isol"), (4, "dpdk", "dpdk")):
        assert cpus[number].attrib["data-roles"].split()[0] == role
        assert word in [text.text for text in cpus[number].iter(f"{SVG}text")]
        fills = [rectangle.get("fill") for rectangle in cpus[number].iter(f"{SVG}rect")]
        assert f"url(#netc-{role})" in fills
        assert f"netc-{role}" in patterns
    assert "off" in [text.text for text in cpus[31].iter(f"{SVG}text")]
    about = cpus[0].findtext(f"{SVG}title") or ""
    assert about.split("\n") == [
        "CPU 0",
        "sibling of CPU 16",
        "node 0, socket 0",
        "housekeeping (host.net: host h.example.net, cpu, housekeeping)",
        "serves queue 0 of admin",
    ]


def test_sockets_come_from_arithmetic_or_facts(tmp_path: Path) -> None:
    def sockets(host: Host) -> dict[str, set[int]]:
        found: dict[str, set[int]] = {}
        for cpu in parts(drawn(host), "cpu"):
            found.setdefault(cpu.get("data-socket", "?"), set()).add(int(cpu.attrib["data-cpu"]))
        return found

    assert sockets(host_of(tmp_path, "cpu { sockets 2; cores 2; threads 2 }")) == {"0": {0, 1, 4, 5}, "1": {2, 3, 6, 7}}
    body = "cpu { sockets 2; cores 2; nodes 4; numbering node-interleaved }"
    assert sockets(host_of(tmp_path, body)) == {"0": {0, 1}, "1": {2, 3}}
    assert sockets(host_of(tmp_path, "cpu { node 0 { cpus 0-3 } }")) == {"?": {0, 1, 2, 3}}
    cpus = "\n".join(f"  - {{id: {n}, node: 0, socket: {n % 2 * 3}, core: {n}}}" for n in range(4))
    (tmp_path / "f.yaml").write_text(f"cpus:\n{cpus}\nnodes:\n  - {{id: 0}}\n")
    assert sockets(host_of(tmp_path, 'hardware "f.yaml"')) == {"0": {0, 2}, "3": {1, 3}}


def test_cores_that_share_a_cache_are_framed(tmp_path: Path) -> None:
    cpus = "\n".join(f"  - {{id: {n}, node: 0, l3: '{n // 4 * 4}-{n // 4 * 4 + 3}'}}" for n in range(8))
    (tmp_path / "f.yaml").write_text(f"cpus:\n{cpus}\nnodes:\n  - {{id: 0}}\n")
    assert shown(drawn(host_of(tmp_path, 'hardware "f.yaml"'))).count("L3") == 2


def test_a_cpu_with_many_queues_counts_them(tmp_path: Path) -> None:
    body = f"cpu {{ sockets 1; cores 2 }}\n{nics(6, 0, more='; queues 2')}"
    root = drawn(host_of(tmp_path, body))
    assert shown(root).count("×6") == 2
    marks = [text.text for text in parts(root, "cpu")[0].iter(f"{SVG}text")]
    assert len(marks) == 5
    assert marks[3:] == ["+3", "0"]


def test_rps_is_told(tmp_path: Path) -> None:
    host = host_of(tmp_path, HOSTS["four"])
    root = ElementTree.fromstring(picture(host, {"port1": "2-3"}))
    assert "RPS hands packets to CPUs 2-3" in shown(root)
    told = [cpu.findtext(f"{SVG}title") or "" for cpu in parts(root, "cpu")]
    assert ["takes packets of port1 (RPS)" in text for text in told] == [False, False, True, True]


# How it is drawn.


def boxes(root: Element, kind: str) -> list[tuple[int, int, int, int]]:
    """Left, top, right and bottom of the first rectangle of each part."""
    found = []
    for part in parts(root, kind):
        rectangle = part.find(f"{SVG}rect")
        assert rectangle is not None
        x, y, width, height = (int(rectangle.attrib[name]) for name in ("x", "y", "width", "height"))
        found.append((x, y, x + width, y + height))
    return found


def overlap(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


Piece = tuple[int, int, int, int]


def strokes(wire: Element) -> Iterator[Piece]:
    """The straight pieces of a wire, as boxes."""
    for path in wire.iter(f"{SVG}path"):
        numbers = [int(number) for number in re.findall(r"\d+", path.attrib["d"])]
        points = list(zip(numbers[::2], numbers[1::2], strict=True))
        for (x, y), (to_x, to_y) in itertools.pairwise(points):
            yield min(x, to_x), min(y, to_y), max(x, to_x), max(y, to_y)


def test_nothing_covers_anything_else(host: Host) -> None:
    root = drawn(host)
    width, height = int(root.attrib["width"]), int(root.attrib["height"])
    cpus, ports, places = boxes(root, "cpu"), boxes(root, "port"), boxes(root, "place")
    for one, other in itertools.combinations([*cpus, *ports], 2):
        assert not overlap(one, other)
    for box in [*cpus, *ports]:
        inside = [place for place in places if overlap(box, place)]
        assert len(inside) == 1
        (place,) = inside
        assert place[0] < box[0] and place[1] < box[1] and box[2] < place[2] and box[3] < place[3]
    for place in places:
        assert place[0] > 0 and place[1] > 0 and place[2] < width and place[3] < height
    for stroke in {stroke for wire in parts(root, "join") for stroke in strokes(wire)}:
        assert not [box for box in [*cpus, *ports] if overlap(stroke, box)]


def test_wires_of_two_ports_never_lie_on_each_other(host: Host) -> None:
    """Where very many end at one CPU they end at one point: there only the way to it counts."""
    root = drawn(host)
    cores = min(box[0] for box in boxes(root, "cpu")) if len(host.nics) > 16 else int(root.attrib["width"])
    pieces: dict[Piece, set[str]] = {}
    for wire in parts(root, "join"):
        for piece in strokes(wire):
            if max(piece[2] - piece[0], piece[3] - piece[1]) > 8:
                pieces.setdefault(piece, set()).add(wire.attrib["data-nic"] + wire.attrib["data-crossing"])
    for (one, its), (other, others) in itertools.combinations(pieces.items(), 2):
        if its != others or len(its) > 1:
            along = one[1] == one[3] == other[1] == other[3] and one[0] < other[2] and other[0] < one[2]
            down = one[0] == one[2] == other[0] == other[2] < cores and one[1] < other[3] and other[1] < one[3]
            assert not along and not down, (its, others)


def test_text_fits_into_its_box(host: Host) -> None:
    """By the width of letters that all monospaced fonts keep to, 0.602 of their size at most."""
    sizes = {"badge-text": 10, "number": 12, "word": 9, "count-text": 9, "name": 13}
    for part in [*parts(drawn(host), "cpu"), *parts(drawn(host), "port")]:
        rectangle = part.find(f"{SVG}rect")
        assert rectangle is not None
        left, width = int(rectangle.attrib["x"]), int(rectangle.attrib["width"])
        for text in part.iter(f"{SVG}text"):
            kinds = text.attrib["class"].split()
            size = next((size for kind, size in sizes.items() if kind in kinds), 11)
            long, x = len(text.text or "") * size * 0.602, int(text.attrib["x"])
            begin = x - long / 2 if "middle" in kinds else x
            assert left <= begin and begin + long <= left + width, text.text


def test_there_are_colours_for_light_and_for_dark(tmp_path: Path) -> None:
    style = drawn(host_of(tmp_path, HOSTS["four"])).findtext(f"{SVG}style") or ""
    light, dark = style.split("@media (prefers-color-scheme:dark)")
    rules = re.compile(r"([^\s{}]+)\{(fill|stroke):#[0-9a-f]{6}\}")
    assert rules.findall(light) == rules.findall(dark)
    assert "var(" not in style


def luminance(colour: str) -> float:
    """WCAG 2.1, relative luminance."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_text_and_lines_can_be_told_from_what_is_behind(dark: bool) -> None:
    def colour(kind: str, name: str) -> str:
        (found,) = [c for selector, key, c in COLOURS if kind in selector.split(",") and key == name]
        return found[dark]

    page, panel, box = colour(".page", "fill"), colour(".panel", "fill"), colour(".cell", "fill")
    for behind in (page, panel, box):
        for kind in (".text", ".quiet", ".warning"):
            assert contrast(colour(kind, "fill"), behind) >= 4.5, (kind, behind)
    for role in (".dpdk", ".isolated", ".housekeeping", ".offline"):
        assert contrast(colour(".text", "fill"), colour(role, "fill")) >= 4.5, role
    for marks, name in ((".dpdk-marks", "stroke"), (".isolated-marks", "stroke"), (".housekeeping-marks", "fill")):
        assert contrast(colour(".text", "fill"), colour(marks, name)) >= 4.5, marks
    for port in PORTS:
        assert contrast(port[dark], page) >= 4.5
        assert contrast(port[dark], panel) >= 3
    for kind in (".core", ".group"):
        assert contrast(colour(kind, "stroke"), panel) >= 3, kind


def test_the_picture_needs_and_runs_nothing(host: Host) -> None:
    text = picture(host, {})
    root = ElementTree.fromstring(text)
    names = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert names <= {"svg", "title", "desc", "style", "defs", "pattern", "circle", "path", "rect", "text", "g"}
    assert not [name for element in root.iter() for name in element.attrib if name.startswith("on") or "href" in name]
    assert set(re.findall(r"url\((.)", text)) <= {"#"}
    assert "@import" not in text
    assert text.isascii()
    assert root.get("role") == "img"
    told = {element.get("id"): element.text for element in root if element.get("id")}
    assert set((root.get("aria-labelledby") or "").split()) == set(told)
    assert all(told.values())


HOSTILE = "]]><script>alert(1)</script>&amp;'\\\"\u202e\U0001f600" + "x" * 1000


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    body = f"""cpu {{ sockets 1; cores 4 }}
nic fast {{ match pci 0000:87:00.0; driver ice; dpdk }}
dpdk "{HOSTILE}" {{ nics fast; lcores 2-3 }}"""
    name = ".".join(letter * 60 for letter in "hijk")
    # No such name passes the checks: what is drawn is text all the same.
    text = picture(host_of(tmp_path, body, name, faulty=True), {})
    root = ElementTree.fromstring(text)
    assert "<script" not in text
    assert not list(root.iter(f"{SVG}script"))
    assert "\u202e" not in "".join(root.itertext())
    assert "".join(itertools.takewhile(lambda line: not line.startswith("debian"), shown(root))) == name
    (port,) = parts(root, "port")
    assert "]]><script>alert(1)" in (port.findtext(f"{SVG}title") or "")


# The command.

TWO = """host web-[1..2] {
    system { distribution debian 12 }
    cpu { sockets 1; cores 4 }
    nic up { match pci 0000:18:00.0; driver ice; vectors 4 }
}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "two.net").write_text(TWO)
    (tmp_path / "one.net").write_text(TWO.replace("web-[1..2]", "web-1"))
    (tmp_path / "wrong.net").write_text(TWO.replace("debian", "debain"))
    (tmp_path / "bare.net").write_text(TWO.replace("cpu { sockets 1; cores 4 }", ""))
    (tmp_path / "empty-node.net").write_text(TWO.replace("sockets 1; cores 4", "node 0 { memory 4GiB }"))
    return tmp_path


def test_the_picture_goes_to_standard_output_or_a_file(folder: Path) -> None:
    done = netc("draw", "one.net")
    assert (done.status, done.err) == (0, "")
    assert ElementTree.fromstring(done.out).tag == f"{SVG}svg"
    again = netc("draw", "one.net", "-o", "web.svg")
    assert (again.status, again.out, again.err) == (0, "", "")
    assert (folder / "web.svg").read_text() == done.out
    (folder / "web.svg").write_text("old")
    assert netc("draw", "-", "-o", "web.svg", given=(folder / "one.net").read_bytes()).status == 0
    assert "standard input" not in (folder / "web.svg").read_text().split("<style>")[0]


def test_of_several_hosts_the_first_is_drawn_and_named(folder: Path) -> None:
    done = netc("draw", "two.net")
    assert done.status == 0
    assert done.err == "netc: this is web-1, the first of 2 hosts; name another with --host\n"
    assert "web-1" in shown(ElementTree.fromstring(done.out))
    other = netc("draw", "two.net", "--host", "web-2")
    assert (other.status, other.err) == (0, "")
    assert "web-2" in shown(ElementTree.fromstring(other.out))
    assert json.loads(netc("draw", "two.net", "--diagnostics", "json").err) == []


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["wrong.net"], 1, "error[N0"),
        (
            ["bare.net"],
            2,
            "netc: nothing tells of the CPUs of web-1; write a `cpu` block, or `hardware` with its facts\n",
        ),
        (["empty-node.net"], 2, "netc: nothing tells of the CPUs of web-1;"),
        (["one.net", "--host", "db"], 2, "netc: no host fits `db`\n"),
        (["nowhere.net"], 2, "netc: cannot read `nowhere.net`: no such file or directory\n"),
    ],
)
def test_what_cannot_be_drawn_leaves_no_file(folder: Path, arguments: list[str], status: int, said: str) -> None:
    (folder / "there.svg").write_text("old")
    for name in ("new.svg", "there.svg"):
        done = netc("draw", *arguments, "-o", name)
        assert (done.status, done.out) == (status, "")
        assert said in done.err
    assert not (folder / "new.svg").exists()
    assert (folder / "there.svg").read_text() == "old"


@pytest.mark.parametrize(("name", "why"), [("no/x.svg", "no such file or directory"), (".", "is a directory")])
def test_an_output_that_cannot_be_written_is_named(folder: Path, name: str, why: str) -> None:
    done = netc("draw", "one.net", "-o", name)
    assert (done.status, done.out) == (2, "")
    assert done.err == f"netc: cannot write `{name}`: {why}\n"


def test_a_warning_is_told_and_drawn_all_the_same(folder: Path) -> None:
    (folder / "warned.net").write_text(TWO.replace("match pci 0000:18:00.0", "match driver ice"))
    done = netc("draw", "warned.net", "--host", "web-1")
    assert done.status == 0
    assert "warning[N" in done.err
    assert done.out
    assert netc("draw", "warned.net", "--strict").status == 1


def test_the_same_host_gives_the_same_bytes(folder: Path) -> None:
    (folder / "crossing.net").write_text(f"host h {{\nsystem {{ distribution debian 12 }}\n{CROSSING}\n}}\n")
    made = set()
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-m", "netc", "draw", "crossing.net"],
            env={**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": "C", "PYTHONUTF8": "0"},
            capture_output=True,
            check=True,
        )
        made.add(done.stdout)
    assert len(made) == 1
    shutil.move(folder / "crossing.net", folder / "moved.net")
    assert netc("draw", "moved.net").out.replace("moved.net", "crossing.net").encode() in made

"""What of `benchmarks.effect` needs no machine: its arithmetic, table and plot, its hosts and scripts."""

from __future__ import annotations

import json
import runpy
import socket
import struct
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from running import netc

if TYPE_CHECKING:
    from benchmarks.effect.results import Result

ROOT = Path(__file__).parent.parent
EFFECT = ROOT / "benchmarks/effect"
HOSTS = sorted(path.stem for path in (EFFECT / "hosts").glob("*.net"))
DOCS = ROOT / "docs"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT)


def storm_results() -> list[Result]:
    from benchmarks.effect.results import Result

    def runs(*values: float) -> list[dict[str, float]]:
        return [{"left_out": value, "seconds": value / 1000, "left_out_of_511": 5488} for value in values]

    return [
        Result("6.1", "default", "6.1.0-9-amd64", "tuned is off", runs(1903, 1900, 2000)),
        Result("6.1", "netc", "6.1.0-9-amd64", "9 promises", runs(950, 0, 1000)),
    ]


def test_a_ratio_is_of_medians_on_the_same_kernel() -> None:
    from benchmarks.effect.results import Result, figure

    default, compiled = results = storm_results()
    found = figure(results, compiled, "left_out")
    assert (found.median, found.least, found.most, found.ratio) == (950, 0, 1000, 950 / 1903)
    assert figure(results, default, "left_out").ratio == 1
    other = Result("6.12", "netc", "6.12.1", "", compiled.runs)
    assert figure([default, other], other, "left_out").ratio is None
    zero = Result("6.12", "default", "6.12.1", "", [{"left_out": 0}])
    assert figure([zero, other], other, "left_out").ratio is None


def test_results_are_read_as_they_were_written() -> None:
    from benchmarks.effect.results import as_text, read

    assert read(as_text("storm", storm_results())) == storm_results()


def test_the_table_has_median_spread_and_ratio() -> None:
    from benchmarks.effect.experiments import BY_NAME
    from benchmarks.effect.table import table

    lines = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in table(BY_NAME["storm"], storm_results()).splitlines()
    ]
    assert lines[0] == ["measure", "kernel", "default", "netc"]
    assert lines[2][1:] == ["6.1", "1,903 (1,900–2,000)", "950 (0–1,000) 0.50 ×"]
    assert lines[3][2:] == ["1.90 (1.90–2)", "0.95 (0–1) 0.50 ×"]
    assert lines[4][2:] == ["5,488 (5,488–5,488)", "5,488 (5,488–5,488) 1.00 ×"]


def test_the_plot_is_a_picture_of_the_medians() -> None:
    from benchmarks.effect.experiments import BY_NAME
    from benchmarks.effect.plot import plot

    text = plot(BY_NAME["storm"], storm_results())
    assert text == plot(BY_NAME["storm"], storm_results())
    picture = ElementTree.fromstring(text)
    bars = {
        kind: [float(each.get("width", "")) for each in picture.iter(f"{SVG}rect") if each.get("class") == kind]
        for kind in ("default", "netc", "track")
    }
    assert len(bars["default"]) == len(bars["netc"]) == 3
    assert bars["default"][0] == pytest.approx(bars["track"][0] * 1903 / 2000, abs=0.1)
    assert bars["netc"][0] == pytest.approx(bars["track"][0] * 950 / 2000, abs=0.1)
    assert "1,903" in [each.text for each in picture.iter(f"{SVG}text")]


def test_a_table_takes_the_place_of_the_former_one() -> None:
    from benchmarks.effect.pages import with_table

    page = "a\n<!-- table storm -->\n\nold\n\n<!-- end -->\nb\n<!-- table other -->\n<!-- end -->\n"
    changed = with_table(page, "storm", "| new |")
    assert changed == page.replace("old", "| new |")
    assert with_table(changed, "storm", "| new |") == changed
    # An empty place ends at its own comment.
    assert with_table(changed, "other", "| 1 |") == changed.replace("other -->\n", "other -->\n\n| 1 |\n\n")
    with pytest.raises(SystemExit, match="no one place for the table of long_path"):
        with_table(page, "long_path", "")


def test_list_and_files_agree() -> None:
    from benchmarks.effect.experiments import BY_NAME, EXPERIMENTS
    from benchmarks.virtual_machine.image import KERNELS

    assert sorted(BY_NAME) == HOSTS
    assert {path.stem for path in (EFFECT / "guest").glob("*.py")} >= BY_NAME.keys()
    assert len(EXPERIMENTS) == len(BY_NAME)
    for each in EXPERIMENTS:
        assert set(each.kernels) <= KERNELS.keys()
        assert len({measure.key for measure in each.measures}) == len(each.measures)


@pytest.mark.parametrize("name", HOSTS)
def test_its_hosts_compile_without_a_word(name: str, tmp_path: Path) -> None:
    from benchmarks.effect.experiments import BY_NAME

    done = netc("compile", EFFECT / f"hosts/{name}.net", "-o", tmp_path)
    assert (done.status, done.err) == (0, "")
    experiment = BY_NAME[name]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(map(experiment.host, experiment.kernels))


@pytest.mark.parametrize("name", HOSTS)
def test_scripts_import(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the machine they are run with their folder in the path; none does anything before `main` or `measure`."""
    monkeypatch.syspath_prepend(EFFECT / "guest")
    monkeypatch.delitem(sys.modules, "common", raising=False)
    assert runpy.run_path(str(EFFECT / f"guest/{name}.py"))["measure"]


@pytest.mark.parametrize("setting", ["default", "tuned", "netc"])
def test_what_is_laid_over_the_root(setting: str, tmp_path: Path) -> None:
    from benchmarks.effect.experiments import BY_NAME
    from benchmarks.effect.settings import HOSTS as SOURCES
    from benchmarks.effect.settings import lay
    from benchmarks.trees import compiled

    storm = BY_NAME["storm"]
    tree = tmp_path / "tree"
    assert lay(setting, storm, compiled(SOURCES / "storm.net", tmp_path) / storm.host("6.1"), tree) == ""
    masked = tree / "etc/systemd/system/tuned.service"
    assert masked.is_symlink() == (setting != "tuned")
    assert (tree / "etc/tuned/active_profile").exists() == (setting == "tuned")
    assert (tree / "etc/netc").exists() == (setting == "netc")
    assert (tree / "opt/netc-effect/storm.py").read_bytes() == (EFFECT / "guest/storm.py").read_bytes()


@pytest.mark.parametrize("path", sorted((DOCS / "effect").glob("*.json")), ids=lambda path: path.stem)
def test_the_page_shows_what_was_measured(path: Path) -> None:
    from benchmarks.effect.experiments import BY_NAME
    from benchmarks.effect.pages import shown, with_table
    from benchmarks.effect.plot import plot
    from benchmarks.effect.results import read

    experiment, results = BY_NAME[path.stem], read(path.read_text())
    assert path.with_suffix(".svg").read_text() == plot(experiment, results)
    page = (DOCS / "effect.md").read_text()
    assert page == with_table(page, experiment.name, shown(experiment, results))


def test_the_readme_sums_up_what_was_measured() -> None:
    from benchmarks.effect.pages import measured, with_table
    from benchmarks.effect.table import summary

    page = (DOCS.parent / "README.md").read_text()
    assert page == with_table(page, "summary", summary(measured(DOCS)))


@pytest.mark.parametrize("name", HOSTS)
def test_the_page_has_a_place_for_it(name: str) -> None:
    page = (DOCS / "effect.md").read_text()
    wanted = (f"python -m benchmarks.effect {name}\n", f"hosts/{name}.net", f"table {name} -->")
    assert [what for what in wanted if what not in page] == []


def test_experiments_are_listed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from benchmarks.effect import __main__ as benchmark

    monkeypatch.setattr(sys, "argv", ["effect"])
    assert benchmark.main() == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(benchmark.BY_NAME)


def test_what_is_missing_is_said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from benchmarks.effect import __main__ as benchmark

    monkeypatch.setattr(sys, "argv", ["effect", "storm"])
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert benchmark.main() == 2
    assert capsys.readouterr().err == "this benchmark needs root, and netc installed for this Python\n"


@pytest.mark.root
@pytest.mark.tool("nft")
@pytest.mark.tool("unshare")
@pytest.mark.parametrize("name", ["firewall", "udp_burst"])
def test_a_script_runs_by_hand_and_tells_all_measures(name: str) -> None:
    from benchmarks.effect.experiments import BY_NAME

    command = ["unshare", "--net", sys.executable, str(EFFECT / f"guest/{name}.py"), "--runs", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert {measure.key for measure in BY_NAME[name].measures} == json.loads(done.stdout).keys()


def test_frames_of_the_firewall_are_a_handshake(monkeypatch: pytest.MonkeyPatch) -> None:
    """Conntrack takes a segment with a wrong checksum, or out of its window, for invalid."""
    monkeypatch.syspath_prepend(EFFECT / "guest")
    monkeypatch.delitem(sys.modules, "common", raising=False)
    script = runpy.run_path(str(EFFECT / "guest/firewall.py"))
    ends = ("10.1.0.2", 10_000), ("10.2.0.2", 443)
    packet = script["segment"](*ends, (1000, 0), script["SYN"])
    head, tcp = packet[:20], packet[20:]
    assert struct.unpack("!H", head[2:4]) == (len(packet),)
    pseudo = head[12:20] + struct.pack("!HH", socket.IPPROTO_TCP, len(tcp))
    for data in (head, pseudo + tcp):  # RFC 1071: the sum with the checksum in it is all ones
        assert sum(struct.unpack(f"!{len(data) // 2}H", data)) % 0xFFFF == 0
    assert struct.unpack("!HHII", tcp[:12]) == (10_000, 443, 1000, 0)
    assert tcp[13] == script["SYN"]

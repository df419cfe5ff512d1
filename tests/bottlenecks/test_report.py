"""What `netc doctor` prints: a report, a table, JSON that keeps to its schema; and its exit status."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema
import pytest
from counted_machine import Counts, changed, diagnosed, put, quiet, write_machine
from test_symptoms import CASES, later

from netc import shipped
from netc.bottlenecks.report import as_json, table, text
from netc.knowledge.bottlenecks import symptoms
from running import netc

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = json.loads(shipped.read("netc.bottlenecks", "diagnosis.schema.json"))


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    write_machine(tmp_path, changed(quiet(), conntrack={"entries": 262_144}))
    put(tmp_path, {"proc/uptime": "40000.5 9000.1"})
    return tmp_path


def test_a_healthy_machine_gets_one_line(tmp_path: Path) -> None:
    said = text(diagnosed(tmp_path, quiet(), later(), qdiscs=()))
    assert said == f"healthy: none of {len(symptoms())} bottlenecks in 2.0 s\n"


def test_what_cannot_be_judged_is_said_in_that_line(tmp_path: Path) -> None:
    said = text(diagnosed(tmp_path, quiet(), later()))
    assert said == f"healthy: none of {len(symptoms()) - 1} bottlenecks in 2.0 s; not to be judged here: qdisc\n"


def test_nobody_is_called_healthy_for_want_of_counters(tmp_path: Path) -> None:
    (tmp_path / "proc").mkdir()
    put(tmp_path, {"proc/net/snmp": "Tcp: RetransSegs OutSegs\nTcp: 1 1000", "proc/uptime": "12000.5 9"})
    done = netc("doctor", "--root", tmp_path)
    assert (done.status, done.out) == (
        0,
        "nothing found in one sample, by means over 200 minutes since boot, "
        "but only retransmissions can be judged here\n",
    )
    (tmp_path / "proc/uptime").unlink()
    without = netc("doctor", "--root", tmp_path)
    assert (without.status, without.out) == (2, "")
    assert "no /proc/uptime" in without.err


REPORT = """\
1 bottleneck in 2.0 s; not to be judged here: qdisc

conntrack-table: the connection tracking table is full, or nearly so
  seen    236,000 of 262,144 entries (nf_conntrack_count, nf_conntrack_max)
  seen    300 (150/s) connections were dropped or pushed out (drop, early_drop)
  cause   more connections at once than the table was sized for; entries outlive a closed connection by 120 s
  answer  goal general { tracking on; connections 530k }
  also    retransmissions, which likely follows from it
"""


def found() -> Counts:
    return changed(CASES["retransmissions"].after, conntrack={"entries": 236_000, "early_drop": 300})


def test_the_report_has_evidence_cause_and_statement(tmp_path: Path) -> None:
    assert text(diagnosed(tmp_path, quiet(), found())) == REPORT


def test_the_table_has_a_line_for_each_symptom(tmp_path: Path) -> None:
    lines = table(diagnosed(tmp_path, quiet(), found())).splitlines()
    states = {line.split()[0]: line.split()[1] for line in lines[1 : 1 + len(symptoms())]}
    assert list(states) == [symptom.name for symptom in symptoms()]
    assert states["conntrack-table"] == "FOUND"
    assert states["retransmissions"] == "follows"
    assert states["qdisc"] == "-"
    assert set(states.values()) == {"FOUND", "follows", "-", "ok"}
    assert "\n".join(lines).endswith(REPORT.partition("\n\n")[2].rstrip())


@pytest.mark.parametrize(
    ("uptime", "told"),
    [("259200.5 1.0", "72 hours"), ("864000.5 1.0", "10 days"), ("1200.5 1.0", "20 minutes")],
)
def test_a_copy_is_never_called_healthy(uptime: str, told: str, copied: Path) -> None:
    """A mean over weeks hides the incident of last night."""
    put(copied, {"proc/uptime": uptime, "proc/sys/net/netfilter/nf_conntrack_count": "5"})
    assert netc("doctor", "--root", copied).out == (
        f"nothing found of {len(symptoms()) - 1} bottlenecks in one sample, by means over {told} since boot; "
        "not to be judged here: qdisc\n"
    )


@pytest.mark.parametrize("columns", [1, 20, 40, 79, 200])
@pytest.mark.parametrize("lines", [1, 2, 10, 23, 60])
def test_the_table_fits_the_terminal(columns: int, lines: int, tmp_path: Path) -> None:
    diagnosis = diagnosed(tmp_path, quiet(), found())
    shown = table(diagnosis, columns, lines).splitlines()
    assert len(shown) <= lines
    assert max(len(line) for line in shown) <= max(columns, 3)
    if lines >= 10 and columns >= 40:
        assert any(line.startswith("conntrack-table") for line in shown)


def test_on_a_small_terminal_what_is_well_gives_way(tmp_path: Path) -> None:
    diagnosis = diagnosed(tmp_path, quiet(), found())
    small = table(diagnosis, 80, 16)
    assert [line.split()[1] for line in small.splitlines()[1:3]] == ["FOUND", "follows"]
    assert "  answer  goal general { tracking on; connections 530k }\n" in small
    assert "more lines" not in small
    assert table(diagnosis, 80, 6).splitlines()[-1].startswith("... ")
    assert len(table(diagnosed(tmp_path, quiet(), later()), 80, 23).splitlines()) == 18


def test_a_statement_is_on_one_line_of_a_report(tmp_path: Path) -> None:
    for number, case in enumerate(CASES.values()):
        diagnosis = diagnosed(tmp_path / str(number), case.before, case.after, **case.more)
        (finding,) = diagnosis.findings
        assert finding.statement is None or f"  answer  {finding.statement}\n" in text(diagnosis)


def test_only_what_was_found_is_coloured(tmp_path: Path) -> None:
    coloured = [
        line for line in table(diagnosed(tmp_path, quiet(), found()), colour=True).splitlines() if "\x1b" in line
    ]
    assert len(coloured) == 1
    assert "conntrack-table" in coloured[0]


@pytest.mark.parametrize("name", CASES)
def test_json_keeps_to_its_schema(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    shown = as_json(diagnosed(tmp_path, case.before, case.after, **case.more))
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(json.dumps(shown)))


def test_the_status_says_whether_something_was_found(copied: Path) -> None:
    done = netc("doctor", "--root", copied)
    assert done.status == 4
    assert "conntrack-table" in done.out
    shown = netc("doctor", "--root", copied, "--format", "json")
    assert shown.status == 4
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(shown.out))
    put(copied, {"proc/sys/net/netfilter/nf_conntrack_count": "5"})
    assert netc("doctor", "--root", copied).status == 0


def test_wrong_usage(copied: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    empty = tmp_path_factory.mktemp("empty")
    (empty / "proc").mkdir()
    for arguments, told in (
        (["--root", copied, "--watch"], "--watch needs the running machine"),
        (["--root", empty], "holds none of the counters"),
        (["--root", empty / "proc"], "holds neither `proc` nor `sys`"),
        (["--root", empty / "nothing"], "is no directory"),
        (["--interval", "0"], "`0` is no number of seconds"),
        (["--interval", "nan"], "`nan` is no number of seconds"),
    ):
        done = netc("doctor", *arguments)
        assert (done.status, done.out) == (2, "")
        assert told in done.err

"""Hosts compiled by several processes: files, reports and exit statuses are those of one process."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
from typing import TYPE_CHECKING

import pytest

from netc import workers
from netc.backends import Renderer
from netc.packaging.tree import Output
from running import Done, netc, tree

if TYPE_CHECKING:
    from pathlib import Path

PROFILE = """\
profile edge {
    system { distribution debian 12; memory 256GiB }
    cpu { sockets 1; cores 8; threads 2 }
    goal web-server { throughput 20Gbps; connections 2M; connection-rate 10k/s; rtt 40ms; flow 1Gbps }
}
"""
NIC = "nic front {{ match mac {mac}; driver ice; speed 25Gbps; node 0; queues {queues} }}"


def mac(number: int) -> str:
    return f"3c:fd:fe:00:{number >> 8:02x}:{number & 255:02x}"


def hosts(count: int = 40, special: dict[int, str] | None = None) -> str:
    """A fleet whose hosts differ, and a range; `special` takes the place of a host's own statements."""
    lines = [PROFILE]
    for number in range(count):
        nic = NIC.format(mac=mac(number), queues=1 + number % 16)
        lines.append(f"host web-{number:03} : edge {{ {(special or {}).get(number, nic)} }}")
    lines.append("host range-[001..012] : edge { nic front { match pci 0000:18:00.0; driver ice; speed 25Gbps } }")
    return "\n".join(lines) + "\n"


@pytest.fixture(autouse=True)
def _small_fleets_are_shared_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "FEWEST_HOSTS", 5)


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[list[range]]:
    """The shares of all workers that are begun."""
    seen: list[list[range]] = []
    begin = workers.Workers.__init__

    def recording(self: workers.Workers, run: object, shares: list[range], *rest: object, **more: object) -> None:
        seen.append(shares)
        begin(self, run, shares, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(workers.Workers, "__init__", recording)
    return seen


def both(folder: Path, text: str, *options: str, jobs: int = 3) -> tuple[Done, Done]:
    """A text compiled by one process and by several, each into a folder of its own."""
    source = folder / "fleet.net"
    source.write_text(text)
    alone = netc("compile", source, "-o", folder / "alone", *options)
    shared = netc("compile", source, "-o", folder / "shared", "--jobs", str(jobs), *options)
    assert multiprocessing.active_children() == []
    return alone, shared


def same_trees(folder: Path) -> int:
    """How many files lie in both outputs, which are the same."""
    one, other = tree(folder / "alone"), tree(folder / "shared")
    assert one == other
    return len(one)


@pytest.mark.parametrize("jobs", [2, 7])
def test_files_and_report_are_the_same(tmp_path: Path, begun: list[list[range]], jobs: int) -> None:
    alone, shared = both(tmp_path, hosts(), jobs=jobs)
    assert begun == [[range(52 * part // jobs, 52 * (part + 1) // jobs) for part in range(jobs)]]
    assert alone == shared
    assert shared.status == 0
    assert "N0412" in shared.err  # the warning of a profile that hosts of all parts take
    assert same_trees(tmp_path) > 52


def test_a_warning_of_one_host_comes_from_its_worker(tmp_path: Path) -> None:
    by_driver = "nic front { match driver ice; speed 25Gbps }"
    alone, shared = both(tmp_path, hosts(special={3: by_driver, 38: by_driver}))
    assert alone == shared
    assert [line[:14] for line in shared.err.splitlines()].count("warning[N0219]") == 2


def test_an_error_in_one_part_is_told_as_by_one_process_and_nothing_is_written(tmp_path: Path) -> None:
    alone, shared = both(tmp_path, hosts(special={37: "nic front { match pci 0000:18:00.0; driver ice; queues 5000 }"}))
    assert alone == shared
    assert shared.status == 1
    assert not (tmp_path / "shared").exists()


def test_an_address_in_two_parts_is_found(tmp_path: Path) -> None:
    alone, shared = both(tmp_path, hosts(special={39: NIC.format(mac=mac(2), queues=4)}), jobs=7)
    assert alone == shared
    assert shared.status == 1
    assert mac(2) in shared.err


def test_an_address_of_virtual_functions_in_two_parts_is_found(tmp_path: Path) -> None:
    functions = (
        "nic front {{ match mac {mac}; driver ice; speed 25Gbps; node 0; vfs 2; vf 0 {{ mac 02:00:00:00:00:01 }} }}"
    )
    text = hosts(special={number: functions.format(mac=mac(number)) for number in (1, 39)})
    alone, shared = both(tmp_path, text, jobs=7)
    assert alone == shared
    assert "02:00:00:00:00:01" in shared.err


@pytest.mark.parametrize("form", ["ansible", "tar"])
def test_formats_are_the_same(tmp_path: Path, form: str) -> None:
    alone, shared = both(tmp_path, hosts(), "--format", form)
    assert alone == shared
    assert same_trees(tmp_path) >= 52


def test_a_pattern_is_shared_out_by_the_hosts_that_fit(tmp_path: Path, begun: list[list[range]]) -> None:
    alone, shared = both(tmp_path, hosts(), "--host", "range-*")
    assert alone == shared
    assert begun == [[range(6), range(6, 12)]]
    assert len(list((tmp_path / "shared").iterdir())) == 12


def test_comparing_and_pruning_are_the_same(tmp_path: Path) -> None:
    both(tmp_path, hosts())
    for name in ("alone", "shared"):
        (tmp_path / name / "web-003" / "plan.json").write_text("changed")
        (tmp_path / name / "range-011" / "plan.json").unlink()
    compared = both(tmp_path, hosts(count=35), "--check", "--prune")
    assert compared[0] == compared[1]
    assert compared[1].status == 4
    assert compared[1].out.splitlines()[:2] == ["web-003/plan.json: changed", "range-011/plan.json: missing"]
    pruned = both(tmp_path, hosts(count=35), "--force", "--prune")
    assert pruned[0] == pruned[1]
    assert not (tmp_path / "shared" / "web-036").exists()
    same_trees(tmp_path)


def test_what_cannot_be_written_is_told_by_all_parts(tmp_path: Path) -> None:
    for name in ("alone", "shared"):
        for host in ("web-001", "range-012"):
            (tmp_path / name / host).mkdir(parents=True)
            (tmp_path / name / host / "mine").write_text("of somebody else")
    alone, shared = both(tmp_path, hosts())
    assert shared.status == 2
    assert shared.err.replace("/shared/", "/alone/") == alone.err
    assert shared.err.count("/mine") == 2
    same_trees(tmp_path)


def test_few_hosts_are_not_worth_a_process(tmp_path: Path, begun: list[list[range]]) -> None:
    source = tmp_path / "few.net"
    source.write_text(PROFILE + "host few-[1..9] : edge { nic front { match pci 0000:18:00.0; driver ice } }\n")
    assert netc("compile", source, "-o", tmp_path / "out", "--jobs", "8").status == 0
    assert begun == []


FACTS = "architecture: x86-64\nnics: [{name: eth0, driver: ice, node: 0, speed: 25Gbps, channels: 8}]\n"


def with_facts(folder: Path, names: list[str]) -> str:
    """A fleet of which two hosts have their facts from files named so."""
    (folder / "facts").mkdir(exist_ok=True)
    (folder / "facts" / "some.yaml").write_text(FACTS)
    nic = 'hardware "%s"; nic front { match driver ice }'
    return hosts(special={number: nic % name for number, name in zip((1, 39), names, strict=True)})


def test_what_only_workers_read_is_known_after(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netc.packaging.remembered.cache_folder", lambda: str(tmp_path / "cache"))
    monkeypatch.setattr("netc.packaging.remembered.FEWEST_HOSTS", 4)
    text = with_facts(tmp_path, ["facts/some.yaml"] * 2)
    assert both(tmp_path, text)[1].status == 0
    before = tree(tmp_path / "shared")
    (tmp_path / "facts" / "some.yaml").write_text(FACTS.replace("channels: 8", "channels: 4"))
    assert both(tmp_path, text)[1].status == 0
    assert tree(tmp_path / "shared") != before
    same_trees(tmp_path)


@pytest.mark.parametrize(("other", "together"), [("facts/some.yaml", True), ("facts/../facts/some.yaml", False)])
def test_a_file_that_hosts_name_in_two_ways_is_told_by_one_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: str, together: bool
) -> None:
    """Its name in diagnostics is the first one, which is that of another part."""
    shared_out: list[bool] = []
    planned = workers.Workers.planned

    def recording(self: workers.Workers, progress: None) -> list[workers.Part] | None:
        parts = planned(self, progress)
        shared_out.append(parts is not None)
        return parts

    monkeypatch.setattr(workers.Workers, "planned", recording)
    alone, shared = both(tmp_path, with_facts(tmp_path, ["facts/some.yaml", other]))
    assert alone == shared
    assert shared_out == [together]


def test_without_room_for_processes_one_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forks = iter([os.fork])

    def scarce() -> int:
        fork = next(forks, None)
        if fork is None:
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
        return fork()

    monkeypatch.setattr(os, "fork", scarce)
    alone, shared = both(tmp_path, hosts())
    assert next(forks, None) is None
    assert alone == shared
    same_trees(tmp_path)


def ends_workers(monkeypatch: pytest.MonkeyPatch, kind: type, method: str) -> None:
    """Let each process but this one be killed where it comes to a method."""
    here = os.getpid()
    real = getattr(kind, method)

    def deadly(self: object, *arguments: object, **more: object) -> object:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(self, *arguments, **more)

    monkeypatch.setattr(kind, method, deadly)


def test_workers_that_are_lost_while_they_plan_are_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends_workers(monkeypatch, Renderer, "artifacts_of")
    alone, shared = both(tmp_path, hosts())
    assert alone == shared
    same_trees(tmp_path)


def test_workers_that_are_lost_while_they_write_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ends_workers(monkeypatch, Output, "write")
    _, shared = both(tmp_path, hosts())
    assert shared.status == 2
    assert shared.err == "netc: cannot go on: a process that writes hosts ended early with signal 9\n"


def test_an_interrupt_ends_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(self: object, *_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(workers.Workers, "ask", interrupted)
    _, shared = both(tmp_path, hosts())
    assert shared.status == 130
    assert not (tmp_path / "shared").exists()

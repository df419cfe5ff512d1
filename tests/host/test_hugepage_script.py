"""The unit of huge pages: its script on copies of sysfs and on this machine, its files read by systemd."""

from __future__ import annotations

import grp
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from made import NASTY, TARGET, files, plan, run

from netc.plan import Application, Kind, Plan, Setting

if TYPE_CHECKING:
    from collections.abc import Iterator

GROUP = grp.getgrgid(os.getgid()).gr_name
USUAL = ("node0/hugepages-1048576kB", "2"), ("node1/hugepages-2048kB", "512"), ("node0/hugepages-2048kB", "64")
COUNT = Path("/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages")
QUIET = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}


def pages(*settings: tuple[str, str], applications: tuple[Application, ...] = ()) -> Plan:
    made = plan(*(Setting(Kind.HUGEPAGES, key, value, NASTY) for key, value in settings), target=TARGET)
    return replace(made, applications=applications)


def application(folder: str, group: str) -> Application:
    return Application("pmd.service", (), "1", (), folder, NASTY, group)


class Machine:
    """A copy of /sys and /proc with nodes, and the script that runs on it."""

    def __init__(self, folder: Path, made: Plan) -> None:
        self.root = folder / "root"
        self.rootfs = files(made, folder / "out")
        self.compacted = self.root / "proc/sys/vm/compact_memory"
        self.compacted.parent.mkdir(parents=True)
        self.compacted.write_text("")

    def size(self, place: str, kib: int, count: int = 0) -> Path:
        """A size that a node has; `all` for a kernel without nodes."""
        base = self.root / ("sys/kernel/mm" if place == "all" else f"sys/devices/system/node/{place}")
        file = base / f"hugepages/hugepages-{kib}kB/nr_hugepages"
        file.parent.mkdir(parents=True)
        file.write_text(f"{count}\n")
        return file

    def memory(self, node: int, free: int, cached: int = 0) -> None:
        """What a node has free and in caches, in MiB."""
        lines = {"MemTotal": 1 << 30, "MemFree": free << 10, "Active(file)": cached << 9, "Inactive(file)": cached << 9}
        text = "".join(f"Node {node} {name + ':':15} {value:8} kB\n" for name, value in lines.items())
        (self.root / f"sys/devices/system/node/node{node}/meminfo").write_text(text)

    def mounted(self, folder: str, kind: str = "hugetlbfs") -> Path:
        mounts = self.root / "proc/self/mounts"
        mounts.parent.mkdir(parents=True, exist_ok=True)
        mounts.write_text(f"sysfs /sys sysfs rw 0 0\n{kind} {folder} {kind} rw,pagesize=1024M 0 0\n")
        place = self.root / folder.lstrip("/")
        place.mkdir(parents=True)
        return place

    def run(self, *before: str) -> tuple[int, list[str]]:
        done = run(*before, "sh", self.rootfs / "etc/netc/hugepages", NETC_ROOT=str(self.root), **QUIET)
        assert done.stderr == ""
        return done.returncode, done.stdout.splitlines()


def test_missing_pages_are_reserved_where_they_belong(tmp_path: Path) -> None:
    machine = Machine(tmp_path, pages(*USUAL))
    large, near, far = machine.size("node0", 1048576), machine.size("node0", 2048), machine.size("node1", 2048)
    status, said = machine.run()
    assert (status, [file.read_text() for file in (large, near, far)]) == (0, ["2\n", "64\n", "512\n"])
    assert said == [
        "netc: node 0: there were 0 pages of 1 GiB, now there are 2",
        "netc: node 0: there were 0 pages of 2 MiB, now there are 64",
        "netc: node 1: there were 0 pages of 2 MiB, now there are 512",
    ]
    assert machine.compacted.read_text() == ""
    assert machine.run() == (0, [])


def test_pages_are_never_taken_back(tmp_path: Path) -> None:
    machine = Machine(tmp_path, pages(("node0/hugepages-1048576kB", "2")))
    large = machine.size("node0", 1048576, count=8)
    assert machine.run() == (0, [])
    assert large.read_text() == "8\n"


def test_a_machine_without_nodes_counts_its_pages_elsewhere(tmp_path: Path) -> None:
    machine = Machine(tmp_path, pages(("hugepages-2048kB", "64")))
    count = machine.size("all", 2048)
    status, said = machine.run()
    assert (status, count.read_text()) == (0, "64\n")
    assert said == ["netc: there were 0 pages of 2 MiB, now there are 64"]


def test_what_the_machine_lacks_is_told(tmp_path: Path) -> None:
    machine = Machine(tmp_path, pages(*USUAL))
    machine.size("node0", 2048)
    assert machine.run() == (
        1,
        [
            "netc: node 0: there were 0 pages of 2 MiB, now there are 64",
            "netc: node 0: 0 of 2 pages of 1 GiB: this kernel or CPU has no such pages",
            "netc: node 1: 0 of 512 pages of 2 MiB: the machine has no such node",
        ],
    )


def test_a_node_keeps_memory_for_the_system(tmp_path: Path) -> None:
    machine = Machine(tmp_path, pages(("node0/hugepages-1048576kB", "8")))
    count = machine.size("node0", 1048576)
    machine.memory(0, free=2048, cached=512)
    status, said = machine.run()
    assert (status, count.read_text()) == (1, "4\n")
    assert said == [  # what is free in the copy stays free, so that both attempts find two pages
        "netc: node 0: there were 0 pages of 1 GiB, now there are 2",
        "netc: node 0: there were 2 pages of 1 GiB, now there are 4",
        "netc: node 0: 4 of 8 pages of 1 GiB: 2560 MiB are free, and 256 MiB stay so",
    ]
    assert machine.compacted.read_text() == "1\n"


def test_nothing_is_asked_for_where_nothing_is_free(tmp_path: Path) -> None:
    machine = Machine(tmp_path, pages(("node0/hugepages-2048kB", "8")))
    count = machine.size("node0", 2048, count=3)
    machine.memory(0, free=100)
    assert machine.run() == (1, ["netc: node 0: 3 of 8 pages of 2 MiB: 100 MiB are free, and 256 MiB stay so"])
    assert count.read_text() == "3\n"


@pytest.mark.root
def test_a_kernel_that_gives_less_is_asked_once_more(tmp_path: Path) -> None:
    machine = Machine(tmp_path, pages(("node1/hugepages-1048576kB", "8"), ("node1/hugepages-2048kB", "9")))
    count, other = machine.size("node1", 1048576, count=6), machine.size("node1", 2048)
    keep = f'mount --bind {count} {count} && mount -o remount,ro,bind {count} && exec "$@"'
    status, said = machine.run("unshare", "--mount", "sh", "-c", keep, "sh")
    assert (status, count.read_text(), other.read_text()) == (1, "6\n", "9\n")
    assert said == [
        "netc: node 1: there were 0 pages of 2 MiB, now there are 9",
        "netc: node 1: 6 of 8 pages of 1 GiB",
    ]
    assert machine.compacted.read_text() == "1\n"


def test_a_folder_is_given_to_its_group(tmp_path: Path) -> None:
    taker = application("/dev/hugepages-1GiB", GROUP)
    machine = Machine(tmp_path, pages(("node0/hugepages-1048576kB", "1"), applications=(taker,)))
    machine.size("node0", 1048576, count=1)
    folder = machine.mounted("/dev/hugepages-1GiB")
    assert machine.run() == (0, [])
    assert folder.group() == GROUP


@pytest.mark.parametrize(
    ("mounted", "group", "message"),
    [
        ("tmpfs", GROUP, "no huge pages are mounted at /dev/hugepages-1GiB"),
        ("hugetlbfs", "nobody-has-it", "/dev/hugepages-1GiB cannot be given to group nobody-has-it: "),
    ],
)
def test_a_folder_that_cannot_be_given_is_told(tmp_path: Path, mounted: str, group: str, message: str) -> None:
    taker = application("/dev/hugepages-1GiB", group)
    machine = Machine(tmp_path, pages(("node0/hugepages-1048576kB", "1"), applications=(taker,)))
    machine.size("node0", 1048576, count=1)
    machine.mounted("/dev/hugepages-1GiB", mounted)
    status, (said,) = machine.run()
    assert status == 1
    assert said.startswith(f"netc: {message}")


def test_groups_have_folders_of_their_own(tmp_path: Path) -> None:
    takers = application("/dev/hugepages-2MiB-a", "a"), application("/dev/hugepages-2MiB-b", "b")
    rootfs = files(pages(*USUAL, applications=takers), tmp_path)
    units = rootfs / "etc/systemd/system"
    assert sorted(path.name for path in units.glob("*.mount")) == [
        r"dev-hugepages\x2d1GiB.mount",
        r"dev-hugepages\x2d2MiB\x2da.mount",
        r"dev-hugepages\x2d2MiB\x2db.mount",
    ]
    script = (rootfs / "etc/netc/hugepages").read_text()
    assert re.findall(r"^folder .*", script, re.MULTILINE) == [
        "folder /dev/hugepages-2MiB-a a",
        "folder /dev/hugepages-2MiB-b b",
    ]


@pytest.mark.tool("systemd-analyze")
def test_units_are_verified(tmp_path: Path) -> None:
    units = files(pages(*USUAL, applications=(application("/dev/hugepages-1GiB", "a"),)), tmp_path)
    units /= "etc/systemd/system"
    named = sorted(units.glob("*.service")) + sorted(units.glob("*.mount"))
    said = run("systemd-analyze", "verify", "--man=no", *named)
    assert [line for line in (said.stderr + said.stdout).splitlines() if "netc" in line or "hugepages" in line] == []


@pytest.mark.tool("systemd-escape")
def test_mounts_are_named_as_systemd_wants(tmp_path: Path) -> None:
    units = files(pages(*USUAL), tmp_path) / "etc/systemd/system"
    for unit in units.glob("*.mount"):
        where = re.search(r"^Where=(.*)$", unit.read_text(), re.MULTILINE)
        assert where is not None
        assert run("systemd-escape", "--path", "--suffix=mount", where[1]).stdout.strip() == unit.name
        assert (units / "sysinit.target.wants" / unit.name).resolve() == unit.resolve()


@pytest.mark.tool("shellcheck")
def test_the_script_is_clean(tmp_path: Path) -> None:
    script = files(pages(*USUAL, applications=(application("/dev/hugepages-1GiB", "a"),)), tmp_path)
    script /= "etc/netc/hugepages"
    checked = run("shellcheck", "--shell=sh", "--enable=all", "--exclude=SC2250,SC2310,SC2312,SC2292", script)
    assert checked.stdout == ""


@pytest.fixture
def before() -> Iterator[int]:
    """The pages of 2 MiB that this machine has, which it has again afterwards."""
    if not os.access(COUNT, os.W_OK):
        pytest.skip("huge pages of this machine's node 0 cannot be set")
    count = int(COUNT.read_text())
    yield count
    COUNT.write_text(f"{count}\n")


@pytest.mark.root
def test_this_machine_reserves_pages(tmp_path: Path, before: int) -> None:
    script = files(pages(("node0/hugepages-2048kB", str(before + 4))), tmp_path) / "etc/netc/hugepages"
    done = run("sh", script, **QUIET)
    said = f"netc: node 0: there were {before} pages of 2 MiB, now there are {before + 4}\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, said, "")
    assert int(COUNT.read_text()) == before + 4


@pytest.mark.root
def test_this_machine_tells_a_shortfall(tmp_path: Path, before: int) -> None:
    wanted = 1 << 24  # 32 TiB
    script = files(pages(("node0/hugepages-2048kB", str(wanted))), tmp_path) / "etc/netc/hugepages"
    text = re.sub(r"^keeps=.*$", f"keeps={1 << 40}", script.read_text(), flags=re.MULTILINE)
    script.write_text(text)  # so that nobody else on this machine runs out of memory
    done = run("sh", script, **QUIET)
    assert done.returncode == 1
    assert done.stdout.startswith(f"netc: node 0: {before} of {wanted} pages of 2 MiB: ")
    assert int(COUNT.read_text()) == before

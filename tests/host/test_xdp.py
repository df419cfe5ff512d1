"""XDP programs on veths: netc's own script attaches, fills, replaces and takes off; packets say whether it is so."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from made import run

from running import netc

EXAMPLES = Path(__file__).parents[2] / "examples" / "xdp"
PATHS = "/usr/sbin:/usr/bin:/sbin:/bin"
TRAFFIC = Path(__file__).with_name("xdp_traffic.py")
PINS = "/sys/fs/bpf/netc/front"
SOURCES = "192.0.2.7 198.51.100.1 2001:db8::7 2001:db9::1"

pytestmark = [pytest.mark.root, pytest.mark.tool("bpftool"), pytest.mark.tool("tc")]


def compiled(folder: Path, *statements: str, more: str = "") -> Path:
    """The script that netc writes for a veth with these programs."""
    folder.mkdir(exist_ok=True)
    for path in EXAMPLES.glob("*.o"):
        shutil.copy(path, folder)
    (folder / "h.net").write_text(
        "host h {\n system { distribution debian 13 }\n cpu { sockets 1; cores 2 }\n"
        f" nic front {{ match mac 02:00:00:00:00:01; driver veth; {more}\n  " + "\n  ".join(statements) + "\n }\n}\n"
    )
    done = netc("compile", folder / "h.net", "-o", folder / "out")
    assert done.status == 0, done.err
    return folder / "out/h/rootfs/etc/netc/xdp/front"


def traffic(*steps: str) -> list[Any]:
    done = run("unshare", "--net", "--mount", sys.executable, TRAFFIC, *steps, PATH=PATHS)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


DROP = 'xdp "prefix_drop.o" { drop 192.0.2.0/24, 2001:db8::/32 }'
CHAIN = ('xdp "count_pass.o" { priority 10 }', DROP.replace("{", "{ maps drop_v4, drop_v6;"))


def test_listed_prefixes_are_dropped_and_counted_and_others_arrive(tmp_path: Path) -> None:
    script = compiled(tmp_path, DROP)
    before, attach, sent, count, state, detach, after, last = traffic(
        f"send {SOURCES}",
        f"attach {script}",
        f"send {SOURCES}",
        "counters",
        "state",
        f"detach {script}",
        f"send {SOURCES}",
        "state",
    )
    assert sorted(before) == sorted(SOURCES.split())
    assert attach == {
        "status": 0,
        "said": [f"netc: front: prefix_drop of {next(script.parent.glob('*.o')).name} is attached, mode native"],
        "err": "",
    }
    assert sorted(sent) == ["198.51.100.1", "2001:db9::1"]
    assert count["dropped"] == 2
    assert count["passed"] >= 2
    assert state == {
        "xdp": ["driver"],
        "pins": [
            *(f"{PINS}/maps/{name}" for name in ("counters", "drop_v4", "drop_v6")),
            f"{PINS}/programs/prefix_drop",
        ],
        "up": True,
        "closed": False,
    }
    assert detach["status"] == 0
    assert sorted(after) == sorted(SOURCES.split())
    assert last == {"xdp": [], "pins": [], "up": True, "closed": False}


def test_another_list_comes_without_detaching_and_loses_nothing(tmp_path: Path) -> None:
    script = compiled(tmp_path, DROP)
    other = compiled(tmp_path / "other", DROP.replace("192.0.2.0/24", "198.51.100.0/24, 203.0.113.0/24"))
    listed = "front-prefix_drop.prefixes"
    replace = f"sh cp {other.parent / listed} {script.parent / listed}"
    attach, _, steady, sent, again = traffic(
        f"attach {script}", replace, f"steady {script} reload 10.20.30.40", f"send {SOURCES}", f"reload {script}"
    )
    assert attach["status"] == 0
    assert steady["status"] == 0
    assert steady["sent"] > 200
    assert steady["lost"] == 0
    assert sorted(sent) == ["192.0.2.7", "2001:db9::1"]
    assert again == {"status": 0, "said": [], "err": ""}, "what is in place is left alone"


def test_another_program_takes_the_place_without_a_gap(tmp_path: Path) -> None:
    script = compiled(tmp_path, DROP)
    other = compiled(tmp_path / "other", 'xdp "count_pass.o" { }')
    attach, steady, sent, state, detach, last = traffic(
        f"attach {script}",
        f"steady {other} reload 10.20.30.40",
        f"send {SOURCES}",
        "state",
        f"detach {other}",
        "state",
    )
    assert attach["status"] == detach["status"] == 0
    assert (steady["status"], steady["lost"]) == (0, 0)
    assert len(sent) == 4
    assert state["xdp"] == ["driver"]
    assert f"{PINS}/programs/count_pass" in state["pins"]
    assert not any("drop" in pin for pin in state["pins"])
    assert last["pins"] == []


def test_closed_until_the_program_is_there(tmp_path: Path) -> None:
    """With keep-down no packet reaches a socket while the program cannot be attached, whoever raises the link."""
    script = compiled(tmp_path, DROP.replace("{", "{ on-failure keep-down;"))
    (path,) = script.parent.glob("*.o")
    shutil.copy(path, tmp_path / "good")
    path.write_bytes(b"broken")
    raised = "ip link set front up; ip addr add 10.9.0.1/24 dev front; ip -6 addr add fd09::1/64 dev front nodad"
    failed, state, _, sent, _, attach, after, detach = traffic(
        f"attach {script}",
        "state",
        f"sh {{ {raised}; }} 2>/dev/null",
        f"send {SOURCES}",
        f"sh cp {tmp_path / 'good'} {path}",
        f"attach {script}",
        f"send {SOURCES}",
        f"detach {script}",
    )
    assert failed["status"] == 1
    assert "cannot be loaded" in failed["said"][1]
    assert state == {"xdp": [], "pins": [], "up": False, "closed": True}
    assert sent == []
    assert attach["status"] == 0
    assert attach["said"][-1] == "netc: front: open"
    assert "198.51.100.1" in after
    assert detach["said"] == [
        "netc: front: closed: nothing from the wire reaches the stack",
        "netc: front: no program is attached",
    ]


def test_without_keep_down_traffic_flows_and_the_unit_fails(tmp_path: Path) -> None:
    script = compiled(tmp_path, DROP)
    (path,) = script.parent.glob("*.o")
    path.write_bytes(b"broken")
    failed, state, sent = traffic(f"attach {script}", "state", f"send {SOURCES}")
    assert failed["status"] == 1
    assert failed["err"] == ""
    assert state == {"xdp": [], "pins": [], "up": True, "closed": False}
    assert len(sent) == 4


def test_a_broken_new_program_leaves_the_old_one(tmp_path: Path) -> None:
    script = compiled(tmp_path, DROP)
    other = compiled(tmp_path / "other", 'xdp "count_pass.o" { }')
    (path,) = other.parent.glob("*.o")
    path.write_bytes(b"broken")
    _, failed, sent, state = traffic(f"attach {script}", f"reload {other}", f"send {SOURCES}", "state")
    assert failed["status"] == 1
    assert len(sent) == 2
    assert f"{PINS}/maps/drop_v4" in state["pins"]
    assert state["xdp"] == ["driver"]


def test_generic_mode_where_it_is_asked_for(tmp_path: Path) -> None:
    script = compiled(tmp_path, DROP.replace("{", "{ mode generic;"))
    attach, state, sent, detach = traffic(f"attach {script}", "state", f"send {SOURCES}", f"detach {script}")
    assert attach["status"] == detach["status"] == 0
    assert state["xdp"] == ["generic"]
    assert len(sent) == 2


@pytest.mark.tool("xdp-loader")
def test_several_programs_run_one_behind_the_other(tmp_path: Path) -> None:
    script = compiled(tmp_path, *CHAIN)
    attach, sent, state, reload, steady, detach, last = traffic(
        f"attach {script}",
        f"send {SOURCES}",
        "state",
        f"reload {script}",
        f"steady {script} attach 10.20.30.40",
        f"detach {script}",
        "state",
    )
    if "runs no dispatcher" in attach["said"][0]:
        assert (attach["status"], state["xdp"], len(sent)) == (1, [], 4), "nothing of it is left"
        pytest.skip("this kernel lets no program extend another, which the dispatcher needs")
    assert attach["status"] == 0, attach
    assert len(attach["said"]) == 2
    assert sorted(sent) == ["198.51.100.1", "2001:db9::1"]
    assert {f"{PINS}/maps/drop_v4", f"{PINS}/maps/drop_v6"} <= set(state["pins"])
    assert reload == {"status": 0, "said": [], "err": ""}
    assert (steady["status"], steady["lost"]) == (0, 0)
    assert detach["status"] == 0
    assert last["xdp"] == []
    assert last["pins"] == []


@pytest.mark.parametrize("count", [10_000])
def test_long_lists_are_filled(tmp_path: Path, count: int) -> None:
    prefixes = [f"{100 + n // 65536}.{n // 256 % 256}.{n % 256}.0/24" for n in range(count)]
    (tmp_path / "bogons.txt").write_text("# a list\n\n" + "\n".join(f"{prefix}  # one" for prefix in prefixes))
    script = compiled(tmp_path, 'xdp "prefix_drop.o" { drop from "bogons.txt" }')
    attach, sent, _ = traffic(
        f"attach {script}",
        "send 100.0.0.1 100.39.15.9 100.39.16.9 192.0.2.7",
        f"sh test $(bpftool map dump pinned {PINS}/maps/drop_v4 | grep -c prefixlen) = {count}",
    )
    assert attach["status"] == 0
    assert sent == ["100.39.16.9", "192.0.2.7"]


@pytest.mark.tool("shellcheck")
def test_scripts_are_clean(tmp_path: Path) -> None:
    script = compiled(tmp_path, *CHAIN)
    folder = script.parent.parent
    for path in (script, folder / "xdp-functions.sh"):
        checked = run("shellcheck", "--external-sources", f"--source-path={folder}", "--exclude=SC1091", path)
        assert checked.stdout == ""
        assert run("sh", "-n", path).stderr == ""


@pytest.mark.tool("systemd-analyze")
def test_the_unit_is_verified(tmp_path: Path) -> None:
    script = compiled(tmp_path, DROP)
    unit = script.parents[2] / "systemd/system/netc-xdp-front.service"
    said = run("systemd-analyze", "verify", "--man=no", unit)
    assert [line for line in (said.stderr + said.stdout).splitlines() if "netc" in line] == []

"""Hosts that differ in nothing but their names are compiled once: what is written must be the same as without."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from netc.backends import BACKENDS, NAME_THE_HOST, render_of
from netc.model import Host
from netc.plan import Plan
from netc.planning import make_plan
from netc.records import replace
from netc.resolving.hosts import NamedHost
from running import IN_CI, netc, tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.plan import Artifact

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.net"))

FLEET = """\
profile edge {
    system { distribution debian 12; memory 64GiB }
    cpu { sockets 1; cores 8; threads 2 }
    nic front { match pci 0000:18:00.0; driver ice; speed 25Gbps; node 0 }
    goal web-server { throughput 20Gbps; connections 100k; connection-rate 10k/s; rtt 40ms; flow 1Gbps }
}
host web-[1..3] : edge
host other : edge { nic front { queues 2 } }
host web-[4,5] : edge { set net.core.somaxconn = 4096 because "asked for" }
"""


def without_sharing(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in (NamedHost, Host, Plan):
        monkeypatch.setattr(kind, "is_twin_of", lambda self, other: False)


def test_a_fleet_is_the_same_shared_and_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "fleet.net"
    source.write_text(FLEET)
    shared = netc("compile", source, "-o", tmp_path / "shared")
    without_sharing(monkeypatch)
    alone = netc("compile", source, "-o", tmp_path / "alone")
    assert shared == alone
    assert shared.status == 0
    assert len(list((tmp_path / "alone").iterdir())) == 6
    assert tree(tmp_path / "shared") == tree(tmp_path / "alone")


@pytest.mark.parametrize("source", EXAMPLES, ids=lambda path: path.stem)
def test_examples_are_the_same_shared_and_not(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = shutil.copytree(source.parent, tmp_path / "in") / source.name
    if not IN_CI:  # hundreds of hosts, each compiled alone
        source.write_text(source.read_text().replace("[001..099]", "[001..009]"))
    shared = netc("compile", source, "-o", tmp_path / "shared")
    without_sharing(monkeypatch)
    assert netc("compile", source, "-o", tmp_path / "alone") == shared
    assert tree(tmp_path / "shared") == tree(tmp_path / "alone")


def test_mistakes_are_told_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "fleet.net"
    source.write_text(FLEET.replace("queues 2", "queues 99") + "host web-[7..9] : edge { nic front { queues 98 } }\n")
    shared = netc("check", source)
    without_sharing(monkeypatch)
    assert netc("check", source) == shared
    assert shared.status == 1


def test_a_shared_mac_is_told(tmp_path: Path) -> None:
    source = tmp_path / "fleet.net"
    source.write_text(FLEET.replace("match pci 0000:18:00.0", "match mac 3c:fd:fe:9e:7a:10", 1))
    assert "web-2" in netc("check", source).err


def test_hosts_with_facts_are_no_twins(tmp_path: Path) -> None:
    """Their facts differ although one declaration makes them all."""
    source = tmp_path / "fleet.net"
    source.write_text(
        'host db-[1,2] { hardware "{host}.yaml"; system { distribution debian 12 }; goal dns { datagrams 1MiB } }\n'
    )
    for number in (1, 2):
        (tmp_path / f"db-{number}.yaml").write_text(f"host: db-{number}\ntick: {250 * number}\n")
    assert netc("compile", source, "-o", tmp_path / "out").status == 0
    assert '"tick": 250' in (tmp_path / "out" / "db-1" / "plan.json").read_text()
    assert '"tick": 500' in (tmp_path / "out" / "db-2" / "plan.json").read_text()


def plans(monkeypatch: pytest.MonkeyPatch) -> Iterator[Plan]:
    """The plans of all examples."""
    from netc import planning

    made: list[Plan] = []

    def remember(*given: object) -> Plan:
        made.append(make_plan(*given))  # type: ignore[arg-type] # a host and a report
        return made[-1]

    monkeypatch.setattr(planning, "make_plan", remember)
    for source in EXAMPLES:
        netc("check", source)
    return iter(made)


def test_back_ends_that_do_not_name_the_host_do_not_see_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `NAME_THE_HOST` leaves out is rendered once for hosts of many names."""

    def rendered(plan: Plan) -> list[Artifact]:
        return [a for name, _ in BACKENDS if name not in NAME_THE_HOST for a in render_of(name)(plan)]

    found = list(plans(monkeypatch))
    assert len(found) >= len(EXAMPLES)
    for plan in found:
        assert rendered(plan) == rendered(replace(plan, host="another.example"))

"""Queues, interrupts and steering: which statements each driver takes, and where the checks are silent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from diagnosing import diagnose
from netc.diagnostics import Severity
from netc.knowledge.drivers import driver, known_drivers
from netc.knowledge.flow_rules import flow_rules, flow_types

if TYPE_CHECKING:
    from pathlib import Path

OURS = ("N062", "N063", "N064")


class Check:
    """Checks hosts in a folder of its own and tells the codes about queues, interrupts and steering."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.monkeypatch = monkeypatch

    def __call__(self, body: str, system: str = "distribution debian 13", **files: str) -> list[str]:
        for name, text in files.items():
            (self.folder / f"{name}.yaml").write_text(text, encoding="utf-8")
        (self.folder / "h.net").write_text(f"host h {{\nsystem {{ {system} }}\n{body}\n}}\n", encoding="utf-8")
        report = diagnose(self.folder, "h.net", self.monkeypatch)
        errors = [d.message for d in report if d.severity is Severity.ERROR and not d.code.startswith(OURS)]
        assert errors == [], "the host is fine but for what is asked"
        return [d.code for d in report if d.code.startswith(OURS)]


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    return Check(tmp_path, monkeypatch)


STATEMENTS = {
    "queues": "queues 3",
    "table": "rss { queues 0-1 }",
    "key": "rss { key symmetric }",
    "arfs": "arfs on",
    "tcp4": "steer tcp4 port 443 to queue 0",
    "tcp6": "steer tcp6 port 443 to queue 0",
    "sctp4": "steer sctp4 port 3868 to queue 0",
    "prefix": "steer tcp4 from 192.0.2.0/24 to queue 0",
    "protocol": "steer tcp4 to queue 0",
}
TAKEN = {
    "be2net": "queues table key",
    "bnx2": "queues",
    "bnx2x": "queues table key",
    "bnxt_en": "queues table key arfs tcp4 tcp6 prefix",
    "e1000": "",
    "e1000e": "",
    "ena": "queues table key",
    "enic": "key arfs",
    "gve": "queues table key tcp4 tcp6 sctp4 prefix protocol",
    "hv_netvsc": "queues table key",
    "i40e": "queues table key tcp4 tcp6 sctp4 protocol",
    "iavf": "queues table key tcp4 tcp6 sctp4 protocol",
    "ice": "queues table key arfs tcp4 tcp6 sctp4",
    "igb": "queues table key",
    "igbvf": "",
    "igc": "queues table key",
    "ixgbe": "queues table key tcp4 sctp4 prefix protocol",
    "ixgbevf": "",
    "mana": "queues table key",
    "mlx4_en": "queues table key arfs tcp4 protocol",
    "mlx5_core": "queues table key arfs tcp4 tcp6 prefix protocol",
    "nfp": "queues table key tcp4 tcp6 sctp4 prefix protocol",
    "qede": "queues table key arfs tcp4 tcp6",
    "r8169": "",
    "sfc": "table key arfs tcp4 tcp6 protocol",
    "tg3": "queues table key",
    "veth": "queues",
    "virtio_net": "queues table key",
    "vmxnet3": "table key",
}
"""Driver → which of the statements it takes with Linux 6.12."""


@pytest.mark.parametrize("name", known_drivers())
def test_statements_that_a_driver_takes(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = []
    for word, statement in STATEMENTS.items():
        (tmp_path / "h.net").write_text(
            f"host h {{ system {{ distribution debian 13 }}; nic n {{ match mac 02:00:00:00:00:01; driver {name}\n"
            f"{statement}\n}} }}\n",
            encoding="utf-8",
        )
        if not diagnose(tmp_path, "h.net", monkeypatch).failed:
            taken.append(word)
    assert " ".join(taken) == TAKEN[name]


def test_drivers_with_filters_are_told_of() -> None:
    """Whoever has the feature has its rules described, and the description fits what goes on or off."""
    with_filters = {name for name in known_drivers() if any(f.name == "ntuple" for f in driver(name).features)}  # type: ignore[union-attr] # all known
    told = {name for name in known_drivers() if flow_rules(name) is not None}
    assert told == with_filters | {"nfp"}


@pytest.mark.parametrize(
    ("protocol", "source", "types"),
    [
        ("tcp", "", ("tcp4", "tcp6")),
        ("udp", "192.0.2.0/24", ("udp4",)),
        ("sctp", "2001:db8::/32", ("sctp6",)),
        ("tcp6", "", ("tcp6",)),
    ],
)
def test_flow_types_of_a_rule(protocol: str, source: str, types: tuple[str, ...]) -> None:
    assert flow_types(protocol, source) == types


CPU = "cpu { sockets 1; cores 8 }"


def nic(statements: str, name: str = "mlx5_core", number: int = 0) -> str:
    return f"nic n{number} {{ match pci 0000:18:{number:02x}.0; driver {name}; {statements} }}"


ISOLATED = "cpu { sockets 1; cores 8; isolate 4-7 }"
NODES = "cpu { sockets 2; cores 4 }"
LCORES = 'dpdk "a.service" { nics fast; lcores 2-3 }\nnic fast { match pci 0000:86:00.0; dpdk }'


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ([CPU, nic("irq { cpus 0-7 }")], []),
        ([ISOLATED, nic("irq { cpus 4-5 }")], ["N0620"]),
        ([ISOLATED, nic("irq { cpus 4-5; isolated }")], []),
        ([ISOLATED, nic("irq { cpus isolated }")], []),
        ([ISOLATED, LCORES, nic("irq { cpus 1-4 }")], ["N0620", "N0623"]),
        (["cpu { sockets 1; cores 8; isolate 2-3 }", LCORES, nic("irq { cpus 1-3 }")], ["N0623"]),
        (["cpu { sockets 1; cores 8; offline 7 }", nic("irq { cpus 6-7 }")], []),
        (["cpu { sockets 1; cores 8; offline 7 }", nic("irq { cpus 7 }")], ["N0621"]),
        ([NODES, nic("node 0; irq { cpus 3-4 }")], ["N0622"]),
        ([NODES, nic("irq { cpus 3-4 }")], []),
        ([NODES, nic("node 0"), nic("node 0; management; irq { cpus 4 }", number=1)], []),
        (["cpu { sockets 2; cores 4; housekeeping 4; isolate 0-3 }", nic("node 0; irq { cpus 5-7 }")], []),
        (["cpu { sockets 2; cores 4; housekeeping 0,4 }", nic("node 0; irq { cpus 4 }")], ["N0622"]),
    ],
)
def test_cpus_of_interrupts(check: Check, body: list[str], codes: list[str]) -> None:
    assert check("\n".join(body)) == codes


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ([CPU, nic("queues 8")], []),
        ([CPU, nic("queues 4"), nic("queues 4", number=1)], []),
        ([CPU, nic("queues 5"), nic("queues 4", number=1)], ["N0624"]),
        ([CPU, nic("queues 8"), nic("queues 2; management", number=1)], []),
        ([CPU, nic("queues 8; irq { cpus 0-7 }"), nic("queues 1; irq { cpus 0 }", number=1)], ["N0624"]),
        ([NODES, nic("queues 4; node 0"), nic("queues 4; node 1", number=1)], []),
        ([CPU, *(nic("vectors 64; speed 100Gbps", number=n) for n in range(20)), "goal general { packets 9Mpps }"], []),
        ([CPU, *(nic("queues 1", number=n) for n in range(20))], []),
        (["cpu { sockets 1; cores 1 }", nic("", "r8169"), nic("", "r8169", 1)], []),
        (["cpu { sockets 1; cores 4; threads 2 }", nic("queues 8")], ["N0624"]),
        (["cpu { sockets 1; cores 4; threads 2 }", nic("vectors 8; queues max")], ["N0624"]),
        ([CPU, nic("queues 8"), LCORES], ["N0624"]),
    ],
)
def test_cores_of_queues(check: Check, body: list[str], codes: list[str]) -> None:
    found = [code for code in check_but_cpus(check, body) if code != "N0644"]
    assert found == codes


def check_but_cpus(check: Check, body: list[str]) -> list[str]:
    """What is found, where more queues than CPUs are another check's to tell."""
    try:
        return check("\n".join(body))
    except AssertionError as other:
        assert "but only" in str(other)
        return ["N0624"]


@pytest.mark.parametrize(
    ("system", "name", "ports", "codes"),
    [
        ("", "igb", 203, []),
        ("", "igb", 204, ["N0626"]),
        ("", "virtio_net", 101, []),
        ("", "virtio_net", 102, ["N0626"]),
        ("", "gve", 102, ["N0626"]),
        ("; architecture arm64", "igb", 204, []),
        ("", "hv_netvsc", 204, []),
    ],
)
def test_vectors_of_a_cpu(check: Check, system: str, name: str, ports: int, codes: list[str]) -> None:
    nics = [
        f"nic n{n} {{ match mac 02:00:00:00:{n >> 8:02x}:{n & 255:02x}; driver {name}; queues 1 }}"
        for n in range(ports)
    ]
    assert check("\n".join(["cpu { sockets 1; cores 1 }", *nics]), f"distribution debian 13{system}") == codes


FACTS = """\
host: h
cpus:
- {id: 0, node: 0, core: 0, socket: 0, siblings: '0'}
- {id: 1, node: 0, core: 1, socket: 0, siblings: '1'}
nodes: [{id: 0}]
nics:
- {role: n0, driver: DRIVER, pci: '0000:18:00.0', node: 0, channels: 8, queues: {rx: RX, tx: TX}}
"""


def facts(name: str, rx: int, tx: int) -> str:
    return FACTS.replace("DRIVER", name).replace("RX", str(rx)).replace("TX", str(tx))


@pytest.mark.parametrize(
    ("arguments", "codes"),
    [
        ([], ["N0627"]),
        (["module_blacklist=irdma"], []),
        (["modprobe.blacklist=irdma"], []),
        (["module_blacklist=nouveau,irdma"], []),
        (["module_blacklist=irdma2"], ["N0627"]),
        (["blacklist=irdma"], ["N0627"]),
    ],
)
def test_rdma_and_channels(check: Check, arguments: list[str], codes: list[str]) -> None:
    lines = [f'kernel-argument "{text}" because "test"' for text in arguments]
    assert check("\n".join([CPU, nic("queues 2", "ice"), *lines])) == codes


@pytest.mark.parametrize(
    ("statements", "codes"),
    [("queues 2", []), ("queues 1", ["N0627"]), ("", []), ("queues auto", [])],
)
def test_channels_that_are_right_already(check: Check, statements: str, codes: list[str]) -> None:
    assert check(f'hardware "f.yaml"\n{nic(statements, "ice")}', f=facts("ice", 2, 2)) == codes


@pytest.mark.parametrize(
    ("name", "rx", "statements", "codes"),
    [
        ("vmxnet3", 2, "", []),
        ("vmxnet3", 4, "", ["N0625"]),
        ("vmxnet3", 4, "irq { cpus 0 }", ["N0625"]),
        ("r8169", 1, "", []),
        ("mlx5_core", 4, "", []),
    ],
)
def test_queues_that_cannot_be_fewer(check: Check, name: str, rx: int, statements: str, codes: list[str]) -> None:
    assert check(f'hardware "f.yaml"\n{nic(statements, name)}', f=facts(name, rx, rx)) == codes


@pytest.mark.parametrize(
    ("statements", "codes"),
    [
        ("queues 4; rss { queues 0-3 }", []),
        ("queues 4; rss { queues 0-4 }", ["N0628"]),
        ("queues 4; rss { queues all }", []),
        ("queues 4; rss { queues 0,2; weight 1,3 }", []),
        ("queues 4; rss { queues 0,2; weight 1,3,1 }", ["N0630"]),
        ("queues 4; rss { queues 0,2,3; weight 1,3 }", ["N0646"]),
        ("queues 4; rss { weight 1,1,0,0 }", []),
        ("queues 4; rss { weight 1,1 }", ["N0646"]),
        ("queues 4; rss { weight 1,1,1,1,1 }", ["N0630"]),
        ("queues 4; rss { weight 0,0,0,0 }", ["N0631"]),
        ("queues 4; steer tcp port 80 to queue 3", []),
        ("queues 4; steer tcp port 80 to queue 4", ["N0628"]),
        ("queues 1; rss { queues 0-1 }", ["N0628"]),
        ("queues 1; rss { key symmetric }", ["N0644"]),
        ("queues 1; rss { hash udp4 src-dst-ports }; arfs on", ["N0644"]),
        ("queues 1; xps off; rps off; irq auto", []),
        ("queues 2; xps by cpu", []),
        ("rss { queues 0-63 }", []),
        ("rss { queues 0-256 }", ["N0628"]),
    ],
)
def test_queues_that_are_named(check: Check, statements: str, codes: list[str]) -> None:
    assert check(f"{CPU}\n{nic(statements)}") == codes


@pytest.mark.parametrize(
    ("name", "weights", "codes"),
    [
        ("igb", "64,64", []),
        ("igb", "64,65", ["N0632"]),
        ("ice", "500,500", []),  # its table is smaller for other functions
        ("i40e", "500,12", []),
        ("i40e", "500,13", ["N0632"]),
    ],
)
def test_weights_and_the_table(check: Check, name: str, weights: str, codes: list[str]) -> None:
    silent = 'kernel-argument "module_blacklist=irdma" because "test"'
    assert check(f"{CPU}\n{silent}\n{nic(f'queues 2; rss {{ weight {weights} }}', name)}") == codes


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ([ISOLATED, nic("rps cpus 0-3")], []),
        ([ISOLATED, nic("rps cpus 3-4")], ["N0635"]),
        ([ISOLATED, nic("rps cpus 4-5")], ["N0634"]),
        ([ISOLATED, nic("rps off")], []),
        (["cpu { sockets 1; cores 8; offline 7 }", nic("rps cpus 7")], ["N0634"]),
        ([ISOLATED, LCORES, nic("rps cpus 1-2")], ["N0623"]),
        ([ISOLATED, nic(""), "interface br0 { over n0; kind bridge; rps cpus 4 }"], ["N0634"]),
        ([ISOLATED, nic(""), "interface br0 { over n0; kind bridge; rps cpus 0-3 }"], []),
        ([ISOLATED, nic(""), "interface bond0 { over n0; kind bond; rps cpus 0-3 }"], ["N0647"]),
        ([CPU, nic("queues 8; rps on")], ["N0636"]),
        ([CPU, nic("queues 8; rps auto")], []),
        ([CPU, nic("queues 7; rps on")], []),
        ([CPU, nic("rps on", "r8169")], []),
        ([CPU, nic("rps on")], []),  # the device may have fewer queues than there are cores
    ],
)
def test_cpus_of_rps(check: Check, body: list[str], codes: list[str]) -> None:
    assert check("\n".join(body)) == codes


@pytest.mark.parametrize(
    ("statements", "codes"),
    [
        ("arfs on; rfs on", []),
        ("arfs on; rfs flows 65536", []),
        ("arfs on; rfs off", ["N0639"]),
        ("arfs off; rfs off", []),
        ("arfs on; offload { ntuple off }", ["N0639"]),
        ("arfs on; offload { ntuple on }", []),
        ("arfs off; offload { ntuple off }", []),
        ("steer tcp port 80 to drop; offload { ntuple off }", ["N0639"]),
        ("steer tcp6 from 2001:db8::/32 to drop", []),
        ("steer tcp4 from 2001:db8::/32 to drop", ["N0641"]),
        ("steer tcp from 2001:db8::/32 to drop; steer tcp from 192.0.2.0/24 to drop", []),
        ("steer tcp port 80 to drop; steer udp port 80 to drop", []),
        ("steer tcp port 80 to drop; steer tcp6 port 80 to queue 0", ["N0642"]),
        ("steer tcp port 80 to drop; steer tcp6 port 80 to drop", ["N0642"]),
        ("steer tcp port 80 to drop; steer tcp source-port 80 to drop", []),
        ("steer tcp6 from ::/0 port 80 to drop; steer tcp6 port 80 to queue 0", ["N0642"]),
    ],
)
def test_flows(check: Check, statements: str, codes: list[str]) -> None:
    assert check(f"{CPU}\n{nic(statements)}") == codes


@pytest.mark.parametrize(
    ("name", "statements", "codes"),
    [
        ("i40e", "steer tcp4 port 80 to drop; steer tcp4 port 81 to drop", []),
        ("i40e", "steer tcp4 port 80 to drop; steer udp4 source-port 81 to drop", []),
        ("i40e", "steer tcp4 port 80 to drop; steer tcp source-port 81 to drop", ["N0638"]),
        ("i40e", "steer tcp4 from 192.0.2.1/32 to drop; steer tcp6 from 2001:db8::1/128 to drop", []),
        ("ixgbe", "steer tcp4 port 80 to drop; steer udp4 port 81 to drop", []),
        ("ixgbe", "steer tcp4 port 80 to drop; steer udp4 source-port 81 to drop", ["N0638"]),
        ("ixgbe", "steer tcp4 from 192.0.2.0/24 to drop; steer udp4 from 192.0.3.0/25 to drop", ["N0638"]),
        ("mlx5_core", "steer tcp4 port 80 to drop; steer tcp4 from 192.0.2.0/25 source-port 81 to drop", []),
        ("some_driver", "steer sctp to drop; steer tcp from 192.0.2.0/24 port 1 to queue 9; arfs on", []),
    ],
)
def test_rules_and_masks(check: Check, name: str, statements: str, codes: list[str]) -> None:
    assert check(f"{CPU}\n{nic(statements, name)}") == codes


@pytest.mark.parametrize(
    ("system", "statements", "codes"),
    [
        ("distribution debian 12; kernel 4.17", "xps by rx-queue", ["N0640"]),
        ("distribution debian 12; kernel 4.18", "xps by rx-queue", []),
        ("distribution debian 12; kernel 4.17", "xps by cpu", []),
        ("distribution ubuntu 20.04", "napi { defer-hard-irqs 1; gro-flush-timeout 20us }", ["N0640"]),
        ("distribution rhel 8", "napi { defer-hard-irqs 1; gro-flush-timeout 20us }", []),  # it takes things back
        ("distribution debian 11", "napi { defer-hard-irqs 1; gro-flush-timeout 20us }", []),
        ("distribution debian 12", "napi { defer-hard-irqs 0 }", []),
        ("distribution debian 12", "napi { gro-flush-timeout 0us }", []),
        ("distribution debian 12", "napi { defer-hard-irqs 1; gro-flush-timeout 0us }", ["N0643"]),
        ("distribution debian 12", "napi { defer-hard-irqs 0; gro-flush-timeout 9us }", ["N0643"]),
        ("distribution debian 12", "napi { busy-poll 50us }", []),
        ("distribution debian 12", "qdisc noqueue", ["N0645"]),
        ("distribution debian 12", "dpdk off; qdisc fq", []),
    ],
)
def test_what_the_kernel_does(check: Check, system: str, statements: str, codes: list[str]) -> None:
    assert check(f"{CPU}\n{nic(statements)}", system) == codes


def test_a_transmit_queue_that_facts_tell(check: Check) -> None:
    """Receive queues say nothing of the others where a driver has both."""
    assert check(f'hardware "f.yaml"\n{nic("xps by cpu", "mlx4_en")}', f=facts("mlx4_en", 1, 2)) == []
    assert check(f'hardware "f.yaml"\n{nic("xps by cpu", "mlx4_en")}', f=facts("mlx4_en", 2, 1)) == ["N0644"]

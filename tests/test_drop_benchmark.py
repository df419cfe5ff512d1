"""What of `benchmarks.xdp_drop` needs no root: its arithmetic, its packets, its `.net` file. No test measures time."""

from __future__ import annotations

import ipaddress
import struct
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT)


def results(case: str, *rates: float) -> list[dict[str, Any]]:
    return [{"case": case, "round": number, "rate": rate} for number, rate in enumerate(rates)]


def test_ratios_are_taken_round_by_round() -> None:
    from benchmarks.xdp_drop.rates import table

    refused = {"case": "generic", "round": 0, "refusal": "no such mode"}
    found = [*results("ingress", 1e6, 2e6, 4e6), *results("native", 3e6, 4e6, 20e6), refused]
    assert [line.split() for line in table(found, "ingress").splitlines()] == [
        ["million/s", "ns", "ratio"],
        ["ingress", "2.00", "(1.00–4.00)", "500", "1.00", "(1.00–1.00)"],
        ["native", "4.00", "(3.00–20.00)", "250", "3.00", "(2.00–5.00)"],
        ["generic", "left", "out:", "no", "such", "mode"],
    ]


def test_without_the_baseline_rates_remain() -> None:
    from benchmarks.xdp_drop.rates import table

    refused = {"case": "ingress", "round": 0, "refusal": "not supported"}
    *_, native = table([refused, *results("native", 3e6)], "ingress").splitlines()
    assert native.split() == ["native", "3.00", "(3.00–3.00)", "333"]


def test_counters_are_read() -> None:
    from benchmarks.xdp_drop.rates import nft_packets, udp_buffer_errors, xdp_dropped

    listed = "table inet t {\n\tcounter dropped {\n\t\tpackets 65536 bytes 3014656\n\t}\n}\n"
    assert nft_packets(listed) == 65536
    cpus = '{"cpu":%d,"value":{"packets":%d,"bytes":9}}'
    entry = '{"key":["0x00"],"formatted":{"key":%d,"values":[%s,%s]}}'
    dump = f"[{entry % (1, cpus % (0, 7), cpus % (1, 7))},{entry % (0, cpus % (0, 30), cpus % (1, 12))}]"
    assert xdp_dropped(dump) == 42
    snmp = "Udp: InDatagrams NoPorts RcvbufErrors\nUdp: 1 2 3\nUdpLite: InDatagrams RcvbufErrors\nUdpLite: 4 5\n"
    assert udp_buffer_errors(snmp) == 3


def test_packets_are_valid_and_from_listed_sources() -> None:
    """The program that changes their source leaves the checksum: it must hold for each of them."""
    from benchmarks.xdp_drop.pair import LISTS
    from benchmarks.xdp_drop.senders import ID_AT, SOURCE_AT, frame

    for length, (prefixes, first, count) in LISTS.items():
        assert len(prefixes) == int(length)
        listed = {ipaddress.IPv4Network(prefix) for prefix in prefixes}
        for network in range(first, first + count):
            packet = frame(network)
            assert len(packet) == 60
            assert packet[24:26] == frame(first)[24:26]
            assert sum(struct.unpack("!10H", packet[14:34])) % 0xFFFF == 0
            assert struct.unpack_from("!H", packet, ID_AT)[0] ^ 0xFFFF == network
            source = ipaddress.IPv4Network(packet[SOURCE_AT : SOURCE_AT + 4])
            assert any(source.supernet(new_prefix=bits) in listed for bits in (8, 24))


def test_its_hosts_compile(tmp_path: Path) -> None:
    from benchmarks.xdp_drop.__main__ import hosts

    scripts = hosts(tmp_path).glob("*/rootfs/etc/netc/xdp/front")
    assert sorted(path.parents[4].name for path in scripts) == [
        "generic-10000",
        "generic-14",
        "native-10000",
        "native-14",
    ]


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from benchmarks.xdp_drop import __main__ as benchmark

    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr(benchmark, "PATH", "")
    assert benchmark.main() == 2
    said = capsys.readouterr().err
    assert said.startswith("this benchmark needs root, ")
    assert "nft (Debian: nftables)" in said

"""The XDP programs of examples/xdp: built anew they are the same, and on a veth pair they do what their files say."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
from made import run

from netc.bpf_object import read_object

XDP = Path(__file__).parents[2] / "examples" / "xdp"
OBJECTS = sorted(path.name for path in XDP.glob("*.o"))
SCRIPT = Path(__file__).with_name("xdp_on_a_veth.py")
CLANG_OF_THE_OBJECTS = 14
DROP, PASS = 1, 2
"""enum xdp_action."""

pytestmark = pytest.mark.skipif(sys.byteorder != "little", reason="the objects are for little-endian machines")


# Built anew.


def built(folder: Path) -> Path:
    """The objects, made by `make` from the sources alone."""
    shutil.copytree(XDP, folder, ignore=shutil.ignore_patterns("*.o"))
    done = run("make", "-C", folder)
    if "file not found" in done.stderr:
        pytest.skip("the headers of libbpf or the kernel are not installed")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.tool("make")
@pytest.mark.tool("clang")
@pytest.mark.tool("llvm-strip")
def test_the_objects_are_those_of_the_sources(tmp_path: Path) -> None:
    first, second = built(tmp_path / "a"), built(tmp_path / "another/place")
    assert sorted(path.name for path in first.glob("*.o")) == OBJECTS
    found = re.search(r"clang version (\d+)", run("clang", "--version").stdout)
    assert found is not None
    for name in OBJECTS:
        assert (first / name).read_bytes() == (second / name).read_bytes()
        if int(found[1]) == CLANG_OF_THE_OBJECTS:
            assert (first / name).read_bytes() == (XDP / name).read_bytes()
        else:
            made, kept = (read_object((folder / name).read_bytes()) for folder in (first, XDP))
            assert (made.maps, made.license, made.endian) == (kept.maps, kept.license, kept.endian)
            assert [(p.name, p.section) for p in made.programs] == [(p.name, p.section) for p in kept.programs]


@pytest.mark.parametrize("name", OBJECTS)
def test_objects_hold_no_absolute_path(name: str) -> None:
    assert re.search(rb"\0/[\w.-]+/", (XDP / name).read_bytes()) is None


# Frames, by hand.

MAC = bytes.fromhex("020000000001") + bytes(6)
VLAN, SERVICE_VLAN = "81000064", "88a80064"
TCP, UDP, ICMP, ICMP6, HOP_BY_HOP, GRE = 6, 17, 1, 58, 0, 47


def frame(*parts: str | bytes) -> bytes:
    return MAC + b"".join(bytes.fromhex(part) if isinstance(part, str) else part for part in parts)


def v4(source: str, *, protocol: int = UDP, options: int = 0, offset: int = 0, payload: int = 8) -> bytes:
    """EtherType, header and payload; checksums are left to others."""
    length = 20 + options + payload
    first = bytes([0x45 + options // 4, 0]) + length.to_bytes(2, "big") + bytes(2) + offset.to_bytes(2, "big")
    rest = bytes([64, protocol, 0, 0]) + ip_address(source).packed + ip_address("203.0.113.9").packed
    return bytes.fromhex("0800") + first + rest + b"\x01" * options + bytes(payload)


def v6(source: str, *, protocol: int = UDP, payload: int = 8) -> bytes:
    first = bytes.fromhex("60000000") + payload.to_bytes(2, "big") + bytes([protocol, 64])
    addresses = ip_address(source).packed + ip_address("2001:db8:ffff::9").packed
    return bytes.fromhex("86dd") + first + addresses + bytes(payload)


PREFIXES = ("192.0.2.0/24", "198.51.100.7/32", "10.0.0.0/7", "2001:db8::/32", "2001:db9::1/128", "fc00::/7")
DELETED = "192.0.3.0/24"


def key(prefix: str) -> tuple[str, str]:
    """The map of a prefix, and its key as bpftool takes it."""
    network = ip_network(prefix)
    content = network.prefixlen.to_bytes(4, "little") + network.network_address.packed
    return f"drop_v{network.version}", content.hex(" ")


FILLED = {"prefixes": [key(prefix) for prefix in (*PREFIXES, DELETED)], "deleted": [key(DELETED)]}

# Frame → whether prefix_drop drops it.
FRAMES = {
    "IPv4 in a prefix": (frame(v4("192.0.2.1")), True),
    "first address of a prefix": (frame(v4("192.0.2.0")), True),
    "last address of a prefix": (frame(v4("192.0.2.255")), True),
    "next to a prefix": (frame(v4("192.0.1.255")), False),
    "in a prefix that was deleted": (frame(v4("192.0.3.1")), False),
    "one address": (frame(v4("198.51.100.7")), True),
    "beside one address": (frame(v4("198.51.100.6")), False),
    "a prefix that ends within a byte": (frame(v4("11.255.255.255")), True),
    "beyond it": (frame(v4("12.0.0.0")), False),
    "TCP": (frame(v4("192.0.2.1", protocol=TCP, payload=20)), True),
    "with options": (frame(v4("192.0.2.1", options=40)), True),
    "with options, in none": (frame(v4("192.0.9.1", options=4)), False),
    "a later fragment": (frame(v4("192.0.2.1", offset=185)), True),
    "IPv6 in a prefix": (frame(v6("2001:db8:1::1")), True),
    "IPv6 next to it": (frame(v6("2001:dba::1")), False),
    "one address of IPv6": (frame(v6("2001:db9::1")), True),
    "beside one address of IPv6": (frame(v6("2001:db9::2")), False),
    "IPv6 prefix that ends within a byte": (frame(v6("fdff::1")), True),
    "link-local": (frame(v6("fe80::1")), False),
    "IPv6 extension header": (frame(v6("2001:db8::1", protocol=HOP_BY_HOP)), True),
    "one tag": (frame(VLAN, v4("192.0.2.1")), True),
    "one tag, in none": (frame(VLAN, v4("192.0.9.1")), False),
    "one service tag": (frame(SERVICE_VLAN, v6("2001:db8::1")), True),
    "two tags": (frame(SERVICE_VLAN, VLAN, v4("192.0.2.1")), True),
    "two tags and IPv6": (frame(VLAN, VLAN, v6("2001:db8::1")), True),
    "two tags, in none": (frame(SERVICE_VLAN, VLAN, v6("2001:dba::1")), False),
    "three tags": (frame(VLAN, VLAN, VLAN, v4("192.0.2.1")), False),
    "ARP": (frame("0806", "0001080006040001", bytes(20)), False),
    "LLDP": (frame("88cc", bytes(46)), False),
    "a length instead of a type": (frame("0040", bytes(64)), False),
    "no network header": (frame("0800"), False),
    "nothing behind a tag": (frame("8100"), False),
    "half a tag": (frame("8100", "0064"), False),
    "no network header behind a tag": (frame(VLAN, "86dd"), False),
    "IPv4 header cut by a byte": (frame(v4("192.0.2.1", payload=0)[:-1]), False),
    "IPv4 header alone": (frame(v4("192.0.2.1", payload=0)), True),
    "IPv6 header cut by a byte": (frame(v6("2001:db8::1", payload=0)[:-1]), False),
    "IPv6 header alone": (frame(v6("2001:db8::1", payload=0)), True),
    "IPv4 type, IPv6 header": (frame("0800", v6("2001:db8::1")[2:]), False),
    "as large as the MTU": (frame(v4("192.0.2.1", payload=1480)), True),
    "as large as the MTU, in none": (frame(v4("192.0.9.1", payload=1480)), False),
}
TABLE = [content for content, _ in FRAMES.values()]


def is_taken(content: bytes) -> bool:
    """Whether the kernel drops a frame that passed, before a socket sees it: a tag with fewer than two bytes behind it
    (skb_vlan_untag of net/core/skbuff.c)."""
    return content[12:14].hex() in ("8100", "88a8") and len(content) < 20


def is_dropped(content: bytes) -> bool:
    """The rule in other words."""
    at = 12
    for _ in range(2):
        if content[at : at + 2].hex() in ("8100", "88a8"):
            at += 4
    kind, header = content[at : at + 2].hex(), content[at + 2 :]
    if kind == "0800" and len(header) >= 20:
        source = ip_address(header[12:16])
    elif kind == "86dd" and len(header) >= 40:
        source = ip_address(header[8:24])
    else:
        return False
    return any(source in ip_network(prefix) for prefix in PREFIXES)


def some_frame(chance: random.Random) -> bytes:
    tags = [chance.choice([VLAN, SERVICE_VLAN]) for _ in range(chance.choice([0, 0, 0, 1, 1, 2, 3]))]
    if chance.random() < 0.5:
        near = int(ip_network(chance.choice(PREFIXES[:3])).network_address)
        content = v4(str(ip_address(min(max(near + chance.choice([-1, 0, 1, 255, 256, 2**25]), 0), 2**32 - 1))))
    else:
        near = int(ip_network(chance.choice(PREFIXES[3:])).network_address)
        content = v6(str(ip_address(near + chance.choice([-1, 0, 1, 2**64, 2**96, 2**120]))))
    made = frame(*tags, content)
    return made[: chance.randrange(14, len(made))] if chance.random() < 0.2 else made


# On a veth pair.


@dataclass
class Happened:
    """Which frames arrived, by their place in the job, and packets and bytes of each counter."""

    arrived: list[int]
    counters: dict[str, list[int]]
    verdicts: list[int]
    mode: list[str]


def on_a_veth(name: str, frames: list[bytes], **job: Any) -> dict[str, Any]:
    if not Path("/sys/fs/bpf").is_dir():
        pytest.skip("the kernel has no BPF file system")
    job |= {"object": str(XDP / name), "frames": [content.hex() for content in frames]}
    command = ["unshare", "--net", "--mount", sys.executable, str(SCRIPT)]
    done = subprocess.run(command, input=json.dumps(job), capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def sent(name: str, frames: list[bytes], **job: Any) -> Happened:
    happened = Happened(**on_a_veth(name, frames, **job))
    assert happened.mode == ["driver"]
    return happened


def totals(frames: list[bytes]) -> list[int]:
    return [len(frames), sum(map(len, frames))]


END = bytes(14)
"""The frame after the last one, which every program passes."""


@pytest.mark.root
@pytest.mark.tool("bpftool")
@pytest.mark.parametrize("name", ["prefix_drop.o", "prefix_drop_frags.o"])
def test_prefixes_are_dropped_and_nothing_else(name: str) -> None:
    happened = sent(name, TABLE, test_runs=len(TABLE), **FILLED)
    names = list(FRAMES)
    passing = [name for name, (content, dropped) in FRAMES.items() if not dropped and not is_taken(content)]
    assert [names[number] for number in happened.arrived] == passing
    assert happened.counters == {
        "0": totals([content for content, dropped in FRAMES.values() if dropped]),
        "1": totals([*(content for content, dropped in FRAMES.values() if not dropped), END]),
    }
    assert happened.verdicts == [DROP if dropped else PASS for _, dropped in FRAMES.values()]
    assert {name: is_dropped(content) for name, (content, _) in FRAMES.items()} == {
        name: dropped for name, (_, dropped) in FRAMES.items()
    }


@pytest.mark.root
@pytest.mark.tool("bpftool")
def test_frames_of_every_kind_are_dropped_by_the_rule() -> None:
    chance = random.Random(7)
    frames = [some_frame(chance) for _ in range(2000)]
    expected = [n for n, content in enumerate(frames) if not is_dropped(content) and not is_taken(content)]
    assert 400 < len(expected) < 1600
    assert sent("prefix_drop.o", frames, **FILLED).arrived == expected


@pytest.mark.root
@pytest.mark.tool("bpftool")
def test_an_empty_list_drops_nothing() -> None:
    happened = sent("prefix_drop.o", TABLE)
    assert happened.arrived == [n for n, content in enumerate(TABLE) if not is_taken(content)]
    assert happened.counters == {"0": [0, 0], "1": totals([*TABLE, END])}


@pytest.mark.root
@pytest.mark.tool("bpftool")
def test_frames_of_several_buffers_count_whole() -> None:
    large = [frame(v4(source, payload=8900)) for source in ("192.0.2.1", "192.0.9.1")]
    happened = sent("prefix_drop_frags.o", large, mtu=9000, **FILLED)
    assert happened.arrived == [1]
    assert happened.counters == {"0": totals(large[:1]), "1": totals([large[1], END])}


CLASSES = {
    "0": ["ARP", "LLDP", "half a tag", "three tags", "IPv4 header cut by a byte", "IPv6 header cut by a byte"],
    "1": [frame(v4("192.0.2.1", protocol=TCP)), frame(VLAN, v6("2001:db8::1", protocol=TCP))],
    "2": ["IPv4 in a prefix", "with options", "a later fragment", "two tags and IPv6", "IPv6 header alone"],
    "3": [frame(v4("192.0.2.1", protocol=ICMP, payload=56)), frame(v6("fe80::1", protocol=ICMP6))],
    "4": [frame(v4("192.0.2.1", protocol=GRE)), "IPv6 extension header", frame(v4("192.0.2.1", protocol=ICMP6))],
}


@pytest.mark.root
@pytest.mark.tool("bpftool")
def test_everything_passes_and_is_counted_by_class() -> None:
    classes = {
        number: [FRAMES[content][0] if isinstance(content, str) else content for content in contents]
        for number, contents in CLASSES.items()
    }
    frames = [content for contents in classes.values() for content in contents]
    happened = sent("count_pass.o", frames, test_runs=len(frames))
    assert happened.arrived == [n for n, content in enumerate(frames) if not is_taken(content)]
    classes["0"].append(END)
    assert happened.counters == {number: totals(contents) for number, contents in classes.items()}
    assert set(happened.verdicts) == {PASS}


@pytest.mark.root
@pytest.mark.tool("bpftool")
def test_a_program_is_replaced_without_a_gap() -> None:
    happened = on_a_veth("prefix_drop.o", TABLE[:1], replacements=30, **FILLED)
    assert happened["arrived"] == []
    assert sum(happened["dropped"]) == happened["sent"] > 1000
    assert min(happened["dropped"]) > 0


LOADED = """
mount -t bpf bpf /sys/fs/bpf
mount -t tmpfs tmpfs /run
ip link add front type veth peer name peer
xdp-loader load --mode native front {object}
xdp-loader status front
"""


@pytest.mark.root
@pytest.mark.tool("xdp-loader")
@pytest.mark.parametrize("name", OBJECTS)
def test_xdp_loader_takes_them(name: str) -> None:
    done = run("unshare", "--net", "--mount", "sh", "-euc", LOADED.format(object=XDP / name))
    assert re.search(rf"\b{name.removesuffix('.o').removesuffix('_frags')}\b", done.stdout), done.stderr
    assert " native " in done.stdout


ATTACHED = """
mount -t bpf bpf /sys/fs/bpf
ip link add front type veth peer name peer
ip link set dev front xdpdrv object {object} section {section}
ip -details link show front
"""


@pytest.mark.root
@pytest.mark.tool("ip")
@pytest.mark.parametrize("name", OBJECTS)
def test_ip_takes_them(name: str) -> None:
    (program,) = read_object((XDP / name).read_bytes()).programs
    steps = ATTACHED.format(object=XDP / name, section=program.section)
    done = run("unshare", "--net", "--mount", "sh", "-euc", steps)
    assert "prog/xdp" in done.stdout, done.stderr

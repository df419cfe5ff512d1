"""Files with one mistake each, made from a file without any; each knows the line its mistake stands on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

BASE = """\
profile edge {
    system {
        distribution debian 12
        kernel 6.1
        systemd 252
        tick 250
        architecture x86-64
        cpu-vendor intel
        boot grub
        initramfs initramfs-tools
        network networkd
        page 4KiB
        memory 256GiB
        irqbalance ban
    }
    cpu {
        sockets 2
        cores 16
        threads 2
        nodes 2
        numbering cores-first
        offline 63
        housekeeping 0,32
        isolate 15,47
        smt on
        c-states shallow
        governor performance
    }
    goal load-balancer {
        throughput 80Gbps
        flow 1Gbps
        rtt 40ms
        packets 4Mpps
        connections 2M
        connection-rate 150k/s
        outbound-rate 20k/s
        lifetime 2s
        datagrams 64KiB
        neighbours 4000
        listen 80,443
        congestion bbr
        forwarding on
        tracking on
    }
}

host lb-[01..01].example.net : edge {
    nic front {
        match {
            pci 0000:18:00.0
            driver ice
        }
        driver ice
        speed 100Gbps
        node 0
        vectors 64
        mtu 9000
        queues 12
        rings {
            rx 4096
            tx 4096
        }
        coalesce {
            adaptive off
            rx 50us
            tx 60us
        }
        offload {
            gro on
            lro off
        }
        pause {
            rx off
            tx on
        }
        rss {
            key symmetric
            weight 1,1,2,2
        }
        rps cpus 1-14
        xps by cpu
        steer tcp port 443 to queue 3
        napi {
            defer-hard-irqs 2
            gro-flush-timeout 200us
        }
        qdisc fq
        xdp "drop.o" {
            program prefix_drop
            mode generic
            priority 10
            drop 192.0.2.0/24, 2001:db8::/32
        }
    }
    nic back {
        match mac 3c:fd:fe:9e:7a:10
        driver ice
        speed 100Gbps
        node 1
        optional
    }
    interface bond0 {
        over front, back
        kind bond
    }
    set net.core.somaxconn = 16384 because "the proxy asks for as much"
    kernel-argument "mitigations=auto" because "site policy"
}
"""
"""Every statement of it stands on a line of its own."""

LINES = BASE.splitlines()


@dataclass(frozen=True)
class Mistake:
    """A file with a mistake on a line; `opener` is the line of the block that was left open."""

    name: str
    text: bytes
    line: int
    code: str = ""
    """The code it must have; empty where several would be right."""
    opener: int = 0


def _with(number: int, line: str | None) -> bytes:
    """The base with another text on a line; None takes the line out."""
    lines = [*LINES[: number - 1], *([] if line is None else [line]), *LINES[number:]]
    return ("\n".join(lines) + "\n").encode(errors="surrogateescape")


def _statements() -> Iterator[tuple[int, str, list[str]]]:
    for number, line in enumerate(LINES, 1):
        words = line.split()
        if words and words != ["}"]:
            yield number, line, words


def misspelt_words() -> Iterator[Mistake]:
    """The first word of every statement, with its second letter twice or its last one gone."""
    for number, line, words in _statements():
        word = words[0]
        for wrong in {word[:2] + word[1:], f"{word}x"}:
            yield Mistake(f"{wrong} line {number}", _with(number, line.replace(word, wrong, 1)), number)


def words_too_many() -> Iterator[Mistake]:
    for number, line, words in _statements():
        wrong = line.replace(" {", " surplus {") if words[-1] == "{" else f"{line} surplus"
        yield Mistake(f"{words[0]} surplus, line {number}", _with(number, wrong), number)


def words_missing() -> Iterator[Mistake]:
    for number, line, words in _statements():
        if len(words) > 1 and words[-1] != "{":
            alone = line.partition(words[0])[0] + words[0]
            yield Mistake(f"{words[0]} alone, line {number}", _with(number, alone), number)


def statements_twice() -> Iterator[Mistake]:
    for number, line, words in _statements():
        if words[-1] != "{":
            twice = f"{line}\n{line}"
            yield Mistake(f"{words[0]} twice, line {number}", _with(number, twice), number + 1, "N0105")


QUANTITY = re.compile(r" (\d+)(KiB|GiB|Gbps|Mpps|ms|us|s|M|k/s)\b")
WRONG_UNITS = {
    "KiB": "kbps",
    "GiB": "GHz",
    "Gbps": "GB",
    "Mpps": "M",
    "ms": "MB",
    "us": "u",
    "s": "sec",
    "M": "Mpps",
    "k/s": "k",
}


def wrong_quantities() -> Iterator[Mistake]:
    for number, line, words in _statements():
        match = QUANTITY.search(line)
        if match is None:
            continue
        digits, unit = match.groups()
        texts = {
            "wrong unit": digits + WRONG_UNITS[unit],
            "a blank before the unit": f"{digits} {unit}",
            "a comma for the point": f"1,{digits}{unit}",
            "below nothing": f"-{digits}{unit}",
            "beyond 64 bits": f"9{'0' * 24}{unit}",
            "hexadecimal": f"0x{digits}{unit}",
            "no number": unit,
        }
        if unit != "M":
            texts["no unit"] = digits
        if unit != "us":
            texts["nothing at all"] = f"0{unit}"
        for what, wrong in texts.items():
            yield Mistake(
                f"{words[0]} {wrong[:20]}: {what}", _with(number, line.replace(match[0], f" {wrong}")), number
            )


def wrong_numbers() -> Iterator[Mistake]:
    """Whole numbers out of range or with what does not belong there."""
    for number, line, words in _statements():
        if len(words) == 2 and words[1].isdecimal() and words[0] not in ("neighbours", "kernel"):
            for wrong in ("99999999999999999999999", "-1", "4.5", "4k", "٤", "0x10"):
                yield Mistake(f"{words[0]} {wrong}", _with(number, line.replace(words[1], wrong)), number)


def dropped_braces() -> Iterator[Mistake]:
    """Closing braces one by one, each with the line of its block, and opening ones."""
    opened: list[int] = []
    for number, line in enumerate(LINES, 1):
        if line.endswith("{"):
            opened.append(number)
            yield Mistake(f"no {{ on line {number}", _with(number, line.removesuffix(" {")), number)
            yield Mistake(f"{{ on its own, line {number}", _with(number, line.replace(" {", "\n{")), number + 1)
        elif line.strip() == "}":
            opener = opened.pop()
            yield Mistake(f"no }} on line {number}", _with(number, None), number, "N0004", opener)
            yield Mistake(f"}} twice on line {number}", _with(number, f"{line} }}"), number, opener=opener)


def stray_bytes() -> Iterator[Mistake]:
    for number, line, words in _statements():
        if number % 4:
            continue
        for wrong, code in (
            ("\x00", ""),
            ("\x07", ""),
            ("\x1b[31m", ""),
            ("\x7f", ""),
            ("\x85", ""),
            ("\udcff", "N0132"),  # one byte 0xff
            ("\udcc3(", "N0132"),  # a sequence of two bytes without its second
        ):
            place = line.index(words[0]) + 1
            text = _with(number, f"{line[:place]}{wrong}{line[place:]}")
            yield Mistake(f"{wrong!a} in {words[0]}", text, number, code)


def wrong_texts() -> Iterator[Mistake]:
    """One line for another; each mistake by hand."""
    for old, new, code in REPLACED:
        found = [number for number, line in enumerate(LINES, 1) if line.strip() == old]
        number = found[0]
        indent = LINES[number - 1].removesuffix(old)
        yield Mistake(f"{new[:50]} for {old[:50]}", _with(number, indent + new), number, code)


NESTED = "a { " * 40 + "} " * 40
REPLACED = (
    ("distribution debian 12", "distribution debain 12", "N0201"),
    ("distribution debian 12", "distribution debian bookworm", "N0107"),
    ("architecture x86-64", "architecture amd64", "N0107"),
    ("boot grub", "boot lilo", "N0107"),
    ("boot grub", 'boot "grub"', "N0107"),
    ("kernel 6.1", "kernel six", "N0107"),
    ("kernel 6.1", "kernel 6.1-rc1", "N0107"),
    ("nodes 2", "nodes 3", "N0206"),
    ("cores 16", "cores 16; threads 2; cores 8", "N0105"),
    ("offline 63", "offline 64", ""),
    ("housekeeping 0,32", "housekeeping 0-", "N0114"),
    ("housekeeping 0,32", "housekeeping 5-2", "N0114"),
    ("housekeeping 0,32", "housekeeping 0-31:3/2", "N0114"),
    ("housekeeping 0,32", "housekeeping 0-31:0/0", "N0114"),
    ("housekeeping 0,32", "housekeeping 0,,32", ""),
    ("housekeeping 0,32", "housekeeping 9999999999999", "N0114"),
    ("housekeeping 0,32", "housekeeping 0,64", "N0208"),
    ("housekeeping 0,32", "housekeeping 1 core per socket", ""),
    ("isolate 15,47", "isolate 0,32", "N0235"),
    ("isolate 15,47", "isolate 0-64", "N0208"),
    ("isolate 15,47", "isolate rset", "N0107"),
    ("goal load-balancer {", "goal loadbalancer {", "N0402"),
    ("goal load-balancer {", 'goal "load-balancer" {', ""),
    ("throughput 80Gbps", "throughput 900Gbps", "N0406"),
    ("packets 4Mpps", "packets 900Mpps", "N0407"),
    ("flow 1Gbps", "flow 900Gbps", "N0405"),
    ("flow 1Gbps", "latency 1Gbps", ""),
    ("connections 2M", "connections 2G", "N0411"),
    ("congestion bbr", "congestion bbr2", "N0107"),
    ("listen 80,443", "listen 80,99999", "N0110"),
    ("listen 80,443", "listen http", "N0107"),
    ("forwarding on", "forwarding yes", "N0107"),
    ("tracking on", "mtu 1500", "N0104"),
    ("tracking on", "host x { }", "N0121"),
    ("tracking on", "= 1", "N0122"),
    ("tracking on", '"text"', "N0122"),
    ("tracking on", "tracking on { }", "N0112"),
    ("tracking on", NESTED, ""),
    ("tracking on", "tracking on } tracking on", ""),
    ("lifetime 2s", "lifetime 2s because", "N0108"),
    ("host lb-[01..01].example.net : edge {", "host lb-[01..01.example.net : edge {", ""),
    ("host lb-[01..01].example.net : edge {", "host lb-[2..1].example.net : edge {", "N0139"),
    ("host lb-[01..01].example.net : edge {", "host lb-[1..001].example.net : edge {", "N0139"),
    ("host lb-[01..01].example.net : edge {", "host lb-[000000000..999999999].example.net : edge {", "N0140"),
    ("host lb-[01..01].example.net : edge {", "host lb_1.example.net : edge {", "N0138"),
    ("host lb-[01..01].example.net : edge {", "host .. : edge {", "N0138"),
    ("host lb-[01..01].example.net : edge {", "host ../../etc : edge {", "N0138"),
    ("host lb-[01..01].example.net : edge {", f"host {'a' * 64} : edge {{", "N0138"),
    ("host lb-[01..01].example.net : edge {", "host lb : egde {", "N0136"),
    ("host lb-[01..01].example.net : edge {", "host lb : edge,, edge {", "N0102"),
    ("host lb-[01..01].example.net : edge {", "host lb : {", "N0102"),
    ("host lb-[01..01].example.net : edge {", "host lb edge {", "N0102"),
    ("host lb-[01..01].example.net : edge {", 'host "lb" : edge {', "N0102"),
    ("host lb-[01..01].example.net : edge {", "host lb-[a,a] : edge {", "N0141"),
    ("profile edge {", "profile ed.ge {", "N0115"),
    ("profile edge {", "profile edge : edge {", "N0137"),
    ("profile edge {", "include roles.net; profile edge {", "N0102"),
    ("profile edge {", 'include "roles.net"; profile edge {', "N0131"),
    ("profile edge {", 'hosts from "fleet.yaml"; profile edge {', "N0131"),
    ("profile edge {", "profile edge { }; profile edge {", "N0135"),
    ("nic front {", "nic 0000 {", "N0113"),
    ("nic front {", "nic lo {", "N0113"),
    ("nic front {", "nic an-interface-name-too-long {", "N0113"),
    ("nic front {", "nic fr/ont {", "N0113"),
    ("pci 0000:18:00.0", "pci 0000:18:00", "N0107"),
    ("pci 0000:18:00.0", "pci 0000:18:20.0", "N0107"),
    ("match mac 3c:fd:fe:9e:7a:10", "match mac 3c:fd:fe:9e:7a", "N0107"),
    ("match mac 3c:fd:fe:9e:7a:10", "match name eth0", "N0218"),
    ("match mac 3c:fd:fe:9e:7a:10", "match pci 0000:18:00.0", "N0220"),
    ("match mac 3c:fd:fe:9e:7a:10", "match vf 0 of middle", "N0234"),
    ("node 0", "node 2", "N0223"),
    ("mtu 9000", "mtu 67", "N0110"),
    ("mtu 9000", "mtu 20000", "N0229"),
    ("queues 12", "queues 4097", "N0110"),
    ("queues 12", "queues 40", "N0214"),
    ("queues 12", "queues 65", ""),
    ("rx 4096", "rx 1048576", "N0226"),
    ("rx 4096", "rx 4k", "N0107"),
    ("rx 50us", "rx 1500ns", "N0231"),
    ("gro on", "gro of", "N0107"),
    ("lro off", "lro on", "N0416"),
    ("rps cpus 1-14", "rps cpus 1-99", "N0208"),
    ("rps cpus 1-14", "rps sometimes", "N0107"),
    ("steer tcp port 443 to queue 3", "steer tcp port 443 to queue", "N0106"),
    ("steer tcp port 443 to queue 3", "steer icmp to queue 3", "N0107"),
    ("steer tcp port 443 to queue 3", "steer tcp from 192.0.2.1/24 to queue 3", "N0120"),
    ("drop 192.0.2.0/24, 2001:db8::/32", "drop 192.0.2.0/33", "N0120"),
    ("drop 192.0.2.0/24, 2001:db8::/32", "drop 192.0.2.0/24, , 2001:db8::/32", ""),
    ("over front, back", "over front, middle", "N0234"),
    ("kind bond", "kind team", "N0107"),
    ('xdp "drop.o" {', 'xdp "drop.o {', "N0003"),
    ('xdp "drop.o" {', "xdp drop.o {", "N0107"),
    ('xdp "drop.o" {', r'xdp "dr\op.o" {', "N0009"),
    ('xdp "drop.o" {', 'xdp "dr\u2028op.o" {', "N0010"),
    ('xdp "drop.o" {', 'xdp "dr\x00op.o" {', "N0010"),
    *(
        ('set net.core.somaxconn = 16384 because "the proxy asks for as much"', new, code)
        for new, code in (
            ("set net.core.somaxconn = 16384", "N0116"),
            ("set net.core.somaxconn = 16384 because", "N0106"),
            ("set net.core.somaxconn = 16384 because policy", "N0107"),
            ('set net.core.somaxconn = 16384 because "never closed', "N0003"),
            ('set net.core.somaxconn 16384 because "no equals sign"', "N0107"),
            ('set net.core.somaxconn = because "no value"', "N0106"),
            ('set = 3 because "no key"', "N0107"),
            ('set net.core.somaxconn = -1 because "negative"', "N0301"),
            ('set net.core.somaxconn = lots because "no number"', "N0301"),
            ('set net.core.nosuchkey = 1 because "no key of the kernel"', "N0302"),
            ('set net.ipv4.tcp_tw_recycle = 1 because "the old days"', ""),
            ('set net.core.somaxconn = "1\\"2" because "a quote"', "N0118"),
            ('set net;core = 1 because "a semicolon"', ""),
            ('set net.netfilter.nf_conntrack_count = 1 because "read only"', "N0303"),
        )
    ),
    ('kernel-argument "mitigations=auto" because "site policy"', 'kernel-argument "a b" because "two"', "N0119"),
    ('kernel-argument "mitigations=auto" because "site policy"', 'kernel-argument "a=$(id)" because "x"', "N0119"),
    ('kernel-argument "mitigations=auto" because "site policy"', 'kernel-argument "" because "none"', "N0119"),
    ('kernel-argument "mitigations=auto" because "site policy"', 'kernel-argument "mitigations=auto"', "N0116"),
)


def huge_lines() -> Iterator[Mistake]:
    for what, line in (
        ("a word", "    " + "x" * 10_000_000),
        ("a string", f'    hardware "{"x" * 10_000_000}"'),
        ("words", "    cpus " + "1," * 5_000_000),
        ("a comment", "# " + "x" * 10_000_000),
        ("braces", "{" * 10_000_000),
    ):
        yield Mistake(f"10 MB of {what}", _with(45, f"{LINES[44]}\n{line}"), 46, "N0001")
    yield Mistake("60,000 braces", _with(46, "{" * 60_000), 46)
    yield Mistake("60,000 closing braces", _with(46, "}" * 60_000), 46)
    yield Mistake("60,000 quotes", _with(46, '"' * 60_000), 46)
    yield Mistake("a word of 60,000", _with(46, "x" * 60_000), 46)
    yield Mistake("60,000 blocks", ("a {\n" * 60_000).encode(), 1)


ALL = (
    misspelt_words,
    words_too_many,
    words_missing,
    statements_twice,
    wrong_quantities,
    wrong_numbers,
    dropped_braces,
    stray_bytes,
    wrong_texts,
    huge_lines,
)


@cache
def mistakes() -> list[Mistake]:
    return [mistake for kind in ALL for mistake in kind()]

"""What steers packets: RSS, flow rules, NAPI, queueing disciplines, RPS, RFS, XPS, channels of Hyper-V."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from netc.cpulist import CpuSet
from netc.promises import wording
from netc.verifying.interfaces import NETS
from netc.verifying.interrupts import cpus_in_order

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.plan import Interface, Setting
    from netc.verifying.answers import Answer, Promise
    from netc.verifying.machine import Machine

FIELDS = {"IP SA": "s", "IP DA": "d", "L4 bytes 0 & 1": "f", "L4 bytes 2 & 3": "n"}
"""What ethtool -n prints of the fields that a hash is over, by its letters."""
TABLE_ROW = re.compile(r"^\s*[0-9]+:((?:\s+[0-9]+)+)\s*$", re.MULTILINE)
FIRST_ENTRIES = 8
KINDS = {"tcp": "TCP", "udp": "UDP", "sctp": "SCTP"}
PORTS = {"src-port": "Src", "dst-port": "Dest"}
"""How ethtool -n calls what ethtool -N takes (rxclass.c)."""
BY_ETHTOOL = ("rss.spread", "rss.key", "rss.hash.", "steer.")
ATTRIBUTES = {"napi.defer-hard-irqs": "napi_defer_hard_irqs", "napi.gro-flush-timeout": "gro_flush_timeout"}


def answers(promise: Promise, setting: Setting, interface: Interface, name: str, machine: Machine) -> Iterator[Answer]:
    port = _Port(interface, name, machine)
    key, value = setting.key, setting.value
    if key in ATTRIBUTES:
        yield port.put(promise, ATTRIBUTES[key], ATTRIBUTES[key], value)
    elif key == "rps.cpus":
        mask = CpuSet.parse(value).mask()
        for queue in machine.queues(name, "rx") or [0]:
            yield port.put(promise, f"rps_cpus of rx-{queue}", f"queues/rx-{queue}/rps_cpus", mask, is_mask=True)
    elif key == "rfs.flows":
        yield from port.flows(promise, int(value))
    elif key in ("xps.cpus", "xps.rx-queues"):
        yield from port.transmit(promise, value, by_cpu=key == "xps.cpus")
    elif key == "irq.cpus":
        yield from port.channels(promise, cpus_in_order(value))
    elif key != "qdisc" and not key.startswith(BY_ETHTOOL):
        yield promise.unreadable(wording.UNKNOWN)
    elif not machine.live:
        yield promise.part(_subject(promise, setting), value).unreadable(wording.OUTSIDE_A_COPY)
    elif key == "qdisc":
        yield port.discipline(promise, value)
    else:
        yield port.by_ethtool(promise.part(_subject(promise, setting), value), setting)


def _subject(promise: Promise, setting: Setting) -> str:
    nic, key = setting.interface, setting.key
    if key.startswith("rss.hash."):
        return f"{nic}: hash of {key.removeprefix('rss.hash.')}"
    return f"{nic}: flow rule {setting.value}" if key.startswith("steer.") else promise.subject


class _Port:
    """An interface that is there."""

    def __init__(self, interface: Interface, name: str, machine: Machine) -> None:
        self.interface, self.name, self.machine = interface, name, machine

    def put(self, promise: Promise, what: str, file: str, wanted: str, *, is_mask: bool = False) -> Answer:
        promise = promise.part(f"{self.interface.nic}: {what}", wanted)
        found = self.machine.first_line(f"{NETS}/{self.name}/{file}")
        if found is None:
            return promise.broken(wording.ABSENT)
        return promise.judged((found.lstrip("0,") or "0" if is_mask and found else found) or "empty")

    def receive_queues(self) -> int:
        """Those in use: of some drivers sysfs has twice as many."""
        count = len(self.machine.queues(self.name, "rx"))
        if self.interface.twin_queues:
            present = (self.machine.ask("ethtool", "-l", self.name) or "").rpartition("Current hardware settings")[2]
            opened = re.search(r"^Combined:\s*([0-9]+)", present, re.MULTILINE)
            if opened is not None and count == 2 * int(opened[1]):
                return int(opened[1])
        return count

    def flows(self, promise: Promise, flows: int) -> Iterator[Answer]:
        """The kernel takes powers of two. An interface without queues lacks the first."""
        count = self.receive_queues() or 1
        share = 1
        while share * count < flows:
            share *= 2
        for queue in range(count):
            yield self.put(promise, f"rps_flow_cnt of rx-{queue}", f"queues/rx-{queue}/rps_flow_cnt", str(share))

    def transmit(self, promise: Promise, value: str, *, by_cpu: bool) -> Iterator[Answer]:
        queues = self.machine.queues(self.name, "tx")
        if len(queues) < 2:
            return
        file = "xps_cpus" if by_cpu else "xps_rxqs"
        received = self.receive_queues()
        for queue in range(len(queues)):
            chosen = _cpus_of_queue(queue, len(queues), value) if by_cpu else CpuSet.of([queue % max(received, 1)])
            yield self.put(promise, f"{file} of tx-{queue}", f"queues/tx-{queue}/{file}", chosen.mask(), is_mask=True)

    def channels(self, promise: Promise, cpus: list[int]) -> Iterator[Answer]:
        """The channels of a Hyper-V port, in the order of their numbers."""
        folder = f"{NETS}/{self.name}/device/channels"
        names = self.machine.files.names(folder)
        numbered = sorted((self.machine.files.number(f"{folder}/{name}/subchannel_id") or 0, name) for name in names)
        for place, (_, name) in enumerate(numbered):
            cpu = str(cpus[place % len(cpus)])
            yield self.put(promise, f"CPU of channel {name}", f"device/channels/{name}/cpu", cpu)

    def discipline(self, promise: Promise, kind: str) -> Answer:
        if not self.machine.has("tc"):
            return promise.unreadable("tc is not installed")
        wanted = 1 if kind == "noqueue" else len(self.machine.queues(self.name, "tx"))
        text = self.machine.ask("tc", "qdisc", "show", "dev", self.name) or ""
        found = sum(line.startswith(f"qdisc {kind} ") for line in text.splitlines())
        return promise.part(promise.subject, f"{kind} on {wanted} queues").judged(f"{kind} on {found} queues")

    def by_ethtool(self, promise: Promise, setting: Setting) -> Answer:
        if not self.machine.has("ethtool"):
            return promise.unreadable(wording.NO_ETHTOOL)
        key, value = setting.key, setting.value
        if key.startswith("steer."):
            return promise.kept() if self._rule_is_there(value) else self._missing(promise, wording.ABSENT)
        if key.startswith("rss.hash."):
            text = self.machine.ask("ethtool", "-n", self.name, "rx-flow-hash", key.removeprefix("rss.hash.")) or ""
            letters = "".join(letter for words, letter in FIELDS.items() if re.search(f"^{words}", text, re.MULTILINE))
            return promise.kept() if letters == value else self._missing(promise, letters or "over nothing")
        text = self.machine.ask("ethtool", "-x", self.name) or ""
        if key == "rss.key":
            found = re.search(r"^RSS hash key:\s*\n\s*([0-9a-f:]+)", text, re.MULTILINE)
            pairs = re.findall("..:..", found[1]) if found is not None else []
            kept = bool(pairs) and set(pairs) == {"6d:5a"}
            return promise.kept() if kept else self._missing(promise, "another" if pairs else wording.ABSENT)
        table = [int(entry) for row in TABLE_ROW.finditer(text) for entry in row[1].split()]
        if table and table == table_of(len(table), value):
            return promise.kept()
        entries = " ".join(map(str, table[:FIRST_ENTRIES]))
        return self._missing(promise, f"{entries} and so on" if table else wording.ABSENT)

    def _missing(self, promise: Promise, found: str) -> Answer:
        """A link that is down does not tell all, with some drivers."""
        if found == wording.ABSENT and not self.machine.is_up(self.name):
            return promise.unreadable("the link is down")
        return promise.broken(found)

    def _rule_is_there(self, rule: str) -> bool:
        """By the number under which the unit remembers it, with its kind of packets, its ports and its action."""
        record = self.machine.files.text(f"run/netc/flow-rules-{self.interface.nic}") or ""
        for line in record.splitlines():
            number, _, remembered = line.partition(" ")
            if remembered == rule and number.isdecimal():
                text = self.machine.ask("ethtool", "-n", self.name, "rule", number) or ""
                return set(_printed(rule)) <= {line.strip() for line in text.splitlines()}
        return False


def _printed(rule: str) -> Iterator[str]:
    """Lines of ethtool -n that tell of a rule, as far as they are the same for all drivers."""
    words = rule.split(" ")
    for word, value in pairwise(words):
        if word == "flow-type" and (kind := KINDS.get(value[:-1])) and value[-1] in "46":
            yield f"Rule Type: {kind} over IPv{value[-1]}"
        elif word in PORTS:
            yield f"{PORTS[word]} port: {value} mask: 0x0"
        elif word == "action":
            yield "Action: Drop" if value == "-1" else f"Action: Direct to queue {value}"


def _cpus_of_queue(queue: int, queues: int, value: str) -> CpuSet:
    """The lists at the queue's place; with fewer queues than lists, also those a round further on."""
    lists = [CpuSet.parse(cpus) for cpus in value.split(" ")]
    step = min(queues, len(lists))
    chosen = CpuSet()
    for cpus in lists[queue % step :: step]:
        chosen = chosen | cpus
    return chosen


def table_of(size: int, spread: str) -> list[int]:
    """The indirection table that ethtool -X makes of `equal N`, `start M equal N` or `weight W …`."""
    words = spread.split()
    first = 0
    if words[0] == "start":
        first, words = int(words[1]), words[2:]
    if words[0] == "equal":
        return [first + entry % int(words[1]) for entry in range(size)]
    weights = [int(word) for word in words[1:]]
    total = sum(weights)
    ends = [size * sum(weights[: place + 1]) // total for place in range(len(weights))]
    return [first + next(place for place, end in enumerate(ends) if entry < end) for entry in range(size)]

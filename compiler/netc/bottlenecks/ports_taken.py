"""Which destination takes the most local ports, by /proc/net/tcp and tcp6.

Lines are those of get_tcp4_sock and get_timewait4_sock in net/ipv4/tcp_ipv4.c: addresses and ports in hexadecimal,
state, queues, and a timer in ticks of 1/100 s.
"""

from __future__ import annotations

import ipaddress
import re
import sys
from typing import TYPE_CHECKING

from netc.ports import TIME_WAIT_SECONDS
from netc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.hardware.machine_files import MachineFiles

LISTEN, TIME_WAIT = "0A", "06"
TICKS = 100
_ENDPOINT = re.compile(r"([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})\Z")
_TIMER = re.compile(r"[0-9A-F]{2}:([0-9A-F]{1,16})\Z")
_RANGE = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?\Z")
NO_REUSE, REUSE, REUSE_ON_LOOPBACK = 0, 1, 2
"""Values of `tcp_tw_reuse`."""


@dataclass(frozen=True, slots=True)
class TakenPorts:
    """The local ports between one address and one destination, and how many of them only wait."""

    local: str
    remote: str
    taken: int
    waiting: int


@dataclass(frozen=True, slots=True)
class _Socket:
    local: str
    port: int
    remote: str
    state: str
    left: float
    """Seconds until its timer ends."""


def taken_ports(files: MachineFiles, range_: tuple[int, int], reuse: int, delay: float) -> TakenPorts | None:
    """The destination with most ports that connect() cannot take; None where connections are not to be seen.

    A port in TIME_WAIT longer than `delay` seconds may be taken again where `reuse` (tcp_tw_reuse) lets it.
    """
    texts = [text for name in ("tcp", "tcp6") if (text := files.text(f"proc/net/{name}")) is not None]
    if not texts:
        return None
    sockets = [socket for text in texts for socket in _sockets(text)]
    served = {socket.port for socket in sockets if socket.state == LISTEN}
    taken: dict[tuple[str, str], dict[int, bool]] = {}
    for socket in sockets:
        if socket.port in served or not range_[0] <= socket.port <= range_[1]:
            continue
        waits = socket.state == TIME_WAIT
        if not waits or not _may_be_reused(socket, reuse, delay):
            taken.setdefault((socket.local, socket.remote), {})[socket.port] = waits
    if not taken:
        return TakenPorts("-", "-", 0, 0)
    (local, remote), found = max(taken.items(), key=lambda item: (len(item[1]), item[0]))
    return TakenPorts(str(_parsed(local)), _destination(remote), len(found), sum(found.values()))


def _sockets(text: str) -> Iterator[_Socket]:
    for line in text.splitlines()[1:]:
        words = line.split(None, 6)
        if len(words) < 6:
            continue
        local, remote, timer = (_ENDPOINT.match(words[1]), _ENDPOINT.match(words[2]), _TIMER.match(words[5]))
        if local is not None and remote is not None and timer is not None:
            yield _Socket(local[1], int(local[2], 16), words[2], words[3], int(timer[1], 16) / TICKS)


def _may_be_reused(socket: _Socket, reuse: int, delay: float) -> bool:
    """As tcp_twsk_unique decides."""
    if reuse == NO_REUSE or TIME_WAIT_SECONDS - socket.left <= delay:
        return False
    if reuse == REUSE:
        return True
    addresses = (_parsed(socket.local), _parsed(socket.remote.partition(":")[0]))
    return any(address.is_loopback for address in addresses)


def _parsed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Hexadecimal words of 32 bits, each in the order of the machine; an IPv4 address in IPv6 is itself."""
    words = [int(text[at : at + 8], 16) for at in range(0, len(text), 8)]
    address = ipaddress.ip_address(b"".join(word.to_bytes(4, sys.byteorder) for word in words))
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _destination(text: str) -> str:
    address, _, port = text.partition(":")
    told = str(_parsed(address))
    return f"[{told}]:{int(port, 16)}" if ":" in told else f"{told}:{int(port, 16)}"


def reserved_ports(files: MachineFiles, low: int, high: int) -> int:
    """How many ports of a range `ip_local_reserved_ports` (`8080,9000-9010`) takes out of it."""
    found: set[int] = set()
    for part in (files.text("proc/sys/net/ipv4/ip_local_reserved_ports") or "").split(","):
        match = _RANGE.match(part)
        if match is not None:
            found.update(range(max(int(match[1]), low), min(int(match[2] or match[1]), high) + 1))
    return len(found)

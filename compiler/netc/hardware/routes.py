"""The ports that default routes leave by: over these the host is reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.hardware.machine_files import MachineFiles

_UP, _REJECT = 0x1, 0x200
"""RTF_UP and RTF_REJECT of include/uapi/linux/route.h."""
_DEEPEST_STACK = 8
"""The kernel's own limit of stacked devices (MAX_NEST_DEV in net/core/dev.c)."""


def management_ports(files: MachineFiles) -> frozenset[str]:
    """Interfaces of the preferred default routes of IPv4 and IPv6; of bonds, VLANs and bridges the ports."""
    found: set[str] = set()
    for routes in (_default_routes(files), _default_routes6(files)):
        known = sorted(routes)
        for metric, interface in known:
            if metric == known[0][0]:
                found |= set(_lowest(files, interface, _DEEPEST_STACK))
    return frozenset(found)


def _default_routes(files: MachineFiles) -> Iterator[tuple[int, str]]:
    """Metric and interface, of /proc/net/route (fib_route_seq_show in net/ipv4/fib_trie.c)."""
    for line in (files.text("proc/net/route") or "").splitlines()[1:]:
        words = line.split()
        if len(words) < 8 or words[1] != "00000000" or words[7] != "00000000":
            continue
        flags, metric = _number(words[3], 16), _number(words[6], 10)
        if flags & _UP and not flags & _REJECT:
            yield metric, words[0]


def _default_routes6(files: MachineFiles) -> Iterator[tuple[int, str]]:
    """The same of /proc/net/ipv6_route (rt6_info_route in net/ipv6/route.c)."""
    for line in (files.text("proc/net/ipv6_route") or "").splitlines():
        words = line.split()
        if len(words) < 10 or words[0] != "0" * 32 or words[1] != "00" or words[9] == "lo":
            continue
        flags, metric = _number(words[8], 16), _number(words[5], 16)
        if flags & _UP and not flags & _REJECT:
            yield metric, words[9]


def _number(text: str, base: int) -> int:
    try:
        return int(text, base)
    except ValueError:
        return 0


def _lowest(files: MachineFiles, interface: str, levels: int) -> Iterator[str]:
    """The interface itself, or those it is stacked upon (`lower_…` links)."""
    if "/" in interface:
        return
    names = files.names(f"sys/class/net/{interface}")
    lower = [name.removeprefix("lower_") for name in names if name.startswith("lower_")]
    if not lower or not levels:
        yield interface
        return
    for name in lower:
        yield from _lowest(files, name, levels - 1)

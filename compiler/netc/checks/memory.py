"""What connections and tables take, against the host's memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc import codes
from netc.demand import opened, switched_on
from netc.diagnostics import Label
from netc.knowledge.sysctls import lookup
from netc.places import value_of
from netc.tracking import ENTRY_BYTES, IMPOSSIBLE_SHARE, fitting_size
from netc.units import show_count, show_size

if TYPE_CHECKING:
    from netc.diagnostics import Report
    from netc.model import Host

IDLE_CONNECTION = 4096
"""Bytes of an idle TCP socket with its file, inode and directory entry (slabs of Linux 6.18)."""


LONGEST_NUMBER = 20
"""Digits; a longer number is refused elsewhere."""


def connections_fit_memory(host: Host, report: Report) -> None:
    """Idle sockets take no more than half of the memory; their first buffers together fit in it."""
    most, memory = opened(host), host.system.memory
    if most is None or memory is None:
        return
    place = value_of(memory, "memory")
    labels = [Label(place, "the memory of the host")] if place is not None else []
    needed = most.value * IDLE_CONNECTION
    if needed > memory.value // 2:
        report.add(
            codes.CONNECTIONS_BEYOND_MEMORY.at(
                value_of(most.entries[0], "connections"),
                count=show_count(most.value),
                needed=show_size(needed),
                memory=show_size(memory.value),
                labels=labels,
                notes=[
                    f"{most.text} × {IDLE_CONNECTION} bytes: an idle connection has a socket, a file, an inode and a "
                    "directory entry (slabs of Linux 6.18)",
                    "half of the memory is for them at most, the other half for buffers, programs and the kernel",
                ],
                help=[f"this host holds at most `connections {memory.value // 2 // IDLE_CONNECTION}`"],
            )
        )
        return
    buffers = most.value * _first_buffers(host)
    if buffers > memory.value:
        report.add(
            codes.BUFFERS_BEYOND_MEMORY.at(
                value_of(most.entries[0], "connections"),
                count=show_count(most.value),
                needed=show_size(buffers),
                memory=show_size(memory.value),
                labels=labels,
                notes=["buffers are limits, not allocations: this happens when all connections are busy at once"],
            )
        )


def _first_buffers(host: Host) -> int:
    """Bytes of the initial receive and send buffer of one connection, as set or as the kernel has them."""
    own = {entry.value.key: entry.value.value for entry in host.assignments}
    total = 0
    for key in ("net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"):
        numbers = [int(word) for word in own.get(key, "").split() if word.isdecimal() and len(word) < LONGEST_NUMBER]
        sysctl = lookup(key, host.system.judged)
        default = sysctl.default() if sysctl is not None else None
        usual = default[1] if isinstance(default, tuple) and len(default) > 1 else 0
        total += numbers[1] if len(numbers) > 1 else usual
    return total


def tracking_fits_memory(host: Host, report: Report) -> None:
    """The tracking table, with short timeouts if need be, takes a bearable share of the memory."""
    found = switched_on(host, "tracking")
    size = fitting_size(host)
    if not found:
        return
    if size is None:
        goal, entry = found[0]
        span = entry.span if entry is not None else goal.section.span
        if host.may_be_unread(span):
            return
        help_lines = ["add `connections 200k` or `connection-rate 10k/s`, so that the table can be sized"]
        notes = [
            "the kernel's own table has at most 262144 entries, and new connections beyond them are dropped "
            "(nf_conntrack_core.c)"
        ]
        report.add(codes.TRACKING_WITHOUT_SIZE.at(span, notes=notes, help=help_lines))
        return
    memory = host.system.memory
    if memory is None or size.memory <= memory.value * IMPOSSIBLE_SHARE:
        return
    place = value_of(memory, "memory")
    labels = [Label(place, "the memory of the host")] if place is not None else []
    report.add(
        codes.TABLE_BEYOND_MEMORY.at(
            value_of(size.asked[0], "connections"),
            needed=show_size(size.memory),
            share=f"{IMPOSSIBLE_SHARE:.0%}",
            memory=show_size(memory.value),
            labels=labels,
            notes=[
                f"{size.arithmetic} entries of {ENTRY_BYTES} bytes, with closed ones kept {size.time_wait} s",
                f"{IMPOSSIBLE_SHARE:.0%} of the memory are {show_size(int(memory.value * IMPOSSIBLE_SHARE))}",
            ],
            help=["do not track what needs no state (`notrack`), lower the demand, or add memory"],
        )
    )

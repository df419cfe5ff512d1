"""Connection tracking: the module, the table, its buckets and its timeouts, at boot before first use."""

from __future__ import annotations

from netc.demand import places_of, switched_on
from netc.knowledge.sysctls import lookup
from netc.plan import Why
from netc.planning.arithmetic import clamp
from netc.planning.draft import Draft, Want, is_builtin
from netc.tracking import (
    IMPOSSIBLE_SHARE,
    SHORT_TIME_WAIT_SECONDS,
    TRACKED_TIME_WAIT_SECONDS,
    TableSize,
    fitting_size,
    table_size,
)
from netc.units import show_size

MODULE = "nf_conntrack"
ESTABLISHED_SECONDS = 432000
"""`nf_conntrack_tcp_timeout_established` as the kernel has it: five days."""
SHORTEST_ESTABLISHED = 7440
"""RFC 5382, REQ-5: at least 2 hours and 4 minutes."""
VANISHING = 1000
"""One connection of so many is taken to end without a word: a planning number."""


def plan_tracking(draft: Draft) -> None:
    found = switched_on(draft.host, "tracking")
    if not found:
        return
    places = places_of(found)
    if not is_builtin(draft.host, MODULE):
        reason = (
            "its keys appear only when the module is loaded, and systemd-sysctl passes over missing ones without "
            "a word; loaded at boot, it is there before them and before the firewall"
        )
        draft.module(MODULE, Why(places, "tracking before first use", reason))
    size = fitting_size(draft.host)
    if size is not None and not _impossible(draft, size):
        _table(draft, size)
        _timeouts(draft, size)


def _impossible(draft: Draft, size: TableSize) -> bool:
    """Whether a check refuses the table, so that nothing is to be planned."""
    memory = draft.host.system.memory
    return memory is not None and size.memory > memory.value * IMPOSSIBLE_SHARE


def _table(draft: Draft, size: TableSize) -> None:
    places = tuple(entry.place for entry in size.asked)
    memory = show_size(size.memory)
    reason = (
        f"{size.arithmetic} entries, since one outlives its connection by {size.time_wait} s; "
        f"a full table takes {memory}"
    )
    why = Why(places, "entries of the tracking table", reason)
    if _default_suffices(draft, size):
        return
    draft.sysctl("net.netfilter.nf_conntrack_max", size.entries, why, Want.AT_LEAST)
    reason = (
        f"one bucket for each of {size.entries:,} entries, in steps of 512 as the kernel rounds; with fewer, each "
        "packet walks a longer chain"
    )
    why = Why(places, "buckets of the tracking table", reason)
    draft.sysctl("net.netfilter.nf_conntrack_buckets", size.buckets, why, Want.AT_LEAST)
    if is_builtin(draft.host, MODULE):
        draft.kernel_argument(f"{MODULE}.hashsize={size.buckets}", why)
        return
    reason = (
        f"the table has its {size.buckets:,} buckets from the moment the module is loaded; alone this would make "
        "nf_conntrack_max eight times as large, so that is set too"
    )
    draft.module_option(MODULE, "hashsize", str(size.buckets), Why(places, "buckets at module load", reason))


def _default_suffices(draft: Draft, size: TableSize) -> bool:
    """Leave table and buckets alone together where the kernel's own table is as large."""
    host = draft.host
    sysctl = lookup("net.netfilter.nf_conntrack_max", host.system.judged)
    memory = host.system.memory.value if host.system.memory is not None else None
    default = sysctl.default(memory) if sysctl is not None else None
    if not isinstance(default, tuple) or default[0] < size.entries:
        return False
    why = Why(tuple(e.place for e in size.asked), "entries of the tracking table", f"{size.arithmetic} entries")
    draft.leave("net.netfilter.nf_conntrack_max", str(size.entries), str(default[0]), why)
    return True


def _timeouts(draft: Draft, size: TableSize) -> None:
    _established(draft, size)
    _time_wait(draft, size)


def _established(draft: Draft, size: TableSize) -> None:
    """Entries of connections whose ends vanished: they must not eat the fifth that the table has to spare."""
    if not size.tcp_rate:
        return
    vanished = max(size.tcp_rate // VANISHING, 1)
    seconds = clamp(size.spare // vanished // 3600 * 3600, SHORTEST_ESTABLISHED, ESTABLISHED_SECONDS)
    reason = (
        f"where an end vanishes without a word the entry stays; if one of {VANISHING} does, {vanished}/s × "
        f"{seconds} s are {vanished * seconds:,} of the {size.spare:,} entries to spare, and with the kernel's 5 "
        f"days {vanished * ESTABLISHED_SECONDS:,}; never below the 2 h 4 min of RFC 5382, so keepalives still hold"
    )
    why = Why(tuple(entry.place for entry in size.asked), "entries of vanished ends", reason)
    draft.sysctl("net.netfilter.nf_conntrack_tcp_timeout_established", seconds, why, Want.AT_MOST)


def _time_wait(draft: Draft, size: TableSize) -> None:
    places = tuple(entry.place for entry in size.asked)
    key = "net.netfilter.nf_conntrack_tcp_timeout_time_wait"
    if size.time_wait == TRACKED_TIME_WAIT_SECONDS:
        reason = f"with the kernel's {TRACKED_TIME_WAIT_SECONDS} s the table still fits the memory of the host"
        draft.leave(
            key, str(SHORT_TIME_WAIT_SECONDS), str(TRACKED_TIME_WAIT_SECONDS), Why(places, "closed entries", reason)
        )
        return
    full = table_size(draft.host)
    taken = show_size(full.memory) if full is not None else "too much"
    reason = (
        f"with the kernel's {TRACKED_TIME_WAIT_SECONDS} s the table would take {taken}, more than a tenth of the "
        f"memory; a late packet of a closed connection is rare after {SHORT_TIME_WAIT_SECONDS} s"
    )
    draft.sysctl(key, SHORT_TIME_WAIT_SECONDS, Why(places, "closed entries", reason), Want.AT_MOST)

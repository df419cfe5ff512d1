"""Connections a host is an end of: accept queue, TIME_WAIT, FIN_WAIT_2 and file descriptors."""

from __future__ import annotations

from netc.demand import Asked, Opened, largest, opened
from netc.knowledge.goals import goal_kind
from netc.plan import Kind, Setting, Why
from netc.planning.arithmetic import clamp, power_of_two
from netc.planning.draft import Draft, Want
from netc.ports import TIME_WAIT_SECONDS
from netc.units import show_count

ACCEPT_STALL_SECONDS = 0.1
"""How long a busy application may leave its accept queue alone: a collection of garbage, a reload."""
LARGEST_BACKLOG = 65535
SPARE = 1.2
LARGEST_DEFAULT_BUCKETS = 262144
"""The most `tcp_max_tw_buckets` a kernel chooses by itself: half of its largest table of connections."""
SHORTEST_FIN_TIMEOUT = 15
"""Seconds a peer behind a slow link may need for its FIN, retransmissions included."""
DEFAULT_FIN_TIMEOUT = 60
SYSTEMD_HARD_LIMIT = 524288
"""The hard limit of open files that systemd gives services (systemd.exec(5), DefaultLimitNOFILE=)."""
SPARE_FILES = 8192


def plan_connections(draft: Draft) -> None:
    """`somaxconn`, `tcp_max_tw_buckets`, `tcp_fin_timeout` from rates; the file limit from open connections."""
    rate = largest(draft.host, "connection-rate", ends=True)
    if rate is not None:
        _accept_queue(draft, rate)
        _time_wait(draft, rate)
        _fin_wait(draft, rate)
    most = opened(draft.host)
    if most is not None:
        _files(draft, most)


def _accept_queue(draft: Draft, rate: Asked) -> None:
    waiting = int(rate.value * ACCEPT_STALL_SECONDS)
    backlog = clamp(power_of_two(waiting), 4096, LARGEST_BACKLOG)
    stall = int(ACCEPT_STALL_SECONDS * 1000)
    reason = (
        f"while an application does not accept for {stall} ms, {show_count(rate.value)}/s × {stall} ms = "
        f"{waiting} connections wait; this caps the backlog that listen() asks for, and the same number bounds "
        "the SYN queue, so the application must ask for as much"
    )
    why = Why((rate.entry.place,), "accept queue", reason)
    draft.sysctl("net.core.somaxconn", backlog, why, Want.AT_LEAST)
    reason = (
        "the SYN queue is bounded by the listen() backlog; tcp_max_syn_backlog is read only where "
        "tcp_syncookies is 0, which netc does not do"
    )
    draft.leave("net.ipv4.tcp_max_syn_backlog", str(backlog), "its own", Why(why.places, "SYN queue", reason))


def _time_wait(draft: Draft, rate: Asked) -> None:
    entries = int(rate.value * TIME_WAIT_SECONDS * SPARE)
    reason = (
        f"{show_count(rate.value)}/s that the host itself closes stay {TIME_WAIT_SECONDS} s in TIME_WAIT each, "
        f"{show_count(entries)} with a fifth to spare, 256 bytes each; the {TIME_WAIT_SECONDS} s are a constant of "
        "the kernel and no key changes them; beyond the limit it ends them at once, which is unsafe"
    )
    why = Why((rate.entry.place,), "TIME_WAIT entries", reason)
    draft.sysctl("net.ipv4.tcp_max_tw_buckets", entries, why, Want.AT_LEAST)


def _fin_wait(draft: Draft, rate: Asked) -> None:
    seconds = clamp(LARGEST_DEFAULT_BUCKETS // rate.value, SHORTEST_FIN_TIMEOUT, DEFAULT_FIN_TIMEOUT)
    held = rate.value * DEFAULT_FIN_TIMEOUT
    reason = (
        f"a connection that the host closed and whose peer never answers stays {DEFAULT_FIN_TIMEOUT} s in "
        f"FIN_WAIT_2; at {show_count(rate.value)}/s that can be {show_count(held)} entries, with {seconds} s "
        f"{show_count(rate.value * seconds)}; this does not shorten TIME_WAIT, which no key does"
    )
    why = Why((rate.entry.place,), "orphans in FIN_WAIT_2", reason)
    draft.sysctl("net.ipv4.tcp_fin_timeout", seconds, why, Want.AT_MOST)


def _files(draft: Draft, most: Opened) -> None:
    kind = goal_kind(most.goal.kind)
    each = 2 if kind is not None and kind.outgoing else 1
    wanted = power_of_two(most.value * each + SPARE_FILES)
    what = "two descriptors each, to client and server" if each > 1 else "a descriptor each"
    reason = (
        f"{most.text} connections at once need {what}; systemd "
        f"gives services a hard limit of {SYSTEMD_HARD_LIMIT}, the soft limit stays 1024 for programs that use "
        "select(), and a server raises its own up to the hard one"
    )
    why = Why(tuple(entry.place for entry in most.entries), "open files", reason)
    if wanted <= SYSTEMD_HARD_LIMIT:
        draft.leave("DefaultLimitNOFILE", f"1024:{wanted}", f"1024:{SYSTEMD_HARD_LIMIT}", why)
        return
    draft.add(Setting(Kind.MANAGER, "DefaultLimitNOFILE", f"1024:{wanted}", why))
    reason = (
        f"{reason}; no limit of open files goes beyond this key, and some distributions, Debian among them, build "
        "systemd so that it does not raise it"
    )
    draft.sysctl("fs.nr_open", wanted, Why(why.places, "ceiling of open files", reason), Want.AT_LEAST)

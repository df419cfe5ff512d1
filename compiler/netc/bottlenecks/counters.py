"""One sample of what a machine or a copy of its /proc and /sys has counted.

What the machine, the copy or the network namespace does not have is absent from the sample, never zero. Some files
are the namespace's own (/proc/net but for softnet_stat, most of /proc/sys/net), others the whole machine's.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from netc.records import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from netc.hardware.machine_files import MachineFiles

WRAPPING = 2**32
"""softnet_stat, softirqs, interrupts and stat/nf_conntrack are printed from 32 bits."""

SNMP_FILES = ("proc/net/snmp", "proc/net/netstat")
SYSCTLS = {
    "somaxconn": "net/core/somaxconn",
    "rmem_default": "net/core/rmem_default",
    "netdev_budget": "net/core/netdev_budget",
    "netdev_max_backlog": "net/core/netdev_max_backlog",
    "ip_forward": "net/ipv4/ip_forward",
    "ipv6_forwarding": "net/ipv6/conf/all/forwarding",
    "tcp_max_tw_buckets": "net/ipv4/tcp_max_tw_buckets",
    "tcp_syncookies": "net/ipv4/tcp_syncookies",
    "tcp_tw_reuse": "net/ipv4/tcp_tw_reuse",
    "tcp_tw_reuse_delay": "net/ipv4/tcp_tw_reuse_delay",
    "gc_thresh3.ipv4": "net/ipv4/neigh/default/gc_thresh3",
    "gc_thresh3.ipv6": "net/ipv6/neigh/default/gc_thresh3",
    "nf_conntrack_max": "net/netfilter/nf_conntrack_max",
    "nf_conntrack_count": "net/netfilter/nf_conntrack_count",
}
"""Gauge → file below /proc/sys."""
LISTS = {
    "tcp_rmem": "net/ipv4/tcp_rmem",
    "tcp_mem": "net/ipv4/tcp_mem",
    "udp_mem": "net/ipv4/udp_mem",
    "ip_local_port_range": "net/ipv4/ip_local_port_range",
}
"""Settings of several numbers; gauges `tcp_rmem.0`, `tcp_rmem.1` and so on."""
PER_CPU_TABLES = {
    "nf_conntrack": "proc/net/stat/nf_conntrack",
    "neighbours.ipv4": "proc/net/stat/arp_cache",
    "neighbours.ipv6": "proc/net/stat/ndisc_cache",
}
INTERFACE_STATISTICS = ("rx_missed_errors", "rx_fifo_errors")
NO_INTERFACES = frozenset({"bonding_masters"})
"""What stands among the interfaces of /sys/class/net and is none (drivers/net/bonding/bond_sysfs.c)."""

INTERFACE = re.compile(r"[!-~]{1,15}\Z")
"""Names that may be shown on a terminal; the kernel takes more (dev_valid_name in net/core/dev.c)."""
_CPU_LINE = re.compile(r"cpu([0-9]{1,5}) (.*)")


@dataclass(frozen=True, slots=True)
class Sample:
    """What was read at one moment. Counters only grow; gauges are what is now."""

    at: float
    """Seconds of the monotonic clock."""
    counters: dict[str, int] = field(default_factory=dict)
    """`Tcp.RetransSegs`, `TcpExt.ListenOverflows`, `nf_conntrack.drop`, `neighbours.ipv4.table_fulls`."""
    gauges: dict[str, int] = field(default_factory=dict)
    """`sockstat.TCP.tw`, and settings as SYSCTLS and LISTS name them; `uptime` in seconds."""
    cpus: dict[int, dict[str, int]] = field(default_factory=dict)
    """CPU → processed, dropped, squeezed packets; softirq, system, idle, total ticks of its time."""
    interfaces: dict[str, dict[str, int]] = field(default_factory=dict)
    """Interface → rx_packets, tx_packets, and INTERFACE_STATISTICS where /sys shows this namespace."""
    interrupts: dict[int, dict[int, int]] = field(default_factory=dict)
    """Interrupt → CPU → how many."""
    udp_drops: dict[int, int] = field(default_factory=dict)
    """Local UDP port → datagrams dropped by its sockets."""


def take(files: MachineFiles, interrupts: Collection[int] = ()) -> Sample:
    """A sample of all files that are there, and of those interrupts.

    /proc/interrupts of many CPUs takes the kernel and us long, so it is read for somebody alone.
    """
    sample = Sample(time.monotonic())
    for path in SNMP_FILES:
        _paired_lines(files.text(path), sample.counters)
    _udp6(files.text("proc/net/snmp6"), sample.counters)
    for name, path in PER_CPU_TABLES.items():
        _per_cpu_table(name, files.text(path), sample)
    _sockstat(files, sample.gauges)
    _settings(files, sample.gauges)
    _times(files.text("proc/stat"), sample)
    _softnet(files.text("proc/net/softnet_stat"), sample)
    _interfaces(files, sample)
    if interrupts:
        _interrupts(files.text("proc/interrupts"), interrupts, sample.interrupts)
    for path in ("proc/net/udp", "proc/net/udp6"):
        _udp_drops(files.text(path), sample.udp_drops)
    return sample


def _whole(word: str) -> int | None:
    return int(word) if word.isascii() and word.isdigit() and len(word) <= 20 else None


def _paired_lines(text: str | None, counters: dict[str, int]) -> None:
    """A line of names and below it one of values, both behind `Tcp:` or the like (snmp_seq_show)."""
    lines = (text or "").splitlines()
    for names, values in zip(lines[::2], lines[1::2], strict=False):
        group, _, heads = names.partition(":")
        same, _, numbers = values.partition(":")
        if group != same:
            continue
        for head, number in zip(heads.split(), numbers.split(), strict=False):
            value = _whole(number)
            if value is not None:
                counters[f"{group}.{head}"] = value


def _udp6(text: str | None, counters: dict[str, int]) -> None:
    """`Udp6RcvbufErrors  0` of snmp6_seq_show."""
    for line in (text or "").splitlines():
        name, _, number = line.partition(" ")
        value = _whole(number.strip())
        if name.startswith("Udp6") and value is not None:
            counters[f"Udp6.{name[4:]}"] = value


def _per_cpu_table(name: str, text: str | None, sample: Sample) -> None:
    """Hexadecimal columns, a line for each CPU; `entries` is the same in all and a gauge."""
    heads, *rows = [line.split() for line in (text or "").splitlines()] or [[]]
    for row in rows:
        for head, word in zip(heads, row, strict=False):
            value = _hexadecimal(word)
            if value is None:
                continue
            if head == "entries":
                sample.gauges[f"{name}.entries"] = value
            else:
                key = f"{name}.{head}"
                sample.counters[key] = sample.counters.get(key, 0) + value


def _hexadecimal(word: str) -> int | None:
    return int(word, 16) if re.fullmatch(r"[0-9a-f]{1,16}", word) else None


def _sockstat(files: MachineFiles, gauges: dict[str, int]) -> None:
    """`TCP: inuse 5 orphan 0 tw 2 alloc 7 mem 1` (sockstat_seq_show); memory is in pages."""
    for path in ("proc/net/sockstat", "proc/net/sockstat6"):
        for line in (files.text(path) or "").splitlines():
            group, _, rest = line.partition(":")
            words = rest.split()
            for key, number in zip(words[::2], words[1::2], strict=False):
                value = _whole(number)
                if value is not None:
                    gauges[f"sockstat.{group}.{key}"] = value


def _settings(files: MachineFiles, gauges: dict[str, int]) -> None:
    for name, path in SYSCTLS.items():
        value = files.number(f"proc/sys/{path}")
        if value is not None:
            gauges[name] = value
    for name, path in LISTS.items():
        for index, word in enumerate((files.text(f"proc/sys/{path}") or "").split()):
            value = _whole(word)
            if value is not None:
                gauges[f"{name}.{index}"] = value
    seconds = _whole((files.text("proc/uptime") or "").partition(".")[0])
    if seconds:
        gauges["uptime"] = seconds


def _times(text: str | None, sample: Sample) -> None:
    """user nice system idle iowait irq softirq steal, in ticks of 1/100 s (show_stat in fs/proc/stat.c)."""
    for line in (text or "").splitlines():
        match = _CPU_LINE.match(line)
        if match is not None:
            ticks = [value for word in match[2].split() if (value := _whole(word)) is not None][:8]
            if len(ticks) >= 7:
                of = sample.cpus.setdefault(int(match[1]), {})
                of["system"], of["idle"], of["softirq"] = ticks[2], ticks[3] + ticks[4], ticks[6]
                of["total"] = sum(ticks)


def _softnet(text: str | None, sample: Sample) -> None:
    """Columns by softnet_seq_show of net/core/net-procfs.c; the 13th, from 5.10 on, is the CPU's number."""
    for index, line in enumerate((text or "").splitlines()):
        row = [_hexadecimal(word) for word in line.split()]
        if len(row) < 3 or None in row[:3]:
            continue
        number = row[12] if len(row) > 12 else index
        if number is not None and row[0] is not None and row[1] is not None and row[2] is not None:
            of = sample.cpus.setdefault(number, {})
            of["processed"], of["dropped"], of["squeezed"] = row[0], row[1], row[2]


def _interfaces(files: MachineFiles, sample: Sample) -> None:
    """Packets by /proc/net/dev; statistics by /sys, unless that shows another namespace's interfaces.

    Where /proc/net/dev counts nothing as dropped, nothing was missed (dev_seq_printf_stats adds the two), and of a
    thousand interfaces few have to be opened.
    """
    dropped: dict[str, int] = {}
    for name, words in _device_lines(files.text("proc/net/dev")):
        received, sent, lost, overruns = (_whole(words[column]) for column in (1, 9, 3, 4))
        if received is not None and sent is not None:
            sample.interfaces[name] = {"rx_packets": received, "tx_packets": sent}
            if lost == 0 and overruns == 0:
                dropped[name] = 0
    shown = {name for name in files.names("sys/class/net") if INTERFACE.match(name)} - NO_INTERFACES
    if sample.interfaces and shown != set(sample.interfaces):
        return
    for name in shown:
        of = sample.interfaces.setdefault(name, {})
        if name in dropped:
            of.update(dict.fromkeys(INTERFACE_STATISTICS, 0))
            continue
        for key in ("rx_packets", "tx_packets", *INTERFACE_STATISTICS):
            value = None if key in of else files.number(f"sys/class/net/{name}/statistics/{key}")
            if value is not None:
                of[key] = value


def _device_lines(text: str | None) -> Iterator[tuple[str, list[str]]]:
    """The interfaces of /proc/net/dev (dev_seq_printf_stats): eight columns received, eight sent.

    A name may hold what only Python takes for the end of a line.
    """
    for line in (text or "").split("\n")[2:]:
        name, _, rest = line.rpartition(":")
        words = rest.split()
        if INTERFACE.match(name.strip(" ")) and len(words) >= 16:
            yield name.strip(" "), words


def _interrupts(text: str | None, wanted: Collection[int], interrupts: dict[int, dict[int, int]]) -> None:
    """A count for each online CPU, with the name of the interface, which may hold anything, at the end."""
    header, _, body = (text or "").partition("\n")
    cpus = [int(word[3:]) for word in header.split() if word.startswith("CPU") and _whole(word[3:]) is not None]
    for line in body.split("\n"):
        number, colon, rest = line.partition(":")
        if not colon or _whole(number.strip()) is None or int(number) not in wanted:
            continue
        counts = [_whole(word) for word in rest.split(None, len(cpus))[: len(cpus)]]
        if len(counts) == len(cpus):
            interrupts[int(number)] = {c: n for c, n in zip(cpus, counts, strict=True) if n is not None}


def _udp_drops(text: str | None, drops: dict[int, int]) -> None:
    """The last column, for each local port (udp4_format_sock in net/ipv4/udp.c)."""
    for line in (text or "").splitlines()[1:]:
        words = line.split()
        if len(words) < 13:
            continue
        port, dropped = _hexadecimal(words[1].rpartition(":")[2].lower()), _whole(words[-1])
        if port is not None and dropped is not None:
            drops[port] = drops.get(port, 0) + dropped

"""A made machine of two nodes with two CPUs each and an ixgbe port on node 1, that has counted what a test says."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from netc.bottlenecks.counters import take
from netc.bottlenecks.examining import Diagnosis, examine
from netc.bottlenecks.interval import Interval
from netc.bottlenecks.surroundings import survey
from netc.hardware.machine_files import MachineFiles

if TYPE_CHECKING:
    from pathlib import Path

DEVICE = "sys/devices/pci0000:80/0000:86:00.0"
TCP_HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode"
UDP_HEAD = f"{TCP_HEAD} ref pointer drops"

EXTENDED = (
    *("ListenOverflows", "ListenDrops", "TCPReqQFullDoCookies", "TCPReqQFullDrop", "RcvPruned", "OfoPruned"),
    *("TCPBacklogDrop", "TCPRcvQDrop", "TCPMemoryPressures", "TCPTimeWaitOverflow", "TCPSynRetrans", "TCPTimeouts"),
)

Counts = dict[str, Any]


def quiet() -> Counts:
    """A machine with something to do and nothing amiss."""
    return {
        "snmp": {
            "Tcp": {"ActiveOpens": 100, "PassiveOpens": 1000, "InSegs": 500_000, "OutSegs": 500_000, "RetransSegs": 20},
            "Udp": {"InDatagrams": 90_000, "RcvbufErrors": 5, "MemErrors": 0},
        },
        "netstat": {
            "TcpExt": dict.fromkeys(EXTENDED, 3),
        },
        "snmp6": {"Udp6InDatagrams": 10, "Udp6RcvbufErrors": 0, "Udp6MemErrors": 0},
        "sockstat": "sockets: used 300\nTCP: inuse 40 orphan 0 tw 60 alloc 90 mem 50\nUDP: inuse 8 mem 20",
        "softnet": [[1_000_000, 0, 10]] * 4,
        "times": [[1000, 0, 500, 8000, 0, 0, 100, 0]] * 4,
        "dev": {"lo": (10_000, 10_000), "eth0": (4_000_000, 2_000_000)},
        "statistics": {"rx_missed_errors": 7, "rx_fifo_errors": 0},
        "interrupts": {40: [0, 0, 500_000, 0], 41: [0, 0, 0, 500_000]},
        "conntrack": {"entries": 900, "insert_failed": 0, "drop": 0, "early_drop": 0},
        "arp_cache": {"entries": 90, "table_fulls": 0},
        "udp": {7000: 5, 5353: 0},
        "tcp": [],
        "settings": {
            "net/core/somaxconn": "4096",
            "net/core/rmem_default": "212992",
            "net/core/netdev_budget": "300",
            "net/core/netdev_max_backlog": "1000",
            "net/ipv4/tcp_rmem": "4096\t131072\t6291456",
            "net/ipv4/tcp_mem": "768000\t1024000\t1536000",
            "net/ipv4/udp_mem": "1536000\t2048000\t3072000",
            "net/ipv4/tcp_max_tw_buckets": "262144",
            "net/ipv4/tcp_syncookies": "1",
            "net/ipv4/tcp_tw_reuse": "2",
            "net/ipv4/ip_local_port_range": "32768\t60999",
            "net/ipv4/neigh/default/gc_thresh3": "1024",
            "net/netfilter/nf_conntrack_max": "262144",
        },
    }


def put(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n")


def write_machine(root: Path, counts: Counts) -> None:
    """/proc and /sys in the form the kernel gives them."""
    put(root, {f"proc/sys/{key}": value for key, value in counts["settings"].items()})
    put(
        root,
        {
            "proc/net/snmp": _pairs(counts["snmp"]),
            "proc/net/netstat": _pairs(counts["netstat"]),
            "proc/net/snmp6": "\n".join(f"{name:<32}\t{value}" for name, value in counts["snmp6"].items()),
            "proc/net/sockstat": counts["sockstat"],
            "proc/net/softnet_stat": "\n".join(
                " ".join(f"{value:08x}" for value in [*row, *[0] * 9, cpu]) for cpu, row in enumerate(counts["softnet"])
            ),
            "proc/stat": "cpu  1 2 3 4 5 6 7 8 0 0\n"
            + "\n".join(f"cpu{cpu} {' '.join(map(str, row))} 0 0" for cpu, row in enumerate(counts["times"]))
            + "\nintr 1 2 3\nctxt 5",
            "proc/net/dev": "Inter-|   Receive\n face |bytes\n"
            + "\n".join(
                f"{name:>6}: 0 {received} 0 {_dropped(counts, name)} 0 0 0 0 0 {sent} 0 0 0 0 0 0"
                for name, (received, sent) in counts["dev"].items()
            ),
            "proc/net/stat/nf_conntrack": _table(counts["conntrack"]),
            "proc/sys/net/netfilter/nf_conntrack_count": str(counts["conntrack"]["entries"]),
            "proc/net/stat/arp_cache": _table(counts["arp_cache"]),
            "proc/net/udp": "\n".join(
                [
                    UDP_HEAD,
                    *(
                        f" 1: 00000000:{port:04X} 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 1 2 0 {n}"
                        for port, n in counts["udp"].items()
                    ),
                ]
            ),
            "proc/net/tcp": "\n".join([TCP_HEAD, *counts["tcp"]]),
            "proc/interrupts": "".join(f"{f'CPU{cpu}':>11}" for cpu in range(4))
            + "\n"
            + "\n".join(
                f"{number:>4}: {' '.join(map(str, row))}  PCI-MSIX-0000:86:00.0  {number}-edge  eth0-TxRx-{number - 40}"
                for number, row in counts["interrupts"].items()
            ),
        },
    )
    _write_hardware(root, counts["statistics"])


def _dropped(counts: Counts, interface: str) -> int:
    """/proc/net/dev has rx_missed_errors among what was dropped."""
    return 0 if interface == "lo" else counts["statistics"]["rx_missed_errors"]


def _write_hardware(root: Path, statistics: dict[str, int]) -> None:
    put(root, {f"{DEVICE}/net/eth0/statistics/{key}": str(value) for key, value in statistics.items()})
    put(
        root,
        {
            "sys/devices/system/node/online": "0-1",
            "sys/devices/system/cpu/present": "0-3",
            "sys/devices/system/cpu/online": "0-3",
            "sys/devices/system/node/node0/cpulist": "0-1",
            "sys/devices/system/node/node1/cpulist": "2-3",
            "sys/class/net/lo/statistics/rx_packets": "1",
            f"{DEVICE}/class": "0x020000",
            f"{DEVICE}/numa_node": "1",
            f"{DEVICE}/msi_irqs/40": "msix",
            f"{DEVICE}/msi_irqs/41": "msix",
            f"{DEVICE}/net/eth0/type": "1",
            f"{DEVICE}/net/eth0/queues/rx-0/rps_cpus": "0",
            f"{DEVICE}/net/eth0/queues/rx-1/rps_cpus": "0",
        },
    )
    for name, target in (
        (f"{DEVICE}/driver", "../../../bus/pci/drivers/ixgbe"),
        (f"{DEVICE}/net/eth0/device", "../../../0000:86:00.0"),
        ("sys/class/net/eth0", f"../../../{DEVICE}/net/eth0"),
    ):
        if not (root / name).is_symlink():
            (root / name).symlink_to(target)


def _pairs(groups: dict[str, dict[str, int]]) -> str:
    return "\n".join(
        f"{group}: {' '.join(values)}\n{group}: {' '.join(map(str, values.values()))}"
        for group, values in groups.items()
    )


def _table(columns: dict[str, int]) -> str:
    """Two CPUs, of which the second has counted nothing."""
    second = {key: value if key == "entries" else 0 for key, value in columns.items()}
    rows = (" ".join(f"{value:08x}" for value in row.values()) for row in (columns, second))
    return "\n".join([" ".join(columns), *rows])


def connection(local: str, remote: str, state: str, left: float = 0.0) -> str:
    """A line of /proc/net/tcp; addresses as `0100007F:C350`, `left` seconds until its timer ends."""
    return f"   1: {local} {remote} {state} 00000000:00000000 03:{int(left * 100):08X} 00000000 0 0 0 3 ffff"


def changed(counts: Counts, **changes: Any) -> Counts:
    """A copy with values replaced; `Tcp__InSegs=5` reaches into groups of snmp and netstat."""
    new = copy.deepcopy(counts)
    for name, value in changes.items():
        group, _, key = name.partition("__")
        if not key:
            new[name] = {**new[name], **value} if isinstance(value, dict) else value
        elif group == "settings":
            raise ValueError(name)
        else:
            new["snmp" if group in new["snmp"] else "netstat"][group][key] = value
    return new


def interval(root: Path, before: Counts | None, after: Counts, seconds: float | None = 2.0, **more: Any) -> Interval:
    files = MachineFiles(root)
    first = None
    if before is not None:
        write_machine(root, before)
        first = take(files, survey(files).interrupts)
    write_machine(root, after)
    surroundings = survey(files)
    return Interval(first, take(files, surroundings.interrupts), seconds, surroundings, **more)


def diagnosed(root: Path, before: Counts | None, after: Counts, seconds: float | None = 2.0, **more: Any) -> Diagnosis:
    return examine(interval(root, before, after, seconds, **more))

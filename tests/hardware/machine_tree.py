"""Small copies of /proc and /sys, written for the case in hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def put(root: Path, files: dict[str, str]) -> None:
    """Write files below `root`, with the folders above them."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n")


def link(root: Path, name: str, target: str) -> None:
    """A symbolic link below `root`; it may lead nowhere."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


def put_cpu(root: Path, number: int, *, socket: int = 0, core: int = 0, siblings: str, l3: str = "") -> None:
    """The folder of a CPU that is on."""
    folder = f"sys/devices/system/cpu/cpu{number}"
    put(
        root,
        {
            f"{folder}/online": "1",
            f"{folder}/topology/physical_package_id": str(socket),
            f"{folder}/topology/core_id": str(core),
            f"{folder}/topology/thread_siblings_list": siblings,
        },
    )
    for index, (level, shared) in enumerate([(1, siblings), (1, siblings), (2, siblings), (3, l3)]):
        if shared:
            cache = f"{folder}/cache/index{index}"
            put(root, {f"{cache}/level": str(level), f"{cache}/shared_cpu_list": shared})


def put_node(root: Path, number: int, cpus: str, kibibytes: int) -> None:
    """The folder of a NUMA node."""
    folder = f"sys/devices/system/node/node{number}"
    memory = f"Node {number} MemTotal:       {kibibytes} kB"
    pages = f"{folder}/hugepages/hugepages-2048kB/nr_hugepages"
    put(root, {f"{folder}/cpulist": cpus, f"{folder}/meminfo": memory, pages: "0"})


def put_function(root: Path, address: str, driver: str, *, node: int = 0, kind: str = "0x020000") -> str:
    """A PCI function on a bridge of its own; gives its folder."""
    folder = f"sys/devices/pci0000:00/0000:00:01.0/{address}"
    put(root, {f"{folder}/class": kind, f"{folder}/numa_node": str(node), f"{folder}/vendor": "0x8086"})
    link(root, f"{folder}/driver", f"../../../../bus/pci/drivers/{driver}")
    link(root, f"sys/bus/pci/devices/{address}", f"../../../devices/pci0000:00/0000:00:01.0/{address}")
    return folder


def put_interface(root: Path, name: str, device: str, **files: str) -> str:
    """An interface of a device and its entry in /sys/class/net; gives its folder."""
    folder = f"{device}/net/{name}"
    content = {"type": "1", "address": "3c:fd:fe:9e:7a:10", "addr_assign_type": "0", "speed": "-1"} | files
    put(root, {f"{folder}/{key}": text for key, text in content.items()})
    link(root, f"{folder}/device", f"../../../{device.rpartition('/')[2]}")
    link(root, f"sys/class/net/{name}", f"../../../{folder}")
    return folder


def put_interrupts(root: Path, cpus: int, *lines: str) -> None:
    """/proc/interrupts from `NUMBER: CHIP HARDWARE-NUMBER NAME`, the counts filled in."""
    header = "".join(f"{f'CPU{cpu}':>11}" for cpu in range(cpus))
    body = [f"{number:>4}:{'          0' * cpus} {rest}" for number, rest in (line.split(":", 1) for line in lines)]
    put(root, {"proc/interrupts": "\n".join([f"    {header}", *body, " NMI: 0 0  Non-maskable interrupts"])})

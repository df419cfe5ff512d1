"""CPUs and NUMA nodes as /sys/devices/system tells them.

Sources: Documentation/admin-guide/cputopology.rst, Documentation/ABI/stable/sysfs-devices-node.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from netc.cpulist import HIGHEST_CPU, CpuSet
from netc.hardware.facts import CpuFact, HugepagesFact, NodeFact

if TYPE_CHECKING:
    from netc.hardware.machine_files import MachineFiles

_CPU_FOLDER = "sys/devices/system/cpu"
_NODE_FOLDER = "sys/devices/system/node"
_MEMORY = re.compile(r"MemTotal:\s+([0-9]{1,15}) kB")
_PAGES = re.compile(r"hugepages-([0-9]{1,12})kB\Z")
_CPUINFO_FIELDS = {"physical id": "socket", "core id": "core"}


def probe_possible(files: MachineFiles) -> CpuSet | None:
    """The CPUs the kernel has room for.

    Copies often lack the file that says so; /proc/softirqs has a column for each of them
    (show_softirqs in fs/proc/softirqs.c), unlike /proc/interrupts, whose columns are the online ones.
    """
    possible = files.cpus(f"{_CPU_FOLDER}/possible")
    if possible is None:
        header = (files.text("proc/softirqs") or "").partition("\n")[0]
        possible = CpuSet.of(_numbers(header.split(), "CPU"))
    return possible or None


def probe_nodes(files: MachineFiles) -> tuple[NodeFact, ...]:
    """The nodes that are switched on; their numbers may have gaps."""
    listed = _numbers(files.names(_NODE_FOLDER), "node")
    online = files.cpus(f"{_NODE_FOLDER}/online")
    return tuple(_node(files, number) for number in listed if not online or number in online)


def _node(files: MachineFiles, number: int) -> NodeFact:
    folder = f"{_NODE_FOLDER}/node{number}"
    memory = _MEMORY.search(files.text(f"{folder}/meminfo") or "")
    pages = []
    for name in files.names(f"{folder}/hugepages"):
        size = _PAGES.match(name)
        count = files.number(f"{folder}/hugepages/{name}/nr_hugepages")
        if size is not None and int(size[1]) and count is not None:
            pages.append(HugepagesFact(int(size[1]) * 1024, count))
    pages.sort(key=lambda page: page.size)
    return NodeFact(number, int(memory[1]) * 1024 if memory else None, tuple(pages))


def probe_cpus(files: MachineFiles, nodes: tuple[NodeFact, ...]) -> tuple[CpuFact, ...]:
    """The CPUs that are present, online or not; without /sys those that /proc/cpuinfo lists."""
    folders = CpuSet.of(_numbers(files.names(_CPU_FOLDER), "cpu"))
    present = files.cpus(f"{_CPU_FOLDER}/present") or folders
    if not present:
        return _cpus_of_cpuinfo(files)
    online = files.cpus(f"{_CPU_FOLDER}/online")
    node_of = _cpu_nodes(files, nodes)
    return tuple(_cpu(files, number, present, online, node_of) for number in present)


def _cpu_nodes(files: MachineFiles, nodes: tuple[NodeFact, ...]) -> dict[int, int]:
    """CPU → node, from the lists that the nodes keep."""
    node_of: dict[int, int] = {}
    for node in nodes:
        for cpu in files.cpus(f"{_NODE_FOLDER}/node{node.id}/cpulist") or ():
            node_of.setdefault(cpu, node.id)
    for node in nodes:  # the lists leave out CPUs that are offline; their links stay
        for cpu in _numbers(files.names(f"{_NODE_FOLDER}/node{node.id}"), "cpu"):
            node_of.setdefault(cpu, node.id)
    return node_of


def _cpu(files: MachineFiles, number: int, present: CpuSet, online: CpuSet | None, node_of: dict[int, int]) -> CpuFact:
    folder = f"{_CPU_FOLDER}/cpu{number}"
    switched_on = number in online if online is not None else files.text(f"{folder}/online") != "0"
    siblings = files.cpus(f"{folder}/topology/thread_siblings_list")
    if siblings is None:
        siblings = files.cpus(f"{folder}/topology/core_cpus_list")
    return CpuFact(
        id=number,
        node=node_of.get(number),
        socket=files.number(f"{folder}/topology/physical_package_id"),
        core=files.number(f"{folder}/topology/core_id"),
        siblings=_group(siblings, number, present),
        l3=_group(_third_level(files, folder), number, present),
        online=switched_on,
    )


def _third_level(files: MachineFiles, folder: str) -> CpuSet | None:
    """The CPUs that share the third-level cache; index3 by habit, but the number is only an order."""
    for index in sorted(files.names(f"{folder}/cache"), reverse=True):
        if index.startswith("index") and files.number(f"{folder}/cache/{index}/level") == 3:
            return files.cpus(f"{folder}/cache/{index}/shared_cpu_list")
    return None


def _group(group: CpuSet | None, number: int, present: CpuSet) -> CpuSet | None:
    """A group the CPU is in, without CPUs that are not there; None for a group that cannot be right."""
    return group & present if group is not None and number in group else None


def _cpus_of_cpuinfo(files: MachineFiles) -> tuple[CpuFact, ...]:
    """What /proc/cpuinfo says, which lists the CPUs that are online."""
    found: dict[int, CpuFact] = {}
    for block in (files.text("proc/cpuinfo") or "").split("\n\n"):
        fields = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in block.splitlines())}
        number = _whole(fields.get("processor"))
        if number is not None and number <= HIGHEST_CPU:
            told = {name: _whole(fields.get(key)) for key, name in _CPUINFO_FIELDS.items()}
            found.setdefault(number, CpuFact(number, socket=told["socket"], core=told["core"]))
    return tuple(found[number] for number in sorted(found))


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and re.fullmatch(r"[0-9]{1,9}", text) else None


def _numbers(names: list[str], prefix: str) -> list[int]:
    """The numbers in `cpu0`, `cpu1`, …, in order."""
    pattern = re.compile(rf"{prefix}([0-9]{{1,6}})\Z")
    found = (pattern.match(name) for name in names)
    return sorted({int(match[1]) for match in found if match and int(match[1]) <= HIGHEST_CPU})

"""Facts of the running machine, or of a copy of its /proc and /sys."""

from __future__ import annotations

from pathlib import Path

from netc.hardware.cpus import probe_cpus, probe_nodes, probe_possible
from netc.hardware.facts import Facts
from netc.hardware.machine_files import MachineFiles
from netc.hardware.nics import probe_nics
from netc.hardware.system import (
    kernel_release,
    kernel_version,
    probe_architecture,
    probe_distribution,
    probe_host,
    probe_systemd,
    probe_tick,
    probe_vendor,
)


def probe(root: Path = Path("/")) -> Facts:
    """What the files below `root` tell of the machine; its tools are asked only where `root` is `/`.

    What is missing, broken or not to be read is absent from the facts; nothing raises. `read_facts` accepts
    all that comes out.
    """
    files = MachineFiles(root)
    release = kernel_release(files)
    nodes = probe_nodes(files)
    cpus = probe_cpus(files, nodes)
    possible = probe_possible(files)
    return Facts(
        host=probe_host(files),
        architecture=probe_architecture(files),
        cpu_vendor=probe_vendor(files),
        kernel=kernel_version(release),
        tick=probe_tick(files, release),
        systemd=probe_systemd(files),
        distribution=probe_distribution(files),
        possible=possible,
        cpus=tuple(cpu for cpu in cpus if possible is None or cpu.id in possible),
        nodes=nodes,
        nics=probe_nics(files, nodes),
    )

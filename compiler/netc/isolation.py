"""Which CPUs the kernel keeps its own work off, and how it is told: the answer that checks and planners share.

Source: kernel/sched/isolation.c, tick-sched.c and irqdesc.c of Linux 5.10, 6.1, 6.12 and 6.18.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netc.cpulist import CpuSet
from netc.dpdk.applications import applications
from netc.knowledge.kernels import KernelVersion
from netc.serving import housekeeping_cpus, idle_siblings, isolated_cpus, lcores

if TYPE_CHECKING:
    from netc.language.sections import Entry
    from netc.model import Host

BOOT_CPU = CpuSet(1)
"""The CPU that boots is number 0 on x86 and arm64. It keeps time, so its tick is never stopped."""
MANAGED_INTERRUPTS = KernelVersion(5, 6)
"""The first kernel whose `isolcpus=` knows `managed_irq`; one before takes no part of an argument with that word."""
LISTS_MAY_DIFFER = KernelVersion(5, 18)
"""The first kernel that takes a `nohz_full=` that is not the list of `isolcpus=`; one before drops the second."""


def service_cpus(host: Host) -> CpuSet:
    """The CPUs that services may use unless they ask for others; empty where nothing is isolated."""
    isolated = isolated_cpus(host)
    return host.topology.online - isolated if host.topology is not None and isolated else CpuSet()


def tickless_cpus(host: Host) -> CpuSet:
    """The isolated CPUs whose tick stops. An older kernel takes CPU 0 out of the list by itself."""
    isolated = isolated_cpus(host)
    return isolated - BOOT_CPU if _kernel(host) >= LISTS_MAY_DIFFER else isolated


def default_interrupt_cpus(host: Host) -> CpuSet:
    """The CPUs for interrupts that nobody pins; empty where the file leaves that to the kernel.

    With isolated CPUs all others; with `housekeeping` alone those, since such interrupts are the operating system's.
    """
    if host.topology is None:
        return CpuSet()
    if isolated_cpus(host):
        return service_cpus(host)
    return housekeeping_cpus(host) if host.housekeeping is not None else CpuSet()


def undisturbed_cpus(host: Host) -> CpuSet:
    """The CPUs that interrupts which nobody pins must keep off."""
    kept = default_interrupt_cpus(host)
    return host.topology.online - kept if host.topology is not None and kept else CpuSet()


def isolating(host: Host) -> list[tuple[str, Entry[Any]]]:
    """The statements that isolate CPUs, each with its word: `isolate`, and `lcores` of applications."""
    found: list[tuple[str, Entry[Any]]] = [("isolate", host.isolate)] if host.isolate is not None else []
    return found + [("lcores", entry) for each in applications(host) if (entry := each.entry("lcores")) is not None]


def taking(host: Host) -> list[tuple[str, Entry[Any], CpuSet, str]]:
    """The statements that keep CPUs from interrupts of NICs: word, entry, the CPUs, and what these are then."""
    isolated = isolated_cpus(host) - lcores(host) - idle_siblings(host)
    found = [
        (word, entry, entry.value, "polled by DPDK") if word == "lcores" else (word, entry, isolated, "isolated")
        for word, entry in isolating(host)
    ]
    if host.housekeeping is not None:
        found.append(("housekeeping", host.housekeeping, housekeeping_cpus(host), "left to the operating system"))
    return found


def apart(host: Host) -> list[tuple[str, Entry[Any]]]:
    """The statements that keep CPUs apart from others: those that isolate some, else `housekeeping`."""
    kept = host.housekeeping
    return isolating(host) or ([("housekeeping", kept)] if kept is not None else [])


def isolation_arguments(host: Host) -> dict[str, str]:
    """The kernel arguments that `isolate`, `lcores` and `housekeeping` mean: name → value."""
    isolated = isolated_cpus(host)
    found = {}
    if isolated:
        flags = "managed_irq,domain" if _kernel(host) >= MANAGED_INTERRUPTS else "domain"
        found["isolcpus"] = f"{flags},{isolated}"
        if tickless := tickless_cpus(host):
            found["nohz_full"] = str(tickless)
        found["rcu_nocbs"] = str(isolated)
    if kept := default_interrupt_cpus(host):
        found["irqaffinity"] = str(kept)
    return found


def written_argument(host: Host, name: str) -> Entry[str] | None:
    """The value that the file itself gives to a kernel argument of this name; None where it has none."""
    for entry in host.kernel_arguments:
        found, _, value = entry.value.text.partition("=")
        if found.replace("-", "_") == name:  # the kernel takes both
            return entry.with_value(value)
    return None


def _kernel(host: Host) -> KernelVersion:
    return KernelVersion.parse(host.system.kernel.value)

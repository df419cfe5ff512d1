"""CPUs of which the kernel, systemd and stray interrupts keep off: kernel arguments and the CPUs of services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.cpulist import CpuSet, spoken
from netc.dpdk.applications import applications
from netc.isolation import apart, isolation_arguments, service_cpus, written_argument
from netc.plan import Why
from netc.serving import idle_siblings, isolated_cpus, lcores

if TYPE_CHECKING:
    from netc.model import Host
    from netc.planning.draft import Draft


def plan_isolation(draft: Draft) -> None:
    """`isolcpus`, `nohz_full`, `rcu_nocbs`, `irqaffinity` and `CPUAffinity`; an argument that is written stands."""
    host = draft.host
    places = tuple(entry.place for _, entry in apart(host))
    if not places:
        return
    for name, value in isolation_arguments(host).items():
        if written_argument(host, name) is None:
            why = Why(places, RULES[name], _reason(host, name))
            draft.kernel_argument(f"{name}={value}", why)
    services = service_cpus(host)
    if services:
        reason = (
            f"services run on CPUs {services} unless their unit says otherwise; `CPUAffinity=` in the unit of an "
            f"application puts it on isolated ones"
        )
        if lcores(host):
            reason += (
                ", and DPDK moves the threads of lcores there by itself: the others of its threads stay on these CPUs"
            )
        draft.manager("CPUAffinity", str(services), Why(places, "CPUs of services", reason))


RULES = {
    "isolcpus": "isolated CPUs",
    "nohz_full": "no tick on isolated CPUs",
    "rcu_nocbs": "no RCU callbacks on isolated CPUs",
    "irqaffinity": "CPUs of other interrupts",
}
"""Argument → the derivation it follows."""


def _reason(host: Host, name: str) -> str:
    isolated = isolated_cpus(host)
    if name == "isolcpus":
        return (
            f"the scheduler puts no task on CPUs {isolated} by itself, and the kernel keeps interrupts whose CPUs it "
            f"chooses alone off them; a program runs there only where its affinity says so{_polled(host)}"
        )
    if name == "nohz_full":
        return f"a CPU that runs one task alone is not interrupted by the tick; {_tickless_kernel(host)}"
    if name == "rcu_nocbs":
        return "callbacks of RCU run in threads that may be on other CPUs; `nohz_full=` alone means it too"
    if isolated:
        return f"interrupts that nobody pins begin on CPUs that are not isolated; without it CPUs {isolated} get some"
    return (
        "interrupts that nobody pins are the operating system's, those of NICs that the file does not name among "
        "them, so they go to the housekeeping CPUs"
    )


def _polled(host: Host) -> str:
    """Which of the isolated CPUs are lcores, and which stay idle for their sake."""
    parts = [f"{spoken(each.lcores)} are lcores of {each.unit}" for each in applications(host) if each.lcores]
    if idle := idle_siblings(host):
        parts.append(f"{spoken(idle)} share cores with lcores and stay idle")
    written = host.isolate.value if host.isolate is not None else None
    if isinstance(written, CpuSet) and (added := (lcores(host) | idle) - written):
        parts.append(f"`isolate` leaves {spoken(added)} of these out")
    return "".join(f"; {part}" for part in parts)


def _tickless_kernel(host: Host) -> str:
    """What is known of CONFIG_NO_HZ_FULL."""
    distribution = host.system.distribution
    built = distribution.modules.no_hz_full if host.system.kernel.span is None else None
    name = f"{distribution.name} {distribution.release or ''}".strip()
    if built == "y":
        return f"it takes CONFIG_NO_HZ_FULL, which the kernel of {name} has"
    lacks = "which the target's kernel may lack" if built is None else f"which the kernel of {name} lacks"
    return f"it takes CONFIG_NO_HZ_FULL, {lacks}: a kernel without passes the argument over"

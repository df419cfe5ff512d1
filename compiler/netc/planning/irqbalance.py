"""irqbalance: kept off pinned interrupts and free CPUs, disabled, or left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.irqbalance import bans_by_driver, device_driver, pinned
from netc.isolation import apart, undisturbed_cpus
from netc.plan import Why

if TYPE_CHECKING:
    from netc.planning.draft import Draft


def plan_irqbalance(draft: Draft) -> None:
    host = draft.host
    written = host.system.irqbalance
    choice = written.value if written is not None else "ban"
    if choice == "disable" and written is not None:
        reason = "irqbalance does not run, so interrupts stay where the kernel and netc put them"
        draft.service("irqbalance.service", "masked", Why((written.place,), "irqbalance", reason))
    if choice != "ban":
        return
    asked = (written.place,) if written is not None else ()
    _ban_cpus(draft, asked)
    _ban_interrupts(draft, asked)


def _ban_cpus(draft: Draft, asked: tuple[str, ...]) -> None:
    host = draft.host
    cpus = undisturbed_cpus(host)
    places = tuple(entry.place for _, entry in apart(host))
    if cpus and places:
        reason = f"irqbalance would move interrupts to CPUs {cpus}, which are to be free of them"
        draft.service("irqbalance.banned-cpus", str(cpus), Why((*asked, *places), "irqbalance", reason))


def _ban_interrupts(draft: Draft, asked: tuple[str, ...]) -> None:
    host = draft.host
    nics = pinned(host)
    drivers = sorted({name for nic in nics if (name := device_driver(nic)) is not None})
    if not nics or (bans_by_driver(host) and not drivers):
        return
    names = ", ".join(f"`{nic.name}`" for nic in nics)
    reason = (
        f"irqbalance looks at interrupts every ten seconds and would move those of {names} from the CPUs they are "
        "pinned to; it goes on to balance all others"
    )
    value = "nics"
    if bans_by_driver(host):
        value = f"drivers {','.join(drivers)}"
        reason += "; SELinux keeps it from running a script that tells devices apart, so it goes by their drivers"
    places = asked or tuple(nic.section.place for nic in nics)
    draft.service("irqbalance.banned-interrupts", value, Why(places, "irqbalance", reason))

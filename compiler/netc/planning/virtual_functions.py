"""Virtual functions: how many a NIC makes, what is set of each, and which of them the kernel's drivers leave alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netc.knowledge.sriov import SETTINGS
from netc.knowledge.systemd import directives
from netc.plan import Via, Why
from netc.units import counted
from netc.virtual_functions import interfaces_of, physical_function, settings_of

if TYPE_CHECKING:
    from netc.language.sections import Section
    from netc.model import Host, Nic
    from netc.planning.draft import Draft


def plan_virtual_functions(draft: Draft) -> None:
    for nic in draft.host.nics:
        wanted = nic.entry("vfs")
        if wanted is None or not nic.has_files:
            continue
        reason = f"{counted(wanted.value, 'virtual function')} of nic `{nic.name}` {_is(wanted.value)} asked for"
        why = Why((wanted.place,), "written", reason)
        at_udev = _made_by_link_files(draft.host, nic)
        draft.nic(nic.name, "vfs", str(wanted.value), why, _carried_out(at_udev))
        for number, section in sorted(settings_of(nic), key=lambda each: each[0]):
            _settings(draft, nic, number, section, at_udev)


def _settings(draft: Draft, nic: Nic, number: int, section: Section, at_udev: bool) -> None:
    """What is set of one virtual function: by the `.link` file all but the VLAN 0, for which it has no word."""
    words = [(word, _word(entry.value)) for word in SETTINGS if (entry := section.entry(word)) is not None]
    if not words:
        return
    value = " ".join(f"{word} {text}" for word, text in words)
    reason = f"virtual function {number} of nic `{nic.name}` is set before a driver has it: {_spoken(words)}"
    via = _carried_out(at_udev and words != [("vlan", "0")])
    draft.nic(nic.name, f"vf.{number}", value, Why((section.place,), "written", reason), via)


def _word(value: bool | int | str) -> str:
    return ("off", "on")[value] if isinstance(value, bool) else str(value)


def _spoken(words: list[tuple[str, str]]) -> str:
    said = {
        ("vlan", "0"): "no VLAN",
        ("trust", "on"): "trusted to change its own filters",
        ("trust", "off"): "not trusted",
        ("spoof-check", "on"): "frames with a foreign source address are dropped",
        ("spoof-check", "off"): "frames with a foreign source address pass",
    }
    names = {"mac": "MAC address", "vlan": "VLAN"}
    return ", ".join(said.get(each) or f"{names[each[0]]} {each[1]}" for each in words)


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def _made_by_link_files(host: Host, nic: Nic) -> bool:
    """Whether systemd has a word for the number, and the driver may take it before the interface comes up."""
    sriov = nic.knowledge.sriov if nic.knowledge is not None else None
    refused = sriov is not None and sriov.while_down is False
    return bool(directives("vfs", host.system.systemd.value)) and not refused


def _carried_out(at_udev: bool) -> tuple[Via, ...]:
    return (Via.LINK, Via.FUNCTIONS) if at_udev else (Via.FUNCTIONS,)


def function_fields(host: Host, nic: Nic) -> dict[str, Any]:
    """What artifacts must know of an interface that is a virtual function, or has some."""
    physical = physical_function(host, nic)
    if physical is not None and nic.match.vf is not None:
        return {"physical_function": physical.name, "function": nic.match.vf.value[0]}
    if nic.entry("vfs") is None:
        return {}
    sriov = nic.knowledge.sriov if nic.knowledge is not None else None
    apart = [number for number, each in interfaces_of(host, nic) if each.given_to_dpdk and not each.bifurcated]
    return {
        "functions_need_link": sriov is not None and sriov.needs_link,
        "functions_apart": tuple(sorted(apart)),
    }

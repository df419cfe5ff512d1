"""Virtual functions of SR-IOV: which NIC is a function of which, and what they share.

The answers that checks, planners and resolving give alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from netc.language.sections import Section
    from netc.model import Host, Nic


def physical_function(host: Host, nic: Nic) -> Nic | None:
    """The NIC that another one is a virtual function of; None where it is none, or the host has no such NIC."""
    return physical_among(nic, host.nics)


def physical_among(nic: Nic, nics: Iterable[Nic]) -> Nic | None:
    """The same among some NICs."""
    if nic.match.vf is None:
        return None
    name = nic.match.vf.value[1]
    return next((other for other in nics if other.name == name and other is not nic), None)


def interfaces_of(host: Host, nic: Nic) -> list[tuple[int, Nic]]:
    """Number and NIC of each virtual function of a NIC that the file describes as a NIC too."""
    return host.once("virtual functions", lambda: _interfaces_by_owner(host)).get(nic.name, [])


def _interfaces_by_owner(host: Host) -> dict[str, list[tuple[int, Nic]]]:
    found: dict[str, list[tuple[int, Nic]]] = {}
    for other in host.nics:
        if other.match.vf is not None and other.match.vf.value[1] != other.name:
            number, name = other.match.vf.value
            found.setdefault(name, []).append((number, other))
    return found


def settings_of(nic: Nic) -> list[tuple[int, Section]]:
    """Number and block of each `vf N` of a NIC."""
    return [(int(number), section) for number, section in nic.section.sections_of("vf")]


def channels_beside(nic: Nic) -> int | None:
    """The most channels that a driver leaves to a NIC beside its virtual functions; None: as many as without."""
    wanted = nic.entry("vfs")
    sriov = nic.knowledge.sriov if nic.knowledge is not None else None
    return sriov.channels_beside(wanted.value) if wanted is not None and sriov is not None else None


def may_be_absent(host: Host, nic: Nic) -> bool:
    """Whether the NIC is `optional`, or a virtual function of one that is."""
    physical = physical_function(host, nic)
    return any(each.entry("optional") is not None for each in (nic, physical) if each is not None)


def wires(nics: Iterable[Nic]) -> list[Nic]:
    """The NICs without those that share the wire of another one among them."""
    found: dict[str, Nic] = {}
    for nic in sorted(nics, key=lambda each: each.match.vf is not None):
        found.setdefault(nic.match.vf.value[1] if nic.match.vf is not None else nic.name, nic)
    return list(found.values())

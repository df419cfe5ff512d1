"""Virtual functions: how many there are, and what the physical function says of each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from netc.promises import wording
from netc.verifying.interfaces import NETS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.plan import Setting
    from netc.verifying.answers import Answer, Promise
    from netc.verifying.machine import Machine

SHOWN = {
    "mac": re.compile(r"(?:link/ether|MAC) ([0-9a-f:]{17})"),
    "vlan": re.compile(r", vlan ([0-9]+)"),
    "trust": re.compile(r", trust (on|off)"),
    "spoof-check": re.compile(r", spoof checking (on|off)"),
}
"""What `ip link` prints of a virtual function, behind `vf NUMBER`; versions before 5.0 print `MAC`."""


def number(promise: Promise, name: str, machine: Machine) -> Answer:
    return promise.judged(machine.first_line(f"{NETS}/{name}/device/sriov_numvfs") or "")


def answers(promise: Promise, setting: Setting, name: str, machine: Machine) -> Iterator[Answer]:
    """One for each word that is set of a virtual function."""
    text = machine.ask("ip", "link", "show", "dev", name) or ""
    line = re.search(rf"^\s*vf {re.escape(setting.key.removeprefix('vf.'))} .*", text, re.MULTILINE)
    for word, value, subject in wording.parts_of_function(setting):
        part = promise.part(subject, value)
        if not machine.live:
            yield part.unreadable(wording.OUTSIDE_A_COPY)
        elif not machine.has("ip"):
            yield part.unreadable("ip is not installed")
        elif word not in SHOWN:
            yield part.unreadable(wording.UNKNOWN)
        else:
            yield part.judged(_shown(word, line[0]) if line is not None else "")


def _shown(word: str, line: str) -> str:
    """Its value; empty where the driver does not tell. No VLAN is 0."""
    found = SHOWN[word].search(line)
    if found is None:
        return "0" if word == "vlan" else ""
    return found[1]

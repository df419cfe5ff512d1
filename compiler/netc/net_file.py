"""Facts as a `.net` file to begin with: the machine as it is, and goals to fill in.

Every name in facts was chosen by someone else: what is no word of the language is left out or made one, and
never copied as it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from netc.diagnostics import quotable
from netc.knowledge.distributions import Distribution, distribution, known_distributions
from netc.net_cpus import cpu_lines
from netc.resolving.names import host_name_problem
from netc.units import Dimension, with_unit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.hardware.facts import Facts, NicFact

NO_NAME = "localhost"
STAND_IN = "debian"
"""Its newest release stands for a kernel and a systemd that the facts do not tell."""

GOAL = """\
# What the traffic is and what it must reach decides everything else, for example:
# goal web-server {
#     throughput 10Gbps
#     connections 200k
# }"""

_INTERFACE = re.compile(r"(?!\d+\Z)(?!(?:all|default|lo)\Z)[A-Za-z0-9_-]{1,15}", re.ASCII)
_OF_THE_KERNEL = re.compile(r"(?:eth|wlan|usb)\d+", re.ASCII)
_PCI = re.compile(r"[0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]", re.ASCII)
_MAC = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}", re.ASCII)
_DRIVER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,31}", re.ASCII)
_VERSION = re.compile(r"\d{1,4}(?:\.\d{1,4}){0,2}", re.ASCII)
_KERNEL = re.compile(r"\d{1,4}\.\d{1,4}(?:\.\d{1,4})?", re.ASCII)
_NUMBERS = {"systemd": range(200, 1000), "tick": range(24, 1201)}
"""What the language takes; anything else is no fact."""
MOST_VECTORS = 4096


def write_net(facts: Facts) -> str:
    """Text of a `.net` file that declares this machine. It compiles as it stands."""
    name = facts.host if facts.host and not host_name_problem(facts.host) else NO_NAME
    body = [*_system(facts), *cpu_lines(facts), *_nics(facts), "", *GOAL.split("\n")]
    lines = [
        "# Begun by `netc probe --as net`. Add the goals, then try `netc check`.",
        "",
        f"host {name} {{",
        *(f"    {line}".rstrip() for line in _hardware(name)),
        *(f"    {line}".rstrip() for line in body),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _hardware(name: str) -> list[str]:
    return [
        f"# `netc probe -o {name}.yaml` tells more of the machine than stands here. With that file beside this one:",
        f'# hardware "{name}.yaml"',
    ]


def _system(facts: Facts) -> list[str]:
    """The `system` block: what the distribution does not bring by itself is written."""
    lines = []
    word, _, version = (facts.distribution or "").partition(" ")
    named = word in known_distributions() and (not version or _VERSION.fullmatch(version))
    found = distribution(word, version or None) if named else distribution("generic")
    lines.append(f"distribution {word} {version}".strip() if named else "distribution generic")
    if facts.distribution and not named:
        lines[-1] += f"  # netc does not know `{_spoken(facts.distribution)}`"
    lines += _versions(facts, found)
    if facts.architecture in ("x86-64", "arm64"):
        lines.append(f"architecture {facts.architecture}")
    if facts.cpu_vendor in ("intel", "amd", "arm", "other"):
        lines.append(f"cpu-vendor {facts.cpu_vendor}")
    memory = [node.memory for node in facts.nodes]
    total = sum(size or 0 for size in memory)
    if total and None not in memory:
        lines.append(f"memory {with_unit(total, Dimension.SIZE)}")
    return ["system {", *(f"    {line}" for line in lines), "}"]


def _versions(facts: Facts, found: Distribution | None) -> Iterator[str]:
    """Kernel, systemd and tick where the distribution's are others, or not known."""
    guess = distribution(STAND_IN)
    architecture = facts.architecture or "x86-64"
    rows = (
        ("kernel", facts.kernel, found and found.kernel, guess and guess.kernel),
        ("systemd", facts.systemd, found and found.systemd, guess and guess.systemd),
        ("tick", facts.tick, found and found.tick_of(architecture), None),
    )
    for word, told, usual, instead in rows:
        fits = _KERNEL.fullmatch(told) if isinstance(told, str) else told in _NUMBERS.get(word, ())
        if fits and (told != usual or not (found and found.certain)):
            yield f"{word} {told}"
        elif not fits and usual is None and instead is not None:
            yield f"{word} {instead}  # not found on the machine: correct it"


def _nics(facts: Facts) -> Iterator[str]:
    names: set[str] = set()
    nodes = {cpu.node for cpu in facts.cpus if cpu.node is not None} | {node.id for node in facts.nodes}
    if facts.cpus and not nodes:
        nodes = {0}  # `cpu` then tells of one
    for index, nic in enumerate(facts.nics):
        name = _nic_name(nic, index, names)
        names.add(name)
        others = [*facts.nics[:index], *facts.nics[index + 1 :]]
        match = _match(nic, others)
        yield ""
        if match is None:
            yield f"# {name} has no PCI or MAC address of its own by which it could be found again, so it is left out."
            continue
        yield f"nic {name} {{"
        yield f"    match {match}"
        if name != nic.name or _OF_THE_KERNEL.fullmatch(name):
            kept = f" `{_spoken(nic.name)}`" if nic.name and name != nic.name else ""
            yield f"    rename keep  # artifacts leave the system's name{kept}"
        yield from (f"    {line}" for line in _hardware_of(nic, nodes))
        yield "}"


def _hardware_of(nic: NicFact, nodes: set[int]) -> Iterator[str]:
    if nic.driver and _DRIVER.fullmatch(nic.driver):
        yield f"driver {nic.driver}"
    if nic.speed:
        yield f"speed {with_unit(nic.speed, Dimension.BIT_RATE)}"
    if nic.node is not None and (not nodes or nic.node in nodes):
        yield f"node {nic.node}"
    if nic.channels and nic.channels <= MOST_VECTORS:
        yield f"vectors {nic.channels}"
    if nic.management:
        yield "management"


def _match(nic: NicFact, others: list[NicFact]) -> str | None:
    """The PCI address where no other port has it, else with the MAC; else the MAC alone."""
    pci = nic.pci if nic.pci and _PCI.fullmatch(nic.pci) else None
    mac = nic.mac if nic.mac and _MAC.fullmatch(nic.mac) else None
    if mac and any(other.mac == mac for other in others):
        mac = None
    shared = any(other.pci == pci for other in others)
    if pci and not shared:
        return f"pci {pci}" + (f"  # mac {mac}" if mac else "")
    if pci and mac:
        return f"{{ pci {pci}; mac {mac} }}"
    return f"mac {mac}" if mac else None


def _nic_name(nic: NicFact, index: int, taken: set[str]) -> str:
    """A name the language takes and no other NIC here has: role, interface name, or one made of it."""
    for wanted in (nic.role, nic.name):
        if wanted and _INTERFACE.fullmatch(wanted) and wanted not in taken:
            return wanted
    made = re.sub(r"[^A-Za-z0-9_-]+", "-", nic.name or "").strip("-")[:15]
    if _INTERFACE.fullmatch(made) and made not in taken:
        return made
    number = index
    while f"nic{number}" in taken:
        number += 1
    return f"nic{number}"


def _spoken(text: str | None) -> str:
    """Text of the machine fit for a comment: printable, and never ending the line with `\\`."""
    return quotable(text or "").replace("`", "'").replace("\\", "/")

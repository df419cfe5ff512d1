"""Facts as YAML text that people read and every YAML reader reads alike."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from netc.cpulist import CpuSet
from netc.records import fields
from netc.units import Dimension, with_unit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.hardware.facts import Facts, NicFact, NodeFact

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_/-]*(?:[ .][A-Za-z0-9_/-]+)*\Z|[0-9]+(?:[KMGT]i?B|[kMGT]?bps|B)\Z")
"""Text that no YAML version takes for anything but text, but for the words below."""
_YAML_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
"""Truth values and null of YAML 1.1, in any case."""


def write_facts(facts: Facts) -> str:
    """YAML text of the facts of one machine; `read_facts` gives equal facts back. Ends with a line end."""
    lines = [f"{key}: {_scalar(value)}" for key, value in _known(facts, but=("cpus", "nodes", "nics"))]
    if facts.cpus:
        lines += ["cpus:", *(f"  - {_flow(cpu)}" for cpu in facts.cpus)]
    if facts.nodes:
        lines += ["nodes:", *(f"  - {_node(node)}" for node in facts.nodes)]
    if facts.nics:
        lines += ["nics:", *(f"  {line}" for nic in facts.nics for line in _nic(nic))]
    return "\n".join(lines or ["{}"]) + "\n"


def _known(record: object, but: tuple[str, ...] = ()) -> Iterator[tuple[str, object]]:
    """Key and value of all that is known, in the order of the dataclass."""
    for name, _ in fields(type(record)):
        value = getattr(record, name)
        if name not in but and value is not None:
            yield name, value


def _flow(record: object) -> str:
    return "{" + ", ".join(f"{key}: {_scalar(value)}" for key, value in _known(record)) + "}"


def _node(node: NodeFact) -> str:
    parts = [f"id: {node.id}"]
    if node.memory is not None:
        parts.append(f"memory: {with_unit(node.memory, Dimension.SIZE)}")
    if node.hugepages:
        pages = ", ".join(f"{with_unit(page.size, Dimension.SIZE)}: {page.count}" for page in node.hugepages)
        parts.append(f"hugepages: {{{pages}}}")
    return "{" + ", ".join(parts) + "}"


def _nic(nic: NicFact) -> list[str]:
    """The lines of one NIC, the first with the dash of its list."""
    lines = []
    for key, value in _known(nic, but=("interrupts",)):
        if key == "speed":
            lines.append(f"{key}: {with_unit(nic.speed or 0, Dimension.BIT_RATE)}")
        elif key in ("rings", "queues"):
            lines.append(f"{key}: {_flow(value)}")
        else:
            lines.append(f"{key}: {_scalar(value)}")
    if nic.interrupts:
        lines += ["interrupts:", *(f"  - {_flow(interrupt)}" for interrupt in nic.interrupts)]
    lines = lines or ["{}"]
    return [f"- {lines[0]}", *(f"  {line}" for line in lines[1:])]


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, CpuSet):
        return f'"{value}"'
    text = str(value)
    if isinstance(value, int) or (_PLAIN.match(text) and text.lower() not in _YAML_WORDS):
        return text
    return json.dumps(text)

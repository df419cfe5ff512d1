"""The one table of statements: which there are, where they stand, what they take.

Each room of the language has a module of its own; here they come together by kind of block. The reader of
statements, shell completion, suggestions and the language reference all derive from this table.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from netc.language import statements_cpu as cpu
from netc.language import statements_goal as goal
from netc.language import statements_host as host
from netc.language import statements_nic as nic
from netc.language import statements_steering as steering
from netc.language.statements_nic import OFFLOADS

if TYPE_CHECKING:
    from netc.language.signature import Signature

__all__ = ["BLOCKS", "OFFLOADS", "homes", "signatures"]

BLOCKS: dict[str, tuple[Signature, ...]] = {
    "host": host.HOST,
    "system": host.SYSTEM,
    "cpu": cpu.CPU,
    "node": cpu.NODE_BLOCK,
    "nic": nic.NIC,
    "match": nic.MATCH,
    "rings": nic.RINGS,
    "coalesce": nic.COALESCE,
    "offload": nic.OFFLOAD,
    "pause": nic.PAUSE,
    "irq": steering.IRQ,
    "rss": steering.RSS,
    "rps": steering.RPS,
    "rfs": steering.RFS,
    "xps": steering.XPS,
    "napi": steering.NAPI,
    "vf": nic.VF,
    "xdp": nic.XDP,
    "nic-dpdk": nic.NIC_DPDK,
    "goal": goal.GOAL,
    "interface": host.INTERFACE_BLOCK,
    "host-dpdk": host.HOST_DPDK,
    "hugepages": host.HUGEPAGES,
}
"""Kind of block → the statements that may stand in it."""


@cache
def signatures(block: str) -> dict[str, Signature]:
    """The statements of a kind of block by their word."""
    return {signature.word: signature for signature in BLOCKS[block]}


@cache
def homes(word: str) -> tuple[str, ...]:
    """The kinds of block in which a statement of this word may stand."""
    return tuple(block for block, found in BLOCKS.items() if any(s.word == word for s in found))

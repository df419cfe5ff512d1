"""The reference of the language, made from the tables that the compiler itself works by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.language.statements import BLOCKS
from netc.parser import DEEPEST_NESTING, LONGEST_LINE
from netc.reference_knowledge import distribution_table, driver_table, goal_kind_sections
from netc.resolving.hosts import MOST_HOSTS
from netc.tabulated import tabulated
from netc.units import Dimension

if TYPE_CHECKING:
    from netc.language.signature import Signature

INTRODUCTION = f"""\
# The language of `.net` files

A `.net` file declares hosts, their hardware and the traffic they must carry. What is not written is derived from
the goals and the hardware. This page is made from the tables of the compiler, so it says what netc does.

## Words

- A file is UTF-8 text. `#` outside a string begins a comment that runs to the end of the line.
- A statement ends at the end of the line, at `;` or before `}}`. A line that ends with a comma goes on in the next.
- `{{` stands on the line of its statement. A block may stand on one line: `rings {{ rx 4096; tx 4096 }}`. After `}}`
  the next statement begins on a new line or after `;`.
- A block that holds one statement needs no braces: `match pci 0000:18:00.0`, `rps cpus 1-15`.
- A string stands in double quotes on one line; `\\"` and `\\\\` are its only escapes.
- A name consists of letters, digits, `-` and `_`. Interface names have 1 to 15 of them, not digits only, and are not
  `all`, `default` or `lo`.
- CPU lists are the kernel's: `0-15,32-47`, or `0-31:2/4` for two of every four.
- A line has at most {LONGEST_LINE:,} characters, and blocks are nested at most {DEEPEST_NESTING} deep.

`netc fmt` lays a file out in the one style.

## Quantities

A quantity carries its unit, without a blank between: `2.5Gbps`. A missing unit is an error, and a version is no
quantity: `6.10` is not `6.1`.
"""

DECLARATIONS = f"""\
## Statements of a file

| statement | meaning |
| --- | --- |
| `include "roles/edge.net"` | takes the profiles of another file, named relative to this one |
| `profile NAME : PROFILE, … {{ … }}` | a part that hosts and other profiles take over |
| `host NAME : PROFILE, … {{ … }}` | one host, or many by ranges and lists in its name |
| `hosts from "fleet.yaml" : PROFILE, … {{ … }}` | one host for each entry of a hardware inventory |

`: PROFILE, …` may be left out. A host name is made of DNS labels: letters, digits and inner `-`, at most 63 each,
joined by `.`, at most 253 characters in all, compared without case. `lb-[01..40]` stands for 40 hosts, numbers of equal
width counting up; `db-[a,b,c]` stands for three; several in one name make every combination. A run has at most
{MOST_HOSTS:,} hosts unless `--max-hosts` says more.

## Merging

Profiles apply from left to right, then the block itself. Blocks of one name merge (`nic front`, `goal dns`, `cpu`); any
other statement replaces the earlier one whole. `default` in place of the value takes an earlier statement back:
`rtt default`, `nic front default`. In one block nothing may be written twice. `netc explain` tells which place won.
"""

GOALS = """\
## Kinds of goal

`goal KIND { … }` says what the traffic is; the kind alone already decides some settings, each compared with the
kernel's default. Goals of one kind merge. Goals of different kinds hold together, and the larger demand wins. `off`
undoes what a kind implies: `forwarding off`.
"""

DISTRIBUTIONS = """\
## Distributions

What a release brings unless `system` says otherwise. A release that is not listed is judged by the nearest one, with
a warning; a distribution that is not listed is `generic` with `kernel` and `systemd` written. `?` is not known.
"""

DRIVERS = """\
## Drivers

NIC drivers whose limits netc knows; any other is taken with a warning, and nothing is checked for it. `—` cannot be
set or is not there, `device` is up to the device.
"""

TITLES = {"host": "host or profile", "nic-dpdk": "dpdk of a NIC", "host-dpdk": "dpdk of a host"}
"""Kinds of block whose word alone would not tell them from others."""


def language_reference() -> str:
    """All of docs/language.md."""
    parts = [INTRODUCTION, _units(), DECLARATIONS, "## Statements of a block\n"]
    parts += [_block(kind) for kind in BLOCKS]
    parts += [GOALS, goal_kind_sections()]
    parts += [DISTRIBUTIONS, distribution_table(), DRIVERS, driver_table()]
    return "\n".join(parts)


def _units() -> str:
    rows = []
    for dimension in Dimension:
        units = ", ".join(f"`{unit}`" if unit else "none" for unit in dimension.units)
        rows.append((dimension.value.partition(" ")[2], units))
    return tabulated(("what", "units"), rows)


def _block(kind: str) -> str:
    """Heading, where the block stands, and its statements."""
    title = TITLES.get(kind, kind)
    lines = [f"### {title}", ""]
    openers = [(outer, s) for outer, found in BLOCKS.items() for s in found if s.block == kind]
    if openers:
        homes = " or ".join(_link(outer) for outer, _ in openers)
        opener = openers[0][1]
        lines += [f"In {homes}: {opener.summary}", "", f"    {opener.example}", ""]
    rows = [_row(signature) for signature in BLOCKS[kind]]
    return "\n".join(lines) + "\n" + tabulated(("statement", "takes", "meaning", "example"), rows)


def _row(signature: Signature) -> tuple[str, str, str, str]:
    word = f"`{signature.word}`" if signature.word else "(begins with its value)"
    return word, _takes(signature), signature.summary, f"`{signature.example}`"


def _takes(signature: Signature) -> str:
    parts = [signature.form.spoken] if signature.form is not None else []
    words = [f"`{word}`" for word in signature.states if word]
    if signature.block:
        block = f"a block {_link(signature.block)}"
        parts.append(" or ".join([*words, block]) if words else block)
    if not parts or "" in signature.states:
        parts.insert(0, "nothing")
    return ", then ".join(parts) if "" not in signature.states else " or ".join(parts)


def _link(kind: str) -> str:
    title = TITLES.get(kind, kind)
    return f"[{title}](#{title.replace(' ', '-').lower()})"

"""What the table of statements is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

    from netc.language.forms import Form


@dataclass(frozen=True)
class Signature:
    """One statement: its word, what follows it, and what it is for.

    word:     the first word; empty for a statement that begins with a value (`1GiB 8 on node 0`).
    form:     what its arguments must be; None when it has none.
    summary:  one sentence for the reference.
    example:  a line that reads.
    block:    name of the kind of block it opens (a key of BLOCKS), or empty.
    key:      how many leading values tell two such statements apart: `nic NAME` has 1, `rtt` has 0. A
              function instead takes the value and gives the key.
    states:   for a statement with a block: words that stand for the whole block, such as `rps on`.
    """

    word: str
    form: Form | None
    summary: str
    example: str
    block: str = ""
    key: int | Callable[[Any], tuple[str, ...]] = 0
    states: tuple[str, ...] = ()

    @property
    def alone(self) -> bool:
        """Whether the word may stand alone, with neither argument nor block (`dpdk`, `optional`)."""
        return self.form is None and (not self.block or "" in self.states)

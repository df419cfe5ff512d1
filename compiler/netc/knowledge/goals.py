"""Kinds of traffic, from goals.yaml."""

from __future__ import annotations

from functools import cache

from netc.knowledge.tables import table
from netc.records import dataclass


@dataclass(frozen=True, slots=True)
class KindSysctl:
    """A setting that a kind of traffic needs before any number is given."""

    key: str
    value: str
    want: str
    """`at-least`, `at-most` or `exactly`: which values of the kernel are as good."""
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class GoalKind:
    """One kind; the fields are explained at the head of goals.yaml."""

    name: str
    summary: str
    implies: frozenset[str]
    terminates: bool
    outgoing: bool
    latency: bool
    datagram: bool
    sysctls: tuple[KindSysctl, ...]


@cache
def goal_kind(name: str) -> GoalKind | None:
    """The kind of that name, or None."""
    row = table("goals").get(name)
    if row is None:
        return None
    sysctls = (KindSysctl(s["key"], s["value"], s["want"], s["rule"], s["reason"]) for s in row.get("sysctls", ()))
    return GoalKind(
        name=name,
        summary=row["summary"],
        implies=frozenset(row.get("implies", ())),
        terminates=row.get("terminates", False),
        outgoing=row.get("outgoing", False),
        latency=row.get("latency", False),
        datagram=row.get("datagram", False),
        sysctls=tuple(sysctls),
    )


def goal_kinds() -> tuple[str, ...]:
    """All kinds, in the order of the file."""
    return tuple(table("goals"))

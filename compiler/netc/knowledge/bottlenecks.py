"""Bottlenecks and how they show in counters, from bottlenecks.yaml."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from netc.knowledge.tables import table
from netc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Symptom:
    """One row; the fields are explained at the head of bottlenecks.yaml."""

    name: str
    title: str
    counters: tuple[str, ...]
    limits: Mapping[str, float]
    because: str
    source: str
    cause: str
    statement: str | None
    at_once: bool
    explained_by: frozenset[str]


@cache
def symptoms() -> tuple[Symptom, ...]:
    """All rows, in the order of the file: what explains another one stands before it."""
    return tuple(
        Symptom(
            name=name,
            title=row["title"],
            counters=tuple(row["counters"]),
            limits=row["limits"],
            because=row["because"],
            source=row["source"],
            cause=row["cause"],
            statement=row.get("statement"),
            at_once=row.get("at_once", False),
            explained_by=frozenset(row.get("explained_by", ())),
        )
        for name, row in table("bottlenecks")["symptoms"].items()
    )


def ring_counters(driver: str) -> tuple[str, ...]:
    """Names in `ethtool -S` of packets for which the driver had no receive descriptor free; empty if not known."""
    return tuple(table("bottlenecks")["ring_counters"].get(driver, ()))

"""Statements that are understood and for which netc writes no file yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.language.sections import Entry, Section
from netc.language.signature import Layer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.model import Host


def pending_statements(host: Host) -> Iterator[tuple[str, Entry[object] | Section, Layer]]:
    """Word, entry or block, and layer of every such statement of a host, in the order written."""
    yield from _within(host.section)


def _within(section: Section) -> Iterator[tuple[str, Entry[object] | Section, Layer]]:
    for key, found in section.entries.items():
        if found.layer not in (None, Layer.EMITTED):
            yield " ".join(filter(None, key)) or section.block, found, found.layer
        elif isinstance(found, Section):
            yield from _within(found)

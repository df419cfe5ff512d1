"""Sysctls the user insists on, in the form in which the kernel takes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from netc.knowledge.sysctls import canonical, lookup
from netc.patterns import pattern
from netc.records import replace
from netc.units import Dimension, QuantityError, parse_quantity

if TYPE_CHECKING:
    from netc.knowledge.kernels import Kernel
    from netc.language.sections import Entry, Section
    from netc.language.sentences import Assignment

_SIZE = pattern(r"\d+(?:\.\d+)?(?:[KMGT]i?|k)?B", re.ASCII)


def resolve_assignments(host: Section, kernel: Kernel) -> tuple[Entry[Assignment], ...]:
    """Keys in canonical form; sizes as bytes where the key counts bytes (`64MiB` → `67108864`)."""
    return tuple(_resolve(entry, kernel) for entry in host.entries_of("set"))


def _resolve(entry: Entry[Assignment], kernel: Kernel) -> Entry[Assignment]:
    key = canonical(entry.value.key)
    sysctl = lookup(key, kernel)
    value = entry.value.value
    if sysctl is not None and sysctl.unit == "bytes":
        value = " ".join(_bytes(word) for word in value.split(" "))
    return entry.with_value(replace(entry.value, key=key, value=value))


def _bytes(word: str) -> str:
    if not _SIZE.fullmatch(word):
        return word
    try:
        return str(parse_quantity(word, Dimension.SIZE).value)
    except QuantityError:
        return word

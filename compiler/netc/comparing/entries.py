"""A group's changes as every form of the report shows them: by the statements behind them, the gravest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.comparing.names import patterns
from netc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from netc.comparing.causes import Cause
    from netc.comparing.changes import Change
    from netc.comparing.contents import FileChange
    from netc.comparing.fleets import Comparison, Group


@dataclass(frozen=True, slots=True)
class Entry:
    """One change; of a NIC that comes or goes with all its settings, which come and go with it."""

    change: Change
    folded: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """Changes that the same statements are behind."""

    causes: tuple[Cause, ...]
    entries: tuple[Entry, ...]


def blocks(changes: Sequence[Change]) -> list[Block]:
    """The changes by their statements, in the order of the gravest of each."""
    whole = {(change.interface, change.how) for change in changes if change.kind == "interface" and not change.key}
    folded: dict[tuple[str, str], list[Change]] = {}
    by_causes: dict[tuple[Cause, ...], list[Change]] = {}
    for change in changes:
        key = (change.interface, change.how)
        if key in whole and change.kind in ("nic", "program"):
            folded.setdefault(key, []).append(change)
        else:
            by_causes.setdefault(change.causes, []).append(change)
    return [Block(causes, tuple(_entry(change, folded) for change in found)) for causes, found in by_causes.items()]


def _entry(change: Change, folded: dict[tuple[str, str], list[Change]]) -> Entry:
    whole = change.kind == "interface" and not change.key
    return Entry(change, tuple(folded.get((change.interface, change.how), ())) if whole else ())


def shown_changes(comparison: Comparison) -> list[Change]:
    """Every change that has a line of its own."""
    return [
        entry.change
        for group in comparison.groups
        for block in blocks(group.changes.changes)
        for entry in block.entries
    ]


def saying(cause: Cause, text: str | None) -> str:
    """What a statement says behind its word, which the place ends with already, though without quotes."""
    name = cause.place.rpartition(", ")[2]
    said = (text or "").removeprefix(name)
    return said.removeprefix(f"{name.partition(' ')[0]} ").strip()


def named_hosts(hosts: Iterable[str], most: int) -> tuple[str, str]:
    """Hosts as patterns, and how many patterns were left out beyond the most."""
    found = patterns(hosts)
    more = f"and {len(found) - most:,} more names" if len(found) > most else ""
    return ", ".join(found[:most]), more


def counted(number: int, what: str) -> str:
    """`1 host`, `1,000 hosts`"""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def heading(comparison: Comparison) -> str:
    """What differs, in one sentence."""
    if not comparison.differs:
        return f"nothing differs on {counted(comparison.alike, 'host')}"
    changed, ways = comparison.changed, len(comparison.groups)
    told = []
    if changed:
        alike = "" if changed == 1 else ", all alike" if ways == 1 else f" in {ways:,} ways"
        told.append(f"{counted(changed, 'host')} {'changes' if changed == 1 else 'change'}{alike}")
    told += [f"{counted(len(comparison.added), 'host')} added"] if comparison.added else []
    told += [f"{counted(len(comparison.removed), 'host')} removed"] if comparison.removed else []
    told += [f"{comparison.alike:,} the same"] if comparison.alike else []
    return "; ".join(told)


def files_told(files: Sequence[FileChange]) -> str:
    """`7 changed, 1 added`; empty where no file differs."""
    counts = [(how, sum(1 for each in files if each.how == how)) for how in ("changed", "added", "removed")]
    return ", ".join(f"{number} {how}" for how, number in counts if number)


def besides(group: Group) -> list[str]:
    """What differs beside settings, in a sentence each."""
    changes = group.changes
    told = []
    if changes.carried:
        told.append(f"{counted(len(changes.carried), 'setting')} set by another file: {_few(changes.carried)}")
    if changes.reworded:
        told.append(f"{counted(len(changes.reworded), 'reason')} changed: {_few(changes.reworded)}")
    if changes.left_alone:
        told.append(f"{counted(changes.left_alone, 'value')} changed among those that the target has anyway")
    if not changes and group.files:
        told.append("no setting differs, only files: another netc wrote them, or somebody changed them")
    return told


def settings_told(comparison: Comparison, hosts: Sequence[str]) -> str:
    """How many settings hosts that come or go have: `45 settings each`, or `12 to 45 settings`."""
    counts = sorted({comparison.settings[host] for host in hosts})
    if len(counts) > 1:
        return f"{counts[0]} to {counts[-1]} settings"
    return counted(counts[0], "setting") + (" each" if len(hosts) > 1 else "")


def _few(names: Sequence[str], most: int = 4) -> str:
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown

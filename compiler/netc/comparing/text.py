"""A comparison as text for a terminal: on one screen where hosts change alike."""

from __future__ import annotations

import re
import textwrap
from itertools import takewhile
from typing import TYPE_CHECKING

from netc.comparing.entries import (
    besides,
    blocks,
    counted,
    files_told,
    heading,
    named_hosts,
    saying,
    settings_told,
    shown_changes,
)
from netc.knowledge.effects import words
from netc.records import dataclass
from netc.render.canvas import Style, paint
from netc.render.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from netc.comparing.causes import Cause
    from netc.comparing.changes import Change
    from netc.comparing.contents import FileChange
    from netc.comparing.entries import Block, Entry
    from netc.comparing.fleets import Comparison, Group

GRAVE = ("reboot", "lingers", "reload", "link")
"""Effects that interrupt, or that wait for what interrupts."""

MOST_NAMES = 6
"""Patterns of host names in one heading."""

NARROWEST = 60
_NAME = 36
"""Columns of a setting's name; longer ones push what follows."""

GONE = "copying the new files leaves removed ones on a host"


@dataclass(frozen=True, slots=True)
class Look:
    """How the text is laid out."""

    width: int = 100
    colour: bool = False
    files: bool = False
    """Whether the lines of changed files are shown."""


def render(comparison: Comparison, look: Look) -> str:
    """The whole report."""
    lines = [_strong(f"{visible(comparison.old)} → {visible(comparison.new)}: {heading(comparison)}", look)]
    for group in comparison.groups:
        lines += ["", *_group(group, look)]
    for sign, hosts in (("+", comparison.added), ("-", comparison.removed)):
        if hosts:
            lines += ["", *_whole(sign, hosts, settings_told(comparison, hosts), look)]
    lines += _legend(comparison, look)
    return "\n".join(lines) + "\n"


def _strong(text: str, look: Look) -> str:
    return paint(text, Style.STRONG, look.colour)


def _group(group: Group, look: Look) -> Iterator[str]:
    yield from _hosts(group.hosts, look)
    for block in blocks(group.changes.changes):
        yield from _block(block, look)
    for sentence in besides(group):
        yield from _wrapped(visible(sentence), look, "  ")
    if group.files:
        first = f" (of {visible(group.hosts[0])})" if len(group.hosts) > 1 and look.files else ""
        yield f"  files{first}: {files_told(group.files)}"
        if look.files:
            yield from _files(group.files, look)


def _hosts(hosts: Sequence[str], look: Look) -> Iterator[str]:
    shown, more = named_hosts(hosts, MOST_NAMES)
    count = f" ({counted(len(hosts), 'host')})" if len(hosts) > 1 else ""
    names = _cut(visible(shown), 2 * look.width)
    for line in _wrapped(f"{names} {more}".strip() + count, look, ""):
        yield _strong(line, look)


def _whole(sign: str, hosts: Sequence[str], settings: str, look: Look) -> Iterator[str]:
    shown, more = named_hosts(hosts, MOST_NAMES)
    verb = "added" if sign == "+" else "removed: nothing takes netc's files off a host that still runs"
    names = f"{sign} {_cut(visible(shown), 2 * look.width)} {more}".rstrip()
    for number, line in enumerate(_wrapped(f"{names} ({counted(len(hosts), 'host')}, {settings}) {verb}", look, "")):
        yield _strong(line, look) if number == 0 else line


def _block(block: Block, look: Look) -> Iterator[str]:
    for cause in block.causes:
        for line in _wrapped(cause_told(cause), look, "  "):
            yield paint(line, Style.FRAME, look.colour)
    if not block.causes:
        yield "  (no statement of the files stands behind it)"
    for entry in block.entries:
        yield from _entry(entry, look)


def cause_told(cause: Cause) -> str:
    """A statement by its place, and what it said and says."""
    place = visible(cause.place)
    old, new = visible(saying(cause, cause.old)), visible(saying(cause, cause.new))
    if cause.old is None and cause.new is None:
        return place
    if cause.old is None:
        return f"{place}: written{f', {new}' if new else ''}"
    if cause.new is None:
        return f"{place}: taken out{f', {old}' if old else ''}"
    return f"{place}: {old} → {new}"


def _entry(entry: Entry, look: Look) -> Iterator[str]:
    change = entry.change
    effect = words()[change.effect.word].shown
    risk = f"  ! {change.risk.word}" if change.risk is not None else ""
    name = visible(change.name).ljust(_NAME)
    room = max(look.width, NARROWEST) - 4 - len(name) - 2 - len(effect) - len(risk)
    values = _values(change, max(room - 2, 16))
    line = f"    {name}  {values.ljust(min(room - 2, 28))}  "
    style = Style.WARNING if change.effect.word in GRAVE else Style.PLAIN
    yield line + paint(effect, style, look.colour) + paint(risk, Style.ERROR, look.colour)
    if entry.folded:
        settings = ", ".join(f"{each.key} {each.old or each.new}".rstrip() for each in entry.folded)
        text = f"with its {counted(len(entry.folded), 'setting')}: {visible(settings)}"
        yield from _wrapped(_cut(text, 3 * (look.width - 6)), look, "      ")


def _values(change: Change, room: int) -> str:
    """Old and new value in so many columns."""
    if change.old is None:
        return f"+ {_cut(visible(change.new or ''), room - 2)}".rstrip()
    if change.new is None:
        return f"- {_cut(visible(change.old), room - 2)}".rstrip()
    old, new = visible(change.old), visible(change.new)
    if len(old) + len(new) + 3 > room:
        old, new = _without_common(old, new)
    if len(old) + len(new) + 3 > room:
        old, new = _cut(old, (room - 3) // 2), _cut(new, (room - 3) // 2)
    return f"{old} → {new}"


def _without_common(old: str, new: str) -> tuple[str, str]:
    """Two values without the words that both begin and both end with; words end at blanks and commas."""
    one, two = (re.findall("[^ ,]*[ ,]|[^ ,]+", value) for value in (old, new))
    first = _alike(one, two)
    last = _alike(one[first:][::-1], two[first:][::-1])
    left = ("".join(words[first : len(words) - last]).strip(" ,") for words in (one, two))
    old, new = (f"{'…' if first else ''}{words}{'…' if last else ''}" for words in left)
    return old, new


def _alike(one: Sequence[str], two: Sequence[str]) -> int:
    """How many words are the same from the first on."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, two, strict=False)))


def _cut(text: str, room: int) -> str:
    """A text without its middle where it is too long."""
    room = max(room, 5)
    if len(text) <= room:
        return text
    return f"{text[: room // 2]}…{text[-((room - 1) // 2) :]}"


def _files(files: Sequence[FileChange], look: Look) -> Iterator[str]:
    for each in files:
        note = f": {each.note}" if each.note else ""
        yield _strong(f"  {each.how} {visible(each.path)}{note}", look)
        for line in each.lines:
            style = {"+": Style.WARNING, "-": Style.ERROR, "@": Style.FRAME}.get(line[:1], Style.PLAIN)
            yield "  " + paint(visible(line), style, look.colour)


def _legend(comparison: Comparison, look: Look) -> Iterator[str]:
    """What the words of this report mean."""
    shown = shown_changes(comparison)
    used = {change.effect.word for change in shown}
    risks = {(change.risk.word, change.risk.because) for change in shown if change.risk is not None}
    gone = any(each.how == "removed" for group in comparison.groups for each in group.files)
    if used or risks or gone:
        yield ""
    for name, word in words().items():
        if name in used:
            yield from _wrapped(f"{word.shown}: {word.says}", look, "")
    for name, because in sorted(risks):
        yield from _wrapped(f"! {name}: {because}", look, "")
    if gone:
        yield f"files: {GONE}"


def _wrapped(text: str, look: Look, indent: str) -> list[str]:
    return textwrap.wrap(
        text,
        max(look.width, NARROWEST),
        initial_indent=indent,
        subsequent_indent=f"{indent}    ",
        break_on_hyphens=False,
    )

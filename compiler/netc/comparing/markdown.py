"""A comparison as Markdown that fits a comment of a pull request.

GitHub takes 65,536 characters and GitLab a million; what does not fit is counted. What comes from files or plans
stands in HTML blocks, escaped, or in fenced code: there neither pipes, backticks nor mentions mean anything.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from netc.comparing.entries import (
    besides,
    blocks,
    counted,
    files_told,
    heading,
    named_hosts,
    settings_told,
    shown_changes,
)
from netc.comparing.text import GONE, cause_told
from netc.knowledge.effects import words
from netc.render.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from netc.comparing.contents import FileChange
    from netc.comparing.entries import Block, Entry
    from netc.comparing.fleets import Comparison, Group

MOST = 60_000
"""Bytes of the whole text, and so never more characters."""

KEPT_BACK = 2_000
"""Bytes for the words at the end: what they mean, and what was left out."""

ROWS = (300, 40, 5)
"""Rows of a table at most, and of one for which there is no room otherwise."""

TRIES = 20
"""Entries without room after which no more are tried: smaller ones may come, but not for ever."""

MOST_NAMES = 12
MOST_CAUSES = 6
LONGEST_VALUE = 160
LONGEST_LINE = 300
"""Characters of one line of a file."""

MARK = "<!-- netc diff -->"
"""By which a job finds the comment that it wrote before."""


def render(comparison: Comparison) -> str:
    """The report; below MOST bytes whatever the fleet."""
    top = f"{MARK}\n## netc diff\n\n{_prose(comparison.old)} → {_prose(comparison.new)}: {heading(comparison)}\n"
    sheet = _Sheet(MOST - KEPT_BACK - _size(top))
    for sign, hosts in (("added", comparison.added), ("removed", comparison.removed)):
        if hosts:
            sheet.add(_whole(sign, hosts, settings_told(comparison, hosts)))
    shown: list[tuple[Group, str]] = []
    left_out: list[Group] = []
    for group in comparison.groups:
        full = len(left_out) > TRIES
        text = "" if full else next(filter(None, (sheet.take(_group(group, most)) for most in ROWS)), "")
        if text:
            shown.append((group, text))
        else:
            left_out.append(group)
    without_lines = 0
    for group, text in shown:
        sheet.write(text)
        lines = _files(group) if group.files else ""
        if lines and not sheet.add(lines):
            without_lines += 1
    return f"{top}{sheet.text}{_end(comparison, left_out, without_lines)}"


class _Sheet:
    """Text of so many bytes at most. What is taken is paid for, and written later."""

    def __init__(self, room: int) -> None:
        self._room = room
        self.text = ""

    def take(self, text: str) -> str:
        """The text where there is room for it, else nothing."""
        size = _size(text)
        if size > self._room:
            return ""
        self._room -= size
        return text

    def write(self, taken: str) -> None:
        self.text += taken

    def add(self, text: str) -> bool:
        taken = self.take(text)
        self.text += taken
        return bool(taken)


def _size(text: str) -> int:
    return len(text.encode())


def _group(group: Group, most: int) -> str:
    """A heading and a table of at most so many rows."""
    shown, more = named_hosts(group.hosts, MOST_NAMES)
    count = f" ({counted(len(group.hosts), 'host')})" if len(group.hosts) > 1 else ""
    lines = [f"\n<h3>{_code(_cut(shown, 1000))} {escape(more)}{count}</h3>\n"]
    found = blocks(group.changes.changes)
    rows = [row for block in found for row in _block(block)]
    if rows:
        lines += ["<table>", "<tr><th>setting</th><th>old</th><th>new</th><th>counts</th></tr>", *rows[:most]]
        if len(rows) > most:
            lines.append(f'<tr><td colspan="4">and {counted(len(rows) - most, "row")} more</td></tr>')
        lines.append("</table>\n")
    lines += [f"- {_prose(_cut(sentence, 2 * LONGEST_VALUE))}" for sentence in besides(group)]
    if group.files:
        lines.append(f"- files: {files_told(group.files)}")
    return "\n".join(lines) + "\n"


def _block(block: Block) -> Iterator[str]:
    causes = [f"{_code(_cut(cause_told(cause), LONGEST_LINE))}" for cause in block.causes[:MOST_CAUSES]]
    if len(block.causes) > MOST_CAUSES:
        causes.append(f"and {len(block.causes) - MOST_CAUSES} more statements")
    causes = causes or ["no statement of the files stands behind it"]
    yield f'<tr><td colspan="4">{"<br>".join(causes)}</td></tr>'
    yield from map(_entry, block.entries)


def _entry(entry: Entry) -> str:
    change = entry.change
    old, new = ("" if value is None else _code(_cut(value, LONGEST_VALUE)) for value in (change.old, change.new))
    effect = escape(words()[change.effect.word].shown)
    if change.risk is not None:
        effect += f"<br><b>{escape(change.risk.word)}</b>: {escape(change.risk.because)}"
    name = _code(change.name)
    if entry.folded:
        settings = ", ".join(f"{each.key} {each.old or each.new}".rstrip() for each in entry.folded)
        name += f"<br>with {counted(len(entry.folded), 'setting')}: {_code(_cut(settings, 2 * LONGEST_VALUE))}"
    return f"<tr><td>{name}</td><td>{old}</td><td>{new}</td><td>{effect}</td></tr>"


def _files(group: Group) -> str:
    """The lines that differ, folded."""
    of = f" of {_code(group.hosts[0])}" if len(group.hosts) > 1 else ""
    body = "\n".join(line for each in group.files for line in _lines(each))
    longest = max((len(run) for run in re.findall("`+", body)), default=0)
    fence = "`" * max(3, longest + 1)
    return (
        f"\n<details><summary>files{of}: {files_told(group.files)}</summary>\n\n"
        f"{fence}diff\n{body}\n{fence}\n\n</details>\n"
    )


def _lines(file: FileChange) -> Iterator[str]:
    note = f" ({file.note})" if file.note else ""
    if file.how == "removed":
        yield f"--- {visible(file.path)}{note}"
    else:
        yield f"+++ {visible(file.path)}{note}"
    for line in file.lines:
        yield _cut(visible(line), LONGEST_LINE)


def _whole(verb: str, hosts: Sequence[str], settings: str) -> str:
    shown, more = named_hosts(hosts, MOST_NAMES)
    note = "; nothing takes netc's files off a host that still runs" if verb == "removed" else ""
    names = f"{_code(_cut(shown, 1000))} {escape(more)}".strip()
    return f"\n<p><b>{verb}</b>: {names} ({counted(len(hosts), 'host')}, {settings}){note}</p>\n"


def _end(comparison: Comparison, left_out: list[Group], without_lines: int) -> str:
    """What the words mean, and what had no room."""
    used = {change.effect.word for change in shown_changes(comparison)}
    lines = [f"- {word.shown}: {word.says}" for name, word in words().items() if name in used]
    if any(each.how == "removed" for group in comparison.groups for each in group.files):
        lines.append(f"- files: {GONE}")
    told = []
    if left_out:
        hosts = sum(len(group.hosts) for group in left_out)
        kinds = "entry" if len(left_out) == 1 else "entries"
        told.append(f"{len(left_out):,} {kinds} of {counted(hosts, 'host')}")
    if without_lines:
        told.append(f"the lines of files of {without_lines:,} {'entry' if without_lines == 1 else 'entries'}")
    meanings = "\n".join(lines)
    text = f"\n<details><summary>what the words mean</summary>\n\n{meanings}\n\n</details>\n" if lines else ""
    if told:
        text += f"\n**No room here for {' and '.join(told)}**: `netc diff --format html` shows all.\n"
    return text


def _code(text: str) -> str:
    """Text in an HTML block, for which Markdown has no meaning. It has no line break that would end the block."""
    return f"<code>{escape(visible(text))}</code>"


def _prose(text: str) -> str:
    """Text of others within a line of Markdown: what could mean something there is written as its number."""
    return re.sub(r"[^A-Za-z0-9 \-.,:/→]|(?<=w)\.|:(?=//)", lambda found: f"&#{ord(found[0])};", visible(text))


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most // 2]}…{text[-(most // 2 - 1) :]}"

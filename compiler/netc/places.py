"""The smallest place that shows what a diagnostic is about: of a statement its value, its key, one of its names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from netc.patterns import pattern
from netc.source import Span

if TYPE_CHECKING:
    from netc.language.sections import Entry, Section

_SETTING = pattern(r"set[ \t]+([^\s=]+)[ \t]*=[ \t]*(.*?)[ \t]+because\b", re.DOTALL)


def value_of(found: Entry[Any] | Section, word: str) -> Span | None:
    """What follows the word of a statement: `32` of `queues 32`. A place without the word, as in facts, stays whole."""
    span = found.span
    if span is None:
        return None
    rest = span.text.removeprefix(word)
    value = rest.lstrip(" \t")
    if not len(value) < len(rest) < len(span.text) or not value or value[0].isspace():
        return span
    return Span(span.source, span.end - len(value), span.end)


def name_in(found: Entry[Any] | Section, name: str) -> Span | None:
    """The first place of a name within a statement: `back` of `over front, back`."""
    span = found.span
    if span is None:
        return None
    first = re.match(r"\S+", span.text)
    after = first.end() if first else 0
    match = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])").search(span.text, after)
    return Span(span.source, span.start + match.start(), span.start + match.end()) if match else span


def setting_key(entry: Entry[Any]) -> Span | None:
    """The key of `set KEY = VALUE because "…"`."""
    return _of_setting(entry, 1)


def setting_value(entry: Entry[Any]) -> Span | None:
    """The value of `set KEY = VALUE because "…"`."""
    return _of_setting(entry, 2)


def _of_setting(entry: Entry[Any], group: int) -> Span | None:
    span = entry.span
    match = _SETTING.match(span.text) if span is not None else None
    if span is None or match is None:
        return span
    return Span(span.source, span.start + match.start(group), span.start + match.end(group))

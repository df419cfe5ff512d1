"""Text in which only what is not printable is escaped, for readers that show the rest themselves."""

from __future__ import annotations


def printable(text: str) -> str:
    """`text` as one line: control characters, line breaks and the like become `\\n`, `\\x85`, `\\u2028`."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)

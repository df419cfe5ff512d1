"""Text and paths for readers that show them as they are."""

from __future__ import annotations


def printable(text: str) -> str:
    """`text` as one line: control characters, line breaks and the like become `\\n`, `\\x85`, `\\u2028`."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def plain_path(path: str) -> str:
    """`path` without `.` and doubled slashes, as pathlib has it; `.` where nothing is left."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    return f"{'/' if path.startswith('/') else ''}{'/'.join(parts)}" or "."

"""Names of units that stand for paths."""

from __future__ import annotations


def escaped(path: str) -> str:
    """What `systemd-escape --path` makes of an absolute path of plain components."""
    parts = path.strip("/").split("/")
    return "-".join("".join(_escaped(c) for c in part) for part in parts)


def _escaped(char: str) -> str:
    return char if char.isascii() and (char.isalnum() or char in ":_.") else f"\\x{ord(char):02x}"

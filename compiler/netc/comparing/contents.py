"""Files of a host on both sides: which differ, and in which lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.packaging import manifest
from netc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from netc.plan import Artifact

OF_OTHERS = (manifest.NAME, "plan.json", "rootfs/etc/netc/files")
"""Files that tell of the others: what they would show stands in the report already."""

LONGEST = 4000
"""Lines of a file that are compared one by one; of a longer one it is said that it differs."""

CONTEXT = 3


@dataclass(frozen=True, slots=True)
class Content:
    """A file with its mode, or a symbolic link with its target."""

    data: bytes = b""
    mode: int = 0o644
    target: str = ""


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file that differs. `lines` are its unified diff without the two lines that name it; none for binary ones."""

    path: str
    how: str
    """added | removed | changed"""
    lines: tuple[str, ...] = ()
    note: str = ""
    """What lines do not show: another mode, or that it is no text."""


def contents_of(artifacts: Iterable[Artifact]) -> dict[str, Content]:
    """The files of a plan as they would lie in its tree."""
    return {
        each.path: Content(target=each.target) if each.target else Content(each.data or each.text.encode(), each.mode)
        for each in artifacts
    }


def differing(old: Mapping[str, Content], new: Mapping[str, Content], *, objects: bool) -> tuple[str, ...]:
    """Paths of files that are not the same on both sides; `objects` says whether both know those of programs."""
    return tuple(
        path
        for path in sorted(old.keys() | new.keys())
        if path not in OF_OTHERS and old.get(path) != new.get(path) and (objects or not _is_object(path))
    )


def file_changes(
    old: Mapping[str, Content], new: Mapping[str, Content], paths: Iterable[str]
) -> tuple[FileChange, ...]:
    """What differs in each of these files."""
    return tuple(_file_change(path, old.get(path), new.get(path)) for path in paths)


def _file_change(path: str, old: Content | None, new: Content | None) -> FileChange:
    how = "added" if old is None else "removed" if new is None else "changed"
    one, two = _lines(old), _lines(new)
    if one is None or two is None:
        return FileChange(path, how, (), "not shown: it is no text")
    if max(len(one), len(two)) > LONGEST:
        return FileChange(path, how, (), f"not shown: {len(one)} lines before, {len(two)} after")
    from difflib import unified_diff  # seldom needed at a start

    lines = tuple(unified_diff(one, two, n=CONTEXT, lineterm=""))[2:]
    return FileChange(path, how, lines, _modes(old, new))


def _modes(old: Content | None, new: Content | None) -> str:
    if old is None or new is None or old.mode == new.mode or old.target or new.target:
        return ""
    return f"mode {old.mode:04o} → {new.mode:04o}"


def _lines(content: Content | None) -> list[str] | None:
    """The lines of a file; of a link its target; None for what is no text."""
    if content is None:
        return []
    if content.target:
        return [f"-> {content.target}"]
    if b"\0" in content.data:
        return None
    try:
        return content.data.decode().splitlines()
    except UnicodeDecodeError:
        return None


def _is_object(path: str) -> bool:
    return path.startswith("rootfs/etc/netc/xdp/") and path.endswith(".o")

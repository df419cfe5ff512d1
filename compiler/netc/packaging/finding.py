"""How a place on disk differs from what netc wrote there, and from what it wants to write."""

from __future__ import annotations

import os
import stat
from enum import Enum
from typing import TYPE_CHECKING

from netc import codes
from netc.diagnostics import Sentence
from netc.digests import digest
from netc.printable import plain_path, printable
from netc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from netc.diagnostics import Diagnostic
    from netc.packaging.manifest import Entry
    from netc.packaging.witness import Statuses


TAKE_OVER = "move it out of the way, or replace it with `--force`"


class OutputError(Exception):
    """The output cannot be what it should; nothing was changed. `diagnostics` say why."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("; ".join(diagnostic.message for diagnostic in self.diagnostics))

    @classmethod
    def of(cls, error: OSError, path: str) -> OutputError:
        """The form of an error that the operating system gave."""
        reason = (error.strerror or type(error).__name__).lower()
        return cls([codes.CANNOT_WRITE.at(None, path=named(path), reason=reason)])


def named(path: str) -> Sentence:
    """A path as messages show it: whole however long it is, since the user must find it, and printable."""
    return Sentence(printable(plain_path(path)))


class How(Enum):
    """How a path differs from what it should be."""

    MISSING = "missing"
    CHANGED = "changed"
    NOT_WANTED = "not wanted"


@dataclass(frozen=True, slots=True)
class Difference:
    path: str
    """Relative to the host's directory."""
    how: How


@dataclass(frozen=True, slots=True)
class Found:
    """What lies at a path: a file with its content, a link with its target, or something else."""

    kind: str
    """file | link | other"""
    mode: int = 0
    content: bytes = b""
    target: str = ""
    status: os.stat_result | None = None
    """What the kernel said of it before it was read."""

    def is_(self, entry: Entry) -> bool:
        """Whether it is the entry, its mode apart."""
        if entry.target or self.kind != "file":
            return self.kind == "link" and bool(entry.target) and self.target == entry.target
        return len(self.content) == entry.size and digest(self.content) == entry.sha256


def lying_at(path: str, dir_fd: int | None = None) -> Found | None:
    """What lies at a path, no link followed; None where nothing does."""
    try:
        status = os.stat(path, dir_fd=dir_fd, follow_symlinks=False)
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(status.st_mode):
        return Found("link", target=os.readlink(path, dir_fd=dir_fd), status=status)
    if not stat.S_ISREG(status.st_mode):
        return Found("other", status=status)
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=dir_fd)
    with open(handle, "rb") as file:  # noqa: PTH123 - it is a descriptor
        return Found("file", stat.S_IMODE(status.st_mode), file.read(), status=status)


def files_under(directory: str, below: str = "", directories: Statuses | None = None) -> Iterator[str]:
    """Paths of all that is no directory, relative to `directory`; links are not followed.

    `directories` takes what the kernel said of each directory before it was read.
    """
    here = f"{directory}/{below}".rstrip("/")
    if directories is not None:
        directories[below] = os.lstat(here)
    with os.scandir(here) as found:
        for item in found:
            path = f"{below}/{item.name}" if below else item.name
            if item.is_dir(follow_symlinks=False):
                yield from files_under(directory, path, directories)
            else:
                yield path


def unowned(found: Found, written: Entry | None, shown: str) -> Diagnostic | None:
    """What is wrong with replacing or removing a file: nothing where netc wrote just this."""
    if written is None:
        return codes.FOREIGN_FILE.at(None, path=named(shown), help=[TAKE_OVER])
    if not found.is_(written):
        return codes.CHANGED_FILE.at(None, path=named(shown), help=[TAKE_OVER])
    return None

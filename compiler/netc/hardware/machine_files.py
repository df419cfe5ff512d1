"""The files of a running machine, or of a copy of its /proc and /sys below some folder.

Every answer is None or empty where the file is missing, broken, unreadable or outside the copy: what
cannot be read is not known, and nothing here raises.
"""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING

from netc.cpulist import CpuListError, CpuSet

if TYPE_CHECKING:
    from pathlib import Path

LARGEST_FILE = 64 * 2**20
"""Bytes read of a file: /proc/interrupts of 512 CPUs with 5,000 interrupts takes half of it."""

ONE_READ = 2**16
"""Bytes of one read: the kernel allocates what a reader of /proc/sys asks for, and refuses more than 4 MiB."""

_NUMBER = re.compile(r"-?[0-9]{1,19}\Z")
_PARTS = re.compile(r"([0-9]+)")


class MachineFiles:
    """Reads below `root`. Paths are relative to it, with `/`, without one in front."""

    def __init__(self, root: Path) -> None:
        self._root = os.path.realpath(root)
        self.live = self._root == "/"
        """Whether this is the running machine, so that its tools may be asked too."""

    def _inside(self, path: str) -> str | None:
        """The absolute path with links followed, unless they lead out of the copy."""
        full = os.path.join(self._root, path)  # noqa: PTH118 - half the time of probing with pathlib
        try:
            real = os.path.realpath(full)
        except (OSError, ValueError):
            return None
        inside = self.live or real == self._root or real.startswith(self._root + "/")
        return real if inside else None

    def content(self, path: str) -> bytes | None:
        """The bytes of a regular file."""
        real = self._inside(path)
        if real is None:
            return None
        try:
            if not stat.S_ISREG(os.stat(real).st_mode):  # noqa: PTH116 - a pipe would wait for its writer
                return None
            found = bytearray()
            with open(real, "rb", buffering=0) as file:  # noqa: PTH123 - see above
                # Most files of /proc give one page for each read, however much is asked for.
                while len(found) < LARGEST_FILE and (part := file.read(ONE_READ)):
                    found += part
            return bytes(found)
        except (OSError, ValueError):
            return None

    def text(self, path: str) -> str | None:
        """The text of a file without blanks around it; the NULs some copies are padded with are dropped."""
        content = self.content(path)
        return None if content is None else content.decode("utf-8", "replace").replace("\0", "").strip()

    def number(self, path: str) -> int | None:
        """A file that holds one number from zero; sysfs says -1 for what it does not know."""
        text = self.text(path)
        if text is None or not _NUMBER.match(text) or int(text) < 0:
            return None
        return int(text)

    def cpus(self, path: str) -> CpuSet | None:
        """A file that holds a CPU list, which may be empty."""
        text = self.text(path)
        try:
            return None if text is None else CpuSet.parse(text)
        except CpuListError:
            return None

    def names(self, path: str) -> list[str]:
        """What a folder holds, numbers within names in their order: `cpu2` before `cpu10`."""
        real = self._inside(path)
        try:
            return [] if real is None else sorted(os.listdir(real), key=natural)  # noqa: PTH208 - see above
        except OSError:
            return []

    def is_folder(self, path: str) -> bool:
        real = self._inside(path)
        return real is not None and os.path.isdir(real)  # noqa: PTH112 - see above

    def link_name(self, path: str) -> str | None:
        """The last part of where a link points, whether or not that is there: the driver of `…/driver`."""
        target = self.link_target(path)
        return None if target is None else target.rstrip("/").rpartition("/")[2] or None

    def link_target(self, path: str) -> str | None:
        """Where a link points, as it says."""
        above, _, name = path.rpartition("/")
        folder = self._inside(above)
        try:
            return None if folder is None else os.readlink(os.path.join(folder, name))  # noqa: PTH115, PTH118 - see above
        except (OSError, ValueError):
            return None

    def resolved(self, path: str) -> str | None:
        """The path of a folder with all links followed, relative to the root."""
        real = self._inside(path)
        if real is None or not self.is_folder(real):
            return None
        return real.removeprefix(self._root).lstrip("/")


def natural(name: str) -> list[tuple[int, str]]:
    """Sort key that puts `eth2` before `eth10`."""
    parts = _PARTS.split(name)
    return [(int(part), "") if index % 2 else (-1, part) for index, part in enumerate(parts)]

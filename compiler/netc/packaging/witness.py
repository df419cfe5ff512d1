"""What tells from outside that a tree is still the one that was written: numbers and times that the kernel keeps.

As git and other tools do that must know quickly what was changed: the kernel writes the change time of a file itself
whenever its content, mode or name is changed, and gives a file that takes the place of another a number of its own. A
directory tells in the same way that an entry came or went. What is copied, restored or on another machine has other
numbers, and is looked at whole.
"""

from __future__ import annotations

import marshal
import os
import stat
from typing import TYPE_CHECKING

from netc.digests import digest

if TYPE_CHECKING:
    from collections.abc import Iterable

Witness = tuple[tuple[str, ...], str]
"""Paths relative to a directory, itself among them as `""`, and a digest of what the kernel says."""

Statuses = dict[str, os.stat_result]
"""What the kernel says of each path, no link followed."""


_known: dict[tuple[str, ...], tuple[str, ...]] = {}
"""Hosts of a fleet have mostly the same paths, which are held once."""


def witness_of(statuses: Statuses) -> Witness:
    paths = tuple(sorted(statuses))
    paths = _known.setdefault(paths, paths)
    return paths, _digest(map(statuses.__getitem__, paths))


def still_holds(root: str, witness: Witness) -> bool:
    """Whether the kernel says the same of all that lies in a directory, so that nothing was changed there."""
    paths, said = witness
    try:
        return _digest(os.lstat(f"{root}/{path}" if path else root) for path in paths) == said
    except OSError:
        return False


def _digest(statuses: Iterable[os.stat_result]) -> str:
    numbers: list[int] = []
    for status in statuses:
        numbers += (status.st_mode, status.st_ino, status.st_mtime_ns, status.st_ctime_ns)
        if not stat.S_ISDIR(status.st_mode):
            numbers.append(status.st_size)
    # The second version of the format writes equal numbers alike, wherever they come from.
    return digest(marshal.dumps(numbers, 2))

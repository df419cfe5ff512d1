"""Exchanging two directories in one step, so that no moment and no crash shows neither."""
# ruff: noqa: PTH104 - its callers have their paths as text

from __future__ import annotations

import errno
import os

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_IMPOSSIBLE = (errno.ENOSYS, errno.EINVAL)
"""The kernel (before 3.15) or the file system cannot exchange: renameat2(2)."""


def exchange(one: str, other: str) -> None:
    """Let two directories of one file system change places; afterwards `one` holds what `other` held.

    Where the system cannot do that at once, `other` is absent for the moment between two renames.
    """
    if not _exchanged_at_once(one, other):
        aside = f"{one}.aside"
        os.rename(other, aside)
        try:
            os.rename(one, other)
        except OSError:
            os.rename(aside, other)
            raise
        os.rename(aside, one)


def _exchanged_at_once(one: str, other: str) -> bool:
    import ctypes  # costs some milliseconds, and most runs exchange nothing

    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    paths = (os.fsencode(one), os.fsencode(other))
    if renameat2(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in _IMPOSSIBLE:
        return False
    raise OSError(number, os.strerror(number), other)

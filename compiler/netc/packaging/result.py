"""One file that a command was told to write, beside the trees of hosts."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_result(name: str, text: str) -> None:
    """Write a file; an interruption leaves what was there, and its mode stays. What is no file is written to."""
    path = Path(name)
    if not path.is_file():
        path.write_text(text, encoding="utf-8")
        return
    target = path.resolve()
    handle, beside = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    temporary = Path(beside)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        temporary.chmod(target.stat().st_mode & 0o7777)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise

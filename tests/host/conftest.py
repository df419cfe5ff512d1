"""What tests of generated files with a host's own programs share: where these are."""

from __future__ import annotations

import os
import shutil


def program(name: str) -> str | None:
    """The program of this name, also from where ordinary users have no path to, and where systemd keeps its own."""
    folders = [os.environ.get("PATH", ""), "/usr/sbin", "/sbin", "/usr/lib/systemd", "/lib/systemd"]
    return shutil.which(name, path=os.pathsep.join(folders))

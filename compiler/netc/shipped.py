"""Files that ship inside netc's packages.

`importlib.resources` would find them too, and imports `tempfile`, `zipfile` and much else to do so, which takes as
long as compiling a host.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any


def read(package: str, name: str) -> bytes:
    """The content of a file of a package, wherever that was installed. OSError where there is none."""
    module: Any = import_module(package)
    content: bytes = module.__loader__.get_data(os.path.join(folder_of(package), name))  # noqa: PTH118 - a loader's path
    return content


def folder_of(package: str) -> str:
    """Where the files of a package lie."""
    return str(import_module(package).__path__[0])

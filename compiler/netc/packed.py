"""The bytecode of all modules of netc in one file, made when netc is built for installing.

Finding, opening and checking a `.pyc` takes Python as long as running what is in it, and a host takes 150 of them. Here
one file is opened, and of each module only its source is looked at: where that has another size than it had, or is
younger than the file, the module is imported as usual, so that an edit counts at once. So it is where the file was made
by another version of Python. A checkout has no such file.
"""

from __future__ import annotations

import marshal
import os
import sys
from _frozen_importlib_external import MAGIC_NUMBER
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.machinery import ModuleSpec
    from types import ModuleType

NAME = "modules.bytecode"
"""The file, in `netc/built_tables/`."""

SLACK = 60.0
"""Seconds that installing all files may take: sources that are younger than the file by more were edited."""

Row = tuple[str, int, int, int]
"""Of a module: its source, relative to the folder that holds netc, the size of that, and where its bytecode lies."""


def pack(sources: Mapping[str, tuple[str, bytes]]) -> bytes:
    """The content of the file for modules by name, each with its source: where that lies, and its text."""
    rows: dict[str, Row] = {}
    codes = []
    place = 0
    for name, (path, text) in sources.items():
        code = marshal.dumps(compile(text, path, "exec", dont_inherit=True))
        rows[name] = (path, len(text), place, len(code))
        codes.append(code)
        place += len(code)
    index = marshal.dumps(rows)
    return b"".join([MAGIC_NUMBER, len(index).to_bytes(LENGTH), index, *codes])


LENGTH = 4
"""Bytes of the number that says how long the index is."""


class Modules:
    """Finds modules in an open file, and runs them."""

    def __init__(self, descriptor: int, folder: str) -> None:
        """OSError or ValueError where the file is none that this Python can take."""
        begin = os.pread(descriptor, len(MAGIC_NUMBER) + LENGTH, 0)
        if begin[: len(MAGIC_NUMBER)] != MAGIC_NUMBER:
            raise ValueError("it was made by another Python")
        self._descriptor, self._folder = descriptor, folder
        length = int.from_bytes(begin[len(MAGIC_NUMBER) :])
        self._begin = len(begin) + length
        self._rows: dict[str, Row] = marshal.loads(os.pread(descriptor, length, len(begin)))  # noqa: S302 - our own
        status = os.fstat(descriptor)
        if status.st_size != self._begin + sum(row[-1] for row in self._rows.values()):
            raise ValueError("a part of it is missing")
        self._youngest = status.st_mtime + SLACK

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        row = self._rows.get(name)
        if row is None:
            return None
        file = f"{self._folder}/{row[0]}"
        try:
            status = os.stat(file)  # noqa: PTH116 - for each module, before anything else is imported
        except OSError:
            return None
        if status.st_size != row[1] or status.st_mtime > self._youngest:
            return None
        kind: Any = type(__spec__)
        spec: ModuleSpec = kind(name, self, origin=file, is_package=file.endswith("/__init__.py"))
        if spec.submodule_search_locations is not None:
            spec.submodule_search_locations.append(file.removesuffix("/__init__.py"))
        return spec

    def create_module(self, spec: ModuleSpec) -> None:
        """None: an ordinary module."""

    def exec_module(self, module: ModuleType) -> None:
        spec: Any = module.__spec__
        _, _, place, length = self._rows[spec.name]
        module.__file__ = spec.origin
        code = marshal.loads(os.pread(self._descriptor, length, self._begin + place))  # noqa: S302 - our own
        exec(code, module.__dict__)  # noqa: S102 - this is how modules are run

    def get_data(self, path: str) -> bytes:
        """The content of a file beside a module, as loaders of the standard library give it."""
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib is slow to import
            return file.read()


def install() -> None:
    """Let modules of netc be imported from the file, where there is one."""
    package: Any = import_module("netc")
    folder = package.__path__[0]
    try:
        descriptor = os.open(f"{folder}/built_tables/{NAME}", os.O_RDONLY | os.O_CLOEXEC)
        finder: Any = Modules(descriptor, folder.removesuffix("/netc"))
    except (OSError, ValueError, EOFError):
        return
    sys.meta_path.insert(0, finder)

"""A fleet that was compiled before, and of which nothing has changed since: known without compiling it again.

After a run over many hosts its inputs by digest, what it told, and what the kernel says of the files it wrote
(`packaging/witness.py`) are kept in the user's cache. A later run that is asked the same looks whether all of it still
holds. Where anything differs, or nothing is kept, or what is kept cannot be read, the hosts are compiled and every file
is looked at. Nothing is kept in the output itself, which is the same for the same input.
"""
# ruff: noqa: PTH100, PTH103, PTH105, PTH108, PTH123, PTH208 - as in tree.py

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from netc.digests import digest
from netc.shipped import folder_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from netc.packaging.witness import Witness

FEWEST_HOSTS = 100
"""Hosts from which on a run is kept: fewer are compiled in the time that Python takes to start."""

MOST_RUNS = 64
"""Runs that are kept; the one kept longest ago goes first."""

TICK = 0.02
"""Seconds after which a change of a file has another time than one before: the kernel's clock for files ticks 100
times a second where it is slowest (CONFIG_HZ_100)."""

OF_OTHERS = 0o022
"""Mode bits by which others may write a file."""


class Memory:
    """What is kept of the runs that were asked one thing."""

    def __init__(self, options: argparse.Namespace, date: int, folder: str) -> None:
        """`date` is SOURCE_DATE_EPOCH, `folder` the one in which runs are kept."""
        self._options = options
        asked = [
            os.path.abspath(options.output),
            options.files,
            [os.path.abspath(name) for name in options.files],
            [options.host, options.format, options.prune, options.strict, options.max_hosts, date],
        ]
        self._folder = folder
        self._path = f"{folder}/{digest(json.dumps(asked).encode())}.json"

    def told(self) -> list[Any] | None:
        """What the run told that would write nothing now, as `diagnostics_data` has it; None where it may write."""
        try:
            kept = json.loads(_own_text(self._path))
            same = kept["netc"] == _netc() and self._lies_as_written(kept)
            return list(kept["told"]) if same else None
        except (OSError, ValueError, KeyError, TypeError, IndexError, RecursionError):
            return None

    def _lies_as_written(self, kept: dict[str, Any]) -> bool:
        from netc.packaging.witness import still_holds

        for name, said in kept["inputs"]:
            with open(name, "rb") as file:
                if digest(file.read()) != said:
                    return False
        output = self._options.output
        if self._options.prune and kept["beside"] != _names_in(output):
            return False
        paths = [tuple(each) for each in kept["paths"]]
        return all(still_holds(f"{output}/{name}", (paths[which], said)) for name, which, said in kept["hosts"])

    def keep(self, inputs: list[tuple[str, str]], told: list[Any], witnesses: dict[str, Witness]) -> None:
        """Keep a run that wrote, or found as it should be, all that it was to write.

        `inputs` are the files it read, by absolute path and SHA-256, `told` its diagnostics as data.
        """
        if len(witnesses) < FEWEST_HOSTS:
            return
        import time

        numbers: dict[tuple[str, ...], int] = {}
        hosts = [[name, numbers.setdefault(paths, len(numbers)), said] for name, (paths, said) in witnesses.items()]
        time.sleep(TICK)
        with suppress(OSError):  # a cache that cannot be written is none
            kept = {
                "netc": _netc(),
                "inputs": inputs,
                "told": told,
                "beside": _names_in(self._options.output) if self._options.prune else "",
                "paths": list(numbers),
                "hosts": hosts,
            }
            os.makedirs(self._folder, 0o700, exist_ok=True)
            _make_room(self._folder)
            _put(self._path, json.dumps(kept))


def memory_of(options: argparse.Namespace, date: int) -> Memory | None:
    """Where a run may be found again; None for one that has to look at all files, or has no name for its input."""
    folder = cache_folder()
    if folder is None or "-" in options.files or options.check or options.force or options.image_root is not None:
        return None
    return Memory(options, date, folder)


def cache_folder() -> str | None:
    """The user's folder for what can be made again: https://specifications.freedesktop.org/basedir-spec/."""
    # Relative ones are to be ignored.
    if (folder := os.environ.get("XDG_CACHE_HOME", "")).startswith("/"):
        return f"{folder}/netc"
    home = os.environ.get("HOME", "")
    return f"{home}/.cache/netc" if home.startswith("/") else None


def _netc() -> str:
    """What netc this is: its files by size and time, so that an edited one is another, and the Python that runs it."""
    found = [sys.version]
    for package in ("netc", "netc.grammar", "netc.templates"):
        for path, status in _files_of(folder_of(package)):
            found.append(f"{path} {status.st_size} {status.st_mtime_ns}")
    return digest("\n".join(sorted(found)).encode())


def _files_of(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    with os.scandir(folder) as found:
        for item in found:
            if not item.is_dir():
                yield item.path, item.stat()
            elif item.name != "__pycache__":
                yield from _files_of(item.path)


def _names_in(folder: str) -> str:
    """All names in the output folder as a digest: `--prune` looks at each."""
    return digest("\n".join(sorted(os.listdir(folder))).encode())


def _own_text(path: str) -> str:
    """The text of a file that nobody but this user can have written; OSError for another."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with open(handle, encoding="utf-8") as file:
        status = os.fstat(handle)
        if status.st_uid != os.geteuid() or status.st_mode & OF_OTHERS:
            raise PermissionError(f"{path} is not this user's alone")
        return file.read()


def _put(path: str, text: str) -> None:
    made = f"{path}.{os.urandom(8).hex()}"
    handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(handle, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(made, path)


def _make_room(folder: str) -> None:
    """Remove what was kept longest ago, and what a run that was killed left half written."""
    with os.scandir(folder) as found:
        ages = sorted((item.stat().st_mtime, item.path) for item in found)
    for _, path in ages[: max(0, len(ages) + 1 - MOST_RUNS)]:
        os.unlink(path)

"""A fleet that was compiled before, and of which nothing has changed since: known without compiling it again.

After a run over many hosts its inputs by digest, what it told, and what the kernel says of the files it wrote
(`packaging/witness.py`) are kept in the user's cache. A later run that is asked the same looks whether all of it still
holds. Where anything differs, or nothing is kept, or what is kept cannot be read, the hosts are compiled and every file
is looked at. Nothing is kept in the output itself, which is the same for the same input.
"""
# ruff: noqa: PTH100, PTH103, PTH105, PTH108, PTH112, PTH116, PTH123 - as in tree.py

from __future__ import annotations

import json
import os
import stat
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from netc.digests import digest
from netc.packaging import manifest
from netc.printable import plain_path
from netc.shipped import folder_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Collection, Iterator

    from netc.packaging.witness import Witness

FEWEST_HOSTS = 100
"""Hosts from which on a run is kept: fewer are compiled in the time that Python takes to start."""

LENGTH = 64
"""Digits of a digest."""

MOST_RUNS = 64
"""Runs that are kept; the one kept longest ago goes first."""

TICK = 0.02
"""Seconds after which a change of a file has another time than one before: the kernel's clock for files ticks 100
times a second where it is slowest (CONFIG_HZ_100)."""

SECOND = 1_000_000_000
"""In nanoseconds, as times of files are."""

OF_OTHERS = 0o022
"""Mode bits by which others may write a file."""

USED = ("elftools", "jinja2", "lark", "yaml")
"""Packages of others by which inputs are read and files are made."""


class Memory:
    """What is kept of the runs that were asked one thing."""

    def __init__(self, options: argparse.Namespace, date: int, folder: str) -> None:
        """`date` is SOURCE_DATE_EPOCH, `folder` the one in which runs are kept."""
        self._output = plain_path(options.output)
        self._prune = options.prune
        self._began = time.time_ns() - SECOND  # netc was loaded a moment ago
        self._asked = [
            os.path.abspath(self._output),
            options.files,
            [os.path.abspath(name) for name in options.files],
            [options.host, options.format, options.prune, options.strict, options.max_hosts, date],
        ]
        self._folder = folder
        self._path = f"{folder}/{digest(json.dumps(self._asked).encode())}.json"

    def told(self, read: Callable[[str], bytes | None]) -> list[Any] | None:
        """What the run told that would write nothing now, as `diagnostics_data` has it; None where it may write.

        `read` gives the content of an input by its absolute path, None where it cannot be read.
        """
        try:
            kept = json.loads(_own_text(self._path))
            same = kept["asked"] == self._asked and kept["netc"] == _netc() and self._lies_as_written(kept, read)
            return list(kept["told"]) if same else None
        except (OSError, ValueError, KeyError, TypeError, IndexError, RecursionError):
            return None

    def _lies_as_written(self, kept: dict[str, Any], read: Callable[[str], bytes | None]) -> bool:
        from netc.packaging.witness import still_holds

        for path, said in kept["inputs"]:
            content = read(path)
            if content is None or digest(content) != said:
                return False
        hosts = kept["hosts"]
        if self._prune and kept["beside"] != _beside(self._output, {name for name, _, _ in hosts}):
            return False
        paths = [tuple(each) for each in kept["paths"]]
        return all(still_holds(f"{self._output}/{name}", (paths[which], said)) for name, which, said in hosts)

    def keeps(self, hosts: int) -> bool:
        """Whether a run over so many hosts is worth keeping."""
        return hosts >= FEWEST_HOSTS

    def keep(self, inputs: list[tuple[str, str]], told: list[Any], witnesses: dict[str, Witness]) -> None:
        """Keep a run that wrote, or found as it should be, all that it was to write.

        `inputs` are the files it read, by absolute path and SHA-256, `told` its diagnostics as data.
        """
        numbers: dict[tuple[str, ...], int] = {}
        hosts = [[name, numbers.setdefault(paths, len(numbers)), said] for name, (paths, said) in witnesses.items()]
        time.sleep(TICK)
        with suppress(OSError):  # a cache that cannot be written is none
            if self._tells_too_little(witnesses):
                return
            kept = {
                "asked": self._asked,
                "netc": _netc(),
                "inputs": inputs,
                "told": told,
                "beside": _beside(self._output, witnesses) if self._prune else "",
                "paths": list(numbers),
                "hosts": hosts,
            }
            os.makedirs(self._folder, 0o700, exist_ok=True)
            if not _is_own(os.lstat(self._folder), stat.S_ISDIR):
                return
            _make_room(self._folder)
            _put(self._path, json.dumps(kept))

    def _tells_too_little(self, witnesses: dict[str, Witness]) -> bool:
        """Whether times cannot tell what is another netc, or another file: what ran is no longer what lies there, or
        the file system of the output knows seconds alone."""
        host, (paths, _) = next(iter(witnesses.items()))
        times = [os.lstat(f"{self._output}/{host}/{path}").st_ctime_ns for path in paths]
        newest = max(status.st_ctime_ns for _, status in _files_of_netc())
        return newest > self._began or not any(time % SECOND for time in times)


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
    # One that is not there is told to programs that shall keep nothing.
    return f"{home}/.cache/netc" if home.startswith("/") and os.path.isdir(home) else None


def _netc() -> str:
    """What netc this is: its files by size and time, so that an edited one is another, and the Python that runs it."""
    found = [f"{path} {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}" for path, status in _files_of_netc()]
    return digest("\n".join([sys.version, *sorted(found)]).encode("utf-8", "surrogateescape"))


def _files_of_netc() -> Iterator[tuple[str, os.stat_result]]:
    """All files of netc, and of each package that it uses the one that tells its version or is new with it."""
    from importlib.util import find_spec

    for package in ("netc", "netc.grammar", "netc.templates"):
        yield from _files_of(folder_of(package))
    for package in USED:
        if (spec := find_spec(package)) is not None and spec.origin is not None:
            yield spec.origin, os.stat(spec.origin)


def _files_of(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    with os.scandir(folder) as found:
        for item in found:
            if not item.is_dir():
                yield item.path, item.stat()
            elif item.name != "__pycache__":
                yield from _files_of(item.path)


def _beside(folder: str, hosts: Collection[str]) -> str:
    """What lies in the output beside the hosts of a run, as a digest: `--prune` reads the manifest of each."""
    found: list[tuple[str, bool, tuple[int, ...]]] = []
    with os.scandir(folder) as items:
        for item in items:
            if item.name in hosts or item.name.startswith("."):
                continue
            said: tuple[int, ...] = ()
            with suppress(OSError):
                status = os.lstat(f"{item.path}/{manifest.NAME}")
                said = (status.st_mode, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
            found.append((item.name, item.is_dir(follow_symlinks=False), said))
    return digest(ascii(sorted(found)).encode())


def _is_own(status: os.stat_result, is_kind: Callable[[int], bool]) -> bool:
    """Whether what lies there is of this kind, and nobody but this user can have written it."""
    return is_kind(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & OF_OTHERS


def _own_text(path: str) -> str:
    """The text that `_put` wrote. OSError or ValueError where it is damaged, or may be of another user."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with open(path, encoding="utf-8", opener=lambda name, _: os.open(name, flags)) as file:
        if not _is_own(os.fstat(file.fileno()), stat.S_ISREG):
            raise PermissionError(f"{path} is not this user's alone")
        stamp, _, text = file.read().partition("\n")
    if stamp != digest(text.encode()):
        raise ValueError(f"{path} is damaged")
    return text


def _put(path: str, text: str) -> None:
    """Write a file with the digest of its text, or leave what is there."""
    made = f"{path}.{os.urandom(8).hex()}"
    handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.write(f"{digest(text.encode())}\n{text}")
        os.replace(made, path)
    except BaseException:
        os.unlink(made)
        raise


def _is_kept(name: str) -> bool:
    """Whether a file is called as `Memory` calls one, whole or half written: the folder may hold others too."""
    stem, form, _ = name.partition(".json")
    return bool(form) and len(stem) == LENGTH and set(stem) <= set("0123456789abcdef")


def _make_room(folder: str) -> None:
    """Remove what was kept longest ago, and what a run that was killed left half written."""
    with os.scandir(folder) as found:
        ages = sorted((item.stat(follow_symlinks=False).st_mtime, item.path) for item in found if _is_kept(item.name))
    for _, path in ages[: max(0, len(ages) + 1 - MOST_RUNS)]:
        os.unlink(path)

"""What netc wrote into a directory: every file by digest, so that what others wrote can be told from it."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING

from netc.digests import digest
from netc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable

    from netc.plan import Artifact

NAME = "manifest.json"
FORMAT = 1


class ManifestError(Exception):
    """A text that is no manifest; the message says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file by mode, size and SHA-256, or a symbolic link by its target."""

    path: str
    mode: int = 0
    size: int = 0
    sha256: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An artifact as it lies on disk."""

    entry: Entry
    content: bytes


@dataclass(frozen=True, slots=True)
class Manifest:
    sources: tuple[str, ...]
    entries: dict[str, Entry]
    """By path."""
    directories: tuple[str, ...] = ()
    """Directories of an image that netc made; unused in a tree, where all are netc's."""

    def to_json(self) -> str:
        entries = [self.entries[path] for path in sorted(self.entries)]
        members = [
            f'"format": {FORMAT}',
            f'"sources": {json.dumps(self.sources, ensure_ascii=True)}',
            f'"files": {_lines(_file(e) for e in entries if not e.target)}',
            f'"links": {_lines(_link(e) for e in entries if e.target)}',
        ]
        if self.directories:
            members.append(f'"directories": {_lines(map(json.dumps, self.directories))}')
        return "{\n" + ",\n".join(f" {member}" for member in members) + "\n}\n"


def from_json(text: str) -> Manifest:
    """The manifest of a text that `Manifest.to_json` made; raises ManifestError for any other."""
    try:
        data = json.loads(text)
        if data["format"] != FORMAT:
            raise ManifestError(f"its format is {data['format']!r}, and this netc knows {FORMAT}")
        entries = [Entry(f["path"], int(f["mode"], 8), int(f["size"]), str(f["sha256"])) for f in data["files"]]
        entries += [Entry(path=link["path"], target=link["target"]) for link in data["links"]]
        return Manifest(
            tuple(map(str, data["sources"])),
            {entry.path: entry for entry in entries},
            tuple(map(str, data.get("directories", ()))),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ManifestError(f"{type(error).__name__} while reading it") from error


def wanted_of(artifacts: Iterable[Artifact]) -> dict[str, Wanted]:
    """The artifacts by path; ValueError for paths that no tree can hold."""
    wanted = [_wanted(artifact) for artifact in artifacts]
    paths = tuple([each.entry.path for each in wanted])
    _fit(paths)
    return dict(zip(paths, wanted, strict=True))


@lru_cache(maxsize=256)
def _wanted(artifact: Artifact) -> Wanted:
    """Hosts share most of their files, and reckoning a digest takes longer than comparing two texts."""
    if artifact.target:
        return Wanted(Entry(artifact.path, target=artifact.target), b"")
    content = artifact.data or artifact.text.encode()
    return Wanted(Entry(artifact.path, artifact.mode, len(content), digest(content)), content)


@lru_cache(maxsize=256)
def _fit(paths: tuple[str, ...]) -> None:
    """ValueError where one tree cannot hold files of these paths. Hosts of one profile have the same ones."""
    every = set(paths)
    if len(every) < len(paths) or NAME in every:
        raise ValueError(f"no tree can hold a second file of a path, or one more {NAME}: {sorted(paths)}")
    for path in paths:
        if "\0" in path or not {"", ".", ".."}.isdisjoint(path.split("/")):
            raise ValueError(f"no tree can hold a file of this path: {path!r}")
        parent = path
        while "/" in parent:
            parent = parent.rpartition("/")[0]
            if parent in every:
                raise ValueError(f"{parent} is a file and a directory")


@lru_cache(maxsize=1024)
def _file(entry: Entry) -> str:
    return json.dumps({"path": entry.path, "mode": f"{entry.mode:04o}", "size": entry.size, "sha256": entry.sha256})


@lru_cache(maxsize=1024)
def _link(entry: Entry) -> str:
    return json.dumps({"path": entry.path, "target": entry.target})


def _lines(items: Iterable[str]) -> str:
    """A JSON array of one line for each item, so that a changed file is one changed line."""
    text = ",\n".join(f"  {item}" for item in items)
    return f"[\n{text}\n ]" if text else "[]"

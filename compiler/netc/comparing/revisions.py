"""Files as a revision of git has them. Nothing is checked out, and the work tree is not touched."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from netc import codes
from netc.resolving.files import LARGEST_FILE, Files
from netc.source import Source

if TYPE_CHECKING:
    from netc.diagnostics import Report
    from netc.source import Span

PATIENCE = 60.0
"""Seconds that git may take for one answer; a partial clone may have to fetch."""

OF_ANOTHER_REPOSITORY = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_NAMESPACE")
"""Variables by which a hook that started netc names its own repository; here it is that of the given files."""


class GitError(Exception):
    """git has no such revision, or is not there; the message says why."""


class Revision:
    """The tree of one revision. Close it when done: a git process waits for questions."""

    def __init__(self, name: str, folder: Path) -> None:
        """GitError where the name is no revision of the repository that the folder lies in."""
        if not name or name.startswith("-") or not name.isprintable() or " " in name:
            raise GitError("this is no name of a revision")
        self.name = name
        self._folder = folder
        self._git = shutil.which("git")
        if self._git is None:
            raise GitError("git is not installed")
        told = self._ask("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}", quiet=True)
        if not told:
            self._ask("rev-parse", "--git-dir")
            raise GitError("there is no such revision here; `git fetch` brings those of others")
        self._commit = told.strip()
        self._prefix = self._ask("rev-parse", "--show-prefix").rstrip("\n")
        self._process: subprocess.Popen[bytes] | None = None

    def close(self) -> None:
        """End the process that answers questions."""
        if self._process is not None:
            self._process.communicate()
            self._process = None

    def holds(self, path: Path) -> bool:
        """Whether the revision has a file of this path."""
        place = self._place(path)
        return place is not None and self._blob(place) is not None

    def net_files(self, folder: Path) -> list[Path]:
        """The `.net` files that lay right in a folder."""
        place = self._place(folder)
        if place is None:
            return []
        inside = f"{place}/" if place else ""
        within = ("--", inside) if inside else ()
        listed = self._ask("ls-tree", "-z", "--name-only", "--full-tree", self._commit, *within)
        names = (name.rpartition("/")[2] for name in listed.split("\0"))
        return sorted(folder / name for name in names if name.endswith(".net"))

    def is_within(self, path: Path) -> bool:
        """Whether the path lies in the repository at all."""
        return self._place(path) is not None

    def read(self, path: Path) -> bytes:
        """The content of a file; OSError where there is none, or it is too large."""
        place = self._place(path)
        data = self._blob(place) if place is not None else None
        if data is None:
            raise OSError(f"`{self.name}` has no such file")
        return data

    def _place(self, path: Path) -> str | None:
        """The path from the top of the repository; None for one outside."""
        relative = os.path.relpath(path.absolute(), self._folder.absolute())
        place = os.path.normpath(f"{self._prefix}{relative}")
        if place == ".." or place.startswith("../") or "\n" in place:
            return None
        return "" if place == "." else place

    def _blob(self, place: str) -> bytes | None:
        """A file by its place, symbolic links within the repository followed."""
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603 - no shell; arguments are git's own and a digest
                self._command("cat-file", "--batch", "--follow-symlinks"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(),
            )
        question, answer = self._process.stdin, self._process.stdout
        assert question is not None and answer is not None  # noqa: S101 - both are pipes
        question.write(f"{self._commit}:{place}\n".encode("utf-8", "surrogateescape"))
        question.flush()
        first = answer.readline().decode("utf-8", "replace").split()
        if len(first) < 2 or first[-1] == "missing" or not first[-1].isdecimal():
            return None
        size = int(first[-1])
        data = answer.read(min(size, LARGEST_FILE + 1))
        left = size + 1 - len(data)  # with the newline behind it
        while left > 0 and (passed := answer.read(min(left, 1 << 20))):
            left -= len(passed)
        if len(first) != 3 or first[1] != "blob":  # a folder, or a link that leads outside, nowhere or to itself
            return None
        if size > LARGEST_FILE:
            raise OSError(f"it is larger than {LARGEST_FILE >> 20} MiB")
        return data

    def _ask(self, *arguments: str, quiet: bool = False) -> str:
        """What git prints; GitError with its words where it fails, or nothing where that is expected."""
        try:
            done = subprocess.run(  # noqa: S603 - no shell; no word that a user gave begins with a hyphen
                self._command(*arguments),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                env=_environment(),
                timeout=PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise GitError(f"it does not answer for {PATIENCE:.0f} s") from None
        if done.returncode != 0 and not quiet:
            lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise GitError(lines[0].removeprefix("fatal: ") if lines else f"it ends with status {done.returncode}")
        return done.stdout.decode("utf-8", "surrogateescape") if done.returncode == 0 else ""

    def _command(self, *arguments: str) -> list[str]:
        assert self._git is not None  # noqa: S101 - else there is no revision
        return [self._git, "-C", str(self._folder), *arguments]


class RevisionFiles(Files):
    """Reads what a revision has; what lies outside of its repository is read as it is."""

    def __init__(self, base: str, revision: Revision) -> None:
        super().__init__(base)
        self.revision = revision

    def source(self, path: str, name: str, at: Span | None, report: Report) -> Source | None:
        key = self.absolute(path)
        known = key in self._sources
        found = super().source(path, name, at, report)
        if found is not None and not known and self.revision.is_within(Path(key)):
            # Diagnostics say of which revision they speak.
            self._sources[key] = found = Source(f"{self.revision.name}:{name}", found.text, found.label)
        return found

    def read(self, path: str, name: str, at: Span | None, report: Report) -> bytes | None:
        if not self.revision.is_within(Path(path)):
            return super().read(path, name, at, report)
        if path not in self._bytes:
            try:
                self._bytes[path] = self.revision.read(Path(path))
            except OSError as error:
                report.add(codes.CANNOT_READ.at(at, file=name, reason=str(error)))
                return None
        return self._bytes[path]

    def beside(self, source: Source, name: str) -> str:
        prefix = f"{self.revision.name}:"
        return super().beside(Source(source.name.removeprefix(prefix), "", source.label), name)


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in OF_ANOTHER_REPOSITORY}
    return {**kept, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}

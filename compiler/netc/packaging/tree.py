"""The output directory: one directory for each host, replaced whole or not at all.

An open Output is a run. What it writes is first made in a directory of its own beside the hosts, and then
exchanged with what lies there. A run that was killed leaves its directory behind, and the next one removes
it: each run holds a lock on its own, which ends with its process.
"""
# ruff: noqa: PTH101, PTH102, PTH103, PTH104, PTH106, PTH108, PTH116, PTH211 - paths as text: a fleet is thousands of
# files, and making a pathlib.Path of each takes as long as writing them

from __future__ import annotations

import fcntl
import os
import stat
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from netc import codes
from netc.packaging import manifest as manifests
from netc.packaging.exchange import exchange
from netc.packaging.finding import Difference, Found, How, OutputError, files_under, lying_at, named, unowned
from netc.packaging.manifest import Manifest, ManifestError, Wanted, wanted_of
from netc.packaging.witness import witness_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from types import TracebackType

    from netc.diagnostics import Diagnostic
    from netc.packaging.witness import Statuses, Witness
    from netc.plan import Artifact

STAGING = ".netc-"
"""How the directories of runs begin. No host name begins with a dot."""

CLAIM = 60.0
"""Seconds that a run has to lock its new directory before another may take it for left behind."""


class Output:
    """A directory of hosts, and a run that writes to it. OutputError tells all that goes wrong."""

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        self.directory = os.fspath(directory) or os.curdir
        self._staging = ""
        self._lock = -1
        self.witnesses: dict[str, Witness] = {}
        """Of each host that was written, or lay there as it should."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the run: remove what it left in its own directory."""
        if self._staging:
            with suppress(OSError):  # what cannot be removed now is left to the next run
                _remove(self._staging)
            os.close(self._lock)
            self._staging = ""

    def check(self, host: str, artifacts: Iterable[Artifact], sources: Iterable[str]) -> list[Difference]:
        """How the host's directory differs from what `write` would make of it, by path; writes nothing."""
        wanted = _with_manifest(artifacts, sources)
        try:
            return _differences(wanted, self._lying(host))
        except OSError as error:
            raise OutputError.of(error, self._path(host)) from error

    def write(
        self, host: str, artifacts: Iterable[Artifact], sources: Iterable[str], *, force: bool = False
    ) -> list[Difference]:
        """Make the host's directory hold exactly these artifacts and a manifest; return what it changed.

        A file that netc did not write, or that was changed since, is an OutputError unless `force`. Where
        nothing differs nothing is touched.
        """
        wanted = _with_manifest(artifacts, sources)
        path = self._path(host)
        try:
            statuses: Statuses = {}
            lying = self._lying(host, statuses)
            differences = _differences(wanted, lying)
            if not differences:
                self.witnesses[host] = witness_of(statuses)
                return []
            if lying and not force and (problems := self._unowned(host, lying, wanted)):
                raise OutputError(problems)
            made = self._made(host, wanted, statuses := {})
            if os.path.lexists(path):
                exchange(made, path)
                _remove(made)
            else:
                os.rename(made, path)
            statuses[""] = _moved(statuses[""], os.lstat(path))
        except OSError as error:
            raise OutputError.of(error, path) from error
        self.witnesses[host] = witness_of(statuses)
        return differences

    def gone(self, sources: Collection[str], keep: Collection[str]) -> list[str]:
        """Hosts that came from one of `sources` and are not in `keep`: those that `prune` removes.

        A directory without a manifest of netc is left alone.
        """
        found = []
        try:
            for name in self._hosts():
                written = self._written(name, []) if name not in keep else None
                if written is not None and set(sources).intersection(written.sources):
                    found.append(name)
        except OSError as error:
            raise OutputError.of(error, self.directory) from error
        return found

    def prune(self, sources: Collection[str], keep: Collection[str], *, force: bool = False) -> list[str]:
        """Remove the directories of hosts that are `gone`, and return their names.

        Foreign or changed files in one are an OutputError unless `force`; then nothing at all is removed.
        """
        gone = self.gone(sources, keep)
        try:
            if not force:
                problems = [problem for name in gone for problem in self._unowned(name, self._lying(name), {})]
                if problems:
                    raise OutputError(problems)
            for name in gone:
                aside = f"{self._stage()}/{name}"
                os.rename(self._path(name), aside)
                _remove(aside)
        except OSError as error:
            raise OutputError.of(error, self.directory) from error
        return gone

    def _path(self, host: str) -> str:
        if not host or host.startswith(".") or "/" in host or "\0" in host:
            raise ValueError(f"no directory can be named {host!r}")
        return f"{self.directory}/{host}"

    def _hosts(self) -> list[str]:
        try:
            with os.scandir(self.directory) as found:
                return sorted(e.name for e in found if e.name[0] != "." and e.is_dir(follow_symlinks=False))
        except FileNotFoundError:
            return []

    def _lying(self, host: str, statuses: Statuses | None = None) -> dict[str, Found]:
        """All files in the host's directory. The directory itself must be none that a link leads to.

        `statuses` takes what the kernel said of all that lies there, before it was looked at.
        """
        path = self._path(host)
        try:
            mode = os.lstat(path).st_mode
        except FileNotFoundError:
            return {}
        if not stat.S_ISDIR(mode):
            found = "a symbolic link" if stat.S_ISLNK(mode) else "a file"
            raise OutputError([codes.NOT_A_DIRECTORY.at(None, path=named(path), found=found)])
        statuses = statuses if statuses is not None else {}
        lying = ((name, lying_at(f"{path}/{name}")) for name in files_under(path, directories=statuses))
        found_at = {name: found for name, found in lying if found is not None}
        statuses.update((name, found.status) for name, found in found_at.items() if found.status is not None)
        return found_at

    def _written(self, host: str, problems: list[Diagnostic]) -> Manifest | None:
        """The manifest that lies in the host's directory; None, and a problem, where it is none of netc's."""
        path = f"{self._path(host)}/{manifests.NAME}"
        found = lying_at(path)
        if found is None:
            return None
        try:
            if found.kind != "file":
                raise ManifestError("it is no plain file")
            return manifests.from_json(found.content.decode())
        except (ManifestError, UnicodeDecodeError) as error:
            reason = str(error) if isinstance(error, ManifestError) else "it is not UTF-8"
            problems.append(codes.BAD_MANIFEST.at(None, path=named(path), reason=reason))
            return None

    def _unowned(self, host: str, lying: dict[str, Found], wanted: dict[str, Wanted]) -> list[Diagnostic]:
        """What others wrote or changed, and a new tree would lose."""
        problems: list[Diagnostic] = []
        written = self._written(host, problems)
        if problems:
            return problems
        entries = written.entries if written is not None else {}
        for path in sorted(lying):
            if path == manifests.NAME or (path in wanted and lying[path].is_(wanted[path].entry)):
                continue
            shown = f"{self._path(host)}/{path}"
            if problem := unowned(lying[path], entries.get(path), shown):
                problems.append(problem)
        return problems

    def _made(self, host: str, wanted: dict[str, Wanted], statuses: Statuses) -> str:
        """The host's new tree, in the directory of the run. Modes are as wanted whatever the umask.

        `statuses` takes what the kernel says of it, where nobody else can have changed a thing.
        """
        root = f"{self._stage()}/{host}"
        directories = {root}
        _directory(root)
        for path in sorted(wanted):
            parent = root
            for part in path.split("/")[:-1]:
                parent = f"{parent}/{part}"
                if parent not in directories:
                    _directory(parent)
                    directories.add(parent)
            statuses[path] = _put(f"{root}/{path}", wanted[path])
        for directory in directories:
            statuses[directory[len(root) + 1 :]] = os.lstat(directory)
        return root

    def _stage(self) -> str:
        """The directory of this run, made and locked when it is first needed."""
        if not self._staging:
            os.makedirs(self.directory, exist_ok=True)
            self._remove_left_behind()
            self._staging = f"{self.directory}/{STAGING}{os.urandom(8).hex()}"
            os.mkdir(self._staging, 0o700)
            self._lock = os.open(self._staging, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return self._staging

    def _remove_left_behind(self) -> None:
        """Remove the directories of runs that ended without doing so themselves."""
        with os.scandir(self.directory) as found:
            names = [e.path for e in found if e.name.startswith(STAGING) and e.is_dir(follow_symlinks=False)]
        for path in names:
            with suppress(OSError):  # another run holds it, or removes it at this moment
                if time.time() - os.stat(path).st_mtime < CLAIM:
                    continue
                handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    import shutil  # seldom needed, and slow to import

                    shutil.rmtree(path)
                finally:
                    os.close(handle)


def _with_manifest(artifacts: Iterable[Artifact], sources: Iterable[str]) -> dict[str, Wanted]:
    """What shall lie in the directory of a host, its manifest with it."""
    wanted = wanted_of(artifacts)
    entries = {path: each.entry for path, each in wanted.items()}
    content = Manifest(tuple(sorted(set(sources))), entries).to_json().encode()
    # Its digest is needed nowhere: it is compared byte for byte.
    entry = manifests.Entry(manifests.NAME, 0o644, len(content))
    return {**wanted, manifests.NAME: Wanted(entry, content)}


def _differences(wanted: dict[str, Wanted], lying: dict[str, Found]) -> list[Difference]:
    differences = [Difference(path, How.NOT_WANTED) for path in lying if path not in wanted]
    for path, want in wanted.items():
        found = lying.get(path)
        if found is None:
            differences.append(Difference(path, How.MISSING))
        elif not _same(found, want):
            differences.append(Difference(path, How.CHANGED))
    return sorted(differences, key=lambda difference: difference.path)


def _same(found: Found, want: Wanted) -> bool:
    if want.entry.target:
        return found.kind == "link" and found.target == want.entry.target
    return found.kind == "file" and found.mode == want.entry.mode and found.content == want.content


def _directory(path: str) -> None:
    os.mkdir(path)
    os.chmod(path, 0o755)  # noqa: S103 - for all to read, and the umask took bits from mkdir


def _moved(before: os.stat_result, after: os.stat_result) -> os.stat_result:
    """What the kernel says of a directory since it was renamed, which changes its change time; not if more happened."""
    same = (before.st_mode, before.st_ino, before.st_mtime_ns) == (after.st_mode, after.st_ino, after.st_mtime_ns)
    return after if same else before


def _remove(directory: str) -> None:
    """Remove a directory in the run's own, where nobody else can exchange a part of it for a link."""
    with os.scandir(directory) as found:
        for item in found:
            if item.is_dir(follow_symlinks=False):
                _remove(item.path)
            else:
                os.unlink(item.path)
    os.rmdir(directory)


def _put(path: str, want: Wanted) -> os.stat_result:
    """Write a file or link where none is; what the kernel says of it then."""
    if want.entry.target:
        os.symlink(want.entry.target, path)
        return os.lstat(path)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, want.entry.mode)
    with open(handle, "wb", buffering=0) as file:  # noqa: PTH123 - it is a descriptor
        file.write(want.content)
        os.fchmod(handle, want.entry.mode)  # the umask took bits from open
        return os.fstat(handle)

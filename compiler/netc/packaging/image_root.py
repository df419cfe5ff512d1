"""Writing one host's files into a root file system image that holds much else.

Paths are walked as the image's own programs will walk them: an absolute symbolic link in the image means a
place in the image, and no link leads out of it. A manifest inside the image tells netc's files from others.
"""

from __future__ import annotations

import os
import stat
from contextlib import ExitStack
from typing import TYPE_CHECKING

from netc import codes
from netc.packaging import manifest as manifests
from netc.packaging.finding import Difference, How, OutputError, lying_at, named, unowned
from netc.packaging.manifest import Entry, Manifest, ManifestError, Wanted, wanted_of
from netc.records import replace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from netc.diagnostics import Diagnostic
    from netc.plan import Artifact

ROOTFS = "rootfs/"
MANIFEST = "etc/netc/manifest.json"
MOST_LINKS = 40
"""Links on the way to one file, as in the kernel (MAXSYMLINKS)."""

_OPEN_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def write(
    artifacts: Iterable[Artifact],
    root: str | os.PathLike[str],
    sources: Iterable[str],
    *,
    force: bool = False,
) -> list[Difference]:
    """Make the image hold the `rootfs/` of the artifacts, and nothing of what netc wrote there before.

    All is compared before anything is written. A file in the way that netc did not write, or that was changed
    since, is an OutputError unless `force`. Each file is replaced in one step; returns what was changed.
    """
    inside = [
        replace(artifact, path=artifact.path.removeprefix(ROOTFS))
        for artifact in artifacts
        if artifact.path.startswith(ROOTFS)
    ]
    with ExitStack() as stack:
        try:
            image = _Image(os.fspath(root), stack)
            return image.update(wanted_of(inside), tuple(sorted(set(sources))), force)
        except OSError as error:
            raise OutputError.of(error, os.fspath(root)) from error


class _Image:
    """The directories of an image, by descriptors, so that no path is ever resolved outside of it."""

    def __init__(self, root: str, stack: ExitStack) -> None:
        self.root = root.rstrip("/") or "/"
        self._stack = stack
        self._opened: dict[tuple[str, ...], int] = {(): self._hold(os.open(root, _OPEN_DIRECTORY & ~os.O_NOFOLLOW))}
        self._resolved: dict[str, tuple[str, ...] | None] = {"": ()}
        self._made: list[str] = []

    def update(self, wanted: dict[str, Wanted], sources: tuple[str, ...], force: bool) -> list[Difference]:
        written = self._manifest(force)
        differences = self._differences(wanted, written)
        if not force and (problems := self._unowned(differences, written)):
            raise OutputError(problems)
        for difference in differences:
            if difference.how is How.NOT_WANTED:
                self._remove(difference.path)
            else:
                self._put(wanted[difference.path])
        made = sorted(set(written.directories) | set(self._made))
        kept = self._without_empty(made, wanted)
        new = Manifest(sources, {path: each.entry for path, each in wanted.items()}, tuple(kept))
        if new != written:
            content = new.to_json().encode()
            self._put(Wanted(Entry(MANIFEST, 0o644, len(content)), content))
        return differences

    def _manifest(self, force: bool) -> Manifest:
        nothing = Manifest((), {})
        directory, name = self._parent(MANIFEST, make=False)
        found = lying_at(name, directory) if directory is not None else None
        if found is None or (force and found.kind != "file"):
            return nothing
        try:
            return manifests.from_json(found.content.decode())
        except (ManifestError, UnicodeDecodeError) as error:
            if force:
                return nothing
            shown = f"{self.root}/{MANIFEST}"
            raise OutputError([codes.BAD_MANIFEST.at(None, path=named(shown), reason=str(error))]) from error

    def _differences(self, wanted: dict[str, Wanted], written: Manifest) -> list[Difference]:
        differences = []
        for path in sorted(wanted.keys() | written.entries.keys()):
            directory, name = self._parent(path, make=False)
            found = lying_at(name, directory) if directory is not None else None
            want = wanted.get(path)
            if want is None:
                if found is not None:
                    differences.append(Difference(path, How.NOT_WANTED))
            elif found is None:
                differences.append(Difference(path, How.MISSING))
            elif not found.is_(want.entry) or (found.kind == "file" and found.mode != want.entry.mode):
                differences.append(Difference(path, How.CHANGED))
        return differences

    def _unowned(self, differences: list[Difference], written: Manifest) -> list[Diagnostic]:
        problems = []
        for difference in differences:
            directory, name = self._parent(difference.path, make=False)
            found = lying_at(name, directory) if directory is not None else None
            if found is not None:
                shown = f"{self.root}/{difference.path}"
                problem = unowned(found, written.entries.get(difference.path), shown)
                problems += [problem] if problem else []
        return problems

    def _put(self, want: Wanted) -> None:
        directory, name = self._parent(want.entry.path, make=True)
        temporary = f".netc-{os.urandom(8).hex()}"
        if want.entry.target:
            os.symlink(want.entry.target, temporary, dir_fd=directory)
        else:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            handle = os.open(temporary, flags, want.entry.mode, dir_fd=directory)
            with open(handle, "wb", buffering=0) as file:  # noqa: PTH123 - it is a descriptor
                file.write(want.content)
                os.fchmod(handle, want.entry.mode)
        try:
            os.rename(temporary, name, src_dir_fd=directory, dst_dir_fd=directory)
        except OSError:
            os.unlink(temporary, dir_fd=directory)
            raise

    def _remove(self, path: str) -> None:
        directory, name = self._parent(path, make=False)
        if directory is not None:
            os.unlink(name, dir_fd=directory)

    def _without_empty(self, made: list[str], wanted: dict[str, Wanted]) -> list[str]:
        """Remove directories that netc made and nothing lies in any more; returns those that stay."""
        needed = {MANIFEST, *wanted}
        kept = []
        for path in sorted(made, reverse=True):
            if any(file.startswith(f"{path}/") for file in needed):
                kept.append(path)
                continue
            directory, name = self._parent(path, make=False)
            if directory is None:
                continue
            try:
                os.rmdir(name, dir_fd=directory)
            except OSError:  # others use it by now
                kept.append(path)
        return sorted(kept)

    def _parent(self, path: str, make: bool) -> tuple[int | None, str]:
        """The directory in which the last component of a path lies, and that component."""
        above, _, name = path.rpartition("/")
        place = self._resolve(above, make)
        return (None if place is None else self._opened[place], name)

    def _resolve(self, path: str, make: bool) -> tuple[str, ...] | None:
        """Where a directory of the image really lies, links followed; None where it does not exist."""
        if self._resolved.get(path) is not None:
            return self._resolved[path]
        place: tuple[str, ...] = ()
        left = path.split("/")[::-1]
        links = 0
        while left:
            part = left.pop()
            if part in ("", "."):
                continue
            if part == "..":
                place = place[:-1]
                continue
            step = self._step(place, part, path, make)
            if isinstance(step, str):
                links += 1
                if links > MOST_LINKS:
                    raise OutputError([codes.LINK_CYCLE.at(None, path=named(f"{self.root}/{path}"))])
                place = () if step.startswith("/") else place
                left += step.split("/")[::-1]
            elif step:
                place = (*place, part)
            else:
                return None
        self._resolved[path] = place
        return place

    def _step(self, place: tuple[str, ...], part: str, path: str, make: bool) -> bool | str:
        """Open one directory more; False where there is none, the target where there is a link instead."""
        if (*place, part) in self._opened:
            return True
        above = self._opened[place]
        try:
            mode = os.stat(part, dir_fd=above, follow_symlinks=False).st_mode
        except FileNotFoundError:
            if not make:
                return False
            os.mkdir(part, dir_fd=above)
            os.chmod(part, 0o755, dir_fd=above)  # noqa: S103 - directories of /etc are for all to read
            self._made.append("/".join((*place, part)))
            mode = stat.S_IFDIR
        if stat.S_ISLNK(mode):
            return os.readlink(part, dir_fd=above)
        if not stat.S_ISDIR(mode):
            raise OutputError([codes.NOT_A_DIRECTORY.at(None, path=named(f"{self.root}/{path}"), found="a file")])
        self._opened[(*place, part)] = self._hold(os.open(part, _OPEN_DIRECTORY, dir_fd=above))
        return True

    def _hold(self, handle: int) -> int:
        self._stack.callback(os.close, handle)
        return handle

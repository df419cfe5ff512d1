"""Reading the files of a run: what the user named, and what those include.

Paths are text: importing pathlib takes a twentieth of the time in which one host is compiled.
"""

# ruff: noqa: PTH100, PTH109, PTH116, PTH118, PTH120, PTH123

from __future__ import annotations

import errno
import os
import stat
from itertools import islice
from typing import TYPE_CHECKING

from netc import codes
from netc.diagnostics import Label, Report
from netc.digests import digest
from netc.language.declarations import Declarations, Profile, Reference, read_declarations
from netc.parser import parse
from netc.printable import plain_path
from netc.records import dataclass, field
from netc.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Callable

    from netc.diagnostics import Diagnostic

LARGEST_FILE = 64 << 20
"""Bytes of one input file; an inventory of 65,536 hosts stays below it."""

LONGEST_CHAIN = 64
"""Files that include one another, one by one."""

FileRead = tuple[str, str]
"""The name of a text in diagnostics, which is that under which it was read first, and the SHA-256 of a file."""


@dataclass(slots=True)
class Files:
    """Reads files once and keeps their text. All paths in diagnostics are as the user gave them.

    `standard_input` gives the text of `-`. Reading never raises: what fails is a diagnostic at the
    statement that asked for the file.
    """

    base: str | os.PathLike[str]
    """Folder that holds all given files; labels in artifacts are relative to it."""
    standard_input: Callable[[], bytes] = lambda: b""
    _sources: dict[str, Source] = field(default_factory=dict)
    _bytes: dict[str, bytes] = field(default_factory=dict)
    read_elsewhere: dict[str, FileRead] = field(default_factory=dict)
    """What processes that work on the same run have read, by absolute path."""

    @staticmethod
    def common_base(paths: list[str]) -> str:
        """The folder that holds all paths; for one file its own folder."""
        folders = [os.path.dirname(Files.absolute(path)) for path in paths if path != "-"]
        return os.path.commonpath(folders) if folders else os.getcwd()

    def source(self, path: str, name: str, at: Span | None, report: Report) -> Source | None:
        """The text of a file, or None after a diagnostic at the statement that named it."""
        key = "-" if name == "-" else self.absolute(path)
        if key in self._sources:
            return self._sources[key]
        data = self.read(key, name, at, report)
        if data is None:
            return None
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            report.add(_not_utf8(data, name, error))
            return None
        self._sources[key] = Source(name, text, self.label(key))
        return self._sources[key]

    def source_named(self, name: str) -> Source:
        """A text that was read under this name before, here or by a process with the same files."""
        return self.source(name, name, None, Report()) or Source(name, "")

    @staticmethod
    def absolute(path: str) -> str:
        """The one path under which a file is kept, however it was named."""
        return os.path.abspath(plain_path(path))

    def read(self, path: str, name: str, at: Span | None, report: Report) -> bytes | None:
        """The bytes of a file, or None after a diagnostic."""
        if name == "-":
            return self.standard_input()
        if path in self._bytes:
            return self._bytes[path]
        try:
            problem = _problem(path)
            if problem:
                raise OSError(problem)
            with open(path, "rb") as file:
                data = file.read()
        except (OSError, ValueError) as error:
            reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
            report.add(codes.CANNOT_READ.at(at, file=name, reason=reason.lower()))
            return None
        self._bytes[path] = data
        return data

    def count(self) -> int:
        """How many files this process has read."""
        return len(self._bytes)

    def read_since(self, count: int) -> dict[str, FileRead]:
        """Every file that this process has read after the first `count`, by absolute path."""
        return {
            path: (self._sources[path].name if path in self._sources else "", digest(content))
            for path, content in islice(self._bytes.items(), count, None)
        }

    def digests(self) -> list[tuple[str, str]]:
        """Every file of the run, by absolute path and SHA-256; one that was changed in between with each."""
        read = [*self.read_since(0).items(), *self.read_elsewhere.items()]
        return sorted({(path, said) for path, (_, said) in read})

    def label(self, path: str) -> str:
        """How artifacts name a file: relative to the folder of the given files, never absolute."""
        if path == "-":
            return "standard input"
        return os.path.relpath(path, self.base)

    def beside(self, source: Source, name: str) -> str:
        """The path of a file named in another, relative to that file. One that is called `-` is no standard input."""
        folder = "" if source.name == "-" else os.path.dirname(plain_path(source.name))
        path = plain_path(os.path.join(folder, name))
        return "./-" if path == "-" else path


def _problem(path: str) -> str:
    """Why a file is not read; empty where it may be. OSError where that cannot be told."""
    try:
        status = os.stat(path)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.EBADF, errno.ELOOP):
            return "no such file"
        raise
    except ValueError:
        return "no such file"
    if not stat.S_ISREG(status.st_mode):
        return "it is a directory" if stat.S_ISDIR(status.st_mode) else "it is no regular file"
    return f"it is larger than {LARGEST_FILE >> 20} MiB" if status.st_size > LARGEST_FILE else ""


def _not_utf8(data: bytes, name: str, error: UnicodeDecodeError) -> Diagnostic:
    """The offending byte, shown in the text as far as it can be read."""
    text = data.decode("utf-8", errors="replace")
    start = len(data[: error.start].decode("utf-8", errors="replace"))
    span = Span(Source(name, text), start, start + 1)
    byte = f"0x{data[error.start]:02x}"
    return codes.NOT_UTF8.at(
        span,
        file=name,
        byte=byte,
        offset=error.start,
        help=["save the file as UTF-8"],
        label="the first such byte",
    )


@dataclass(slots=True)
class Unit:
    """One given file with every profile it may use, its own and the included ones."""

    declarations: Declarations
    profiles: dict[str, Profile]
    complete: bool = True
    """Whether every file it includes could be read, so that a profile it lacks is nowhere."""


class Loader:
    """Parses given files and their includes, each once."""

    def __init__(self, files: Files, report: Report) -> None:
        self.files = files
        self.report = report
        self._declarations: dict[Source, Declarations] = {}
        self._complete = True

    def load(self, name: str) -> Unit | None:
        """A file the user named; None after a diagnostic."""
        source = self.files.source(name, name, None, self.report)
        if source is None:
            return None
        profiles: dict[str, Profile] = {}
        declarations = self._declare(source)
        self._complete = True
        self._collect(source, [source], profiles, set())
        return Unit(declarations, profiles, self._complete)

    def _declare(self, source: Source) -> Declarations:
        if source not in self._declarations:
            self._declarations[source] = read_declarations(parse(source, self.report), self.report)
        return self._declarations[source]

    def _collect(self, source: Source, chain: list[Source], profiles: dict[str, Profile], seen: set[Source]) -> None:
        """Profiles of a file and of what it includes; a file that is included twice counts once."""
        if source in seen:
            return
        seen.add(source)
        declarations = self._declare(source)
        for reference in declarations.includes:
            name = self.files.beside(source, reference.name)
            included = self.files.source(name, name, reference.span, self.report)
            if included is None:
                self._complete = False
                continue
            if len(chain) > LONGEST_CHAIN:
                problem = codes.CHAIN_TOO_LONG.at(reference.span, name=name, limit=LONGEST_CHAIN, what="includes")
                self.report.add(problem)
                self._complete = False
                continue
            if included in chain:
                self._report_cycle(reference, included, chain)
                continue
            self._refuse_hosts(included, reference)
            self._collect(included, [*chain, included], profiles, seen)
        for profile in declarations.profiles.values():
            earlier = profiles.setdefault(profile.name, profile)
            if earlier is not profile:
                labels = [Label(earlier.span, "it is declared here first")]
                self.report.add(codes.DECLARED_TWICE.at(profile.span, kind="profile", name=profile.name, labels=labels))

    def _report_cycle(self, reference: Reference, included: Source, chain: list[Source]) -> None:
        names = [s.name for s in chain[chain.index(included) :]] + [included.name]
        self.report.add(
            codes.INCLUDE_CYCLE.at(
                reference.span,
                file=included.name,
                cycle=" → ".join(names),
                help=["move the shared profiles into a file that includes neither"],
            )
        )

    def _refuse_hosts(self, included: Source, reference: Reference) -> None:
        hosts = self._declare(included).hosts
        if not hosts:
            return
        first = hosts[0]
        place = first.section.span
        labels = [Label(place, "this host would not be compiled")] if place is not None else []
        self.report.add(
            codes.INCLUDED_HOSTS.at(
                reference.span,
                file=included.name,
                labels=labels,
                help=["name that file on the command line, or move its hosts into this one"],
            )
        )

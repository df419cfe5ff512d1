"""From plans to written files: everything is rendered before the first file is written.

A fleet does not fit in memory and must not be half written, so artifacts wait in an unnamed temporary file
until the last host is known to be right.
"""

from __future__ import annotations

import io
import marshal
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from netc import formats, pipeline
from netc.backends import Renderer
from netc.formats.host_files import HostFiles
from netc.packaging.finding import How, OutputError
from netc.packaging.tree import Output
from netc.plan import Artifact

if TYPE_CHECKING:
    from types import TracebackType
    from typing import BinaryIO, Self, TextIO

    from netc.packaging.finding import Difference
    from netc.pipeline import Run

Progress = Callable[[int], None]
"""Called with the number of hosts done so far, and with -1 at the end."""

SPOOL_IN_MEMORY = 32 << 20
"""Bytes of artifacts that wait in memory before the temporary file is one on disk."""

LENGTH = 8
"""Bytes of the number before each host that says how long it is."""

Rendered = tuple[str, tuple[str, ...], list[Artifact]]
"""A host, the files that declare it, and its artifacts."""


class Spool:
    """Rendered hosts on their way to the disk. The file has no name, so no interruption leaves it behind."""

    def __init__(self) -> None:
        self._file: BinaryIO = io.BytesIO()
        self._in_memory = True
        self._count = 0
        self.names: list[str] = []
        self._last: list[Artifact] = []
        """Artifacts of the host added last: what the next one shares with it is written by its number there."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def __len__(self) -> int:
        return self._count

    def add(self, rendered: Rendered) -> None:
        host, sources, artifacts = rendered
        known = {id(artifact): number for number, artifact in enumerate(self._last)}
        rows = [known.get(id(a), (a.path, a.text, a.mode, a.target, a.data)) for a in artifacts]
        self._last = artifacts
        data = marshal.dumps((host, sources, rows))
        self._file.write(len(data).to_bytes(LENGTH) + data)
        self._count += 1
        self.names.append(host)
        if self._in_memory and self._file.tell() > SPOOL_IN_MEMORY:
            self._move_to_disk()

    def _move_to_disk(self) -> None:
        import tempfile  # with what it imports it takes as long as compiling a host, and most runs need no file

        memory = self._file
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed in __exit__
        self._in_memory = False
        memory.seek(0)
        self._file.write(memory.read())

    def __iter__(self) -> Iterator[Rendered]:
        """All hosts in the order added. The bytes are this process's own, never another's."""
        self._file.seek(0)
        last: list[Artifact] = []
        for _ in range(self._count):
            length = int.from_bytes(self._file.read(LENGTH))
            host, sources, rows = marshal.loads(self._file.read(length))  # noqa: S302 - the bytes are our own
            artifacts = [last[row] if isinstance(row, int) else Artifact(*row) for row in rows]
            last = artifacts
            yield host, sources, artifacts


def counting(what: str, stream: TextIO) -> Progress | None:
    """A line on a terminal that counts hosts; None where the stream is none."""
    if not stream.isatty():
        return None

    def show(count: int) -> None:
        if count < 0:
            stream.write("\r\x1b[K")
        elif count % 100 == 0:
            stream.write(f"\r{count} hosts {what}")
        stream.flush()

    return show


def rendered(run: Run, form: str = "tree", time: int = 0, progress: Progress | None = None) -> Iterator[Rendered]:
    """Every host of the run with its artifacts in a format, as long as the report has no error.

    `time`, in seconds since 1970, is for formats that demand one. Last comes what the format has once for all hosts.
    """
    renderer = Renderer()
    render = formats.render_of(form)
    hosts: list[str] = []
    sources: set[str] = set()
    for done, plan in enumerate(pipeline.plans(run), 1):
        if not run.report.failed:
            artifacts = render(HostFiles(plan, renderer.artifacts_of(plan), time), run.report)
            hosts.append(plan.host)
            sources.update(plan.sources)
            yield plan.host, plan.sources, artifacts
        if progress is not None:
            progress(done)
    if hosts and (render_fleet := formats.render_fleet_of(form)) is not None:
        yield formats.FLEET, tuple(sorted(sources)), render_fleet(hosts)
    if progress is not None:
        progress(-1)


def stale(spool: Spool, directory: str, prune: Run | None) -> tuple[list[str], list[OutputError]]:
    """Paths in the output that writing would change, one line each, and what could not be compared.

    With `prune`, the run, also the hosts that its files no longer declare.
    """
    lines: list[str] = []
    errors: list[OutputError] = []
    with Output(directory) as output:
        for host, sources, artifacts in spool:
            try:
                found = output.check(host, artifacts, sources)
            except OutputError as error:
                errors.append(error)
                continue
            lines += [f"{host}/{difference.path}: {difference.how.value}" for difference in found]
        if prune is not None:
            lines += [f"{host}: {How.NOT_WANTED.value}" for host in output.gone(_sources(prune), spool.names)]
    return lines, errors


def _sources(run: Run) -> list[str]:
    """The named files as manifests have them."""
    return [unit.declarations.source.label for unit in run.units]


def write_tree(
    spool: Spool, directory: str, run: Run, *, force: bool, prune: bool, progress: Progress | None = None
) -> list[OutputError]:
    """Write every host's directory, each whole or not at all, and return what could not be written."""
    errors: list[OutputError] = []
    with Output(directory) as output:
        for done, (host, named_in, artifacts) in enumerate(spool, 1):
            try:
                output.write(host, artifacts, named_in, force=force)
            except OutputError as error:
                errors.append(error)
            if progress is not None:
                progress(done)
        if prune and not errors:
            try:
                output.prune(_sources(run), spool.names, force=force)
            except OutputError as error:
                errors.append(error)
    if progress is not None:
        progress(-1)
    return errors


def write_image(spool: Spool, root: str, *, force: bool) -> list[Difference]:
    """Write the root file system of the one host into an image. OutputError when it cannot be."""
    from netc.packaging import image_root

    (_, sources, artifacts) = next(iter(spool))
    return image_root.write(artifacts, root, sources, force=force)

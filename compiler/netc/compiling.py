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
from netc.diagnostics import Report
from netc.formats.host_files import HostFiles
from netc.packaging.finding import How, OutputError
from netc.packaging.tree import Output
from netc.plan import Artifact

if TYPE_CHECKING:
    from types import TracebackType
    from typing import BinaryIO, Self, TextIO

    from netc.packaging.finding import Difference
    from netc.packaging.remembered import Memory
    from netc.packaging.witness import Witness
    from netc.pipeline import Run
    from netc.workers import Workers

Progress = Callable[[int], None]
"""Called with the number of hosts done so far, and with -1 at the end."""

SPOOL_IN_MEMORY = 32 << 20
"""Bytes of artifacts that wait in memory before the temporary file is one on disk."""

LENGTH = 8
"""Bytes of the number before each host that says how long it is."""

Order = tuple[str, str] | tuple[str, str, bool]
"""`compare` and the output folder, or `write`, the folder, and whether to overwrite what others wrote."""

Outcome = tuple[list[str], list[OutputError], dict[str, "Witness"]]
"""Of an order: what differs, a line each, what went wrong, and what tells that the hosts written are unchanged."""

Rendered = tuple[str, tuple[str, ...], list[Artifact]]
"""A host, the files that declare it, and its artifacts."""


class Spool:
    """Rendered hosts on their way to the disk. The file has no name, so no interruption leaves it behind."""

    def __init__(self) -> None:
        self._file: BinaryIO = io.BytesIO()
        self._in_memory = True
        self._count = 0
        self.names: list[str] = []
        self.sources: set[str] = set()
        """Labels of all files that declare a host."""
        self._last: list[Artifact] = []
        """Artifacts of the host added last: what the next one shares with it is written by its number there."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()

    def add(self, rendered: Rendered) -> None:
        host, sources, artifacts = rendered
        known = {id(artifact): number for number, artifact in enumerate(self._last)}
        rows = [known.get(id(a), (a.path, a.text, a.mode, a.target, a.data)) for a in artifacts]
        self._last = artifacts
        data = marshal.dumps((host, sources, rows))
        self._file.write(len(data).to_bytes(LENGTH) + data)
        self._count += 1
        self.names.append(host)
        self.sources.update(sources)
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

    `time`, in seconds since 1970, is for formats that demand one.
    """
    renderer = Renderer()
    render = formats.render_of(form)
    for done, plan in enumerate(pipeline.plans(run), 1):
        if not run.report.failed:
            artifacts = render(HostFiles(plan, renderer.artifacts_of(plan), time), run.report)
            yield plan.host, plan.sources, artifacts
        if progress is not None:
            progress(done)
    if progress is not None:
        progress(-1)


class Compiled:
    """All hosts of a run, planned and rendered, here or by workers. Nothing is written before all are right."""

    def __init__(self, run: Run, form: str, time: int, jobs: int, progress: Progress | None) -> None:
        """`jobs`: processes that may be at work at once. What is wrong is in the report of the run."""
        self._run = run
        self._spool = Spool()
        self._workers: Workers | None = None
        self.names: list[str] = []
        self.witnesses: dict[str, Witness] = {}
        """Of each host that `write_tree` wrote or found as it should be."""
        sources: set[str] = set()
        try:
            if jobs > 1:
                self._begin_workers(form, time, jobs, progress, sources)
            if self._workers is None:
                for host in rendered(run, form, time, progress):
                    self._spool.add(host)
                self.names += self._spool.names
                sources |= self._spool.sources
            if self.names and (render_fleet := formats.render_fleet_of(form)) is not None:
                self._spool.add((formats.FLEET, tuple(sorted(sources)), render_fleet(self.names)))
                self.names.append(formats.FLEET)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._workers is not None:
            self._workers.close()
            self._workers = None
        self._spool.close()

    def _begin_workers(self, form: str, time: int, jobs: int, progress: Progress | None, sources: set[str]) -> None:
        """Share the hosts out where that is worth it and all of them are right."""
        from netc.workers import Workers, shares_of

        shares = shares_of(self._run, jobs) if not self._run.report.failed else []
        if len(shares) < 2:
            return

        def fill(spool: Spool, run: Run, progress: Progress | None) -> None:
            for host in rendered(run, form, time, progress):
                spool.add(host)

        try:
            self._workers = Workers(self._run, shares, Spool, fill)
        except OSError:  # no room for so many
            return
        parts = self._workers.planned(progress)
        if parts is None:
            self._workers.close()
            self._workers = None
            return
        for part in parts:
            self.names += part.names
            sources.update(part.sources)

    def stale(self, directory: str, *, prune: bool) -> tuple[list[str], list[OutputError]]:
        """Paths in the output that writing would change, one line each, and what could not be compared.

        With `prune` also the hosts that the files of the run no longer declare.
        """
        lines, errors, _ = self._everywhere(("compare", directory), None)
        if prune:
            with Output(directory) as output:
                lines += [f"{host}: {How.NOT_WANTED.value}" for host in output.gone(self._sources(), self.names)]
        return lines, errors

    def write_tree(
        self, directory: str, *, force: bool, prune: bool, progress: Progress | None = None
    ) -> list[OutputError]:
        """Write every host's directory, each whole or not at all, and return what could not be written."""
        _, errors, self.witnesses = self._everywhere(("write", directory, force), progress)
        if prune and not errors:
            try:
                with Output(directory) as output:
                    output.prune(self._sources(), self.names, force=force)
            except OutputError as error:
                errors.append(error)
        return errors

    def write_image(self, root: str, *, force: bool) -> list[Difference]:
        """Write the root file system of the one host into an image. OutputError when it cannot be."""
        from netc.packaging import image_root

        (_, sources, artifacts) = next(iter(self._spool))
        return image_root.write(artifacts, root, sources, force=force)

    def _everywhere(self, order: Order, progress: Progress | None) -> Outcome:
        """Carry out an order on all that is rendered, wherever it lies."""
        outcomes = self._workers.ask(order, progress) if self._workers is not None else []
        outcomes.append(carried_out(order, self._spool, progress if self._workers is None else None))
        lines: list[str] = []
        errors: list[OutputError] = []
        witnesses: dict[str, Witness] = {}
        for outcome in outcomes:
            lines += outcome[0]
            errors += outcome[1]
            witnesses.update(outcome[2])
        return lines, errors, witnesses

    def _sources(self) -> list[str]:
        """The named files as manifests have them."""
        return [unit.declarations.source.label for unit in self._run.units]


def carried_out(order: Order, spool: Spool, progress: Progress | None) -> Outcome:
    """Compare or write all hosts of a spool."""
    what, directory, *force = order
    lines: list[str] = []
    errors: list[OutputError] = []
    with Output(directory) as output:
        for done, (host, sources, artifacts) in enumerate(spool, 1):
            try:
                if what == "write":
                    output.write(host, artifacts, sources, force=bool(force[0]))
                else:
                    found = output.check(host, artifacts, sources)
                    lines += [f"{host}/{difference.path}: {difference.how.value}" for difference in found]
            except OutputError as error:
                errors.append(error)
            if progress is not None:
                progress(done)
    if progress is not None:
        progress(-1)
    return lines, errors, output.witnesses


def told_again(memory: Memory, report: Report) -> bool:
    """Whether a run that is remembered would write nothing now; then what it told is in the report."""
    from netc.resolving.files import Files

    files = Files(".")
    told = memory.told(lambda path: files.read(path, path, None, Report()))
    if told is None:
        return False
    from netc.diagnostics_data import from_data

    found = Report()
    try:
        found.extend(from_data(told, files.source_named))
    except (ValueError, TypeError, IndexError):
        return False
    report.extend(found)
    return True


def remember(memory: Memory, run: Run, fleet: Compiled) -> None:
    """Let the memory know a run that has written all of its hosts, where there are enough of them."""
    if not memory.keeps(len(fleet.witnesses)):
        return
    from netc.diagnostics_data import as_data

    memory.keep(run.files.digests(), as_data(run.report), fleet.witnesses)

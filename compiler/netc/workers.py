"""Several processes for one fleet: each plans, renders and writes a part of the hosts.

They begin as copies of the process that has read the files, so that only findings have to be sent: what a worker
rendered stays with it until all are known to be right, and is written from there. The parts follow one another in
the order of hosts, and findings are put together in that order.

What only one process can tell stays with one process. Where a worker finds an error, where hosts of two parts claim
the same address or read one file differently, or where a worker is lost, the parts say no more than that, and the
caller begins anew alone.
"""

from __future__ import annotations

import errno
import gc
import multiprocessing
import signal
from contextlib import suppress
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, cast

from netc import pipeline
from netc.diagnostics_data import as_data, from_data
from netc.packaging.finding import OutputError
from netc.records import dataclass, replace

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkProcess

    from netc.compiling import Order, Outcome, Progress, Spool
    from netc.pipeline import Run
    from netc.resolving.files import FileRead

    Fill = Callable[[Spool, Run, Progress | None], None]
    """Plans and renders the hosts of a run into a spool."""

FEWEST_HOSTS = 50
"""Hosts for which a process is worth its start."""

PATIENCE = 5.0
"""Seconds in which a worker that was told to end may clean up."""

STEP = 100
"""Hosts after which a worker tells how far it is."""

ENDING = (signal.SIGINT, signal.SIGTERM)
"""Signals by which netc is ended."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a worker tells of its hosts when they are rendered."""

    failed: bool
    told: list[Any]
    """Diagnostics as data."""
    names: list[str]
    sources: list[str]
    claims: set[tuple[str, str]]
    files: dict[str, FileRead]
    """Those that it read itself, by absolute path."""


class Workers:
    """The workers of a run. They end with it."""

    def __init__(self, run: Run, shares: list[range], spool: Callable[[], Spool], fill: Fill) -> None:
        """OSError where the machine has not so many processes or descriptors left."""
        self._run = run
        self._channels: list[Connection] = []
        self._processes: list[ForkProcess] = []
        context = multiprocessing.get_context("fork")
        gc.freeze()  # what all have in common is looked through by none, and so stays in common
        try:
            # A signal waits until the worker that it is for can answer it, and this process knows of that worker.
            before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
            try:
                for share in shares:
                    here, there = context.Pipe()
                    self._channels.append(here)
                    arguments = (replace(run, share=share), spool, fill, there, list(self._channels), before)
                    process = context.Process(target=_work, args=arguments, daemon=True)
                    with there:
                        process.start()
                    self._processes.append(process)
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
        except BaseException:
            self.close()
            raise

    def planned(self, progress: Progress | None) -> list[Part] | None:
        """What the workers found, in the order of their hosts; None where one process must find it alone."""
        parts: list[Part | None] = self._answers(progress, stop=lambda part: part is None or part.failed)
        good = [part for part in parts if part is not None and not part.failed]
        if len(good) < len(parts):
            return None
        claims: set[tuple[str, str]] = set()
        files = self._run.files.read_elsewhere
        for part in good:
            # A file that was changed in between, or that hosts name in two ways, has one content and one name alone.
            if claims & part.claims or any(files.setdefault(path, read) != read for path, read in part.files.items()):
                return None
            claims |= part.claims
        for part in good:
            self._run.report.extend(from_data(part.told, self._run.files.source_named))
        return good

    def ask(self, order: Order, progress: Progress | None) -> list[Outcome]:
        """Let all carry out an order; what came of it, in the order of hosts."""
        for channel in self._channels:
            with suppress(OSError):  # the worker is lost, which its answer will tell
                channel.send(order)
        outcomes: list[Outcome] = []
        for process, answer in zip(self._processes, self._answers(progress), strict=True):
            if answer is None:
                process.join(PATIENCE)
                status = process.exitcode or 0
                how = f"signal {-status}" if status < 0 else f"status {status}"
                raise OSError(errno.ENOMEM, f"a process that writes hosts ended early with {how}")
            lines, told_each, witnesses = answer
            errors = [OutputError(from_data(told, self._run.files.source_named)) for told in told_each]
            outcomes.append((lines, errors, witnesses))
        return outcomes

    def close(self) -> None:
        """End all workers; one that is at work cleans up."""
        for channel in self._channels:
            channel.close()
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join(PATIENCE)
            if process.exitcode is None:
                process.kill()
                process.join()

    def _answers(self, progress: Progress | None, stop: Callable[[Any], bool] = lambda _: False) -> list[Any]:
        """What each worker answers, in their order; None for one that is lost, or that is no longer waited for."""
        answers: list[Any] = [None] * len(self._channels)
        done = [0] * len(self._channels)
        pending: dict[Any, int] = {channel: number for number, channel in enumerate(self._channels)}
        while pending:
            for channel in wait(list(pending)):
                number = pending[channel]
                answer: Any = None
                try:
                    kind, answer = cast("Connection", channel).recv()
                except (EOFError, OSError):
                    kind = "answer"
                if kind == "done":
                    done[number] = answer
                    if progress is not None:
                        progress(sum(done))
                    continue
                del pending[channel]
                answers[number] = answer
                if stop(answer):
                    return answers
        if progress is not None:
            progress(-1)
        return answers


def _work(
    run: Run, spool: Callable[[], Spool], fill: Fill, channel: Connection, others: list[Connection], signals: set[int]
) -> None:
    """The life of a worker: plan and render, tell what was found, then do as it is told until nobody is there."""
    from netc.compiling import carried_out

    # The terminal's interrupt goes to all; the parent then says when to end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    for other in others:
        other.close()

    def tell(count: int) -> None:
        """Say how far this worker is, which also ends it where the parent is gone."""
        if count > 0 and count % STEP == 0:
            channel.send(("done", count))

    known, known_files = len(run.report), run.files.count()
    # Whatever goes wrong here goes wrong in the parent too, where it is told; and a parent that is gone hears nothing.
    with suppress(Exception, KeyboardInterrupt):
        try:
            signal.pthread_sigmask(signal.SIG_SETMASK, signals)
            with spool() as rendered:
                fill(rendered, run, tell)
                told = as_data(run.report.since(known))
                names, sources = rendered.names, sorted(rendered.sources)
                files = run.files.read_since(known_files)
                channel.send(("answer", Part(run.report.failed, told, names, sources, run.claims.made(), files)))
                while True:
                    lines, errors, witnesses = carried_out(channel.recv(), rendered, tell)
                    channel.send(("answer", (lines, [as_data(error.diagnostics) for error in errors], witnesses)))
        finally:
            signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)  # what comes from here on would be told as a traceback


def shares_of(run: Run, jobs: int) -> list[range]:
    """Parts of about one size for as many processes as are worth it; one part, or none, for a small fleet."""
    hosts = pipeline.count(run) if jobs > 1 else 0
    parts = min(jobs, hosts // FEWEST_HOSTS)
    return [range(hosts * part // parts, hosts * (part + 1) // parts) for part in range(parts)]

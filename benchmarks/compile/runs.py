"""Running whole processes and counting what they use."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.trees import NETC

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Used:
    """What a process and its children used: seconds of all CPUs, seconds on the clock, bytes at the peak."""

    cpu: float
    wall: float
    memory: int


class Bench:
    """A temporary folder, and processes that run in it and leave nothing elsewhere."""

    def __init__(self, folder: Path, longest: float) -> None:
        """`longest`: seconds after which the benchmark is `late`."""
        self.folder = folder
        self._end = time.monotonic() + longest
        # Bytecode counts for none of the compared: it is written at the warm-up, and into the folder.
        self._environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        self._environment["PYTHONPYCACHEPREFIX"] = str(folder / "bytecode")
        self._environment["XDG_CACHE_HOME"] = str(folder / "cache")

    def late(self, seconds: float = 0.0) -> bool:
        """Whether nothing more is to be begun that takes so long."""
        return time.monotonic() + seconds >= self._end

    def file(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)  # netplan warns of files that others may read
        return path

    def compile(self, name: str, text: str, *options: str) -> tuple[str, ...]:
        """The command that compiles a text into the folder `out`."""
        source = self.file(name, text)
        return (*NETC, "compile", str(source), "-o", str(self.folder / "out"), *options)

    def compare(
        self, commands: dict[str, tuple[str, ...]], runs: int, *, keep: bool = False, warm: bool = True
    ) -> dict[str, Used]:
        """The median of several runs of each, taken in turn so that a busy minute meets all of them.

        `out` is set aside before each run, unless it is to be kept. With `warm` one run more comes first.
        """
        found: dict[str, list[Used]] = {name: [] for name in commands}
        for run in range(0 if warm else 1, runs + 1):
            for name, command in commands.items():
                if not keep:
                    self.set_aside()
                used = self._run(command)
                if run:
                    found[name].append(used)
        return {name: _median(used) for name, used in found.items()}

    def measure(self, command: tuple[str, ...], runs: int, *, keep: bool = False, warm: bool = True) -> Used:
        return self.compare({"": command}, runs, keep=keep, warm=warm)[""]

    def set_aside(self) -> None:
        """Make room for a new `out`. It is not removed: ext4 passes by the inodes of files that were removed in the
        last minutes, one by one, so that making files after removing many takes ten times as long."""
        if (self.folder / "out").exists():
            (self.folder / "out").rename(self.folder / f"aside-{time.monotonic_ns()}")

    def _run(self, command: tuple[str, ...]) -> Used:
        silent = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)
        complaints = self.folder / "complaints"
        heard = (os.POSIX_SPAWN_OPEN, 2, str(complaints), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        begin = time.perf_counter()
        process = os.posix_spawnp(command[0], command, self._environment, file_actions=(silent, heard))
        _, status, usage = os.wait4(process, 0)
        wall = time.perf_counter() - begin
        if status:
            raise SystemExit(f"{' '.join(command)} failed:\n{complaints.read_text(errors='replace')[:2000]}")
        return Used(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss << 10)


def _median(used: list[Used]) -> Used:
    return Used(median(u.cpu for u in used), median(u.wall for u in used), max(u.memory for u in used))

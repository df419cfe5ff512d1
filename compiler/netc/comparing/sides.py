"""The two sides of a comparison: `.net` files, compiled trees, plans, or `.net` files of a git revision."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from netc import codes, pipeline
from netc.comparing import trees
from netc.comparing.revisions import Revision, RevisionFiles
from netc.comparing.states import State, statements_of
from netc.diagnostics import Report, quotable
from netc.records import dataclass
from netc.resolving.files import Files, Loader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from netc.comparing.causes import Statements
    from netc.plan import Plan

PLAN_BEGINS = b"{"
"""No `.net` file begins so: a block needs its statement before it."""


class SideError(Exception):
    """What was named is nothing that can be compared; the message says why."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Which hosts are taken: a shell pattern of their names, and the most of a run."""

    pattern: str
    most_hosts: int


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One side. `report` holds what is wrong with it once its states have been asked for."""

    shown: str
    """As it stands above the report."""
    report: Report
    states: Callable[[], Iterator[State]]


class Reader:
    """Makes sides of what a user named. `standard_input` gives the bytes of `-`."""

    def __init__(self, limits: Limits, standard_input: Callable[[], bytes]) -> None:
        self.limits = limits
        self._given: bytes | None = None
        self._standard_input = standard_input

    def two(self, old: str, new: str, report: Report) -> tuple[Side, Side]:
        """Sides of two names. Findings of the new one go to `report`."""
        if old == new == "-":
            raise SideError("standard input can be one side only")
        one = self._side(old, Report(), called=self._alone(new))
        return one, self._side(new, report)

    def against(self, names: list[str], revision: str, report: Report) -> tuple[Side, Side]:
        """What a revision has of the named files and folders, and what lies there now. GitError tells what git said."""
        if "-" in names:
            raise SideError("standard input has no revision; name a file")
        folders = [str(Path(name) / "any") if Path(name).is_dir() else name for name in names]
        base = Files.common_base(folders)
        tree = Revision(revision, Path(base))
        then = [path for name in names for path in self._then(tree, Path(name))]
        now = [path for name in names for path in self._net_files(name)]
        old = self._of_files(then, RevisionFiles(base, tree), Report(), revision)
        return old, self._of_files(now, self._files(base), report, ", ".join(names))

    def _side(self, name: str, report: Report, called: Path | None = None) -> Side:
        """One name; where it is one `.net` file, its places call it by `called`, the file that it is compared with."""
        if name != "-" and Path(name).is_dir():
            folders = trees.folders_of(Path(name))
            if folders:
                return Side(name, report, lambda: self._taken(trees.states(folders, report)))
            found = self._net_files(name)
            return self._of_files(found, self._files(name), report, name)
        data = self._bytes(name)
        if data.lstrip()[:1] == PLAN_BEGINS:
            return Side(name, report, lambda: self._taken(self._of_plan(data, name, report)))
        base = Files.common_base([name])
        files = _Called(base, lambda: data, Files.absolute(name), called) if called else self._files(base)
        return self._of_files([name], files, report, name)

    def _alone(self, name: str) -> Path | None:
        """The `.net` file that a name is, if it is one."""
        if name != "-" and not Path(name).is_file():
            return None
        return None if self._bytes(name).lstrip()[:1] == PLAN_BEGINS else Path(name)

    def _files(self, base: str) -> Files:
        return Files(base, lambda: self._bytes("-"))

    def _bytes(self, name: str) -> bytes:
        if name != "-":
            return _content(name)
        if self._given is None:
            self._given = self._standard_input()
        return self._given

    def _net_files(self, name: str) -> list[str]:
        if not Path(name).is_dir():
            _content(name)
            return [name]
        found = sorted(str(path) for path in Path(name).glob("*.net") if path.is_file())
        if not found:
            raise SideError(f"`{quotable(name)}` holds neither a host that netc compiled nor a .net file")
        return found

    def _then(self, tree: Revision, path: Path) -> list[str]:
        """The files that a name stood for in a revision; none where it came later, so that all its hosts are new."""
        if path.is_dir():
            return [str(found) for found in tree.net_files(path)]
        return [str(path)] if tree.holds(path) else []

    def _of_files(self, names: list[str], files: Files, report: Report, shown: str) -> Side:
        def states() -> Iterator[State]:
            loader = Loader(files, report)
            units = [unit for name in names if (unit := loader.load(name)) is not None]
            declaring = tuple(unit for unit in units if unit.declarations.hosts)
            if names and not declaring and not report.failed:
                report.add(codes.NO_HOSTS.at(None, file=names[0]))
            run = pipeline.Run(files, declaring, report, self.limits.most_hosts, self.limits.pattern)
            last: tuple[Plan, Statements] | None = None
            for host, plan in pipeline.planned(run):
                twin = last is not None and plan.is_twin_of(last[0])
                last = (plan, last[1] if twin and last is not None else statements_of(host))
                yield State(plan, shown, host, last[1])
            if isinstance(files, RevisionFiles):
                files.revision.close()

        return Side(shown, report, states)

    def _of_plan(self, data: bytes, name: str, report: Report) -> Iterator[State]:
        plan = trees.PlanReader(report).read(data, name)
        if plan is not None:
            yield State(plan, name)

    def _taken(self, states: Iterator[State]) -> Iterator[State]:
        from fnmatch import fnmatchcase

        pattern = self.limits.pattern.lower()
        return (state for state in states if fnmatchcase(state.plan.host.lower(), pattern))


class _Called(Files):
    """Files of which one is called by the name of the file it is compared with, so that no place differs by it."""

    def __init__(self, base: str, standard_input: Callable[[], bytes], path: str, called: Path) -> None:
        super().__init__(base, standard_input)
        self._path, self._called = path, called

    def label(self, path: str) -> str:
        if path not in (self._path, "-"):
            return super().label(path)
        return super().label("-" if str(self._called) == "-" else str(Path(self.base) / self._called.name))


def _content(name: str) -> bytes:
    try:
        path = Path(name)
        if path.exists() and not path.is_file():
            raise SideError(f"`{quotable(name)}` is no regular file; `-` reads from a pipe")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise SideError(f"cannot read `{quotable(name)}`: {reason.lower()}") from None

"""The phases of a run, in order. Nothing here prints or writes."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from netc import codes
from netc.checks import check
from netc.checks.matching import MacLedger
from netc.diagnostics import Report
from netc.records import dataclass, field, replace
from netc.resolving.build import HostBuilder
from netc.resolving.files import Files, Loader, Unit
from netc.resolving.hosts import MOST_HOSTS, NamedHost

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.checks.virtual_functions import FunctionAddresses
    from netc.model import Host
    from netc.plan import Plan


class Claims:
    """What no two hosts of a run may have: filled while hosts go by."""

    def __init__(self) -> None:
        self.macs = MacLedger()
        self.function_macs: FunctionAddresses | None = None

    def add(self, host: Host, report: Report) -> None:
        self.macs.add(host, report)
        if host.uses("vf"):
            if self.function_macs is None:
                from netc.checks.virtual_functions import FunctionAddresses

                self.function_macs = FunctionAddresses()
            self.function_macs.add(host, report)

    def made(self) -> set[tuple[str, str]]:
        """All claims as values, to be held against those of another process."""
        functions = self.function_macs.seen() if self.function_macs is not None else ()
        return {("port", mac) for mac in self.macs.seen()} | {("function", mac) for mac in functions}


@dataclass(frozen=True, slots=True)
class Run:
    """What a command works on: the named files, loaded, and which of their hosts it takes."""

    files: Files
    units: tuple[Unit, ...]
    report: Report
    most_hosts: int = MOST_HOSTS
    pattern: str = "*"
    """Shell pattern of the host names to compile; the others are only counted out."""
    share: range | None = None
    """Which of the hosts that fit the pattern this process takes, counted from 0 in the order written; None for all."""
    claims: Claims = field(default_factory=Claims)


def load(names: list[str], files: Files, report: Report, pattern: str = "*", most_hosts: int = MOST_HOSTS) -> Run:
    """Parse the named files and everything they include."""
    loader = Loader(files, report)
    units = tuple(unit for name in names if (unit := loader.load(name)) is not None)
    for unit in units:
        source = unit.declarations.source
        if not unit.declarations.hosts and not report.failed:
            help_lines = ["add `host NAME { … }`, or include this file from one that does"]
            report.add(codes.NO_HOSTS.at(None, file=source.name, help=help_lines))
    return Run(files, units, report, most_hosts, pattern)


def hosts(run: Run) -> Iterator[Host]:
    """Every host the run takes, resolved and checked, one at a time.

    Hosts of one range are resolved and checked once: what is found in them is at the same places.
    """
    builder = HostBuilder(run.files, run.report, run.most_hosts)
    first, end = (run.share.start, run.share.stop) if run.share is not None else (0, run.most_hosts)
    number = -1
    for unit in run.units:
        last: NamedHost | None = None
        host: Host | None = None
        for named in builder.named_hosts(unit):
            if not _taken(named, run.pattern):
                continue
            number += 1
            if number >= end:
                return
            if number < first:
                continue
            if last is not None and named.is_twin_of(last):
                host = replace(host, name=named.name) if host is not None else None
            else:
                host = builder.build(unit, named)
                if host is not None:
                    check(host, run.report)
            last = named
            if host is not None:
                run.claims.add(host, run.report)
                yield host


def count(run: Run) -> int:
    """How many hosts the run has, less those that its pattern leaves out; what is wrong with them is not told."""
    builder = HostBuilder(run.files, Report(), run.most_hosts)
    return sum(1 for unit in run.units for named in builder.named_hosts(unit) if _taken(named, run.pattern))


def plans(run: Run) -> Iterator[Plan]:
    """The plan of every host the run takes. After an error no more is planned, only checked."""
    return (plan for _, plan in planned(run))


def planned(run: Run) -> Iterator[tuple[Host, Plan]]:
    """The same, each with its host."""
    from netc.planning import make_plan

    last: Host | None = None
    plan: Plan | None = None
    for host in hosts(run):
        if run.report.failed:
            continue
        if plan is not None and last is not None and host.is_twin_of(last):
            plan = replace(plan, host=host.name)
        else:
            plan = make_plan(host, run.report)
        last = host
        yield host, plan


def first_plan(run: Run) -> tuple[Host, Plan, int] | None:
    """The first host the run takes, its plan, and how many hosts it takes; None where it takes none or has errors."""
    from netc.planning import make_plan

    taken = hosts(run)
    host = next(taken, None)
    others = sum(1 for _ in taken)
    if host is None or run.report.failed:
        return None
    plan = make_plan(host, run.report)
    return host, plan, 1 + others


def _taken(named: NamedHost, pattern: str) -> bool:
    return pattern == "*" or fnmatchcase(named.name.lower(), pattern.lower())

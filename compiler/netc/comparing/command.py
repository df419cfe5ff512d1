"""`netc diff` from its arguments to the text of the report; printing it is the command line's."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from netc import codes
from netc.command_line import UsageError, columns
from netc.comparing.fleets import compare_fleets
from netc.comparing.revisions import GitError
from netc.comparing.sides import Limits, Reader, SideError
from netc.diagnostics import Report, Severity
from netc.records import dataclass

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from netc.comparing.fleets import Comparison
    from netc.comparing.sides import Side

SAME, ERRORS, NOT_THERE, DIFFERENT = 0, 1, 2, 4
"""Exit statuses."""

OF_SIDES = {code.number for code in (codes.UNREADABLE_PLAN, codes.SECOND_PLAN, codes.BAD_MANIFEST)}
"""Codes of files on the command line that cannot be read, which are no mistakes in `.net` files."""

WIDTH = 100
"""Columns of a text that goes to no terminal."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a run gave: findings to tell, its exit status, and the report where nothing is wrong."""

    report: Report
    status: int
    text: str = ""


def run(
    options: argparse.Namespace,
    standard_input: Callable[[], bytes],
    on_terminal: bool,
    progress: Callable[[int], None] | None,
) -> Done:
    """Compare what the options name. UsageError where that is nothing that can be compared."""
    report = Report(options.strict)
    reader = Reader(Limits(options.host, options.max_hosts), standard_input)
    try:
        old, new = _sides(options, reader, report)
    except SideError as error:
        raise UsageError(str(error)) from None
    except GitError as error:
        report.add(codes.NO_REVISION.at(None, revision=options.against, reason=str(error)))
        return Done(report, NOT_THERE)
    comparison = compare_fleets(old, new, progress)
    # What is to be minded of the old side is minded no more; its errors are, for then nothing can be compared.
    report.extend(found for found in old.report if found.severity is Severity.ERROR)
    report.extend(found for found in old.report if found.code == codes.NOT_AS_WRITTEN.number)
    if report.failed:
        errors = {found.code for found in report if found.severity is Severity.ERROR}
        return Done(report, NOT_THERE if errors <= OF_SIDES else ERRORS)
    if options.host != "*" and not (comparison.differs or comparison.alike):
        raise UsageError(f"no host fits `{options.host}`")
    return Done(report, DIFFERENT if comparison.differs else SAME, _rendered(comparison, options, on_terminal))


def _sides(options: argparse.Namespace, reader: Reader, report: Report) -> tuple[Side, Side]:
    if options.against is not None:
        return reader.against(list(dict.fromkeys(options.sides)), options.against, report)
    if len(options.sides) != 2:
        raise SideError("two sides are compared: OLD and NEW, or files --against a git revision")
    old, new = options.sides
    return reader.two(old, new, report)


def _rendered(comparison: Comparison, options: argparse.Namespace, on_terminal: bool) -> str:
    if options.format == "json":
        from netc.comparing import as_json

        return as_json.render(comparison)
    if options.format == "markdown":
        from netc.comparing import markdown

        return markdown.render(comparison)
    if options.format == "html":
        from netc.comparing import html

        return html.render(comparison)
    from netc.comparing.text import Look, render

    to_terminal = on_terminal and options.output is None
    colour = to_terminal and not os.environ.get("NO_COLOR")
    return render(comparison, Look(columns() if to_terminal else WIDTH, colour, options.files))

"""The command `netc`: the only module that prints, writes files or sets the exit status."""

from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING

from netc.command_line import UsageError, build_parser, machine_root, parse, readable, source_date
from netc.diagnostics import Report, quotable
from netc.printable import plain_path

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from typing import TextIO

    from netc import compiling
    from netc.model import Host
    from netc.packaging.finding import OutputError
    from netc.pipeline import Run
    from netc.plan import Plan

FINE, INPUT_ERRORS, USAGE, DEFECT, FOUND = 0, 1, 2, 3, 4
"""Exit statuses: fine, the input has errors, wrong usage or unreadable paths, a defect of netc, something found."""

SCARCE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.EMFILE, errno.ENFILE, errno.ENOMEM)
"""What the machine may lack at any moment, wherever netc is then."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return the exit status."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character gets an escape instead of an exception.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    given = sys.argv[1:] if arguments is None else arguments
    options = parse(given)
    if options.command is None:
        build_parser().print_help()
        return USAGE
    try:
        status = COMMANDS[options.command](options)
        sys.stdout.flush()
    except UsageError as error:
        print(f"netc: {error}", file=sys.stderr)
        return USAGE
    except BrokenPipeError:
        # The reader has gone (`netc explain … | head`); nothing is left to say to it.
        _silence(sys.stdout)
        return FINE
    except OSError as error:
        if error.errno not in SCARCE:
            return _defect(error)
        # Standard output on a full disk, no room for temporary files: the machine's fault, not netc's.
        _silence(sys.stdout)
        where = f"`{quotable(str(error.filename))}`: " if error.filename else ""
        print(f"netc: cannot go on: {where}{(error.strerror or str(error)).lower()}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        return _defect(error)
    return status


def _silence(stream: TextIO) -> None:
    """Let what is still buffered go nowhere, so that the interpreter does not stumble over it when it ends."""
    if stream is sys.__stdout__:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _defect(error: Exception) -> int:
    if os.environ.get("NETC_TRACEBACK"):
        raise error
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{place.tb_frame.f_code.co_filename.rpartition('/')[2]}:{place.tb_lineno}" if place is not None else "?"
    print(f"netc: a defect of netc: {type(error).__name__} at {where}: {quotable(str(error))}", file=sys.stderr)
    print("netc: set NETC_TRACEBACK=1 to see where it comes from, and please report it", file=sys.stderr)
    return DEFECT


def _load(options: argparse.Namespace, report: Report, pattern: str, given: list[str]) -> Run:
    """Parse the files a command was given; one that cannot be read at all is wrong usage."""
    from netc import pipeline
    from netc.resolving.files import Files

    names: list[str] = list(dict.fromkeys(given))
    for name in names:
        if name != "-":
            readable(name)
    files = Files(Files.common_base(names), sys.stdin.buffer.read)
    return pipeline.load(names, files, report, pattern, options.max_hosts)


def _tell(report: Report, options: argparse.Namespace) -> int:
    """Print the diagnostics and return the status they mean."""
    from netc import __version__
    from netc.render import FORMATS, Presentation

    colour = options.diagnostics == "text" and sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    titles = {}
    if options.diagnostics == "sarif":
        from netc.codes import titles as all_titles

        titles = all_titles()
    if len(report) or options.diagnostics != "text":
        presentation = Presentation(colour=colour, titles=titles, version=__version__)
        sys.stderr.write(FORMATS[options.diagnostics](report, presentation))
    return INPUT_ERRORS if report.failed else FINE


def check(options: argparse.Namespace) -> int:
    """`netc check`: diagnostics, and nothing else. Plans are made too, for what only they find."""
    from netc import pipeline

    report = Report(options.strict)
    run = _load(options, report, "*", options.files)
    count = sum(1 for _ in pipeline.plans(run))
    status = _tell(report, options)
    if status == FINE and options.diagnostics == "text" and sys.stdout.isatty():
        print(f"{count} host{'s' * (count != 1)}, nothing wrong")
    return status


def compile_(options: argparse.Namespace) -> int:
    """`netc compile`: everything is planned and rendered before the first file is written."""
    from netc import compiling, formats
    from netc.packaging.remembered import memory_of

    if options.prune and options.host != "*":
        raise UsageError("--prune removes every host that is not compiled, so it cannot go with --host")
    if options.check and options.image_root is not None:
        raise UsageError("--check compares the output folder, so it cannot go with --image-root")
    if options.format != "tree" and options.image_root is not None:
        raise UsageError(f"--image-root writes files, so it cannot go with --format {options.format}")
    if options.host != "*" and formats.render_fleet_of(options.format) is not None:
        raise UsageError(f"--format {options.format} has one inventory of all hosts, so it cannot go with --host")
    report = Report(options.strict)
    memory = memory_of(options, source_date())
    if memory is not None and compiling.told_again(memory, report):
        return _tell(report, options)
    run = _load(options, report, options.host, options.files)
    jobs = options.jobs if options.image_root is None else 1
    with compiling.Compiled(run, options.format, source_date(), jobs, _progress("planned")) as fleet:
        if not report.failed and not fleet.names and options.host != "*":
            raise UsageError(f"no host fits `{quotable(options.host)}`")
        if report.failed:
            return _tell(report, options)
        status, errors = _write(options, fleet)
        for problem in errors:
            report.extend(problem.diagnostics)
        # Unlike mistakes in the input, what is wrong with the output is status 2.
        told = _tell(report, options)
        if memory is not None and not errors:
            compiling.remember(memory, run, fleet)
        return USAGE if errors else told or status


def _write(options: argparse.Namespace, fleet: compiling.Compiled) -> tuple[int, list[OutputError]]:
    """Write or compare the output; the status that means, and what went wrong with the output."""
    from netc.packaging.finding import OutputError

    if options.check:
        lines, errors = fleet.stale(plain_path(options.output), prune=options.prune)
        sys.stdout.writelines(f"{line}\n" for line in lines)
        return (FOUND if lines else FINE), errors
    if options.image_root is None:
        output = plain_path(options.output)
        return FINE, fleet.write_tree(output, force=options.force, prune=options.prune, progress=_progress("written"))
    if len(fleet.names) != 1:
        raise UsageError(f"--image-root takes exactly one host, not {len(fleet.names)}; choose it with --host")
    try:
        fleet.write_image(plain_path(options.image_root), force=options.force)
    except OutputError as error:
        return FINE, [error]
    return FINE, []


def explain(options: argparse.Namespace) -> int:
    """`netc explain`: the page of a code, or the reasons of a plan."""
    from netc import explaining
    from netc.codes import page

    text = page(options.subject.upper())
    if text is not None:
        sys.stdout.write(text)
        return FINE
    if options.subject[:1] in "Nn" and options.subject[1:].isdecimal():
        raise UsageError(f"there is no diagnostic `{options.subject}`")
    found = _first_host(options, options.subject)
    if found is None:
        return INPUT_ERRORS
    host, plan, count = found
    if options.key and explaining.nothing_fits(host, plan, options.key):
        raise UsageError(f"the plan of {plan.host} has no setting `{quotable(options.key)}`")
    sys.stdout.write(explaining.explain_plan(host, plan, options.key))
    if count > 1:
        print(f"\nThis is the first of {count} hosts; name another with --host.")
    return FINE


def _first_host(options: argparse.Namespace, name: str) -> tuple[Host, Plan, int] | None:
    """The first host of a file that --host fits, its plan, and of how many; None where the input has errors."""
    from netc.pipeline import first_plan

    report = Report(options.strict)
    found = first_plan(_load(options, report, options.host, [name]))
    if _tell(report, options) != FINE:
        return None
    if found is None:
        raise UsageError(f"no host fits `{quotable(options.host)}`")
    return found


def diff(options: argparse.Namespace) -> int:
    """`netc diff`: what differs between two sides, host by host and setting by setting."""
    from netc.comparing import command

    done = command.run(options, sys.stdin.buffer.read, sys.stdout.isatty(), _progress("compared"))
    status = _tell(done.report, options)
    if done.status in (FINE, FOUND):
        _put(done.text, options.output)
    return done.status or status


def draw(options: argparse.Namespace) -> int:
    """`netc draw`: a host as a picture."""
    from netc.drawing import picture

    found = _first_host(options, options.file)
    if found is None:
        return INPUT_ERRORS
    host, plan, count = found
    if host.topology is None or not host.topology.cores:
        raise UsageError(f"nothing tells of the CPUs of {host.name}; write a `cpu` block, or `hardware` with its facts")
    rps = {setting.interface: setting.value for setting in plan.settings if setting.key == "rps.cpus"}
    _put(picture(host, rps), options.output)
    if count > 1 and options.diagnostics == "text":
        print(f"netc: this is {host.name}, the first of {count} hosts; name another with --host", file=sys.stderr)
    return FINE


def fmt(options: argparse.Namespace) -> int:
    """`netc fmt`: rewrite files in the one style; a file with syntax errors is left alone."""
    from netc.formatting import format_source
    from netc.source import Source

    report = Report()
    stale = False
    for name in options.files:
        text = _text_of(name, report)
        if text is None:
            continue
        laid_out = format_source(Source(name, text), report)
        if laid_out is None:
            continue
        if options.check:
            stale = stale or laid_out != text
            if laid_out != text:
                print(name)
        elif name == "-":
            sys.stdout.write(laid_out)
        elif laid_out != text:
            _put(laid_out, name)
    status = _tell(report, options)
    return status or (FOUND if stale else FINE)


def _text_of(name: str, report: Report) -> str | None:
    from netc.resolving.files import Files

    if name != "-":
        readable(name)
    source = Files(".", sys.stdin.buffer.read).source(name, name, None, report)
    return source.text if source is not None else None


def probe(options: argparse.Namespace) -> int:
    """`netc probe`: facts of a machine, as YAML or as a `.net` file to begin with."""
    from netc.hardware.probing import probe as read_machine
    from netc.hardware.writing import write_facts
    from netc.net_file import write_net

    write = write_net if options.form == "net" else write_facts
    _put(write(read_machine(machine_root(options.root))), options.output)
    return FINE


def verify(options: argparse.Namespace) -> int:
    """`netc verify`: whether a machine keeps what a plan promises; what cannot be read counts as not kept."""
    from netc.verifying.command import verified

    return FOUND if verified(options, sys.stdin.buffer.read, sys.stdout) else FINE


def doctor(options: argparse.Namespace) -> int:
    """`netc doctor`: the bottlenecks a machine is hitting, and the statements that answer them."""
    from netc.bottlenecks.command import diagnosed

    return FOUND if diagnosed(options, sys.stdout) else FINE


def _put(text: str, name: str | None) -> None:
    """Write a result to a file, or to standard output where none is named."""
    from netc.packaging.result import write_result

    if name is None:
        sys.stdout.write(text)
        return
    try:
        write_result(name, text)
    except OSError as error:
        raise UsageError(f"cannot write `{quotable(name)}`: {(error.strerror or str(error)).lower()}") from None


def completion(options: argparse.Namespace) -> int:
    """`netc completion`: a script that completes commands, options and files."""
    import shtab

    print(shtab.complete(build_parser(), shell=options.shell))
    return FINE


def _progress(what: str) -> compiling.Progress | None:
    from netc import compiling

    return compiling.counting(what, sys.stderr)


COMMANDS = {
    "compile": compile_,
    "check": check,
    "explain": explain,
    "diff": diff,
    "draw": draw,
    "fmt": fmt,
    "probe": probe,
    "verify": verify,
    "doctor": doctor,
    "completion": completion,
}

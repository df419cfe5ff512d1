"""The arguments netc takes."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeAlias

from netc.diagnostics import quotable
from netc.formats import FORMATS
from netc.plain_arguments import Described, NotPlain
from netc.resolving.hosts import MOST_HOSTS

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from netc.parsers import Parser

    Arguments: TypeAlias = Parser | Described

SHORTEST_INTERVAL, LONGEST_INTERVAL = 0.1, 3600
"""Seconds. The kernel's ticks make CPU times coarse below; no counter of 32 bits wraps twice within."""
LATEST = 1 << 33
"""No time from this second on: a tar header has eleven octal digits for it."""

EXAMPLES = {
    "netc": """\
examples:
  netc compile lb.net              write out/<host>/ for every host of lb.net
  netc check lb.net                say what is wrong, write nothing
  netc explain lb.net tcp_rmem     why is this value what it is?
  netc explain N0214               what does this diagnostic mean?
  netc probe -o db1.yaml           write down the hardware of this machine
""",
    "compile": """\
examples:
  netc compile lb.net -o out
  netc compile lb.net --host 'lb-01.*'
  netc compile fleet.net --check          exit status 4 when out/ is stale
  netc compile web.net --image-root /mnt  write the files of one host into an image
  netc compile fleet.net -o ignition --format ignition

forms of the output:
"""
    + "".join(f"  {name:12}{what}\n" for name, what in FORMATS.items()),
    "check": """\
examples:
  netc check lb.net
  netc check *.net --strict --diagnostics github
""",
    "explain": """\
examples:
  netc explain N0214
  netc explain lb.net --host lb-01.fra.example.net
  netc explain lb.net net.core.somaxconn
""",
    "diff": """\
examples:
  netc diff lb.net --against main            what this work tree changes
  netc diff old.net new.net
  netc diff out lb.net --files               what compiling would change in out/
  netc diff lb.net --against main --format html -o diff.html
""",
    "draw": """\
examples:
  netc draw lb.net -o lb.svg
  netc draw lb.net --host lb-02.fra.example.net > lb-02.svg
""",
    "fmt": """\
examples:
  netc fmt lb.net
  netc fmt --check *.net
  netc fmt - < lb.net
""",
    "probe": """\
examples:
  netc probe                             this machine, as YAML facts
  netc probe --root /tmp/copy -o db1.yaml
  netc probe --as net                    a .net file to begin with
""",
    "verify": """\
examples:
  netc verify out/lb-01.fra.example.net        this machine against its plan
  netc verify plan.json --root /tmp/copy       a copied /proc and /sys
  netc verify plan.json --format json
""",
    "doctor": """\
examples:
  netc doctor                            exit status 4 when a bottleneck is found
  netc doctor --watch --interval 1       a table, every second
  netc doctor --root /tmp/copy           a copied /proc and /sys: means since boot
""",
    "completion": """\
examples:
  netc completion bash > /etc/bash_completion.d/netc
""",
}


def parse(arguments: Sequence[str]) -> Namespace:
    """The options of a command line; wrong ones end the program with status 2.

    Before Python 3.13 argparse takes an optional argument for absent once an option stands in front of it, and
    reports the KEY of `netc explain FILE --host NAME KEY` as one too many.
    """
    with suppress(NotPlain):
        options: Namespace = _plain(arguments)
        return options
    parser = build_parser(arguments)
    options, rest = parser.parse_known_args(arguments)
    if rest and options.command == "explain" and not options.key and not rest[0].startswith("-"):
        options.key = rest.pop(0)
    if rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    return options


def _plain(arguments: Sequence[str]) -> Any:
    """The options, where the first word is a command; NotPlain where argparse is to read them."""
    if not arguments or arguments[0] not in COMMANDS:
        raise NotPlain
    described = Described()
    COMMANDS[arguments[0]][1](described)
    options = described.read(arguments[1:])  # what argparse would give, but for its type
    options.command = arguments[0]
    return options


class UsageError(Exception):
    """The command cannot be carried out as it was given; the message is the one sentence the user sees."""


def readable(name: str) -> None:
    """UsageError where a file that the command line names cannot be read at all."""
    try:
        if os.path.isdir(name):  # noqa: PTH112 - pathlib is slow to import
            raise UsageError(f"`{quotable(name)}` is a directory, not a .net file")
        if os.path.exists(name) and not os.path.isfile(name):  # noqa: PTH110, PTH113
            raise UsageError(f"`{quotable(name)}` is no regular file; `-` reads from a pipe")
        with open(name, "rb"):  # noqa: PTH123
            pass
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise UsageError(f"cannot read `{quotable(name)}`: {reason.lower()}") from None


def machine_root(given: str | None) -> Path:
    """The folder of a machine's `/proc` and `/sys`, `/` unless given; UsageError where they are not there."""
    from pathlib import Path

    root = Path(given or "/")
    if not root.is_dir():
        raise UsageError(f"`{quotable(str(root))}` is no directory")
    if not (root / "proc").is_dir() and not (root / "sys").is_dir():
        raise UsageError(f"`{quotable(str(root))}` holds neither `proc` nor `sys`")
    return root


def source_date() -> int:
    """SOURCE_DATE_EPOCH of the environment, in seconds since 1970; 0 where it is not set.

    https://reproducible-builds.org/specs/source-date-epoch/
    """
    text = os.environ.get("SOURCE_DATE_EPOCH") or "0"
    if not text.isdecimal() or int(text) >= LATEST:
        raise UsageError(f"SOURCE_DATE_EPOCH is `{quotable(text)}`, and not seconds since 1970")
    return int(text)


def columns() -> int:
    """How wide the terminal is."""
    try:
        return int(os.environ.get("COLUMNS", "")) or os.get_terminal_size().columns
    except (ValueError, OSError):
        return 80


def build_parser(arguments: Sequence[str] | None = None) -> Parser:
    """argparse's parser of the command line; given one, only the commands it names are described in full."""
    from netc import parsers

    return parsers.build(arguments)


def _wrong(problem: str) -> Exception:
    from argparse import ArgumentTypeError

    return ArgumentTypeError(problem)


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1 << 31:
        raise _wrong(f"`{text}` is no number from 1 on")
    return int(text)


def _reading(parser: Arguments) -> None:
    """Options of every command that reads `.net` files."""
    parser.add_argument("--strict", action="store_true", help="a warning is an error")
    parser.add_argument(
        "--diagnostics",
        choices=("text", "json", "github", "sarif"),
        default="text",
        help="form of the diagnostics on standard error (default: text)",
    )
    parser.add_argument(
        "--max-hosts",
        type=_count,
        default=MOST_HOSTS,
        metavar="N",
        help=f"the most hosts of a run (default: {MOST_HOSTS})",
    )


def _compile(parser: Arguments) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help=".net files; `-` is standard input")
    parser.add_argument("-o", "--output", default="out", metavar="DIR", help="where to write (default: out)")
    parser.add_argument("--host", default="*", metavar="PATTERN", help="only hosts whose name fits")
    parser.add_argument("--format", choices=tuple(FORMATS), default="tree", help="form of the output (default: tree)")
    parser.add_argument("--image-root", metavar="DIR", help="write the rootfs of exactly one host into an image")
    parser.add_argument("--jobs", type=_count, default=1, metavar="N", help="processes that share a fleet (default: 1)")
    parser.add_argument("--check", action="store_true", help="write nothing; exit status 4 when output is stale")
    parser.add_argument("--prune", action="store_true", help="remove hosts that these files no longer declare")
    parser.add_argument("--force", action="store_true", help="overwrite files netc did not write")
    _reading(parser)


def _check(parser: Arguments) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help=".net files; `-` is standard input")
    _reading(parser)


def _explain(parser: Arguments) -> None:
    parser.add_argument("subject", metavar="CODE|FILE", help="a diagnostic code such as N0214, or a .net file")
    parser.add_argument("key", nargs="?", default="", metavar="KEY", help="only settings whose name holds KEY")
    parser.add_argument("--host", default="*", metavar="NAME", help="the host to explain")
    _reading(parser)


def _diff(parser: Arguments) -> None:
    parser.add_argument(
        "sides",
        nargs="+",
        metavar="SIDE",
        help="OLD and NEW: .net files, folders of them, compiled folders, plans; with --against what is new; "
        "`-` is standard input",
    )
    parser.add_argument("--against", metavar="REVISION", help="the old side is what this git revision has of the files")
    parser.add_argument(
        "--format",
        choices=("text", "markdown", "json", "html"),
        default="text",
        help="form of the report (default: text)",
    )
    parser.add_argument("--files", action="store_true", help="show the changed lines of files in text too")
    parser.add_argument("-o", "--output", metavar="FILE", help="where to write (default: standard output)")
    parser.add_argument("--host", default="*", metavar="PATTERN", help="only hosts whose name fits")
    _reading(parser)


def _draw(parser: Arguments) -> None:
    parser.add_argument("file", metavar="FILE", help="a .net file; `-` is standard input")
    parser.add_argument("-o", "--output", metavar="FILE", help="where to write (default: standard output)")
    parser.add_argument("--host", default="*", metavar="NAME", help="the host to draw")
    _reading(parser)


def _fmt(parser: Arguments) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help=".net files; `-` formats standard input")
    parser.add_argument("--check", action="store_true", help="write nothing; exit status 4 when a file would change")
    parser.add_argument(
        "--diagnostics", choices=("text", "json", "github", "sarif"), default="text", help="form of diagnostics"
    )


def _probe(parser: Arguments) -> None:
    parser.add_argument("--root", metavar="DIR", help="read a copied /proc and /sys below DIR")
    parser.add_argument("-o", "--output", metavar="FILE", help="where to write (default: standard output)")
    parser.add_argument("--as", dest="form", choices=("yaml", "net"), default="yaml", help="facts, or a .net file")


def _verify(parser: Arguments) -> None:
    parser.add_argument(
        "plan", metavar="PLAN", help="a plan.json, or the output folder of a host; `-` is standard input"
    )
    parser.add_argument("--root", metavar="DIR", help="read a copied /proc and /sys below DIR")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="form of the answers")


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not SHORTEST_INTERVAL <= seconds <= LONGEST_INTERVAL:
        raise _wrong(f"`{text}` is no number of seconds from {SHORTEST_INTERVAL} to {LONGEST_INTERVAL}")
    return seconds


def _doctor(parser: Arguments) -> None:
    parser.add_argument("--root", metavar="DIR", help="read a copied /proc and /sys below DIR: means since boot")
    parser.add_argument("--watch", action="store_true", help="go on, with a table after each interval, until Ctrl-C")
    parser.add_argument(
        "--interval",
        type=_seconds,
        default=2.0,
        metavar="SECONDS",
        help="time between the two samples that are compared (default: 2)",
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="form of the output")


def _completion(parser: Arguments) -> None:
    parser.add_argument("shell", choices=("bash", "zsh", "tcsh"))


COMMANDS: dict[str, tuple[str, Callable[[Arguments], None]]] = {
    "compile": ("write the boot files of every host", _compile),
    "check": ("say what is wrong and write nothing", _check),
    "explain": ("the page of a diagnostic code, or the reasons of a plan", _explain),
    "diff": ("say what differs between two states of hosts", _diff),
    "draw": ("draw a host as SVG: who serves whom", _draw),
    "fmt": ("lay out .net files in the one style", _fmt),
    "probe": ("write down the hardware of a machine", _probe),
    "verify": ("compare a machine with what its plan promises", _verify),
    "doctor": ("say which bottleneck this machine is hitting", _doctor),
    "completion": ("print a completion script for a shell", _completion),
}
"""Name → what it does, and what it takes."""

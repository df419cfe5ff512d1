"""`argparse` as netc uses it: for help, for completion, and for what is wrong with a command line."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, NoReturn

from netc import __version__
from netc.command_line import COMMANDS, EXAMPLES, columns

if TYPE_CHECKING:
    from collections.abc import Sequence


class Parser(argparse.ArgumentParser):
    """Says what is wrong with the command line in one sentence, and exits with 2."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\nTry `{self.prog} --help`.\n")


class Help(argparse.RawDescriptionHelpFormatter):
    """As wide as the terminal, which argparse would ask `shutil` for, at the price of its import for each run."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=columns() - 2)


def build(arguments: Sequence[str] | None = None) -> Parser:
    """The parser of all commands; of a command line only those that it names are described in full."""
    parser = Parser(
        prog="netc",
        description="Compile hosts, hardware and traffic goals into the files Linux reads at boot.",
        epilog=EXAMPLES["netc"],
        formatter_class=Help,
    )
    parser.add_argument("--version", action="version", version=f"netc {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    for name, (text, describe) in COMMANDS.items():
        command = commands.add_parser(
            name,
            help=text,
            description=f"{text[0].upper()}{text[1:]}.",
            epilog=EXAMPLES[name],
            formatter_class=Help,
        )
        if arguments is None or name in arguments:
            describe(command)
    return parser

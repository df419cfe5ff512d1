"""Command lines that are read without argparse mean what they mean to argparse; all others are left to it."""

from __future__ import annotations

import pytest

from netc.command_line import COMMANDS, build_parser
from netc.plain_arguments import Described, NotPlain

PLAIN = (
    "compile a.net",
    "compile a.net b.net -o out",
    "compile -o out --host web-* a.net - --jobs 4",
    "compile --output=out --host= a.net --format deb --strict --prune --force --check",
    "compile a.net --image-root / --diagnostics json --max-hosts 3",
    "check a.net",
    "explain N0214",
    "explain a.net tcp_rmem --host x",
    "diff a b --format html --files -o diff.html",
    "diff a.net --against main",
    "draw a.net -o -",
    "fmt - --check",
    "probe --as net --root /tmp",
    "probe",
    "verify plan.json --format json",
    "doctor --watch --interval 0.5",
    "completion bash",
)
OTHERS = (
    "",
    "--help",
    "--version",
    "-o out compile a.net",
    "complie a.net",
    "compile",
    "compile --help",
    "compile a.net -o out b.net",
    "compile a.net -oout",
    "compile a.net -o=out",
    "compile a.net --out out",
    "compile a.net -o",
    "compile a.net -o --strict",
    "compile a.net --jobs 0",
    "compile a.net --strict=yes",
    "compile -- a.net",
    "compile a.net --format zip",
    "explain",
    "explain a.net --host x tcp_rmem",
    "explain a b c",
    "check a.net -1",
    "completion fish",
    "doctor --interval nan",
)


def plainly(words: list[str]) -> dict[str, object]:
    if not words or words[0] not in COMMANDS:
        raise NotPlain
    described = Described()
    COMMANDS[words[0]][1](described)
    return {**vars(described.read(words[1:])), "command": words[0]}


@pytest.mark.parametrize("line", PLAIN)
def test_plain_ones_are_read_alike(line: str) -> None:
    assert plainly(line.split()) == vars(build_parser().parse_args(line.split()))


@pytest.mark.parametrize("line", OTHERS)
def test_others_are_left_to_argparse(line: str) -> None:
    with pytest.raises(NotPlain):
        plainly(line.split())


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_understood(name: str) -> None:
    """An argument of a kind that only argparse knows would make every use of a command slow."""
    COMMANDS[name][1](Described())

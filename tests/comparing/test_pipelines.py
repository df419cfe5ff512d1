"""The jobs in docs/review.md: YAML that a shell understands, with options that there are."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from netc.command_line import build_parser
from netc.comparing.markdown import MARK

TEXT = (Path(__file__).parents[2] / "docs" / "review.md").read_text(encoding="utf-8")
GITHUB, GITLAB = (yaml.safe_load(text) for text in re.findall(r"^```yaml\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL))


def scripts() -> list[str]:
    steps: list[dict[str, Any]] = GITHUB["jobs"]["diff"]["steps"]
    job: list[str] = GITLAB["netc-diff"]["script"]
    return [*(step["run"] for step in steps if "run" in step), *job]


@pytest.mark.tool("shellcheck")
@pytest.mark.parametrize("script", scripts())
def test_scripts_are_sound(script: str) -> None:
    done = subprocess.run(
        ["shellcheck", "--shell=bash", "--exclude=SC2154", "-"],
        input=script,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_no_value_of_a_pull_request_is_put_into_a_script() -> None:
    assert not any("${{" in script for script in scripts())


def test_commands_take_their_options() -> None:
    lines = [line.strip() for script in scripts() for line in script.splitlines() if "netc diff hosts" in line]
    assert len(lines) == 4
    for line in lines:
        words = shlex.split(line.partition(" || ")[0])
        options = build_parser().parse_args([word.replace("$", "") for word in words[1:]])
        assert options.against and options.output


def test_the_comment_is_found_again() -> None:
    assert TEXT.count(MARK) == 3


def test_the_program_in_a_job_is_python() -> None:
    (program,) = re.findall(r"<<'EOF'\n(.*?)\nEOF", "\n".join(scripts()), re.DOTALL)
    compile(program, "job", "exec")

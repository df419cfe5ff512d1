"""A run of `netc verify`: from its options to the text that is printed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from netc.command_line import UsageError, machine_root, readable
from netc.diagnostics import quotable
from netc.plan_json import PlanError, from_json
from netc.verifying import verify
from netc.verifying.telling import as_json, as_text

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from typing import TextIO

    from netc.plan import Plan

PLAN = "plan.json"
FORMS = {"text": as_text, "json": as_json}


def verified(options: argparse.Namespace, standard_input: Callable[[], bytes], out: TextIO) -> bool:
    """Tell what the machine answers; whether a promise is broken or cannot be read without excuse.

    `options.plan` is a plan, or the folder of a host that holds one, or `-`. UsageError where no plan can be read.
    """
    root = machine_root(options.root)
    plan = _plan(options.plan, standard_input)
    try:
        answers = verify(plan, root)
    except (ValueError, ArithmeticError, LookupError, re.error) as error:
        # The schema of plans says less of values than what reads them.
        told = quotable(str(error))
        raise UsageError(f"`{quotable(options.plan)}` holds a value that is no setting: {told}") from None
    out.write(FORMS[options.format](answers, plan.host))
    return any(answer.fails for answer in answers)


def _plan(name: str, standard_input: Callable[[], bytes]) -> Plan:
    path = Path(name)
    if name != "-":
        path = path / PLAN if path.is_dir() else path
        readable(str(path))
    try:
        return from_json((standard_input() if name == "-" else path.read_bytes()).decode())
    except (PlanError, UnicodeDecodeError) as error:
        raise UsageError(f"`{quotable(str(path))}` is no plan that this netc reads: {quotable(str(error))}") from None

"""How the command `netc` begins: with what makes a short run short, before anything else is imported."""

from __future__ import annotations

import gc

OBJECTS = 100_000
"""Objects that must be new before Python looks for cycles of them. By itself it does after 700, which takes a twentieth
of a cold start and finds nothing. A fleet keeps its memory within bounds all the same."""


def main() -> int:
    """The command line, and the exit status."""
    gc.set_threshold(OBJECTS)
    from netc.cli import main as run

    status = run()
    # At its end Python looks at all objects for cycles to break. Those that are frozen it lets be, and memory goes to
    # the kernel as a whole.
    gc.freeze()
    return status

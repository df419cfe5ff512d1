"""Regular expressions that are compiled when they are first used.

A run uses half of those that its modules name, and compiling one takes as long as importing a module.
"""

from __future__ import annotations

import re
from typing import Any


class _Pattern:
    """Stands for a compiled expression; each method that is asked for is kept."""

    def __init__(self, text: str, flags: int) -> None:
        self._text = text
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(self._text, self._flags), name)
        setattr(self, name, found)
        return found


def pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """What `re.compile` gives, with the same methods."""
    lazy: Any = _Pattern(text, flags)
    compiled: re.Pattern[str] = lazy
    return compiled

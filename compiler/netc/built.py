"""What was made when netc was built: grammar, knowledge and templates in a form that starts fast.

`compiler/build_tables.py` writes it to `netc/built_tables/`. A result that was made from another text than the one
that lies beside it now is not taken.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from netc import shipped
from netc.digests import digest

if TYPE_CHECKING:
    from collections.abc import Callable


def table(name: str, made_from: bytes) -> Any | None:
    """The table of this name, or None where there is none for this text."""
    try:
        text = shipped.read("netc", f"built_tables/{name}.json").decode()
    except OSError:
        return None
    stamp, _, content = text.partition("\n")
    return json.loads(content) if stamp == digest(made_from) else None


def template(name: str, made_from: bytes) -> Callable[..., Any] | None:
    """The function that a template became, or None where there is none for this text."""
    try:
        from netc.built_tables.templates import TEMPLATES
    except ImportError:
        return None
    stamp, function = TEMPLATES.get(name, ("", None))
    return function if stamp == digest(made_from) else None

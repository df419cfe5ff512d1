"""Templates → functions: Jinja2 as netc uses it, and the little of it that its templates need when they run.

Jinja2 turns a template into Python. Doing that when netc is built leaves a function that asks its surroundings for
names and attributes and nothing else, so that a run need not import Jinja2, which takes longer than compiling a
host. `compiler/build_tables.py` leaves a template that asks for more, such as a filter, to Jinja2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jinja2 import Environment


def jinja(load: Callable[[str], str] | None = None) -> Environment:
    """The environment in which templates are read; `load` gives the text of one."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    return Environment(
        loader=FunctionLoader(load) if load is not None else None,
        undefined=StrictUndefined,
        # No artifact is HTML or XML: escaping for them would damage values. What may stand in an artifact is
        # decided by `guards` and `wording` before it comes here.
        autoescape=False,  # noqa: S701
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        cache_size=-1,
    )


MISSING = object()
"""What a name resolves to that no value was given for."""

ASKED_FOR = {"resolve_or_missing", "undefined", "concat", "getattr", "str", "Undefined"}
"""All that a template's function may ask for, Python's own `str` among it."""


class Context:
    """The values of one rendering, asked for by name."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = values

    def resolve_or_missing(self, name: str) -> object:
        return self._values.get(name, MISSING)


class Surroundings:
    """Jinja2's environment, as far as a template's function knows it."""

    concat = "".join
    getattr = staticmethod(getattr)

    @staticmethod
    def undefined(name: str) -> NoReturn:
        raise NameError(f"the template names `{name}`, and no value of that name was given")


def fill(function: Callable[..., Any], values: Mapping[str, object]) -> str:
    """The text that a template's function makes of the values."""
    return "".join(function(Context(values), MISSING, Surroundings))

"""Filling in the templates of `netc.templates`.

Templates only print: what stands in them was computed, checked and put in order before.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from netc import built, shipped, templating

if TYPE_CHECKING:
    from collections.abc import Callable

    from jinja2 import Environment


def render(template: str, **values: object) -> str:
    """The text that `templates/<template>.j2` makes of the values; a name it lacks is an error."""
    name = f"{template}.j2"
    function = _function(name)
    if function is None:
        return _jinja().get_template(name).render(values)
    return templating.fill(function, values)


@cache
def _function(name: str) -> Callable[..., Any] | None:
    """What the template became when netc was built; None where it is to be read now."""
    return built.template(name, shipped.read("netc.templates", name))


@cache
def _jinja() -> Environment:
    return templating.jinja(lambda name: shipped.read("netc.templates", name).decode())

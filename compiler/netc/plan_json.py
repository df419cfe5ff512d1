"""The JSON form of a plan, public: `plan.schema.json` describes it, FORMAT is its version.

Fields that hold their default are left out. One plan has one form, so that equal plans are equal bytes.
"""

from __future__ import annotations

import json
from enum import Enum
from functools import cache, lru_cache
from json.encoder import encode_basestring
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from netc import shipped
from netc.patterns import pattern
from netc.plan import (
    FORMAT,
    Application,
    Device,
    EalArgument,
    Interface,
    Kind,
    LeftAlone,
    Plan,
    Program,
    Setting,
    Target,
    Via,
    Why,
)
from netc.records import fields

if TYPE_CHECKING:
    from collections.abc import Callable

UNPRINTABLE = pattern("[\x7f-\xa0\xad\u0600-\u0605\u061c\u200b-\u200f\u2028-\u202f\u205f-\u206f\ufeff\ud800-\udfff]")
"""What json leaves as it is, although programs that read lines or show text stumble over it."""


LISTS = ("interfaces", "settings", "programs", "devices", "applications", "left_alone")
"""Fields of a plan whose items hosts share."""
LEFT_OUT = "objects"
"""The field of a plan that has no JSON form."""


Item = Interface | Setting | Program | Device | Application | LeftAlone


class PlanError(Exception):
    """A text that is no plan; the message says where and why."""


def to_json(plan: Plan) -> str:
    """The plan as JSON text that ends in a newline. It holds neither dates nor paths of the machine."""
    global _told
    last, members = _told
    if last is not None and plan.is_twin_of(last):
        members = {**members, "host": _member(plan, "host")}
    else:
        members = {name: _member(plan, name) for name, _ in fields(Plan) if name != LEFT_OUT}
    _told = (plan, members)
    return "{\n " + ",\n ".join([f'"format": {FORMAT}', *members.values()]) + "\n}\n"


_told: tuple[Plan | None, dict[str, str]] = (None, {})
"""The plan told last and the text of each of its fields: hosts of one range differ in their names."""


def _member(plan: Plan, name: str) -> str:
    value = getattr(plan, name)
    return f'"{name}": {_list(value) if name in LISTS else _text(value, " ")}'


def from_json(text: str) -> Plan:
    """The plan of a JSON text, without its objects; raises PlanError when it is none, or one of another version."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    try:
        data = json.loads(text, parse_float=_number)
    except ValueError as error:
        raise PlanError(f"this is not JSON: {error}") from error
    found = data.get("format") if isinstance(data, dict) else None
    if isinstance(found, int) and found != FORMAT:
        raise PlanError(f"this plan has format {found}, and this netc reads format {FORMAT}")
    problem = best_match(Draft202012Validator(schema()).iter_errors(data))
    if problem is not None:
        raise PlanError(f"{problem.json_path}: {problem.message}")
    return _plan(data)


def _number(text: str) -> int | float:
    """A number with a fraction or an exponent; JSON Schema takes `4096.0` for an integer too."""
    number = float(text)
    return int(number) if number.is_integer() else number


@cache
def schema() -> Any:
    """The JSON Schema of the form."""
    return json.loads(shipped.read("netc", "plan.schema.json"))


def _list(items: tuple[Item, ...]) -> str:
    texts = ",\n".join(f"  {_item(item)}" for item in items)
    return f"[\n{texts}\n ]" if texts else "[]"


@lru_cache(maxsize=16384)
def _item(item: Item) -> str:
    """One item of a list; hosts of one profile share most of theirs."""
    return _text(item, "  ")


def _text(value: Any, indent: str) -> str:
    """JSON of one part of a plan: dataclasses as objects without what holds its default, tuples as arrays.

    It lays out as `json.dumps(…, indent=1)` does, which takes five times as long.
    """
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, Enum):
        return _quoted(value.value)
    if value is None or isinstance(value, int):
        return json.dumps(value)
    inner = f"{indent} "
    if isinstance(value, tuple):
        opening, closing = "[]"
        items = [_text(each, inner) for each in value]
    else:
        opening, closing = "{}"
        values, members = _members(type(value))  # type: ignore[arg-type] # every class is hashable
        given = zip(values(value), members, strict=True)
        items = [f'"{name}": {_text(each, inner)}' for each, (name, default) in given if each != default]
    if not items:
        return opening + closing
    separator = f",\n{inner}"
    return f"{opening}\n{inner}{separator.join(items)}\n{indent}{closing}"


@cache
def _members(kind: type) -> tuple[Callable[[Any], tuple[Any, ...]], tuple[tuple[str, Any], ...]]:
    """What gives the values of all fields of a class, and name and default of each. No class of a plan has but one."""
    members = tuple(fields(kind))
    return attrgetter(*(name for name, _ in members)), members


def _quoted(text: str) -> str:
    quoted = encode_basestring(text)
    if quoted.isprintable():
        return quoted
    return UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)


def _plan(data: dict[str, Any]) -> Plan:
    return Plan(
        host=data["host"],
        sources=tuple(data["sources"]),
        target=Target(**data["target"]),
        layer=data["layer"],
        layer_reason=data["layer_reason"],
        interfaces=tuple(_interface(each) for each in data["interfaces"]),
        settings=tuple(_setting(each) for each in data["settings"]),
        programs=tuple(_program(each) for each in data["programs"]),
        devices=tuple(Device(**{**each, "why": _why(each["why"])}) for each in data["devices"]),
        applications=tuple(_application(each) for each in data["applications"]),
        left_alone=tuple(LeftAlone(**{**each, "why": _why(each["why"])}) for each in data["left_alone"]),
    )


def _interface(data: dict[str, Any]) -> Interface:
    return Interface(**_with_tuples(data))


def _program(data: dict[str, Any]) -> Program:
    return Program(**{**_with_tuples(data), "why": _why(data["why"])})


def _application(data: dict[str, Any]) -> Application:
    arguments = tuple(EalArgument(**{**each, "why": _why(each["why"])}) for each in data["arguments"])
    return Application(**{**_with_tuples(data), "arguments": arguments, "why": _why(data["why"])})


def _with_tuples(data: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}


def _setting(data: dict[str, Any]) -> Setting:
    via = tuple(Via(each) for each in data.get("via", ()))
    return Setting(**{**data, "kind": Kind(data["kind"]), "why": _why(data["why"]), "via": via})


def _why(data: dict[str, Any]) -> Why:
    return Why(**{**data, "places": tuple(data["places"])})

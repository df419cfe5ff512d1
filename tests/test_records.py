"""`netc.records` against the standard library's dataclasses: the same class made by both behaves the same."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import Any

import pytest

from netc import records


@records.dataclass(frozen=True, slots=True)
class Frozen:
    name: str
    count: int = 3


@records.dataclass(slots=True)
class Open:
    name: str
    parts: list[str] = records.field(default_factory=list)


@records.dataclass(frozen=True)
class Roomy:
    name: str


@records.dataclass(frozen=True, slots=True)
class Quiet:
    name: str
    text: str = records.field(repr=False)


@records.dataclass(frozen=True, slots=True, eq=False)
class Single:
    name: str


STANDARD = {
    Frozen: dataclasses.make_dataclass("Frozen", [("name", str), ("count", int, 3)], frozen=True, slots=True),
    Open: dataclasses.make_dataclass(
        "Open", [("name", str), ("parts", list, dataclasses.field(default_factory=list))], slots=True
    ),
}


def outcome(make: Any, *values: Any, **named: Any) -> tuple[str, str]:
    try:
        return "made", repr(make(*values, **named))
    except TypeError as error:
        return "refused", str(error)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        (("a",), {}),
        (("a", 4), {}),
        ((), {"name": "a"}),
        ((), {}),
        (("a", 4, 5), {}),
        (("a",), {"name": "b"}),
        (("a",), {"colour": "red"}),
    ],
)
def test_instances_are_made_and_refused_alike(values: tuple[Any, ...], named: dict[str, Any]) -> None:
    members = {"__annotations__": {"name": str, "count": int}, "count": 3}
    fresh = records.dataclass(frozen=True, slots=True)(type("Frozen", (), members))
    for _ in range(records.COMPILED_FROM + 1):  # the first instances of a class go another way than the rest
        assert outcome(fresh, *values, **named) == outcome(STANDARD[Frozen], *values, **named)


def test_lists_are_made_anew() -> None:
    one, other = Open("a"), Open("b")
    one.parts.append("x")
    assert (one.parts, other.parts) == (["x"], [])


def test_equality_and_hash_are_those_of_the_values() -> None:
    assert Frozen("a") == Frozen("a", 3) != Frozen("a", 4)
    assert hash(Frozen("a")) == hash(Frozen("a", 3)) == hash(("a", 3))
    assert Frozen("a") != ("a", 3)
    assert Single("a") != Single("a")
    with pytest.raises(TypeError, match="unhashable"):
        hash(Open("a"))


def test_frozen_ones_stay_as_they_are() -> None:
    for one in (Frozen("a"), Roomy("a")):
        with pytest.raises(AttributeError, match="frozen"):
            one.name = "b"  # type: ignore[misc] # that is the point
        with pytest.raises(AttributeError, match="frozen"):
            del one.name
    changed = Open("a")
    changed.name = "b"
    assert changed.name == "b"


def test_slots_leave_no_room() -> None:
    assert not hasattr(Frozen("a"), "__dict__")
    assert hasattr(Roomy("a"), "__dict__")


def test_copies_and_pickles() -> None:
    for one in (Frozen("a", 7), Open("a", ["x"])):
        assert copy.copy(one) == copy.deepcopy(one) == pickle.loads(pickle.dumps(one)) == one


def test_replace() -> None:
    assert records.replace(Frozen("a"), count=9) == Frozen("a", 9)
    with pytest.raises(TypeError):
        records.replace(Frozen("a"), colour="red")


def test_the_standard_library_takes_them() -> None:
    assert dataclasses.is_dataclass(Frozen)
    assert dataclasses.asdict(Open("a", ["x"])) == {"name": "a", "parts": ["x"]}  # type: ignore[call-overload] # it is
    assert dataclasses.replace(Frozen("a"), count=9) == Frozen("a", 9)  # type: ignore[type-var] # it is one
    assert [field.name for field in dataclasses.fields(Frozen)] == ["name", "count"]  # type: ignore[arg-type] # the same


def test_fields_tell_names_and_defaults() -> None:
    assert records.fields(Frozen) == (("name", records.MISSING), ("count", 3))
    assert Frozen.__match_args__ == ("name", "count")


def test_what_repr_leaves_out() -> None:
    assert repr(Quiet("a", "long")) == "Quiet(name='a')"

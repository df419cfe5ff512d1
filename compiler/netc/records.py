"""`dataclass` and its `field` and `replace`, for a program that is started often and runs briefly.

The standard library writes six methods of each class as text and compiles them when a module is imported: for the
hundred classes of netc that took half of a cold start (docs/performance.md). Here the methods are closures, and the one
that gains from being compiled, `__init__`, is compiled where many instances are made. What is offered
means the same as in the standard library, whose functions take these classes too.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
C = TypeVar("C", bound=type)


class _Missing:
    """Stands where a field has no default. Equals nothing but itself."""


MISSING = _Missing()

COMPILED_FROM = 40
"""The instance of a class from which on its `__init__` is a compiled one: compiling takes as long as making so many
instances without, and of most classes a run that compiles one host makes fewer."""


class _Field:
    """What `field` tells of one field."""

    __slots__ = ("factory", "repr")

    def __init__(self, factory: Callable[[], Any] | None, repr: bool) -> None:
        self.factory = factory
        self.repr = repr


def field(*, default_factory: Callable[[], Any] | None = None, repr: bool = True) -> Any:
    """A field whose default is made anew for each instance, or that `repr()` leaves out."""
    return _Field(default_factory, repr)


@dataclass_transform(field_specifiers=(field,))
def dataclass(*, frozen: bool = False, slots: bool = False, eq: bool = True) -> Callable[[C], C]:
    """Make a class of annotated fields one whose instances are made, compared and shown by them."""

    def decorate(cls: C) -> C:
        return _made(cls, frozen, slots, eq)  # type: ignore[return-value] # with slots it is another class

    return decorate


def _made(cls: type, frozen: bool, slots: bool, eq: bool) -> type:
    names = tuple(cls.__dict__.get("__annotations__", ()))  # noqa: RUF063 - `inspect` is slow to import
    members = dict(cls.__dict__)
    given = {name: members[name] for name in names if name in members}
    defaults = {name: value for name, value in given.items() if not isinstance(value, _Field) or value.factory}
    shown = [name for name in names if not isinstance(told := given.get(name), _Field) or told.repr]
    methods = _methods(members, names, shown, frozen, eq)
    added = {name: method for name, method in methods.items() if name not in members or name == "__hash__"}
    added["__match_args__"] = names
    added["__record_fields__"] = tuple((name, defaults.get(name, MISSING)) for name in names)
    added["__dataclass_fields__"] = _StandardFields(defaults)
    if slots:
        for name in (*given, "__dict__", "__weakref__"):
            members.pop(name, None)
        # What a class is made with costs less than what it is given later.
        members.update(added, __slots__=names, __qualname__=cls.__qualname__)
        cls = type(cls)(cls.__name__, cls.__bases__, members)
    else:
        for name, value in added.items():
            setattr(cls, name, value)
    _install_init(cls, names, defaults, frozen, slots)
    return cls


def _methods(
    members: dict[str, Any], names: tuple[str, ...], shown: list[str], frozen: bool, eq: bool
) -> dict[str, Any]:
    """All methods but `__init__`."""
    values = _getter(names)

    def __repr__(self: Any) -> str:  # noqa: N807 - a method
        return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"

    def __eq__(self: Any, other: object) -> Any:  # noqa: N807 - a method
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    def __hash__(self: Any) -> int:  # noqa: N807 - a method
        return hash(values(self))

    def __reduce__(self: Any) -> tuple[Any, ...]:  # noqa: N807 - a method
        return type(self), values(self)

    methods: dict[str, Any] = {"__repr__": __repr__, "__reduce__": __reduce__}
    if eq:
        methods["__eq__"] = __eq__
        if members.get("__hash__") is None:
            methods["__hash__"] = __hash__ if frozen else None
    if frozen:
        methods["__setattr__"] = methods["__delattr__"] = _refuse
    return methods


def _getter(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """Gives the values of an instance as a tuple."""
    if not names:
        return lambda instance: ()
    get = attrgetter(*names)
    return get if len(names) > 1 else lambda instance: (get(instance),)


def _refuse(self: Any, name: str, *_: Any) -> None:
    raise AttributeError(f"{type(self).__qualname__} is frozen, its {name!r} stays")


def _install_init(cls: Any, names: tuple[str, ...], defaults: dict[str, Any], frozen: bool, slots: bool) -> None:
    """An `__init__` that puts a compiled one in its place once the class has shown that it has many instances."""
    number, wanted = 0, set(names)

    def first(self: Any, *values: Any, **named: Any) -> None:
        nonlocal number
        number += 1
        told = {**dict(zip(names, values, strict=False)), **named}
        fits = len(told) == len(values) + len(named)
        if len(told) < len(names):
            told = {name: _default(value) for name, value in defaults.items()} | told
        if fits and told.keys() == wanted and number < COMPILED_FROM:
            for name, value in told.items():
                object.__setattr__(self, name, value)
        else:  # wrong arguments get the message of a function that was written out
            cls.__init__ = _compiled_init(cls, names, defaults, frozen, slots)
            cls.__init__(self, *values, **named)

    cls.__init__ = first


def _default(told: Any) -> Any:
    """The value of a field that was given none."""
    return told.factory() if isinstance(told, _Field) and told.factory is not None else told


def _compiled_init(cls: type, names: tuple[str, ...], defaults: dict[str, Any], frozen: bool, slots: bool) -> Any:
    scope: dict[str, Any] = {"_made": MISSING, "_set": object.__setattr__}
    parameters, lines = ["self"], []
    for name in names:
        value, default = name, defaults.get(name, MISSING)
        if isinstance(default, _Field):
            scope[f"_make_{name}"] = default.factory
            parameters.append(f"{name}=_made")
            value = f"_make_{name}() if {name} is _made else {name}"
        elif default is MISSING:
            parameters.append(name)
        else:
            scope[f"_default_{name}"] = default
            parameters.append(f"{name}=_default_{name}")
        if frozen and slots:
            scope[f"_set_{name}"] = cls.__dict__[name].__set__
            lines.append(f"_set_{name}(self, {value})")
        else:
            lines.append(f"_set(self, {name!r}, {value})" if frozen else f"self.{name} = {value}")
    text = f"def __init__({', '.join(parameters)}):\n " + "\n ".join(lines or ["pass"])
    # Text and not `compile`, which makes Python's classes of syntax trees first: as much work as a tenth of a host.
    exec(text, scope)  # noqa: S102 - text of field names, as dataclasses does
    made = scope["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    return made


class _StandardFields:
    """Gives `dataclasses` the fields of a class in its own form, for `fields`, `replace` and the like."""

    def __init__(self, defaults: dict[str, Any]) -> None:
        self._defaults = defaults

    def __get__(self, instance: object, owner: type) -> dict[str, Any]:
        import dataclasses

        members: dict[str, Any] = {"__annotations__": dict.fromkeys(owner.__match_args__, object)}  # type: ignore[attr-defined] # set beside this
        for name, default in self._defaults.items():
            factory = isinstance(default, _Field)
            members[name] = dataclasses.field(default_factory=default.factory) if factory else default
        standard: Any = dataclasses.dataclass(type(owner.__name__, (), members))
        found: dict[str, Any] = standard.__dataclass_fields__
        return found


def replace(instance: T, **changes: Any) -> T:
    """An instance with some of its values replaced."""
    names: tuple[str, ...] = type(instance).__match_args__  # type: ignore[attr-defined] # every record has it
    return type(instance)(**{name: getattr(instance, name) for name in names} | changes)


def fields(kind: type) -> tuple[tuple[str, Any], ...]:
    """Name and default of each field of a class; MISSING where it has none."""
    found: tuple[tuple[str, Any], ...] = kind.__record_fields__  # type: ignore[attr-defined] # every record has it
    return found

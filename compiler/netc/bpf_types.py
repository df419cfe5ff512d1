"""The types that a BPF object describes in its section `.BTF`, as far as definitions of maps need them.

The form is that of Documentation/bpf/btf.rst. Any number in it may be wrong: nothing is read outside of the section,
and nothing is followed without an end.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import TYPE_CHECKING, Literal

from netc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

Endian = Literal["little", "big"]

MAGIC = 0xEB9F
POINTER_SIZE = 8
"""Bytes; BPF has 64-bit pointers on every machine."""
LONGEST_CHAIN = 32
"""Typedefs, qualifiers and arrays of arrays that are followed; as many as libbpf's MAX_RESOLVE_DEPTH."""
MOST_TYPES = 100_000
"""More than half of what a whole kernel has; an object describes the types it uses, some hundreds."""
LONGEST_NAME = 1023
"""Bytes of a name; C asks compilers for 63 characters, and other languages make longer ones."""

_HEADER = "HBBIIIII"
_TYPE = "III"
_TYPE_SIZE = 12
_ENTRY_SIZE = 12


class MalformedError(Exception):
    """What is read does not have the form it must have."""


class Kind(IntEnum):
    """What a type is: BTF_KIND_* of include/uapi/linux/btf.h."""

    INT = 1
    PTR = 2
    ARRAY = 3
    STRUCT = 4
    UNION = 5
    ENUM = 6
    FWD = 7
    TYPEDEF = 8
    VOLATILE = 9
    CONST = 10
    RESTRICT = 11
    FUNC = 12
    FUNC_PROTO = 13
    VAR = 14
    DATASEC = 15
    FLOAT = 16
    DECL_TAG = 17
    TYPE_TAG = 18
    ENUM64 = 19


_KINDS = {kind.value: kind for kind in Kind}
_ONCE_BEHIND = {Kind.INT: 4, Kind.ARRAY: 12, Kind.VAR: 4, Kind.DECL_TAG: 4}
"""Bytes that follow the twelve every type has."""
_EACH_BEHIND = {
    Kind.STRUCT: _ENTRY_SIZE,
    Kind.UNION: _ENTRY_SIZE,
    Kind.ENUM: 8,
    Kind.FUNC_PROTO: 8,
    Kind.DATASEC: _ENTRY_SIZE,
    Kind.ENUM64: _ENTRY_SIZE,
}
"""Bytes that follow for each member, value, parameter or variable."""
_SIZED = {Kind.INT, Kind.STRUCT, Kind.UNION, Kind.ENUM, Kind.ENUM64, Kind.FLOAT}
_QUALIFIERS = {Kind.TYPEDEF, Kind.VOLATILE, Kind.CONST, Kind.RESTRICT, Kind.TYPE_TAG}


@dataclass(frozen=True, slots=True)
class BtfType:
    """One type: `word` is its size in bytes or the number of another type; `count` entries begin at `entries`."""

    name_offset: int
    kind: Kind
    count: int
    word: int
    entries: int


class Btf:
    """The types of one section, by number from 1; 0 is void."""

    def __init__(self, section: bytes, endian: Endian) -> None:
        self._order = "<" if endian == "little" else ">"
        magic, version, _, header, type_offset, types, string_offset, strings = self._read(_HEADER, section, 0)
        if magic != MAGIC or version != 1:
            raise MalformedError("section `.BTF` does not begin with the header of BTF version 1")
        self._types = _part(section, header + type_offset, types)
        self._strings = _part(section, header + string_offset, strings)
        self._offsets = self._places_of_types()

    def _read(self, form: str, data: bytes, offset: int) -> tuple[int, ...]:
        try:
            return struct.unpack_from(self._order + form, data, offset)
        except struct.error:
            raise MalformedError("section `.BTF` ends within a type") from None

    def _places_of_types(self) -> list[int]:
        """Where each type begins: their length depends on what they are."""
        places = [0]
        offset = 0
        while offset < len(self._types):
            if len(places) > MOST_TYPES:
                raise MalformedError(f"section `.BTF` has more than {MOST_TYPES} types")
            places.append(offset)
            found = self._type_at(offset)
            offset = found.entries + _ONCE_BEHIND.get(found.kind, 0) + _EACH_BEHIND.get(found.kind, 0) * found.count
        if offset > len(self._types):
            raise MalformedError("section `.BTF` ends within a type")
        return places

    def _type_at(self, offset: int) -> BtfType:
        name, info, word = self._read(_TYPE, self._types, offset)
        number = info >> 24 & 0x1F
        kind = _KINDS.get(number)
        if kind is None:
            raise MalformedError(f"section `.BTF` has a type of the unknown kind {number}")
        return BtfType(name, kind, info & 0xFFFF, word, offset + _TYPE_SIZE)

    def type(self, number: int) -> BtfType:
        if not 0 < number < len(self._offsets):
            raise MalformedError(f"section `.BTF` has no type {number}")
        return self._type_at(self._offsets[number])

    def unqualified(self, number: int) -> BtfType:
        """The type without typedefs and qualifiers."""
        for _ in range(LONGEST_CHAIN):
            found = self.type(number)
            if found.kind not in _QUALIFIERS:
                return found
            number = found.word
        raise MalformedError(f"section `.BTF` has a chain of more than {LONGEST_CHAIN} types")

    def name(self, offset: int) -> str:
        return name_at(self._strings, offset)

    def variables(self, section: str) -> list[BtfType] | None:
        """What the compiler put into a section; None where nothing is said of that section."""
        for offset in self._offsets[1:]:
            found = self._type_at(offset)
            if found.kind is Kind.DATASEC and self.name(found.name_offset) == section:
                return [self.type(number) for number, _, _ in self._entries(found)]
        return None

    def members(self, of: BtfType) -> list[tuple[str, int]]:
        """Name and number of the type of each member of a struct."""
        return [(self.name(name), number) for name, number, _ in self._entries(of)]

    def _entries(self, of: BtfType) -> Iterator[tuple[int, ...]]:
        for index in range(of.count):
            yield self._read("III", self._types, of.entries + _ENTRY_SIZE * index)

    def array(self, of: BtfType) -> tuple[int, int]:
        """Number of the type of an array's elements, and how many there are."""
        element, _, count = self._read("III", self._types, of.entries)
        return element, count

    def size(self, number: int) -> int:
        """Bytes that a value of the type takes."""
        elements = 1
        for _ in range(LONGEST_CHAIN):
            found = self.type(number)
            if found.kind is Kind.ARRAY:
                number, count = self.array(found)
                elements *= count
            elif found.kind in _QUALIFIERS:
                number = found.word
            elif found.kind is Kind.PTR or found.kind in _SIZED:
                return _small(elements * (POINTER_SIZE if found.kind is Kind.PTR else found.word))
            else:
                raise MalformedError(f"section `.BTF` asks for the size of type {number}, which has none")
        raise MalformedError(f"section `.BTF` has a chain of more than {LONGEST_CHAIN} types")


def name_at(strings: bytes, offset: int) -> str:
    """The text that begins at an offset and ends with a zero byte."""
    end = strings.find(b"\0", offset, offset + LONGEST_NAME + 1)
    if end < 0:
        raise MalformedError("a name begins outside of the strings, or has no end")
    name = strings[offset:end].decode("utf-8", "replace")
    if not name.isprintable():
        raise MalformedError(f"the name {name!a} has characters that cannot be printed")
    return name


def _part(section: bytes, offset: int, length: int) -> bytes:
    if offset + length > len(section):
        raise MalformedError("section `.BTF` is shorter than its header says")
    return section[offset : offset + length]


def _small(size: int) -> int:
    if size >= 2**32:
        raise MalformedError(f"section `.BTF` has a type of {size} bytes")
    return size

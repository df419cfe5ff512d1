"""What a BPF object file holds: its programs and maps, as the loaders on the host will find them.

bpftool, ip and xdp-loader open objects with libbpf. What is a program, and how maps are described, follows its
src/libbpf.c (bpf_object__add_programs, parse_btf_map_def), version 1.1. Objects come from users: whatever is in one,
the answer is a description or a BpfObjectError.
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING

from netc.bpf_elf import ElfObject
from netc.bpf_types import Btf, BtfType, Endian, Kind, MalformedError
from netc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.bpf_elf import Section, Symbol

LARGEST_OBJECT = 16 * 2**20
"""Bytes. The kernel takes a million instructions a program, 8 MiB (BPF_COMPLEXITY_LIMIT_INSNS of linux/bpf.h)."""
MOST_MAPS = 256
"""One program may use 64 (MAX_USED_MAPS of linux/bpf_verifier.h)."""
MOST_FIELDS = 32
"""Of one map's definition; libbpf knows eleven."""
INSTRUCTION_SIZE = 8
"""Bytes; loading a 64-bit constant takes two instructions."""

# By number: enum bpf_map_type of linux/bpf.h, in the words of bpftool.
MAP_TYPES = (
    *("unspec", "hash", "array", "prog_array", "perf_event_array", "percpu_hash", "percpu_array", "stack_trace"),
    *("cgroup_array", "lru_hash", "lru_percpu_hash", "lpm_trie", "array_of_maps", "hash_of_maps", "devmap", "sockmap"),
    *("cpumap", "xskmap", "sockhash", "cgroup_storage", "reuseport_sockarray", "percpu_cgroup_storage", "queue"),
    *("stack", "sk_storage", "devmap_hash", "struct_ops", "ringbuf", "inode_storage", "task_storage"),
    *("bloom_filter", "user_ringbuf", "cgrp_storage", "arena", "insn_array"),
)

_NUMBERS = ("type", "max_entries", "map_flags", "pinning", "key_size", "value_size")
_PIN_BY_NAME = 1
"""LIBBPF_PIN_BY_NAME of bpf_helpers.h."""
_ON_AN_INTERFACE = re.compile(r"xdp(?!(\.frags)?/(devmap|cpumap)(/|\Z)|_(devmap|cpumap)/)")
_NAME = re.compile(r"[A-Za-z0-9_.]+\Z")


class BpfObjectError(Exception):
    """The bytes are no BPF object that libbpf would open; the message says what is wrong with them."""


@dataclass(frozen=True)
class BpfProgram:
    """A function that can be attached; `instructions` without those of subprograms in `.text`."""

    name: str
    section: str
    instructions: int

    @property
    def is_xdp(self) -> bool:
        """Whether the section is one of XDP programs for an interface, not for the entries of a devmap or cpumap.

        libbpf since 1.0 tells that a program is for XDP by `xdp` and `xdp.frags` alone. It was content with names that
        begin so (SEC_SLOPPY_PFX), and with those the loader must be told: `type xdp`, or the program's name.
        """
        return _ON_AN_INTERFACE.match(self.section) is not None

    @property
    def frags(self) -> bool:
        """Whether it takes packets of several buffers; for libbpf the section must have just this name."""
        return self.section == "xdp.frags"


@dataclass(frozen=True)
class BpfMap:
    """Sizes are in bytes, 0 where the object leaves them to the loader. `pinned`: the loader pins it by its name."""

    name: str
    type: str
    key_size: int
    value_size: int
    max_entries: int
    flags: int
    pinned: bool


@dataclass(frozen=True)
class BpfObject:
    """`btf`: it describes its types. `legacy_maps`: it has maps in a section `maps`, which libbpf refuses since 1.0."""

    programs: tuple[BpfProgram, ...]
    maps: tuple[BpfMap, ...]
    license: str
    btf: bool
    endian: Endian
    legacy_maps: bool


def read_object(data: bytes) -> BpfObject:
    """Describe an object; raises BpfObjectError, and nothing else, for bytes that are none."""
    if len(data) > LARGEST_OBJECT:
        raise BpfObjectError(f"a file of {len(data)} bytes, and no BPF object has more than {LARGEST_OBJECT}")
    try:
        return _described(ElfObject(data))
    except MalformedError as error:
        raise BpfObjectError(str(error)) from error
    except ImportError:
        raise  # pyelftools is missing, which says nothing about the object
    except Exception as error:  # a broken file leads pyelftools to errors of many kinds
        raise BpfObjectError("the structures of the ELF file are broken") from error


def _described(elf: ElfObject) -> BpfObject:
    symbols = list(elf.symbols())
    types, license_section, legacy = elf.section(".BTF"), elf.section("license"), elf.section("maps")
    btf = Btf(elf.content(types), elf.endian) if types is not None else None
    maps = _maps(btf) if elf.section(".maps") is not None else ()
    license_text = elf.content(license_section).partition(b"\0")[0] if license_section is not None else b""
    return BpfObject(
        programs=tuple(_programs(elf, symbols)),
        maps=maps + (_legacy_maps(elf, legacy, symbols) if legacy is not None else ()),
        license=license_text.decode("ascii", "backslashreplace"),
        btf=btf is not None,
        endian=elf.endian,
        legacy_maps=legacy is not None,
    )


def _programs(elf: ElfObject, symbols: list[Symbol]) -> Iterator[BpfProgram]:
    """In the order of libbpf: by section, then by place in it. Functions in `.text` are subprograms."""
    sections = {
        section.index: section
        for section in elf.sections
        if section.executable and section.type == "SHT_PROGBITS" and section.name != ".text"
    }
    for symbol in sorted(symbols, key=lambda symbol: (symbol.section, symbol.value)):
        section = sections.get(symbol.section)
        if section is None or symbol.type != "STT_FUNC":
            continue
        if symbol.local:
            raise MalformedError(f"program `{symbol.name}` in section `{section.name}` is static: libbpf refuses that")
        _check_name(symbol.name, "program")
        whole = symbol.size > 0 and symbol.size % INSTRUCTION_SIZE == symbol.value % INSTRUCTION_SIZE == 0
        if not whole or symbol.value + symbol.size > section.size:
            raise MalformedError(f"program `{symbol.name}` does not fit into section `{section.name}`")
        yield BpfProgram(symbol.name, section.name, symbol.size // INSTRUCTION_SIZE)


def _check_name(name: str, what: str) -> None:
    """The kernel refuses other names: bpf_obj_name_cpy of kernel/bpf/syscall.c."""
    if not _NAME.match(name):
        raise MalformedError(f"{what} `{name}` has a name of other characters than letters, digits, `_` and `.`")


def _maps(btf: Btf | None) -> tuple[BpfMap, ...]:
    if btf is None:
        raise MalformedError("it has maps and no section `.BTF` that describes them: it was compiled without `-g`")
    variables = btf.variables(".maps")
    if variables is None:
        raise MalformedError("section `.BTF` says nothing of section `.maps`")
    if len(variables) > MOST_MAPS:
        raise MalformedError(f"it has {len(variables)} maps, more than {MOST_MAPS}")
    return tuple(_map(btf, variable) for variable in variables)


def _map(btf: Btf, variable: BtfType) -> BpfMap:
    name = btf.name(variable.name_offset)
    _check_name(name, "map")
    definition = btf.unqualified(variable.word) if variable.kind is Kind.VAR else variable
    if definition.kind is not Kind.STRUCT or definition.count > MOST_FIELDS:
        raise MalformedError(f"map `{name}` is not defined by a struct of at most {MOST_FIELDS} members")
    fields: dict[str, int] = {}
    for member, number in btf.members(definition):
        if member in _NUMBERS:
            fields[member] = _number(btf, number, name, member)
        elif member in ("key", "value"):
            pointer = btf.unqualified(number)
            if pointer.kind is not Kind.PTR:
                raise MalformedError(f"map `{name}` has a `{member}` that is no pointer")
            fields[f"{member}_size"] = btf.size(pointer.word)
        elif member == "values":  # of a map of maps, or an array of programs: a value is a file descriptor
            fields["value_size"] = 4
    if not fields.get("type"):
        raise MalformedError(f"map `{name}` has no type")
    return BpfMap(
        name,
        _type_of_map(fields["type"]),
        fields.get("key_size", 0),
        fields.get("value_size", 0),
        fields.get("max_entries", 0),
        fields.get("map_flags", 0),
        fields.get("pinning") == _PIN_BY_NAME,
    )


def _number(btf: Btf, number: int, name: str, member: str) -> int:
    """A number as `__uint` of bpf_helpers.h writes it: a pointer to an array of that many elements."""
    pointer = btf.unqualified(number)
    array = btf.type(pointer.word) if pointer.kind is Kind.PTR else None
    if array is None or array.kind is not Kind.ARRAY:
        raise MalformedError(f"map `{name}` has a `{member}` that is no pointer to an array")
    return btf.array(array)[1]


def _type_of_map(number: int) -> str:
    """The number where the type is newer than this table."""
    return MAP_TYPES[number] if number < len(MAP_TYPES) else str(number)


def _legacy_maps(elf: ElfObject, section: Section, symbols: list[Symbol]) -> tuple[BpfMap, ...]:
    """struct bpf_map_def in a section `maps`: type, size of key and value, number of entries, flags."""
    found = [symbol for symbol in symbols if symbol.section == section.index and symbol.type == "STT_OBJECT"]
    if len(found) > MOST_MAPS:
        raise MalformedError(f"it has {len(found)} maps, more than {MOST_MAPS}")
    content, order = elf.content(section), "<" if elf.endian == "little" else ">"
    return tuple(_legacy_map(content, order, symbol) for symbol in sorted(found, key=lambda symbol: symbol.value))


def _legacy_map(content: bytes, order: str, symbol: Symbol) -> BpfMap:
    _check_name(symbol.name, "map")
    try:
        number, key, value, entries, flags = struct.unpack_from(order + "5I", content, symbol.value)
    except (struct.error, OverflowError):
        raise MalformedError(f"map `{symbol.name}` does not fit into section `maps`") from None
    return BpfMap(symbol.name, _type_of_map(number), key, value, entries, flags, pinned=False)

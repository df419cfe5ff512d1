"""Sections and symbols of an ELF file that holds BPF programs.

pyelftools reads the structures. Its sections are not used: they follow links, inflate what is compressed, and take as
much memory as a header says, and the file may be made to harm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netc.bpf_types import Endian, MalformedError, name_at
from netc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_SECTIONS = 4096
MOST_SYMBOLS = 20_000

_HEADER_SIZE = 64
"""Bytes of the file's header, and of a section's: in a 64-bit file both have 64."""
_SYMBOL_SIZE = 24
_CLASS_64 = 2
_EXECUTABLE = 0x4
"""SHF_EXECINSTR."""


@dataclass(frozen=True, slots=True)
class Section:
    """`size` and `start` in bytes; `stored` unless it has no bytes in the file. `index` is that of its header."""

    index: int
    name: str
    type: str | int
    executable: bool
    stored: bool
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class Symbol:
    """`section` is the index of the one it lies in, `value` its place there and `size` its length, in bytes."""

    name: str
    section: int
    type: str | int
    local: bool
    value: int
    size: int


class ElfObject:
    """A relocatable ELF file for BPF. Raises MalformedError for any other, and what pyelftools raises."""

    def __init__(self, data: bytes) -> None:
        from io import BytesIO

        from elftools.elf.elffile import ELFFile

        if not data.startswith(b"\x7fELF"):
            raise MalformedError("not an ELF file")
        if len(data) < _HEADER_SIZE:
            raise MalformedError("the ELF file ends within its header")
        if data[4] != _CLASS_64:
            raise MalformedError("not a 64-bit ELF file")
        self._data = data
        self._stream = BytesIO(data)
        self._file = ELFFile(self._stream)
        self.endian: Endian = "little" if self._file.little_endian else "big"
        header = self._file.header
        if header["e_machine"] != "EM_BPF":
            raise MalformedError(f"an ELF file for {_plain(header['e_machine'])}, not for BPF")
        if header["e_type"] != "ET_REL":
            raise MalformedError(f"an ELF file of type {_plain(header['e_type'])}, not a relocatable object")
        self._headers = self._section_headers(header)
        self.sections = self._sections(header["e_shstrndx"])

    def content(self, section: Section) -> bytes:
        return self._data[section.start : section.start + section.size] if section.stored else b""

    def section(self, name: str) -> Section | None:
        """The first section of a name."""
        return next((section for section in self.sections if section.name == name), None)

    def symbols(self) -> Iterator[Symbol]:
        """The symbols that lie in a section, in the order of the file."""
        tables = [section for section in self.sections if section.type == "SHT_SYMTAB"]
        if len(tables) != 1:
            raise MalformedError(f"the ELF file has {len(tables)} symbol tables, and a BPF object has one")
        (table,) = tables
        if table.size > MOST_SYMBOLS * _SYMBOL_SIZE:
            raise MalformedError(f"the ELF file has {table.size // _SYMBOL_SIZE} symbols, more than {MOST_SYMBOLS}")
        names = self._content_at(self._headers[table.index]["sh_link"])
        for offset in range(0, table.size - table.size % _SYMBOL_SIZE, _SYMBOL_SIZE):
            found = self._structure("Elf_Sym", table.start + offset)
            place = found["st_shndx"]
            if isinstance(place, int) and 0 < place < len(self._headers):  # else a word: undefined, absolute, common
                yield Symbol(
                    name_at(names, found["st_name"]),
                    place,
                    found["st_info"]["type"],
                    found["st_info"]["bind"] == "STB_LOCAL",
                    found["st_value"],
                    found["st_size"],
                )

    def _structure(self, name: str, offset: int) -> Any:
        from elftools.common.utils import struct_parse

        return struct_parse(getattr(self._file.structs, name), self._stream, stream_pos=offset)

    def _section_headers(self, header: Any) -> list[Any]:
        start, count = header["e_shoff"], self._file.num_sections()
        if start == 0 or header["e_shentsize"] != _HEADER_SIZE or start + count * _HEADER_SIZE > len(self._data):
            raise MalformedError("the ELF file has no table of sections, or ends before it")
        if count > MOST_SECTIONS:
            raise MalformedError(f"the ELF file has {count} sections, more than {MOST_SECTIONS}")
        return [self._structure("Elf_Shdr", start + index * _HEADER_SIZE) for index in range(count)]

    def _sections(self, index_of_names: int) -> list[Section]:
        """All but the first, which is none."""
        names = self._content_at(index_of_names)
        return [self._section(index, name_at(names, self._headers[index]["sh_name"])) for index in self._numbers()]

    def _numbers(self) -> range:
        return range(1, len(self._headers))

    def _section(self, index: int, name: str) -> Section:
        header = self._headers[index]
        start, size = header["sh_offset"], header["sh_size"]
        stored = header["sh_type"] not in ("SHT_NOBITS", "SHT_NULL")
        if stored and start + size > len(self._data):
            raise MalformedError(f"the ELF file ends within section `{name}`")
        return Section(index, name, header["sh_type"], bool(header["sh_flags"] & _EXECUTABLE), stored, start, size)

    def _content_at(self, index: int) -> bytes:
        """The strings in the section of an index; LLVM has one for all names, which it calls so."""
        if index not in self._numbers():
            raise MalformedError("the ELF file has no section for its names")
        return self.content(self._section(index, ".strtab"))


def _plain(word: str | int) -> str:
    """`X86_64` for `EM_X86_64`; a number where pyelftools has no name for it."""
    return str(word).partition("_")[2] or str(word)

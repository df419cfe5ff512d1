"""BPF objects are described as their own tools describe them, and whatever is no object is told, at once."""

from __future__ import annotations

import contextlib
import json
import platform
import random
import re
import struct
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from netc.bpf_object import BpfMap, BpfObject, BpfObjectError, BpfProgram, read_object
from running import often, thinned

ROOT = Path(__file__).parents[1]
XDP = ROOT / "examples" / "xdp"
FIXED = {path.stem: path.read_bytes() for path in sorted(XDP.glob("*.o"))}
INSTALLED = sorted(Path("/usr/lib").glob("**/bpf/*.o"))
"""What xdp-tools brings, where it is installed."""

COUNTERS = BpfMap("counters", "percpu_array", 4, 16, 2, 0, pinned=False)
DROP_V4 = BpfMap("drop_v4", "lpm_trie", 8, 1, 2**20, 1, pinned=False)
DROP_V6 = BpfMap("drop_v6", "lpm_trie", 20, 1, 2**20, 1, pinned=False)


def described(*programs: BpfProgram, maps: tuple[BpfMap, ...] = (), **more: Any) -> BpfObject:
    usual = {"license": "Apache-2.0", "btf": True, "endian": "little", "legacy_maps": False}
    return BpfObject(programs, maps, **{**usual, **more})


# The objects of the repository.


def test_the_programs_that_netc_brings() -> None:
    maps = (COUNTERS, DROP_V4, DROP_V6)
    classes = BpfMap("counters", "percpu_array", 4, 16, 5, 0, pinned=False)
    assert {name: read_object(data) for name, data in FIXED.items()} == {
        "prefix_drop": described(BpfProgram("prefix_drop", "xdp", 97), maps=maps),
        "prefix_drop_frags": described(BpfProgram("prefix_drop", "xdp.frags", 95), maps=maps),
        "count_pass": described(BpfProgram("count_pass", "xdp", 69), maps=(classes,)),
    }


# What libbpf 1.1, bpftool 7.1 and iproute2 6.1 were seen to do with programs in sections of these names.
SECTIONS = {
    "xdp": True,
    "xdp.frags": True,
    "xdp/front": True,
    "xdp_front": True,
    "xdpfront": True,
    "xdp.frags/front": True,
    "xdp/devmapper": True,
    "xdp_devmap": True,
    "xdp/devmap": False,
    "xdp/cpumap": False,
    "xdp.frags/devmap": False,
    "xdp.frags/cpumap": False,
    "xdp_devmap/1": False,
    "xdp_cpumap/1": False,
    "?xdp": False,
    "classifier": False,
    "prog": False,
    "": False,
}


@pytest.mark.parametrize("section", SECTIONS)
def test_which_programs_go_on_an_interface(section: str) -> None:
    program = BpfProgram("x", section, 2)
    assert program.is_xdp is SECTIONS[section]
    assert program.frags is (section == "xdp.frags")


# Whatever is no object.

WHOLE = FIXED["count_pass"]
TABLE = struct.unpack_from("<Q", WHOLE, 0x28)[0]
"""Where the headers of the sections begin; they are last."""


def changed(form: str, place: int, value: int, data: bytes = WHOLE) -> bytes:
    copy = bytearray(data)
    struct.pack_into(form, copy, place, value)
    return bytes(copy)


def header_of(section: str, data: bytes = WHOLE) -> int:
    """Where the header of a section begins, by the name that stands in the table of names."""
    table, (count, names) = struct.unpack_from("<Q", data, 0x28)[0], struct.unpack_from("<HH", data, 0x3C)
    strings = struct.unpack_from("<Q", data, table + 64 * names + 0x18)[0]
    for place in range(table, table + 64 * count, 64):
        start = strings + struct.unpack_from("<I", data, place)[0]
        if data[start : data.index(b"\0", start)].decode() == section:
            return place
    raise KeyError(section)


def content_of(section: str, data: bytes = WHOLE) -> int:
    """Where a section begins."""
    return int(struct.unpack_from("<Q", data, header_of(section, data) + 0x18)[0])


NO_OBJECTS = {
    b"": "not an ELF file",
    b"#!/bin/sh\n": "not an ELF file",
    b"\x7fELF": "the ELF file ends within its header",
    changed("B", 4, 1): "not a 64-bit ELF file",
    changed("B", 5, 9): "the structures of the ELF file are broken",
    changed("<H", 16, 2): "an ELF file of type EXEC, not a relocatable object",
    changed("<H", 18, 62): "an ELF file for X86_64, not for BPF",
    changed("<H", 18, 4711): "an ELF file for 4711, not for BPF",
    changed("<Q", 0x28, 0): "the ELF file has no table of sections, or ends before it",
    changed("<Q", 0x28, 2**63): "the ELF file has no table of sections, or ends before it",
    changed("<H", 0x3A, 0): "the ELF file has no table of sections, or ends before it",
    changed("<H", 0x3C, 0xFFFF): "the ELF file has no table of sections, or ends before it",
    changed("<H", 0x3E, 0): "the ELF file has no section for its names",
    changed("<Q", header_of("xdp") + 0x20, 2**62): "the ELF file ends within section `xdp`",
    changed("<I", header_of(".symtab") + 4, 1): "the ELF file has 0 symbol tables, and a BPF object has one",
    changed("<I", header_of("xdp") + 4, 2): "the ELF file has 2 symbol tables, and a BPF object has one",
    changed("<Q", header_of("xdp") + 0x20, 8): "program `count_pass` does not fit into section `xdp`",
    changed("<H", content_of(".BTF"), 0): "section `.BTF` does not begin with the header of BTF version 1",
    changed("<I", content_of(".BTF") + 12, 2**31): "section `.BTF` is shorter than its header says",
    changed("<I", content_of(".BTF") + 28, 31 << 24): "section `.BTF` has a type of the unknown kind 31",
    changed("<I", content_of(".BTF") + 32, 999): "section `.BTF` has no type 999",
    changed("<B", WHOLE.index(b"counters\0"), 7): "the name '\\x07ounters' has characters that cannot be printed",
    changed("<B", WHOLE.index(b"counters\0"), ord("/")): (
        "map `/ounters` has a name of other characters than letters, digits, `_` and `.`"
    ),
    bytes(2**24 + 1): "a file of 16777217 bytes, and no BPF object has more than 16777216",
}


@pytest.mark.parametrize(("data", "message"), NO_OBJECTS.items(), ids=range(len(NO_OBJECTS)))
def test_what_is_no_object_is_told(data: bytes, message: str) -> None:
    with pytest.raises(BpfObjectError) as told:
        read_object(data)
    assert str(told.value) == message


def test_a_file_that_ends_anywhere_is_no_object() -> None:
    for length in thinned(range(len(WHOLE))):
        with pytest.raises(BpfObjectError):
            read_object(WHOLE[:length])


@pytest.mark.parametrize("name", FIXED)
def test_wrong_bytes_lead_to_nothing_but_the_one_error(name: str) -> None:
    chance = random.Random(name)
    refused = 0
    for _ in range(often(1500)):
        data = bytearray(FIXED[name])
        for _ in range(chance.choice([1, 1, 1, 4, 40])):
            data[chance.randrange(len(data))] = chance.choice([0, 1, 0x7F, 0xFF, chance.randrange(256)])
        try:
            read_object(bytes(data))
        except BpfObjectError:
            refused += 1
    assert refused > often(200)


# Objects made by hand: what no compiler writes.


def typed(kind: int, *, name: int = 0, count: int = 0, word: int = 0, behind: bytes = b"") -> bytes:
    return struct.pack("<III", name, kind << 24 | count, word) + behind


def object_of(contents: dict[str, bytes], symbols: bytes = b"", **header: int) -> bytes:
    """An ELF file of sections with these contents, all of them executable, and a table of symbols."""
    contents = {**contents, ".symtab": bytes(24) + symbols}
    names = b"\0" + b"\0".join(name.encode() for name in [*contents, ".strtab"]) + b"\0x\0"
    contents[".strtab"] = names
    body, headers = b"", bytes(64)
    for name, content in contents.items():
        kind = {".symtab": 2, ".strtab": 3}.get(name, 1)
        start, size = 64 + len(body), header.get("size", len(content)) if name == "xdp" else len(content)
        place = names.index(b"\0" + name.encode() + b"\0") + 1
        flags, kind = header.get("flags", 6), header.get("kind", kind) if name == "xdp" else kind
        headers += struct.pack("<IIQQQQIIQQ", place, kind, flags, 0, start, size, len(contents), 0, 1, 0)
        body += content
    ident = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    table = 64 + len(body)
    file = struct.pack("<HHIQQQIHHHHHH", 1, 247, 1, 0, 0, table, 0, 64, 0, 0, 64, len(contents) + 1, len(contents))
    return ident + file + body + headers


def btf_of(*types: bytes, strings: bytes = b"\0.maps\0type\0key\0") -> bytes:
    joined = b"".join(types)
    return struct.pack("<HBBIIIII", 0xEB9F, 1, 0, 24, 0, len(joined), len(joined), len(strings)) + joined + strings


def function(name: int, *, section: int = 1, value: int = 0, size: int = 16, info: int = 0x12) -> bytes:
    return struct.pack("<IBBHQQ", name, info, 0, section, value, size)


CODE = {"xdp": bytes(32)}


def test_programs_by_section_and_place() -> None:
    end = object_of(CODE).index(b"\0x\0") - object_of(CODE).index(b"\0xdp\0") + 1
    data = object_of(CODE, function(end, value=16) + function(end) + function(1, section=0) + function(1, info=0x10))
    assert read_object(data).programs == (BpfProgram("x", "xdp", 2),) * 2


def test_a_static_program_is_refused_as_libbpf_does() -> None:
    with pytest.raises(BpfObjectError, match=r"^program `xdp` in section `xdp` is static: libbpf refuses that$"):
        read_object(object_of(CODE, function(1, info=0x02)))


@pytest.mark.parametrize("place", [{"value": 4}, {"size": 0}, {"size": 12}, {"value": 24}, {"value": 2**64 - 8}])
def test_a_program_lies_within_its_section(place: dict[str, int]) -> None:
    with pytest.raises(BpfObjectError, match=r"^program `xdp` does not fit into section `xdp`$"):
        read_object(object_of(CODE, function(1, **place)))


def test_functions_in_text_or_in_data_are_no_programs() -> None:
    assert read_object(object_of({".text": bytes(16)}, function(1))).programs == ()
    assert read_object(object_of(CODE, function(1), flags=2)).programs == ()


def test_maps_without_btf_are_told() -> None:
    with pytest.raises(BpfObjectError, match=r"it was compiled without `-g`$"):
        read_object(object_of({".maps": bytes(16)}))
    with pytest.raises(BpfObjectError, match=r"^section `\.BTF` says nothing of section `\.maps`$"):
        read_object(object_of({".maps": bytes(16), ".BTF": btf_of()}))


def test_legacy_maps_are_read_and_told() -> None:
    definition = struct.pack("<IIIII", 1, 4, 8, 100, 1)
    found = read_object(object_of({"maps": bytes(8) + definition}, function(1, value=8, info=0x11)))
    assert (found.maps, found.legacy_maps) == ((BpfMap("maps", "hash", 4, 8, 100, 1, pinned=False),), True)
    with pytest.raises(BpfObjectError, match=r"^map `maps` does not fit into section `maps`$"):
        read_object(object_of({"maps": bytes(8) + definition}, function(1, value=16, info=0x11)))


# Types that a map may be made of: a variable (1) of a struct (2) whose `type` leads to type 4, and whose key to type 5.
def map_of(kind: bytes, key: bytes, *more: bytes) -> bytes:
    members = struct.pack("<III", 7, 3, 0) + struct.pack("<III", 12, 5, 64)
    return btf_of(
        typed(14, name=2, word=2, behind=bytes(4)),
        typed(4, count=2, word=16, behind=members),
        typed(2, word=4),
        kind,
        typed(2, word=6),
        key,
        *more,
        typed(15, name=1, count=1, behind=struct.pack("<III", 1, 0, 16)),
    )


LPM_TRIE = typed(3, behind=struct.pack("<III", 6, 6, 11))
LOOPS = {
    "a typedef of itself": (LPM_TRIE, typed(8, word=6)),
    "an array of itself": (LPM_TRIE, typed(3, behind=struct.pack("<III", 6, 6, 1))),
    "two typedefs of each other": (LPM_TRIE, typed(8, word=7), typed(8, word=6)),
}


@pytest.mark.parametrize("which", LOOPS)
def test_circles_of_types_end(which: str) -> None:
    with pytest.raises(BpfObjectError, match=r"^section `\.BTF` has a chain of more than 32 types$"):
        read_object(object_of({".maps": bytes(16), ".BTF": map_of(*LOOPS[which])}))


def test_a_map_made_by_hand() -> None:
    word = typed(1, word=4, behind=bytes(4))
    eight = typed(3, behind=struct.pack("<III", 7, 7, 2))
    found = read_object(object_of({".maps": bytes(16), ".BTF": map_of(LPM_TRIE, eight, word)}))
    assert found.maps == (BpfMap("maps", "lpm_trie", 8, 0, 0, 0, pinned=False),)
    newer = typed(3, behind=struct.pack("<III", 6, 6, 99))
    found = read_object(object_of({".maps": bytes(16), ".BTF": map_of(newer, eight, word)}))
    assert found.maps[0].type == "99"


WRONG_MAPS = {
    "map `maps` has no type": (typed(3, behind=bytes(12)), typed(2)),
    "map `maps` has a `type` that is no pointer to an array": (typed(2), typed(2)),
    "section `.BTF` asks for the size of type 6, which has none": (LPM_TRIE, typed(7)),
    f"section `.BTF` has a type of {8 * (2**32 - 1)} bytes": (
        LPM_TRIE,
        typed(3, behind=struct.pack("<III", 7, 7, 2**32 - 1)),
        typed(2),
    ),
}


@pytest.mark.parametrize("message", WRONG_MAPS)
def test_maps_that_make_no_sense(message: str) -> None:
    with pytest.raises(BpfObjectError) as told:
        read_object(object_of({".maps": bytes(16), ".BTF": map_of(*WRONG_MAPS[message])}))
    assert str(told.value) == message


def many_fields() -> bytes:
    """256 maps of one struct with a type and 31 keys, each a chain of 30 typedefs."""
    members = struct.pack("<III", 7, 292, 0) + struct.pack("<III", 12, 3, 0) * 31
    chain = [typed(8, word=number + 1) for number in range(4, 34)]
    variables = [typed(14, name=2, word=2, behind=bytes(4)) for _ in range(256)]
    entries = b"".join(struct.pack("<III", 35 + number, 0, 0) for number in range(256))
    return btf_of(
        typed(1, word=4, behind=bytes(4)),
        typed(4, count=32, word=256, behind=members),
        typed(2, word=4),
        *chain,
        typed(1, word=4, behind=bytes(4)),
        *variables,
        typed(3, behind=struct.pack("<III", 1, 1, 11)),
        typed(2, word=291),
        typed(15, name=1, count=256, behind=entries),
    )


HUGE = {
    "a section of no bytes": object_of(CODE, kind=8, size=2**60),
    "a compressed section": object_of(CODE, flags=0x806),
    "too many symbols": object_of(CODE, function(1) * 30_000),
    "as many symbols as may be": object_of(CODE, function(1) * 19_999),
    "too many sections": object_of({f"s{number}": b"" for number in range(5000)}),
    "as many sections as may be": object_of({f"s{number}": b"" for number in range(4000)}),
    "too many types": object_of({".BTF": btf_of(typed(2) * 1_000_000), ".maps": b""}),
    "as many types as may be": object_of({".BTF": btf_of(typed(2) * 99_999), ".maps": b""}),
    "one long name": object_of({"x" * 10_000_000: b""}),
    "many long names": object_of({"x" * 1000: bytes(16)}, function(1) * 19_999),
    "a count of sections in the first of them": changed("<H", 0x3C, 0),
    "many fields of many maps": object_of({".BTF": many_fields(), ".maps": b""}),
}


@pytest.mark.parametrize("what", HUGE)
def test_what_is_made_to_take_long_does_not(what: str) -> None:
    begun = time.process_time()
    with contextlib.suppress(BpfObjectError):
        read_object(HUGE[what])
    assert time.process_time() - begun < 30  # the longest takes about one second


# Objects that clang compiles here, and what binutils and bpftool say of them.

SOURCE = """
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
typedef struct {{ __u32 prefixlen; __u8 address[4]; }} prefix;
typedef const volatile prefix same_prefix;
{text}
char _license[] SEC("license") = "{license}";
"""
HEADERS_OF_THE_MACHINE = f"/usr/include/{platform.machine()}-linux-gnu"
"""Where Debian and Ubuntu have asm/types.h."""


def compiled(folder: Path, text: str, *options: str, license: str = "Apache-2.0", target: str = "bpfel") -> bytes:
    source, made = folder / "made.c", folder / "made.o"
    source.write_text(SOURCE.format(text=text, license=license))
    given = options or ("-g",)
    command = ["clang", "-target", target, "-O2", *given, "-idirafter", HEADERS_OF_THE_MACHINE, "-c", str(source)]
    done = subprocess.run([*command, "-o", str(made)], capture_output=True, text=True, check=False)
    if "file not found" in done.stderr:
        pytest.skip("the headers of libbpf or the kernel are not installed")
    assert done.returncode == 0, done.stderr
    return made.read_bytes()


PASS = "int {name}(struct xdp_md *ctx) {{ return XDP_PASS; }}"


@pytest.mark.tool("clang")
def test_several_programs_in_sections_and_subprograms(tmp_path: Path) -> None:
    text = """
    static __attribute__((noinline)) int helper(struct xdp_md *ctx) { return ctx->data > 0 ? XDP_DROP : XDP_PASS; }
    __attribute__((noinline)) int global(struct xdp_md *ctx) { return ctx->data_end > 9 ? XDP_DROP : XDP_PASS; }
    SEC("xdp") int second_written_first(struct xdp_md *ctx) { return helper(ctx) + global(ctx); }
    SEC("xdp") int pass(struct xdp_md *ctx) { return XDP_PASS; }
    SEC("xdp.frags") __weak int weak(struct xdp_md *ctx) { return XDP_PASS; }
    SEC("xdp/devmap") int forwarded(struct xdp_md *ctx) { return XDP_PASS; }
    SEC("tc") int shaped(struct __sk_buff *skb) { return 0; }
    """
    found = read_object(compiled(tmp_path, text, license="Dual BSD/GPL"))
    sections = [(program.name, program.section, program.is_xdp) for program in found.programs]
    assert sections == [
        ("second_written_first", "xdp", True),
        ("pass", "xdp", True),
        ("weak", "xdp.frags", True),
        ("forwarded", "xdp/devmap", False),
        ("shaped", "tc", False),
    ]
    assert {program.name: program.instructions for program in found.programs}["pass"] == 2
    assert (found.license, found.btf, found.maps, found.endian) == ("Dual BSD/GPL", True, (), "little")


MAPS = {
    "__uint(type, BPF_MAP_TYPE_LPM_TRIE); __type(key, prefix); __type(value, __u8); __uint(max_entries, 7);"
    "__uint(map_flags, BPF_F_NO_PREALLOC);": BpfMap("m", "lpm_trie", 8, 1, 7, 1, pinned=False),
    "__uint(type, BPF_MAP_TYPE_HASH); __type(key, same_prefix); __type(value, void *); __uint(max_entries, 1U << 31);"
    "__uint(pinning, LIBBPF_PIN_BY_NAME);": BpfMap("m", "hash", 8, 8, 2**31, 0, pinned=True),
    "__uint(type, BPF_MAP_TYPE_ARRAY); __uint(key_size, 4); __uint(value_size, 96); __uint(max_entries, 3);"
    "__uint(pinning, LIBBPF_PIN_NONE);": BpfMap("m", "array", 4, 96, 3, 0, pinned=False),
    "__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __type(key, int); __type(value, prefix[3][5]);": (
        BpfMap("m", "percpu_array", 4, 120, 0, 0, pinned=False)
    ),
    "__uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096);": BpfMap("m", "ringbuf", 0, 0, 4096, 0, False),
    "__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS); __type(key, enum xdp_action); __uint(max_entries, 2);"
    "__array(values, struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, int); __type(value, int); });": (
        BpfMap("m", "hash_of_maps", 4, 4, 2, 0, pinned=False)
    ),
}


@pytest.mark.tool("clang")
@pytest.mark.parametrize("target", ["bpfel", "bpfeb"])
@pytest.mark.parametrize("definition", MAPS, ids=range(len(MAPS)))
def test_maps_as_bpf_helpers_defines_them(tmp_path: Path, definition: str, target: str) -> None:
    text = f'struct {{ {definition} }} m SEC(".maps");\n' + 'SEC("xdp") ' + PASS.format(name="pass")
    found = read_object(compiled(tmp_path, text, target=target))
    assert found.maps == (MAPS[definition],)
    assert found.endian == ("little" if target == "bpfel" else "big")
    assert found.programs == (BpfProgram("pass", "xdp", 2),)


@pytest.mark.tool("clang")
def test_what_is_compiled_without_debug_information(tmp_path: Path) -> None:
    text = 'SEC("xdp") ' + PASS.format(name="pass")
    assert read_object(compiled(tmp_path, text, "-g0")) == described(BpfProgram("pass", "xdp", 2), btf=False)
    legacy = 'struct { __u32 n[5]; } m SEC("maps") = {{ 11, 8, 1, 7, 1 }};\n' + text
    found = read_object(compiled(tmp_path, legacy, "-g0"))
    assert (found.maps, found.legacy_maps) == ((BpfMap("m", "lpm_trie", 8, 1, 7, 1, pinned=False),), True)
    modern = 'struct { __uint(type, BPF_MAP_TYPE_ARRAY); } m SEC(".maps");\n' + text
    with pytest.raises(BpfObjectError, match="compiled without `-g`"):
        read_object(compiled(tmp_path, modern, "-g0"))


@pytest.mark.tool("clang")
def test_a_static_program_and_an_object_for_this_machine(tmp_path: Path) -> None:
    static = 'static __attribute__((used)) SEC("xdp") ' + PASS.format(name="pass")
    with pytest.raises(BpfObjectError, match=r"^program `pass` in section `xdp` is static"):
        read_object(compiled(tmp_path, static))
    with pytest.raises(BpfObjectError, match=r"^an ELF file for X86_64, not for BPF$"):
        read_object(compiled(tmp_path, "int x;", target="x86_64-linux-gnu"))


OBJECTS = [*sorted(XDP.glob("*.o")), *INSTALLED]


@pytest.mark.tool("readelf")
@pytest.mark.parametrize("path", OBJECTS, ids=lambda path: path.stem)
def test_programs_are_those_of_readelf(path: Path) -> None:
    def said(option: str) -> list[str]:
        command = ["readelf", "--wide", option, str(path)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()

    row = re.compile(r" *\[ *(\d+)\] (\S+) +PROGBITS .* AX ")
    sections = {found[1]: found[2] for line in said("--section-headers") if (found := row.match(line))}
    expected = {
        (name, sections[index], int(size, 0) // 8)
        for _, _, size, kind, binding, _, index, name in (
            line.split() for line in said("--symbols") if " FUNC " in line
        )
        if binding in ("GLOBAL", "WEAK") and sections.get(index, ".text") != ".text"
    }
    found = read_object(path.read_bytes())
    assert {(program.name, program.section, program.instructions) for program in found.programs} == expected


@pytest.mark.tool("bpftool")
@pytest.mark.parametrize("path", OBJECTS, ids=lambda path: path.stem)
def test_maps_are_those_of_bpftool(path: Path) -> None:
    command = ["bpftool", "--json", "btf", "dump", "file", str(path)]
    said = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)["types"]
    types = {kind["id"]: kind for kind in said}

    def size(number: int) -> int:
        kind = types[number]
        if kind["kind"] == "ARRAY":
            return int(kind["nr_elems"]) * size(kind["type_id"])
        return int(kind["size"]) if "size" in kind else size(kind["type_id"])

    expected = {}
    for variable in (v for kind in said if kind["name"] == ".maps" for v in kind["vars"]):
        name = types[variable["type_id"]]["name"]
        fields = types[types[variable["type_id"]]["type_id"]]["members"]
        expected[name] = {field["name"]: types[types[field["type_id"]]["type_id"]] for field in fields}
    found = {made.name: made for made in read_object(path.read_bytes()).maps}
    assert found.keys() == expected.keys()
    for name, fields in expected.items():
        made = found[name]
        if "key" in fields:
            assert made.key_size == size(fields["key"]["id"])
            assert made.value_size == size(fields["value"]["id"])
        assert made.max_entries == fields["max_entries"]["nr_elems"]
        assert made.flags == fields.get("map_flags", {}).get("nr_elems", 0)
        assert made.pinned == (fields.get("pinning", {}).get("nr_elems", 0) == 1)

"""Hostile text in every place that takes a word or a string: refused with a code, or no more than a comment.

The places come from the table of statements, so a new statement is tried without a line here.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from netc.language.statements import BLOCKS
from running import EVERYDAY, IN_CI, Done, netc, tree

COMMAND = "$(touch /tmp/netc-owned)"
WORDS = (
    "$(id)",
    "`id`",
    "a%n%i",
    "a\\",
    "\\",
    "'a'",
    "a]]>",
    "a|b&c",
    "../../etc/passwd",
    "-rf",
    "*",
    "~",
    "$HOME",
    "a\u2028b",
    "a\u202eb",
    "ä",
    "\ufeff",
    "x" * 10_000,
    "9" * 5000,
)
"""Each is one word: no blank, quote or brace."""

STRINGS = (
    COMMAND,
    "`touch /tmp/netc-owned`",
    "%n %i ${HOME} $HOME $$",
    "; touch /tmp/netc-owned #",
    "' \" ; ' \"",
    "ends in \\",
    "RUN+=\"/bin/sh\", OPTIONS='x'",
    "]]> <script> {{ 7 * 7 }} {% raw %}",
    "\u202egnirts siht daer",
    "a\ufeffb\u200bc\u00ad",
    "[Service] ExecStart=/bin/sh",
    "GRUB_CMDLINE_LINUX=x",
    "long " * 2000,
    "x" * 10_000,
    "",
)
REFUSED = ("\u2028", "\u2029", "\u0085", "\x00", "\x1b[31m", "\t", "\r", "\x7f")
"""What no string may hold, as it is not printable or ends a line somewhere."""


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


TOKEN = re.compile(r'"[^"]*"|[{};]|[^\s{};"]+')


@cache
def within(block: str) -> str:
    """A host with `@` in a block of this kind."""
    if block == "host":
        return "{ system { distribution debian 12 }; @ }"
    for parent, signatures in BLOCKS.items():
        for signature in signatures:
            if signature.block == block:
                head = signature.word
                if signature.form is not None:
                    head += f" {TOKEN.findall(signature.example)[1]}"
                return within(parent).replace("@", f"{head} {{ @ }}")
    raise AssertionError(block)


@dataclass(frozen=True)
class Place:
    """A word of a statement, with the statement around it: `@` is where the text goes."""

    block: str
    statement: str
    string: bool

    def with_text(self, text: str) -> str:
        """A body of a host with the text in this place."""
        return within(self.block).replace("@", self.statement.replace("@", text))

    def __str__(self) -> str:
        return f"{self.block}: {self.statement}"


@cache
def places() -> tuple[Place, ...]:
    found = []
    for block, signatures in BLOCKS.items():
        for signature in signatures:
            tokens = TOKEN.findall(signature.example)
            end = tokens.index("{") if "{" in tokens else len(tokens)
            for number in range(end):
                statement = " ".join([*tokens[:number], "@", *tokens[number + 1 :]])
                found.append(Place(block, statement, tokens[number].startswith('"')))
    return tuple(dict.fromkeys(found))


def tried(text: str) -> tuple[Place, ...]:
    """Where a text is tried: in CI everywhere, in the everyday run in a fourth of all places, each text elsewhere."""
    return places() if IN_CI else places()[len(text) % EVERYDAY :: EVERYDAY]


def accepted(texts: dict[Place, str]) -> list[Place]:
    """The places in which the text is no error; each has a host and a line of its own."""
    lines = [f"host h{number} {place.with_text(text)}" for number, (place, text) in enumerate(texts.items())]
    done = netc("check", "-", "--diagnostics", "json", given="\n".join(lines).encode())
    wrong = {line for d in done.diagnostics if d["severity"] == "error" for line in _lines(d)}
    assert all(re.fullmatch(r"N\d{4}", code) for code in done.codes)
    return [place for number, place in enumerate(texts, 1) if number not in wrong]


def _lines(diagnostic: dict[str, object]) -> list[object]:
    labels = diagnostic["labels"]
    assert isinstance(labels, list)
    return [diagnostic["line"], *(label["line"] for label in labels)]


def compiled(body: str, folder: Path, name: str = "x.net") -> tuple[Done, dict[str, str]]:
    """A run with one host, and what it wrote."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(f"host h {body}\n")
    done = netc("compile", folder / name, "-o", folder / "out", "--diagnostics", "json")
    return done, tree(folder / "out/h") if (folder / "out/h").exists() else {}


def bare(files: dict[str, str]) -> dict[str, list[str]]:
    """The files without comments, and without those that repeat reasons and digests."""
    return {
        name: [_told(name, line) for line in text.split("\n")[0:] if not line.lstrip("0123456789 ").startswith("#")]
        for name, text in files.items()
        if name not in ("plan.json", "manifest.json")
    }


def _told(name: str, line: str) -> str:
    """A line without what repeats reasons: digests of files, and words of the boot check that say who asked."""
    if name.endswith("/etc/netc/files"):
        return line.rpartition(" ")[2]
    if name.endswith("/etc/netc/verify"):
        return " ".join(word for word in shlex.split(line) if not word.startswith(" ("))
    return line


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_there_is_a_place_for_every_argument() -> None:
    assert len(places()) > 250
    assert sum(place.string for place in places()) >= 8


@pytest.mark.parametrize("word", WORDS, ids=ascii)
def test_a_hostile_word_is_refused_or_a_comment(word: str, tmp_path: Path) -> None:
    word = word[:300] if len(word) > 6000 else word  # a line holds 65536 characters, the file one line for each
    for number, place in enumerate(accepted(dict.fromkeys(tried(word), word))):
        harmless_as(place, word, "harmless", tmp_path / str(number))


@pytest.mark.parametrize("text", STRINGS, ids=lambda text: ascii(text)[:30])
def test_a_hostile_string_is_refused_or_a_comment(text: str, tmp_path: Path) -> None:
    texts = {place: quoted(text) for place in tried(text)}
    for number, place in enumerate(accepted(texts)):
        harmless_as(place, quoted(text), quoted("harmless"), tmp_path / str(number))


@pytest.mark.parametrize("text", REFUSED, ids=ascii)
def test_no_string_holds_control_characters(text: str) -> None:
    assert accepted(dict.fromkeys(tried(text), f'"a{text}b"')) == []


@pytest.mark.parametrize("escape", ["\\n", "\\x0a", "\\u000a", "\\012", "\\$", "\\`", "\\r\\n", "\\0"])
def test_no_escape_makes_a_control_character(escape: str) -> None:
    assert accepted(dict.fromkeys(tried(escape), f'"a{escape}b"')) == []


def harmless_as(place: Place, hostile: str, harmless: str, folder: Path) -> None:
    """What is written with a hostile text is what is written with a harmless one, its comments apart."""
    done, files = compiled(place.with_text(hostile), folder / "one")
    if done.status != 0:
        assert done.status == 1, place
        assert done.codes, place
        assert not files, place
        return
    other, plain = compiled(place.with_text(harmless), folder / "other")
    read_by_their_readers(folder / "one/out/h")
    if other.status == 0:
        assert list(files) == list(plain), place
        assert bare(files) == bare(plain) or _differ_in_the_value(bare(files), bare(plain), place), place


def _differ_in_the_value(one: dict[str, list[str]], other: dict[str, list[str]], place: Place) -> bool:
    """A value that the user sets, or a driver to match, is meant to reach its file; then nothing else differs."""
    assert place.statement.startswith(("set ", "kernel-argument ", "driver ")), place
    differing = {name for name in one if one[name] != other[name]}
    return all(len(one[name]) == len(other[name]) for name in differing)


def test_hostile_text_everywhere_at_once(tmp_path: Path) -> None:
    """Every place that takes free text holds some, in a host that has every kind of file."""
    nasty = STRINGS[0] + STRINGS[4] + STRINGS[3] + STRINGS[5]
    done, files = compiled(FULL.replace("@", quoted(nasty)), tmp_path / "one")
    other, plain = compiled(FULL.replace("@", quoted("harmless")), tmp_path / "other")
    assert (done.status, other.status) == (0, 0), done.err
    assert bare(files) == bare(plain)
    for kind in KINDS:
        assert any(re.search(kind, name) for name in files), kind
    read_by_their_readers(tmp_path / "one/out/h")
    assert not Path("/tmp/netc-owned").exists()


FULL = """{
    system { distribution debian 12; memory 64GiB }
    cpu { sockets 1; cores 8; threads 1 }
    nic front {
        match pci 0000:18:00.0
        driver i40e
        vectors 8
        queues 4
        mtu 9000
        offload { ntuple on; lro off }
    }
    nic back { match { pci 0000:18:00.1; port 1 }; rename keep; driver virtio_net; rings { rx 1024 } }
    goal firewall { connections 2M; connection-rate 100k/s; neighbours 4000 }
    goal proxy { connections 2M; congestion bbr }
    set kernel.panic = 10 because @
    kernel-argument "panic=10" because @
}"""
KINDS = (
    r"sysctl\.d/.*forwarding\.conf$",
    r"sysctl\.d/.*netc\.conf$",
    r"modprobe\.d/",
    r"modules-load\.d/",
    r"\.link$",
    r"udev/rules\.d/79-",
    r"udev/rules\.d/90-netc-nic",
    r"udev/rules\.d/90-netc-sysctl",
    r"etc/netc/nic/",
    r"\.service$",
    r"system\.conf\.d/",
    r"grub\.d/",
    r"kernel-command-line",
    r"after-copy",
)


OBJECT = Path(__file__).parents[1] / "examples" / "xdp" / "prefix_drop.o"


@pytest.mark.parametrize("name", ["$(touch owned).o", "a b;c.o", "%n'`id`.o", "..o", "-", "\u202e.o", "x" * 200])
def test_an_object_may_have_any_name(name: str, tmp_path: Path) -> None:
    """Its file on the host has a name of netc's own making."""
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / name).write_bytes(OBJECT.read_bytes())
    body = "{ system { distribution debian 12 }\n nic front { match pci 0000:18:00.0; driver ice; xdp %s { } } }"
    done, files = compiled(body % quoted(name), tmp_path / "one")
    if done.status:
        assert done.codes, "a text with control characters is none of the language"
        return
    (made,) = [path for path in files if path.endswith(".o")]
    assert re.fullmatch(r".*/etc/netc/xdp/[A-Za-z0-9_-]{1,40}-[0-9a-f]{12}\.o", made)
    scripts = [text for path, text in files.items() if path.endswith("/etc/netc/xdp/front")]
    assert len(scripts) == 1
    lines = [line for line in scripts[0].splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9_./ ,:{}$%*\"-]+", line) for line in lines[1:]), lines


@pytest.mark.parametrize(
    "name", ["$(touch owned).net", "a\nnet.evil = 1.net", "a\\", "x\u2028y\u0085z", '"; id #', "%n"]
)
def test_a_file_may_have_any_name(name: str, tmp_path: Path) -> None:
    done, files = compiled(FULL.replace("@", '"x"'), tmp_path / "one", name)
    _, plain = compiled(FULL.replace("@", '"x"'), tmp_path / "other")
    assert done.status == 0
    assert bare(files) == bare(plain)
    read_by_their_readers(tmp_path / "one/out/h")


@pytest.mark.parametrize("statement", ['include "-"\nhost h {', 'host h { hardware "-";', 'hosts from "-" {'])
def test_a_file_that_is_named_as_standard_input_is_a_file(
    statement: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("fleet.net").write_text(f"{statement} system {{ distribution debian 12 }} }}")
    done = netc("check", "fleet.net", "--diagnostics", "json", given=b"host: of-standard-input")
    assert "cannot read `./-`: no such file" in [found["message"] for found in done.diagnostics]


@pytest.mark.parametrize("text", [*WORDS[:-2], *STRINGS, "a b", "a,b", "a=b"], ids=lambda text: ascii(text)[:30])
def test_names_of_files_profiles_and_hosts(text: str) -> None:
    for word in (text, quoted(text)):
        lines = (
            f"include {word}",
            f"profile {word} {{ }}",
            f"host {word} {{ system {{ distribution debian 12 }} }}",
            f"host a : {word} {{ system {{ distribution debian 12 }} }}",
            f"hosts from {word}",
            f"host a {{ hardware {word} }}",
            f"x {word}",
        )
        for line in lines:
            done = netc("compile", "-", "-o", "o", "--diagnostics", "json", given=f"{line}\n".encode())
            assert done.status in ((0, 1) if line.startswith("profile") or not word else (1,)), line
            assert done.codes or not word, line
    assert not Path("o").exists()


# Facts of a machine: somebody else's text altogether.

FACTS = {
    "host": "h",
    "architecture": "x86-64",
    "cpu_vendor": "intel",
    "kernel": "6.1",
    "tick": 250,
    "systemd": 252,
    "distribution": "debian 12",
    "possible": "0-1",
    "cpus": [
        {"id": i, "node": 0, "socket": 0, "core": i, "siblings": str(i), "l3": "0-1", "online": True} for i in (0, 1)
    ],
    "nodes": [{"id": 0, "memory": "8GiB"}],
    "nics": [
        {
            "name": "eth0",
            "role": "front",
            "driver": "ice",
            "pci": "0000:18:00.0",
            "mac": "3c:fd:fe:9e:7a:10",
            "node": 0,
            "speed": "10Gbps",
            "channels": 8,
            "rings": {"rx": 4096, "tx": 4096},
            "rss_table": 512,
            "interrupts": [{"number": 40, "name": "ice-eth0-TxRx-0"}],
            "iommu_group": 3,
            "management": False,
        }
    ],
}


def fields(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(value, dict):
        return [each for key, inner in value.items() for each in fields(inner, (*path, key))]
    if isinstance(value, list):
        return fields(value[0], (*path, 0))
    return [path]


@pytest.mark.parametrize("path", fields(FACTS), ids=lambda path: "-".join(map(str, path)))
def test_hostile_facts_are_refused_or_comments(path: tuple[str | int, ...], tmp_path: Path) -> None:
    body = '{ hardware "f.yaml"; nic front { queues 1 }; goal web-server { throughput 1Gbps; connection-rate 100k/s } }'
    plain: dict[str, list[str]] = {}
    hostile = (
        "harmless",
        COMMAND,
        "a\nnet.evil = 1",
        "a\\",
        "%n",
        "\u2028x",
        "\x1b[31m",
        "../x",
        "x" * 10_000,
        -1,
        1 << 70,
    )
    for number, text in enumerate(hostile):
        facts = json.loads(json.dumps(FACTS))
        place = facts
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = text
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "f.yaml").write_text(json.dumps(facts))
        done, files = compiled(body, folder)
        assert done.status in (0, 1)
        assert bool(files) is (done.status == 0)
        assert done.status == 0 or done.codes
        if files:
            read_by_their_readers(folder / "out/h")
            plain = plain or bare(files)
            assert bare(files) == plain


# Readers of artifacts, none of them netc's.

SYSCTL = re.compile(r"[a-z0-9_./*-]+ = [A-Za-z0-9_.,:/+@%= -]+")
DIRECTIVES = {
    "service": {
        *("Description", "DefaultDependencies", "BindsTo", "After", "Wants", "Before", "Conflicts"),
        *("Type", "RemainAfterExit", "ExecStart", "TimeoutStartSec", "StartLimitIntervalSec"),
        *("Restart", "RestartSec", "RuntimeDirectory", "RuntimeDirectoryPreserve", "NoNewPrivileges"),
        *("CapabilityBoundingSet", "Environment", "SyslogIdentifier"),
    },
    "link": {
        *("Path", "PermanentMACAddress", "MACAddress", "Driver", "Property", "OriginalName"),
        *("Name", "NamePolicy", "AlternativeNamesPolicy", "MACAddressPolicy", "MTUBytes", "CombinedChannels"),
        *("RxBufferSize", "TxBufferSize", "NTupleFilter", "LargeReceiveOffload", "GenericReceiveOffload"),
    },
    "conf": {"DefaultLimitNOFILE"},
}


def read_by_their_readers(host: Path) -> None:
    """Every artifact of a host, each read as its program reads it."""
    json.loads((host / "plan.json").read_text())
    json.loads((host / "manifest.json").read_text())
    for path in sorted(host.rglob("*")):
        name = path.relative_to(host).as_posix()
        if path.is_symlink() or not path.is_file() or name.endswith(".json"):
            continue
        text = path.read_text()
        assert all(line.isprintable() for line in text.split("\n")), name
        lines = [line for line in text.split("\n") if line and not line.startswith("#")]
        assert not any(line.endswith("\\") for line in text.split("\n")), name
        if "/sysctl.d/" in name:
            assert all(SYSCTL.fullmatch(line) for line in lines), name
        elif "/modprobe.d/" in name:
            assert all(re.fullmatch(r"options [a-z0-9_]+ [a-z0-9_]+=[0-9]+", line) for line in lines), name
        elif "/modules-load.d/" in name:
            assert all(re.fullmatch(r"[a-z0-9_]+", line) for line in lines), name
        elif "/udev/" in name:
            read_udev_rules(lines)
        elif "/grub.d/" in name:
            assert sourced(path) == (host / "kernel-command-line").read_text().strip()
        elif path.suffix in (".service", ".link") or "system.conf.d" in name:
            read_unit(lines, DIRECTIVES[path.suffix[1:]])
        elif text.startswith("#!/bin/sh") or path.suffix == ".sh":
            assert checked_by_sh(text) == ""
            assert COMMAND not in " ".join(word for line in lines for word in line.split())


def read_unit(lines: list[str], keys: set[str]) -> None:
    for line in lines:
        if not re.fullmatch(r"\[(Match|Link|Unit|Service|Manager)\]", line):
            assert line.partition("=")[0] in keys, line
            assert "%" not in line, line


def read_udev_rules(lines: list[str]) -> None:
    """Each line is a list of `KEY op "value"` with commas between."""
    part = r'[A-Z]+(?:\{[A-Za-z_]+\})?(?:==|!=|\+=|=)"[^"\\]*"'
    for line in lines:
        assert re.fullmatch(rf"{part}(?:, {part})*", line), line
        assert "`" not in line


@cache
def checked_by_sh(text: str) -> str:
    """What the shell says of a script that it does not run."""
    said = subprocess.run(["sh", "-n"], input=text, capture_output=True, text=True, check=False).stderr
    for line in text.splitlines():
        if line.startswith(("want ", "named ", "must_be_there ", "known_to_udev_as ", "may_be_absent ")):
            assert all(re.fullmatch(r"[A-Za-z0-9_-]+", word) for word in shlex.split(line)), line
    return said


def sourced(path: Path) -> str:
    """What sourcing a file adds to GRUB's arguments, in a shell that finds no program."""
    done = subprocess.run(
        ["/bin/sh", "-euc", '. "$1"; printf "%s" "$GRUB_CMDLINE_LINUX"', "sh", str(path)],
        env={"PATH": "", "GRUB_CMDLINE_LINUX": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()

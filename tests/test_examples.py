"""Every example compiles, and `out/` holds what the compiler makes of them now.

NETC_UPDATE=1 writes `out/` anew; read the difference before committing it.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from netc.cli import main
from netc.diagnostics import Report
from netc.source import Source

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
OUT = ROOT / "out"
NAMES = sorted(path.name for path in EXAMPLES.glob("*.net"))
ALL = sorted(path.relative_to(EXAMPLES).as_posix() for path in EXAMPLES.rglob("*.net"))

COMMITTED = {
    "firewall.net": ["fw-01.example.net"],
    # The rest of the fleet is alike but for names; its database servers are under test_plan_snapshots.
    "fleet.net": ["cache-001.fra.example.net", "cache-001.ams.example.net"],
    "generator.net": ["gen-01.example.net"],
    "lb.net": ["lb-01.fra.example.net", "lb-02.fra.example.net"],
    "scrubber.net": ["scrub-01.example.net"],
    "trading.net": ["trade-01.example.net"],
    "transfer.net": ["dtn-01.example.net"],
    "upf.net": ["upf-01.example.net"],
    "vm.net": ["app-01.example.net"],
    "web.net": ["web-01.example.net"],
}
"""The hosts of each example whose files are committed."""

HOSTS = [(file, host) for file, hosts in COMMITTED.items() for host in hosts]

Tree = dict[str, tuple[str, bool]]


def tree(folder: Path) -> Tree:
    """Every file and link below a folder: its content or target, and whether it may be run, as git keeps it."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = (f"-> {path.readlink()}", False)
        elif path.is_file():
            found[name] = (path.read_bytes().decode("utf-8", "surrogateescape"), bool(path.stat().st_mode & 0o100))
    return found


def test_the_list_of_examples_is_whole() -> None:
    assert sorted(COMMITTED) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_example_compiles(name: str, tmp_path: Path) -> None:
    assert main(["compile", str(EXAMPLES / name), "-o", str(tmp_path / "out")]) == 0
    assert {host.name for host in (tmp_path / "out").iterdir()} >= set(COMMITTED[name])


@pytest.mark.parametrize(("name", "host"), HOSTS, ids=[host for _, host in HOSTS])
def test_out_is_current(name: str, host: str, tmp_path: Path) -> None:
    assert main(["compile", str(EXAMPLES / name), "--host", host, "-o", str(tmp_path)]) == 0
    if os.environ.get("NETC_UPDATE"):
        shutil.rmtree(OUT / host, ignore_errors=True)
        shutil.copytree(tmp_path / host, OUT / host, symlinks=True)
    made, committed = tree(tmp_path / host), tree(OUT / host)
    assert sorted(committed) == sorted(made)
    for path, wanted in made.items():
        assert committed[path] == wanted, path


def test_out_holds_nothing_else() -> None:
    assert sorted(path.name for path in OUT.iterdir()) == sorted(host for _, host in HOSTS)


@pytest.mark.parametrize("name", ALL)
def test_example_is_commented(name: str) -> None:
    assert (EXAMPLES / name).read_text(encoding="utf-8").startswith("# ")


@pytest.mark.parametrize("name", ALL)
def test_example_is_formatted(name: str) -> None:
    from netc.formatting import format_source

    text = (EXAMPLES / name).read_text(encoding="utf-8")
    assert format_source(Source(name, text), Report()) == text

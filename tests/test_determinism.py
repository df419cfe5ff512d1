"""Same input, same bytes: whatever the interpreter, the folder, the order of hosts or the layout of the source."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from running import netc, netc_process, often, other_pythons, tree

EXAMPLES = Path(__file__).parents[1] / "examples"
NAMES = sorted(path.name for path in EXAMPLES.glob("*.net"))


def compiled(*files: str, cwd: Path, **options: str) -> dict[str, str]:
    done = netc_process("compile", *files, "-o", str(cwd / "out"), cwd=cwd, **options)
    assert done.status == 0, done.err
    return tree(cwd / "out")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLES, tmp_path / "in"))


@pytest.mark.parametrize("seed", ["0", "4242"])
def test_the_order_of_hashes_changes_nothing(seed: str, folder: Path, tmp_path: Path) -> None:
    first = compiled("firewall.net", "lb.net", "web.net", cwd=folder)
    shutil.copytree(EXAMPLES, tmp_path / "again")
    assert compiled("firewall.net", "lb.net", "web.net", cwd=tmp_path / "again", PYTHONHASHSEED=seed) == first


def test_other_versions_of_python_change_nothing(folder: Path, tmp_path: Path) -> None:
    pythons = other_pythons()
    if not pythons:
        pytest.skip("netc is installed for one version of Python only")
    first = compiled("firewall.net", "lb.net", "transfer.net", cwd=folder)
    for number, python in enumerate(pythons):
        again = Path(shutil.copytree(EXAMPLES, tmp_path / str(number)))
        assert compiled("firewall.net", "lb.net", "transfer.net", cwd=again, python=python) == first


def test_the_folder_in_which_netc_runs_changes_no_name_of_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("beside", "within"):
        (tmp_path / folder).mkdir()
    shutil.copy(EXAMPLES / "lb.net", tmp_path)
    shutil.copy(EXAMPLES / "web.net", tmp_path / "within")
    for folder in ("beside", "within"):
        monkeypatch.chdir(tmp_path / folder)
        files = ("../lb.net", tmp_path / "within" / "web.net")
        assert netc("compile", *files, "-o", tmp_path / f"out-{folder}").status == 0
    assert tree(tmp_path / "out-beside") == tree(tmp_path / "out-within")


@pytest.mark.parametrize("name", [name for name in NAMES if name != "fleet.net"])
def test_locale_zone_and_folder_change_nothing(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(EXAMPLES)
    assert netc("compile", name, "-o", tmp_path / "one").status == 0
    monkeypatch.chdir(tmp_path)
    for variable, value in (("LC_ALL", "tr_TR.UTF-8"), ("TZ", "Asia/Kathmandu"), ("HOME", "/nowhere"), ("USER", "x")):
        monkeypatch.setenv(variable, value)
    Path("deep/er").mkdir(parents=True)
    monkeypatch.chdir("deep/er")
    assert netc("compile", EXAMPLES / name, "-o", "other").status == 0
    assert tree(tmp_path / "one") == tree(Path("other"))


@pytest.mark.parametrize("name", NAMES)
def test_no_artifact_tells_of_this_machine(name: str, tmp_path: Path) -> None:
    assert netc("compile", EXAMPLES / name, "-o", tmp_path / "o").status == 0
    strange = [
        re.escape(str(EXAMPLES)),
        re.escape(str(tmp_path)),
        re.escape(str(Path.home())) + r"\b",
        r"/tmp/",
        r"/home/",
    ]
    strange += [r"\b20\d\d-\d\d-\d\d\b", r"\b\d\d:\d\d:\d\d\b", rf"\b{re.escape(os.uname().release)}\b"]
    if len(os.uname().nodename) > 4:
        strange.append(rf"\b{re.escape(os.uname().nodename)}\b")
    addresses = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}|[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.\d")
    anything = re.compile("|".join(strange))
    # Hosts of a fleet have most lines in common; each is looked at once.
    lines = {line: path for path, text in tree(tmp_path / "o").items() for line in text.splitlines()}
    assert [(path, line) for line, path in lines.items() if anything.search(addresses.sub("", line))] == []


def blocks(text: str) -> list[str]:
    """The statements of a file: from a line without indentation to the next one that is no `}`."""
    return re.findall(r"^[a-z][^\n]*\n(?:(?:[ }#][^\n]*)?\n)*", text, re.MULTILINE)


SOURCE = """\
profile base {
    system { distribution debian 12; memory 64GiB }
    nic front { match path pci-0000:18:00.0; driver ice; speed 25Gbps }
}
profile proxy : base {
    goal proxy { connections 200k; connection-rate 30k/s; outbound-rate 3k/s }
    goal web-server { throughput 5Gbps; packets 1Mpps; flow 1Gbps; rtt 30ms }
    set vm.swappiness = 10 because "policy"
    set net.core.somaxconn = 16384 because "policy"
}
host a-[1..3] : proxy {
    cpu { sockets 1; cores 8; threads 2 }
}
host b : base, proxy { kernel-argument "panic=10" because "policy" }
host c : base {
}
"""


def written(text: str, folder: Path) -> dict[str, str]:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "x.net").write_text(text)
    done = netc("compile", folder / "x.net", "-o", folder / "out")
    assert done.status == 0, done.err
    return tree(folder / "out")


@given(st.permutations(blocks(SOURCE)), st.randoms(use_true_random=False))
@settings(max_examples=often(10), deadline=None)
def test_moved_lines_and_comments_change_nothing(
    tmp_path_factory: pytest.TempPathFactory, order: list[str], random: object
) -> None:
    from random import Random

    assert isinstance(random, Random)
    folder = tmp_path_factory.getbasetemp() / "moved"
    text = ""
    for line in "".join(order).splitlines():
        text += random.choice(["", "", "\n", '# a comment { " }\n', "   \t \n", "# ü\n\n"])
        text += line + random.choice(["", "", "   ", " # because"]) + "\n"
    assert written(text, folder) == first_written(tmp_path_factory)


def first_written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.getbasetemp() / "first"
    return tree(folder / "out") if folder.exists() else written(SOURCE, folder)


def test_layout_of_statements_changes_nothing(tmp_path: Path) -> None:
    tight = re.sub(r"\n\s*", "\n", SOURCE)
    loose = re.sub(r"(?<=[{;]) ", "\n        ", SOURCE).replace(" }", "\n    }")
    first = written(SOURCE, tmp_path / "x")
    assert written(tight, tmp_path / "x") == first
    assert written(loose.replace(";", ""), tmp_path / "x") == first


def test_another_host_in_the_run_changes_no_file_of_a_host(tmp_path: Path) -> None:
    alone = written(SOURCE, tmp_path / "x")
    more = written(SOURCE + "host z { system { distribution rhel 9 } }\n", tmp_path / "x")
    assert {path: text for path, text in more.items() if not path.startswith("z")} == alone

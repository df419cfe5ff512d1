"""What may be compared with what: files, folders, compiled trees, plans, standard input, git revisions."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from running import netc, netc_process

if TYPE_CHECKING:
    from pathlib import Path

HOST = 'host {name} {{\n    system {{ distribution debian 12 }}\n    kernel-argument "panic={value}" because "x"\n}}\n'


def write(path: Path, value: int, name: str = "edge-1") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HOST.format(name=name, value=value), encoding="utf-8")
    return path


def odd_one(folder: Path) -> Path:
    """The same host with a setting that netc does not know, which is a warning."""
    path = write(folder / "odd.net", 10)
    text = path.read_text(encoding="utf-8").removesuffix("}\n")
    path.write_text(f'{text}    set net.nonsense.x = 1 because "y"\n}}\n', encoding="utf-8")
    return path


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A compiled tree of one host, beside the file that it was compiled from."""
    write(tmp_path / "a.net", 10)
    assert netc("compile", tmp_path / "a.net", "-o", tmp_path / "out").status == 0
    return tmp_path / "out"


def test_every_kind_of_side_against_every_other(tree: Path) -> None:
    """They are states of one host, so nothing differs; and one value differs from all of them."""
    same = [tree, tree / "edge-1", tree / "edge-1" / "plan.json", tree.parent / "a.net", tree.parent]
    other = write(tree.parent / "other" / "a.net", 20)
    for one in same:
        for two in same:
            done = netc("diff", one, two)
            assert done.status == 0, (one, two, done.out, done.err)
        done = netc("diff", one, other)
        assert done.status == 4
        assert "panic" in done.out and "10 → 20" in done.out
        assert "files: 4 changed" in done.out


@pytest.mark.parametrize("name", ["a.net", "out/edge-1/plan.json"])
def test_standard_input_is_a_file_or_a_plan(name: str, tree: Path) -> None:
    given = (tree.parent / name).read_bytes()
    assert netc("diff", "-", tree.parent / "a.net", given=given).status == 0
    assert netc("diff", tree.parent / "a.net", "-", given=given).status == 0
    assert netc("diff", "-", "-", given=given).status == 2


def test_a_file_by_another_name_differs_in_nothing(tmp_path: Path) -> None:
    one, two = write(tmp_path / "a.net", 10), write(tmp_path / "b.net", 10)
    assert netc("diff", one, two).status == 0


def test_hosts_that_come_and_go(tmp_path: Path) -> None:
    one, two = write(tmp_path / "a.net", 1, "a-[1..3]"), write(tmp_path / "b.net", 1, "a-[2..5]")
    done = netc("diff", one, two)
    assert done.status == 4
    assert "+ a-[4..5] (2 hosts, 1 setting each) added" in done.out
    assert "- a-1 (1 host, 1 setting) removed" in done.out
    assert netc("diff", one, two, "--host", "a-2").status == 0
    assert netc("diff", one, two, "--host", "b*").status == 2


def test_order_of_hosts_is_no_difference(tmp_path: Path) -> None:
    texts = [HOST.format(name=name, value=1) for name in ("b", "a", "c")]
    (tmp_path / "a.net").write_text("".join(texts), encoding="utf-8")
    (tmp_path / "b.net").write_text("".join(reversed(texts)), encoding="utf-8")
    assert netc("diff", tmp_path / "a.net", tmp_path / "b.net").status == 0


def test_a_changed_tree_is_told_and_compared_as_it_lies(tree: Path) -> None:
    (tree / "edge-1" / "kernel-command-line").write_text("panic=10 quiet\n", encoding="utf-8")
    (tree / "edge-1" / "note").write_text("mine\n", encoding="utf-8")
    (tree / "edge-1" / "after-copy").unlink()
    done = netc("diff", tree, tree.parent / "a.net", "--diagnostics", "json", "--files")
    assert done.status == 4
    assert done.codes == ["N1102", "N1102", "N1102"]
    assert "no setting differs, only files" in done.out
    assert "-panic=10 quiet" in done.out
    assert "files: 1 changed, 1 added, 1 removed" in done.out


def test_modes_that_git_does_not_keep_are_no_difference(tree: Path) -> None:
    (tree / "edge-1" / "kernel-command-line").chmod(0o664)
    assert netc("diff", tree, tree.parent / "a.net").status == 0


@pytest.mark.parametrize(
    "text, reason",
    [
        ("{", "not JSON"),
        ('{"format": 2}', "format 2"),
        ("{}", "format"),
        ("[" * 5000, "begins no statement"),
        ('{"a":' * 100_000, ""),
    ],
)
def test_a_damaged_plan_is_one_clear_error(text: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(text, encoding="utf-8")
    other = write(tmp_path / "a.net", 10)
    done = netc("diff", tmp_path / "plan.json", other)
    assert done.status in (1, 2)
    assert reason in done.err
    assert done.out == ""


def test_a_plan_whose_integers_have_a_fraction(tree: Path) -> None:
    """JSON knows no integers, and the schema takes `4096.0` for one."""
    plan = (tree / "edge-1/plan.json").read_text()
    for page, status in (("4096.0", 0), ("8.192e3", 4), ("1e308", 4)):
        (tree.parent / "other.json").write_text(plan.replace('"page": 4096', f'"page": {page}'))
        assert netc("diff", tree / "edge-1/plan.json", tree.parent / "other.json").status == status


def test_a_plan_that_nobody_can_carry_out_is_an_error(tree: Path) -> None:
    """What artifacts may not hold is refused when files are made of it, and told as a mistake of the plan."""
    path = tree / "edge-1" / "plan.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    data["settings"][0]["key"] = "panic=$(reboot)\n"
    (tree.parent / "bad.json").write_text(json.dumps(data), encoding="utf-8")
    done = netc("diff", tree.parent / "bad.json", tree.parent / "a.net", "--diagnostics", "json")
    assert done.status == 2
    assert done.codes == ["N1101"]


def test_errors_of_either_side_stop_it_and_old_warnings_are_silent(tmp_path: Path) -> None:
    good = write(tmp_path / "good.net", 10)
    bad = tmp_path / "bad.net"
    bad.write_text("host x { nonsense }\n", encoding="utf-8")
    for sides in ((bad, good), (good, bad)):
        done = netc("diff", *sides, "--diagnostics", "json")
        assert done.status == 1
        assert done.codes == ["N0103"]
    odd = odd_one(tmp_path)
    old = netc("diff", odd, good, "--strict", "--diagnostics", "json")
    assert (old.status, old.codes) == (4, [])
    assert netc("diff", good, odd, "--strict").status == 1


@pytest.mark.parametrize("form", ["github", "sarif"])
def test_annotations_of_the_new_side(form: str, tmp_path: Path) -> None:
    good = write(tmp_path / "good.net", 10)
    odd = odd_one(tmp_path)
    done = netc("diff", good, odd, "--diagnostics", form)
    assert done.status == 4
    if form == "github":
        assert done.err.startswith("::warning file=") and "odd.net" in done.err
    else:
        (result,) = json.loads(done.err)["runs"][0]["results"]
        assert result["level"] == "warning"


@pytest.mark.parametrize(
    "arguments",
    [["a.net"], ["a.net", "a.net", "a.net"], ["a.net", "nothing"], ["empty", "a.net"], ["-", "--against", "x"]],
)
def test_wrong_usage(arguments: list[str], tmp_path: Path) -> None:
    write(tmp_path / "a.net", 10)
    (tmp_path / "empty").mkdir()
    done = netc_process("diff", *arguments, cwd=tmp_path)
    assert done.status == 2
    assert done.err.startswith("netc: ")


def git(folder: Path, *arguments: str) -> None:
    names = ["-c", "user.name=any", "-c", "user.email=any@example.net", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *names, *arguments], check=True, capture_output=True, timeout=30)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A revision `main` with a fleet in a folder, an included file, facts and a link; then changes, not committed."""
    folder = tmp_path / "repository"
    (folder / "hosts" / "roles").mkdir(parents=True)
    (folder / "shared").mkdir()
    base = 'profile base { system { distribution debian 12 } kernel-argument "panic=10" because "x" }\n'.replace(
        "} k", "}; k"
    )
    (folder / "shared" / "base.net").write_text(base, encoding="utf-8")
    (folder / "hosts" / "roles" / "base.net").symlink_to("../../shared/base.net")
    (folder / "hosts" / "fleet.net").write_text('include "roles/base.net"\nhost a-[1..3] : base\n', encoding="utf-8")
    git(folder, "init", "-q", "-b", "main", ".")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    return folder


@pytest.mark.tool("git")
def test_a_revision_is_read_with_all_it_includes(repository: Path) -> None:
    done = netc_process("diff", "fleet.net", "--against", "main", cwd=repository / "hosts")
    assert done.status == 0, done.err
    base = repository / "shared" / "base.net"
    base.write_text(base.read_text(encoding="utf-8").replace("panic=10", "panic=30"), encoding="utf-8")
    status = subprocess.run(["git", "-C", repository, "status", "--porcelain"], capture_output=True, check=True).stdout
    for where, name in ((repository / "hosts", "fleet.net"), (repository, "hosts/fleet.net"), (repository, "hosts")):
        done = netc_process("diff", name, "--against", "main", cwd=where)
        assert done.status == 4, done.err
        assert "10 → 30" in done.out
        assert "a-[1..3] (3 hosts)" in done.out
        assert "reasons changed" not in done.out
    after = subprocess.run(["git", "-C", repository, "status", "--porcelain"], capture_output=True, check=True).stdout
    assert after == status


@pytest.mark.tool("git")
def test_a_file_that_is_new_has_new_hosts_only(repository: Path) -> None:
    write(repository / "hosts" / "new.net", 5, "b-1")
    done = netc_process("diff", "hosts/new.net", "--against", "main", cwd=repository)
    assert done.status == 4
    assert "+ b-1" in done.out
    (repository / "hosts" / "fleet.net").unlink()
    done = netc_process("diff", "hosts", "--against", "main", cwd=repository)
    assert "- a-[1..3]" in done.out and "+ b-1" in done.out


@pytest.mark.tool("git")
def test_errors_of_a_revision_name_it(repository: Path) -> None:
    (repository / "shared" / "base.net").write_text("nonsense\n", encoding="utf-8")
    git(repository, "commit", "-q", "-a", "-m", "broken")
    (repository / "shared" / "base.net").write_text("profile base { }\n", encoding="utf-8")
    done = netc_process("diff", "hosts/fleet.net", "--against", "HEAD", "--diagnostics", "json", cwd=repository)
    assert done.status == 1
    assert any(found["file"] == "HEAD:hosts/roles/base.net" for found in done.diagnostics)


@pytest.mark.tool("git")
@pytest.mark.parametrize("revision", ["nope", "", "--upload-pack=x", "main\nx", "main:hosts"])
def test_names_that_are_no_revision(revision: str, repository: Path) -> None:
    done = netc_process("diff", "hosts/fleet.net", f"--against={revision}", "--diagnostics", "json", cwd=repository)
    assert done.status == 2
    assert done.codes == ["N1103"]


@pytest.mark.tool("git")
def test_where_there_is_no_repository(tmp_path: Path) -> None:
    write(tmp_path / "a.net", 10)
    ceiling = {"GIT_CEILING_DIRECTORIES": str(tmp_path)}
    done = netc_process("diff", "a.net", "--against", "main", cwd=tmp_path, **ceiling)
    assert done.status == 2
    assert "not a git repository" in done.err


@pytest.mark.tool("git")
def test_a_hook_of_another_repository_does_not_mislead(repository: Path, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main", "other")
    elsewhere = {"GIT_DIR": str(tmp_path / "other" / ".git"), "GIT_INDEX_FILE": "x"}
    done = netc_process("diff", "hosts/fleet.net", "--against", "main", cwd=repository, **elsewhere)
    assert done.status == 0, done.err


@pytest.mark.tool("git")
def test_links_do_not_lead_out_of_a_revision(repository: Path, tmp_path: Path) -> None:
    write(tmp_path / "outside.net", 10, "out-1")
    (repository / "hosts" / "link.net").symlink_to("../../outside.net")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "link")
    done = netc_process("diff", "hosts/link.net", "--against", "HEAD", cwd=repository)
    assert "+ out-1" in done.out  # the revision has no such file, the work tree has


def test_git_may_be_missing(repository: Path) -> None:
    done = netc_process("diff", "hosts/fleet.net", "--against", "main", cwd=repository, PATH=os.devnull)
    assert done.status == 2
    assert "git is not installed" in done.err


def test_twins_of_a_tree_are_read_once(tmp_path: Path) -> None:
    """Plans of one range differ in the name alone; the second is not held against the schema again."""
    write(tmp_path / "a.net", 10, "a-[001..040]")
    netc("compile", tmp_path / "a.net", "-o", tmp_path / "out")
    shutil.copytree(tmp_path / "out", tmp_path / "before")
    write(tmp_path / "a.net", 20, "a-[001..040]")
    netc("compile", tmp_path / "a.net", "-o", tmp_path / "out")
    done = netc("diff", tmp_path / "before", tmp_path / "out")
    assert "a-[001..040] (40 hosts)" in done.out

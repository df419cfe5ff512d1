"""The command line: what each run answers, its exit status, and that a failed run leaves no trace."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from netc import cli
from netc.command_line import EXAMPLES
from running import netc, netc_process, tree

GOOD = """\
host web-[1..2] {
    system { distribution debian 12; memory 64GiB }
    nic uplink { match pci 0000:18:00.0; driver ice }
    goal web-server { connection-rate 100k/s }
}
"""
WARNED = GOOD.replace("driver ice", "driver nosuchdriver")
WRONG = GOOD.replace("debian 12", "debain 12")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in (("good.net", GOOD), ("warned.net", WARNED), ("wrong.net", WRONG)):
        Path(name).write_text(text)
    os.mkfifo("pipe")


# What succeeds.


def test_a_check_of_a_good_file_says_nothing() -> None:
    done = netc("check", "good.net")
    assert (done.status, done.out, done.err) == (0, "", "")


def test_compile_writes_a_folder_for_each_host() -> None:
    done = netc("compile", "good.net")
    assert (done.status, done.out, done.err) == (0, "", "")
    assert sorted(path.name for path in Path("out").iterdir()) == ["web-1", "web-2"]


def test_standard_input_is_a_file() -> None:
    assert netc("check", "-", given=GOOD.encode()).status == 0
    done = netc("compile", "-", "-o", "o", given=GOOD.encode())
    assert done.status == 0
    assert "standard input" in Path("o/web-1/manifest.json").read_text()


def test_a_file_named_twice_counts_once() -> None:
    assert netc("check", "good.net", "good.net").status == 0


@pytest.mark.parametrize("text", ["\ufeff" + GOOD, GOOD.replace("\n", "\r\n"), GOOD.removesuffix("\n"), GOOD + "\n\n#"])
def test_line_ends_and_byte_order_mark_change_nothing(text: str) -> None:
    Path("same.net").write_bytes(text.encode())
    netc("compile", "good.net", "-o", "one")
    assert netc("compile", "same.net", "-o", "other").status == 0
    one = {name: text.replace("good.net", "same.net") for name, text in tree(Path("one")).items()}
    other = tree(Path("other"))
    for host in ("web-1", "web-2"):
        for digests in ("manifest.json", "rootfs/etc/netc/files"):  # of comments too
            del one[f"{host}/{digests}"], other[f"{host}/{digests}"]
    assert one == other


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n", "\ufeff", "profile p { }\n"])
def test_a_file_without_hosts_is_a_warning(text: str) -> None:
    Path("empty.net").write_text(text)
    done = netc("check", "empty.net", "--diagnostics", "json")
    assert (done.status, done.codes) == (0, ["N0142"])


def test_strict_makes_errors_of_warnings() -> None:
    assert netc("check", "warned.net").status == 0
    done = netc("compile", "warned.net", "--strict")
    assert done.status == 1
    assert "error[N0225]" in done.err
    assert not Path("out").exists()


def test_json_diagnostics_are_an_array_even_where_there_are_none() -> None:
    assert json.loads(netc("check", "good.net", "--diagnostics", "json").err) == []


# Exit status 1: the input has errors.


def test_errors_of_the_input() -> None:
    done = netc("compile", "wrong.net")
    assert done.status == 1
    assert "error[N0201]" in done.err
    assert done.out == ""
    assert not Path("out").exists()


def test_bytes_that_are_not_utf8() -> None:
    Path("latin.net").write_bytes(b"# caf\xe9\n" + GOOD.encode())
    done = netc("check", "latin.net", "--diagnostics", "json")
    assert (done.status, done.codes) == (1, ["N0132"])
    assert done.diagnostics[0]["line"] == 1


def test_missing_files_are_told_at_the_statement_that_names_them() -> None:
    Path("more.net").write_text('include "none.net"\nhost a { hardware "none.yaml" }\nhosts from "none-either.yaml"\n')
    done = netc("check", "more.net", "--diagnostics", "json")
    assert done.status == 1
    assert [(d["code"], d["line"]) for d in done.diagnostics] == [("N0131", 1), ("N0131", 2), ("N0131", 3)]


def test_an_include_cycle_shows_the_cycle() -> None:
    Path("a.net").write_text('include "b.net"\nhost x { }\n')
    Path("b.net").write_text('include "c.net"\n')
    Path("c.net").write_text('include "b.net"\n')
    done = netc("check", "a.net", "--diagnostics", "json")
    assert done.status == 1
    (found,) = [d for d in done.diagnostics if d["code"] == "N0133"]
    assert (found["file"], found["line"]) == ("c.net", 1)
    assert "b.net → c.net → b.net" in found["message"]


def test_a_file_that_includes_itself() -> None:
    Path("self.net").write_text('include "self.net"\nhost x { system { distribution debian 12 } }\n')
    assert "N0133" in netc("check", "self.net", "--diagnostics", "json").codes


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{b}: &{b} [{','.join(f'*{a}' for _ in range(9))}]\n" for a, b in zip("abcdefghij", "bcdefghijk", strict=True)
)
HOSTILE_FACTS = {
    "alias bomb": BOMB,
    "merge bomb": "a: &a {x: 1}\nb: &b {<<: [*a, *a]}\n",
    "object": "host: !!python/object/apply:os.system ['touch owned']\n",
    "deep": "nics: " + "[" * 20_000,
    "deep mapping": "nics: " + "{a: " * 20_000,
    "tabs": "host:\tx\n\tcpus: 3\n",
    "not a mapping": "3\n",
    "null": "\n",
    "two documents": "host: a\n---\nhost: b\n",
    "NaN": "tick: .nan\n",
    "huge number": f"cpus: [{{id: {'9' * 5000}}}]\n",
    "octal": "cpus: [{id: 0o17}]\n",
    "huge list": "possible: '0-99999999'\n",
    "huge id": "cpus: [{id: 999999999}]\n",
    "control character": 'host: "a\\0b"\n',
    "surrogate": 'host: "\\ud800"\n',
    "duplicate": "host: a\nhost: b\n",
}


@pytest.mark.parametrize("name", HOSTILE_FACTS)
def test_hostile_facts_are_errors(name: str) -> None:
    Path("facts.yaml").write_text(HOSTILE_FACTS[name])
    Path("f.net").write_text('host a { system { distribution debian 12 }; hardware "facts.yaml" }\n')
    done = netc("check", "f.net", "--diagnostics", "json")
    assert done.status == 1
    assert done.codes
    assert not Path("owned").exists()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("h[000000000..999999999]", "N0140"),
        ("h[0..9][0..9][0..9][0..9][0..9][0..9][0..9]", "N0140"),
        ("[a,b]" * 40, "N0140"),
        ("..", "N0138"),
        (".", "N0138"),
        ("a/b", "N0138"),
        ("/etc", "N0138"),
        ("a..b", "N0138"),
        ("-a", "N0138"),
        (".hidden", "N0138"),
        ("~root", "N0138"),
        ("a_b", "N0138"),
        ("bücher", "N0138"),
        ("a$b", "N0138"),
        ("A.example,a.EXAMPLE", ""),
        ("[x,X]", "N0141"),
    ],
)
def test_host_names_are_names_of_folders_too(name: str, code: str) -> None:
    Path("h.net").write_text(f"host {name} {{ system {{ distribution debian 12 }} }}\n")
    done = netc("compile", "h.net", "-o", "o", "--diagnostics", "json")
    assert done.status == 1
    assert code in "".join(done.codes)
    assert not Path("o").exists()


def test_max_hosts_raises_the_limit() -> None:
    Path("many.net").write_text("host h[1..3] { system { distribution debian 12 } }\n")
    assert netc("check", "many.net", "--max-hosts", "2").status == 1
    assert netc("check", "many.net", "--max-hosts", "3").status == 0


# Exit status 2: wrong usage, or paths that cannot be read or written.


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["compiel", "good.net"],
        ["check"],
        ["check", "missing.net"],
        ["check", "."],
        ["check", "good.net", "--diagnostics", "xml"],
        ["check", "a\0b"],
        ["check", "/dev/null/x"],
        ["check", "/dev/null"],
        ["compile", "pipe"],
        ["compile", "good.net", "--jobs", "0"],
        ["compile", "good.net", "--jobs", "many"],
        ["compile", "good.net", "--max-hosts", "-1"],
        ["compile", "good.net", "--host", "nothing-*"],
        ["compile", "good.net", "--image-root", "nowhere", "--host", "web-1"],
        ["compile", "good.net", "--prune", "--host", "web-1"],
        ["explain", "N9999"],
        ["explain", "missing.net"],
        ["explain", "good.net", "no.such.key"],
        ["explain", "good.net", "--host", "nobody"],
        ["probe", "--root", "nowhere"],
        ["probe", "--root", "."],
        ["completion", "fish"],
        ["fmt", "missing.net"],
        ["fmt", "."],
    ],
)
def test_wrong_usage_is_one_sentence_and_status_2(arguments: list[str]) -> None:
    before = tree(Path())
    done = netc(*arguments)
    assert done.status == 2
    if arguments:
        assert done.out == ""
        assert done.err.startswith(("netc", "error[N05"))
        assert len(done.err.splitlines()) <= 5
    assert tree(Path()) == before


def test_compile_into_what_is_no_folder() -> None:
    Path("taken").write_text("not a folder\n")
    before = tree(Path())
    done = netc("compile", "good.net", "-o", "taken")
    assert done.status == 2
    assert "taken" in done.err
    assert tree(Path()) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_compile_into_a_folder_of_another() -> None:
    Path("closed").mkdir(mode=0o500)
    assert netc("compile", "good.net", "-o", "closed").status == 2
    assert list(Path("closed").iterdir()) == []


def test_probe_into_a_missing_folder() -> None:
    Path("root/proc").mkdir(parents=True)
    done = netc("probe", "--root", "root", "-o", "none/facts.yaml")
    assert done.status == 2
    assert not Path("none").exists()


# The output tree.


def test_check_tells_stale_from_fresh() -> None:
    assert netc("compile", "good.net", "--check").status == 4
    assert not Path("out").exists()
    netc("compile", "good.net")
    done = netc("compile", "good.net", "--check")
    assert (done.status, done.out, done.err) == (0, "", "")
    Path("good.net").write_text(GOOD.replace("100k/s", "200k/s"))
    before = tree(Path("out"))
    done = netc("compile", "good.net", "--check")
    assert done.status == 4
    assert "web-1/rootfs/etc/sysctl.d/99-zz-netc.conf" in done.out
    assert tree(Path("out")) == before


def test_compile_removes_what_it_no_longer_wants() -> None:
    netc("compile", "good.net")
    Path("good.net").write_text(GOOD.replace("goal web-server { connection-rate 100k/s }", ""))
    assert netc("compile", "good.net").status == 0
    assert not Path("out/web-1/rootfs/etc/sysctl.d").exists()


def test_prune_removes_hosts_that_are_gone_and_no_others() -> None:
    Path("other.net").write_text(GOOD.replace("web-[1..2]", "other"))
    netc("compile", "good.net", "other.net")
    Path("out/by-hand").mkdir()
    Path("out/by-hand/notes").write_text("mine\n")
    Path("good.net").write_text(GOOD.replace("web-[1..2]", "web-2"))
    assert netc("compile", "good.net").status == 0
    assert Path("out/web-1").exists()
    assert netc("compile", "good.net", "--prune").status == 0
    assert sorted(path.name for path in Path("out").iterdir()) == ["by-hand", "other", "web-2"]


@pytest.mark.parametrize("what", ["foreign", "changed", "removed mode"])
def test_files_of_others_are_kept_unless_forced(what: str) -> None:
    netc("compile", "good.net")
    sysctl = Path("out/web-1/rootfs/etc/sysctl.d/99-zz-netc.conf")
    if what == "foreign":
        Path("out/web-1/rootfs/etc/hostname").write_text("mine\n")
    elif what == "changed":
        sysctl.write_text("# mine\n")
    else:
        sysctl.chmod(0o600)
    Path("good.net").write_text(GOOD.replace("100k/s", "200k/s"))
    before = tree(Path("out/web-1"))
    done = netc("compile", "good.net")
    if what != "removed mode":
        assert done.status == 2
        assert {"foreign": "N0501", "changed": "N0502"}[what] in done.err
        assert tree(Path("out/web-1")) == before
    assert netc("compile", "good.net", "--force").status == 0
    netc("compile", "good.net", "-o", "afresh")
    assert tree(Path("out")) == tree(Path("afresh"))


def test_an_error_leaves_the_output_as_it_was() -> None:
    netc("compile", "good.net")
    before = tree(Path())
    for arguments in (
        ("compile", "wrong.net"),
        ("compile", "good.net", "wrong.net"),
        ("compile", "good.net", "missing.net"),
        ("compile", "warned.net", "--strict"),
        ("compile", "good.net", "--image-root", "out/web-1"),
        ("compile", "good.net", "--host", "nobody"),
        ("compile", "good.net", "good.net", "wrong.net", "--prune", "--force"),
    ):
        assert netc(*arguments).status in (1, 2), arguments
        assert tree(Path()) == before, arguments


def test_image_root_takes_exactly_one_host() -> None:
    Path("image/etc").mkdir(parents=True)
    Path("image/etc/hostname").write_text("web-1\n")
    before = tree(Path("image"))
    assert netc("compile", "good.net", "--image-root", "image").status == 2
    assert tree(Path("image")) == before
    assert netc("compile", "good.net", "--image-root", "image", "--host", "web-1").status == 0
    assert Path("image/etc/sysctl.d/99-zz-netc.conf").is_file()
    assert Path("image/etc/hostname").read_text() == "web-1\n"
    assert not Path("out").exists()
    written = tree(Path("image"))
    assert netc("compile", "good.net", "--image-root", "image", "--host", "web-1").status == 0
    assert tree(Path("image")) == written


def test_links_in_an_image_do_not_lead_out_of_it() -> None:
    Path("image").mkdir()
    Path("outside").mkdir()
    Path("image/etc").symlink_to(Path("outside").absolute())
    netc("compile", "good.net", "--image-root", "image", "--host", "web-1")
    assert list(Path("outside").iterdir()) == []


def test_host_chooses_by_pattern() -> None:
    assert netc("compile", "good.net", "--host", "WEB-*1").status == 0
    assert [path.name for path in Path("out").iterdir()] == ["web-1"]


def test_a_file_in_place_of_a_host_folder_stays() -> None:
    Path("out").mkdir()
    Path("out/web-1").write_text("mine\n")
    assert netc("compile", "good.net").status == 2
    assert Path("out/web-1").read_text() == "mine\n"


# Defects and interruptions.


def test_a_defect_is_told_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("NETC_TRACEBACK", raising=False)
    monkeypatch.setitem(cli.COMMANDS, "check", lambda options: 1 // 0)
    assert cli.main(["check", "good.net"]) == 3
    told = capsys.readouterr().err
    assert "a defect of netc: ZeroDivisionError" in told
    assert "Traceback" not in told


def test_an_interruption_is_no_defect(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(options: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setitem(cli.COMMANDS, "check", interrupted)
    assert cli.main(["check", "good.net"]) == 130
    assert capsys.readouterr().err == ""


def test_an_interrupted_compilation_leaves_nothing_half_written(monkeypatch: pytest.MonkeyPatch) -> None:
    netc("compile", "good.net")
    before = tree(Path("out"))
    Path("good.net").write_text(GOOD.replace("100k/s", "200k/s"))
    monkeypatch.setattr("netc.packaging.tree._put", lambda *_: os.kill(os.getpid(), signal.SIGINT))
    assert netc("compile", "good.net").status == 130
    assert tree(Path("out")) == before


@pytest.mark.parametrize("command", ["explain", "check"])
def test_a_reader_that_goes_away_is_no_error(command: str) -> None:
    Path("loud.net").write_text(GOOD + "".join(f"profile p{i} {{ nosuch }}\n" for i in range(3000)))
    what = "good.net" if command == "explain" else "loud.net 2>&1"
    shell = f"{{ {sys.executable} -m netc {command} {what}; echo $? >status; }} | head -1"
    done = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, timeout=30, check=False)
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert int(Path("status").read_text()) in (0, 1)


def test_output_to_a_full_disk_is_told() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "netc", "explain", "good.net"], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 2, done.stderr
    assert b"Traceback" not in done.stderr


# Terminals, help and completion.


def on_a_terminal(*arguments: str, **environment: str) -> str:
    """What netc prints on a terminal."""
    ours, theirs = pty.openpty()
    env = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    process = subprocess.Popen(
        [sys.executable, "-m", "netc", *arguments],
        stdout=theirs,
        stderr=theirs,
        stdin=theirs,
        env={**env, **environment},
    )
    os.close(theirs)
    parts = []
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # the other end was closed
            break
        if not part:
            break
        parts.append(part)
    process.wait(timeout=30)
    os.close(ours)
    return b"".join(parts).decode()


def test_colour_on_a_terminal_only_and_not_against_no_color() -> None:
    assert "\x1b[" in on_a_terminal("check", "wrong.net", TERM="xterm")
    assert "\x1b[" not in on_a_terminal("check", "wrong.net", TERM="xterm", NO_COLOR="1")
    assert "\x1b[" not in on_a_terminal("check", "wrong.net", "--diagnostics", "json")
    assert "\x1b" not in netc_process("check", "wrong.net").err


def test_hostile_text_cannot_speak_to_the_terminal() -> None:
    Path("evil.net").write_text('host a { nic x { match pci "\x1b]0;owned\x07\x9b31m" } }\n# \x1b[2J\n\x1b[31m\n')
    done = netc("check", "evil.net")
    assert done.status == 1
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", done.err)


def test_a_terminal_without_unicode_is_served() -> None:
    done = netc_process("check", "wrong.net", PYTHONIOENCODING="ascii", LC_ALL="C")
    assert done.status == 1
    assert "N0201" in done.err


@pytest.mark.parametrize("command", sorted(cli.COMMANDS))
def test_every_command_has_help_with_an_example(command: str) -> None:
    done = netc(command, "--help")
    assert done.status == 0
    assert f"  netc {command} " in done.out
    assert set(EXAMPLES) == {"netc", *cli.COMMANDS}


def test_help_and_version() -> None:
    assert "examples:" in netc("--help").out
    assert re.fullmatch(r"netc \d+\.\d+\.\d+\n", netc("--version").out)


@pytest.mark.parametrize(("shell", "program"), [("bash", "bash"), ("zsh", "zsh"), ("tcsh", "tcsh")])
def test_completion_is_a_script_the_shell_accepts(shell: str, program: str) -> None:
    done = netc("completion", shell)
    assert done.status == 0
    assert "compile" in done.out
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    assert subprocess.run([program, "-n"], input=done.out, text=True, check=False, capture_output=True).stderr == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ["fleet.net", "--host", "web-2", "rmem"],
        ["fleet.net", "rmem", "--host", "web-2"],
        ["--host", "web-2", "fleet.net", "rmem"],
    ],
)
def test_the_key_to_explain_may_stand_before_or_behind_the_host(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fleet.net").write_text(
        "host web-[1,2] { system { distribution debian 12 }; goal web-server { flow 10Gbps; rtt 100ms } }\n"
    )
    done = netc("explain", *arguments)
    assert done.status == 0
    assert done.out.startswith("web-2\n")
    assert "net.ipv4.tcp_rmem = 4096 131072 " in done.out
    assert "tcp_wmem" not in done.out


def test_profiles_that_differ_are_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "differ.net").write_text(
        "profile far { system { distribution debian 12 }; goal web-server { flow 1Gbps; rtt 100ms } }\n"
        "host web-1 : far { goal web-server { rtt 20ms } }\n"
    )
    done = netc("explain", "differ.net", "rtt")
    assert done.status == 0
    assert "rtt 20ms (differ.net: host web-1, goal web-server, rtt) wins over differ.net: profile far" in done.out

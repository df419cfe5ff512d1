"""The running kernel as judge of sysctl.yaml: values at the edge of each range, written in a namespace.

Only keys that every network namespace has for itself are written, in a namespace that ends with the test.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from netc.knowledge.kernels import Kernel, KernelVersion
from netc.knowledge.sysctls import Kind, Sysctl, judge, known_keys, lookup

SYSCTLS = Path("/proc/sys")

pytestmark = pytest.mark.root

# Writes each value to its key, tells what the kernel answered, and puts the first state back after each.
# Runs under a Python of its own, inside the namespace: input {key: [value, …]}, output {key: {…}}.
WRITER = """
import json, os, sys
def put(path, text):
    try:
        handle = os.open(path, os.O_WRONLY)
    except OSError as error:
        return error.strerror
    try:
        os.write(handle, text.encode() + b"\\n")
        return "ok"
    except OSError as error:
        return error.strerror
    finally:
        os.close(handle)
answers = {}
for key, values in json.load(sys.stdin).items():
    path = "/proc/sys/" + key.replace(".", "/")
    try:
        with open(path) as file:
            first = file.read().strip()
    except OSError:
        continue
    answers[key] = {"first": first, "answers": {}}
    for value in values:
        answers[key]["answers"][value] = put(path, value)
        put(path, first)
json.dump(answers, sys.stdout)
"""

# What other writes or the machine decide, not the key's own range.
LEFT_OUT = {
    # Held in USER_HZ: the kernel wraps numbers that no one means, which netc calls out of range.
    *(f"net.ipv{v}.neigh.lo.{k}" for v in (4, 6) for k in ("anycast_delay", "locktime", "proxy_delay", "retrans_time")),
    # Its two numbers bound each other; FORMS holds its cases.
    "net.ipv4.ip_local_port_range",
}

FORMS = {
    "net.ipv4.ip_local_port_range": [
        "1024 65535",
        "1023 65535",
        "60000 50000",
        "1024 65536",
        "40000 40000",
        "0 100",
        "1024-65535",
        "1024 65535 7",
    ],
    "net.ipv4.ip_local_reserved_ports": [
        "",
        "80",
        "80,443",
        "80, 443",
        "80 443",
        "8080,9000-9010",
        "9-1",
        "65536",
        "5-",
        "-5",
        "a",
    ],
    "net.ipv4.tcp_fastopen_key": ["1-2-3-4", "1-2-3", "abc", "1-2-3-4,5-6-7-8"],
    "net.core.rps_default_mask": ["0", "1", "01", "00000001", "0x1", "0-1", "1,"],
    "net.core.somaxconn": ["0x1000", "010", "09", "5000,6", "+5", "5000abc", "5 abc", "", "  ", "1e3"],
    "net.ipv4.tcp_sack": ["0x1", "1abc", "-0", "1 2"],
    "net.ipv4.tcp_rmem": [
        "4096 abc",
        "4096",
        "4096 131072 x",
        "4096,131072,8000000",
        "0 5 6",
        "4096 131072 6291456 x",
    ],
    "net.ipv4.tcp_comp_sack_delay_ns": ["-1", "18446744073709551616"],
    "net.ipv4.tcp_congestion_control": ["reno", "nosuch", "reno cubic"],
    "net.ipv4.ping_group_range": ["0 4294967294", "0 4294967295", "-1 0", "5 3"],
}


def running_tick() -> int | None:
    """CONFIG_HZ by the least time of the receive loop, which is two ticks unless someone raised it."""
    usecs = int((SYSCTLS / "net/core/netdev_budget_usecs").read_text(encoding="ascii"))
    return {20000: 100, 8000: 250, 6666: 300, 2000: 1000}.get(usecs)


@cache
def running_kernel() -> Kernel:
    if platform.system() != "Linux" or os.geteuid() != 0:
        pytest.skip("needs root on Linux")
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-n", "true"], check=False, capture_output=True).returncode:
        pytest.skip("needs `unshare -n`")
    return Kernel(KernelVersion.parse(platform.release()), running_tick(), os.sysconf("SC_PAGESIZE"))


def answers(questions: dict[str, list[str]]) -> dict[str, dict[str, object]]:
    """What the running kernel says to each value of each key, in a network namespace made for it."""
    command = ["unshare", "-n", sys.executable, "-c", WRITER]
    run = subprocess.run(command, input=json.dumps(questions), capture_output=True, text=True, check=True, timeout=60)
    found: dict[str, dict[str, object]] = json.loads(run.stdout)
    return found


@cache
def own_keys() -> tuple[Sysctl, ...]:
    """The numeric keys that a namespace has for itself and that the tables are certain of for this kernel."""
    target = running_kernel()
    keys = [key.replace("*", "lo" if ".neigh." in key else "all") for key in known_keys()]
    views = [view for key in keys if (view := lookup(key, target))]
    return tuple(
        view
        for view in views
        if view.exists and view.certain and view.writable and view.numeric and view.scope == "namespace"
    )


def edges(view: Sysctl) -> list[str]:
    """The numbers at both ends of the range and just beyond, each in every place of the value."""
    least, most = view.minimum, view.maximum
    assert least is not None and most is not None
    usual = view.default()
    numbers = list(usual) if isinstance(usual, tuple) else [least] * view.count
    return [
        " ".join(map(str, [*numbers[:place], edge, *numbers[place + 1 :]]))
        for edge in (least, least - 1, most, most + 1)
        for place in range(view.count)
    ]


def disagreements(found: dict[str, dict[str, object]]) -> list[str]:
    told = []
    for key, answer in found.items():
        given = answer["answers"]
        assert isinstance(given, dict)
        for value, word in given.items():
            refused = any(finding.kind is Kind.REFUSED for finding in judge(key, value, running_kernel()))
            if refused != (word != "ok"):
                told.append(f"{key} = {value!r}: kernel {word}, netc {'refuses' if refused else 'takes'} it")
    return told


def test_ranges_are_those_of_the_running_kernel() -> None:
    if running_kernel().tick is None:
        pytest.skip("the tick of this kernel is not to be seen")
    found = answers({view.key: edges(view) for view in own_keys() if view.key not in LEFT_OUT})
    assert len(found) > 100
    assert disagreements(found) == []


def test_texts_are_read_as_the_running_kernel_reads_them() -> None:
    target = running_kernel()
    certain = {key: values for key, values in FORMS.items() if (view := lookup(key, target)) and view.certain}
    found = answers(certain)
    assert found
    assert disagreements(found) == []


def test_a_fresh_namespace_has_the_defaults() -> None:
    # The namespace takes these from the first one, where someone may have set them.
    inherited = {"net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem", "net.ipv4.tcp_fastopen"}
    views = {
        view.key: view
        for view in own_keys()
        if view.key.startswith(("net.ipv4.tcp_", "net.ipv4.ip_", "net.netfilter."))
        and view.default_exact
        and view.key not in inherited
    }
    for key, answer in answers({key: [] for key in views}).items():
        first = tuple(int(number) for number in str(answer["first"]).split())
        assert views[key].default() == first, key


def test_no_key_of_a_complete_family_is_missing() -> None:
    target = running_kernel()
    if lookup("net.core.somaxconn", target) is None:
        pytest.skip("the table is empty")
    if not any(str(target.version.series) == text for text in ("6.1", "6.12", "6.18", "7.3")):
        pytest.skip("this kernel is none of the tables")
    unknown = []
    for folder in ("net/core", "net/ipv4", "net/ipv4/conf/all", "net/ipv4/neigh/default", "net/ipv4/route"):
        for path in sorted((SYSCTLS / folder).iterdir()):
            key = path.relative_to(SYSCTLS).as_posix()
            if path.is_file() and path.stat().st_mode & 0o444 and lookup(key, target) is None:
                unknown.append(key)
    assert unknown == []

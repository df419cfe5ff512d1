"""What `knowledge/effects.yaml` says of sysctls, held against the running kernel in a network namespace of its own."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from netc.knowledge.effects import Changed, effect_of

SCRIPT = """
import json, pathlib, socket, subprocess, threading, time

def write(key, value):
    pathlib.Path("/proc/sys", *key.split(".")).write_text(value)

def size(one):
    return one.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)

def congestion(one):
    return one.getsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, 16).rstrip(b"\\0").decode()

def backlog(port):
    told = subprocess.run(["ss", "-Hltn", f"sport = {port}"], capture_output=True, text=True, check=True).stdout
    return int(told.split()[2])

def connected(listener):
    one = socket.create_connection(listener.getsockname())
    return one, listener.accept()[0]

subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
found = {}
write("net.core.somaxconn", "128")
listener = socket.create_server(("127.0.0.1", 5000), backlog=60000)
write("net.core.somaxconn", "4096")
later = socket.create_server(("127.0.0.1", 5001), backlog=60000)
found["net.core.somaxconn"] = [backlog(5000), backlog(5001)]

one, other = connected(listener)
first = congestion(other)
# reno is built into every kernel, and free to be chosen in every namespace.
write("net.ipv4.tcp_congestion_control", "reno")
_, child = connected(listener)
found["net.ipv4.tcp_congestion_control"] = [first, congestion(other), congestion(child)]

write("net.ipv4.tcp_wmem", "4096 16384 65536")
sender, reader = connected(listener)
def drain():
    while reader.recv(1 << 20):
        pass
threading.Thread(target=drain, daemon=True).start()
def push():
    end = time.monotonic() + 0.3
    while time.monotonic() < end:
        sender.send(bytes(65536))
push()
before = size(sender)
write("net.ipv4.tcp_wmem", "4096 16384 8388608")
push()
found["net.ipv4.tcp_wmem"] = [before, size(sender)]

write("net.ipv4.conf.default.rp_filter", "2")
found["net.ipv4.conf.default.rp_filter"] = [pathlib.Path("/proc/sys/net/ipv4/conf/lo/rp_filter").read_text().strip()]
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def found() -> dict[str, list[int | str]]:
    command = ["unshare", "--net", sys.executable, "-c", SCRIPT]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    told: dict[str, list[int | str]] = json.loads(done.stdout)
    return told


def word(key: str) -> str:
    return effect_of(Changed("sysctl", key, "1", "2")).word


@pytest.mark.root
@pytest.mark.tool("ss")
def test_a_listener_keeps_its_backlog(found: dict[str, list[int | str]]) -> None:
    assert found["net.core.somaxconn"] == [128, 4096]
    assert word("net.core.somaxconn") == "new"


@pytest.mark.root
@pytest.mark.tool("ss")
def test_connections_keep_their_congestion_control_and_listeners_do_not(found: dict[str, list[int | str]]) -> None:
    first, kept, child = found["net.ipv4.tcp_congestion_control"]
    assert (kept, child) == (first, "reno")
    assert word("net.ipv4.tcp_congestion_control") == "new"


@pytest.mark.root
@pytest.mark.tool("ss")
def test_open_connections_grow_to_the_new_limit(found: dict[str, list[int | str]]) -> None:
    before, after = found["net.ipv4.tcp_wmem"]
    assert before == 65536
    assert int(after) > 65536
    assert word("net.ipv4.tcp_wmem") == "at-once"


@pytest.mark.root
@pytest.mark.tool("ss")
def test_the_default_is_for_interfaces_that_come_later(found: dict[str, list[int | str]]) -> None:
    assert found["net.ipv4.conf.default.rp_filter"] == ["0"]
    assert word("net.ipv4.conf.default.rp_filter") == "new"

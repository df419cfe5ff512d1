"""What the scripts of the experiments share: namespaces for the far end, veths, netem, counters. Standard library only.

The host under test is the namespace that a script is started in. Namespaces made here have no name: they live in this
process alone and end with it, however it ends.
"""

import argparse
import contextlib
import ctypes
import json
import os
import subprocess
from pathlib import Path

CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)


class Namespace:
    """A network namespace. `with namespace:` what is opened or started there belongs to it."""

    def __init__(self, new=True):
        before = _own()
        if new:
            _checked(LIBC.unshare(CLONE_NEWNET))
        self.descriptor = _own()
        _checked(LIBC.setns(before, CLONE_NEWNET))
        os.close(before)
        self._before = []
        if new:
            self.run("ip", "link", "set", "lo", "up")

    @property
    def path(self):
        return f"/proc/{os.getpid()}/fd/{self.descriptor}"

    def __enter__(self):
        self._before.append(_own())
        _checked(LIBC.setns(self.descriptor, CLONE_NEWNET))
        return self

    def __exit__(self, *_):
        before = self._before.pop()
        _checked(LIBC.setns(before, CLONE_NEWNET))
        os.close(before)

    def close(self):
        """The namespace ends when the last socket in it is closed."""
        os.close(self.descriptor)

    def run(self, *command):
        with self:
            return run(*command)

    def set(self, **values):
        """Set sysctls of this namespace under net.ipv4: `tcp_rmem="4096 131072 6291456"`."""
        with self:
            for key, value in values.items():
                Path("/proc/sys/net/ipv4", key).write_text(str(value))


def _own():
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def _checked(status):
    if status:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def run(*command):
    """What a program prints; an OSError with what it complains of where it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def veth(one, other):
    """A pair of veths, each end told as (namespace, name, address with prefix length), or with a MAC address too."""
    near, far = (f"name {end[1]}" + "".join(f" address {mac}" for mac in end[3:]) for end in (one, other))
    one[0].run(*f"ip link add {near} type veth peer {far} netns {other[0].path}".split())
    for place, name, address in (one[:3], other[:3]):
        place.run("ip", "addr", "add", address, "dev", name)
        place.run("ip", "link", "set", "dev", name, "up")


def counters(namespace):
    """All of /proc/net/netstat and /proc/net/snmp of the namespace: `TcpExt.ListenOverflows` → number."""
    found = {}
    with namespace:
        for file in ("netstat", "snmp"):
            lines = Path("/proc/thread-self/net", file).read_text().splitlines()
            for names, values in zip(lines[::2], lines[1::2], strict=True):
                group, *keys = names.replace(":", ".").split()
                numbers = zip(keys, values.split()[1:], strict=True)
                found |= {f"{group}{key}": int(value) for key, value in numbers}
    return found


def busy():
    """For each CPU the ticks it worked and all its ticks, since boot."""
    lines = [line.split() for line in Path("/proc/stat").read_text().splitlines()]
    cpus = [[int(word) for word in words[1:9]] for words in lines if words[0][:3] == "cpu" and words[0] != "cpu"]
    return [(sum(ticks) - ticks[3] - ticks[4], sum(ticks)) for ticks in cpus]


def loads(before, after):
    """The share of its time that each CPU worked between two readings of `busy`, in percent."""
    return [100 * (b[0] - a[0]) / max(1, b[1] - a[1]) for a, b in zip(before, after, strict=True)]


def measure(one_run):
    """Call the function as often as `--runs` says, and print the measures it returns, a line for each run."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    with contextlib.suppress(KeyboardInterrupt):
        for number in range(parser.parse_args().runs):
            print(json.dumps(one_run(number)), flush=True)

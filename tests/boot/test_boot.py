"""Hosts booted in a virtual machine: what the kernel does afterwards is what the plan says.

`pytest -m boot` runs them; each boot takes 20 to 60 s where it is emulated. They are skipped where QEMU, root or the
packages of the image cannot be had.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import boot_promises
import pytest
from booted import HOSTS, compiled

if TYPE_CHECKING:
    from pathlib import Path

    from booted import Compiled

PROGRAMS = ("qemu-system-x86_64", "mmdebstrap")
pytestmark = [pytest.mark.boot, pytest.mark.root, *(pytest.mark.tool(name) for name in PROGRAMS)]

DISTURBED = """
for nic in /sys/class/net/front /sys/class/net/back; do
    [ -e "$nic" ] || continue
    name=${nic##*/}
    before=$(ethtool -l "$name" | sed -n 's/^Combined:[[:space:]]*//p' | tail -n 1)
    ip link set "$name" up
    sleep 1
    ip link set "$name" down
    ip link set "$name" up
    ethtool -L "$name" combined 3
    ethtool -L "$name" combined "$before"
done
"""
"""What makes drivers ask for their interrupts anew; in the end all is as the plan has it but for what that moves."""

APPLICATION = """
[Unit]
Description=What stands for an application of DPDK
[Service]
User=daemon
ExecStart=/bin/sh -c 'echo "$DPDK_EAL_ARGUMENTS" && ulimit -l && id -nG && sleep infinity'
"""


def with_application(host: Compiled) -> None:
    """The unit that `polling` speaks of, which is the user's to write, started at boot."""
    units = host.rootfs / "etc/systemd/system"
    for application in host.plan["applications"]:
        (units / application["unit"]).write_text(APPLICATION)
        (units / "multi-user.target.wants" / application["unit"]).symlink_to(f"../{application['unit']}")


@pytest.mark.parametrize("name", sorted(path.stem for path in HOSTS.glob("*.net") if path.stem != "machine"))
def test_the_kernel_does_what_the_plan_says(name: str, tmp_path: Path) -> None:
    host = compiled(name, tmp_path)
    with_application(host)
    # Behind the disturbance the service that follows links waits a moment for more of it.
    disturb = [{"run": ["sh", "-c", DISTURBED]}, {"wait": 3}, {"settle": 60}]
    answer = host.boot([host.look("booted"), *disturb, host.look("disturbed")])
    booted, disturbed = answer.observed["booted"], answer.observed["disturbed"]
    told = disturbed.commands[boot_promises.JOURNAL]
    assert booted.commands[boot_promises.FAILED] == disturbed.commands[boot_promises.FAILED] == "", told
    assert (boot_promises.broken(host.plan, booted), boot_promises.broken(host.plan, disturbed)) == ([], []), told
    assert answer.state == "running"
    assert re.search(r"^\S+: \d+ promises: ", booted.commands[boot_promises.CHECK], re.MULTILINE), told
    for application in host.plan["applications"]:
        words = " ".join(f"{each['option']} {each['value']}".strip() for each in application["arguments"][:2])
        said = booted.commands[boot_promises.APPLICATIONS]
        assert words.split()[1] in said
        assert "unlimited" in said.splitlines()
        assert application["group"] in said


# What is done to files of `balancer`, and what the check after boot then says of it.
CHANGED = {
    "etc/netc/steering/back": (
        "receive_cpus c",
        "receive_cpus 4",
        r"^.*broken: /etc/netc/steering/back is changed, promised as written",
    ),
    "etc/sysctl.d/99-zz-netc.conf": (
        "net.core.somaxconn",
        "net.core.somaxcon",
        r"^.*net\.core\.somaxconn is \d+, promised 16384 .*set net\.core\.somaxconn",
    ),
}
REMOVED = {"netc-steering-front.service": r"^.*front: xps_cpus of tx-0 is .*netc-steering-front\.service"}


def test_what_is_damaged_is_named(tmp_path: Path) -> None:
    host = compiled("balancer", tmp_path)
    for file, (was, becomes, _) in CHANGED.items():
        text = (host.rootfs / file).read_text()
        assert was in text
        (host.rootfs / file).write_text(text.replace(was, becomes))
    for unit in REMOVED:
        for path in [*host.rootfs.rglob(unit)]:
            path.unlink()
    seen = host.boot([host.look("booted")]).observed["booted"]
    said = seen.commands[boot_promises.CHECK]
    assert [line.split()[0] for line in seen.commands[boot_promises.FAILED].splitlines()] == ["netc-verify.service"]
    patterns = [*(pattern for _, _, pattern in CHANGED.values()), *REMOVED.values()]
    assert [pattern for pattern in patterns if not re.search(pattern, said, re.MULTILINE)] == [], said
    damaged = (
        "net.core.somaxconn",
        "front: ",
        "netc-steering-front.service",
        *(f"/{file} is changed" for file in CHANGED),
    )
    broken = [line for line in said.splitlines() if "broken:" in line]
    assert [line for line in broken if not any(what in line for what in damaged)] == []
    assert boot_promises.broken(host.plan, seen) != []

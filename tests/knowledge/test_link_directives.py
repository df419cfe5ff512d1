"""The table of systemd, and the same table against the systemd of this machine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from netc.knowledge.systemd import (
    LinkDirective,
    able,
    default_link_policies,
    directive,
    directives,
    known_settings,
    link_directives,
)

SAMPLES = {
    "bool": "yes",
    "number": "1",
    "size": "9000",
    "bits": "1G",
    "time": "50us",
    "number-or-max": "max",
    "cpus": "0",
    "mac": "02:00:00:00:00:01",
    "word": "x",
    "words": "x",
    "text": "x",
}
"""A value of each type; one of a word need not be right, for only unknown keys are looked for."""


@pytest.mark.parametrize(
    ("setting", "version", "name"),
    [
        ("ring.rx", 244, "RxBufferSize"),
        ("ring.rx", 243, None),
        ("channels.combined", 239, "CombinedChannels"),
        ("coalesce.adaptive-rx", 250, "UseAdaptiveRxCoalesce"),
        ("coalesce.rx-usecs", 249, None),
        ("rps.cpus", 256, "ReceivePacketSteeringCPUMask"),
        ("rps.cpus", 252, None),
        ("irq.affinity", 260, "IRQAffinity"),
        ("mtu", 239, "MTUBytes"),
        ("rss.table", 262, None),
    ],
)
def test_settings_have_directives_since_a_version(setting: str, version: int, name: str | None) -> None:
    found = directive(setting, version)
    assert (found.name if found else None) == name


def test_tso_takes_a_directive_for_each_ip_version() -> None:
    assert {each.name for each in directives("offload.tso", 252)} == {
        "TCPSegmentationOffload",
        "TCP6SegmentationOffload",
    }
    assert directives("offload.tso", 234) == ()
    with pytest.raises(ValueError, match="several"):
        directive("offload.tso", 252)


def test_max_is_a_value_since_250() -> None:
    ring = directive("ring.rx", 252)
    assert ring is not None
    assert ring.takes_max(250)
    assert not ring.takes_max(247)


def test_default_policies_follow_the_version() -> None:
    assert default_link_policies(252).alternative_names == "database onboard slot path"
    assert default_link_policies(257).alternative_names == "database onboard slot path mac"
    assert default_link_policies(239) == default_link_policies(245)
    assert [name for name, _ in default_link_policies(257).lines] == [
        "NamePolicy",
        "AlternativeNamesPolicy",
        "MACAddressPolicy",
    ]


def test_abilities_have_a_first_version() -> None:
    assert able("udevadm-verify", 254)
    assert not able("udevadm-verify", 252)
    with pytest.raises(KeyError):
        able("levitation", 262)


def test_only_segmentation_shares_a_setting() -> None:
    assert [s for s in known_settings() if len(directives(s, 999)) > 1] == ["offload.tso"]


def installed_version() -> int:
    """The version of the udevd of this machine; skips the test without one."""
    if shutil.which("udevadm") is None:
        pytest.skip("needs udevadm")
    told = subprocess.run(["udevadm", "--version"], capture_output=True, text=True, check=False).stdout
    match = re.match(r"\d+", told)
    if match is None:
        pytest.skip(f"udevadm tells no version: {told!r}")
    return int(match[0])


def test_default_policies_are_those_of_this_machine() -> None:
    version = installed_version()
    shipped = [Path(root, "systemd/network/99-default.link") for root in ("/usr/lib", "/lib")]
    found = [path for path in shipped if path.is_file()]
    if not found:
        pytest.skip("no 99-default.link here")
    lines = found[0].read_text().splitlines()
    for name, value in default_link_policies(version).lines:
        assert f"{name}={value}" in lines


def read_by_udevd(link_file: str) -> list[str]:
    """What udevd of this machine says when it reads a `.link` file.

    It does so in a mount and network namespace of its own: nothing of the machine changes.
    """
    if os.geteuid() != 0 or any(shutil.which(tool) is None for tool in ("unshare", "ip", "mount")):
        pytest.skip("needs root, unshare, ip and mount")
    script = """
        set -e
        mount -t sysfs sysfs /sys
        mount -t tmpfs tmpfs /run
        mkdir -p /run/systemd/network /run/udev
        cat > /run/systemd/network/00-netc-test.link
        ip link add netctest0 type veth peer name netctest1
        udevadm test-builtin net_setup_link /sys/class/net/netctest0
    """
    done = subprocess.run(
        ["unshare", "--mount", "--net", "sh", "-c", script],
        input=link_file,
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
        env={**os.environ, "SYSTEMD_LOG_LEVEL": "debug", "LC_ALL": "C"},
    )
    output = done.stdout + done.stderr
    if "00-netc-test.link" not in output:
        pytest.skip(f"no namespaces here: {output[-200:]}")
    return output.splitlines()


def link_file(wanted: list[LinkDirective]) -> str:
    """A `.link` file that has every directive of `wanted`."""
    sections: dict[str, list[str]] = {}
    for each in wanted:
        sections.setdefault(each.section, []).append(f"{each.name}={SAMPLES[each.type]}")
    return "\n".join(f"[{section}]\n" + "\n".join(lines) for section, lines in sections.items()) + "\n"


def unknown_keys(said: list[str]) -> set[tuple[str, str]]:
    """The (section, key) pairs that udevd did not know."""
    pattern = re.compile(r"Unknown (?:key|key name|lvalue) '([^']+)' in section '?\[?([\w-]+)\]?'?")
    return {(found[2], found[1]) for line in said if (found := pattern.search(line))}


@pytest.mark.root
@pytest.mark.tool("udevadm")
def test_this_machine_knows_the_directives_of_its_version_and_takes_their_types() -> None:
    version = installed_version()
    wanted = [each for each in link_directives() if each.since <= version]
    text = link_file(wanted)
    said = read_by_udevd(text)
    assert unknown_keys(said) == set()
    refused = {
        text.splitlines()[int(found[1]) - 1].partition("=")[0]
        for line in said
        if (found := re.search(r"00-netc-test\.link:(\d+): .*(?:Failed to parse|Invalid)", line))
    }
    assert {each.type for each in wanted if each.name in refused} <= {"word", "words", "text"}


@pytest.mark.root
@pytest.mark.tool("udevadm")
def test_this_machine_knows_no_directive_of_a_later_version() -> None:
    version = installed_version()
    # Of a section that the version does not know at all, udevd names no keys.
    later = [each for each in link_directives() if each.since > version and each.section in ("Match", "Link")]
    if not later:
        pytest.skip("the table has no later version")
    unknown = unknown_keys(read_by_udevd(link_file(later)))
    assert {(each.section, each.name) for each in later} == unknown

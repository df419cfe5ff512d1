"""The table of distributions, and its paths on this machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from netc.knowledge.distributions import (
    Distribution,
    distribution,
    known_distributions,
    known_releases,
)
from netc.knowledge.kernels import KernelVersion


def known(name: str, release: str | None = None) -> Distribution:
    found = distribution(name, release)
    assert found is not None
    return found


EVERY = [known(name, release) for name in known_distributions() for release in known_releases(name) or (None,)]


def test_the_distributions_of_the_language_are_there() -> None:
    language = "debian ubuntu rhel centos rocky alma fedora flatcar arch generic"
    assert set(known_distributions()) == set(language.split())


def test_an_unknown_distribution_is_none() -> None:
    assert distribution("slackware") is None
    assert known_releases("slackware") == ()


@pytest.mark.parametrize(
    ("name", "asked", "release", "certain"),
    [
        ("debian", "12", "12", True),
        ("debian", "12.5", "12", True),
        ("debian", "14", "13", False),
        ("debian", "9", "11", False),
        ("debian", "trixie", "13", False),
        ("debian", None, "13", False),
        ("ubuntu", "24.04", "24.04", True),
        ("ubuntu", "24.04.1", "24.04", True),
        ("ubuntu", "23.10", "22.04", False),
        ("ubuntu", "26.04", "25.10", False),
        ("rocky", "9.4", "9", True),
        ("rocky", "90", "10", False),
        ("fedora", "42", "42", True),
        ("arch", None, None, True),
        ("flatcar", "4593.2.0", None, True),
    ],
)
def test_the_nearest_release_counts(name: str, asked: str | None, release: str | None, certain: bool) -> None:
    found = known(name, asked)
    assert (found.name, found.release, found.certain) == (name, release, certain)


@pytest.mark.parametrize("each", EVERY, ids=lambda each: f"{each.name}-{each.release}")
def test_releases_are_whole(each: Distribution) -> None:
    if each.kernel is not None:
        KernelVersion.parse(each.kernel)
    assert each.tick_of("x86-64") in (None, 100, 250, 300, 1000)
    assert each.page_of("x86-64") == 4096
    assert each.tick_of("m68k") is None
    assert each.boot in (None, "grub", "systemd-boot", "uki", "bls", "bootc", "rpm-ostree", "none")
    assert each.initramfs in (None, "initramfs-tools", "dracut", "none")


def test_debian_12_is_what_its_packages_say() -> None:
    debian = known("debian", "12")
    assert (debian.kernel, debian.systemd, debian.tick_of("x86-64")) == ("6.1", 252, 250)
    assert debian.sysctl_conf_last is True
    assert debian.paths.ethtool == "/sbin/ethtool"
    assert debian.versions.xdp_tools == "1.3.1"
    assert debian.verified("tick")
    assert known("debian", "13").sysctl_conf_last is False
    assert not known("debian", "14").verified("tick")
    assert not known("rhel", "8").verified("tick")


def test_relatives_of_rhel_differ_in_name_alone() -> None:
    for name in ("alma", "centos", "rocky"):
        assert known_releases(name) == known_releases("rhel")
        assert known(name, "9").kernel == known("rhel", "9").kernel


def test_paths_are_right_on_this_machine() -> None:
    told = Path("/etc/os-release")
    if not told.is_file():
        pytest.skip("no /etc/os-release here")
    facts = dict(line.split("=", 1) for line in told.read_text().splitlines() if "=" in line)
    here = distribution(facts.get("ID", "").strip('"'), facts.get("VERSION_ID", "").strip('"') or None)
    if here is None or not here.certain:
        pytest.skip("this machine is none of the table's")
    paths = here.paths
    missing = [p for p in (paths.ip, paths.modprobe, paths.systemd_sysctl) if not os.access(p, os.X_OK)]
    if missing and not Path("/run/systemd/system").is_dir():
        pytest.skip(f"a container without {missing}")
    assert missing == []

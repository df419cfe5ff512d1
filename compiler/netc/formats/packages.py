"""What packages of distributions have in common: names, versions, and the packages that netc's files need."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from netc import codes
from netc.backends.wording import header
from netc.formats.host_files import content_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from netc.diagnostics import Report
    from netc.formats.host_files import HostFiles

VIRTUAL = "netc-host"
"""What every such package provides and conflicts with: a host has the files of one host."""
STEPS = "usr/lib/netc/after-copy"
"""Where the script of the steps lies in a package, whose own script runs it."""
DIGITS = 12
"""Of the digest in a version."""

STEP_COMMANDS = ("update-initramfs", "update-grub", "dracut", "grubby")
"""Commands of `after-copy` that a package brings."""


def package_of(host: HostFiles) -> str:
    """The package's name. Host names hold what names of packages may, capitals apart."""
    return f"netc-{host.plan.host.lower()}"


def version_of(host: HostFiles) -> str:
    """The time, which orders versions where SOURCE_DATE_EPOCH is set, and a digest, which tells contents apart."""
    digest = hashlib.sha256()
    for artifact in host.artifacts:
        head = f"{artifact.path}\0{artifact.mode}\0{artifact.target}\0"
        digest.update(head.encode() + hashlib.sha256(content_of(artifact)).digest())
    return f"{host.time}+{digest.hexdigest()[:DIGITS]}"


def commands_of(host: HostFiles) -> set[str]:
    """The programs, by the last part of their paths, that netc's files name and a package may have to bring."""
    target = host.plan.target
    texts = [artifact.text for artifact in host.rootfs]
    programs = [target.ethtool, target.ip, target.tc, target.bpftool, target.xdp_loader]
    found = {path.rpartition("/")[2] for path in programs if path and any(path in text for text in texts)}
    return found | {command for command in STEP_COMMANDS if f"{command} " in host.after_copy.replace("\n", " ")}


def origin_of(host: HostFiles) -> list[str]:
    """Who wrote the files from what, as lines of a description."""
    return [line.removeprefix("# ") for line in header(host.plan).splitlines()]


def fits(host: HostFiles, report: Report, form: str, distributions: Iterable[str]) -> None:
    """Tell that a format is for other distributions, where it is."""
    if host.plan.target.distribution not in distributions:
        needed = f"one of {', '.join(distributions)}"
        found = f"`distribution {host.plan.target.distribution}`"
        report.add(codes.FORMAT_FOR_OTHERS.at(None, format=form, needed=needed, found=found))

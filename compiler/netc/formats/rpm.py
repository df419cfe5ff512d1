"""`rpm`: what rpmbuild(8) makes a package of.

An RPM is a binary header with digests around a compressed archive. To write that is left to rpm's own program; the
spec keeps out of the package what would tell of the machine that builds it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from netc.backends.rendering import render as fill
from netc.backends.wording import header
from netc.formats.archive import archive
from netc.formats.host_files import AFTER_COPY, parents_of
from netc.formats.packages import STEPS, VIRTUAL, commands_of, fits, origin_of, package_of, version_of
from netc.plan import Artifact

if TYPE_CHECKING:
    from netc.diagnostics import Report
    from netc.formats.host_files import HostFiles

DISTRIBUTIONS = ("alma", "centos", "fedora", "rhel", "rocky", "generic")
PACKAGES = {
    "bpftool": "bpftool",
    "dracut": "dracut",
    "ethtool": "ethtool",
    "grubby": "grubby",
    "ip": "iproute",
    "tc": "iproute-tc",
    "xdp-loader": "xdp-tools",
}
OWN = ("etc/netc", "usr/lib/netc")
"""Directories that belong to the package with all below; others are the distribution's."""


def render(host: HostFiles, report: Report) -> list[Artifact]:
    fits(host, report, "rpm", DISTRIBUTIONS)
    commands = commands_of(host)
    spec = fill(
        "formats/netc.spec",
        header=_literal(header(host.plan)),
        time=host.time,
        package=package_of(host),
        version=version_of(host),
        host=host.plan.host,
        needed=sorted({PACKAGES[command] for command in commands if command in PACKAGES}),
        virtual=VIRTUAL,
        origin=[_literal(line) for line in origin_of(host)],
        steps=bool(host.after_copy),
        dracut="dracut" in commands,
        grubby="grubby" in commands,
        files=_files(host),
    )
    return [
        *(artifact for artifact in host.beside if artifact.path in (AFTER_COPY, "plan.json")),
        Artifact("netc.spec", spec),
        Artifact("rootfs.tar", data=archive(host.rootfs, host.time)),
    ]


def _files(host: HostFiles) -> list[str]:
    """The lines of `%files`. What an administrator changed in a setting is kept as `.rpmsave`: netc's file counts."""
    files = [*host.rootfs, *([Artifact(STEPS)] if host.after_copy else [])]
    lines = [f"%dir /{path}" for path in parents_of(files) if path.startswith(OWN)]
    for artifact in files:
        config = "%config " if artifact.path.startswith("etc/") and not artifact.target else ""
        lines.append(f"{config}/{_matching(artifact.path)}")
    return lines


def _matching(path: str) -> str:
    """A pattern for `%files` that fits the path. Versions of rpmbuild differ in what a backslash means there."""
    return _literal(re.sub(r"[\\*?\[\]{}]", "?", path))


def _literal(text: str) -> str:
    """A text in which rpmbuild finds no macro; it looks for them in comments too."""
    return text.replace("%", "%%")

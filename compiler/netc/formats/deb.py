"""`deb`: a package of Debian and its kin, that dpkg(1) installs, asks about and removes like any other.

deb(5) is an ar(5) archive of two tar archives. It is written here and not by dpkg-deb, whose bytes change with its
version and that of its compressor; the members are not compressed for the same reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.backends.rendering import render as fill
from netc.backends.wording import header
from netc.formats.archive import archive
from netc.formats.host_files import AFTER_COPY, content_of
from netc.formats.packages import STEPS, VIRTUAL, commands_of, fits, origin_of, package_of, version_of
from netc.plan import Artifact
from netc.records import replace

if TYPE_CHECKING:
    from netc.diagnostics import Report
    from netc.formats.host_files import HostFiles

DISTRIBUTIONS = ("debian", "ubuntu", "generic")
PACKAGES = {
    "bpftool": "bpftool | linux-tools-common",
    "dracut": "dracut",
    "ethtool": "ethtool",
    "ip": "iproute2",
    "tc": "iproute2",
    "update-grub": "grub2-common",
    "update-initramfs": "initramfs-tools",
    "xdp-loader": "xdp-tools",
}


def render(host: HostFiles, report: Report) -> list[Artifact]:
    fits(host, report, "deb", DISTRIBUTIONS)
    steps = [replace(artifact, path=STEPS) for artifact in host.beside if artifact.path == AFTER_COPY]
    files = sorted([*host.rootfs, *steps], key=lambda artifact: artifact.path)
    members = {
        "debian-binary": b"2.0\n",
        "control.tar": archive(_control(host, files), host.time, "./"),
        "data.tar": archive(files, host.time, "./"),
    }
    package = Artifact(f"{package_of(host)}.deb", data=_ar(members, host.time))
    return [package, *(artifact for artifact in host.beside if artifact.path == "plan.json")]


def _control(host: HostFiles, files: list[Artifact]) -> list[Artifact]:
    package, commands = package_of(host), commands_of(host)
    top = header(host.plan)
    control = fill(
        "formats/control",
        package=package,
        version=version_of(host),
        size=sum(-(-len(content_of(artifact)) // 1024) for artifact in files),
        needed=", ".join(sorted({PACKAGES[command] for command in commands if command in PACKAGES})),
        virtual=VIRTUAL,
        host=host.plan.host,
        origin=origin_of(host),
    )
    # Every file in /etc is one that dpkg asks about where an administrator changed it; links cannot be.
    settings = [f"/{a.path}\n" for a in files if a.path.startswith("etc/") and not a.target]
    tells = {"initramfs": "update-initramfs" in commands, "grub": "update-grub" in commands}
    configured = fill("formats/postinst", header=top, after_copy=host.after_copy, package=package, **tells)
    return [
        Artifact("conffiles", "".join(settings)),
        Artifact("control", control),
        Artifact("postinst", configured, 0o755),
        Artifact("postrm", fill("formats/postrm", header=top, **tells), 0o755),
    ]


def _ar(members: dict[str, bytes], time: int) -> bytes:
    """An archive of ar(5) in the common form, all members of root and for all to read."""
    parts = [b"!<arch>\n"]
    for name, content in members.items():
        head = f"{name:<16}{time:<12}{0:<6}{0:<6}{0o100644:<8o}{len(content):<10}`\n"
        parts += [head.encode("ascii"), content, b"\n" * (len(content) % 2)]
    return b"".join(parts)

"""`confext`: a configuration extension of systemd, for hosts whose own `/etc` is not to be written.

It is merged when the host is half up, too late for the initramfs, and PID 1 has reckoned by then what it will start.
So the extension has the manager reload, and `netc-confext.service`, which `sysinit.target` upholds, starts what a
boot would have started. systemd-confext(8)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc import codes
from netc.backends.boot_steps import initramfs_files
from netc.backends.rendering import render as fill
from netc.backends.wording import header
from netc.formats.host_files import AFTER_COPY
from netc.plan import Artifact
from netc.records import replace

if TYPE_CHECKING:
    from netc.diagnostics import Report
    from netc.formats.host_files import HostFiles

NAME = "netc"
"""The extension's, its directory's and its release file's: systemd takes it only where these are the same."""
SINCE = 255
"""The first systemd to read EXTENSION_RELOAD_MANAGER=, and so to know the units of an extension."""
UNIT = "netc-confext.service"
UNITS = "etc/systemd/system/"
EXECUTED = {"etc/netc/irqbalance-policy": "irqbalance"}
"""Files that programs execute. All others are read by `sh`, which a mount without execution does not hinder."""


def render(host: HostFiles, report: Report) -> list[Artifact]:
    _tell(host, report)
    top = header(host.plan)
    inside = [artifact for artifact in host.rootfs if artifact.path.startswith("etc/")]
    inside += [
        Artifact(f"etc/extension-release.d/extension-release.{NAME}", fill("formats/extension-release", header=top)),
        Artifact(f"{UNITS}{UNIT}", _unit(host, inside)),
        Artifact(f"{UNITS}sysinit.target.upholds/{UNIT}", target=f"../{UNIT}"),
    ]
    # Its steps write to /etc, which cannot be while an extension is merged, and are those of whoever makes the image.
    beside = [artifact for artifact in host.beside if artifact.path != AFTER_COPY]
    return [*beside, *(replace(artifact, path=f"{NAME}/{artifact.path}") for artifact in inside)]


def _tell(host: HostFiles, report: Report) -> None:
    """What an extension cannot do."""
    systemd = host.plan.target.systemd
    if systemd < SINCE:
        needed, found = f"systemd {SINCE} or later", f"systemd {systemd}"
        report.add(codes.FORMAT_FOR_OTHERS.at(None, format="confext", needed=needed, found=found))
    for group in host.plan.groups:
        report.add(codes.GROUP_LEFT.at(None, format="confext", group=group))
    early = initramfs_files(host.plan) if host.plan.target.initramfs != "none" else []
    if early:
        files = f"`{early[0]}`" + (f" and {len(early) - 1} more" if early[1:] else "")
        report.add(codes.EARLY_LEFT.at(None, format="confext", files=files))
    if host.arguments:
        report.add(codes.ARGUMENTS_LEFT.at(None, format="confext", arguments=" ".join(host.arguments)))
    for artifact in host.rootfs:
        if not artifact.path.startswith("etc/"):
            report.add(codes.FILE_LEFT.at(None, format="confext", path=f"/{artifact.path}"))
        elif artifact.path in EXECUTED:
            report.add(codes.NOT_EXECUTED.at(None, path=f"/{artifact.path}", program=EXECUTED[artifact.path]))


def _unit(host: HostFiles, inside: list[Artifact]) -> str:
    below = [replace(a, path=a.path.removeprefix(UNITS)) for a in inside if a.path.startswith(UNITS)]
    own = {a.path for a in below if "/" not in a.path and not a.target}
    enabled = {a.path.rpartition("/")[2] for a in below if ".wants/" in a.path}
    return fill(
        f"formats/{UNIT}",
        header=header(host.plan),
        manager=any(a.path.startswith("etc/systemd/system.conf.d/") for a in inside),
        stopped=_words({a.path for a in below if a.target == "/dev/null"}),
        changed=_words({a.path.partition(".d/")[0] for a in below if ".d/" in a.path} - own),
        started=_words(enabled & own),
    )


def _words(units: set[str]) -> str:
    """Units as words of a command line, where a backslash begins an escape of its own: systemd.service(5)."""
    return " ".join(sorted(units)).replace("\\", "\\\\")

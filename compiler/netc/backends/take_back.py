"""`/etc/netc/remove`: takes back what netc brought to a host, by a list of it in `/etc/netc/files`."""

from __future__ import annotations

import shlex
from functools import lru_cache
from typing import TYPE_CHECKING

from netc.backends.boot_steps import texts_of
from netc.backends.guards import ARGUMENT, GROUP, INTERFACE, Defect, require
from netc.backends.rendering import render as fill
from netc.backends.wording import header
from netc.digests import digest
from netc.patterns import pattern
from netc.plan import Artifact, Kind
from netc.promises.units import units_of
from netc.promises.written_files import LIST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from netc.plan import Plan

ROOTFS = "rootfs"
SCRIPT = "rootfs/etc/netc/remove"
FIRST = ("netc-verify.service", "netc-follow-links.service")
"""Units that would answer to the others being stopped."""
ORDER = (
    *("netc-steering-", "netc-xdp-", "netc-nic-", "netc-vfio", "netc-vfs-"),
    *("netc-hugepages", r"dev-hugepages\x2d", "netc-cpu"),
)
"""The others, last carried out first."""
COMMON = frozenset(
    {
        "/etc",
        "/etc/default",
        "/etc/default/grub.d",
        "/etc/modprobe.d",
        "/etc/modules-load.d",
        "/etc/sysctl.d",
        "/etc/sysusers.d",
        "/etc/systemd",
        "/etc/systemd/network",
        "/etc/systemd/system",
        "/etc/systemd/system/multi-user.target.wants",
        "/etc/systemd/system/sysinit.target.wants",
        "/etc/udev",
        "/etc/udev/rules.d",
        "/usr",
        "/usr/lib",
        "/usr/lib/bootc",
        "/usr/lib/bootc/kargs.d",
    }
)
"""Folders that belong to the distribution, empty or not."""
WORD = pattern(r"[A-Za-z0-9_./@:+\\-]+")
"""A path or target that `read -r` takes as one word."""


def render(plan: Plan, artifacts: Sequence[Artifact]) -> list[Artifact]:
    """The script and its list, for a host whose other files are these."""
    lying = [artifact for artifact in artifacts if artifact.path.startswith(f"{ROOTFS}/")]
    if not lying:
        return []
    first, texts = header(plan), texts_of(plan, removing=True)
    programs = sorted({require(INTERFACE, program.interface, "name of a NIC") for program in plan.programs})
    script = fill(
        "take_back/remove",
        header=first,
        functions=texts.functions,
        initramfs=texts.initramfs,
        loader=texts.loader,
        units=[shlex.quote(unit) for unit in _in_order(plan)],
        programs=programs,
        ports=" ".join(require(INTERFACE, d.nic, "name of a NIC") for d in plan.devices if not d.bifurcated),
        groups=" ".join(require(GROUP, group, "group") for group in plan.groups),
        arguments=" ".join(_arguments_of_others(plan)),
        irqbalance=any(setting.key.startswith("irqbalance.") for setting in plan.of(Kind.SERVICE)),
    )
    lines = [_line(artifact) for artifact in sorted(lying, key=lambda artifact: artifact.path)]
    lines += [f"folder {require(WORD, folder, 'folder')}" for folder in _folders([*(a.path for a in lying), SCRIPT])]
    return [
        Artifact(SCRIPT, script, mode=0o755),
        Artifact(f"{ROOTFS}{LIST}", fill("take_back/files", header=first, lines=lines)),
    ]


def _arguments_of_others(plan: Plan) -> list[str]:
    """Kernel arguments where netc tells no boot loader of them."""
    if plan.target.boot != "none":
        return []
    return [require(ARGUMENT, s.key, "kernel argument") for s in plan.of(Kind.KERNEL_ARGUMENT)]


def _in_order(plan: Plan) -> list[str]:
    names = {unit.name for unit in units_of(plan)} - set(FIRST)
    unknown = [name for name in names if not name.startswith(ORDER)]
    if unknown:
        raise Defect(f"nothing says when {unknown} are stopped")
    return [*FIRST, *sorted(names, key=lambda name: (next(i for i, o in enumerate(ORDER) if name.startswith(o)), name))]


@lru_cache(maxsize=256)  # hosts share most of their files
def _line(artifact: Artifact) -> str:
    path = require(WORD, artifact.path.removeprefix(ROOTFS), "path")
    if artifact.target:
        return f"link {require(WORD, artifact.target, 'target of a link')} {path}"
    return f"file {digest(artifact.data or artifact.text.encode())} {path}"


def _folders(paths: Sequence[str]) -> list[str]:
    """Folders of netc's own, each after those within it."""
    found = set()
    for path in paths:
        folder = path.removeprefix(ROOTFS).rpartition("/")[0]
        while folder and folder not in COMMON:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return sorted(found, reverse=True)

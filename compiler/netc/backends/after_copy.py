"""`after-copy`: the steps that files cannot replace, run once inside the image.

Only the steps that the plan's files need; a plan that needs none has no such file.
"""

from __future__ import annotations

from netc.backends.binding import has_link_file, initramfs_holds_copies
from netc.backends.guards import ARGUMENT, INTERFACE, require
from netc.backends.rendering import render as fill
from netc.backends.wording import header
from netc.plan import Artifact, Kind, Plan
from netc.records import dataclass

READS_GRUB_D = {"debian", "ubuntu"}
"""Distributions whose grub-mkconfig reads `/etc/default/grub.d` (a patch of theirs)."""


KEEPS_COMMAND_LINE = {"bls", "systemd-boot", "uki"}
"""Boot loaders whose kernels take their arguments from `/etc/kernel/cmdline` when they are installed."""


@dataclass(frozen=True, slots=True)
class Steps:
    """What the script does."""

    initramfs: str
    """What rebuilds the initramfs: initramfs-tools, dracut, bootc, rpm-ostree, or nothing."""
    tracked: list[str]
    """Files that the initramfs must hold a copy of: rpm-ostree lays them over it, dracut is told of each, since it
    copies what it finds in /etc only into an initramfs for the machine that it runs on (hostonly)."""
    files: str
    """The same with blanks between them."""
    arguments: list[str]
    """Kernel arguments that the boot loader must be told of."""
    line: str
    """The same as they stand on a command line."""
    loader: str
    """What tells it: grub, grub.d, bls, rpm-ostree, or nothing."""
    appends: bool
    """Whether the arguments are appended to `/etc/kernel/cmdline`."""
    reinstalls: bool
    """Whether kernel-install makes entries and images anew."""
    groups: bool
    """Whether systemd-sysusers makes groups."""


def render(plan: Plan) -> list[Artifact]:
    steps = _steps(plan)
    if not (steps.initramfs or steps.arguments or steps.reinstalls or steps.groups):
        return []
    text = fill("after_copy/after-copy", header=header(plan), steps=steps)
    return [Artifact("after-copy", text, mode=0o755)]


def _steps(plan: Plan) -> Steps:
    boot = plan.target.boot
    arguments = [require(ARGUMENT, s.key, "kernel argument") for s in plan.of(Kind.KERNEL_ARGUMENT)]
    if boot in ("none", "bootc"):  # bootc reads a fragment by itself
        arguments = []
    installed = boot in ("systemd-boot", "uki")
    return Steps(
        initramfs=_initramfs(plan),
        tracked=initramfs_files(plan),
        files=" ".join(initramfs_files(plan)),
        arguments=arguments,
        line=" ".join(arguments),
        loader=_loader(plan) if arguments else "",
        appends=bool(arguments) and boot in KEEPS_COMMAND_LINE,
        reinstalls=installed and (bool(arguments) or initramfs_holds_copies(plan)),
        groups=any(a.group for a in plan.applications) or any(d.group for d in plan.devices),
    )


def _loader(plan: Plan) -> str:
    if plan.target.boot == "grub" and plan.target.distribution in READS_GRUB_D:
        return "grub.d"
    return plan.target.boot


def _initramfs(plan: Plan) -> str:
    """What rebuilds it. kernel-install, where it makes the entries, runs dracut by itself."""
    target = plan.target
    if target.initramfs == "none" or not initramfs_holds_copies(plan):
        return ""
    if target.boot in ("bootc", "rpm-ostree"):
        return target.boot
    if target.initramfs == "dracut" and target.boot in ("systemd-boot", "uki"):
        return ""
    return target.initramfs


def initramfs_files(plan: Plan) -> list[str]:
    """The files that an initramfs must hold a copy of, by paths on the host."""
    linked = [i for i in plan.interfaces if has_link_file(plan, i)]
    names = [require(INTERFACE, i.nic, "name of a NIC") for i in linked]
    files = [f"/etc/systemd/network/10-netc-{name}.link" for name in names]
    if any(interface.port is not None for interface in linked):
        files.append("/etc/udev/rules.d/79-netc-port.rules")
    return [*files, "/etc/modprobe.d/netc.conf"] if plan.of(Kind.MODULE_OPTION) else files

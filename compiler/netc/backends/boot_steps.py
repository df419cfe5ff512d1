"""Steps that tell initramfs and boot loader what files cannot: `after-copy` takes them when files came, and
`/etc/netc/remove` when they are gone.
"""

from __future__ import annotations

from netc.backends.binding import has_link_file, initramfs_holds_copies
from netc.backends.guards import ARGUMENT, INTERFACE, require
from netc.backends.rendering import render as fill
from netc.plan import Kind, Plan
from netc.records import dataclass

READS_GRUB_D = {"debian", "ubuntu"}
"""Distributions whose grub-mkconfig reads `/etc/default/grub.d` (a patch of theirs)."""


KEEPS_COMMAND_LINE = {"bls", "systemd-boot", "uki"}
"""Boot loaders whose kernels take their arguments from `/etc/kernel/cmdline` when they are installed."""

INSTALLS = {"systemd-boot", "uki"}
"""Boot loaders whose entries and images kernel-install makes."""

TELLS_ITSELF = {"none", "bootc"}
"""Boot loaders that nobody tells of arguments: there is none, or it reads a fragment by itself."""

RECORD = "/etc/netc/kernel-arguments"
"""What of the command line is netc's."""


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
    line: str
    """Kernel arguments that the boot loader must be told of, as they stand on a command line."""
    loader: str
    """What tells it: grub, grub.d, bls, rpm-ostree, systemd-boot, uki, or nothing."""
    appends: bool
    """Whether the arguments are appended to `/etc/kernel/cmdline`."""
    installs: bool
    """Whether kernel-install makes entries and images."""
    reinstalls: bool
    """Whether it must make them anew."""
    groups: bool
    """Whether systemd-sysusers makes groups."""
    removing: bool
    """Whether the files are gone."""


@dataclass(frozen=True, slots=True)
class Texts:
    """The parts of a script, each empty where there is nothing to do."""

    groups: str
    functions: str
    initramfs: str
    loader: str


def texts_of(plan: Plan, *, removing: bool = False, fresh: bool = False) -> Texts:
    """What to do when the files of a plan have come, or when they are gone, and what they brought with them.

    Where they come to a `fresh` host nothing of an earlier plan need be taken back.
    """
    steps = _steps(plan, removing, fresh)
    return Texts(
        fill("boot_steps/groups", steps=steps).strip("\n"),
        fill("boot_steps/arguments", steps=steps, record=RECORD).rstrip("\n")
        if steps.loader or steps.reinstalls
        else "",
        fill("boot_steps/initramfs", steps=steps).strip("\n"),
        fill("boot_steps/loader", steps=steps).strip("\n"),
    )


def _steps(plan: Plan, removing: bool, fresh: bool) -> Steps:
    boot = plan.target.boot
    arguments = [require(ARGUMENT, s.key, "kernel argument") for s in plan.of(Kind.KERNEL_ARGUMENT)]
    if boot in TELLS_ITSELF or removing:
        arguments = []
    tracked = initramfs_files(plan)
    loader = _loader(plan) if arguments or not fresh else ""
    return Steps(
        initramfs=_initramfs(plan),
        tracked=tracked,
        files=" ".join(tracked),
        line=" ".join(arguments),
        loader=loader,
        appends=bool(loader) and boot in KEEPS_COMMAND_LINE,
        installs=boot in INSTALLS,
        reinstalls=boot in INSTALLS and (bool(arguments) or initramfs_holds_copies(plan)),
        groups=bool(plan.groups),
        removing=removing,
    )


def _loader(plan: Plan) -> str:
    boot = plan.target.boot
    if boot == "grub" and plan.target.distribution in READS_GRUB_D:
        return "grub.d"
    return "" if boot in TELLS_ITSELF else boot


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

"""The root file system, kernel and initramfs that machines boot: Debian's own packages, made once and kept.

`$NETC_MACHINE_CACHE` or `~/.cache/netc-machine` holds what was made, a folder for each list of packages and
settings, so that a change of either makes a new one. `$NETC_DEBIAN_MIRROR` names a mirror.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

SUITE = "bookworm"
MIRROR = "http://deb.debian.org/debian"
SECURITY = "http://security.debian.org/debian-security"
PROGRAMS = ("mmdebstrap", "mke2fs")
KERNELS = {"6.1": SUITE, "6.12": f"{SUITE}-backports"}
"""Kernels that can be had, and the suites that have them."""

PACKAGES = (
    *("systemd-sysv", "udev", "dbus", "kmod", "initramfs-tools", "busybox", "zstd", "linux-image-amd64"),
    *("ethtool", "iproute2", "bpftool", "xdp-tools", "irqbalance", "nftables", "procps", "python3"),
)
LEFT_OUT = (
    *("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*"),
    *(f"/lib/modules/*/kernel/{part}/*" for part in ("sound", "drivers/gpu", "drivers/media", "drivers/staging")),
    *(f"/lib/modules/*/kernel/{part}/*" for part in ("drivers/bluetooth", "drivers/net/wireless", "drivers/iio")),
)
"""What a machine without a person before it needs not; the drivers of networks and disks stay."""
INITRAMFS_MODULES = ("virtio_pci", "virtio_blk", "virtio_net", "igb", "ext4")
"""What the initramfs holds. NICs among them, which is the harder case: they have drivers before the root is there."""
MASKED = (
    *("apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer", "fstrim.timer"),
    *("getty@tty1.service", "serial-getty@ttyS0.service", "e2scrub_reap.service", "systemd-pstore.service"),
)
"""Units that have nothing to do with networks and take their time in an emulated machine."""


class NoMachineError(Exception):
    """Why no machine can be had here."""


@dataclass(frozen=True)
class Image:
    """What QEMU is given."""

    root: Path
    """An ext4 file system, never written to."""
    kernel: Path
    initramfs: Path


def image(more: tuple[str, ...] = (), kernel: str = "6.1") -> Image:
    """The image with these packages beside the usual ones and a kernel of KERNELS, made where it is not there yet.

    Raises NoMachineError where programs, rights or the network for it are missing.
    """
    from_suite = {} if KERNELS[kernel] == SUITE else {"linux-image-amd64": f"linux-image-amd64/{KERNELS[kernel]}"}
    packages = (*(from_suite.get(package, package) for package in PACKAGES), *more)
    recipe = repr((SUITE, packages, LEFT_OUT, INITRAMFS_MODULES, MASKED, _customise()))
    folder = cache() / "images" / hashlib.sha256(recipe.encode()).hexdigest()[:16]
    if not folder.is_dir():
        _make(folder, packages)
    return Image(folder / "root.ext4", folder / "vmlinuz", folder / "initrd.img")


def cache() -> Path:
    """Where images are kept."""
    named = os.environ.get("NETC_MACHINE_CACHE")
    return Path(named) if named else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "netc-machine"


def _make(folder: Path, packages: tuple[str, ...]) -> None:
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        raise NoMachineError(f"{' and '.join(missing)} not installed, which images are made with")
    if os.geteuid() != 0:
        raise NoMachineError("an image is made by root")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="new-") as name:
        place = Path(name)
        place.chmod(0o755)  # apt works as another user
        tree, made = place / "tree", place / "made"
        made.mkdir()
        _install(tree, packages)
        (kernel,) = (tree / "boot").glob("vmlinuz-*")
        (initramfs,) = (tree / "boot").glob("initrd.img-*")
        shutil.move(kernel, made / "vmlinuz")
        shutil.move(initramfs, made / "initrd.img")
        # Sparse: the file system has room for a gibibyte more than is in it.
        size = sum(path.lstat().st_blocks * 512 for path in tree.rglob("*")) + (1 << 30)
        _run("mke2fs", "-q", "-t", "ext4", "-d", str(tree), str(made / "root.ext4"), f"{size >> 10}k")
        try:
            made.rename(folder)
        except OSError:
            if not folder.is_dir():  # else another process was faster
                raise


def _install(tree: Path, packages: tuple[str, ...]) -> None:
    mirror = os.environ.get("NETC_DEBIAN_MIRROR", MIRROR)
    sources = [f"deb {mirror} {SUITE} main", f"deb {mirror} {SUITE}-updates main"]
    sources.append(f"deb {os.environ.get('NETC_DEBIAN_SECURITY', SECURITY)} {SUITE}-security main")
    named = {suite for package in packages for _, _, suite in [package.partition("/")] if suite}
    sources += [f"deb {mirror} {suite} main" for suite in sorted(named)]
    left_out = [f"--dpkgopt=path-exclude={path}" for path in LEFT_OUT]
    _run(
        *("mmdebstrap", "--quiet", "--variant=minbase", "--format=directory", f"--include={','.join(packages)}"),
        *(*left_out, "--essential-hook=" + _before(), "--customize-hook=" + _customise(), SUITE, str(tree), *sources),
    )


def _before() -> str:
    """A shell command that says what the initramfs holds, before the kernel's package makes it; `$1` is the root."""
    modules = "\\n".join(INITRAMFS_MODULES)
    return (
        'mkdir -p "$1/etc/initramfs-tools/conf.d" && echo MODULES=list >"$1/etc/initramfs-tools/conf.d/machine" && '
        f'printf "{modules}\\n" >"$1/etc/initramfs-tools/modules"'
    )


def _customise() -> str:
    """A shell command that settles what an installer would; `$1` is the root."""
    masks = " && ".join(f'ln -sf /dev/null "$1/etc/systemd/system/{unit}"' for unit in MASKED)
    return (
        'echo machine >"$1/etc/hostname" && : >"$1/etc/fstab" && : >"$1/etc/resolv.conf" && '
        'echo 0123456789abcdef0123456789abcdef >"$1/etc/machine-id" && '
        'mkdir -p "$1/etc/systemd/journald.conf.d" && '
        'printf "[Journal]\\nStorage=volatile\\nRateLimitBurst=0\\n" >"$1/etc/systemd/journald.conf.d/machine.conf" && '
        f'rm -rf "$1"/var/cache/apt/* "$1"/var/lib/apt/lists/* && {masks}'
    )


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = " ".join(done.stderr.strip().splitlines()[-3:])
        raise NoMachineError(f"{command[0]} made no image: {last}")

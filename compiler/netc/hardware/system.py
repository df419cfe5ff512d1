"""The operating system of a machine: kernel, tick, systemd, distribution, and what its CPUs are."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING

from netc.hardware.tools import ask

if TYPE_CHECKING:
    from netc.hardware.machine_files import MachineFiles

_HOST = re.compile(
    r"(?=.{1,253}\Z)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*\Z"
)
_RELEASE = re.compile(r"[0-9]{1,3}\.[0-9]{1,3}[A-Za-z0-9._+~-]{0,200}\Z")
_BOOTED = re.compile(r"BOOT_IMAGE=\S*/vmlinuz-(\S+)")
_TICK = re.compile(r"^CONFIG_HZ=([0-9]{2,5})$", re.MULTILINE)
_SHARED_LIBRARY = re.compile(r"libsystemd-shared-([0-9]{1,5})\b.*\.so\Z")
_LARGEST_CONFIG = 8 * 2**20

_VENDORS = {"GenuineIntel": "intel", "AuthenticAMD": "amd"}
_DISTRIBUTIONS = {
    "debian": "debian",
    "ubuntu": "ubuntu",
    "rhel": "rhel",
    "centos": "centos",
    "rocky": "rocky",
    "almalinux": "alma",
    "fedora": "fedora",
    "flatcar": "flatcar",
    "arch": "arch",
}
"""ID of os-release → the language's word."""
_BY_MAJOR = frozenset({"rhel", "centos", "rocky", "alma"})
"""Distributions whose minor releases keep the major's kernel and systemd."""


def probe_host(files: MachineFiles) -> str | None:
    """The machine's name where it is a host name."""
    name = files.text("proc/sys/kernel/hostname") or files.text("etc/hostname") or ""
    return name if _HOST.match(name) and name != "localhost" else None


def kernel_release(files: MachineFiles) -> str | None:
    """The full release (`6.1.0-18-amd64`): the kernel's own word, else the image the boot loader took."""
    release = files.text("proc/sys/kernel/osrelease")
    if not release:
        words = (files.text("proc/version") or "").split()
        release = words[2] if words[:2] == ["Linux", "version"] and len(words) > 2 else None
    if not release:
        booted = _BOOTED.search(files.text("proc/cmdline") or "")
        release = booted[1] if booted else None
    return release if release and _RELEASE.match(release) else None


def kernel_version(release: str | None) -> str | None:
    """Major and minor version of a release: `6.10` of `6.10.3-1`."""
    match = re.match(r"([0-9]+)\.([0-9]+)", release or "")
    return f"{int(match[1])}.{int(match[2])}" if match else None


def probe_architecture(files: MachineFiles) -> str | None:
    """`x86-64` or `arm64`, by what /proc/cpuinfo says of the CPUs; None for others."""
    text = files.text("proc/cpuinfo") or ""
    if re.search(r"^flags\s*:.*\blm\b", text, re.MULTILINE):  # long mode: arch/x86/include/asm/cpufeatures.h
        return "x86-64"
    if "CPU implementer" in text and re.search(r"^CPU architecture\s*:\s*(?:8|AArch64)", text, re.MULTILINE):
        return "arm64"
    machine = files.text("proc/sys/kernel/arch")
    return {"x86_64": "x86-64", "aarch64": "arm64"}.get(machine or "")


def probe_vendor(files: MachineFiles) -> str | None:
    """`intel`, `amd`, `arm` or `other`."""
    text = files.text("proc/cpuinfo") or ""
    vendor = re.search(r"^vendor_id\s*:\s*(\S+)", text, re.MULTILINE)
    if vendor:
        return _VENDORS.get(vendor[1], "other")
    return "arm" if "CPU implementer" in text else None


def probe_tick(files: MachineFiles, release: str | None) -> int | None:
    """CONFIG_HZ from the kernel's configuration, where one lies about."""
    paths = [f"boot/config-{release}", f"usr/lib/modules/{release}/config", f"lib/modules/{release}/config"]
    configs = [files.text(path) for path in paths] if release else []
    for config in (*configs, _packed_config(files)):
        tick = _TICK.search(config or "")
        if tick and 24 <= int(tick[1]) <= 10000:  # the bounds of the schema
            return int(tick[1])
    return None


def _packed_config(files: MachineFiles) -> str | None:
    packed = files.content("proc/config.gz")
    if packed is None:
        return None
    try:
        unpacked = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16).decompress(packed, _LARGEST_CONFIG)
    except zlib.error:
        return None
    return unpacked.decode("utf-8", "replace")


def probe_systemd(files: MachineFiles) -> int | None:
    """The version by the name of systemd's own library, which tells it without running anything."""
    folders = ["usr/lib/systemd", "lib/systemd", "usr/lib64/systemd"]
    folders += [f"usr/lib/{name}/systemd" for name in files.names("usr/lib") if name.endswith("-linux-gnu")]
    for folder in folders:
        versions = [_SHARED_LIBRARY.match(name) for name in files.names(folder)]
        found = {int(version[1]) for version in versions if version}
        if len(found) == 1:
            return found.pop() or None
    told = re.match(r"systemd ([0-9]{1,5})\b", ask(files, "systemctl", "--version") or "")
    return (int(told[1]) or None) if told else None


def probe_distribution(files: MachineFiles) -> str | None:
    """Word and version of the language, by os-release(5); None for a distribution it has no word for."""
    text = files.text("etc/os-release") or files.text("usr/lib/os-release") or ""
    found = dict(re.findall(r"""^(ID|VERSION_ID)=["']?([A-Za-z0-9._-]*)["']?\s*$""", text, re.MULTILINE))
    word = _DISTRIBUTIONS.get(found.get("ID", ""))
    version = found.get("VERSION_ID", "")
    if word is None:
        return None
    if not re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]{1,9}){0,3}", version):  # Arch and Debian sid have none
        return word
    return f"{word} {version.partition('.')[0] if word in _BY_MAJOR else version}"

"""What a release of a distribution brings, from `distributions.yaml`, whose head explains the fields."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from netc.knowledge.tables import table
from netc.records import dataclass


@dataclass(frozen=True, slots=True)
class Paths:
    """Where programs lie; None: the release does not package it."""

    systemd_sysctl: str
    ethtool: str
    ip: str
    modprobe: str
    xdp_loader: str | None


@dataclass(frozen=True, slots=True)
class Irqbalance:
    """How irqbalance is configured; None: not known."""

    file: str | None
    """Environment file of its unit, read by systemd."""
    installed: bool | None
    """Whether it is installed, and then enabled, by default."""
    cpulist: bool | None
    """Whether it knows IRQBALANCE_BANNED_CPULIST; before 1.8 only the mask IRQBALANCE_BANNED_CPUS."""


@dataclass(frozen=True, slots=True)
class ToolVersions:
    """Versions of tools, as text; None: not known or not packaged."""

    ethtool: str | None
    irqbalance: str | None
    xdp_tools: str | None


@dataclass(frozen=True, slots=True)
class Modules:
    """How the kernel has a part: m (a module), y (built in), n (left out); None: not known."""

    nf_conntrack: str | None
    tcp_bbr: str | None
    sch_fq: str | None
    br_netfilter: str | None
    vfio_noiommu: str | None
    """CONFIG_VFIO_NOIOMMU, which is an option of vfio: y or n."""
    no_hz_full: str | None
    """CONFIG_NO_HZ_FULL, without which `nohz_full=` means nothing: y or n."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """A release of a distribution. None in a field: not known, or it moves too fast to say."""

    name: str
    release: str | None
    """The release whose facts these are; None for one that rolls."""
    certain: bool
    """False where the release asked for is not in the table and these are the facts of the nearest."""
    kernel: str | None
    systemd: int | None
    tick: tuple[tuple[str, int | None], ...]
    """(architecture, CONFIG_HZ)"""
    page: tuple[tuple[str, int | None], ...]
    """(architecture, bytes of a base page)"""
    boot: str | None
    initramfs: str | None
    network: str | None
    sysctl_conf_last: bool | None
    """Whether /etc/sysctl.conf is read as 99-sysctl.conf, so that only a name behind it, as 99-zz-…, wins."""
    congestion: str | None
    qdisc: str | None
    selinux: bool | None
    dpdk_service: bool | None
    """Whether the package of DPDK brings dpdk.service, which frees huge pages and binds devices by itself."""
    backports: bool
    """Whether the kernel has newer drivers and networking than its version says."""
    paths: Paths
    irqbalance: Irqbalance
    versions: ToolVersions
    modules: Modules
    source: str
    unverified: tuple[str, ...]
    """Fields known from hearsay."""

    def tick_of(self, architecture: str) -> int | None:
        """CONFIG_HZ of the architecture's usual kernel; None: not known."""
        return dict(self.tick).get(architecture)

    def page_of(self, architecture: str) -> int | None:
        """Bytes of a base page of the architecture's usual kernel; None: not known."""
        return dict(self.page).get(architecture)

    def verified(self, field: str) -> bool:
        """Whether a source was read for the field, and for this very release."""
        return self.certain and field not in self.unverified


def known_distributions() -> tuple[str, ...]:
    """The names of all distributions in the table, in alphabetical order."""
    return tuple(sorted(table("distributions")["distributions"]))


def known_releases(name: str) -> tuple[str, ...]:
    """The releases of a distribution in the table, oldest first; none for one that rolls or is not known."""
    record = _record(name)
    return () if record is None else tuple(sorted(record["releases"], key=_numbers))


@cache
def distribution(name: str, release: str | None = None) -> Distribution | None:
    """The facts of a release, or of the nearest in the table; None for a name that the table does not have.

    Without a release the newest one counts. `9.4` is a `9`. Between two releases the older one counts.
    """
    record = _record(name)
    if record is None:
        return None
    found, certain = _nearest(known_releases(name), release)
    family = table("distributions")["families"][record["family"]]
    facts = {**family, **record, **(record["releases"][found] if found is not None else {})}
    return _read(name, found, certain, facts)


def _record(name: str) -> dict[str, Any] | None:
    every = table("distributions")["distributions"]
    record: dict[str, Any] | None = every.get(name)
    return every[record["same_as"]] if record is not None and "same_as" in record else record


def _numbers(release: str) -> tuple[int, ...]:
    return tuple(int(digits) for digits in re.findall(r"\d+", release))


def _nearest(releases: tuple[str, ...], wanted: str | None) -> tuple[str | None, bool]:
    """The release whose facts count, and whether it is the one that was wanted."""
    if not releases:
        return None, True
    if wanted is None:
        return releases[-1], False
    for release in releases:
        if wanted == release or wanted.startswith(f"{release}."):
            return release, True
    if not _numbers(wanted):
        return releases[-1], False
    older = [release for release in releases if _numbers(release) <= _numbers(wanted)]
    return (older[-1] if older else releases[0]), False


def _read(name: str, release: str | None, certain: bool, facts: dict[str, Any]) -> Distribution:
    return Distribution(
        name=name,
        release=release,
        certain=certain,
        kernel=facts["kernel"],
        systemd=facts["systemd"],
        tick=tuple(facts["tick"].items()),
        page=tuple(facts["page"].items()),
        boot=facts["boot"],
        initramfs=facts["initramfs"],
        network=facts["network"],
        sysctl_conf_last=facts["sysctl_conf_last"],
        congestion=facts["congestion"],
        qdisc=facts["qdisc"],
        selinux=facts["selinux"],
        dpdk_service=facts["dpdk_service"],
        backports=facts["backports"],
        paths=Paths(**_as_names(facts["paths"])),
        irqbalance=Irqbalance(**facts["irqbalance"]),
        versions=ToolVersions(**{"xdp_tools": None, **_as_names(facts["versions"])}),
        modules=Modules(**facts["modules"]),
        source=facts["source"],
        unverified=tuple(facts.get("unverified", ())),
    )


def _as_names(record: dict[str, Any]) -> dict[str, Any]:
    return {name.replace("-", "_"): value for name, value in record.items()}

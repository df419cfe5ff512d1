"""Forms of the output: what is written into the directory of a host instead of a tree.

Every format is one module that turns the artifacts of a host into other artifacts, which then go the way of all: they
are compared, owned by manifest and exchanged whole. None writes, and none knows another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

    from netc.diagnostics import Report
    from netc.formats.host_files import HostFiles
    from netc.plan import Artifact

    Render = Callable[[HostFiles, Report], list[Artifact]]
    """The artifacts of a host as the format has them; what it cannot carry is told to the report."""
    RenderFleet = Callable[[Sequence[str]], list[Artifact]]
    """What the format needs once for all hosts of a run, given their names."""

FORMATS: dict[str, str] = {
    "tree": "files as they lie on the host, to be copied into an image",
    "tar": "rootfs.tar, to be unpacked into an image",
    "ignition": "config.ign for Ignition 3.4, which acts at the first boot",
    "butane": "config.bu, which butane makes the same of",
    "cloud-init": "user-data for cloud-init, which acts at the first boot and reboots",
    "ansible": "the tree of each host, and a role, a playbook and an inventory",
    "confext": "netc/, a configuration extension for systemd-confext",
    "mkosi": "mkosi.conf and mkosi.extra/ for mkosi",
    "bootc": "Containerfile and rootfs/ for a bootable container",
    "deb": "a package for dpkg",
    "rpm": "netc.spec and rootfs.tar, which rpmbuild makes a package of",
}
"""The one list of formats: name → what is written. The module of a format has its name, with `_` for `-`."""

FLEET = "netc_fleet"
"""The directory beside the hosts with what is needed once for all. No host name holds `_`."""


def render_of(name: str) -> Render:
    """What writes a format."""
    render: Render = _module(name).render
    return render


def render_fleet_of(name: str) -> RenderFleet | None:
    """What writes the part of a format that all hosts share; None where a format has no such part."""
    render: RenderFleet | None = getattr(_module(name), "render_fleet", None)
    return render


def _module(name: str) -> ModuleType:
    """The module of one format and no other: each start of netc pays for what it imports, `importlib` too."""
    return __import__(f"netc.formats.{name.replace('-', '_')}", fromlist=["render"])

"""What Ignition and Butane configurations have in common: files, links and units for the first boot of a machine."""

from __future__ import annotations

import base64

from netc.backends import after_copy
from netc.backends.boot_steps import RECORD
from netc.backends.rendering import render as fill
from netc.backends.wording import header
from netc.formats.host_files import HostFiles, content_of
from netc.plan import Artifact, Kind
from netc.records import dataclass, replace

UNITS = "etc/systemd/system/"
AFTER_COPY_UNIT = "netc-after-copy.service"


@dataclass(frozen=True, slots=True)
class Provisions:
    files: list[Artifact]
    links: list[Artifact]
    units: dict[str, str]
    """Unit files by name, those in `etc/systemd/system`."""
    drop_ins: dict[str, dict[str, str]]
    """Drop-in files of units by the unit's name and their own, from the same place."""
    arguments: list[str]


def provisions_of(host: HostFiles) -> Provisions:
    """Everything by kind, each sorted by path. A unit enabled by a link stays so: the link is among the links."""
    found = Provisions([], [], {}, {}, host.arguments)
    artifacts = [*host.rootfs, *_remaining_steps(host), *_remembered(host)]
    for artifact in sorted(artifacts, key=lambda artifact: artifact.path):
        below, _, name = artifact.path.removeprefix(UNITS).rpartition("/")
        if artifact.target:
            found.links.append(artifact)
        elif not artifact.path.startswith(UNITS) or artifact.mode != 0o644 or not artifact.text:
            found.files.append(artifact)
        elif not below:
            found.units[name] = artifact.text
        elif below.endswith(".d") and "/" not in below and name.endswith(".conf"):
            found.drop_ins.setdefault(below.removesuffix(".d"), {})[name] = artifact.text
        else:
            found.files.append(artifact)
    return found


def _remaining_steps(host: HostFiles) -> list[Artifact]:
    """`after-copy` as a unit of the first boot, without the kernel arguments: Ignition passes those by itself."""
    settings = tuple(s for s in host.plan.settings if s.kind is not Kind.KERNEL_ARGUMENT)
    scripts = after_copy.render(replace(host.plan, settings=settings), fresh=True)
    if not scripts:
        return []
    unit = fill(f"formats/{AFTER_COPY_UNIT}", header=header(host.plan))
    return [
        replace(scripts[0], path="etc/netc/after-copy"),
        Artifact(f"{UNITS}{AFTER_COPY_UNIT}", unit),
        Artifact(f"{UNITS}multi-user.target.wants/{AFTER_COPY_UNIT}", target=f"../{AFTER_COPY_UNIT}"),
    ]


def _remembered(host: HostFiles) -> list[Artifact]:
    """What `after-copy` would remember of the kernel arguments that Ignition passes to rpm-ostree, so that they can be
    taken back from it."""
    if not host.arguments or host.plan.target.boot != "rpm-ostree":
        return []
    return [Artifact(RECORD.removeprefix("/"), " ".join(host.arguments) + "\n")]


def units_of(found: Provisions) -> list[dict[str, object]]:
    """The units with their drop-ins, by name, in the words that Ignition and Butane share."""
    units: dict[str, dict[str, object]] = {name: {"name": name, "contents": t} for name, t in found.units.items()}
    for name, drop_ins in found.drop_ins.items():
        named = [{"name": drop_in, "contents": text} for drop_in, text in drop_ins.items()]
        units.setdefault(name, {"name": name})["dropins"] = named
    return [units[name] for name in sorted(units)]


def data_url(artifact: Artifact) -> str:
    """The content of a file as RFC 2397 has it."""
    return f"data:;base64,{base64.b64encode(content_of(artifact)).decode('ascii')}"

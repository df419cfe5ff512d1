"""What back ends that write units share: where units lie, how they are enabled, and the service of one NIC."""

from __future__ import annotations

from netc.backends.rendering import render as fill
from netc.plan import Artifact
from netc.records import dataclass

UNITS = "rootfs/etc/systemd/system"


@dataclass(frozen=True, slots=True)
class Step:
    """One call of a shell function in a script, and the comment above it."""

    because: str
    command: str


def enabled(unit: str, by: str = "multi-user.target") -> Artifact:
    """The link by which another unit, that of a device perhaps, wants this one: what `systemctl enable` would make."""
    return Artifact(f"{UNITS}/{by}.wants/{unit}", target=f"../{unit}")


def service_of_nic(templates: str, word: str, header: str, name: str, device: str, nic: object) -> list[Artifact]:
    """`netc-WORD-NAME.service` and its script `/etc/netc/WORD/NAME`, from `netc-WORD.service` and WORD in a folder of
    templates, which print `nic`. The device wants the service, so that it runs as soon as there is one."""
    unit = f"netc-{word}-{name}.service"
    return [
        Artifact(f"rootfs/etc/netc/{word}/{name}", fill(f"{templates}/{word}", header=header, nic=nic), mode=0o755),
        Artifact(f"{UNITS}/{unit}", fill(f"{templates}/netc-{word}.service", header=header, nic=nic)),
        enabled(unit, device),
    ]

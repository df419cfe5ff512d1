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


def known_to_udev_as(root: str = "") -> str:
    """The shell function that finds the interface which udev recognised as a NIC; `root` is where /sys and /run are, as
    the shell writes it. Its script has a variable `newline`."""
    return fill("shell_functions/known_to_udev_as", root=root).rstrip("\n")


def behind_label() -> str:
    """The shell function that finds a value in what ethtool prints. Its script has variables `newline` and `tab`."""
    return fill("shell_functions/behind_label").rstrip("\n")


def ask_ethtool() -> str:
    """The shell function that asks it. Its script has variables `ethtool` and `interface`."""
    return fill("shell_functions/ask_ethtool").rstrip("\n")


def service_of_nic(
    templates: str, word: str, header: str, name: str, device: str, nic: object, *, at_boot: bool = False
) -> list[Artifact]:
    """`netc-WORD-NAME.service` and its script `/etc/netc/WORD/NAME`, from `netc-WORD.service` and WORD in a folder of
    templates, which print `nic`. The device wants the service, so that it runs as soon as there is one; `at_boot` each
    boot does too, so that it fails where there is none."""
    unit = f"netc-{word}-{name}.service"
    return [
        Artifact(f"rootfs/etc/netc/{word}/{name}", fill(f"{templates}/{word}", header=header, nic=nic), mode=0o755),
        Artifact(f"{UNITS}/{unit}", fill(f"{templates}/netc-{word}.service", header=header, nic=nic)),
        enabled(unit, device),
        *([enabled(unit)] if at_boot else []),
    ]

"""How a driver names its interrupts, from `drivers.yaml`."""

from __future__ import annotations

import re

from netc.records import dataclass

_ANY_INTERFACE = "[^/: -]{1,15}"
"""A name as the kernel and udev make them, without a hyphen, which would hide where it ends."""


@dataclass(frozen=True, slots=True)
class Interrupts:
    """How interrupts are named in /proc/interrupts, and when the names appear."""

    queue: tuple[str, ...]
    other: tuple[str, ...]
    named_by: str
    """interface | pci | virtio | none"""
    requested: str
    """probe | open"""
    halves: bool = False
    """Whether the first half of the numbers sends, and the second half receives."""

    def queue_of(self, name: str, interface: str | None = None) -> int | None:
        """The queue that the interrupt called `name` serves; None when it serves none of this driver's."""
        if any(re.fullmatch(_for_interface(pattern, interface), name) for pattern in self.other):
            return None
        for pattern in self.queue:
            if match := re.fullmatch(_for_interface(pattern, interface), name):
                return int(match.groupdict().get("queue") or 0)
        return None


def _for_interface(pattern: str, interface: str | None) -> str:
    return pattern.replace("{interface}", _ANY_INTERFACE if interface is None else re.escape(interface))

"""Virtual functions that a network driver makes, from `drivers.yaml`."""

from __future__ import annotations

from typing import Any

from netc.records import dataclass

SETTINGS = ("mac", "vlan", "trust", "spoof-check")
"""What can be set of a virtual function, in the order in which it is told."""


@dataclass(frozen=True, slots=True)
class Sriov:
    """What a driver makes of a number that is written to `sriov_numvfs`."""

    driver: str | None
    """The kernel's driver of the virtual functions; None: nothing tells."""
    settings: tuple[str, ...]
    """Those of SETTINGS that `ip link set … vf N` sets."""
    source: str
    maximum: int | None = None
    """The most that any of its devices has; None: device and firmware decide."""
    while_down: bool | None = None
    """Whether the number is taken before the interface first comes up; None: not known."""
    needs_link: bool = False
    """Whether virtual functions reach their physical function only while its link is up."""
    channels: tuple[tuple[int, int], ...] = ()
    """(virtual functions, channels): from so many of them on, the most channels left to the interface itself."""

    def channels_beside(self, functions: int) -> int | None:
        """The most channels of the physical function's own interface; None: as many as without virtual functions."""
        return next((most for least, most in reversed(self.channels) if functions >= least), None)


def read_sriov(record: dict[str, Any] | None) -> Sriov | None:
    if record is None:
        return None
    channels = tuple((int(functions), most) for functions, most in record.get("channels", {}).items())
    return Sriov(**{**record, "settings": tuple(record["settings"]), "channels": channels})

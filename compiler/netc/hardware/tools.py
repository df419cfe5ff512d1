"""What only the running machine's tools tell: limits that the kernel gives by ethtool's interface alone."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from netc.hardware.facts import RingsFact

if TYPE_CHECKING:
    from netc.hardware.machine_files import MachineFiles

PATIENCE = 5.0
"""Seconds a tool may take; a NIC whose firmware hangs makes ethtool hang."""
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin"
_LIMIT = re.compile(r"^(?P<what>RX|TX|Combined):\s*(?P<most>[0-9]{1,9})\s*$", re.MULTILINE)
_TABLE_ROW = re.compile(r"^\s*[0-9]+:((?:\s+[0-9]+)+)\s*$", re.MULTILINE)


def ask(files: MachineFiles, tool: str, *arguments: str) -> str | None:
    """What a tool prints; None for a copied machine, without the tool, and when it fails or hangs."""
    import subprocess

    program = _program(tool) if files.live else None
    if program is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603 - no shell; arguments are names that were checked
            [program, *arguments],
            env={"PATH": _PATH, "LC_ALL": "C", "HOME": os.environ.get("HOME", "/")},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


def is_installed(tool: str) -> bool:
    return _program(tool) is not None


def _program(tool: str) -> str | None:
    import shutil

    return shutil.which(tool, path=_PATH)


def most_channels(text: str | None) -> int | None:
    """Most channels by `ethtool -l`; of drivers without combined ones (mlx4, gve) those that receive."""
    limits = _limits(text)
    return limits.get("Combined") or limits.get("RX")


def most_descriptors(text: str | None) -> RingsFact | None:
    """Longest rings by `ethtool -g`."""
    limits = _limits(text)
    rings = RingsFact(limits.get("RX"), limits.get("TX"))
    return None if rings == RingsFact() else rings


def _limits(text: str | None) -> dict[str, int]:
    """The numbers above zero of the first part, before what is set now."""
    maxima = (text or "").partition("Current hardware settings")[0]
    return {match["what"]: int(match["most"]) for match in _LIMIT.finditer(maxima) if int(match["most"])}


def table_entries(text: str | None) -> int | None:
    """Entries of the RSS indirection table by `ethtool -x`."""
    table = (text or "").partition("RSS hash key")[0]
    return sum(len(row[1].split()) for row in _TABLE_ROW.finditer(table)) or None


def permanent_mac(text: str | None) -> str | None:
    """The address by `ethtool -P`, as it is printed."""
    match = re.search(r"Permanent address:\s*(\S+)", text or "")
    return match[1] if match else None


def runs_xdp(text: str | None) -> bool | None:
    """Whether `xdp-loader features` says that the driver runs XDP programs."""
    match = re.search(r"NETDEV_XDP_ACT_BASIC:\s*(yes|no)\b", text or "")
    return match[1] == "yes" if match else None

"""What one boot took, from what the machine told."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.boot import settings

if TYPE_CHECKING:
    from benchmarks.virtual_machine.machine import Observed

NEVER = 0
"""systemd's time stamp of what has not happened."""


@dataclass(frozen=True)
class Unit:
    """What the starts of one unit took."""

    runs: int
    seconds: float
    """From the begin of its start until it counts as started, of all runs."""
    cpu: float
    """Seconds of the last run: systemd keeps no more."""


@dataclass(frozen=True)
class Boot:
    """What a boot took. Times are seconds since the kernel started, CPU those of all processes of a cgroup."""

    userspace: float
    """When systemd of the root file system took over."""
    target: float
    """When multi-user.target was reached."""
    finished: float
    """When no job of the boot was left."""
    units: dict[str, Unit]
    cpu: dict[str, float]
    """Cgroup, as init.scope for systemd itself → seconds."""
    chain: str
    """What multi-user.target waited for, as `systemd-analyze critical-chain` draws it."""

    @property
    def all_cpu(self) -> float:
        """Of systemd and all services until the last is done, but the one that observes."""
        return sum(seconds for name, seconds in self.cpu.items() if name != "observer.slice")


def boot(setting: str, seen: Observed) -> Boot:
    """What the machine told of a boot of the setting. Raises ValueError where it is not what was to be measured."""
    if failed := seen.commands[settings.FAILED].strip():
        raise ValueError(f"units failed: {', '.join(line.split()[0] for line in failed.splitlines())}")
    if setting == "tuned" and f"profile: {settings.PROFILE}" not in seen.commands[settings.ACTIVE]:
        raise ValueError(f"tuned has no profile {settings.PROFILE}: {seen.commands[settings.ACTIVE].strip()}")
    blocks = properties(seen.commands[settings.SHOW])
    (manager,) = properties(seen.commands[settings.MANAGER])
    target = next(block for block in blocks if block["Id"] == "multi-user.target")
    earlier = starts(seen.commands[settings.STARTS])
    own = [block for block in blocks if block["Id"].endswith(".service") and block["Id"] != "netc-observe.service"]
    units = {block["Id"]: unit(block, earlier.get(block["Id"], [])) for block in own if _seconds(block, "ActiveEnter")}
    chain = "\n".join(line for line in seen.commands[settings.CHAIN].splitlines() if ".target @" in line or "─" in line)
    reached, finished = _seconds(target, "ActiveEnter"), _seconds(manager, "Finish")
    return Boot(_seconds(manager, "Userspace"), reached, finished, units, cgroups(seen.files), chain)


def properties(shown: str) -> list[dict[str, str]]:
    """What `systemctl show` prints: a block of lines `Name=value` for each unit, an empty line between."""
    return [dict(re.findall(r"^(\w+)=(.*)$", block, re.MULTILINE)) for block in shown.strip().split("\n\n")]


def unit(block: dict[str, str], starts: list[tuple[float, float]]) -> Unit:
    """The unit of these properties; of its starts, those count that began before the one that properties tell of."""
    began = _seconds(block, "InactiveExit")
    earlier = [end - begin for begin, end in starts if begin < began]
    cpu = block["CPUUsageNSec"]
    last = _seconds(block, "ActiveEnter") - began
    return Unit(1 + len(earlier), last + sum(earlier), int(cpu) / 1e9 if cpu.isdecimal() else 0)


def starts(journal: str) -> dict[str, list[tuple[float, float]]]:
    """Unit → begin and end of each start, in seconds, from systemd's messages as JSON lines."""
    begun: dict[str, float] = {}
    found: dict[str, list[tuple[float, float]]] = {}
    for line in journal.splitlines():
        message = json.loads(line)
        name, now = message.get("UNIT", ""), int(message["__MONOTONIC_TIMESTAMP"]) / 1e6
        if message["MESSAGE_ID"] == settings.STARTING:
            begun[name] = now
        elif name in begun:
            found.setdefault(name, []).append((begun.pop(name), now))
    return found


def cgroups(files: dict[str, str | None]) -> dict[str, float]:
    """Name → seconds, of the files cpu.stat of cgroups."""
    found = {}
    for path, text in files.items():
        if match := re.search(r"^usage_usec (\d+)$", text or "", re.MULTILINE):
            found[path.split("/")[-2]] = int(match[1]) / 1e6
    return found


def _seconds(block: dict[str, str], stamp: str) -> float:
    """A monotonic time stamp of systemd, which has microseconds."""
    return int(block.get(f"{stamp}TimestampMonotonic") or NEVER) / 1e6

"""The machine that is read: its files, and where it is the running one, its tools."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from netc.hardware.machine_files import MachineFiles
from netc.hardware.tools import ask, is_installed

if TYPE_CHECKING:
    from pathlib import Path

UP = 1
"""IFF_UP of include/uapi/linux/if.h."""


class Machine:
    """Reads below a root, and asks each tool a question once."""

    def __init__(self, root: Path) -> None:
        self.files = MachineFiles(root)
        self._answers: dict[tuple[str, ...], str | None] = {}

    @property
    def live(self) -> bool:
        return self.files.live

    @property
    def tells_all(self) -> bool:
        """Whether its tools may be asked for programs in the kernel, and the environment of services be read."""
        return self.live and os.geteuid() == 0

    def ask(self, tool: str, *question: str) -> str | None:
        """What a tool of the running machine prints; None where it fails, is missing, or this is a copy."""
        asked = (tool, *question)
        if asked not in self._answers:
            self._answers[asked] = ask(self.files, tool, *question)
        return self._answers[asked]

    def has(self, tool: str) -> bool:
        return self.live and is_installed(tool)

    def exists(self, path: str) -> bool:
        """Whether there is something of this path, readable or not."""
        above, _, name = path.rpartition("/")
        return name in self.files.names(above)

    def first_line(self, path: str) -> str | None:
        """The first line of a file, without blanks around it; None where it cannot be read."""
        text = self.files.text(path)
        return None if text is None else text.partition("\n")[0].strip()

    def is_up(self, interface: str) -> bool:
        flags = self.first_line(f"sys/class/net/{interface}/flags") or "0"
        try:
            return bool(int(flags, 16) & UP)
        except ValueError:
            return False

    def queues(self, interface: str, direction: str) -> list[int]:
        """The numbers of queues in sysfs; `direction` is `rx` or `tx`."""
        names = self.files.names(f"sys/class/net/{interface}/queues")
        found = (name.partition("-") for name in names)
        return sorted(int(number) for kind, _, number in found if kind == direction and number.isdecimal())

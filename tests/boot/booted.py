"""A host of tests/boot/hosts, compiled for the machine of the boot proof, and booted on it."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boot_promises
import pytest

from running import netc

sys.path.append(str(Path(__file__).parents[2]))  # for the machine, which benchmarks use too

from benchmarks.trees import kernel_arguments
from benchmarks.virtual_machine.image import NoMachineError, image
from benchmarks.virtual_machine.machine import Machine, Port, boot, observe

if TYPE_CHECKING:
    from benchmarks.virtual_machine.machine import Answer

HOSTS = Path(__file__).parent / "hosts"
FRONT = Port("52:54:00:6e:74:01", node=0, queues=4)
BACK = Port("52:54:00:6e:74:02", node=1, queues=4)


@dataclass(frozen=True)
class Compiled:
    """A host and its files."""

    folder: Path
    plan: dict[str, Any]

    @property
    def rootfs(self) -> Path:
        return self.folder / "rootfs"

    @property
    def arguments(self) -> str:
        return kernel_arguments(self.folder)

    def look(self, name: str) -> dict[str, Any]:
        """The step that reads all that the plan promises, and what units say."""
        return observe(name, boot_promises.files(self.plan), boot_promises.commands(self.plan))

    def boot(self, steps: list[dict[str, Any]]) -> Answer:
        """What the machine answers with this host's tree over its root."""
        machine = Machine((FRONT, BACK), iommu=bool(self.plan["devices"]))
        assert {machine.address(port) for port in machine.ports} == {"0000:21:00.0", "0000:41:00.0"}
        try:
            return boot(image(), machine, self.rootfs, self.arguments, steps)
        except NoMachineError as reason:
            pytest.skip(f"no machine can be had here: {reason}")


def compiled(host: str, folder: Path) -> Compiled:
    """The host of this name, compiled into the folder."""
    done = netc("compile", HOSTS / f"{host}.net", "-o", folder)
    assert done.status == 0, done.err
    place = folder / f"{host}.example.net"
    return Compiled(place, json.loads((place / "plan.json").read_text()))

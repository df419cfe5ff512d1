"""From a plan to the files of a host.

Every back end is one module that sees nothing but the plan, and writes one kind of artifact through the
templates in the folder of its name. None knows another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.backends import (
    after_copy,
    application,
    cpu_unit,
    hugepages,
    irqbalance,
    kernel_arguments,
    link,
    manager,
    modprobe,
    modules_load,
    nic_unit,
    plan_file,
    recognition,
    steering,
    sysctl,
    take_back,
    verify,
    vfio,
    virtual_functions,
    xdp,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from netc.plan import Artifact, Plan

BACKENDS: tuple[tuple[str, Callable[[Plan], list[Artifact]]], ...] = (
    ("sysctl", sysctl.render),
    ("modules_load", modules_load.render),
    ("modprobe", modprobe.render),
    ("link", link.render),
    ("recognition", recognition.render),
    ("virtual_functions", virtual_functions.render),
    ("nic_unit", nic_unit.render),
    ("xdp", xdp.render),
    ("steering", steering.render),
    ("vfio", vfio.render),
    ("cpu_unit", cpu_unit.render),
    ("hugepages", hugepages.render),
    ("irqbalance", irqbalance.render),
    ("application", application.render),
    ("kernel_arguments", kernel_arguments.render),
    ("manager", manager.render),
    ("verify", verify.render),
    ("after_copy", after_copy.render),
    ("plan_file", plan_file.render),
)
"""The one list of back ends, each by the name of its module and template folder."""


NAME_THE_HOST = {"plan_file"}
"""Back ends in whose artifacts the host's name stands."""


def artifacts_of(plan: Plan) -> list[Artifact]:
    """All files of the plan's host, sorted by path."""
    return Renderer().artifacts_of(plan)


class Renderer:
    """Renders one plan after another; what a plan has in common with the last one is rendered once."""

    def __init__(self) -> None:
        self._last: Plan | None = None
        self._shared: list[Artifact] = []

    def artifacts_of(self, plan: Plan) -> list[Artifact]:
        """All files of the plan's host, sorted by path."""
        if self._last is None or not plan.is_twin_of(self._last):
            self._shared = [a for name, render in BACKENDS if name not in NAME_THE_HOST for a in render(plan)]
            self._shared += take_back.render(plan, self._shared)
            self._last = plan
        own = [a for name, render in BACKENDS if name in NAME_THE_HOST for a in render(plan)]
        return sorted(own + self._shared, key=lambda artifact: artifact.path)

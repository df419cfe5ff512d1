"""From a plan to the files of a host.

Every back end is one module that sees nothing but the plan, and writes one kind of artifact through the
templates in the folder of its name. None knows another.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from netc.backends import take_back
from netc.plan import Kind, Plan, Via

if TYPE_CHECKING:
    from collections.abc import Callable

    from netc.plan import Artifact

    Render = Callable[[Plan], list[Artifact]]
    Held = Callable[[Plan], object]


def _always(plan: Plan) -> bool:
    return True


def _settings(kind: Kind) -> Held:
    return lambda plan: plan.of(kind)


def _carried(via: Via) -> Held:
    return lambda plan: any(via in setting.via for setting in plan.settings)


_makes_functions = _carried(Via.FUNCTIONS)

BACKENDS: tuple[tuple[str, Held], ...] = (
    ("sysctl", _settings(Kind.SYSCTL)),
    ("modules_load", _settings(Kind.MODULE)),
    ("modprobe", _settings(Kind.MODULE_OPTION)),
    ("link", _always),
    ("recognition", lambda plan: any(not interface.name for interface in plan.interfaces)),
    ("virtual_functions", lambda plan: _makes_functions(plan) or any(i.physical_function for i in plan.interfaces)),
    ("nic_unit", _carried(Via.UNIT)),
    ("xdp", lambda plan: plan.programs),
    ("steering", _carried(Via.STEERING)),
    ("vfio", lambda plan: plan.devices),
    ("cpu_unit", _settings(Kind.CPU)),
    ("hugepages", lambda plan: plan.of(Kind.HUGEPAGES) or plan.applications),
    ("irqbalance", _settings(Kind.SERVICE)),
    ("application", lambda plan: plan.applications or any(s.key == "dpdk.service" for s in plan.of(Kind.SERVICE))),
    ("kernel_arguments", _settings(Kind.KERNEL_ARGUMENT)),
    ("manager", _settings(Kind.MANAGER)),
    ("verify", _always),
    ("after_copy", _always),
    ("plan_file", _always),
)
"""The one list of back ends, each by the name of its module and template folder, and what a plan holds where the back
end may write anything. The module is imported when one does."""


NAME_THE_HOST = {"plan_file"}
"""Back ends in whose artifacts the host's name stands."""


def artifacts_of(plan: Plan) -> list[Artifact]:
    """All files of the plan's host, sorted by path."""
    return Renderer().artifacts_of(plan)


@cache
def render_of(name: str) -> Render:
    """What writes the artifacts of a back end."""
    module: Any = __import__(f"netc.backends.{name}", fromlist=["render"])
    render: Render = module.render
    return render


class Renderer:
    """Renders one plan after another; what a plan has in common with the last one is rendered once."""

    def __init__(self) -> None:
        self._last: Plan | None = None
        self._shared: list[Artifact] = []
        self._known: dict[str, Artifact] = {}
        """Artifacts of the last host that is no twin, by path: hosts have most files alike."""

    def artifacts_of(self, plan: Plan) -> list[Artifact]:
        """All files of the plan's host, sorted by path."""
        if self._last is None or not plan.is_twin_of(self._last):
            self._shared = self._one_of_each(_rendered(plan, naming=False))
            self._shared += self._one_of_each(take_back.render(plan, self._shared))
            self._known = {artifact.path: artifact for artifact in self._shared}
            self._last = plan
        return sorted(_rendered(plan, naming=True) + self._shared, key=lambda artifact: artifact.path)

    def _one_of_each(self, artifacts: list[Artifact]) -> list[Artifact]:
        """The same, those of the last host in place of equal ones, so that what is known of them need not be found
        out again."""
        return [known if (known := self._known.get(a.path, a)) == a else a for a in artifacts]


def _rendered(plan: Plan, *, naming: bool) -> list[Artifact]:
    """The artifacts of all back ends that name the host, or of all others."""
    asked = [name for name, held in BACKENDS if (name in NAME_THE_HOST) is naming and held(plan)]
    return [artifact for name in asked for artifact in render_of(name)(plan)]

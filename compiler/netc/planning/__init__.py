"""Model → plan: every setting derived, one module for each concern."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from netc.layers import needed_layer
from netc.plan import Kind, Plan, Setting, Target
from netc.plan_keys import nic_key_order
from netc.planning.draft import Draft, settle
from netc.planning.nics import interfaces

if TYPE_CHECKING:
    from collections.abc import Callable

    from netc.diagnostics import Report
    from netc.model import Host

    Planner = Callable[[Draft], None]

PLANNERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("kinds", ()),
    ("buffers", ()),
    ("connections", ()),
    ("ports", ()),
    ("tracking", ()),
    ("programs", ("xdp", "dpdk")),
    ("virtual_functions", ("vfs",)),
    ("nics", ()),
    ("steering", ()),
    ("forwarding", ()),
    ("congestion", ()),
    ("packets", ()),
    ("isolation", ()),
    ("hugepages", ("hugepages", "dpdk")),
    ("devices", ("dpdk",)),
    ("power", ()),
    ("irqbalance", ()),
    ("latency", ()),
    ("applications", ("dpdk", "hugepages")),
    ("written", ("cpu", "kernel-argument")),
)
"""Every planner, in the order in which they run; each takes a draft and adds what it wants.

`steering` is the function `plan_steering` of the module of that name. The words are those of which a host must use one
so that there is anything to plan; a planner without words is asked always. The module is imported when it is.
"""

_KIND_ORDER = (
    Kind.MODULE_OPTION,
    Kind.MODULE,
    Kind.SYSCTL,
    Kind.NIC,
    Kind.CPU,
    Kind.SERVICE,
    Kind.KERNEL_ARGUMENT,
    Kind.HUGEPAGES,
    Kind.MANAGER,
)


@cache
def planner_of(name: str) -> Planner:
    """The planner of a row of PLANNERS."""
    module: Any = __import__(f"netc.planning.{name}", fromlist=["planning"])
    planner: Planner = getattr(module, f"plan_{name}")
    return planner


def make_plan(host: Host, report: Report) -> Plan:
    """The plan of a host. What its goals contradict each other in goes to the report."""
    draft = Draft(host, report)
    for name, words in PLANNERS:
        if host.uses(*words):
            planner_of(name)(draft)
    settle(draft)
    layer = needed_layer(host)
    return Plan(
        host=host.name,
        sources=host.sources,
        target=_target(host),
        layer=layer.name,
        layer_reason=layer.reason,
        interfaces=interfaces(host, draft),
        settings=tuple(sorted(draft.settings.values(), key=_order)),
        programs=tuple(draft.programs),
        devices=tuple(draft.devices),
        applications=tuple(draft.applications),
        objects=tuple(sorted(draft.objects.items())),
        left_alone=tuple(sorted(draft.left_alone, key=lambda left: left.key)),
    )


def _order(setting: Setting) -> tuple[int, str, int, str]:
    """Kinds as they are carried out; NIC settings as they are applied; kernel arguments as written."""
    kind = _KIND_ORDER.index(setting.kind)
    if setting.kind is Kind.NIC:
        return (kind, setting.interface, *nic_key_order(setting.key))
    if setting.kind is Kind.KERNEL_ARGUMENT:
        return (kind, "", 0, "")
    return (kind, "", 0, setting.key)


def _target(host: Host) -> Target:
    system, distribution = host.system, host.system.distribution
    return Target(
        distribution=distribution.name,
        release=distribution.release or "",
        kernel=system.kernel.value,
        systemd=system.systemd.value,
        tick=system.tick.value or 0,
        architecture=system.architecture.value,
        boot=system.boot.value,
        initramfs=system.initramfs.value,
        network=system.network.value,
        page=system.page.value,
        # Where it is not known, the name that wins everywhere does no harm.
        outranks_sysctl_conf=distribution.sysctl_conf_last is not False,
        systemd_sysctl=distribution.paths.systemd_sysctl,
        ethtool=distribution.paths.ethtool,
        ip=distribution.paths.ip,
        xdp_loader=distribution.paths.xdp_loader or "",
        tc=f"{distribution.paths.ip.removesuffix('ip')}tc",  # iproute2 puts both into one folder
        irqbalance_file=distribution.irqbalance.file or "/etc/default/irqbalance",
        irqbalance_takes_lists=distribution.irqbalance.cpulist is not False,
    )

"""Model → plan: every setting derived, one module for each concern."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.layers import needed_layer
from netc.plan import Kind, Plan, Setting, Target
from netc.plan_keys import nic_key_order
from netc.planning.applications import plan_applications
from netc.planning.buffers import plan_buffers
from netc.planning.congestion import plan_congestion
from netc.planning.connections import plan_connections
from netc.planning.devices import plan_devices
from netc.planning.draft import Draft, settle
from netc.planning.forwarding import plan_forwarding
from netc.planning.hugepages import plan_hugepages
from netc.planning.irqbalance import plan_irqbalance
from netc.planning.isolation import plan_isolation
from netc.planning.kinds import plan_kinds
from netc.planning.latency import plan_latency
from netc.planning.nics import interfaces, plan_nics
from netc.planning.packets import plan_packets
from netc.planning.ports import plan_ports
from netc.planning.power import plan_power
from netc.planning.programs import plan_programs
from netc.planning.steering import plan_steering
from netc.planning.tracking import plan_tracking
from netc.planning.virtual_functions import plan_virtual_functions
from netc.planning.written import plan_kernel_arguments

if TYPE_CHECKING:
    from netc.diagnostics import Report
    from netc.model import Host

PLANNERS = (
    plan_kinds,
    plan_buffers,
    plan_connections,
    plan_ports,
    plan_tracking,
    plan_programs,
    plan_virtual_functions,
    plan_nics,
    plan_steering,
    plan_forwarding,
    plan_congestion,
    plan_packets,
    plan_isolation,
    plan_hugepages,
    plan_devices,
    plan_power,
    plan_irqbalance,
    plan_latency,
    plan_applications,
    plan_kernel_arguments,
)
"""Every planner, in the order in which they run; each takes a draft and adds what it wants."""

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


def make_plan(host: Host, report: Report) -> Plan:
    """The plan of a host. What its goals contradict each other in goes to the report."""
    draft = Draft(host, report)
    for planner in PLANNERS:
        planner(draft)
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

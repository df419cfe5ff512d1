"""Model → report: one small function for each rule; its name says what holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.checks import (
    cpus,
    flow_rules,
    goals,
    interrupts,
    isolation,
    kernel_arguments,
    kernels,
    latency,
    matching,
    memory,
    nics,
    pending,
    queues,
    rss,
    steering,
    sysctls,
)

if TYPE_CHECKING:
    from netc.diagnostics import Report
    from netc.model import Host

CHECKS = (
    cpus.named_cpus_exist,
    cpus.cpus_have_one_duty,
    cpus.a_cpu_is_left,
    cpus.node_memory_adds_up,
    isolation.cpus_are_known,
    isolation.housekeeping_cpus_are_there,
    isolation.isolation_leaves_some,
    isolation.the_boot_cpu_keeps_time,
    isolation.cores_are_isolated_whole,
    isolation.the_kernel_can_stop_the_tick,
    isolation.arguments_agree_with_statements,
    isolation.irqbalance_leaves_pins_alone,
    matching.nics_have_a_stable_match,
    matching.nics_are_different_ports,
    matching.interface_names_differ,
    matching.named_nics_exist,
    matching.names_are_not_the_kernels,
    matching.management_keeps_its_name,
    matching.systemd_can_match,
    nics.drivers_are_known,
    nics.nics_are_on_nodes,
    nics.queues_fit_cpus,
    nics.queues_fit_channels,
    nics.rings_fit_the_device,
    nics.mtu_fits_the_driver,
    nics.coalescing_is_supported,
    nics.offloads_exist,
    nics.pause_can_be_set,
    interrupts.interrupts_go_where_they_may,
    interrupts.vectors_suffice,
    queues.queues_have_cores,
    queues.channels_are_not_held,
    rss.rss_can_be_set,
    rss.named_queues_exist,
    rss.weights_fit,
    steering.rps_reaches_cpus,
    steering.rps_gains_something,
    steering.rps_stands_where_cpus_are_chosen,
    kernels.kernel_has_it,
    steering.deferral_is_whole,
    steering.packets_can_wait,
    steering.steering_has_an_effect,
    flow_rules.arfs_is_there,
    flow_rules.what_steers_is_on,
    flow_rules.rules_are_of_one_family,
    flow_rules.rules_are_taken,
    goals.kinds_are_known,
    goals.flows_are_complete,
    goals.flows_fit_the_window,
    goals.links_carry_the_goals,
    goals.goals_go_together,
    goals.congestion_is_one,
    goals.layers_suffice,
    goals.addresses_suffice,
    goals.statements_have_an_effect,
    goals.lro_is_off_where_packets_pass,
    goals.management_hears_its_router,
    goals.a_cpu_is_free_for_each_nic,
    latency.moderation_does_not_adapt,
    latency.moderation_fits_the_latency,
    latency.busy_polling_is_in_microseconds,
    latency.busy_polling_is_one,
    memory.connections_fit_memory,
    memory.tracking_fits_memory,
    sysctls.settings_are_taken,
    sysctls.interfaces_are_declared,
    kernel_arguments.arguments_are_known,
    pending.statements_are_emitted,
)
"""The one list of checks."""


def check(host: Host, report: Report) -> None:
    """Run every check on a host."""
    for rule in CHECKS:
        rule(host, report)

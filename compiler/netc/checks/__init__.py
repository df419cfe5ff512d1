"""Model → report: one small function for each rule; its name says what holds."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from netc.diagnostics import Report
    from netc.model import Host

    Check = Callable[[Host, Report], None]
    Group = Callable[[], tuple[Check, ...]]
    """Checks whose modules are imported when a host first asks for them: most hosts use little of the language, and a
    cold start is mostly imports."""


@cache
def _cpus_and_ports() -> tuple[Check, ...]:
    from netc.checks import cpus, interrupts, isolation, matching, nics, queues

    return (
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
    )


@cache
def _spreading() -> tuple[Check, ...]:
    from netc.checks import kernels, rss, steering

    return (
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
    )


@cache
def _flow_rules() -> tuple[Check, ...]:
    from netc.checks import flow_rules

    return (
        flow_rules.arfs_is_there,
        flow_rules.what_steers_is_on,
        flow_rules.rules_are_of_one_family,
        flow_rules.rules_are_taken,
    )


@cache
def _traffic() -> tuple[Check, ...]:
    from netc.checks import goals, latency

    return (
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
    )


@cache
def _programs() -> tuple[Check, ...]:
    from netc.checks import xdp, xdp_chains, xdp_drops, xdp_maps, xdp_queues

    return (
        xdp.native_xdp_is_there,
        xdp.mtu_fits_programs,
        xdp.frags_agree,
        xdp.nothing_merges_before,
        xdp.the_nic_can_run_it,
        xdp.dpdk_leaves_packets,
        xdp_queues.half_of_the_queues_is_free,
        xdp_queues.cpus_fit_the_queues,
        xdp_queues.each_cpu_sends_alone,
        xdp_queues.no_functions_stand_in_the_way,
        xdp_chains.programs_can_run_in_a_chain,
        xdp_chains.programs_have_one_mode,
        xdp_chains.programs_have_an_order,
        xdp_maps.objects_load,
        xdp_maps.pins_are_folders,
        xdp_maps.programs_are_pinned_together,
        xdp_maps.pins_do_not_meet,
        xdp_maps.named_maps_are_there,
        xdp_maps.maps_have_names_of_their_own,
        xdp_drops.prefixes_fit_the_maps,
        xdp_drops.prefixes_leave_something,
        xdp_drops.the_host_stays_reachable,
    )


@cache
def _applications() -> tuple[Check, ...]:
    from netc.checks import af_xdp, applications, devices, handed_over, lcores

    return (
        devices.drivers_give_ports,
        devices.devices_have_an_address,
        devices.kernel_can_override,
        devices.the_iommu_is_on,
        devices.doing_without_is_possible,
        devices.guests_have_an_iommu,
        devices.drivers_are_confined,
        devices.ports_go_together,
        handed_over.the_kernel_sets_nothing,
        handed_over.sysctls_find_the_interface,
        handed_over.nothing_is_built_over_them,
        handed_over.the_host_stays_reachable,
        handed_over.each_port_has_an_application,
        handed_over.applications_have_their_ports,
        af_xdp.af_xdp_can_run,
        af_xdp.af_xdp_copies_nothing,
        applications.units_are_services,
        applications.groups_can_be_made,
        applications.device_arguments_are_words,
        applications.device_arguments_have_a_port,
        applications.sockets_meet_all_queues,
        applications.sockets_have_an_interface,
        lcores.applications_have_lcores,
        lcores.lcores_are_on,
        lcores.lcores_have_one_duty,
        lcores.lcores_have_cores_of_their_own,
        lcores.lcores_are_near_ports,
        lcores.lcores_can_take_the_load,
    )


@cache
def _virtual_functions() -> tuple[Check, ...]:
    from netc.checks import virtual_functions

    return (
        virtual_functions.named_functions_are_made,
        virtual_functions.functions_have_none,
        virtual_functions.functions_are_there,
        virtual_functions.functions_can_be_set,
        virtual_functions.functions_have_their_driver,
        virtual_functions.functions_have_a_maker,
        virtual_functions.functions_can_be_found,
        virtual_functions.channels_are_left,
        virtual_functions.functions_have_addresses_of_their_own,
    )


@cache
def _memory() -> tuple[Check, ...]:
    from netc.checks import memory

    return (
        memory.connections_fit_memory,
        memory.tracking_fits_memory,
    )


@cache
def _sysctls() -> tuple[Check, ...]:
    from netc.checks import sysctls

    return (
        sysctls.settings_are_taken,
        sysctls.interfaces_are_declared,
    )


@cache
def _kernel_arguments() -> tuple[Check, ...]:
    from netc.checks import kernel_arguments

    return (kernel_arguments.arguments_are_known,)


@cache
def _huge_pages() -> tuple[Check, ...]:
    from netc.checks import hugepage_arguments, hugepage_memory, hugepages

    return (
        hugepages.page_sizes_exist,
        hugepages.nodes_of_pages_exist,
        hugepages.applications_see_their_nodes,
        hugepages.pages_are_reserved,
        hugepages.reservations_cover_applications,
        hugepages.applications_have_memory,
        hugepage_memory.pages_leave_memory,
        hugepage_arguments.default_sizes_exist,
        hugepage_arguments.the_default_size_is_reserved,
        hugepage_arguments.pages_are_told_once,
        hugepage_arguments.the_kernel_reserves_at_boot,
    )


CHECKS: tuple[tuple[tuple[str, ...], Group], ...] = (
    ((), _cpus_and_ports),
    ((), _spreading),
    (("steer", "arfs"), _flow_rules),
    ((), _traffic),
    (("xdp",), _programs),
    (("dpdk",), _applications),
    (("vfs", "vf"), _virtual_functions),
    ((), _memory),
    (("set",), _sysctls),
    (("kernel-argument",), _kernel_arguments),
    (("hugepages", "dpdk", "kernel-argument"), _huge_pages),
)
"""The one list of checks, in groups, each with the words of which a host must use one so that its checks have anything
to say; a group without words is asked always."""


def check(host: Host, report: Report) -> None:
    """Run every check on a host."""
    for words, group in CHECKS:
        if host.uses(*words):
            for rule in group():
                rule(host, report)

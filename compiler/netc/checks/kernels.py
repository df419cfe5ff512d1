"""Steering that came to the kernel after the target's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc import codes
from netc.knowledge.kernels import KernelVersion

if TYPE_CHECKING:
    from netc.diagnostics import Diagnostic, Report
    from netc.model import Host
    from netc.source import Span

XPS_BY_QUEUE_SINCE = "4.18"
"""Documentation/ABI/testing/sysfs-class-net-queues, xps_rxqs."""
DEFERRAL_SINCE = "5.8"
"""net/core/net-sysfs.c, napi_defer_hard_irqs: there in Linux 5.8, not in 5.4."""


def surely_lacks(host: Host, since: str) -> bool:
    """Whether the target's kernel is older than `since`, and its distribution carries nothing back into it."""
    system = host.system
    return not system.distribution.backports and KernelVersion.parse(system.kernel.value) < KernelVersion.parse(since)


def kernel_has_it(host: Host, report: Report) -> None:
    """The target's kernel has what is written."""
    for nic in host.nics:
        by, defer = nic.within("xps", "by"), nic.within("napi", "defer-hard-irqs")
        if nic.given_to_dpdk:
            continue
        if by is not None and by.value == "rx-queue" and surely_lacks(host, XPS_BY_QUEUE_SINCE):
            report.add(_too_old(host, "xps by rx-queue", XPS_BY_QUEUE_SINCE, by.span, ["write `xps by cpu`"]))
        if defer is not None and surely_lacks(host, DEFERRAL_SINCE):
            report.add(_too_old(host, "defer-hard-irqs", DEFERRAL_SINCE, defer.span, []))


def _too_old(host: Host, word: str, since: str, place: Span | None, help_lines: list[str]) -> Diagnostic:
    return codes.KERNEL_TOO_OLD.at(place, word=word, since=since, kernel=host.system.kernel.value, help=help_lines)

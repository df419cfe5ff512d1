"""Ports that stay with the kernel and reach an application by AF_XDP: that it runs there, and copies nothing.

Source: DPDK's guide to the AF_XDP poll mode driver; net/xdp of the kernel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc import codes
from netc.checks.devices import place_of
from netc.checks.kernels import surely_lacks
from netc.checks.xdp import label_at, native_xdp, reached
from netc.diagnostics import Sentence
from netc.dpdk.binding import handed_over
from netc.model import AF_XDP
from netc.places import value_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from netc.diagnostics import Diagnostic, Label, Report
    from netc.model import Host, Nic
    from netc.source import Span

SINCE = "4.18"
"""The first kernel with sockets of AF_XDP (net/xdp/xsk.c)."""
HEADROOM = 576
"""Bytes of a page that packets do not get: 256 of the kernel's (XDP_PACKET_HEADROOM), 320 of DPDK's."""


def _ports(host: Host) -> Iterator[Nic]:
    return (nic for nic in handed_over(host) if nic.dpdk_driver == AF_XDP)


def af_xdp_can_run(host: Host, report: Report) -> None:
    """The kernel has it, its program is alone on the port, and packets fit a page."""
    for nic in _ports(host):
        if surely_lacks(host, SINCE):
            problem = f"it needs kernel {SINCE}, the target has {host.system.kernel.value}"
            report.add(_impossible(nic, problem, place_of(nic), [], ["name a newer kernel in `system`"]))
        if nic.programs:
            first = nic.programs[0]
            labels = label_at(place_of(nic), "AF_XDP attaches a program of its own")
            problem = f"`{first.file}` is attached to it"
            report.add(_impossible(nic, problem, first.section.span, labels, ["leave `xdp` out, or remove `dpdk`"]))
        _packets_fit(host, nic, report)


def _packets_fit(host: Host, nic: Nic, report: Report) -> None:
    entry = nic.entry("mtu")
    if entry is None:
        return
    page, knowledge = host.system.page.value, nic.knowledge
    limit, whose = page - HEADROOM, f"a packet has a page of {page} bytes, but for {HEADROOM} in front of it"
    told = knowledge.xdp.mtu_limit(host.system.kernel.value) if knowledge is not None else None
    if knowledge is not None and told is not None and told < limit:
        limit, whose = told, f"it is the limit of `{knowledge.name}` for XDP programs ({knowledge.source})"
    if entry.value > limit:
        problem = f"packets of {entry.value} bytes do not fit, at most {limit} do"
        labels = label_at(place_of(nic), "it is handed over here")
        report.add(_impossible(nic, problem, value_of(entry, "mtu"), labels, [f"write `mtu {limit}` or less"], [whose]))


def _impossible(
    nic: Nic,
    problem: str,
    place: Span | None,
    labels: Sequence[Label],
    help_lines: Sequence[str],
    notes: Sequence[str] = (),
) -> Diagnostic:
    return codes.AF_XDP_IMPOSSIBLE.at(
        place, nic=nic.name, problem=Sentence(problem), labels=labels, notes=notes, help=help_lines
    )


def af_xdp_copies_nothing(host: Host, report: Report) -> None:
    """The driver hands packets to AF_XDP where they are, which saves a copy of each."""
    for nic in _ports(host):
        knowledge = nic.knowledge
        if knowledge is None or surely_lacks(host, SINCE):
            continue
        since = knowledge.xdp.zero_copy
        has = reached(host, since) if since is not None else False
        if has:
            continue
        if native_xdp(host, nic) is False:
            problem, cost = "has no native XDP", "the kernel makes an skb of each packet first"
        elif since is None:
            problem, cost = "has no zero-copy mode", f"up to the newest kernel that was read ({knowledge.source})"
        else:
            problem = f"{'' if has is False else 'surely '}has its zero-copy mode from kernel {since} on"
            cost = f"the target has {host.system.kernel.value} ({knowledge.source})"
        report.add(
            codes.AF_XDP_COPIES.at(
                place_of(nic),
                surely=Sentence("copies" if has is False else "may copy"),
                nic=nic.name,
                driver=knowledge.name,
                problem=Sentence(problem),
                notes=[cost],
                help=_other_way(nic),
            )
        )


def _other_way(nic: Nic) -> list[str]:
    """What saves the copy; in a virtual machine nothing may."""
    if nic.knowledge is None or nic.knowledge.dpdk.guest:
        return []
    if nic.knowledge.dpdk.model == "none":
        return ["use a port whose driver has a zero-copy mode, as `i40e` or `ice`"]
    return ["write `dpdk` without `driver`, which hands the queues themselves over"]

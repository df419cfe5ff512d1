"""Huge pages: on the kernel command line where that can say on which node, and all of them promised by a unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.dpdk.memory import reservations
from netc.dpdk.page_arguments import page_arguments
from netc.dpdk.page_sizes import COMMAND_LINE_SIZE, folder_name, on_node, spoken_size
from netc.plan import Kind, Setting, Why
from netc.units import counted

if TYPE_CHECKING:
    from netc.dpdk.memory import Reservation
    from netc.dpdk.page_arguments import PageArguments
    from netc.planning.draft import Draft

UNIT = "netc-hugepages.service"


def plan_hugepages(draft: Draft) -> None:
    """`hugepagesz=` with its `hugepages=`, and for each node and size how many pages there are at least."""
    early = page_arguments(draft.host)
    for arguments in early:
        _plan_arguments(draft, arguments)
    taken_early = {arguments.size for arguments in early}
    kernel = draft.host.system.kernel.value
    for each in reservations(draft.host):
        folder = folder_name(each.size)
        key = folder if each.node is None else f"node{each.node}/{folder}"
        why = Why(each.places, "huge pages", f"{each.reason}; {_carrier(each, taken_early, kernel)}")
        draft.add(Setting(Kind.HUGEPAGES, key, str(each.count), why))


def _plan_arguments(draft: Draft, arguments: PageArguments) -> None:
    size, count = arguments.texts
    places = tuple(dict.fromkeys(place for each in arguments.reserved for place in each.places))
    reason = (
        f"pages of {spoken_size(arguments.size)} are taken before the kernel hands out memory: later so much in one "
        "piece may be nowhere; `default_hugepagesz=` is left alone, so that programs which name no size get what they "
        "got before"
    )
    draft.kernel_argument(size, Why(places, "size of huge pages", reason))
    told = [
        f"{counted(each.count, 'page')} of {spoken_size(each.size)}{on_node(each.node)}" for each in arguments.reserved
    ]
    total = sum(each.count for each in arguments.reserved)
    reason = f"{' and '.join(told)}"
    if arguments.by_node:
        reason += f"; a number alone, {total}, would be spread over all nodes"
    draft.kernel_argument(count, Why(places, "huge pages", reason))


def _carrier(each: Reservation, taken_early: set[int], kernel: str) -> str:
    """Who reserves the pages."""
    if each.size in taken_early:
        return f"the kernel command line reserves them, and {UNIT} sees that they are there"
    if each.size < COMMAND_LINE_SIZE:
        return f"{UNIT} reserves them early in the boot, on the node they are for"
    return f"{UNIT} reserves them early in the boot, for the command line cannot tell kernel {kernel} on which nodes"

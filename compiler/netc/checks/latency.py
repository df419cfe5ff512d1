"""A short latency against interrupt moderation and busy polling that are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netc import codes
from netc.demand import traffic_nics
from netc.diagnostics import Label
from netc.latency import MICROSECOND, SHARE, SLOWEST_DRIVER, Latency, demanding
from netc.places import value_of
from netc.units import show_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.diagnostics import Report
    from netc.language.sections import Entry
    from netc.model import Host, Nic


def moderation_does_not_adapt(host: Host, report: Report) -> None:
    """Moderation that waits longer under load is off where a goal wants a short time."""
    for nic, latency in _demanding_nics(host):
        for word in ("adaptive", "adaptive-rx"):
            entry = nic.within("coalesce", word)
            if entry is None or not entry.value:
                continue
            wanted = "the shortest latency" if latency.limit is None else f"{latency.text} in all"
            notes = [
                f"adaptive moderation waits up to {SLOWEST_DRIVER} us (lib/dim/net_dim.c), and netc derives no fixed "
                "times beside it"
            ]
            report.add(
                codes.ADAPTIVE_WITH_LATENCY.at(
                    entry.span,
                    word=word,
                    nic=nic.name,
                    goal=latency.goal.kind,
                    wanted=wanted,
                    labels=_asked_here(latency),
                    notes=notes,
                    help=[f"write `{word} off`, or leave `{word}` out"],
                )
            )


def moderation_fits_the_latency(host: Host, report: Report) -> None:
    """What is written for `rx`, or the least that the driver waits, leaves something of the latency."""
    for nic, latency in _demanding_nics(host):
        written = nic.within("coalesce", "rx")
        usecs = _wait(nic, written)
        if latency.limit is None or usecs * MICROSECOND <= latency.limit:
            continue
        share = latency.limit // (SHARE * MICROSECOND)
        rest = "softirq, wakeup and scheduling come after the interrupt and need the larger part"
        if written is not None:
            span, labels = written.span, _asked_here(latency)
            help_lines = [f"write `rx {share}us`, a quarter of it, or leave `rx` out"]
        else:
            span, labels = (latency.entry.span if latency.entry is not None else None), []
            rest = f"`{nic.knowledge.name if nic.knowledge else ''}` takes no less for rx-usecs; {rest}"
            help_lines = [f"write `latency {SHARE * usecs}us` or more"]
        report.add(
            codes.MODERATION_BEYOND_LATENCY.at(
                span,
                nic=nic.name,
                wait=f"{usecs} us",
                goal=latency.goal.kind,
                latency=latency.text,
                labels=labels,
                notes=[rest],
                help=help_lines,
            )
        )


def busy_polling_is_in_microseconds(host: Host, report: Report) -> None:
    for _, entry in _busy_polling(host):
        if entry.value % MICROSECOND:
            whole = entry.value // MICROSECOND
            report.add(
                codes.BUSY_POLL_NOT_WHOLE.at(
                    value_of(entry, "busy-poll"),
                    wanted=show_time(entry.value),
                    help=[f"write `busy-poll {whole}us` or `busy-poll {whole + 1}us`"],
                )
            )


def busy_polling_is_one(host: Host, report: Report) -> None:
    """The kernel has one time for all NICs; the longest that is written holds."""
    found = list(_busy_polling(host))
    if not found:
        return
    longest, by = max(found, key=lambda each: int(each[1].value))
    for nic, entry in found:
        if entry.value == by.value:
            continue
        place = value_of(by, "busy-poll")
        own, other = (f"{each.value // MICROSECOND}us" for each in (entry, by))
        report.add(
            codes.BUSY_POLL_OF_ANOTHER.at(
                value_of(entry, "busy-poll"),
                nic=nic.name,
                own=own,
                other=longest.name,
                longest=other,
                labels=[Label(place, "the longest holds")] if place is not None else [],
                notes=[
                    "net.core.busy_read and net.core.busy_poll are the host's (Documentation/admin-guide/sysctl/"
                    "net.rst); SO_BUSY_POLL is a socket's own"
                ],
                help=[f"write `busy-poll {other}` here too, or leave it out"],
            )
        )


def _demanding_nics(host: Host) -> Iterator[tuple[Nic, Latency]]:
    for nic in traffic_nics(host):
        latency = demanding(host, nic)
        if latency is not None:
            yield nic, latency


def _wait(nic: Nic, written: Entry[Any] | None) -> int:
    """Microseconds that the NIC may wait before it interrupts, as far as that is written or cannot be less."""
    if written is not None:
        usecs = int(written.value) // MICROSECOND
        return nic.knowledge.coalesce_usecs(usecs) if nic.knowledge is not None else usecs
    immediate = nic.knowledge.coalesce.immediate if nic.knowledge is not None else None
    return dict(immediate or ()).get("rx-usecs", 0)


def _asked_here(latency: Latency) -> list[Label]:
    span = latency.entry.span if latency.entry is not None else latency.goal.section.span
    return [Label(span, "time counts more than CPU here")] if span is not None else []


def _busy_polling(host: Host) -> Iterator[tuple[Nic, Entry[int]]]:
    for nic in host.nics:
        entry = nic.within("napi", "busy-poll")
        if entry is not None and not nic.given_to_dpdk:
            yield nic, entry

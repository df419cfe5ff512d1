"""The spread of received flows over queues: the indirection table, its weights, and the queues that are named."""

from __future__ import annotations

from functools import reduce
from math import gcd
from typing import TYPE_CHECKING

from netc import codes
from netc.checks.kernels import surely_lacks
from netc.checks.queues import certain_queues
from netc.checks.wording import quoted
from netc.cpulist import CpuSet
from netc.diagnostics import Label, Sentence
from netc.places import value_of
from netc.queues import allotment, channel_limit, channels_settable
from netc.serving import serving_cpus
from netc.units import counted

if TYPE_CHECKING:
    from netc.diagnostics import Diagnostic, Report
    from netc.knowledge.drivers import Driver
    from netc.language.sections import Entry
    from netc.model import Host, Nic
    from netc.source import Span


def rss_can_be_set(host: Host, report: Report) -> None:
    """The driver lets the indirection table be changed, where the file does."""
    for nic in host.nics:
        knowledge = nic.knowledge
        if knowledge is None or nic.given_to_dpdk:
            continue
        since = knowledge.rss.since
        if knowledge.rss.settable and (since is None or not surely_lacks(host, since)):
            continue
        table = [(word, entry) for word in ("queues", "weight") if (entry := nic.within("rss", word)) is not None]
        key = nic.within("rss", "key")
        if table:
            words = [word for word, _ in table]
            report.add(_fixed(host, knowledge, "the indirection table", words, table[0][1].span))
        elif key is not None and key.value == "symmetric" and not knowledge.rss.note:
            report.add(_fixed(host, knowledge, "the hash key", ["key"], key.span))


def _fixed(host: Host, knowledge: Driver, what: str, words: list[str], place: Span | None) -> Diagnostic:
    if knowledge.rss.settable:
        note = f"it takes `ethtool -X` from kernel {knowledge.rss.since} on; the target has {host.system.kernel.value}"
    else:
        note = f"{knowledge.rss.note or 'it has no operation for `ethtool -X`'} ({knowledge.source})"
    help_lines = [f"leave {quoted(words)} out of `rss`"]
    return codes.TABLE_FIXED.at(place, driver=knowledge.name, what=Sentence(what), notes=[note], help=help_lines)


def named_queues_exist(host: Host, report: Report) -> None:
    """Queues that `rss` and `steer` name are among those of the NIC."""
    for nic in host.nics:
        if nic.given_to_dpdk:
            continue
        spread = nic.within("rss", "queues")
        if spread is not None and (number := _beyond(host, nic, spread)) is not None:
            left = spread.value & CpuSet((1 << number) - 1)
            help_line = f"write `rss {{ queues {left} }}`" if left else "leave `queues` out of `rss` to use all of them"
            place = value_of(spread, "queues")
            report.add(_no_such_queue(host, nic, "rss queues", spread.value.highest, number, place, help_line))
        number = _most_queues(host, nic)
        for entry in nic.section.entries_of("steer") if number is not None else ():
            queue = entry.value.queue
            if number is not None and queue is not None and queue >= number:
                help_line = f"name a queue from 0 to {number - 1}" if number > 1 else "leave the rule out"
                report.add(_no_such_queue(host, nic, "steer", queue, number, entry.span, help_line))


def _most_queues(host: Host, nic: Nic) -> int | None:
    """How many queues the NIC has, or can have at most; None where nothing tells."""
    return certain_queues(host, nic) or channel_limit(host, nic)


def _beyond(host: Host, nic: Nic, spread: Entry[CpuSet | str]) -> int | None:
    """The number of queues of the NIC, where RSS is to spread over more of them."""
    number = _most_queues(host, nic)
    return number if isinstance(spread.value, CpuSet) and number and spread.value.highest >= number else None


def _no_such_queue(
    host: Host, nic: Nic, word: str, queue: int, number: int, place: Span | None, help_line: str
) -> Diagnostic:
    known = certain_queues(host, nic)
    told = f"{'' if known is not None else 'at most '}{counted(number, 'queue')}"
    limit = channel_limit(host, nic)
    serving = serving_cpus(host, nic)
    more = channels_settable(host, nic) and (limit is None or limit > queue)
    more = more and (serving is None or len(serving.cpus) > queue)
    return codes.NO_SUCH_QUEUE.at(
        place,
        nic=nic.name,
        word=word,
        queue=queue,
        queues=Sentence(told),
        label=f"queues count from 0, so the last one is {number - 1}",
        labels=_where_told(nic),
        notes=how_derived(host, nic),
        help=[f"{help_line}, or have more with `queues {queue + 1}`" if more and known is not None else help_line],
    )


def _where_told(nic: Nic) -> list[Label]:
    written = nic.entry("queues")
    place = value_of(written, "queues") if written is not None else None
    return [Label(place, "this is how many it has")] if place is not None else []


def how_derived(host: Host, nic: Nic) -> list[str]:
    """A note that says how netc came to the number of queues, where it did."""
    given = allotment(host, nic)
    if not given.derived:
        return []
    return [f"netc derives {counted(given.queues or 0, 'queue')} for it{f': {given.reason}' if given.reason else ''}"]


def weights_fit(host: Host, report: Report) -> None:
    """One weight for each queue, at least one above zero, and their sum within the indirection table."""
    for nic in host.nics:
        weight, chosen = nic.within("rss", "weight"), nic.within("rss", "queues")
        if nic.given_to_dpdk or (chosen is not None and _beyond(host, nic, chosen) is not None):
            continue
        queues = _spread_over(host, nic)
        table = table_size(nic)
        if weight is not None:
            if queues is not None and len(weight.value) != queues:
                report.add(_miscounted(host, nic, weight, queues))
            if not any(weight.value):
                report.add(codes.WEIGHTS_ZERO.at(value_of(weight, "weight"), nic=nic.name, notes=[_REFUSED]))
            elif table is not None and sum(weight.value) > table:
                report.add(_beyond_table(nic, weight, table))
        elif queues is not None and table is not None and queues > table:
            report.add(_small_table(nic, queues, table))


_REFUSED = "`ethtool -X` refuses it and changes nothing (fill_indir_table of ethtool.c)"


def _spread_over(host: Host, nic: Nic) -> int | None:
    """How many queues RSS spreads over; None where nothing tells."""
    chosen = nic.within("rss", "queues")
    if chosen is not None and isinstance(chosen.value, CpuSet):
        return len(chosen.value)
    return certain_queues(host, nic)


def table_size(nic: Nic) -> int | None:
    """Entries of the indirection table, as far as they are sure."""
    if nic.fact is not None and nic.fact.rss_table is not None:
        return nic.fact.rss_table
    known = nic.knowledge.rss if nic.knowledge is not None else None
    return known.table if known is not None and not known.note else None


def _miscounted(host: Host, nic: Nic, weight: Entry[tuple[int, ...]], queues: int) -> Diagnostic:
    chosen = nic.within("rss", "queues")
    if chosen is not None and isinstance(chosen.value, CpuSet):
        told, place = f"`rss queues` names {counted(queues, 'queue')}", value_of(chosen, "queues")
        labels = [Label(place, f"{queues} of them")] if place is not None else []
        notes: list[str] = []
    else:
        told, labels, notes = f"the NIC has {counted(queues, 'queue')}", _where_told(nic), how_derived(host, nic)
    given = len(weight.value)
    if given < queues:
        rest = queues - given
        whole = ",".join(map(str, (*weight.value, *(0,) * rest)))
        return codes.QUEUES_WITHOUT_WEIGHT.at(
            value_of(weight, "weight"),
            nic=nic.name,
            weights=counted(given, "number"),
            queues=counted(queues, "queue"),
            rest=f"{rest} {'gets' if rest == 1 else 'get'}",
            labels=labels,
            notes=notes,
            help=[f"write a number for each, with 0 for those that are meant to get none: `weight {whole}`"],
        )
    help_line = f"write {counted(queues, 'number')}"
    serving = serving_cpus(host, nic)
    more = channels_settable(host, nic) and nic.entry("queues") is None and (channel_limit(host, nic) or given) >= given
    more = more and (serving is None or len(serving.cpus) >= given)
    if chosen is None and more:
        help_line += f", or have {counted(given, 'queue')} with `queues {given}`"
    return codes.WEIGHTS_BEYOND_QUEUES.at(
        value_of(weight, "weight"),
        nic=nic.name,
        weights=counted(given, "number"),
        queues=Sentence(told),
        labels=labels,
        notes=notes,
        help=[help_line],
    )


def _beyond_table(nic: Nic, weight: Entry[tuple[int, ...]], table: int) -> Diagnostic:
    common = reduce(gcd, weight.value)
    smaller = [number // common for number in weight.value]
    if sum(smaller) > table:
        total = sum(weight.value)
        smaller = [number * table // total for number in weight.value]
    fits = all(bool(less) == bool(number) for less, number in zip(smaller, weight.value, strict=True))
    return codes.WEIGHTS_BEYOND_TABLE.at(
        value_of(weight, "weight"),
        nic=nic.name,
        total=sum(weight.value),
        table=table,
        notes=[_REFUSED],
        help=[f"write `weight {','.join(map(str, smaller))}`" if fits else "write weights nearer to each other"],
    )


def _small_table(nic: Nic, queues: int, table: int) -> Diagnostic:
    chosen, written = nic.within("rss", "queues"), nic.entry("queues")
    if chosen is not None:
        place = value_of(chosen, "queues")
    else:
        place = value_of(written, "queues") if written is not None else nic.span
    return codes.TABLE_TOO_SMALL.at(
        place,
        nic=nic.name,
        queues=queues,
        table=table,
        notes=[f"an entry names one queue, so RSS gives nothing to {counted(queues - table, 'queue')}"],
        help=[f"write `queues {table}`, unless `steer` fills the others"],
    )

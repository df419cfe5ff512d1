"""Queues against cores, and against what keeps their number from being changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc import codes
from netc.checks.wording import spoken_nics
from netc.demand import traffic_nics
from netc.diagnostics import Label, Sentence
from netc.placement import placements
from netc.places import value_of
from netc.queues import allotment, channel_limit, channels_settable
from netc.serving import housekeeping_cpus, isolated_cpus
from netc.units import counted

if TYPE_CHECKING:
    from netc.diagnostics import Diagnostic, Report
    from netc.knowledge.drivers import Driver
    from netc.language.sections import Entry
    from netc.model import Host, Nic
    from netc.placement import Placement
    from netc.source import Span

MOST_LABELS = 4

Serving = dict[str, dict[int, int]]
"""NIC → core → how many of its queues the core serves."""


def certain_queues(host: Host, nic: Nic) -> int | None:
    """The queues of a NIC as far as they are told: written, derived, by facts, or the one of its driver.

    Without these `queues_of` takes one for each core, as most drivers do; a device or its host may give fewer, and a
    driver that counts threads opens more.
    """
    given, written = allotment(host, nic), nic.entry("queues")
    told = nic.fact is not None and nic.fact.queues is not None and bool(nic.fact.queues.rx)
    asked = written is not None and written.value != "auto" and channels_settable(host, nic)
    return given.queues if given.derived or asked or told or channel_limit(host, nic) == 1 else None


def queues_have_cores(host: Host, report: Report) -> None:
    """Queues that the file asks for do not share cores, neither with each other nor with those of other NICs."""
    topology = host.topology
    if topology is None:
        return
    core_of = {cpu: number for number, core in enumerate(topology.cores) for cpu in core}
    busy = {nic.name for nic in traffic_nics(host)}
    found = placements(host)
    serving: Serving = {}
    for name, placed in found.items():
        queues = certain_queues(host, placed.nic) if name in busy else None
        if queues is not None and not _beyond_cpus(placed):
            cores = serving[name] = {}
            for queue in range(queues):
                core = core_of.get(placed.cpu_of(queue), -1)
                cores[core] = cores.get(core, 0) + 1
    for group in _sharing(serving):
        _check_group(host, {name: serving[name] for name in group}, {name: found[name].nic for name in group}, report)


def _beyond_cpus(placed: Placement) -> bool:
    """Whether the NIC alone asks for more queues than it has CPUs, which is told of it."""
    written = placed.nic.entry("queues")
    return written is not None and isinstance(written.value, int) and written.value > len(placed.serving.cpus)


def _sharing(serving: Serving) -> list[list[str]]:
    """The NICs that share cores with each other or have two queues on one, in groups and in order."""
    users: dict[int, list[str]] = {}
    for name, cores in serving.items():
        for core in cores:
            users.setdefault(core, []).append(name)
    leader = {name: name for name in serving}

    def first_of(name: str) -> str:
        while leader[name] != name:
            leader[name] = name = leader[leader[name]]
        return name

    for names in users.values():
        for name in names[1:]:
            leader[first_of(name)] = first_of(names[0])
    groups: dict[str, list[str]] = {}
    for name in serving:
        groups.setdefault(first_of(name), []).append(name)
    return [names for names in groups.values() if len(names) > 1 or max(serving[names[0]].values(), default=0) > 1]


def _check_group(host: Host, serving: Serving, nics: dict[str, Nic], report: Report) -> None:
    fitting = _fitting(serving)
    queues = {name: sum(cores.values()) for name, cores in serving.items()}
    too_many = [name for name in serving if queues[name] > fitting[name]]
    written = {
        name: entry
        for name in too_many
        if (entry := nics[name].entry("queues")) is not None
        and (isinstance(entry.value, int) or entry.value == "max")
        and channels_settable(host, nics[name])
    }
    if written:
        report.add(_shared(serving, queues, fitting, written))
        return
    for name in too_many:
        fact, knowledge = nics[name].fact, nics[name].knowledge
        opened = fact is not None and fact.queues is not None
        alone = queues[name] > len(serving[name])
        if alone and knowledge is not None and opened and not channels_settable(host, nics[name]):
            report.add(_opened(host, nics[name], knowledge, queues[name], len(serving[name])))


def _fitting(serving: Serving) -> dict[str, int]:
    """Numbers of queues with which each core has one: every core to whoever has fewest so far, at least one each."""
    users: dict[int, list[str]] = {}
    for name, cores in serving.items():
        for core in cores:
            users.setdefault(core, []).append(name)
    dealt = dict.fromkeys(serving, 0)
    for names in sorted(users.values(), key=len):
        poorest = min(names, key=lambda name: dealt[name])
        dealt[poorest] += 1
    return {name: max(number, 1) for name, number in dealt.items()}


def _shared(
    serving: Serving,
    queues: dict[str, int],
    fitting: dict[str, int],
    written: dict[str, Entry[int | str]],
) -> Diagnostic:
    cores = {core for found in serving.values() for core in found}
    excess = sum(queues.values()) - len(cores)
    *others, last = written
    labels = [(value_of(written[name], "queues"), name) for name in others[:MOST_LABELS]]
    numbers = sorted({fitting[name] for name in written})
    if len(written) == 1:
        way_out = f"write `queues {numbers[0]}`{f' for `{last}`' if len(serving) > 1 else ''}"
    elif len(numbers) == 1:
        way_out = f"write `queues {numbers[0]}` for each of them"
    else:
        shares = [f"`queues {fitting[name]}` for `{name}`" for name in list(written)[:MOST_LABELS]]
        way_out = f"write {', '.join(shares)}"
    return codes.QUEUES_SHARE_CORES.at(
        value_of(written[last], "queues"),
        nics=Sentence(f"{spoken_nics(list(serving))} {'has' if len(serving) == 1 else 'have'}"),
        queues=counted(sum(queues.values()), "queue"),
        cores=counted(len(cores), "core"),
        excess=f"{excess} {'shares' if excess == 1 else 'share'}",
        label=f"{counted(queues[last], 'queue')} of `{last}`" if len(serving) > 1 else "",
        labels=[Label(place, f"{counted(queues[name], 'queue')} of `{name}`") for place, name in labels if place],
        notes=[
            "hyperthreading has shown no benefit for interrupts: as many queues as cores are enough (scaling.rst, RSS)"
        ],
        help=[f"{way_out}, or leave `queues` out to get as many as the load needs and cores are left"],
    )


def _opened(host: Host, nic: Nic, knowledge: Driver, queues: int, cores: int) -> Diagnostic:
    if nic.within("irq", "cpus") is not None:
        help_lines = ["name more cores in `irq cpus`"]
    elif isolated_cpus(host) | housekeeping_cpus(host):
        help_lines = ["leave it more cores: fewer in `isolate` or in `housekeeping`"]
    else:
        help_lines = ["have the device made with fewer queues, or the machine with more cores"]
    note = knowledge.channels.note
    excess = queues - cores
    return codes.FIXED_QUEUES_SHARE_CORES.at(
        nic.span,
        driver=knowledge.name,
        nic=nic.name,
        queues=counted(queues, "queue"),
        cores=counted(cores, "core"),
        excess=f"{excess} {'shares' if excess == 1 else 'share'}",
        notes=[f"`ethtool -L` cannot change their number{f': {note}' if note else ''}"],
        help=help_lines,
    )


def channels_are_not_held(host: Host, report: Report) -> None:
    """Where a module for RDMA would keep the channels as they are, it is kept from loading."""
    held: dict[str, list[tuple[Nic, Driver]]] = {}
    for nic in host.nics:
        knowledge = nic.knowledge
        if knowledge is None or not knowledge.rdma_blocks_channels or nic.given_to_dpdk:
            continue
        if _sets_channels(host, nic) and not _is_blocked(host, knowledge.rdma_blocks_channels):
            held.setdefault(knowledge.rdma_blocks_channels, []).append((nic, knowledge))
    for module, found in held.items():
        (first, knowledge), *others = found
        labels = [(_place_of_channels(nic), nic.name) for nic, _ in others[:MOST_LABELS]]
        report.add(
            codes.CHANNELS_HELD_BY_RDMA.at(
                _place_of_channels(first),
                driver=knowledge.name,
                nics=Sentence(spoken_nics([nic.name for nic, _ in found])),
                module=module,
                labels=[Label(place, f"the channels of `{name}` too") for place, name in labels if place is not None],
                notes=[
                    f"the kernel loads `{module}` for the device by itself, and `ethtool -L` then fails with EBUSY "
                    f'({knowledge.source}: "Cannot change channels when RDMA is active")'
                ],
                help=[f'write `kernel-argument "module_blacklist={module}" because "…"` if nobody uses RDMA here'],
            )
        )


def _sets_channels(host: Host, nic: Nic) -> bool:
    """Whether the number of channels is to be changed, as far as facts do not tell that it is right already."""
    given, written = allotment(host, nic), nic.entry("queues")
    asked = given.derived or (written is not None and written.value != "auto" and channels_settable(host, nic))
    known = nic.fact.queues if nic.fact is not None else None
    return asked and (known is None or given.queues is None or known.rx != given.queues)


def _is_blocked(host: Host, module: str) -> bool:
    """Whether the kernel's command line keeps a module from loading."""
    for entry in host.kernel_arguments:
        name, _, value = entry.value.text.partition("=")
        if name in ("module_blacklist", "modprobe.blacklist") and module in value.split(","):
            return True
    return False


def _place_of_channels(nic: Nic) -> Span | None:
    written = nic.entry("queues")
    return value_of(written, "queues") if written is not None else nic.span

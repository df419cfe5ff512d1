"""Settings of NICs: what is written, and channels and rings where a goal tells the load."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netc.demand import Load, load_of
from netc.knowledge.systemd import directives
from netc.plan import Interface, Via, Why
from netc.planning.arithmetic import clamp, power_of_two
from netc.planning.virtual_functions import function_fields
from netc.queues import QUEUE_LOAD, allotment, channel_limit, channels_settable, needed_queues, queues_of
from netc.serving import Serving, serving_cpus
from netc.units import counted, show_count
from netc.virtual_functions import may_be_absent

if TYPE_CHECKING:
    from netc.model import Host, Nic
    from netc.planning.draft import Draft
    from netc.queues import Allotment

STALL_SECONDS = 0.002
"""How long a core may be kept from its queue: two ticks of a slow timer, a long interrupt."""

CATEGORIES = {"channels": "channels", "ring": "rings", "coalesce": "coalesce", "pause": "pause", "offload": "offload"}
"""First part of a NIC key → the word under which the driver table says what is refused while down."""


ANY_DRIVER_QUEUES = (
    r".*[-_](TxRx|Tx-Rx|rxtx|rx|tx|fp|input|output|comp|q)[-.]?([0-9]+)(@.+)?",
    r"{interface}-([0-9]+)",
)
ANY_DRIVER_OTHERS = (r".*(config|control|async|mgmnt|misc|ctrl|fdir|hwc|event|mbx|lsc|exn|err|notify).*",)
"""Names of interrupts as most drivers make them, for drivers that netc does not know."""


def plan_nics(draft: Draft) -> None:
    for nic in draft.host.nics:
        if not nic.has_files:
            continue
        _name(draft, nic)
        _mtu(draft, nic)
        if nic.has_kernel_queues:
            _channels(draft, nic)
            _rings(draft, nic)
            _offloads(draft, nic)
            _coalescing(draft, nic)
        _pause(draft, nic)


def interfaces(host: Host, draft: Draft) -> tuple[Interface, ...]:
    """The NICs of the plan as artifacts bind to them, then interfaces built over them that have settings."""
    nics = [_interface(nic, draft) for nic in host.nics if nic.has_files]
    above = [name for name, _ in host.section.sections_of("interface")]
    built = [name for name in above if draft.of_nic(name) and host.nic(name) is None]
    return (*nics, *(Interface(name, name, built=True) for name in built))


def _interface(nic: Nic, draft: Draft) -> Interface:
    match = nic.match

    def text(word: str) -> str:
        entry = getattr(match, word)
        return str(entry.value) if entry is not None else ""

    return Interface(
        nic=nic.name,
        name=nic.interface,
        driver=nic.driver.value if nic.driver is not None else "",
        pci=text("pci"),
        mac=text("mac"),
        path=text("path"),
        vmbus=text("vmbus"),
        port=match.port.value if match.port is not None else None,
        match_driver=match.driver is not None,
        match_name=text("name"),
        management=nic.flagged_management,
        optional=may_be_absent(draft.host, nic),
        raise_first=any(Via.UNIT in s.via and _refused_while_down(nic, s.key) for s in draft.of_nic(nic.name)),
        pairs_for_programs=_pairs_for_programs(nic),
        **_interrupts(nic),
        **function_fields(draft.host, nic),
    )


def _pairs_for_programs(nic: Nic) -> bool:
    native = any(program.mode == "native" for program in nic.programs)
    return native and nic.knowledge is not None and nic.knowledge.xdp.queues == "pair-per-cpu"


def _interrupts(nic: Nic) -> dict[str, Any]:
    """How the steering unit tells the interrupts of a NIC apart."""
    knowledge = nic.knowledge
    if knowledge is None:
        return {"queue_interrupts": ANY_DRIVER_QUEUES, "other_interrupts": ANY_DRIVER_OTHERS}
    told = knowledge.interrupts
    return {
        "queue_interrupts": tuple(map(_extended, told.queue)),
        "other_interrupts": tuple(map(_extended, told.other)),
        "interrupts_at_open": told.requested == "open",
        "second_half_receives": told.halves,
        "twin_queues": knowledge.channels.twins,
    }


def _extended(pattern: str) -> str:
    """The pattern as a POSIX extended regular expression, whose groups have no names and always capture."""
    return pattern.replace("(?P<queue>", "(").replace("(?:", "(").replace(r"\d", "[0-9]")


def set_nic(draft: Draft, nic: Nic, key: str, value: str, why: Why) -> None:
    """Add a NIC setting, carried out by `.link` where the target's systemd has a word for it, and by the unit
    where it has none or the driver may refuse before the link is up."""
    draft.nic(nic.name, key, value, why, delivery(draft.host, nic, key, value))


def delivery(host: Host, nic: Nic, key: str, value: str) -> tuple[Via, ...]:
    """Who carries a NIC setting out."""
    systemd = host.system.systemd.value
    found = directives(key, systemd)
    if not found or (value == "max" and not all(directive.takes_max(systemd) for directive in found)):
        return (Via.UNIT,)
    if key in ("name", "mtu"):
        return (Via.LINK,)
    if _refused_while_down(nic, key):
        return (Via.UNIT,)
    # Pause autonegotiation, which .link leaves on, undoes what is set: seen with igb and systemd 252.
    if not key.startswith("pause") and nic.knowledge is not None and nic.knowledge.works_while_down(_category(key)):
        return (Via.LINK,)
    return (Via.LINK, Via.UNIT)


def _refused_while_down(nic: Nic, key: str) -> bool:
    return nic.knowledge is not None and nic.knowledge.works_while_down(_category(key)) is False


def _category(key: str) -> str:
    first, _, rest = key.partition(".")
    return rest if rest == "ntuple" else CATEGORIES.get(first, first)


def offload_is_written(nic: Nic, feature: str) -> bool:
    return nic.within("offload", feature) is not None


def _written(entry: Any, what: str) -> Why:
    return Why((entry.place,), "written", what)


def _name(draft: Draft, nic: Nic) -> None:
    if nic.interface:
        reason = f"nic `{nic.name}` is called {nic.interface} on every boot, whatever order drivers probe in"
        set_nic(draft, nic, "name", nic.interface, Why((nic.section.place,), "interface name", reason))


def _mtu(draft: Draft, nic: Nic) -> None:
    entry = nic.entry("mtu")
    if entry is not None:
        reason = f"packets of up to {entry.value} bytes; every port of the segment must take them"
        set_nic(draft, nic, "mtu", str(entry.value), _written(entry, reason))


def _channels(draft: Draft, nic: Nic) -> None:
    """Set the channels as written, or one for each core where a goal tells the load."""
    host, entry = draft.host, nic.entry("queues")
    limit = channel_limit(host, nic)
    if entry is not None and entry.value != "auto":
        asked = "as many queues as there are" if entry.value == "max" else counted(entry.value, "queue")
        asked = f"{asked} {'is' if entry.value == 1 else 'are'} asked for"
        if not channels_settable(host, nic):
            draft.leave(f"{nic.name} channels", str(entry.value), "those of the driver", _written(entry, asked))
        elif entry.value == "max" and nic.channels is not None and limit is not None:
            reason = f"there are {counted(limit, 'channel')} for this NIC, and all are used"
            _set_channels(draft, nic, str(limit), _written(entry, reason))
        else:
            _set_channels(draft, nic, str(entry.value), _written(entry, asked))
        return
    serving = serving_cpus(host, nic)
    allotted = allotment(host, nic)
    if allotted.derived and serving is not None:
        _derived_channels(draft, nic, allotted, serving)
    elif (load := load_of(host, nic)) is not None and serving is not None and serving.cores:
        _leave_channels(draft, nic, load, serving, limit)


def _derived_channels(draft: Draft, nic: Nic, allotted: Allotment, serving: Serving) -> None:
    """The queues that the load needs, one for each core at most."""
    load = load_of(draft.host, nic)
    places = [nic.section.place]
    cores = counted(allotted.queues or 0, "physical core")
    reason = f"{'a queue for' if allotted.queues == 1 else 'one queue for each of'} {cores} among {serving.reason}"
    if load is not None:
        places.insert(0, load.asked.entry.place)
        wanted = needed_queues(load)
        packets = f"{load_text(load)}{', packets being smaller as a rule,' if load.estimated else ''}"
        each = " each" if wanted > 1 else ""
        reason = f"{packets} ask for {counted(wanted, 'queue')} of {show_count(QUEUE_LOAD)}/s{each}; {reason}"
    if allotted.reason:
        reason = f"{reason}; {allotted.reason}"
    why = Why(tuple(places), "one queue for each core", reason)
    _set_channels(draft, nic, str(allotted.queues), why)


def _leave_channels(draft: Draft, nic: Nic, load: Load, serving: Serving, limit: int | None) -> None:
    """Say why the channels are not set although a goal tells the load."""
    wanted = min(needed_queues(load), serving.cores)
    queues = counted(needed_queues(load), "queue")
    reason = (
        f"{load_text(load)} ask for {queues} of {show_count(QUEUE_LOAD)}/s, and "
        f"{counted(serving.cores, 'physical core')} may serve: {serving.reason}"
    )
    why = Why((load.asked.entry.place, nic.section.place), "one queue for each core", reason)
    if nic.knowledge is None or not channels_settable(draft.host, nic):
        draft.leave(f"{nic.name} channels", str(wanted), "those of the driver", why)
    elif limit == 1:
        draft.leave(f"{nic.name} channels", str(wanted), "one", why)
    else:
        # What a driver takes at most, its devices need not have: ethtool refuses more than the device reports.
        draft.leave(f"{nic.name} channels", str(wanted), "a number not known: write `vectors N`", why)


def load_text(load: Load) -> str:
    """The load of a NIC for a reason."""
    if load.estimated:
        return f"{show_count(load.packets)} full frames a second at peak"
    return f"{show_count(load.packets)} packets a second at peak"


def _set_channels(draft: Draft, nic: Nic, queues: str, why: Why) -> None:
    words = nic.knowledge.channel_words() if nic.knowledge is not None else ("combined",)
    for word in words:
        set_nic(draft, nic, f"channels.{word}", queues, why)


def _rings(draft: Draft, nic: Nic) -> None:
    for direction in ("rx", "tx"):
        entry = nic.within("rings", direction)
        if entry is not None and entry.value != "auto":
            asked = "as many as the device gives" if entry.value == "max" else f"{entry.value}"
            kept = _kept(nic, direction, entry.value)
            reason = f"{asked} {direction} descriptors are asked for"
            if kept != entry.value:
                reason += f", of which the driver makes {kept}"
            set_nic(draft, nic, f"ring.{direction}", str(kept), _written(entry, reason))
    load = load_of(draft.host, nic)
    written = nic.within("rings", "rx")
    if load is not None and (written is None or written.value == "auto"):
        _derive_ring(draft, nic, load, queues_of(draft.host, nic))


def _kept(nic: Nic, direction: str, wanted: int | str) -> int | str:
    """The number of descriptors that the driver makes of the one asked for, so that reading back agrees."""
    ring = nic.knowledge.ring(direction) if nic.knowledge is not None else None
    if ring is None or not isinstance(wanted, int) or (ring.safe is not None and wanted > ring.safe):
        return wanted
    return ring.rounded(wanted)


def _derive_ring(draft: Draft, nic: Nic, load: Load, queues: int | None) -> None:
    """Room for what one queue receives while its core is busy with something else."""
    kernel = draft.host.system.kernel.value
    if nic.knowledge is None or not nic.knowledge.rings_settable(kernel):
        return
    ring = nic.knowledge.ring("rx")
    if ring is None or ring.safe is None:
        return
    share = load.packets // (queues or 1)
    wanted = ring.rounded(power_of_two(int(share * STALL_SECONDS)))
    most = nic.fact.rings.rx if nic.fact is not None and nic.fact.rings is not None else None
    wanted = clamp(wanted, 1, most) if most is not None else wanted
    shared = f" over {counted(queues, 'queue')}" if queues else " on one queue at worst"
    reason = (
        f"{load_text(load)}{shared} are {show_count(share)}/s each; a core kept away for "
        f"{STALL_SECONDS * 1000:g} ms finds {int(share * STALL_SECONDS)} waiting"
    )
    why = Why((load.asked.entry.place, nic.section.place), "room for a stall", reason)
    if ring.default is not None and wanted <= ring.default:
        draft.leave(f"{nic.name} ring rx", str(wanted), str(ring.default), why)
        return
    set_nic(draft, nic, "ring.rx", str(wanted), why)


def _offloads(draft: Draft, nic: Nic) -> None:
    section = nic.section.section("offload")
    for key, entry in section.entries.items() if section is not None else ():
        value = "on" if entry.value else "off"  # type: ignore[union-attr] # the block holds switches only
        set_nic(draft, nic, f"offload.{key[0]}", value, _written(entry, f"{key[0]} is to be {value}"))


def _coalescing(draft: Draft, nic: Nic) -> None:
    section = nic.section.section("coalesce")
    for key, entry in section.entries.items() if section is not None else ():
        word, value = key[0], entry.value  # type: ignore[union-attr] # the block holds plain statements only
        why = _written(entry, f"interrupt moderation: {entry.span.text if entry.span else word} is asked for")
        if word in ("rx", "tx"):
            usecs = value // 1000
            kept = nic.knowledge.coalesce_usecs(usecs) if nic.knowledge is not None else usecs
            if kept != usecs:
                why = _written(entry, f"{why.reason}, of which the driver makes {kept} us")
            set_nic(draft, nic, f"coalesce.{word}-usecs", str(kept), why)
        elif word == "adaptive":
            for direction in adaptive_directions(draft.host, nic):
                set_nic(draft, nic, f"coalesce.adaptive-{direction}", "on" if value else "off", why)
        elif word.startswith("adaptive"):
            set_nic(draft, nic, f"coalesce.{word}", "on" if value else "off", why)
        else:
            set_nic(draft, nic, f"coalesce.{word}", str(value), why)


def adaptive_directions(host: Host, nic: Nic) -> tuple[str, ...]:
    """Directions in which the driver moderates adaptively: an unknown one makes the whole command fail."""
    if nic.knowledge is None:
        return ("rx", "tx")
    kernel = host.system.kernel.value
    return tuple(d for d in ("rx", "tx") if nic.knowledge.coalesce_supported(f"adaptive-{d}", kernel))


def _pause(draft: Draft, nic: Nic) -> None:
    for direction in ("rx", "tx"):
        entry = nic.within("pause", direction)
        if entry is not None:
            value = "on" if entry.value else "off"
            set_nic(
                draft,
                nic,
                f"pause.{direction}",
                value,
                _written(entry, f"pause frames in direction {direction} are to be {value}"),
            )

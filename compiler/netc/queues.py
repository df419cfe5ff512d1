"""How many queues a NIC can have, and how many it will have: the answer that checks and planners share.

A queue costs an interrupt and a core's attention: too few leave packets waiting, too many only add interrupts
(Documentation/networking/scaling.rst, RSS). So a load asks for as many as it keeps half busy, and NICs that the
same cores serve share them: one queue for each core until cores run out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.demand import load_of, wants_latency
from netc.records import dataclass
from netc.serving import serving_cpus
from netc.units import counted
from netc.virtual_functions import channels_beside

if TYPE_CHECKING:
    from netc.demand import Load
    from netc.model import Host, Nic
    from netc.serving import Serving

QUEUE_LOAD = 150_000
"""Packets a second that one queue is planned for: half of what a core receives beside other work."""
SMALLER_PACKETS = 4
"""How many times more packets there are than full frames, where a goal tells bits and not packets."""
SMALL_TABLE = 128
"""Entries of an indirection table that a number of queues other than a power of two fills unevenly."""


@dataclass(frozen=True, slots=True)
class Allotment:
    """The queues of one NIC, and how the number came about."""

    queues: int | None
    """None where nothing tells."""
    derived: bool = False
    """Whether netc reckoned it, so that it is to be set."""
    reason: str = ""
    """For a derived number, the clause that says what bounds it."""
    assumed: bool = False
    """Whether it is what drivers usually open, and neither written nor told."""


def channel_limit(host: Host, nic: Nic) -> int | None:
    """The most channels there can be: told by `vectors` or facts, else the driver's own bound; None: not known.

    Beside a native XDP program some drivers leave half of them, since each gets a transmit queue of its own. Beside
    virtual functions some leave a few.
    """
    known = nic.knowledge.channels.maximum if nic.knowledge is not None else None
    online = None
    if nic.knowledge is not None and nic.knowledge.channels.cpus and host.topology is not None:
        online = len(host.topology.online)
    told = nic.channels.value if nic.channels is not None else None
    on_line = online if told is not None else None
    limits = [limit for limit in (told, known, on_line, channels_beside(nic)) if limit is not None]
    if not limits:
        return None
    half = nic.knowledge is not None and nic.knowledge.xdp.queues == "half-of-maximum"
    native = any(program.mode == "native" for program in nic.programs)
    return max(min(limits) // 2, 1) if half and native else min(limits)


def channels_settable(host: Host, nic: Nic) -> bool:
    """Whether `ethtool -L` works; of a driver that netc does not know it is taken to."""
    return nic.knowledge is None or nic.knowledge.channels.settable(host.system.kernel.value)


def queues_of(host: Host, nic: Nic) -> int | None:
    """The queues the NIC will have: as written, as derived, else as many as its driver opens. None where nothing
    tells."""
    return allotment(host, nic).queues


def allotment(host: Host, nic: Nic) -> Allotment:
    """The queues of a NIC among those of the whole host."""
    found = host.once("allotments", lambda: _allot(host))
    return found.get(nic.name, Allotment(None))


def _allot(host: Host) -> dict[str, Allotment]:
    """Written and fixed numbers first; what is left of the cores is shared by NICs whose number is derived."""
    found: dict[str, Allotment] = {}
    sharing: dict[tuple[int, ...], list[tuple[Nic, Serving, int, str]]] = {}
    taken: list[tuple[frozenset[int], int]] = []
    for nic in host.nics:
        if nic.given_to_dpdk:
            continue
        serving = serving_cpus(host, nic)
        wish = _wish(host, nic, serving)
        if serving is None or wish is None:
            found[nic.name] = given = _given(host, nic, serving)
            if serving is not None and (load_of(host, nic) is not None or nic.entry("queues") is not None):
                taken.append((frozenset(serving.cpus[: serving.cores]), given.queues or 0))
        else:
            sharing.setdefault(serving.cpus, []).append((nic, serving, *wish))
    # Whoever has the least choice chooses first, as in placement.
    for cpus, wishes in sorted(sharing.items(), key=lambda group: len(group[0])):
        cores = frozenset(cpus[: wishes[0][1].cores])
        # Others use cores of their own as far as they have some.
        used = sum(max(queues - len(others - cores), 0) for others, queues in taken if others & cores)
        shared = _share(host, wishes, len(cores) - min(used, len(cores)))
        found |= shared
        taken.append((cores, sum(each.queues or 0 for each in shared.values())))
    return found


def _given(host: Host, nic: Nic, serving: Serving | None) -> Allotment:
    """The number that is not netc's to choose: what is written, else what the driver opens."""
    limit = channel_limit(host, nic)
    settable = channels_settable(host, nic)
    written = nic.entry("queues")
    if settable and written is not None and isinstance(written.value, int):
        return Allotment(int(written.value))
    if settable and written is not None and written.value == "max":
        return Allotment(limit)
    if nic.fact is not None and nic.fact.queues is not None and nic.fact.queues.rx:
        return Allotment(nic.fact.queues.rx)
    if limit == 1:
        return Allotment(1)
    if not settable or serving is None or not serving.cores:
        return Allotment(None if settable else limit, assumed=True)
    return Allotment(serving.cores if limit is None else min(serving.cores, limit), assumed=True)


def _wish(host: Host, nic: Nic, serving: Serving | None) -> tuple[int, str] | None:
    """How many queues the load of a NIC asks for, and what bounds that; None where the number is not derived."""
    written = nic.entry("queues")
    if serving is None or not serving.cores or nic.knowledge is None or nic.channels is None:
        return None
    if not channels_settable(host, nic) or (written is not None and written.value != "auto"):
        return None
    limit = channel_limit(host, nic)
    if limit is None or limit == 1:
        return None
    load = load_of(host, nic)
    if load is None:
        opened = nic.fact.queues.rx if nic.fact is not None and nic.fact.queues is not None else None
        if opened is None or opened <= serving.cores:
            return None
        return min(
            limit, serving.cores
        ), f"the driver opens {counted(opened, 'queue')}, more than there are cores for them"
    wanted, bound = needed_queues(load), ""
    if wants_latency(host, nic):
        wanted, bound = serving.cores, "one for each core, so that none waits behind another"
    if limit < wanted:
        wanted, bound = limit, f"the device has no more than {counted(limit, 'channel')}"
    return wanted, bound


def needed_queues(load: Load) -> int:
    """The queues that a load keeps half busy."""
    packets = load.packets * (SMALLER_PACKETS if load.estimated else 1)
    return max(1, -(-packets // QUEUE_LOAD))


def _share(host: Host, wishes: list[tuple[Nic, Serving, int, str]], cores: int) -> dict[str, Allotment]:
    """Cores dealt to NICs: whoever asks for less than an even share leaves the rest to the others."""
    found: dict[str, Allotment] = {}
    left, waiting = max(cores, 0), sorted(wishes, key=lambda wish: wish[2])
    for done, (nic, serving, wanted, bound) in enumerate(waiting):
        share = max(left // (len(waiting) - done), 1)
        queues, reason = wanted, bound
        if share < wanted:
            queues = share
            others = len(wishes) - 1
            if cores < serving.cores or others:
                reason = (
                    f"{counted(serving.cores, 'core')} are shared with other queues, which leaves {share} to this NIC"
                )
            else:
                reason = f"there {'is' if share == 1 else 'are'} no more than {counted(share, 'core')} for it"
        even = 1 << (queues - 1).bit_length()
        table = nic.knowledge.rss.table if nic.knowledge is not None else None
        if not reason and even != queues and even <= share and (table or SMALL_TABLE) <= SMALL_TABLE:
            limit = channel_limit(host, nic)
            if limit is None or even <= limit:
                queues, reason = even, "rounded up to a power of two, which fills the indirection table evenly"
        left -= queues
        found[nic.name] = Allotment(queues, True, reason)
    return found

"""Which queue and which CPU a packet meets: the RSS table, flow rules, RPS, RFS, XPS and interrupt affinity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netc.cpulist import CpuSet, in_order, spoken
from netc.demand import largest, load_of, terminates
from netc.knowledge.flow_rules import flow_types
from netc.knowledge.systemd import directives
from netc.placement import placements, transmitters
from netc.plan import Kind, Via, Why
from netc.planning.arithmetic import clamp, power_of_two
from netc.planning.draft import Want
from netc.planning.nics import offload_is_written, set_nic
from netc.queues import channel_limit, needed_queues, queues_of
from netc.serving import housekeeping_cpus, isolated_cpus, lcores
from netc.units import counted, show_count, show_time

if TYPE_CHECKING:
    from netc.language.sections import Section
    from netc.model import Host, Nic
    from netc.placement import Placement
    from netc.planning.draft import Draft

LEAST_FLOWS, MOST_FLOWS = 32768, 1 << 20
"""What a derived table of flows holds: scaling.rst takes 32768 for a moderately loaded server."""
MOST_NAMED = 16
"""CPUs that a reason names; the value has them all."""
LARGEST_TABLE = 1 << 29
"""The kernel takes no larger table of the host (net/core/sysctl_net_core.c, rps_sock_flow_sysctl)."""
FIELDS = {"src-dst": "sd", "src-dst-ports": "sdfn"}
"""The letters of `ethtool -N DEVICE rx-flow-hash`: source and destination address, then the ports."""


def plan_steering(draft: Draft) -> None:
    found = placements(draft.host)
    for nic in draft.host.nics:
        if not nic.has_kernel_queues:
            continue
        placement = found.get(nic.name)
        _rss(draft, nic)
        _rules(draft, nic)
        _polling(draft, nic)
        if placement is not None:
            _rps(draft, nic, placement)
        _rfs(draft, nic)
        if placement is not None:
            _xps(draft, nic, placement)
            _interrupts(draft, nic, placement)
    for name, section in draft.host.section.sections_of("interface"):
        _rps_of_interface(draft, name, section)
    _table_of_flows(draft)


def _set(draft: Draft, nic: Nic, key: str, value: str, why: Why) -> None:
    draft.nic(nic.name, key, value, why, (Via.STEERING,))


def _written(entry: Any, reason: str) -> Why:
    return Why((entry.place,), "written", reason)


def _rss(draft: Draft, nic: Nic) -> None:
    """The indirection table as written; after a change of channels the driver may have kept an older one."""
    chosen, weight = nic.within("rss", "queues"), nic.within("rss", "weight")
    if weight is not None:
        every = list(range(len(weight.value)))
        among = list(chosen.value) if chosen is not None and isinstance(chosen.value, CpuSet) else every
        shares = _weights(weight.value, among)
        reason = f"queues get shares {':'.join(map(str, weight.value))} of the indirection table"
        _set(draft, nic, "rss.spread", f"weight {' '.join(map(str, shares))}", _written(weight, reason))
    elif chosen is not None and isinstance(chosen.value, CpuSet):
        reason = f"received flows spread over queues {chosen.value} alone; rules may steer others to the rest"
        _set(draft, nic, "rss.spread", _spread(chosen.value), _written(chosen, reason))
    else:
        _fresh_table(draft, nic, chosen)
    key = nic.within("rss", "key")
    if key is not None and key.value == "symmetric":
        reason = (
            "a key that repeats every 16 bits gives both directions of a connection one hash, so that one queue "
            "sees both (Woo and Park 2012)"
        )
        _set(draft, nic, "rss.key", "symmetric", _written(key, reason))
    elif key is not None:
        draft.leave(f"{nic.name} rss key", "random", "the driver's", _written(key, "drivers make a random key"))
    section = nic.section.section("rss")
    for entry in section.entries_of("hash") if section is not None else ():
        protocol, fields = entry.value
        reason = f"flows of {protocol} are told apart by {'addresses and ports' if 'ports' in fields else 'addresses'}"
        _set(draft, nic, f"rss.hash.{protocol}", FIELDS[fields], _written(entry, reason))


def _spread(queues: CpuSet) -> str:
    """The words of `ethtool -X` for an even spread over some queues."""
    first = next(iter(queues), 0)
    if queues.highest - first + 1 == len(queues):
        return f"start {first} equal {len(queues)}" if first else f"equal {len(queues)}"
    return f"weight {' '.join('1' if queue in queues else '0' for queue in range(queues.highest + 1))}"


def _weights(shares: list[int], queues: list[int]) -> list[int]:
    """A share for each queue up to the last one; with fewer shares than queues the rest get none."""
    given = dict(zip(queues, shares, strict=False))
    return [given.get(queue, 0) for queue in range(max(queues) + 1)]


def _fresh_table(draft: Draft, nic: Nic, written: Any) -> None:
    """An even table over all queues, where netc sets their number or the file asks for it."""
    channels = next((s for s in draft.of_nic(nic.name) if s.key.startswith("channels.")), None)
    queues = queues_of(draft.host, nic)
    rss = nic.knowledge.rss if nic.knowledge is not None else None
    certain = rss is not None and rss.surely_settable(draft.host.system.kernel.value)
    if written is not None and channels is None:
        why = _written(written, "the driver's own table spreads over all queues it opens")
        draft.leave(f"{nic.name} rss queues", "all", "all", why)
    if queues is None or queues == 1 or channels is None or (written is None and not certain):
        return
    reason = (
        f"the {queues} queues share the indirection table evenly; a table that was set before the number of queues "
        "changed is kept by drivers, and queues that are new would get nothing"
    )
    places = (written.place,) if written is not None else channels.why.places
    _set(draft, nic, "rss.spread", f"equal {queues}", Why(places, "even table after channels", reason))


def _rules(draft: Draft, nic: Nic) -> None:
    """Flow rules, one of ethtool -N for each IP version; and the filters they need."""
    section = nic.section
    entries = section.entries_of("steer")
    number = 0
    for entry in entries:
        rule = entry.value
        goes = "dropped by the NIC" if rule.queue is None else f"received by queue {rule.queue}"
        for flow in flow_types(rule.protocol, rule.source):
            words = ["flow-type", flow]
            words += _source(rule.source) if rule.source else []
            for word, port in (("src-port", rule.source_port), ("dst-port", rule.port)):
                words += [word, str(port)] if port is not None else []
            words += ["action", "-1" if rule.queue is None else str(rule.queue)]
            reason = f"{_spoken(rule)} are {goes}, whatever their hash"
            _set(draft, nic, f"steer.{number:04d}", " ".join(words), _written(entry, reason))
            number += 1
    arfs = nic.entry("arfs")
    needing = arfs if arfs is not None and arfs.value else entries[0] if entries else None
    # Some drivers take rules and have no such switch.
    switch = nic.knowledge is None or nic.knowledge.has("ntuple", draft.host.system.kernel.value)
    if needing is not None and switch and not offload_is_written(nic, "ntuple"):
        reason = "flow rules are kept by the NIC's n-tuple filters"
        set_nic(draft, nic, "offload.ntuple", "on", Why((needing.place,), "filters for flow rules", reason))


def _source(prefix: str) -> list[str]:
    import ipaddress  # few files have a prefix

    network = ipaddress.ip_network(prefix)
    words = ["src-ip", str(network.network_address)]
    # ethtool ignores the bits that its mask names.
    return words if network.prefixlen == network.max_prefixlen else [*words, "m", str(network.hostmask)]


def _spoken(rule: Any) -> str:
    parts = [f"{rule.protocol} packets"]
    parts += [f"from {rule.source}"] if rule.source else []
    parts += [f"from port {rule.source_port}"] if rule.source_port is not None else []
    parts += [f"to port {rule.port}"] if rule.port is not None else []
    return " ".join(parts)


def _polling(draft: Draft, nic: Nic) -> None:
    """NAPI deferral and the queueing discipline, as written."""
    defer, timeout = nic.within("napi", "defer-hard-irqs"), nic.within("napi", "gro-flush-timeout")
    if defer is not None:
        reason = f"interrupts stay off until {defer.value} polls in a row found nothing"
        _set(draft, nic, "napi.defer-hard-irqs", str(defer.value), _written(defer, reason))
    if timeout is not None:
        reason = f"while interrupts are put off, a timer polls every {show_time(timeout.value)}"
        if not timeout.value:
            reason = "no timer polls, so that interrupts are never put off"
        _set(draft, nic, "napi.gro-flush-timeout", str(timeout.value), _written(timeout, reason))
    qdisc = nic.entry("qdisc")
    if qdisc is not None:
        reason = f"{qdisc.value} on each transmit queue of this NIC, whatever net.core.default_qdisc says"
        _set(draft, nic, "qdisc", qdisc.value, _written(qdisc, reason))


def _rps(draft: Draft, nic: Nic, placement: Placement) -> None:
    """Packets of few queues handed to more CPUs, where that is written or the queues are too few for the load."""
    host = draft.host
    cpus = steering_cpus(host, nic, placement)
    if cpus is None:
        return
    written, state = nic.within("rps", "cpus"), nic.state("rps")
    load = load_of(host, nic)
    if written is not None:
        why = _written(written, f"received packets are handed to {spoken(cpus)}")
    else:
        count = counted(placement.queues, "queue") if placement.queues is not None else "its queues"
        arriving = f"{show_count(load.packets)} packets a second" if load is not None else "packets"
        reason = f"{arriving} arrive on {count}, and {spoken(cpus)} share the work of the stack behind them"
        places = tuple(e.place for e in (state, load.asked.entry if load is not None else None) if e is not None)
        why = Why(places or (nic.section.place,), "more CPUs than queues", reason)
    # The queues that .link finds may grow later, and the steering unit sees them then.
    directive = directives("rps.cpus", host.system.systemd.value)
    via = (Via.LINK, Via.STEERING) if directive else (Via.STEERING,)
    draft.nic(nic.name, "rps.cpus", str(cpus), why, via)


def _rps_of_interface(draft: Draft, name: str, section: Section) -> None:
    """RPS of a bridge. A bond or VLAN gives its packets up after the kernel chose the CPU for the port below."""
    block = section.section("rps")
    topology, kind = draft.host.topology, section.entry("kind")
    if block is None or topology is None or (kind is not None and kind.value != "bridge"):
        return
    listed, state = block.entry("cpus"), block.state
    allowed = topology.online - isolated_cpus(draft.host) - lcores(draft.host)
    cpus = listed.value & allowed if listed is not None else allowed - housekeeping_cpus(draft.host) or allowed
    if not cpus or (listed is None and (state is None or state.value != "on")):
        return
    why = Why((block.place,), "written", f"packets that {name} receives are handed to {spoken(cpus)}")
    draft.nic(name, "rps.cpus", str(cpus), why, (Via.STEERING,))


def steering_cpus(host: Host, nic: Nic, placement: Placement) -> CpuSet | None:
    """The CPUs of RPS, without isolated ones, which the kernel takes out of every mask; None: there is no RPS."""
    written, state = nic.within("rps", "cpus"), nic.state("rps")
    allowed = host.topology.online - isolated_cpus(host) if host.topology is not None else CpuSet()
    if written is not None:
        return written.value & allowed or None
    free = allowed - lcores(host)
    cores = CpuSet.of(placement.cpus[: placement.serving.cores]) & free
    wanted = state.value if state is not None else "auto"
    if wanted == "on":
        # Where its interrupts are where RPS may not be, its packets go to what is free of its node.
        node = host.topology.nodes.get(nic.node.value) if host.topology is not None and nic.node is not None else None
        near = free - housekeeping_cpus(host)
        return cores or (near & node.cpus if node is not None else near) or free or None
    if wanted == "off" or len(cores) < 2:
        return None
    if placement.queues is None or placement.queues >= len(cores):
        return None
    if state is not None:
        return cores
    # Of its own accord netc spreads where the device has too few queues for the load, not where the file chose few.
    load, limit = load_of(host, nic), channel_limit(host, nic)
    few = limit is not None and limit <= placement.queues
    return cores if few and load is not None and needed_queues(load) > placement.queues else None


def _rfs(draft: Draft, nic: Nic) -> None:
    """The flow tables: one of the host, and a count for each receive queue."""
    state, flows, arfs = nic.state("rfs"), nic.within("rfs", "flows"), nic.entry("arfs")
    accelerated = arfs is not None and bool(arfs.value)
    entry = flows or state or (arfs if accelerated else None)
    if entry is None or (flows is None and state is not None and state.value == "off"):
        return
    if flows is not None:
        count = power_of_two(flows.value)
        reason = f"{flows.value} flows are followed to the CPU of their reader"
        if count != flows.value:
            reason += f"; the kernel makes {count} of them"
    elif state is not None and state.value == "auto" and not _has_rps(draft, nic):
        why = _written(state, "without RPS the CPU that the interrupt chose does the work")
        draft.leave(f"{nic.name} rfs", "auto", "off", why)
        return
    else:
        count, reason = _derived_flows(draft.host)
    if accelerated:
        reason += "; the NIC itself sends a flow to the queue whose interrupt its reader's CPU serves"
    why = Why((entry.place,), "receive flow steering", reason)
    _set(draft, nic, "rfs.flows", str(count), why)


def _table_of_flows(draft: Draft) -> None:
    """The host's own table, which all NICs share: without it their counts have no effect."""
    counts = [s for s in draft.settings.values() if s.kind is Kind.NIC and s.key == "rfs.flows"]
    if not counts:
        return
    total = min(power_of_two(sum(int(setting.value) for setting in counts)), LARGEST_TABLE)
    places = tuple(dict.fromkeys(place for setting in counts for place in setting.why.places))
    shown = " + ".join(setting.value for setting in counts)
    reason = f"flows of all NICs that the host follows to the CPU of their reader: {shown}"
    if str(total) != shown:
        reason += f", which the kernel makes {total}"
    draft.sysctl("net.core.rps_sock_flow_entries", total, Why(places, "table of flows", reason), Want.AT_LEAST)


def _has_rps(draft: Draft, nic: Nic) -> bool:
    return any(setting.key == "rps.cpus" for setting in draft.of_nic(nic.name))


def _derived_flows(host: Host) -> tuple[int, str]:
    """Entries for the connections open at once, which are all that can be active."""
    open_at_once = largest(host, "connections", ends=True)
    if open_at_once is None or not any(terminates(goal) for goal in host.goals):
        return LEAST_FLOWS, f"{LEAST_FLOWS} flows, as scaling.rst takes for a moderately loaded server"
    count = clamp(power_of_two(open_at_once.value), LEAST_FLOWS, MOST_FLOWS)
    shown = show_count(open_at_once.value)
    return count, f"{count} flows for {shown} connections, of which those that are busy count"


def _xps(draft: Draft, nic: Nic, placement: Placement) -> None:
    """The transmit queue of each CPU: that of its own core, so that completions meet the cache of the sender."""
    by, state = nic.within("xps", "by"), nic.state("xps")
    if state is not None and state.value == "off":
        return
    entry = by or state
    place = entry.place if entry is not None else nic.section.place
    if placement.queues == 1:
        if entry is not None:
            wanted = f"by {by.value}" if by is not None else "auto"
            draft.leave(f"{nic.name} xps", wanted, "one queue", _written(entry, "there is one transmit queue"))
        return
    if by is not None and by.value == "rx-queue":
        reason = "answers leave by the transmit queue of the number of the receive queue, which polls both"
        _set(draft, nic, "xps.rx-queues", "same", _written(by, reason))
        return
    groups = " ".join(str(cpus) for cpus in transmitters(draft.host, placement))
    reason = (
        "each CPU sends by the queue whose interrupt goes to its own core, else to its cache or node, so that no "
        "lock is shared and completions are handled near the sender"
    )
    _set(draft, nic, "xps.cpus", groups, Why((place,), "transmit queue of the nearest interrupt", reason))


def _interrupts(draft: Draft, nic: Nic, placement: Placement) -> None:
    if nic.knowledge is not None and nic.knowledge.interrupts.named_by == "none" and nic.knowledge.bus == "none":
        return
    serving = placement.serving
    first = placement.cpus[: placement.queues]
    shown = in_order(first[:MOST_NAMED]) + ("…" if len(first) > MOST_NAMED else "")
    if placement.queues == 1:
        reason = f"its one queue goes to CPU {shown}, of {serving.reason}"
    elif placement.queues is None:
        reason = f"its queues go to CPUs {shown} in this order, however many there are: {serving.reason}"
    else:
        reason = f"its {placement.queues} queues go to CPUs {shown} in this order: {serving.reason}"
    if serving.crowded:
        reason += "; they work beside the system's own tasks"
    if directives("irq.affinity", draft.host.system.systemd.value):
        reason += (
            "; IRQAffinity= of .link files acts once, at the device's event, when most drivers have no interrupts "
            "yet, and does not tell queues from others"
        )
    written = nic.within("irq", "cpus")
    places = (written.place if written is not None else nic.section.place,)
    why = Why(places, "one core for each queue", reason)
    _set(draft, nic, "irq.cpus", in_order(placement.cpus), why)

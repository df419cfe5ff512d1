"""NIC settings against what driver, device and CPUs give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeGuard

from netc import codes
from netc.cpulist import CpuSet, spoken
from netc.diagnostics import Label
from netc.isolation import taking
from netc.knowledge.drivers import known_drivers
from netc.places import value_of
from netc.queues import channels_settable
from netc.serving import Serving, serving_cpus
from netc.suggest import did_you_mean
from netc.units import show_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.diagnostics import Diagnostic, Report
    from netc.knowledge.drivers import Driver, Ring
    from netc.language.sections import Entry, Section
    from netc.model import Host, Nic


def drivers_are_known(host: Host, report: Report) -> None:
    for nic in host.nics:
        if nic.driver is not None and nic.knowledge is None:
            help_lines = did_you_mean(nic.driver.value, known_drivers())
            notes = ["queues, rings, MTU and offloads of this NIC are taken as written; `ethtool -i` tells the name"]
            place = value_of(nic.driver, "driver")
            report.add(codes.UNKNOWN_DRIVER.at(place, driver=nic.driver.value, notes=notes, help=help_lines))


def nics_are_on_nodes(host: Host, report: Report) -> None:
    """The node of a NIC exists; where there are several and none is told, that is said."""
    if host.topology is None or not host.topology.nodes:
        return
    numbers = ", ".join(map(str, host.topology.nodes))
    several = len(host.topology.nodes) > 1
    for nic in host.nics:
        if nic.node is None:
            if several and not nic.given_to_dpdk and nic.match.vf is None:
                note = "its interrupts may go to CPUs of any node, and packets then cross from one socket to the other"
                first = next(iter(host.topology.nodes))
                help_line = (
                    f"write `node {first}` or the node of its slot: /sys/class/net/NAME/device/numa_node tells it"
                )
                nodes = f"nodes {numbers}"
                report.add(codes.NODE_UNKNOWN.at(nic.span, nic=nic.name, nodes=nodes, notes=[note], help=[help_line]))
        elif nic.node.value not in host.topology.nodes:
            nodes = f"node{'s' * several} {numbers}"
            place = value_of(nic.node, "node")
            report.add(codes.NO_SUCH_NODE.at(place, nic=nic.name, node=nic.node.value, nodes=nodes))


def queues_fit_cpus(host: Host, report: Report) -> None:
    """No more queues than CPUs that may serve the NIC: two on one CPU only cost."""
    for nic in host.nics:
        entry = nic.entry("queues")
        serving = serving_cpus(host, nic)
        if entry is None or serving is None or not isinstance(entry.value, int) or nic.given_to_dpdk:
            continue
        if entry.value > len(serving.cpus):
            report.add(_too_many_queues(host, nic, entry, serving))


def _too_many_queues(host: Host, nic: Nic, entry: Entry[int], serving: Serving) -> Diagnostic:
    count = len(serving.cpus)
    available = "1 CPU is" if count == 1 else f"{count} CPUs are"
    label = f"{available} available to this nic"
    labels = [*_kept_away(host, nic)]
    notes = [f"they are {serving.reason}"] if serving.crowded or not labels else []
    if nic.node is not None and host.topology is not None and nic.node.value in host.topology.nodes:
        cpus = host.topology.nodes[nic.node.value].cpus
        notes.insert(0, f"`{nic.name}` sits on NUMA node {nic.node.value}, which has {spoken(cpus)}")
    return codes.QUEUES_BEYOND_CPUS.at(
        value_of(entry, "queues"),
        nic=nic.name,
        queues=entry.value,
        cpus=count,
        label=label,
        labels=labels,
        notes=notes,
        help=_fewer_queues(host, nic, count) if count else (),
    )


def _fewer_queues(host: Host, nic: Nic, count: int) -> list[str]:
    if not channels_settable(host, nic):
        return ["leave `queues` out: the driver opens what it likes"]
    return [f"write `queues {count}`, or leave `queues` out to get one for each available core"]


def _kept_away(host: Host, nic: Nic) -> Iterator[Label]:
    """What takes CPUs of the NIC's node away from its interrupts, or names them."""
    written = nic.within("irq", "cpus")
    if written is not None and isinstance(written.value, CpuSet):
        if (place := value_of(written, "cpus")) is not None:
            yield Label(place, "these CPUs may serve it, as written")
        return
    topology = host.topology
    node = topology.nodes.get(nic.node.value) if topology is not None and nic.node is not None else None
    within = node.cpus if node is not None else topology.online if topology is not None else CpuSet()
    where = f" of node {node.id}" if node is not None else ""
    for word, statement, taken, what in taking(host):
        count = len(taken & within)
        place = value_of(statement, word)
        if place is not None and count:
            these = f"these {count} CPUs{where} are" if count > 1 else f"1 CPU{where} is"
            yield Label(place, f"{these} {what}, so no interrupt may land on {'them' if count > 1 else 'it'}")


def queues_fit_channels(host: Host, report: Report) -> None:
    """No more queues than the device and its driver have channels."""
    for nic in host.nics:
        entry = nic.entry("queues")
        if entry is None or nic.given_to_dpdk:
            continue
        knowledge = nic.knowledge
        if knowledge is not None and not channels_settable(host, nic):
            if entry.value not in ("auto", "max", knowledge.channels.maximum):
                report.add(_fixed_channels(host, knowledge, entry))
            continue
        limits: list[tuple[int, str, Entry[int] | None]] = []
        if nic.channels is not None:
            limits.append((nic.channels.value, "the device", nic.channels))
        if knowledge is not None and knowledge.channels.maximum is not None:
            limits.append((knowledge.channels.maximum, f"driver `{knowledge.name}`", None))
        if not isinstance(entry.value, int) or not limits:
            continue
        limit, source, told = min(limits, key=lambda found: found[0])
        if entry.value > limit:
            place = value_of(told, "vectors") if told is not None else None
            notes = [f"{knowledge.source}: {knowledge.channels.note}"] if _worth_telling(knowledge, told) else []
            report.add(
                codes.QUEUES_BEYOND_CHANNELS.at(
                    value_of(entry, "queues"),
                    nic=nic.name,
                    queues=entry.value,
                    source=source,
                    limit=limit,
                    labels=[Label(place, f"the device has {limit} channels")] if place is not None else [],
                    notes=notes,
                    help=[f"write `queues {limit}` or `queues max`"],
                )
            )


def _worth_telling(knowledge: Driver | None, told: Entry[int] | None) -> TypeGuard[Driver]:
    return knowledge is not None and told is None and bool(knowledge.channels.note)


def _fixed_channels(host: Host, knowledge: Driver, entry: Entry[int | str]) -> Diagnostic:
    channels = knowledge.channels
    notes = []
    if channels.model != "fixed":
        notes.append(_since(knowledge, channels.since, "`ethtool -L`", host))
    elif channels.maximum == 1:
        notes.append(f"its devices have one queue ({knowledge.source})")
    elif channels.note:
        notes.append(f"{channels.note} ({knowledge.source})")
    help_lines = ["leave `queues` out; `rps on` spreads packets of few queues over CPUs"]
    place = value_of(entry, "queues")
    return codes.CHANNELS_FIXED.at(place, driver=knowledge.name, notes=notes, help=help_lines)


def _since(knowledge: Driver, since: str | None, what: str, host: Host) -> str:
    """Why a driver that has something on other kernels has it not on this one."""
    return f"`{knowledge.name}` surely takes {what} from kernel {since} on; the target has {host.system.kernel.value}"


def rings_fit_the_device(host: Host, report: Report) -> None:
    """Descriptors within what driver and device take, and numbers the driver keeps as they are."""
    for nic in host.nics:
        for direction in ("rx", "tx"):
            entry = nic.within("rings", direction)
            if entry is None or entry.value == "auto" or nic.knowledge is None or nic.given_to_dpdk:
                continue
            _check_ring(host, nic, direction, entry, report)


def _check_ring(host: Host, nic: Nic, direction: str, entry: Entry[int | str], report: Report) -> None:
    knowledge = nic.knowledge
    if knowledge is None:
        return
    ring = knowledge.ring(direction)
    if not knowledge.rings_settable(host.system.kernel.value) or ring is None:
        rings = knowledge.rings
        notes = [_since(knowledge, rings.since, "`ethtool -G`", host)] if rings.settable and rings.since else []
        notes = notes or [f"it has no operation for `ethtool -G` ({knowledge.source})"]
        report.add(codes.RINGS_FIXED.at(entry.span, driver=knowledge.name, notes=notes, help=["leave `rings` out"]))
        return
    if not isinstance(entry.value, int):
        return
    limits = [(ring.maximum, f"driver `{knowledge.name}`")]
    if nic.fact is not None and nic.fact.rings is not None:
        limits.append((getattr(nic.fact.rings, direction), "the device"))
    known = [(limit, source) for limit, source in limits if limit is not None]
    if known and entry.value > min(known)[0]:
        limit, source = min(known)
        report.add(
            codes.RING_TOO_LARGE.at(
                value_of(entry, direction),
                nic=nic.name,
                wanted=entry.value,
                direction=direction,
                source=source,
                limit=limit,
                help=[f"write `{direction} {limit}` or `{direction} max`"],
            )
        )
        return
    kept = knowledge.ring_value(direction, entry.value)
    if kept != entry.value and (ring.safe is None or entry.value <= ring.safe):
        report.add(
            codes.RING_ROUNDED.at(
                value_of(entry, direction),
                driver=knowledge.name,
                kept=kept,
                wanted=entry.value,
                direction=direction,
                notes=[_rounding(ring, entry.value)],
                help=[f"write `{direction} {kept}`"],
            )
        )


def _rounding(ring: Ring, wanted: int) -> str:
    if wanted < ring.minimum:
        return f"it makes at least {ring.minimum}"
    return "it takes powers of two" if ring.power_of_two else f"it takes multiples of {ring.step}"


def mtu_fits_the_driver(host: Host, report: Report) -> None:
    for nic in host.nics:
        entry = nic.entry("mtu")
        limit = nic.knowledge.mtu if nic.knowledge is not None else None
        if entry is not None and limit is not None and entry.value > limit and nic.knowledge is not None:
            report.add(
                codes.MTU_TOO_LARGE.at(
                    value_of(entry, "mtu"),
                    driver=nic.knowledge.name,
                    limit=limit,
                    wanted=entry.value,
                    notes=[f"the MTU counts neither Ethernet header nor checksum; limit from {nic.knowledge.source}"],
                    help=[f"write `mtu {limit}` or less"],
                )
            )


COALESCE_PARAMETERS = {
    "rx": "rx-usecs",
    "tx": "tx-usecs",
    "rx-frames": "rx-frames",
    "tx-frames": "tx-frames",
    "adaptive-rx": "adaptive-rx",
    "adaptive-tx": "adaptive-tx",
}


def coalescing_is_supported(host: Host, report: Report) -> None:
    """Only parameters the driver takes: one it does not makes the whole `ethtool -C` fail."""
    kernel = host.system.kernel.value
    for nic in host.nics:
        section = nic.section.section("coalesce")
        for key, entry in section.entries.items() if section is not None else ():
            _whole_microseconds(key[0], entry, report)  # type: ignore[arg-type] # plain statements only
            if nic.knowledge is None:
                continue
            word = key[0]
            names = ("adaptive-rx", "adaptive-tx") if word == "adaptive" else (COALESCE_PARAMETERS[word],)
            if any(nic.knowledge.coalesce_supported(name, kernel) for name in names):
                continue
            report.add(_unsupported(nic.knowledge, word, entry, kernel))


def _unsupported(knowledge: Driver, word: str, entry: Entry[Any] | Section, kernel: str | None) -> Diagnostic:
    words = [w for w, name in COALESCE_PARAMETERS.items() if knowledge.coalesce_supported(name, kernel)]
    taken = ", ".join(f"`{w}`" for w in words)
    notes = [
        "one parameter that the driver lacks makes the whole `ethtool -C` fail (EOPNOTSUPP)",
        f"it takes {taken or 'none of them'} ({knowledge.source})",
    ]
    if knowledge.coalesce.note:
        notes.append(knowledge.coalesce.note)
    return codes.COALESCE_UNSUPPORTED.at(
        entry.span, driver=knowledge.name, parameter=word, notes=notes, help=[f"leave `{word}` out"]
    )


def _whole_microseconds(word: str, entry: Entry[int], report: Report) -> None:
    if word in ("rx", "tx") and entry.value % 1000:
        whole = entry.value // 1000
        report.add(
            codes.COALESCE_NOT_WHOLE.at(
                value_of(entry, word),
                word=f"coalesce {word}",
                wanted=show_time(entry.value),
                help=[f"write `{word} {whole}us` or `{word} {whole + 1}us`"],
            )
        )


def offloads_exist(host: Host, report: Report) -> None:
    """Features that only some drivers have are not turned on where the driver has none."""
    kernel = host.system.kernel.value
    for nic in host.nics:
        for feature in ("lro", "gro-hw", "ntuple"):
            entry = nic.within("offload", feature)
            if entry is None or not entry.value or nic.knowledge is None:
                continue
            if not nic.knowledge.has(feature, kernel):
                since = next((f.since for f in nic.knowledge.features if f.name == feature), None)
                note = (
                    _since(nic.knowledge, since, f"`{feature}`", host)
                    if since is not None
                    else f"`ethtool -K` reports it as off [fixed] ({nic.knowledge.source})"
                )
                report.add(
                    codes.OFFLOAD_UNSUPPORTED.at(
                        entry.span,
                        driver=nic.knowledge.name,
                        feature=feature,
                        notes=[note],
                        help=[f"leave `{feature}` out"],
                    )
                )


def pause_can_be_set(host: Host, report: Report) -> None:
    for nic in host.nics:
        section = nic.section.section("pause")
        if section is None or nic.knowledge is None:
            continue
        if not nic.knowledge.pause_settable(host.system.kernel.value):
            knowledge = nic.knowledge
            note = (
                _since(knowledge, knowledge.pause_since, "`ethtool -A`", host)
                if knowledge.pause_since is not None
                else f"it has no operation for `ethtool -A` ({knowledge.source})"
            )
            report.add(
                codes.PAUSE_UNSUPPORTED.at(
                    section.span, driver=knowledge.name, notes=[note], help=["leave `pause` out"]
                )
            )

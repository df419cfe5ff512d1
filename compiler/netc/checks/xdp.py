"""XDP programs against driver, device and kernel: what would make attaching one fail at boot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc import codes
from netc.checks.kernels import surely_lacks
from netc.diagnostics import Label, Sentence
from netc.knowledge.kernels import KernelVersion
from netc.knowledge.tables import table
from netc.places import value_of

if TYPE_CHECKING:
    from netc.diagnostics import Diagnostic, Report
    from netc.knowledge.drivers import Driver
    from netc.model import Host, Nic, XdpProgram
    from netc.source import Span

FRAGS_SINCE = "5.18"
"""BPF_F_XDP_HAS_FRAGS of linux/bpf.h, which a loader asks for where the section is `xdp.frags`."""
OFFLOADING = "nfp"
"""The one driver of hardware that takes XDP_SETUP_PROG_HW."""
OFFLOADED_MAPS = ("array", "hash")
"""kernel/bpf/offload.c, bpf_map_offload_map_alloc."""
PAGE = 4096
"""Bytes of the pages that the limits of drivers.yaml are for."""
LOADER_WITHOUT_FRAGS = "1.3.1"
"""xdp-tools whose dispatcher was seen to run programs in `xdp.frags` as any others."""
GENERIC = (
    "in generic mode a program runs when the kernel has made an skb of the packet, so that a flood costs as much as "
    "without it (net/core/dev.c, netif_receive_generic_xdp)"
)


def attached(nic: Nic, mode: str = "") -> list[XdpProgram]:
    """The programs that netc attaches, in the order in which they run; `mode` takes those of one mode."""
    return [] if nic.given_to_dpdk else [each for each in nic.programs if mode in ("", each.mode)]


def label_at(place: Span | None, text: str) -> list[Label]:
    """A label for a place that may be none."""
    return [Label(place, text)] if place is not None else []


def native_xdp(host: Host, nic: Nic) -> bool | None:
    """Whether the driver runs programs itself on the target: surely, surely not, or None where nothing tells."""
    if nic.fact is not None and nic.fact.xdp is not None and _kernel_is_of_facts(host):
        return nic.fact.xdp
    if nic.knowledge is None:
        return None
    return reached(host, nic.knowledge.xdp.since) if nic.knowledge.xdp.since is not None else False


def _kernel_is_of_facts(host: Host) -> bool:
    told = host.facts.facts.kernel if host.facts is not None else None
    return told is not None and KernelVersion.parse(told).series == KernelVersion.parse(host.system.kernel.value).series


def reached(host: Host, since: str) -> bool | None:
    """Whether the target's kernel has what came to a driver with `since`: surely, surely not, or None.

    A version that is one of the tables means that the one before it has none: what lies between may have it.
    """
    kernel, tables = KernelVersion.parse(host.system.kernel.value), table("drivers")["tables"]
    if kernel >= KernelVersion.parse(since):
        return True
    earlier = tables[tables.index(since) - 1] if since in tables[1:] else None
    if not surely_lacks(host, since):
        return None
    return None if earlier is not None and KernelVersion.parse(kernel.series) > KernelVersion.parse(earlier) else False


def native_xdp_is_there(host: Host, report: Report) -> None:
    """The driver runs programs itself where they are to run there, which is so unless a mode is written."""
    for nic in host.nics:
        programs, has = attached(nic, "native"), native_xdp(host, nic)
        if not programs or has or nic.driver is None:
            continue
        mode = programs[0].section.entry("mode")
        place = value_of(mode, "mode") if mode is not None else programs[0].section.span
        if has is False:
            report.add(_missing(host, nic, nic.driver.value, place))
        elif nic.knowledge is not None:
            distribution = host.system.distribution
            between = (
                f"{distribution.name} carries newer drivers" if distribution.backports else "none between was read"
            )
            notes = [f"{_since(nic.knowledge, nic.knowledge.xdp.since)}; {between}", GENERIC]
            name = nic.interface or nic.name
            help_lines = [f"ask the host: `xdp-loader features {name}`, or write `mode generic`"]
            kernel = host.system.kernel.value
            report.add(
                codes.NATIVE_XDP_UNCERTAIN.at(
                    place, driver=nic.knowledge.name, kernel=kernel, notes=notes, help=help_lines
                )
            )


def _missing(host: Host, nic: Nic, driver: str, place: Span | None) -> Diagnostic:
    knowledge, kernel = nic.knowledge, host.system.kernel.value
    told = nic.fact.xdp if nic.fact is not None and _kernel_is_of_facts(host) else None
    since = knowledge.xdp.since if knowledge is not None else None
    labels = []
    if told is False:
        where, note = f" in kernel {kernel}", "`xdp-loader features` told so on this machine, with this kernel"
        labels = _told_at(host, nic)
    elif knowledge is not None and since is not None:
        where, note = f" in kernel {kernel}", _since(knowledge, since)
    else:
        where = ""
        note = f"it takes no programs up to kernel {table('drivers')['tables'][-1]}"
        note += f" ({knowledge.source})" if knowledge is not None else ""
    newer = [f"name a kernel from {since} on in `system`"] if told is None and since is not None else []
    return codes.NATIVE_XDP_MISSING.at(
        place,
        driver=driver,
        where=Sentence(where),
        labels=labels,
        notes=[note, GENERIC],
        help=["write `mode generic` if that is enough, or use a NIC of another driver", *newer],
    )


def _told_at(host: Host, nic: Nic) -> list[Label]:
    if host.facts is None or nic.fact is None:
        return []
    index = host.facts.facts.nics.index(nic.fact)
    return label_at(host.facts.span_of("nics", index, "xdp"), "the facts tell it here")


def _since(knowledge: Driver, since: str | None) -> str:
    tables = table("drivers")["tables"]
    before = f", but not in {tables[tables.index(since) - 1]}" if since in tables[1:] else " and later"
    return f"`{knowledge.name}` has it in kernel {since}{before} ({knowledge.source})"


def mtu_fits_programs(host: Host, report: Report) -> None:
    """Packets of the MTU fit the one buffer that a program sees, or the program takes several."""
    for nic in host.nics:
        entry, knowledge, programs = nic.entry("mtu"), nic.knowledge, attached(nic, "native")
        # Of a device without hardware the limit is for the MTU of its peer.
        if entry is None or knowledge is None or knowledge.bus == "none" or not programs:
            continue
        limit = knowledge.xdp.mtu_limit(host.system.kernel.value)
        if native_xdp(host, nic) is False or limit is None or entry.value <= limit or host.system.page.value != PAGE:
            continue
        several = knowledge.xdp.frags is not None and reached(host, knowledge.xdp.frags) is not False
        why, way_out = _without_frags(host, programs)
        if several and not why:
            continue
        notes = [f"with a larger one attaching a program fails ({knowledge.source})"]
        if several:
            notes.append(why)
        elif knowledge.xdp.frags is not None:
            notes.append(
                f"programs in section `xdp.frags` go beyond it with `{knowledge.name}` from kernel "
                f"{knowledge.xdp.frags} on, the target has {host.system.kernel.value}"
            )
        elif not why:
            notes.append("it has no packets of several buffers for programs, whatever their section")
        report.add(
            codes.MTU_BEYOND_XDP.at(
                value_of(entry, "mtu"),
                driver=knowledge.name,
                what=Sentence(f"XDP programs{' without frags' * several}"),
                limit=limit,
                wanted=entry.value,
                labels=label_at(programs[0].section.span, "this program is to run on the NIC"),
                notes=notes,
                help=[f"write `mtu {limit}` or less", *([way_out] if several else [])],
            )
        )


def _without_frags(host: Host, programs: list[XdpProgram]) -> tuple[str, str]:
    """Why packets of several buffers do not reach the programs, and what helps; empty where they do."""
    for each in programs:
        if not each.program.frags:
            where = f"`{each.program.name}` stands in section `{each.program.section}`"
            return f"{where}, and only those in `xdp.frags` see packets of several buffers", _with_frags(each)
    if len(programs) > 1 and host.system.distribution.versions.xdp_tools == LOADER_WITHOUT_FRAGS:
        why = (
            f"the dispatcher of xdp-loader {LOADER_WITHOUT_FRAGS}, which calls several programs, takes one buffer alone"
        )
        return why, "do the work of both in one program"
    return "", ""


def _with_frags(xdp: XdpProgram) -> str:
    """What gives a program that takes several buffers."""
    other = next((each for each in xdp.object.programs if each.is_xdp and each.frags), None)
    if other is not None:
        return f"write `program {other.name}`, which stands in section `xdp.frags` of `{xdp.file}`"
    return f'build `{xdp.program.name}` with `SEC("xdp.frags")`: it then sees the first buffer, and the rest by helpers'


def frags_agree(host: Host, report: Report) -> None:
    """`frags` is what the section of the program says, and the target's kernel knows such programs."""
    for nic in host.nics:
        for each in attached(nic):
            entry, program = each.section.entry("frags"), each.program
            if entry is not None and entry.value != program.frags:
                report.add(_contradiction(each, on=bool(entry.value), place=value_of(entry, "frags")))
            elif program.frags and surely_lacks(host, FRAGS_SINCE):
                named = each.section.entry("program")
                report.add(
                    codes.FRAGS_TOO_NEW.at(
                        value_of(named, "program") if named is not None else each.section.span,
                        program=program.name,
                        kernel=host.system.kernel.value,
                        notes=["its loader asks for BPF_F_XDP_HAS_FRAGS, which older kernels refuse with EINVAL"],
                        help=['build it with `SEC("xdp")` for this target, or name a newer kernel in `system`'],
                    )
                )


def _contradiction(xdp: XdpProgram, *, on: bool, place: Span | None) -> Diagnostic:
    ways_out = [_with_frags(xdp), "remove `frags on`"] if on else ['build it with `SEC("xdp")`, or write `frags on`']
    return codes.FRAGS_CONTRADICT.at(
        place,
        state="on" if on else "off",
        program=xdp.program.name,
        section=xdp.program.section,
        notes=["the section alone tells a loader whether a program takes packets of several buffers: `xdp.frags`"],
        help=ways_out,
    )


def nothing_merges_before(host: Host, report: Report) -> None:
    """Neither LRO nor GRO of the NIC is turned on beside a program that runs before or behind it."""
    for nic in host.nics:
        native, generic = attached(nic, "native"), attached(nic, "generic")
        knowledge, kernel = nic.knowledge, host.system.kernel.value
        for feature in ("lro", "gro-hw"):
            entry = nic.within("offload", feature)
            if entry is None or not entry.value or (knowledge is not None and not knowledge.has(feature, kernel)):
                continue
            if native and knowledge is not None and feature in knowledge.xdp.disable:
                note = f"`{knowledge.name}` refuses the program, or turns `{feature}` off itself ({knowledge.source})"
                program = native[0]
            elif generic:
                note = "the kernel turns it off when it attaches one (net/core/dev.c, generic_xdp_install)"
                program = generic[0]
            else:
                continue
            report.add(
                codes.MERGING_WITH_XDP.at(
                    entry.span,
                    feature=feature,
                    what=Sentence("an XDP program" if program.mode == "native" else "generic XDP"),
                    nic=nic.name,
                    labels=label_at(program.section.span, "this program is to see each packet"),
                    notes=[note],
                    help=[f"write `{feature} off`; `gro on` merges packets behind the program"],
                )
            )


def the_nic_can_run_it(host: Host, report: Report) -> None:
    """What is to run on the NIC itself is of a kind that the kernel hands over."""
    for nic in host.nics:
        for each in attached(nic, "offload"):
            problem, note = _not_on(nic, each)
            if problem:
                entry = each.section.entry("mode")
                report.add(
                    codes.NOT_ON_THE_NIC.at(
                        value_of(entry, "mode") if entry is not None else None,
                        program=each.program.name,
                        problem=Sentence(problem),
                        notes=[note],
                        help=["write `mode native`"],
                    )
                )


def _not_on(nic: Nic, xdp: XdpProgram) -> tuple[str, str]:
    """Why a program cannot run on the NIC, with the source."""
    if nic.knowledge is not None and nic.knowledge.name != OFFLOADING:
        return f"driver `{nic.knowledge.name}` cannot hand it over", f"`{OFFLOADING}` alone takes XDP_SETUP_PROG_HW"
    if len(nic.programs) > 1:
        return f"nic `{nic.name}` has {len(nic.programs)} programs", "libxdp takes one in this mode (attach_multi)"
    if xdp.program.frags:
        return "it takes packets of several buffers", "the kernel hands over none of these (kernel/bpf/offload.c)"
    for each in xdp.object.maps:
        if each.type not in OFFLOADED_MAPS:
            note = "the kernel hands over arrays and hashes alone (kernel/bpf/offload.c, bpf_map_offload_map_alloc)"
            return f"map `{each.name}` of `{xdp.file}` is of type {each.type}", note
    return "", ""


def dpdk_leaves_packets(host: Host, report: Report) -> None:
    """A port that an application of DPDK has runs no XDP program: packets do not come by."""
    for nic in host.nics:
        written = nic.section.sections_of("xdp")
        if not written or not nic.given_to_dpdk:
            continue
        file, section = written[0]
        dpdk = nic.section.section("dpdk")
        report.add(
            codes.XDP_WITH_DPDK.at(
                section.span,
                nic=nic.name,
                file=file,
                labels=label_at(dpdk.span if dpdk is not None else None, "its packets go to the application"),
                help=["remove `xdp`, or leave the port to the kernel: remove `dpdk`"],
            )
        )

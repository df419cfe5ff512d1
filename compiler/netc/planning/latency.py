"""What a short latency needs: interrupts that do not wait, sockets that poll, few interruptions of programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netc.demand import terminates, traffic_nics
from netc.knowledge.goals import goal_kind, goal_kinds
from netc.latency import (
    LONGEST_MODERATION,
    MICROSECOND,
    RELAXED,
    SHARE,
    SLOWEST_DRIVER,
    demanding,
    latencies,
    moderation,
    share_of_moderation,
)
from netc.plan import Why
from netc.planning.draft import Want
from netc.planning.kinds import want_sysctl
from netc.planning.nics import adaptive_directions, set_nic
from netc.serving import isolated_cpus
from netc.units import show_count, show_time

if TYPE_CHECKING:
    from netc.knowledge.drivers import Driver
    from netc.latency import Latency
    from netc.model import Nic
    from netc.planning.draft import Draft

BUSY_POLL = 50
"""Microseconds that Documentation/admin-guide/sysctl/net.rst recommends for several sockets."""

KERNEL_ARGUMENTS = (
    (
        "skew_tick=1",
        "ticks one after another",
        "otherwise all CPUs take their tick at the same moment and wait for the same locks; it takes more power",
    ),
    (
        "transparent_hugepage=never",
        "no huge pages behind the back of programs",
        "a fault that takes a huge page clears 2 MiB before the program goes on, and khugepaged moves pages of running "
        "programs; programs that ask with madvise get none either, those that use hugetlbfs still do",
    ),
)
"""Argument, rule, reason: kernel-parameters.txt, skew_tick; admin-guide/mm/transhuge.rst; tuned, network-latency."""


def plan_latency(draft: Draft) -> None:
    for nic in traffic_nics(draft.host):
        latency = demanding(draft.host, nic)
        if latency is not None:
            _moderation(draft, nic, latency)
    _busy_polling(draft)
    _interruptions(draft)
    for latency in latencies(draft.host):
        if latency.relaxed:
            reason = f"from {show_time(RELAXED)} on, no driver waits for more than a quarter of it by itself"
            why = Why((latency.place,), "latency that needs nothing", reason)
            draft.leave(f"latency {latency.text}", "interrupt moderation for it", "one that is short enough", why)


def _moderation(draft: Draft, nic: Nic, latency: Latency) -> None:
    """Moderation that adapts itself off, and the times that the latency leaves, unless the file has its own."""
    key, places = f"{nic.name} coalesce", (latency.place, nic.section.place)
    values = moderation(nic.knowledge, latency.limit) if nic.knowledge is not None else None
    written = _written(nic)
    adapting = [word for word, entry in written.items() if word.startswith("adaptive") and entry.value]
    times = [f"`{word}`" for word in written if not word.startswith("adaptive")]
    if nic.knowledge is None or not values:
        reason = _why_not(nic.knowledge, draft.host.system.kernel.value)
        present = "none by itself" if values is not None else "what the driver does"
        draft.leave(key, _wanted(latency), present, Why(places, "interrupt moderation", reason))
        return
    if "adaptive" in adapting or "adaptive-rx" in adapting:
        reason = "the file lets the driver adapt its moderation, and several drivers refuse fixed times beside that"
        draft.leave(key, _wanted(latency), "what is written", Why(places, "interrupt moderation", reason))
        return
    for direction in adaptive_directions(draft.host, nic):
        if "adaptive" not in written and f"adaptive-{direction}" not in written:
            reason = (
                f"moderation that adapts itself waits the longer the more packets come, up to {SLOWEST_DRIVER} us, and "
                "several drivers refuse fixed times beside it"
            )
            set_nic(draft, nic, f"coalesce.adaptive-{direction}", "off", Why(places, "fixed moderation", reason))
    if times:
        # One of them alone could contradict the others: a count of frames without a time waits for the frames.
        reason = f"the file has times or frames of its own in `coalesce`: {', '.join(times)}"
        draft.leave(key, _wanted(latency), "what is written", Why(places, "interrupt moderation", reason))
        return
    why = Why(places, "interrupt moderation", _moderation_reason(nic.knowledge, latency, values))
    for parameter, value in values.items():
        if parameter.startswith("rx") or "adaptive-tx" not in adapting:
            set_nic(draft, nic, f"coalesce.{parameter}", str(value), why)


def _written(nic: Nic) -> dict[str, Any]:
    section = nic.section.section("coalesce")
    return {key[0]: entry for key, entry in section.entries.items()} if section is not None else {}


def _wanted(latency: Latency) -> str:
    return f"rx-usecs {share_of_moderation(latency.limit)}"


def _why_not(driver: Driver | None, kernel: str) -> str:
    """Why nothing is derived for a driver."""
    if driver is None:
        return "netc does not know the driver, and one parameter that it lacks makes the whole `ethtool -C` fail"
    if driver.coalesce.immediate is not None:
        return f"`{driver.name}` turns interrupt moderation off whenever it starts the device"
    taken = [p for p in driver.coalesce.parameters if p.name == "rx-usecs"]
    if not taken:
        return f"`{driver.name}` takes no rx-usecs"
    if not driver.coalesce_supported("rx-usecs", kernel):
        return f"`{driver.name}` surely takes rx-usecs from kernel {taken[0].since} on, the target has {kernel}"
    if taken[0].needs:
        return f"`{driver.name}` takes rx-usecs where the device has {taken[0].needs}, which netc cannot know"
    return f"`{driver.name}` does not take rx-usecs on every device, or does not report back what was set"


def _moderation_reason(driver: Driver, latency: Latency, values: dict[str, int]) -> str:
    """What is left for waiting, and what the driver makes of it."""
    usecs, way = values["rx-usecs"], "from interrupt to application"
    at_once = f"`{driver.name}` waits {usecs} us, its least" if usecs else "every packet interrupts at once"
    at_once += "; that costs an interrupt for nearly every packet"
    if latency.limit is None:
        return f"the shortest time {way} is asked for, so {at_once}"
    quarter = latency.limit // (SHARE * MICROSECOND)
    if usecs <= 1:
        left = f"{quarter} us for waiting, too little for `{driver.name}`" if quarter else "nothing for waiting"
        return f"a quarter of {latency.text} {way} leaves {left}, so {at_once}"
    interrupts = show_count(1_000_000 // usecs)
    if quarter > LONGEST_MODERATION:
        enough = f"{usecs} us of it are enough to keep a queue to {interrupts} interrupts a second"
        return f"a quarter of {latency.text} {way} may go by in waiting; {enough}"
    return (
        f"a quarter of {latency.text} {way} may go by in waiting: {usecs} us, {interrupts} interrupts a second at most"
    )


def _busy_polling(draft: Draft) -> None:
    """Sockets that poll their queue before they sleep: as written for a NIC, else where a goal asks and has sockets."""
    host = draft.host
    written = [e for nic in host.nics if not nic.given_to_dpdk and (e := nic.within("napi", "busy-poll")) is not None]
    places: tuple[str, ...]
    if written:
        longest = max(written, key=lambda entry: int(entry.value))
        usecs, places, rule = int(longest.value) // MICROSECOND, (longest.place,), "written"
        told = f"{usecs} us as asked for" if usecs else "which is not asked for"
    else:
        names = {"", *(nic.name for nic in traffic_nics(host))}
        asking = [
            latency
            for latency in latencies(host)
            if not latency.relaxed and terminates(latency.goal) and latency.goal.nic in names
        ]
        if not asking or (host.nics and len(names) == 1):
            return
        usecs, places, rule = BUSY_POLL, _places(asking), "busy polling"
        told = f"{usecs} us as the kernel's documentation recommends"
    for key, what in (
        ("net.core.busy_read", "a read that finds nothing polls the NIC's queue itself before it sleeps"),
        ("net.core.busy_poll", "poll, select and epoll that find nothing poll the NICs' queues before they sleep"),
    ):
        reason = (
            f"{what}, {told}: that saves the interrupt and the wakeup, and costs a CPU that spins meanwhile, for every "
            "program of the host"
        )
        draft.sysctl(key, usecs, Why(places, rule, reason), Want.AT_LEAST)


def _places(asking: list[Latency]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(latency.place for latency in asking))


def _interruptions(draft: Draft) -> None:
    """Less of what the kernel does beside a program, on the whole host."""
    host = draft.host
    asking = [latency for latency in latencies(host) if not latency.relaxed]
    for latency in asking:
        _as_its_kind(draft, latency)
    if not asking:
        return
    places = _places(asking)
    if not isolated_cpus(host):
        # With isolated CPUs timers must go: what is set there is then run by others.
        reason = (
            "a timer that is set on an idle CPU goes to a busy one, waits there, and wakes its program from afar; 0 "
            "keeps it where it was set, and idle CPUs wake for their own timers"
        )
        why = Why(places, "timers where they are set", reason)
        draft.sysctl("kernel.timer_migration", 0, why, Want.EXACTLY)
    own = {entry.value.text.partition("=")[0].replace("-", "_") for entry in host.kernel_arguments}
    for argument, rule, reason in KERNEL_ARGUMENTS:
        name, _, value = argument.partition("=")
        why = Why(places, rule, reason)
        if name in own:
            draft.leave(name, value, "what is written", why)
        else:
            draft.kernel_argument(argument, why)


def _as_its_kind(draft: Draft, latency: Latency) -> None:
    """`latency` in a goal of another kind asks for what kinds need for which time counts most."""
    own = goal_kind(latency.goal.kind)
    if own is not None and own.latency:
        return
    for kind in filter(None, map(goal_kind, goal_kinds())):
        for sysctl in kind.sysctls if kind.latency else ():
            # Settings of sockets say nothing to a host that passes packets on.
            if terminates(latency.goal) or not sysctl.key.startswith("net."):
                want_sysctl(draft, sysctl, latency.place)

"""What several boots of each setting took, in tables, and whether the targets hold."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from benchmarks.boot.readings import Boot, Unit

if TYPE_CHECKING:
    from collections.abc import Callable

Rounds = list[dict[str, Boot]]
"""For each round a boot of each setting."""

CHECK, PINNING = "netc-verify.service", ("netc-nic-", "netc-steering-", "netc-follow-links.service")
"""The unit that checks, and how those begin that set up NICs and pin their queues."""
TUNED = "tuned.service"
FIGURES: dict[str, Callable[[Boot], float]] = {
    "until multi-user.target": lambda boot: boot.target,
    "until the last job's end": lambda boot: boot.finished,
    "CPU of systemd and all services": lambda boot: boot.all_cpu,
}
"""What of whole boots is compared."""
PROMISED_UNITS, PROMISED_ALL = 1.0, 0.25
"""What the check and pinning may take of what tuned.service takes, and all of netc of what tuned adds."""


def tables(rounds: Rounds) -> str:
    chains = (f"what multi-user.target waited for, last {name}:\n{boot.chain}" for name, boot in rounds[-1].items())
    return "\n\n".join((boots(rounds), additions(rounds), units(rounds), *chains, targets(rounds)))


def boots(rounds: Rounds) -> str:
    """Whole boots: a row for each figure, a column for each setting."""
    rows: dict[str, Callable[[Boot], float]] = {
        "kernel start to multi-user.target": lambda boot: boot.target,
        "  of it user space": lambda boot: boot.target - boot.userspace,
        "kernel start to the last job's end": lambda boot: boot.finished,
        "CPU of systemd and all services": lambda boot: boot.all_cpu,
        "  of it systemd itself": lambda boot: boot.cpu["init.scope"],
        "  the services of Debian": lambda boot: boot.cpu["system.slice"],
        "  units of netc": lambda boot: boot.cpu.get("netc.slice", 0),
        "  tuned.service": lambda boot: boot.cpu.get("tuned.slice", 0),
    }
    names = list(rounds[0])
    lines = [f"{'seconds':36}" + "".join(f"{name:>24}" for name in names)]
    for title, figure in rows.items():
        lines.append(
            f"{title:36}" + "".join(f"{spread([figure(each[name]) for each in rounds]):>24}" for name in names)
        )
    return "\n".join(lines)


def additions(rounds: Rounds) -> str:
    """What tuned and netc add to the bare boot of the same round, and how far bare boots are from each other."""
    lines = [f"{'seconds beyond the bare boot':36}{'tuned':>24}{'netc':>24}{'bare boots differ by':>24}"]
    for title, figure in FIGURES.items():
        tuned, netc = (spread(beyond_bare(rounds, name, figure)) for name in ("tuned", "netc"))
        lines.append(f"{title:36}{tuned:>24}{netc:>24}{noise(rounds, figure):>24.2f}")
    return "\n".join(lines)


def units(rounds: Rounds) -> str:
    """Each unit of netc, and tuned.service; then what units of Debian take with netc beyond the bare boot."""
    found = [each["netc"].units for each in rounds]
    lines = [f"{'unit':36}{'starts':>8}{'ms':>24}{'ms of CPU':>24}"]
    for name in sorted(set().union(*found)):
        own = [each[name] for each in found if name in each]
        if name.startswith("netc-"):
            lines.append(_row(name, own))
    spare = [each["netc"].cpu["netc.slice"] - sum(_netc_cpu(each["netc"].units)) for each in rounds]
    lines.append(f"{'beside the last starts':36}{'':8}{'':24}{milliseconds(spare):>24}")
    lines.append(_row(TUNED, [each["tuned"].units[TUNED] for each in rounds]))
    for name in sorted(set().union(*(each["bare"].units for each in rounds))):
        more = [_cpu(each["netc"], name) - _cpu(each["bare"], name) for each in rounds]
        lines.append(f"{name + ', beyond bare':60}{'':8}{milliseconds(more):>24}")
    return "\n".join(lines)


def targets(rounds: Rounds) -> str:
    """The ratios that issue and page promise, each with what may be at most."""
    lines = [f"{'ratio':60}{'time':>20}{'CPU':>20}   at most"]
    times = ratios(rounds, lambda each: checking(each["netc"])[0] / each["tuned"].units[TUNED].seconds)
    shares = ratios(rounds, lambda each: checking(each["netc"])[1] / each["tuned"].cpu["tuned.slice"])
    lines.append(_verdict("check and pinning, to tuned.service", times, shares, PROMISED_UNITS))
    times, _, shares = (added(rounds, figure) for figure in FIGURES.values())
    lines.append(_verdict("all that netc adds to a boot, to what tuned adds", times, shares, PROMISED_ALL))
    if len(rounds) == 1:
        lines.append("One boot of each shows no spread: what it says of whole boots may be chance.")
    return "\n".join(lines)


def ratios(rounds: Rounds, ratio: Callable[[dict[str, Boot]], float]) -> list[float]:
    """One of each round, so that a busy minute meets both sides of it."""
    return [ratio(each) for each in rounds]


def beyond_bare(rounds: Rounds, name: str, figure: Callable[[Boot], float]) -> list[float]:
    """What a setting adds to the bare boot of the same round."""
    return [figure(each[name]) - figure(each["bare"]) for each in rounds]


def noise(rounds: Rounds, figure: Callable[[Boot], float]) -> float:
    """How far bare boots, which nothing tells apart, are from each other."""
    bare = [figure(each["bare"]) for each in rounds]
    return max(bare) - min(bare)


def added(rounds: Rounds, figure: Callable[[Boot], float]) -> list[float]:
    """What netc adds to the bare boot, in the middle of all rounds, by what tuned adds. Nothing where tuned adds no
    more than bare boots differ by: a ratio would be one of chance to chance."""
    tuned, netc = (median(beyond_bare(rounds, name, figure)) for name in ("tuned", "netc"))
    return [netc / tuned] if tuned > noise(rounds, figure) else []


def checking(boot: Boot) -> tuple[float, float]:
    """Seconds, and CPU seconds, of the check and the pinning, as if one came after the other. What starts anew is
    pinning, so the CPU of earlier starts counts there."""
    others = [unit for name, unit in boot.units.items() if name.startswith("netc-") and not _checks_or_pins(name)]
    own = [unit for name, unit in boot.units.items() if _checks_or_pins(name)]
    return sum(unit.seconds for unit in own), boot.cpu["netc.slice"] - sum(unit.cpu for unit in others)


def spread(values: list[float]) -> str:
    return f"{median(values):.2f} ({min(values):.2f}–{max(values):.2f})" if values else "lost in the rest"


def milliseconds(values: list[float]) -> str:
    return "{:.0f} ({:.0f}–{:.0f})".format(*(1000 * each for each in (median(values), min(values), max(values))))


def _checks_or_pins(name: str) -> bool:
    return name == CHECK or name.startswith(PINNING)


def _netc_cpu(units: dict[str, Unit]) -> list[float]:
    return [unit.cpu for name, unit in units.items() if name.startswith("netc-")]


def _cpu(boot: Boot, name: str) -> float:
    return boot.units[name].cpu if name in boot.units else 0


def _row(name: str, found: list[Unit]) -> str:
    runs = sorted(unit.runs for unit in found)
    starts = "–".join(str(count) for count in dict.fromkeys((runs[0], runs[-1])))
    times, cpu = milliseconds([unit.seconds for unit in found]), milliseconds([unit.cpu for unit in found])
    return f"{name:36}{starts:>8}{times:>24}{cpu:>24}"


def _verdict(title: str, times: list[float], shares: list[float], most: float) -> str:
    words = []
    for kind, values in (("time", times), ("CPU", shares)):
        if values:
            words.append(f"{kind} {'holds' if median(values) <= most else 'missed'}")
    return f"{title:60}{spread(times):>20}{spread(shares):>20}   {most:g}: {', '.join(words)}"

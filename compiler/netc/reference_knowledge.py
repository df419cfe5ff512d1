"""The parts of the reference that come from the knowledge files: kinds of goal, distributions, drivers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.knowledge.distributions import distribution, known_distributions, known_releases
from netc.knowledge.drivers import driver, known_drivers
from netc.knowledge.goals import goal_kind, goal_kinds
from netc.tabulated import tabulated

if TYPE_CHECKING:
    from netc.knowledge.distributions import Distribution
    from netc.knowledge.drivers import Driver, Ring
    from netc.knowledge.goals import GoalKind

ARCHITECTURE = "x86-64"
"""The architecture whose tick the table shows."""

WANTS = {"at-least": "at least", "at-most": "at most", "exactly": "exactly"}


def goal_kind_sections() -> str:
    """A heading for each kind: what it is, what it implies, what it sets."""
    kinds = (goal_kind(name) for name in goal_kinds())
    return "\n".join(_goal_kind(kind) for kind in kinds if kind is not None)


def _goal_kind(kind: GoalKind) -> str:
    lines = [f"### goal {kind.name}", "", kind.summary]
    if kind.implies:
        lines += ["", f"Implies {' and '.join(f'`{word} on`' for word in sorted(kind.implies))}."]
    if kind.sysctls:
        lines.append("")
    for setting in kind.sysctls:
        lines.append(f"- `{setting.key}` {WANTS[setting.want]} `{setting.value}`: {setting.reason}.")
    return "\n".join(lines) + "\n"


def distribution_table() -> str:
    rows = []
    for name in known_distributions():
        for release in known_releases(name) or (None,):
            found = distribution(name, release)
            if found is not None:
                rows.append(_release(name, found))
    heads = ("distribution", "kernel", "systemd", f"tick ({ARCHITECTURE})", "boot", "initramfs", "network")
    return tabulated(heads, rows)


def _release(name: str, found: Distribution) -> tuple[str, ...]:
    values = (found.kernel, found.systemd, found.tick_of(ARCHITECTURE), found.boot, found.initramfs, found.network)
    return (f"`{name} {found.release or ''}".rstrip() + "`", *("?" if v is None else str(v) for v in values))


def driver_table() -> str:
    heads = ("driver", "vendor", "channels", "rx ring", "tx ring", "largest MTU", "XDP since", "DPDK")
    drivers = (driver(name) for name in known_drivers())
    return tabulated(heads, [_driver(found) for found in drivers if found is not None])


def _driver(found: Driver) -> tuple[str, ...]:
    channels = "—" if found.channels.model == "fixed" else str(found.channels.maximum or "device")
    if found.channels.cpus and channels != "—":
        channels = f"{channels}, at most one for each CPU"
    return (
        f"`{found.name}`",
        found.vendor,
        channels,
        _ring(found.rings.rx),
        _ring(found.rings.tx),
        str(found.mtu or "device"),
        found.xdp.since or "—",
        "—" if found.dpdk.model == "none" else found.dpdk.model,
    )


def _ring(ring: Ring | None) -> str:
    if ring is None:
        return "—"
    return str(ring.maximum or "device")

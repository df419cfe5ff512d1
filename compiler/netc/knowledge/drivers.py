"""What each network driver lets be set, from `drivers.yaml`, whose head explains the fields."""

from __future__ import annotations

from functools import cache
from typing import Any

from netc.knowledge.interrupts import Interrupts
from netc.knowledge.kernels import KernelVersion
from netc.knowledge.sriov import Sriov, read_sriov
from netc.knowledge.tables import table
from netc.records import dataclass


def _reached(kernel: str | None, since: str | None) -> bool:
    """Whether `kernel` (None: not known) surely has what came with `since` (None: was always there)."""
    if since is None:
        return True
    return kernel is not None and KernelVersion.parse(kernel) >= KernelVersion.parse(since)


@dataclass(frozen=True, slots=True)
class Channels:
    """How many queues the driver takes, and under which words of `ethtool -L`."""

    model: str
    """combined | rx-tx | fixed"""
    maximum: int | None
    """What the driver bounds them by; None: the device decides."""
    cpus: bool = False
    """Whether there are no more than CPUs online."""
    since: str | None = None
    twins: bool = False
    """Whether sysfs may show twice the receive queues in use, of which the first half counts."""
    note: str = ""

    def settable(self, kernel: str | None) -> bool:
        """Whether `ethtool -L` works with this kernel version."""
        return self.model != "fixed" and _reached(kernel, self.since)


@dataclass(frozen=True, slots=True)
class Ring:
    """The descriptors that one queue of one direction may have."""

    minimum: int
    maximum: int | None
    """The most that any device of the driver takes; None: the device or the host decides."""
    safe: int | None
    """The most that every device, with every kernel of the tables, takes."""
    default: int | None
    step: int
    """Numbers are multiples of it."""
    power_of_two: bool

    def rounded(self, wanted: int) -> int:
        """The smallest number not below `wanted` that the driver keeps as it is, at most `safe`."""
        value = max(wanted, self.minimum)
        value = 1 << (value - 1).bit_length() if self.power_of_two else -(-value // self.step) * self.step
        return value if self.safe is None else min(value, self.safe)


@dataclass(frozen=True, slots=True)
class Rings:
    """The rings of both directions; None where they cannot be changed."""

    settable: bool
    rx: Ring | None = None
    tx: Ring | None = None
    since: str | None = None
    needs: str = ""
    """A feature of the device without which they cannot be changed."""
    note: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Rss:
    """The indirection table: its entries (None: the device decides), and whether `ethtool -X` changes it."""

    table: int | None
    settable: bool
    since: str | None = None
    needs: str = ""
    note: str = ""

    def surely_settable(self, kernel: str | None) -> bool:
        """Whether `ethtool -X` changes the table of every device with this kernel version."""
        return self.settable and not self.needs and _reached(kernel, self.since)


@dataclass(frozen=True, slots=True)
class CoalesceParameter:
    """A parameter of `ethtool -C`, the first kernel that takes it, and a device feature that it needs."""

    name: str
    since: str | None = None
    needs: str = ""


@dataclass(frozen=True, slots=True)
class Coalesce:
    """What `ethtool -C` takes. One other parameter makes the whole command fail with EOPNOTSUPP."""

    parameters: tuple[CoalesceParameter, ...]
    minimum: int = 0
    """Least microseconds of rx-usecs and tx-usecs, apart from 0."""
    maximum: int | None = None
    step: int = 1
    """rx-usecs and tx-usecs are kept as multiples of it, rounded up."""
    tx_follows_rx: bool = False
    """rx-usecs governs both directions; giving tx-usecs fails with EINVAL."""
    immediate: tuple[tuple[str, int], ...] | None = None
    """Times and frames with which packets interrupt at once; empty: they do by themselves; None: none are known."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Feature:
    """Something that `ethtool -K` can change: ntuple, arfs, lro or gro-hw."""

    name: str
    since: str | None = None


@dataclass(frozen=True, slots=True)
class Xdp:
    """Native XDP. `since` None: the driver has none."""

    since: str | None
    mtu: tuple[tuple[str, int], ...] = ()
    """(first kernel or "", largest MTU in bytes without multi-buffer support); empty: not known."""
    frags: str | None = None
    zero_copy: str | None = None
    queues: str = ""
    """The rule of queues that a program needs; the head of drivers.yaml lists them."""
    disable: tuple[str, ...] = ()
    """Offloads that must be off before a program is attached."""
    note: str = ""

    def native(self, kernel: str | None) -> bool:
        """Whether this kernel version surely runs programs in the driver."""
        return self.since is not None and _reached(kernel, self.since)

    def multi_buffer(self, kernel: str | None) -> bool:
        """Whether programs marked `xdp.frags` see frames beyond `mtu_limit`."""
        return self.frags is not None and _reached(kernel, self.frags)

    def mtu_limit(self, kernel: str | None) -> int | None:
        """The largest MTU without multi-buffer support; of an unknown kernel the smallest there is."""
        if kernel is None:
            return min((mtu for _, mtu in self.mtu), default=None)
        known = [mtu for first, mtu in self.mtu if _reached(kernel, first or None)]
        return known[-1] if known else (self.mtu[0][1] if self.mtu else None)


@dataclass(frozen=True, slots=True)
class Dpdk:
    """How DPDK gets the device: vfio-pci | bifurcated (the kernel driver stays) | vmbus | none."""

    model: str
    modules: tuple[str, ...]
    """Modules to load, in order."""
    bound: str
    """The driver of the device on its bus, which may have another name than the interface's (mlx4_core)."""
    guest: bool = False
    """Whether its devices are those of virtual machines, which have no IOMMU unless their host gives them one."""
    verified: bool = True
    note: str = ""
    port_argument: str = ""
    """The device argument that picks ports of a PCI function with several, `port` or `mac`; without it all are opened
    (DPDK's guides of mlx4 and mana)."""


@dataclass(frozen=True, slots=True)
class Driver:
    """One network driver, under the name that `ethtool -i` tells (mlx4_en, mlx5_core, …)."""

    name: str
    vendor: str
    bus: str
    """pci | virtio | vmbus | none"""
    source: str
    speeds: tuple[str, ...]
    mtu: int | None
    """The largest MTU in bytes that any of its devices takes; None: not known."""
    channels: Channels
    rings: Rings
    rss: Rss
    coalesce: Coalesce
    features: tuple[Feature, ...]
    pause: bool
    """Whether `ethtool -A` works, from `pause_since` on."""
    pause_since: str | None
    xdp: Xdp
    interrupts: Interrupts
    accepted_while_down: tuple[str, ...]
    refused_while_down: tuple[str, ...]
    while_down_source: str
    dpdk: Dpdk
    sriov: Sriov | None
    """The virtual functions that it makes; None: it makes none when their number is written to sysfs."""
    rdma_blocks_channels: str
    """The RDMA module whose devices make `ethtool -L` fail with EBUSY; empty: none."""

    def coalesce_supported(self, parameter: str, kernel: str | None) -> bool:
        """Whether this kernel version surely takes the parameter, given the device feature it needs."""
        return any(p.name == parameter and _reached(kernel, p.since) for p in self.coalesce.parameters)

    def coalesce_usecs(self, wanted: int) -> int:
        """`wanted` microseconds within what the driver takes; 0 stays 0."""
        value = max(wanted, self.coalesce.minimum) if wanted else 0
        value = -(-value // self.coalesce.step) * self.coalesce.step
        return value if self.coalesce.maximum is None else min(value, self.coalesce.maximum)

    def rings_settable(self, kernel: str | None) -> bool:
        """Whether `ethtool -G` works with this kernel version, given the device feature it needs."""
        return self.rings.settable and _reached(kernel, self.rings.since)

    def ring(self, direction: str) -> Ring | None:
        """The ring of `rx` or `tx`; None where it cannot be changed."""
        if direction not in ("rx", "tx"):
            raise ValueError(f"a ring is rx or tx, not `{direction}`")
        return self.rings.rx if direction == "rx" else self.rings.tx

    def ring_value(self, direction: str, wanted: int) -> int:
        """`wanted` for `ethtool -G`, rounded up to what the driver keeps, at most what every device takes.

        ValueError if the rings cannot be changed.
        """
        ring = self.ring(direction)
        if ring is None:
            raise ValueError(f"the rings of {self.name} cannot be changed")
        return ring.rounded(wanted)

    def channel_words(self) -> tuple[str, ...]:
        """The words of `ethtool -L` that take the number of queues: (combined,), (rx, tx), or () if fixed."""
        return {"combined": ("combined",), "rx-tx": ("rx", "tx"), "fixed": ()}[self.channels.model]

    def has(self, feature: str, kernel: str | None) -> bool:
        """Whether `ntuple`, `arfs`, `lro` or `gro-hw` can be changed with this kernel version."""
        return any(f.name == feature and _reached(kernel, f.since) for f in self.features)

    def pause_settable(self, kernel: str | None) -> bool:
        """Whether `ethtool -A` works with this kernel version."""
        return self.pause and _reached(kernel, self.pause_since)

    def works_while_down(self, setting: str) -> bool | None:
        """Whether `rings`, `channels`, `coalesce`, `speed`, … can be set before the interface first comes up.

        None: not known, so the setting has to be looked at once it is up.
        """
        if setting in self.refused_while_down:
            return False
        return True if setting in self.accepted_while_down else None


def known_drivers() -> tuple[str, ...]:
    """The names of all drivers in the table, in alphabetical order."""
    return tuple(sorted(table("drivers")["drivers"]))


@cache
def driver(name: str) -> Driver | None:
    """The driver called `name`; None when the table has none of that name."""
    record = table("drivers")["drivers"].get(name)
    return None if record is None else _read_driver(name, record)


def _read_driver(name: str, record: dict[str, Any]) -> Driver:
    down = record.get("while_down", {})
    pause = record["pause"]
    return Driver(
        name=name,
        vendor=record["vendor"],
        bus=record["bus"],
        source=f"drivers/net/{record['source']}",
        speeds=tuple(record.get("speeds", ())),
        mtu=record.get("mtu"),
        channels=Channels(**record["channels"]),
        rings=_read_rings(record["rings"]),
        rss=Rss(**record["rss"]),
        coalesce=_read_coalesce(record["coalesce"]),
        features=tuple(
            Feature(n, since if isinstance(since, str) else None) for n, since in record["features"].items()
        ),
        pause=bool(pause),
        pause_since=pause if isinstance(pause, str) else None,
        xdp=_read_xdp(record["xdp"]),
        interrupts=Interrupts(**_with_tuples(record["interrupts"], "queue", "other")),
        accepted_while_down=tuple(down.get("accepted", ())),
        refused_while_down=tuple(down.get("refused", ())),
        while_down_source=down.get("source", ""),
        dpdk=_read_dpdk(name, record["dpdk"]),
        sriov=read_sriov(record.get("sriov")),
        rdma_blocks_channels=record.get("rdma_blocks_channels", ""),
    )


def _with_tuples(record: dict[str, Any], *names: str) -> dict[str, Any]:
    return {**record, **{name: tuple(record[name]) for name in names if name in record}}


def _read_rings(record: dict[str, Any]) -> Rings:
    rings: dict[str, Any] = {d: _read_ring(record[d]) for d in ("rx", "tx") if d in record}
    return Rings(**record | rings)


def _read_ring(record: dict[str, Any]) -> Ring:
    step = record.get("step", 1)
    return Ring(
        minimum=record["minimum"],
        maximum=record["maximum"],
        safe=record.get("safe", record["maximum"]),
        default=record["default"],
        step=1 if step == "power-of-two" else step,
        power_of_two=step == "power-of-two",
    )


def _read_coalesce(record: dict[str, Any]) -> Coalesce:
    conditions = record.get("conditions", {})
    parameters = tuple(CoalesceParameter(name, **conditions.get(name, {})) for name in record["parameters"])
    rest = {name: value for name, value in record.items() if name not in ("parameters", "conditions")}
    if "immediate" in rest:
        rest["immediate"] = tuple(rest["immediate"].items())
    return Coalesce(parameters, **rest)


def _read_xdp(record: dict[str, Any]) -> Xdp:
    mtu = record.get("mtu")
    if mtu is None:
        limits: tuple[tuple[str, int], ...] = ()
    else:
        limits = tuple(mtu.items()) if isinstance(mtu, dict) else (("", mtu),)
    return Xdp(**{**_with_tuples(record, "disable"), "mtu": limits})


def dpdk_modules(model: str) -> tuple[str, ...]:
    """The modules that every device of a model of DPDK needs, in the order in which they are loaded."""
    return tuple(table("drivers")["dpdk_modules"][model])


def _read_dpdk(name: str, record: dict[str, Any]) -> Dpdk:
    modules = (*dpdk_modules(record["model"]), *record.get("modules", ()))
    return Dpdk(**{"bound": name, **record, "modules": modules})

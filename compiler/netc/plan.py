"""The plan of one host: every setting with its value and the reason for it.

A plan is what artifacts are written from, what a running host is compared with, and what a reviewer reads.
It needs nothing else: no source, no model, no knowledge of who derived it.
"""

from __future__ import annotations

from enum import Enum

from netc.records import dataclass

FORMAT = 1
"""Version of the JSON form; `plan.schema.json` describes it."""


@dataclass(frozen=True, slots=True)
class Why:
    """Why a value is what it is.

    `places` are the statements that asked, as `lb.net: profile edge, goal load-balancer, rtt`.
    `rule` names the derivation, in a few words of the field. `reason` is one sentence with the numbers.
    None of the texts holds a control character or ends in a backslash.
    """

    places: tuple[str, ...]
    rule: str
    reason: str


class Kind(Enum):
    """What a setting sets; the value is its name in the JSON form."""

    SYSCTL = "sysctl"
    """`key` is the sysctl with dots, `value` as written to /proc/sys. `module` is the module it needs."""
    MODULE = "module"
    """`key` is a module loaded at boot; `value` is empty."""
    MODULE_OPTION = "module-option"
    """`key` is `module.parameter`, `value` what the parameter is set to."""
    NIC = "nic"
    """A setting of one interface. `key` is one of NIC_KEYS."""
    KERNEL_ARGUMENT = "kernel-argument"
    """`key` is the whole argument as it stands on the command line; `value` is empty."""
    MANAGER = "manager"
    """`key` is a directive of systemd-system.conf(5) `[Manager]`, `value` its value."""


NIC_KEYS = (
    "name",
    "mtu",
    "channels.combined",
    "channels.rx",
    "channels.tx",
    "ring.rx",
    "ring.tx",
    "offload.*",
    "coalesce.rx-usecs",
    "coalesce.tx-usecs",
    "coalesce.rx-frames",
    "coalesce.tx-frames",
    "coalesce.adaptive-rx",
    "coalesce.adaptive-tx",
    "pause.rx",
    "pause.tx",
)
"""Keys of NIC settings, in the order in which they are applied.

Values: `name` and `mtu` as they are; channels and frames a number; rings a number or `max`; coalesce times
whole microseconds; everything else `on` or `off`.
"""


class Via(Enum):
    """Who carries a NIC setting out. A setting may have both: `.link` first, the unit where that failed."""

    LINK = "link"
    UNIT = "unit"


@dataclass(frozen=True, slots=True)
class Setting:
    """One value the host is promised to have."""

    kind: Kind
    key: str
    value: str
    why: Why
    interface: str = ""
    """For NIC settings, the name of the interface in `Plan.interfaces`."""
    module: str = ""
    """For sysctls, the kernel module whose load makes the key appear; empty where it is built in."""
    via: tuple[Via, ...] = ()

    @property
    def identity(self) -> tuple[str, str, str]:
        """What tells this setting from all others of the plan."""
        return (self.kind.value, self.interface, self.key)


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A value that was derived and is not emitted, because the target kernel already does as well."""

    key: str
    wanted: str
    default: str
    why: Why


@dataclass(frozen=True, slots=True)
class Pending:
    """A statement that is understood and planned, for which netc writes no file yet."""

    statement: str
    place: str
    layer: str


@dataclass(frozen=True, slots=True)
class Interface:
    """One NIC as artifacts bind to it. At least one of the match fields is given."""

    nic: str
    """Its name in the `.net` file."""
    name: str
    """The interface name artifacts use, or empty where `rename keep` leaves the system's name."""
    driver: str = ""
    pci: str = ""
    mac: str = ""
    path: str = ""
    """udev's ID_PATH."""
    vmbus: str = ""
    port: int | None = None
    """`dev_port` of a device with several ports on one PCI function."""
    match_driver: bool = False
    """Whether the driver is part of the match rule."""
    match_name: str = ""
    """The kernel's name before renaming, where the match rule names it."""
    management: bool = False
    optional: bool = False
    raise_first: bool = False
    """Whether the driver takes ethtool settings only while the link is up."""


@dataclass(frozen=True, slots=True)
class Target:
    """The operating system the files are for."""

    distribution: str
    """`debian`, `rhel`, …"""
    release: str
    """Its release, or empty for a rolling one."""
    kernel: str
    systemd: int
    tick: int
    """CONFIG_HZ."""
    architecture: str
    boot: str
    initramfs: str
    network: str
    page: int
    """Base page size in bytes."""
    outranks_sysctl_conf: bool = False
    """Whether `/etc/sysctl.d/99-sysctl.conf` exists there, so that files must sort behind it."""
    systemd_sysctl: str = "/usr/lib/systemd/systemd-sysctl"
    ethtool: str = "/usr/sbin/ethtool"
    ip: str = "/usr/sbin/ip"


@dataclass(frozen=True, slots=True)
class Plan:
    host: str
    sources: tuple[str, ...]
    """Labels of the files named on the command line that declare the host."""
    target: Target
    layer: str
    """The last layer the goals need: `kernel`, `queues`, `xdp` or `dpdk`."""
    layer_reason: str
    interfaces: tuple[Interface, ...]
    settings: tuple[Setting, ...]
    """In the order in which they are carried out: module options, modules, sysctls, NIC settings, the rest."""
    left_alone: tuple[LeftAlone, ...] = ()
    pending: tuple[Pending, ...] = ()

    def is_twin_of(self, other: Plan) -> bool:
        """Whether one was made from the other by giving it another host."""
        return all(getattr(self, name) is getattr(other, name) for name in self.__slots__ if name != "host")

    def of(self, kind: Kind) -> list[Setting]:
        return [setting for setting in self.settings if setting.kind is kind]

    def of_interface(self, name: str) -> list[Setting]:
        """Settings of one interface, by its `nic` name, in the order of NIC_KEYS."""
        return [s for s in self.settings if s.kind is Kind.NIC and s.interface == name]


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file or symbolic link of the output, relative to the host's folder (`rootfs/etc/…`)."""

    path: str
    text: str = ""
    mode: int = 0o644
    target: str = ""
    """For a symbolic link, what it points to; `text` is empty then."""

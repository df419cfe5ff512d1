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
    """A setting of one interface. `key` is one of `plan_keys.NIC_KEYS`."""
    KERNEL_ARGUMENT = "kernel-argument"
    """`key` is the whole argument as it stands on the command line; `value` is empty."""
    CPU = "cpu"
    """A setting of CPUs. `key` is one of `plan_keys.CPU_KEYS`, `value` the CPUs as a list, then their setting."""
    SERVICE = "service"
    """`key` is one of `plan_keys.SERVICE_KEYS`, a service beside netc's own that takes part in what is promised."""
    MANAGER = "manager"
    """`key` is a directive of systemd-system.conf(5) `[Manager]`, `value` its value."""
    HUGEPAGES = "hugepages"
    """Huge pages that are reserved. `key` is the folder that counts them, below /sys/devices/system/node
    (`node0/hugepages-1048576kB`), or below /sys/kernel/mm where nothing tells of nodes (`hugepages-2048kB`); `value` is
    how many there are at least."""


class Via(Enum):
    """Who carries a NIC setting out. A setting may have both: `.link` first, the unit where that failed."""

    LINK = "link"
    UNIT = "unit"
    FUNCTIONS = "functions"
    """The unit that makes virtual functions, and lets drivers have them once they are set."""
    STEERING = "steering"
    """The unit that runs last and again whenever the link comes up or queues change."""


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
class Program:
    """An XDP program attached to one NIC at boot."""

    interface: str
    """`nic` of the interface."""
    name: str
    """The program in the object."""
    object: str
    """The object's file name, below /etc/netc/xdp on the host."""
    sha256: str
    section: str
    """The ELF section it stands in."""
    mode: str
    """`native`, `generic` or `offload`."""
    priority: int
    """Lower runs first, where there are several."""
    pins: str
    """The folder of the BPF file system that its maps are pinned in."""
    maps: tuple[str, ...]
    """The maps that are pinned."""
    btf: bool
    """Whether the object describes its types, which programs that run behind one another need."""
    drops: tuple[str, ...]
    """Prefixes that its maps `drop_v4` and `drop_v6` are filled with."""
    fails_closed: bool
    """Whether nothing from the wire reaches the kernel's stack while it is not attached."""
    why: Why


@dataclass(frozen=True, slots=True)
class Device:
    """A port that an application drives in user space: what it is bound to, and how it is found."""

    nic: str
    """Its name in the `.net` file."""
    bus: str
    """`pci` or `vmbus`."""
    address: str
    """PCI address or VMBus UUID; for a virtual function the PCI address of its physical function."""
    driver: str
    """The driver it is bound to. A bifurcated one is the kernel's own, which is never unbound."""
    why: Why
    function: int | None = None
    """The number of a virtual function."""
    kernel_driver: str = ""
    """The driver that the kernel would bind; empty where nothing tells."""
    bifurcated: bool = False
    group: str = ""
    """Who may open the device beside root."""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class EalArgument:
    """One argument of DPDK's environment abstraction layer (EAL). It holds no blank, quote, `$` or backslash."""

    option: str
    """`-l`, `-a`, `--socket-mem`, …"""
    value: str
    """The word behind the option; empty for an option that takes none."""
    why: Why
    device: str = ""
    """`nic` of the device whose address stands before the value. That of a virtual function is told at boot alone."""


@dataclass(frozen=True, slots=True)
class Application:
    """An application of DPDK, and what its unit is given."""

    unit: str
    """The systemd unit it runs as, `testpmd.service`."""
    nics: tuple[str, ...]
    lcores: str
    """A CPU list."""
    arguments: tuple[EalArgument, ...]
    folder: str
    """Where its huge pages are mounted."""
    why: Why
    group: str = ""
    """The group that may open its devices and huge pages; its unit gets it."""


@dataclass(frozen=True, slots=True)
class Interface:
    """One NIC as artifacts bind to it. At least one of the match fields is given, unless it is built."""

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
    built: bool = False
    """Whether the network manager builds it over others, so that it has its name from there and no match."""
    management: bool = False
    optional: bool = False
    raise_first: bool = False
    """Whether the driver takes ethtool settings only while the link is up."""
    queue_interrupts: tuple[str, ...] = ()
    """Extended regular expressions of whole names in /proc/interrupts. The last group `([0-9]+)` is the queue, without
    one it is 0; `{interface}` stands for the interface's name. Empty where a device has no interrupts of its own."""
    other_interrupts: tuple[str, ...] = ()
    """The same for interrupts of the device that serve no queue; they come first where both fit."""
    interrupts_at_open: bool = False
    """Whether the driver requests its interrupts when the link comes up, not before."""
    second_half_receives: bool = False
    """Whether the first half of the numbers in names are transmit queues and the second half receive queues."""
    twin_queues: bool = False
    """Whether there may be twice as many receive queues in sysfs as the NIC uses; the first half counts."""
    pairs_for_programs: bool = False
    """Whether a native XDP program brings a queue pair for each CPU where the device has as many left, and `ethtool -l`
    counts them among the combined channels."""
    physical_function: str = ""
    """Of a virtual function: `nic` of the interface that it is a function of."""
    function: int | None = None
    """Of a virtual function: its number."""
    functions_need_link: bool = False
    """Whether its virtual functions reach it only while its link is up."""
    functions_apart: tuple[int, ...] = ()
    """Numbers of its virtual functions that no driver of the kernel is to have."""


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
    tc: str = "/usr/sbin/tc"
    bpftool: str = "/usr/sbin/bpftool"
    xdp_loader: str = "/usr/sbin/xdp-loader"
    """Empty where the release does not package it."""
    irqbalance_file: str = "/etc/default/irqbalance"
    """The environment file of irqbalance.service that its package ships."""
    irqbalance_takes_lists: bool = True
    """Whether that version knows IRQBALANCE_BANNED_CPULIST (1.8)."""


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
    programs: tuple[Program, ...] = ()
    """By interface, then in the order in which they run."""
    devices: tuple[Device, ...] = ()
    """Ports that applications drive in user space, in the order of the file."""
    applications: tuple[Application, ...] = ()
    left_alone: tuple[LeftAlone, ...] = ()
    objects: tuple[tuple[str, bytes], ...] = ()
    """File names and contents of the objects that programs are in. The JSON form leaves them out: it has digests."""

    @property
    def groups(self) -> list[str]:
        """Groups that may open devices and huge pages, sorted."""
        found = {device.group for device in self.devices} | {application.group for application in self.applications}
        return sorted(found - {""})

    def is_twin_of(self, other: Plan) -> bool:
        """Whether one was made from the other by giving it another host."""
        return all(getattr(self, name) is getattr(other, name) for name in self.__slots__ if name != "host")

    def of(self, kind: Kind) -> list[Setting]:
        return [setting for setting in self.settings if setting.kind is kind]

    def of_interface(self, name: str) -> list[Setting]:
        """Settings of one interface, by its `nic` name, in the order of `plan_keys.NIC_KEYS`."""
        return _of_interfaces(self.settings).get(name, [])


_indexed: tuple[tuple[Setting, ...], dict[str, list[Setting]]] = ((), {})
"""The settings asked of last, and those of each interface: back ends ask for each NIC of a plan in turn."""


def _of_interfaces(settings: tuple[Setting, ...]) -> dict[str, list[Setting]]:
    global _indexed
    if _indexed[0] is not settings:
        found: dict[str, list[Setting]] = {}
        for setting in settings:
            if setting.kind is Kind.NIC:
                found.setdefault(setting.interface, []).append(setting)
        _indexed = (settings, found)
    return _indexed[1]


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file or symbolic link of the output, relative to the host's folder (`rootfs/etc/…`)."""

    path: str
    text: str = ""
    mode: int = 0o644
    target: str = ""
    """For a symbolic link, what it points to; `text` is empty then."""
    data: bytes = b""
    """What a file holds that is no text; `text` is empty then."""

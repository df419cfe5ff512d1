"""Statements of a host or profile that are neither CPUs, NICs nor goals."""

from __future__ import annotations

from netc.language.forms import (
    CPUS,
    FILE_STRING,
    INTERFACE,
    KERNEL_VERSION,
    NAME,
    SWITCH,
    UNIT_STRING,
    choice,
    quantity,
    several,
    whole,
)
from netc.language.sentences import (
    AMOUNT,
    ASSIGNMENT,
    DEVARGS,
    KERNEL_ARGUMENT,
    PAGES,
    RELEASE,
    Amount,
    Assignment,
    KernelArgument,
    Pages,
)
from netc.language.signature import Signature
from netc.language.statements_goal import GOAL_STATEMENT
from netc.language.statements_steering import RPS_STATEMENT
from netc.units import Dimension, with_unit

S = Signature
SIZE = quantity(Dimension.SIZE)
SYSTEMD = whole(200, 999, what="a systemd version")
TICK = whole(24, 1200, what="CONFIG_HZ")
ARCHITECTURE = choice("x86-64", "arm64")
VENDOR = choice("intel", "amd", "arm", "other")
BOOT = choice("grub", "systemd-boot", "uki", "bls", "bootc", "rpm-ostree", "none")
INITRAMFS = choice("initramfs-tools", "dracut", "none")
NETWORK = choice("networkd", "networkmanager", "ifupdown", "none")
CPU_NUMBER = whole(0, 8191, what="a CPU")


def _on_node(node: int | None) -> str:
    return "" if node is None else f"on node {node}"


def _amount_key(value: Amount) -> tuple[str, ...]:
    return (_on_node(value.node),)


def _pages_key(value: Pages) -> tuple[str, ...]:
    return (with_unit(value.size, Dimension.SIZE), _on_node(value.node))


def _assignment_key(value: Assignment) -> tuple[str, ...]:
    return (value.key.replace("/", "."),)


def _argument_key(value: KernelArgument) -> tuple[str, ...]:
    return (value.text,)


SYSTEM = (
    S(
        "distribution",
        RELEASE,
        "Decides kernel, systemd, tick rate, boot loader and where files lie.",
        "distribution debian 12",
    ),
    S("kernel", KERNEL_VERSION, "The target's kernel, when it is not the distribution's.", "kernel 6.12"),
    S("systemd", SYSTEMD, "The target's systemd, when it is not the distribution's.", "systemd 252"),
    S("tick", TICK, "The target kernel's CONFIG_HZ.", "tick 250"),
    S("architecture", ARCHITECTURE, "The target's architecture.", "architecture x86-64"),
    S("cpu-vendor", VENDOR, "Who made the CPUs; decides IOMMU and C-state arguments.", "cpu-vendor amd"),
    S("boot", BOOT, "What carries the kernel arguments.", "boot grub"),
    S("initramfs", INITRAMFS, "What builds the initramfs.", "initramfs dracut"),
    S("network", NETWORK, "What raises the links.", "network networkd"),
    S("page", SIZE, "The base page size of the kernel.", "page 4KiB"),
    S("memory", SIZE, "Memory of the host; facts may tell it instead.", "memory 256GiB"),
    S(
        "irqbalance",
        choice("ban", "disable", "keep"),
        "Keep irqbalance off netc's interrupts, disable it, or leave it alone.",
        "irqbalance ban",
    ),
)

INTERFACE_BLOCK = (
    S("over", several(INTERFACE), "The NICs it is built over.", "over front, back"),
    S("kind", choice("bond", "vlan", "bridge"), "What it is.", "kind bond"),
    RPS_STATEMENT,
)

HOST_DPDK = (
    S("nics", several(INTERFACE), "The NICs the application gets.", "nics front, back"),
    S("lcores", CPUS, "The CPUs that it polls with; they and their siblings are isolated.", "lcores 8-15"),
    S("main-lcore", CPU_NUMBER, "The lcore of its main thread; the first, unless written.", "main-lcore 8"),
    S("memory", AMOUNT, "Huge page memory it may use.", "memory 4GiB on node 0", key=_amount_key),
    S("page", SIZE, "The page size it prefers.", "page 1GiB"),
    S(
        "devargs",
        DEVARGS,
        "Device arguments of one NIC.",
        'devargs front "mprq_en=1"',
        key=lambda value: (value[0],),
    ),
    S("group", NAME, "The group that may open the devices and pages.", "group dpdk"),
    S("no-iommu", SWITCH, "Permit VFIO without an IOMMU.", "no-iommu off"),
    S("siblings", SWITCH, "Permit two lcores on one physical core.", "siblings off"),
)

HUGEPAGES = (S("", PAGES, "So many pages of a size, on one node or on each.", "1GiB 8 on node 0", key=_pages_key),)

DESCRIBED = (
    S(
        "system",
        None,
        "The operating system the files are for.",
        "system { distribution debian 12 }",
        block="system",
    ),
    S(
        "hardware",
        FILE_STRING,
        "Facts of the real machine, written by `netc probe`; `{host}` is the host's name.",
        'hardware "{host}.yaml"',
    ),
    S(
        "cpu",
        None,
        "Sockets, cores, threads and nodes, and who may use them.",
        "cpu { sockets 2; cores 16; threads 2 }",
        block="cpu",
    ),
    S("nic", INTERFACE, "One network port.", "nic front { match pci 0000:18:00.0 }", block="nic", key=1),
    S(
        "interface",
        INTERFACE,
        "A bond, VLAN or bridge that the network manager builds.",
        "interface bond0 { over front, back; kind bond }",
        block="interface",
        key=1,
    ),
)

APPLICATIONS = (
    S(
        "dpdk",
        UNIT_STRING,
        "An application of DPDK, by its unit: the NICs and CPUs it polls, and its memory.",
        'dpdk "testpmd.service" { nics front; lcores 8-15 }',
        block="host-dpdk",
        key=1,
    ),
    S(
        "hugepages",
        None,
        "The whole reservation of huge pages.",
        "hugepages { 1GiB 8 on node 0 }",
        block="hugepages",
    ),
)

INSISTED = (
    S(
        "set",
        ASSIGNMENT,
        "A sysctl the user insists on.",
        'set net.core.somaxconn = 16384 because "the proxy asks for 16384"',
        key=_assignment_key,
    ),
    S(
        "kernel-argument",
        KERNEL_ARGUMENT,
        "One argument of the kernel command line.",
        'kernel-argument "mitigations=auto" because "site policy"',
        key=_argument_key,
    ),
)

HOST = (*DESCRIBED, *APPLICATIONS, GOAL_STATEMENT, *INSISTED)

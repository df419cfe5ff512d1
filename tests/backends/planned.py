"""Plans for the tests of back ends: made by hand, so that they show what a back end does with any of it."""

from __future__ import annotations

from dataclasses import replace

from netc.plan import Interface, Kind, LeftAlone, Plan, Setting, Target, Via, Why

PLACE = "lb.net: profile edge, goal load-balancer"
DEBIAN = Target(
    distribution="debian",
    release="12",
    kernel="6.1",
    systemd=252,
    tick=250,
    architecture="x86-64",
    boot="grub",
    initramfs="initramfs-tools",
    network="networkd",
    page=4096,
    outranks_sysctl_conf=True,
    systemd_sysctl="/lib/systemd/systemd-sysctl",
)
RHEL = replace(
    DEBIAN,
    distribution="rhel",
    release="9",
    kernel="5.14",
    tick=1000,
    boot="bls",
    initramfs="dracut",
    network="networkmanager",
    outranks_sysctl_conf=False,
    systemd_sysctl="/usr/lib/systemd/systemd-sysctl",
)
BOTH = (Via.LINK, Via.UNIT)


def why(reason: str, *places: str) -> Why:
    return Why(places or (PLACE,), "test", reason)


def sysctl(key: str, value: str, reason: str = "a reason", module: str = "") -> Setting:
    return Setting(Kind.SYSCTL, key, value, why(reason), module=module)


def nic(interface: str, key: str, value: str, reason: str = "a reason", via: tuple[Via, ...] = BOTH) -> Setting:
    return Setting(Kind.NIC, key, value, why(reason), interface=interface, via=via)


def argument(text: str, reason: str = "a reason") -> Setting:
    return Setting(Kind.KERNEL_ARGUMENT, text, "", why(reason))


def module(name: str, reason: str = "a reason") -> Setting:
    return Setting(Kind.MODULE, name, "", why(reason))


def option(key: str, value: str, reason: str = "a reason") -> Setting:
    return Setting(Kind.MODULE_OPTION, key, value, why(reason))


def manager(key: str, value: str, reason: str = "a reason") -> Setting:
    return Setting(Kind.MANAGER, key, value, why(reason))


def plan(*settings: Setting, interfaces: tuple[Interface, ...] = (), target: Target = DEBIAN) -> Plan:
    return Plan("lb-01.example.net", ("lb.net",), target, "queues", "80 Gbit/s fit 24 queues", interfaces, settings)


FRONT = Interface("front", "front0", driver="ice", pci="0000:18:00.0")

FULL = replace(
    plan(
        option("nf_conntrack.hashsize", "524288", "2 M connections in 524288 buckets are 4 each"),
        module("nf_conntrack", "its sysctls exist only while it is loaded"),
        module("tcp_bbr", "congestion control bbr is a module"),
        sysctl("vm.min_free_kbytes", "262144", "atomic allocations of full rings"),
        sysctl(
            "net.ipv4.tcp_rmem",
            "4096 131072 250000000",
            "2 × 10 Gbit/s × 100 ms / 8 = 238.4 MiB: a connection must hold what is under way for one round "
            "trip, and half of the buffer is the kernel's own bookkeeping, so that it takes twice as much.",
        ),
        sysctl("net.ipv4.ip_forward", "1", "packets pass between NICs"),
        sysctl("net.ipv6.conf.all.forwarding", "1", "packets pass between NICs"),
        sysctl("net.ipv4.conf.all.rp_filter", "2", "answers leave by another NIC than questions come in"),
        sysctl("net.ipv4.conf.default.rp_filter", "2", "answers leave by another NIC than questions come in"),
        sysctl("net.ipv4.conf.bond0.100.rp_filter", "0", "this VLAN has one way in and another out"),
        sysctl("net.core.flow_limit_cpu_bitmap", "ff", "small flows survive a flood"),
        sysctl("net.core.flow_limit_table_len", "8192", "small flows survive a flood"),
        sysctl("net.netfilter.nf_conntrack_max", "2097152", "2 M connections", module="nf_conntrack"),
        sysctl("net.netfilter.nf_conntrack_buckets", "524288", "2 M connections", module="nf_conntrack"),
        sysctl("net.ipv4.tcp_congestion_control", "bbr", "congestion control bbr", module="tcp_bbr"),
        nic("front", "name", "front0", "all files use this name", (Via.LINK,)),
        nic("front", "mtu", "9000", "jumbo frames"),
        nic("front", "channels.combined", "16", "16 CPUs of node 0 serve it"),
        nic("front", "ring.rx", "4096", "4096 packets last 341 us at 12 Mpps"),
        nic("front", "ring.tx", "max", "the largest that the hardware has"),
        nic("front", "offload.lro", "off", "packets pass between NICs"),
        nic("front", "offload.tso", "on", "large sends"),
        nic("front", "coalesce.rx-usecs", "50", "50 us between interrupts"),
        nic("front", "coalesce.adaptive-rx", "off", "a fixed delay was asked for"),
        nic("front", "pause.rx", "off", "a full receiver must not stop the switch"),
        nic("back", "name", "back0", "all files use this name", (Via.LINK,)),
        nic("back", "ring.rx", "8192", "8192 packets last 683 us at 12 Mpps", (Via.UNIT,)),
        nic("mgmt", "ring.rx", "4096", "4096 packets last 341 us at 12 Mpps"),
        argument("isolcpus=managed_irq,domain,8-15", "CPUs 8-15 are isolated"),
        argument("nohz_full=8-15", "CPUs 8-15 are isolated"),
        manager("DefaultLimitNOFILE", "4194304:4194304", "2 M connections take as many files, twice"),
        interfaces=(
            FRONT,
            Interface("back", "back0", mac="3c:fd:fe:9e:7a:10", port=1, optional=True, raise_first=True),
            Interface("mgmt", "", driver="igb", pci="0000:19:00.1", management=True),
        ),
    ),
    left_alone=(LeftAlone("net.core.somaxconn", "4096", "4096", why("the kernel's own is enough")),),
)

SMALL = (
    FULL.interfaces[0],
    [s for s in FULL.settings if s.kind in (Kind.KERNEL_ARGUMENT, Kind.MODULE_OPTION)],
)


def booted_by(boot: str, **more: str) -> Plan:
    """A small plan for a host of another boot loader."""
    target = replace(RHEL, boot=boot, **more)  # type: ignore[arg-type]
    return plan(*SMALL[1], nic("front", "mtu", "9000", via=(Via.LINK,)), interfaces=(SMALL[0],), target=target)


CASES = {
    "full": FULL,
    "empty": plan(),
    "bls": booted_by("bls"),
    "bootc": booted_by("bootc"),
    "rpm-ostree": booted_by("rpm-ostree"),
    "systemd-boot": booted_by("systemd-boot", distribution="arch"),
    "uki": booted_by("uki", initramfs="none"),
    "grub-of-arch": booted_by("grub", distribution="arch"),
}

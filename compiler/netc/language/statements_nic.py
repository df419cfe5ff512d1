"""Statements of `nic`: which port it is, what its hardware is set to, what runs on it."""

from __future__ import annotations

from netc.language.forms import (
    DRIVER,
    FILE_STRING,
    INTERFACE,
    MAC,
    NAME,
    PATH_ID,
    PCI,
    SWITCH,
    UUID,
    Form,
    choice,
    quantity,
    several,
    whole,
)
from netc.language.sentences import DROP, MOST_QUEUES, NODE, VIRTUAL_FUNCTION
from netc.language.signature import Signature
from netc.language.statements_goal import GOAL_STATEMENT
from netc.language.statements_steering import STEERING
from netc.units import Dimension

S = Signature
BIT_RATE = quantity(Dimension.BIT_RATE)
TIME_OR_NONE = quantity(Dimension.TIME, least=0)
RING = whole(1, 1 << 20, "auto", "max", what="a number of descriptors")
FRAMES = whole(1, 65535, what="a number of frames")
PORT = whole(0, 255, what="a port number")
VECTORS = whole(1, MOST_QUEUES, what="a number of vectors")
MTU = whole(68, 65535, what="an MTU")
QUEUE_COUNT = whole(1, MOST_QUEUES, "auto", "max", what="a number of queues")
VF_COUNT = whole(1, 256, what="a number of virtual functions")
VF_NUMBER = whole(0, 255, what="a virtual function")
VLAN = whole(0, 4094, what="a VLAN")
PRIORITY = whole(0, 65535, what="a priority")
RENAME = Form("an interface name, or `keep`", INTERFACE.read, ("keep",))

MATCH = (
    S("pci", PCI, "The port's PCI address.", "pci 0000:18:00.0"),
    S("mac", MAC, "The port's permanent MAC address.", "mac 3c:fd:fe:9e:7a:10"),
    S("driver", DRIVER, "The driver; alone only where the host has one such NIC.", "driver virtio_net"),
    S("path", PATH_ID, "udev's ID_PATH.", "path pci-0000:18:00.0"),
    S("vmbus", UUID, "The VMBus device of a Hyper-V guest.", "vmbus f8615163-df3e-46c5-913f-f2d2f965ed0e"),
    S("port", PORT, "The port of a device with several (`dev_port`).", "port 0"),
    S("vf", VIRTUAL_FUNCTION, "A virtual function of another NIC of this host.", "vf 0 of front"),
    S("name", INTERFACE, "The kernel's name before renaming; never enough alone.", "name eth0"),
)

RINGS = (
    S("rx", RING, "Receive descriptors.", "rx 4096"),
    S("tx", RING, "Transmit descriptors.", "tx max"),
)

COALESCE = (
    S("adaptive", SWITCH, "Adaptive moderation in both directions.", "adaptive on"),
    S("adaptive-rx", SWITCH, "Adaptive receive moderation.", "adaptive-rx on"),
    S("adaptive-tx", SWITCH, "Adaptive transmit moderation.", "adaptive-tx off"),
    S("rx", TIME_OR_NONE, "Delay before a receive interrupt.", "rx 50us"),
    S("tx", TIME_OR_NONE, "Delay before a transmit interrupt.", "tx 50us"),
    S("rx-frames", FRAMES, "Received frames before an interrupt.", "rx-frames 64"),
    S("tx-frames", FRAMES, "Sent frames before an interrupt.", "tx-frames 64"),
)

OFFLOADS = {
    "gro": "generic receive offload",
    "gro-hw": "receive aggregation by the NIC that can be undone for forwarding",
    "gso": "generic segmentation offload",
    "lro": "large receive offload; never with forwarding or bridging",
    "ntuple": "flow steering rules by the NIC",
    "rx-checksum": "receive checksums by the NIC",
    "rx-hash": "the flow hash in the receive descriptor",
    "rx-vlan": "VLAN tags taken off by the NIC",
    "sg": "scatter-gather",
    "tso": "TCP segmentation by the NIC, IPv4 and IPv6",
    "tx-checksum": "transmit checksums by the NIC",
    "tx-udp-segmentation": "UDP segmentation by the NIC",
    "tx-vlan": "VLAN tags put in by the NIC",
}
OFFLOAD = tuple(S(word, SWITCH, f"{text[0].upper()}{text[1:]}.", f"{word} on") for word, text in OFFLOADS.items())

PAUSE = (
    S("rx", SWITCH, "Obey pause frames.", "rx off"),
    S("tx", SWITCH, "Send pause frames.", "tx off"),
)

VF = (
    S("mac", MAC, "The virtual function's MAC address.", "mac 02:00:00:00:00:01"),
    S("vlan", VLAN, "Its port VLAN; 0 for none.", "vlan 100"),
    S("trust", SWITCH, "Whether it may change its own filters.", "trust on"),
    S("spoof-check", SWITCH, "Whether frames with a foreign MAC are dropped.", "spoof-check off"),
)

XDP = (
    S("program", NAME, "The program in the object.", "program xdp_drop"),
    S("mode", choice("native", "generic", "offload"), "Where it runs.", "mode native"),
    S("frags", SWITCH, "Whether it takes packets of several buffers.", "frags off"),
    S("priority", PRIORITY, "Its place among several programs; lower runs first.", "priority 10"),
    S("pin", FILE_STRING, "Where its maps are pinned.", 'pin "/sys/fs/bpf/netc/front"'),
    S("maps", several(NAME), "The maps that are pinned.", "maps drops, counters"),
    S(
        "on-failure",
        choice("keep-down", "continue"),
        "What happens to the link when it cannot be attached.",
        "on-failure keep-down",
    ),
    S(
        "drop",
        DROP,
        "Prefixes to drop, here or in a file.",
        "drop 192.0.2.0/24, 2001:db8::/32",
        key=lambda value: (value[0],),
    ),
)

NIC_DPDK = (S("driver", DRIVER, "The driver it is bound to, or `af_xdp`.", "driver vfio-pci"),)

PORT_STATEMENTS = (
    S(
        "match",
        None,
        "How the port is recognised at boot; all that is given must hold.",
        "match pci 0000:18:00.0",
        block="match",
    ),
    S("rename", RENAME, "The name it gets; its name here unless written.", "rename front0"),
    S("driver", DRIVER, "The kernel driver.", "driver ice"),
    S("speed", BIT_RATE, "The link's speed.", "speed 100Gbps"),
    S("node", NODE, "The NUMA node of its slot.", "node 0"),
    S("vectors", VECTORS, "The most channels the hardware gives.", "vectors 64"),
    S("management", None, "The host is reached by it: it never loses its link at run time.", "management"),
    S("optional", None, "It may be absent without a failure after boot.", "optional"),
    S("mtu", MTU, "The largest packet, in bytes.", "mtu 9000"),
    S("queues", QUEUE_COUNT, "Channels of the NIC.", "queues 16"),
    S("rings", None, "Descriptors of each queue.", "rings { rx 4096; tx 4096 }", block="rings"),
    S("coalesce", None, "Interrupt moderation.", "coalesce { adaptive on; rx 50us }", block="coalesce"),
    S("offload", None, "Work the NIC or the lower stack does.", "offload { gro on; lro off }", block="offload"),
    S("pause", None, "Ethernet flow control.", "pause { rx off; tx off }", block="pause"),
)

VIRTUAL = (
    S("vfs", VF_COUNT, "SR-IOV virtual functions.", "vfs 8"),
    S("vf", VF_NUMBER, "One virtual function.", "vf 0 { vlan 100; trust on }", block="vf", key=1),
)

PROGRAMS = (
    S(
        "xdp",
        FILE_STRING,
        "An XDP program attached at boot.",
        'xdp "drop.o" { program xdp_drop }',
        block="xdp",
        key=1,
    ),
)

HANDED_OVER = (
    S(
        "dpdk",
        None,
        "The port is handed to the DPDK application.",
        "dpdk",
        block="nic-dpdk",
        states=("", "off"),
    ),
)

NIC = (*PORT_STATEMENTS, *STEERING, *VIRTUAL, *PROGRAMS, *HANDED_OVER, GOAL_STATEMENT)

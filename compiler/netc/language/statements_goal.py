"""Statements of `goal`, and `goal` itself, which stands in a host and in a NIC."""

from __future__ import annotations

from netc.language.forms import NAME, SWITCH, choice, quantity, several, whole
from netc.language.signature import Signature
from netc.units import Dimension

S = Signature
BIT_RATE = quantity(Dimension.BIT_RATE)
PACKET_RATE = quantity(Dimension.PACKET_RATE)
TIME = quantity(Dimension.TIME)
COUNT = quantity(Dimension.COUNT)
RATE = quantity(Dimension.RATE)
SIZE = quantity(Dimension.SIZE)
LATENCY = quantity(Dimension.TIME, "low")
PORTS = several(whole(1, 65535, what="a port"))

USUAL = ("bbr", "cubic", "reno", "dctcp")
OTHERS = ("htcp", "vegas", "westwood", "illinois", "bic", "scalable", "yeah", "cdg", "nv", "lp", "veno", "hybla")
CONGESTION = choice(*USUAL, *OTHERS)
"""The names of the kernel's modules, net/ipv4/tcp_*.c."""

GOAL = (
    S("throughput", BIT_RATE, "All traffic the host receives at peak.", "throughput 80Gbps"),
    S("flow", BIT_RATE, "The fastest single TCP connection.", "flow 10Gbps"),
    S("rtt", TIME, "The longest round trip that must still run at full speed.", "rtt 40ms"),
    S("packets", PACKET_RATE, "Packets the host receives a second at peak.", "packets 12Mpps"),
    S("connections", COUNT, "Connections open at once at peak.", "connections 2M"),
    S("connection-rate", RATE, "New inbound connections a second.", "connection-rate 150k/s"),
    S("outbound-rate", RATE, "New outgoing connections a second to one destination.", "outbound-rate 20k/s"),
    S("lifetime", TIME, "Mean life of a connection.", "lifetime 2s"),
    S("datagrams", SIZE, "UDP an application may leave unread.", "datagrams 64KiB"),
    S("latency", LATENCY, "Interrupt-to-application time that matters more than CPU.", "latency 50us"),
    S("forwarding", SWITCH, "Packets pass between NICs.", "forwarding on"),
    S("tracking", SWITCH, "A stateful firewall or NAT.", "tracking on"),
    S("neighbours", COUNT, "Hosts on the attached links, per family.", "neighbours 4000"),
    S("listen", PORTS, "Ports this host serves.", "listen 80,443"),
    S("congestion", CONGESTION, "The TCP congestion control.", "congestion bbr"),
)

GOAL_STATEMENT = S(
    "goal",
    NAME,
    "What the traffic is and what it must reach.",
    "goal web-server { connections 200k }",
    block="goal",
    key=1,
)

"""Statements of the blocks in `nic` that say which CPU and which queue a packet meets."""

from __future__ import annotations

from netc.language.forms import CPUS, SWITCH, choice, cpus_or, listed, quantity, whole
from netc.language.sentences import FLOW_RULE, HASH, QUEUES, FlowRule
from netc.language.signature import Signature
from netc.units import Dimension

S = Signature
TIME_OR_NONE = quantity(Dimension.TIME, least=0)
FLOWS = whole(1, 1 << 29, what="a number of flows")
POLLS = whole(0, (1 << 31) - 1, what="a number of polls")
WEIGHTS = listed(whole(0, 1000, what="a weight"))
QDISC = choice("fq", "fq_codel", "pfifo_fast", "cake", "sfq", "codel", "pie", "noqueue")
ON_OFF_AUTO = ("on", "off", "auto")

IRQ = (
    S("cpus", cpus_or("auto", "isolated"), "The CPUs that serve its interrupts.", "cpus 1-15"),
    S("isolated", None, "Allow isolated CPUs to serve its interrupts.", "isolated"),
)

RSS = (
    S("queues", QUEUES, "The queues that RSS spreads over.", "queues 0-11"),
    S(
        "hash",
        HASH,
        "The fields that are hashed for a protocol.",
        "hash udp4 src-dst-ports",
        key=lambda value: (value[0],),
    ),
    S(
        "key",
        choice("symmetric", "random"),
        "The hash key: the same queue for both directions, or the driver's.",
        "key symmetric",
    ),
    S("weight", WEIGHTS, "Shares of the queues in the indirection table.", "weight 1,1,2,2"),
)

RPS = (S("cpus", CPUS, "CPUs that receive packets for this NIC's queues.", "cpus 1-15"),)

RFS = (S("flows", FLOWS, "Entries of the flow table.", "flows 65536"),)

XPS = (S("by", choice("cpu", "rx-queue"), "What chooses the transmit queue.", "by cpu"),)

NAPI = (
    S("defer-hard-irqs", POLLS, "Empty polls before interrupts are enabled again.", "defer-hard-irqs 2"),
    S("gro-flush-timeout", TIME_OR_NONE, "The timer that polls instead of interrupts.", "gro-flush-timeout 200us"),
    S("busy-poll", TIME_OR_NONE, "How long a socket polls the queue before it sleeps.", "busy-poll 50us"),
)


def _flow_key(rule: FlowRule) -> tuple[str, ...]:
    return (rule.protocol, rule.source, str(rule.source_port or ""), str(rule.port or ""))


RPS_STATEMENT = S(
    "rps", None, "Receive packet steering by the kernel.", "rps cpus 1-15", block="rps", states=ON_OFF_AUTO
)
"""Stands in `nic` and in `interface`."""

STEERING = (
    S("irq", None, "Where its interrupts go.", "irq { cpus 1-15 }", block="irq", states=("auto",)),
    S("rss", None, "How received flows spread over queues.", "rss { queues 0-11; key symmetric }", block="rss"),
    RPS_STATEMENT,
    S(
        "rfs",
        None,
        "Receive flow steering to the CPU of the application.",
        "rfs flows 65536",
        block="rfs",
        states=ON_OFF_AUTO,
    ),
    S("arfs", SWITCH, "Receive flow steering by the NIC.", "arfs on"),
    S("xps", None, "How the transmit queue is chosen.", "xps by cpu", block="xps", states=("off", "auto")),
    S("steer", FLOW_RULE, "A flow and the queue that gets it.", "steer tcp port 443 to queue 3", key=_flow_key),
    S(
        "napi",
        None,
        "Polling in place of interrupts.",
        "napi { defer-hard-irqs 2; gro-flush-timeout 200us }",
        block="napi",
    ),
    S("qdisc", QDISC, "The queueing discipline of its transmit queues.", "qdisc fq"),
)
"""Statements of `nic` itself."""

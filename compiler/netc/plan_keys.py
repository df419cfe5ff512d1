"""The keys of settings whose words are netc's own, with the values each takes."""

from __future__ import annotations

NIC_KEYS = (
    "name",
    "vfs",
    "vf.*",
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
    "rss.spread",
    "rss.key",
    "rss.hash.*",
    "steer.*",
    "napi.defer-hard-irqs",
    "napi.gro-flush-timeout",
    "qdisc",
    "rps.cpus",
    "rfs.flows",
    "xps.cpus",
    "xps.rx-queues",
    "irq.cpus",
)
"""Keys of NIC settings, in the order in which they are applied; `*` stands for the name of one of several.

Values: `name`, `mtu` and `qdisc` as they are; channels, frames, `rfs.flows` (entries of the whole NIC) and
`napi.defer-hard-irqs` a number; rings a number or `max`; coalesce times whole microseconds;
`napi.gro-flush-timeout` nanoseconds; offloads, pause and adaptive coalescing `on` or `off`.
`vfs`: a number of virtual functions. `vf.N`: what is set of function N, blanks between: `mac ADDRESS`, `vlan NUMBER`
(0 for none), `trust on|off`, `spoof-check on|off`.
`rss.spread`: `equal N`, `start M equal N` or `weight W …`, as ethtool -X takes them. `rss.key`: `symmetric`.
`rss.hash.PROTOCOL`: the letters of ethtool -N rx-flow-hash. `steer.N`: a rule of ethtool -N.
`rps.cpus`: a CPU list, of each receive queue. `irq.cpus`: a CPU list in the order of queues (`33-47,1-15` begins with
CPU 33), after the last CPU the first again. `xps.cpus`: CPU lists with blanks between, of each transmit queue likewise.
`xps.rx-queues`: `same`, the receive queue of the same number.
"""


def nic_key_order(key: str) -> tuple[int, str]:
    """What NIC settings are sorted by, so that they stand in the order in which they are applied."""
    family = key if key in NIC_KEYS else f"{key.rpartition('.')[0]}.*"
    return (NIC_KEYS.index(family), key)


CPU_KEYS = ("governor", "idle")
"""`governor`: CPU list, blank, name of a cpufreq governor. `idle`: CPU list, blank, `shallow` or `off`."""

SERVICE_KEYS = ("irqbalance.service", "irqbalance.banned-cpus", "irqbalance.banned-interrupts", "dpdk.service")
"""`irqbalance.service`, `dpdk.service`: `masked`. `…banned-cpus`: a CPU list. `…banned-interrupts`: `nics`, those of
the plan, or `drivers NAME,NAME`, those of all devices that these drivers serve."""

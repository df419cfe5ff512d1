"""Statements of `cpu`: what CPUs there are, and who may use them."""

from __future__ import annotations

from netc.language.forms import CPUS, SWITCH, choice, cpus_or, quantity, whole
from netc.language.sentences import HOUSEKEEPING, NODE
from netc.language.signature import Signature
from netc.units import Dimension

S = Signature
SOCKETS = whole(1, 64, what="a number of sockets")
CORES = whole(1, 1024, what="a number of cores")
THREADS = whole(1, 8, what="a number of threads")
NODES = whole(1, 64, what="a number of NUMA nodes")
NUMBERING = choice("cores-first", "threads-first", "node-interleaved")
GOVERNOR = choice("performance", "powersave", "schedutil", "ondemand", "conservative")
MEMORY = quantity(Dimension.SIZE)

NODE_BLOCK = (
    S("cpus", CPUS, "The CPUs of this NUMA node.", "cpus 0-15,32-47"),
    S("memory", MEMORY, "Memory of this NUMA node.", "memory 128GiB"),
    S("siblings", CPUS, "CPUs that are threads of one core.", "siblings 0,32", key=lambda cpus: (str(cpus),)),
)

DESCRIBED = (
    S("sockets", SOCKETS, "Processor packages.", "sockets 2"),
    S("cores", CORES, "Cores of each socket.", "cores 16"),
    S("threads", THREADS, "Hardware threads of each core.", "threads 2"),
    S("nodes", NODES, "NUMA nodes of the host; one per socket unless written.", "nodes 4"),
    S("numbering", NUMBERING, "How the firmware numbers CPUs.", "numbering cores-first"),
    S(
        "node",
        NODE,
        "One NUMA node, instead of the arithmetic of sockets, cores and threads.",
        "node 0 { cpus 0-15; memory 128GiB }",
        block="node",
        key=1,
    ),
    S("offline", CPUS, "CPUs that are offline: a fact, netc takes none offline.", "offline 63"),
    S("smt", SWITCH, "`off` boots with `nosmt`.", "smt off"),
)

USED = (
    S("housekeeping", HOUSEKEEPING, "CPUs left to the operating system.", "housekeeping 1 core per node"),
    S(
        "isolate",
        cpus_or("rest"),
        "CPUs no ordinary task, timer or interrupt may use; `rest`: all online ones not housekeeping.",
        "isolate 8-15,40-47",
    ),
    S("c-states", choice("on", "shallow", "off"), "How deep idle CPUs may sleep.", "c-states shallow"),
    S("governor", GOVERNOR, "The CPU frequency governor.", "governor performance"),
)

CPU = DESCRIBED + USED

"""The table of statements: complete, and every example in it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from written import block

from netc.language.sections import STATE, Entry, Section
from netc.language.statements import BLOCKS, OFFLOADS, homes, signatures

if TYPE_CHECKING:
    from netc.language.signature import Signature

EVERY = [(kind, signature) for kind, found in BLOCKS.items() for signature in found]

WORDS = {
    "host": "system hardware cpu nic interface dpdk hugepages goal set kernel-argument",
    "system": (
        "distribution kernel systemd tick architecture cpu-vendor boot initramfs network page memory irqbalance"
    ),
    "cpu": "sockets cores threads nodes numbering node offline housekeeping isolate smt c-states governor",
    "node": "cpus memory siblings",
    "nic": (
        "match rename driver speed node vectors management optional mtu queues rings coalesce offload pause irq rss rps"
        " rfs arfs xps steer napi qdisc vfs vf xdp dpdk goal"
    ),
    "match": "pci mac driver path vmbus port vf name",
    "rings": "rx tx",
    "coalesce": "adaptive rx tx rx-frames tx-frames",
    "offload": "gro lro tso gso rx-checksum tx-checksum gro-hw ntuple",
    "pause": "rx tx",
    "irq": "cpus isolated",
    "rss": "queues hash key weight",
    "rps": "cpus",
    "rfs": "flows",
    "xps": "by",
    "napi": "defer-hard-irqs gro-flush-timeout busy-poll",
    "vf": "mac vlan trust spoof-check",
    "xdp": "program mode frags priority pin on-failure drop",
    "nic-dpdk": "driver",
    "goal": (
        "throughput flow rtt packets connections connection-rate outbound-rate lifetime datagrams latency forwarding"
        " tracking neighbours listen congestion"
    ),
    "interface": "over kind rps",
    "host-dpdk": "nics lcores main-lcore memory page devargs group no-iommu siblings",
}

CHOICES = [
    ("system", "architecture", "x86-64 arm64"),
    ("system", "cpu-vendor", "intel amd arm other"),
    ("system", "boot", "grub systemd-boot uki bls bootc rpm-ostree none"),
    ("system", "initramfs", "initramfs-tools dracut none"),
    ("system", "network", "networkd networkmanager ifupdown none"),
    ("system", "irqbalance", "ban disable keep"),
    ("system", "distribution", "debian ubuntu rhel centos rocky alma fedora flatcar arch generic"),
    ("cpu", "numbering", "cores-first threads-first node-interleaved"),
    ("cpu", "isolate", "rest"),
    ("cpu", "smt", "on off"),
    ("cpu", "c-states", "on shallow off"),
    ("nic", "rename", "keep"),
    ("nic", "queues", "auto max"),
    ("nic", "irq", "auto"),
    ("nic", "rps", "on off auto"),
    ("nic", "rfs", "on off auto"),
    ("nic", "xps", "off auto"),
    ("rings", "rx", "auto max"),
    ("rss", "key", "symmetric"),
    ("xdp", "mode", "native"),
    ("xdp", "on-failure", "keep-down"),
    ("goal", "latency", "low"),
    ("goal", "congestion", "bbr"),
    ("interface", "kind", "bond vlan bridge"),
]


@pytest.mark.parametrize("kind", WORDS)
def test_every_word_of_the_language_is_in_its_block(kind: str) -> None:
    assert set(WORDS[kind].split()) <= set(signatures(kind))


def test_every_kind_of_block_is_opened_by_a_statement() -> None:
    opened = {signature.block for _, signature in EVERY if signature.block}
    assert opened == set(BLOCKS) - {"host"}
    assert set(BLOCKS) == {*WORDS, "hugepages"}


@pytest.mark.parametrize(("kind", "word", "choices"), CHOICES)
def test_every_choice_of_the_language_reads(kind: str, word: str, choices: str) -> None:
    for choice in choices.split():
        block(kind, f"{word} {choice}")


@pytest.mark.parametrize(("kind", "signature"), EVERY, ids=lambda part: getattr(part, "word", part))
def test_example_reads_in_its_block(kind: str, signature: Signature) -> None:
    assert signature.example.split()[0] == signature.word or not signature.word
    section = block(kind, signature.example)
    ((key, found),) = section.entries.items()
    assert key[0] == signature.word
    assert isinstance(found, Section) == bool(signature.block)
    if isinstance(found, Section):
        assert found.block == signature.block
        assert found.entries


@pytest.mark.parametrize(("kind", "signature"), EVERY, ids=lambda part: getattr(part, "word", part))
def test_summary_is_one_sentence(kind: str, signature: Signature) -> None:
    assert signature.summary.endswith(".")
    assert ". " not in signature.summary
    assert "\n" not in signature.summary


@pytest.mark.parametrize(("kind", "signature"), EVERY, ids=lambda part: getattr(part, "word", part))
def test_words_of_a_form_read_where_it_stands(kind: str, signature: Signature) -> None:
    for word in signature.form.words if signature.form is not None and not signature.block else ():
        block(kind, f"{signature.word} {word}")
    for state in signature.states:
        section = block(kind, f"{signature.word} {state}")
        inner = section.section(signature.word)
        assert inner is not None
        assert isinstance(inner.entries[STATE], Entry)
        assert inner.state is not None
        assert inner.state.value == state


def test_words_are_written_once_in_a_block() -> None:
    for kind, found in BLOCKS.items():
        assert len(signatures(kind)) == len(found)


def test_homes_of_a_word() -> None:
    assert homes("rx") == ("rings", "coalesce", "pause")
    assert homes("rtt") == ("goal",)
    assert homes("nonsense") == ()


def test_offloads_are_the_statements_of_their_block() -> None:
    assert list(OFFLOADS) == list(signatures("offload"))


def test_words_that_stand_alone() -> None:
    alone = {signature.word for _, signature in EVERY if signature.alone}
    assert alone == {"management", "optional", "isolated", "dpdk"}

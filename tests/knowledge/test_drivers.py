"""The table of network drivers."""

from __future__ import annotations

import re

import pytest

from netc.knowledge.drivers import Driver, driver, known_drivers
from netc.knowledge.tables import table


def known(name: str) -> Driver:
    found = driver(name)
    assert found is not None
    return found


EVERY = [known(name) for name in known_drivers()]


def named(each: object) -> str:
    return each.name if isinstance(each, Driver) else str(each)


def test_an_unknown_driver_is_none() -> None:
    assert driver("e1001") is None


def test_names_are_sorted_in_the_file() -> None:
    assert list(table("drivers")["drivers"]) == list(known_drivers())


@pytest.mark.parametrize("each", EVERY, ids=named)
def test_rings_take_their_own_values(each: Driver) -> None:
    for ring in (each.rings.rx, each.rings.tx):
        if ring is None:
            continue
        assert ring.safe is None or ring.maximum is None or ring.minimum <= ring.safe <= ring.maximum
        if ring.default is not None:
            assert ring.rounded(ring.default) == ring.default
            assert ring.rounded(ring.default + 1) >= ring.default
        assert ring.rounded(1) >= ring.minimum
        for wanted in (1, 100, 1000, 4000, 1 << 20):
            assert ring.rounded(ring.rounded(wanted)) == ring.rounded(wanted)


@pytest.mark.parametrize("each", EVERY, ids=named)
def test_patterns_of_interrupts_compile_and_name_the_queue(each: Driver) -> None:
    for pattern in each.interrupts.queue:
        groups = re.compile(pattern.replace("{interface}", "eth0")).groupindex
        assert set(groups) <= {"queue"}
    if each.interrupts.named_by not in ("interface", "pci"):
        assert not any("{interface}" in p for p in (*each.interrupts.queue, *each.interrupts.other))


@pytest.mark.parametrize("each", EVERY, ids=named)
def test_drivers_are_whole(each: Driver) -> None:
    assert (each.interrupts.named_by == "none") == (each.interrupts.queue == ())
    assert (each.dpdk.model == "none") == (each.dpdk.modules == ())
    assert bool(each.accepted_while_down or each.refused_while_down) == bool(each.while_down_source)
    conditions = table("drivers")["drivers"][each.name]["coalesce"].get("conditions", {})
    assert set(conditions) <= {parameter.name for parameter in each.coalesce.parameters}
    assert not (each.coalesce.tx_follows_rx and each.coalesce_supported("tx-usecs", "7.2"))


@pytest.mark.parametrize(
    ("name", "direction", "wanted", "value"),
    [
        ("ice", "rx", 4000, 4000),
        ("ice", "rx", 4001, 4032),
        ("ice", "rx", 9000, 8096),
        ("igb", "tx", 10, 64),
        ("mlx5_core", "rx", 4097, 8192),
        ("mlx5_core", "rx", 20000, 8192),
        ("bnxt_en", "rx", 4096, 2047),
        ("ixgbe", "rx", 8192, 4096),
        ("virtio_net", "rx", 1000, 1024),
    ],
)
def test_ring_values_are_what_the_driver_keeps(name: str, direction: str, wanted: int, value: int) -> None:
    assert known(name).ring_value(direction, wanted) == value


def test_rings_that_cannot_be_changed_are_refused() -> None:
    with pytest.raises(ValueError, match="r8169"):
        known("r8169").ring_value("rx", 512)
    with pytest.raises(ValueError, match="rx or tx"):
        known("ice").ring_value("both", 512)


@pytest.mark.parametrize(
    ("name", "words"),
    [("mlx5_core", ("combined",)), ("gve", ("rx", "tx")), ("mlx4_en", ("rx", "tx")), ("vmxnet3", ())],
)
def test_channels_are_told_in_the_words_of_the_driver(name: str, words: tuple[str, ...]) -> None:
    assert known(name).channel_words() == words


@pytest.mark.parametrize(
    ("name", "parameter", "kernel", "supported"),
    [
        ("ixgbe", "adaptive-rx", "6.12", False),
        ("ixgbe", "tx-usecs", "6.12", False),
        ("igc", "rx-usecs", "6.1", True),
        ("ice", "adaptive-tx", "5.10", True),
        ("virtio_net", "adaptive-rx", "6.1.0-18-amd64", False),
        ("virtio_net", "adaptive-rx", "6.12", True),
        ("virtio_net", "rx-usecs", None, False),
        ("virtio_net", "rx-frames", None, True),
        ("mana", "rx-usecs", "7.2", False),
    ],
)
def test_coalesce_parameters(name: str, parameter: str, kernel: str | None, supported: bool) -> None:
    assert known(name).coalesce_supported(parameter, kernel) is supported


def test_coalesce_times_stay_within_the_driver() -> None:
    assert known("igb").coalesce_usecs(5) == 10
    assert known("igb").coalesce_usecs(0) == 0
    assert known("ixgbe").coalesce_usecs(5000) == 1022
    assert known("mlx5_core").coalesce_usecs(50) == 50


def test_xdp_depends_on_the_kernel() -> None:
    virtio = known("virtio_net").xdp
    assert [virtio.mtu_limit(k) for k in ("4.19", "5.10", "6.1", "6.8", "6.12", "7.2", None)] == [
        4080,
        4080,
        4064,
        4064,
        3506,
        3506,
        3506,
    ]
    assert known("igb").xdp.native("5.10")
    assert not known("igb").xdp.native("5.4")
    assert known("i40e").xdp.multi_buffer("6.12")
    assert known("r8169").xdp.mtu_limit("6.1") is None
    assert known("ena").xdp.queues == "half-of-maximum"


@pytest.mark.parametrize(
    ("name", "interrupt", "interface", "queue"),
    [
        ("ixgbe", "eth0-TxRx-11", "eth0", 11),
        ("ixgbe", "eth0", "eth0", None),
        ("ixgbe", "eth1-TxRx-0", "eth0", None),
        ("i40e", "i40e-front-0-TxRx-3", "front-0", 3),
        ("i40e", "i40e-0000:3b:00.0:misc", None, None),
        ("ice", "ice-eth0-TxRx-0", None, 0),
        ("mlx5_core", "mlx5_comp7@pci:0000:3b:00.0", "eth0", 7),
        ("mlx5_core", "mlx5_async0@pci:0000:3b:00.0", "eth0", None),
        ("mlx4_en", "mlx4-5@0000:3b:00.0", None, 5),
        ("virtio_net", "virtio2-input.0", "eth0", 0),
        ("virtio_net", "virtio2-config", "eth0", None),
        ("ena", "eth0-Tx-Rx-4", "eth0", 4),
        ("ena", "ena-mgmnt@pci:0000:00:05.0", "eth0", None),
        ("gve", "gve-ntfy-blk3@pci:0000:00:04.0", None, 3),
        ("gve", "eth0-ntfy-block.3", "eth0", 3),
        ("vmxnet3", "eth0-rxtx-1", "eth0", 1),
        ("vmxnet3", "eth0-event-4", "eth0", None),
        ("mana", "mana_q2@pci:7870:00:00.0", None, 2),
        ("mana", "mana_msi2@pci:7870:00:00.0", None, 2),
        ("r8169", "eth0", "eth0", 0),
        ("tg3", "eth0-txrx-1", "eth0", 1),
        ("tg3", "eth0-0", "eth0", None),
        ("sfc", "eth0-rx-2", "eth0", 2),
        ("qede", "eth0-fp-2", "eth0", 2),
    ],
)
def test_interrupts_tell_their_queue(name: str, interrupt: str, interface: str | None, queue: int | None) -> None:
    assert known(name).interrupts.queue_of(interrupt, interface) == queue


def test_settings_before_the_interface_comes_up() -> None:
    assert known("tg3").works_while_down("rings") is False
    assert known("igb").works_while_down("rings") is True
    assert known("igb").works_while_down("coalesce") is None


def test_dpdk_leaves_the_bifurcated_drivers_their_device() -> None:
    bifurcated = {each.name for each in EVERY if each.dpdk.model == "bifurcated"}
    assert bifurcated == {"mlx4_en", "mlx5_core", "mana"}
    assert known("ice").dpdk.modules == ("vfio", "vfio_iommu_type1", "vfio_pci")
    assert known("ice").rdma_blocks_channels == "irdma"


def test_features_come_with_a_kernel() -> None:
    assert known("ice").has("arfs", None)
    assert not known("i40e").has("arfs", "7.2")
    assert known("gve").has("ntuple", "6.12")
    assert not known("gve").has("ntuple", "6.1")
    assert known("nfp").pause_settable("6.12")
    assert not known("nfp").pause_settable("6.1")
    assert not known("ena").pause_settable("7.2")
    assert not known("gve").rings_settable("6.1")
    assert not known("veth").channels.settable("5.10")

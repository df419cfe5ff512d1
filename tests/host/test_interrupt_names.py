"""Every driver of the table as a case: how its channels are set, and which of its interrupts serve which queue.

The names are those that the drivers' sources give and that machines show, not made from netc's patterns.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from made import run

from netc.knowledge.drivers import known_drivers
from running import netc

if TYPE_CHECKING:
    from pathlib import Path

PCI = "0000:18:00.0"
PAIRED = {"front-TxRx-0": 0, "front-TxRx-1": 1, "front-TxRx-10": 10}
APART = {"front-rx-0": 0, "front-rx-1": 1, "front-tx-0": 0, "front-tx-1": 1}

NAMES: dict[str, dict[str, int | None]] = {
    "be2net": {"front": None, "front-q0": 0, "front-q3": 3},
    "bnx2": {"front-0": 0, "front-7": 7},
    "bnx2x": {"front": None, "front-fp-0": 0, "front-fp-5": 5},
    "bnxt_en": {**PAIRED, "front-rx-2": 2, "front-tx-2": 2},
    "e1000": {"front": 0},
    "e1000e": {"front-rx-0": 0, "front-tx-0": 0, "front": 0},
    "ena": {f"ena-mgmnt@pci:{PCI}": None, "front-Tx-Rx-0": 0, "front-Tx-Rx-31": 31},
    "enic": {"front-rx-0": 0, "front-tx-0": 0, "front-err": None, "front-notify": None},
    "gve": {f"gve-mgmnt@pci:{PCI}": None, **{f"gve-ntfy-blk{block}@pci:{PCI}": block % 2 for block in range(4)}},
    "hv_netvsc": {},
    "i40e": {
        f"i40e-{PCI}:misc": None,
        f"i40e-{PCI}:fdir-TxRx-0": None,
        "i40e-front-TxRx-0": 0,
        "i40e-front-TxRx-31": 31,
        "i40e-front-rx-2": 2,
    },
    "iavf": {f"iavf-{PCI}:mbx": None, "iavf-front-TxRx-0": 0, "iavf-front-TxRx-3": 3},
    "ice": {f"ice-{PCI}:misc": None, f"ice-{PCI}:ctrl": None, "ice-front-TxRx-0": 0, "ice-front-TxRx-14": 14},
    "igb": {"front": None, **PAIRED, "front-rx-3": 3, "front-tx-3": 3},
    "igbvf": {"front": None, "front-rx-0": 0, "front-tx-0": 0},
    "igc": {"front": None, **PAIRED},
    "ixgbe": {"front": None, **PAIRED},
    "ixgbevf": {"front": None, **PAIRED},
    "mana": {f"mana_hwc@pci:{PCI}": None, f"mana_q0@pci:{PCI}": 0, f"mana_msi3@pci:{PCI}": 3},
    "mlx4_en": {f"mlx4-async@pci:{PCI}": None, f"mlx4-0@{PCI}": 0, f"mlx4-12@{PCI}": 12},
    "mlx5_core": {f"mlx5_async0@pci:{PCI}": None, f"mlx5_comp0@pci:{PCI}": 0, f"mlx5_comp15@pci:{PCI}": 15},
    "nfp": {"front-exn": None, "front-lsc": None, "front-rxtx-0": 0, "front-rxtx-7": 7},
    "qede": {"front-fp-0": 0, "front-fp-7": 7},
    "r8169": {"front": 0},
    "sfc": {"front-0": 0, "front-rx-1": 1, "front-tx-1": 1, "front-xdp-2": 2},
    "tg3": {"front-0": None, "front-txrx-1": 1, "front-rx-2": 2, "front-tx-3": 3},
    "veth": {},
    "virtio_net": {"virtio1-config": None, "virtio1-input.0": 0, "virtio1-output.0": 0, "virtio1-input.3": 3},
    "vmxnet3": {"front-event-3": None, "front-rxtx-0": 0, "front-rxtx-2": 2},
}

CHANNELS = {
    "combined": "be2net bnx2x bnxt_en ena hv_netvsc i40e iavf ice igb igc ixgbe mana mlx5_core nfp qede virtio_net",
    "rx tx": "bnx2 gve mlx4_en tg3 veth",
    "": "e1000 e1000e enic igbvf ixgbevf r8169 sfc vmxnet3",
}
MOST = {"igb": 8, "igc": 4, "tg3": 4, "bnx2": 8, "iavf": 16}
ONE = {"r8169", "e1000", "igbvf"}


def compiled(folder: Path, driver: str, more: str = "", kernel: str = "6.12") -> tuple[Path, list[dict[str, str]]]:
    """The root file system and the settings of a host with one NIC of this driver and a load for many queues."""
    vmbus = "vmbus f8615163-df3e-46c5-913f-f2d2f965ed0e"
    match = {"hv_netvsc": vmbus, "veth": "mac 02:00:00:00:00:01"}.get(driver, f"pci {PCI}")
    (folder / "h.net").write_text(
        f"host h {{\n system {{ distribution debian 13; kernel {kernel} }}\n"
        " cpu { sockets 1; cores 64; threads 1 }\n"
        f" nic front {{ match {match}; driver {driver}; {more} }}\n goal router {{ packets 5Mpps }}\n}}\n"
    )
    done = netc("compile", folder / "h.net", "-o", folder / "out")
    assert done.status == 0, done.err
    return folder / "out/h/rootfs", json.loads((folder / "out/h/plan.json").read_text())["settings"]


def test_every_driver_of_the_table_is_a_case() -> None:
    assert sorted(NAMES) == list(known_drivers())
    assert sorted(" ".join(CHANNELS.values()).split()) == list(known_drivers())


@pytest.mark.parametrize("driver", NAMES)
def test_channels_are_set_in_the_words_of_the_driver(tmp_path: Path, driver: str) -> None:
    settable = driver not in CHANNELS[""].split()
    _, settings = compiled(tmp_path, driver, "vectors 16" if settable else "")
    found = {s["key"]: s["value"] for s in settings if s["key"].startswith("channels.")}
    (words,) = [words for words, drivers in CHANNELS.items() if driver in drivers.split()]
    assert found == {f"channels.{word}": str(MOST.get(driver, 16)) for word in words.split()}


@pytest.mark.parametrize("driver", sorted(ONE))
def test_one_queue_is_spread_by_the_kernel(tmp_path: Path, driver: str) -> None:
    _, settings = compiled(tmp_path, driver)
    steered = {s["key"]: s["value"] for s in settings if s.get("interface") == "front"}
    assert steered["rps.cpus"] == "0-63"
    assert "xps.cpus" not in steered


def made_machine(root: Path, driver: str, names: dict[str, int | None]) -> dict[int, int | None]:
    """A /proc and /sys whose port `front` has these interrupts; the queue of each by number."""
    function = root / f"sys/devices/pci0000:17/{PCI}"
    device = function / "virtio1" if driver == "virtio_net" else function
    (device / "net/front").mkdir(parents=True)
    (device / "net/front/flags").write_text("0x1003\n")
    (device / "net/front/device").symlink_to("../..")
    (root / "sys/class/net").mkdir(parents=True)
    (root / "sys/class/net/front").symlink_to(os.path.relpath(device / "net/front", root / "sys/class/net"))
    numbers = {}
    for number, (name, queue) in enumerate(names.items(), start=100):
        for path, text in (
            (function / f"msi_irqs/{number}", "msix"),
            (root / f"sys/kernel/irq/{number}/actions", name),
        ):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{text}\n")
        numbers[number] = queue
    return numbers


@pytest.mark.parametrize("driver", [driver for driver, names in NAMES.items() if names])
@pytest.mark.parametrize("was", ["front", "eth0"])
def test_interrupts_of_queues_are_told_from_others(tmp_path: Path, driver: str, was: str) -> None:
    """Also where the driver still uses the name that the interface had when it came up."""
    rootfs, _ = compiled(tmp_path, driver)
    names = {name.replace("front", was): queue for name, queue in NAMES[driver].items()}
    wanted = made_machine(tmp_path / "root", driver, names)
    script = rootfs / "etc/netc/steering/front"
    done = run("sh", script, "pairs", PATH="/usr/sbin:/usr/bin:/sbin:/bin", NETC_ROOT=str(tmp_path / "root"))
    assert done.stderr == ""
    pairs = [line.split() for line in done.stdout.splitlines()]
    cpus = {int(number): int(cpu) for number, _, cpu, _ in pairs}
    assert cpus == {number: queue for number, queue in wanted.items() if queue is not None}


def test_a_hyper_v_port_has_channels_in_place_of_interrupts(tmp_path: Path) -> None:
    rootfs, _ = compiled(tmp_path, "hv_netvsc", "irq { cpus 4-6 }")
    device = tmp_path / "root/sys/devices/vmbus/net-device"
    for channel, index in (("21", 0), ("30", 2), ("29", 1), ("31", 3)):
        (device / f"channels/{channel}").mkdir(parents=True)
        (device / f"channels/{channel}/subchannel_id").write_text(f"{index}\n")
        (device / f"channels/{channel}/cpu").write_text("0\n")
    (device / "net/front/queues").mkdir(parents=True)
    (device / "net/front/device").symlink_to("../..")
    (device / "net/front/flags").write_text("0x1003\n")
    (tmp_path / "root/sys/class/net").mkdir(parents=True)
    (tmp_path / "root/sys/class/net/front").symlink_to("../../devices/vmbus/net-device/net/front")
    script = rootfs / "etc/netc/steering/front"
    run("sh", script, PATH="/usr/sbin:/usr/bin:/sbin:/bin", NETC_ROOT=str(tmp_path / "root"))
    found = {path.parent.name: path.read_text().strip() for path in device.glob("channels/*/cpu")}
    assert found == {"21": "4", "29": "5", "30": "6", "31": "4"}


def test_the_doubled_receive_queues_of_mlx5_are_counted_once(tmp_path: Path) -> None:
    """Linux 5.3 to 6.0 show a second half of receive queues for AF_XDP, which gets no flows."""
    rootfs, _ = compiled(tmp_path, "mlx5_core", "rfs flows 1024; rps off; xps off", kernel="5.10")
    made_machine(tmp_path / "root", "mlx5_core", NAMES["mlx5_core"])
    queues = tmp_path / f"root/sys/devices/pci0000:17/{PCI}/net/front/queues"
    for number in range(8):
        (queues / f"rx-{number}").mkdir(parents=True)
        (queues / f"rx-{number}/rps_flow_cnt").write_text("0\n")
    ethtool = tmp_path / "ethtool"
    ethtool.write_text(
        "#!/bin/sh\nprintf 'Pre-set maximums:\\nCombined:\\t32\\nCurrent hardware settings:\\nCombined:\\t4\\n'\n"
    )
    ethtool.chmod(0o755)
    functions = rootfs / "etc/netc/steering-functions.sh"
    functions.write_text(functions.read_text().replace("ethtool=/usr/sbin/ethtool", f"ethtool={ethtool}"))
    run("sh", rootfs / "etc/netc/steering/front", PATH="/usr/bin:/bin", NETC_ROOT=str(tmp_path / "root"))
    counts = [(queues / f"rx-{number}/rps_flow_cnt").read_text().strip() for number in range(8)]
    assert counts == ["256"] * 4 + ["0"] * 4

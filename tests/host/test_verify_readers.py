"""Whatever a plan can hold has a reader, in `netc verify` and in the boot check: no promise goes unasked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from checked import agreed
from made import nic, plan

from netc.backends.verify import render
from netc.plan import Application, Device, Interface, Kind, Program, Setting, Via, Why
from netc.plan_json import from_json
from netc.plan_keys import CPU_KEYS, NIC_KEYS, SERVICE_KEYS
from netc.promises import wording
from netc.promises.ethtool_words import OFFLOADS
from netc.records import replace
from netc.verifying import verify

if TYPE_CHECKING:
    from netc.plan import Plan

ROOT = Path(__file__).parents[2]
COMPILED = sorted([*ROOT.glob("out/*/plan.json"), *ROOT.glob("tests/cases/accept/*/out/*/plan.json")])
ASKED = Why(("a.net: host h1",), "test", "because")
FRONT = Interface("front", "front", pci="0000:18:00.0", queue_interrupts=("x-([0-9]+)",))

BY_UNIT, STEERED = (Via.UNIT,), (Via.STEERING,)
NICS = {
    "name": ("front", (Via.LINK,)),
    "vfs": ("4", (Via.FUNCTIONS,)),
    "vf.*": ("mac 02:00:00:00:00:01 vlan 0 trust on spoof-check off", (Via.FUNCTIONS,)),
    "mtu": ("9000", BY_UNIT),
    **{f"channels.{word}": ("4", BY_UNIT) for word in ("combined", "rx", "tx")},
    **{f"ring.{word}": ("max", BY_UNIT) for word in ("rx", "tx")},
    "offload.*": ("off", BY_UNIT),
    **{f"coalesce.{way}-{word}": ("5", BY_UNIT) for way in ("rx", "tx") for word in ("usecs", "frames")},
    **{f"coalesce.adaptive-{way}": ("off", BY_UNIT) for way in ("rx", "tx")},
    **{f"pause.{way}": ("off", BY_UNIT) for way in ("rx", "tx")},
    "rss.spread": ("equal 4", STEERED),
    "rss.key": ("symmetric", STEERED),
    "rss.hash.*": ("sdfn", STEERED),
    "steer.*": ("flow-type tcp4 dst-port 443 action 3", STEERED),
    "napi.defer-hard-irqs": ("2", STEERED),
    "napi.gro-flush-timeout": ("20000", STEERED),
    "qdisc": ("fq", STEERED),
    "rps.cpus": ("0-1", STEERED),
    "rfs.flows": ("4096", STEERED),
    "xps.cpus": ("0 1", STEERED),
    "xps.rx-queues": ("same", STEERED),
    "irq.cpus": ("0-1", STEERED),
}
"""A value for each key of NICs, and who carries it out."""
NAMES = {"vf.*": ["vf.0", "vf.10"], "rss.hash.*": ["rss.hash.udp4"], "steer.*": ["steer.000"]}
OTHERS = {
    Kind.SYSCTL: {"net.core.somaxconn": "4096"},
    Kind.MODULE: {"tcp_bbr": ""},
    Kind.MODULE_OPTION: {"vfio.enable_unsafe_noiommu_mode": "1"},
    Kind.KERNEL_ARGUMENT: {"hugepagesz=1G": "", "hugepages=0:4,1:4": ""},
    Kind.CPU: {"governor": "0-1 performance", "idle": "0-1 shallow"},
    Kind.SERVICE: {
        "irqbalance.service": "masked",
        "irqbalance.banned-cpus": "1",
        "irqbalance.banned-interrupts": "nics",
        "dpdk.service": "masked",
    },
    Kind.MANAGER: {"DefaultLimitNOFILE": "1024:524288", "CPUAffinity": "0-3"},
    Kind.HUGEPAGES: {"node1/hugepages-1048576kB": "4", "hugepages-2048kB": "64"},
}
"""A value for each kind, and for each key that is netc's own word."""


def samples() -> list[Setting]:
    found = [Setting(kind, key, value, ASKED) for kind, keys in OTHERS.items() for key, value in keys.items()]
    for family, (value, via) in NICS.items():
        names = [f"offload.{word}" for word in OFFLOADS] if family == "offload.*" else NAMES.get(family, [family])
        found += [nic("front", name, value, *via) for name in names]
    return found


def test_each_kind_and_each_key_has_a_sample() -> None:
    assert {Kind.NIC, *OTHERS} == set(Kind)
    assert NICS.keys() == set(NIC_KEYS)
    assert OTHERS[Kind.CPU].keys() == set(CPU_KEYS)
    assert OTHERS[Kind.SERVICE].keys() == set(SERVICE_KEYS)


@pytest.mark.parametrize("setting", samples(), ids=lambda setting: f"{setting.kind.value} {setting.key}")
def test_each_sample_is_read_alike(tmp_path: Path, setting: Setting) -> None:
    one = plan(setting, interfaces=(FRONT,))
    machine(one, tmp_path / "root")
    unread(one, tmp_path / "root")
    agreed(one, tmp_path / "out", tmp_path / "root")
    assert any(artifact.path == "rootfs/etc/netc/verify" for artifact in render(one))


def machine(promised: Plan, root: Path) -> None:
    """A machine with the NICs of a plan and little more, so that each promise is looked at and hardly one is kept."""
    for folder in ("proc/sys", "sys/module", "sys/bus", "sys/class/net", "run/udev/data"):
        (root / folder).mkdir(parents=True)
    put(root / "proc/cmdline", "quiet")
    put(root / "proc/1/status", "Cpus_allowed_list:\t0-999")
    for cpu in range(2):
        put(root / f"sys/devices/system/cpu/cpu{cpu}/cpuidle/state0/name", "POLL")
        put(root / f"sys/devices/system/cpu/cpu{cpu}/cpuidle/state1/name", "C1")
    put(root / "sys/devices/system/cpu/cpufreq/policy0/x", "")
    for index, interface in enumerate(promised.interfaces, 2):
        folder = root / "sys/class/net" / (interface.name or f"other{index}")
        put(folder / "ifindex", str(index))
        put(folder / "flags", "0x1003")
        put(root / f"run/udev/data/n{index}", f"E:NETC_NIC={interface.nic}")
        for queue in range(4):
            put(folder / f"queues/rx-{queue}/rps_cpus", "0")
            put(folder / f"queues/tx-{queue}/xps_cpus", "0")
        if not interface.queue_interrupts:
            put(folder / "device/channels/9/subchannel_id", "0")


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{text}\n")


def unread(promised: Plan, root: Path) -> None:
    """Every setting, program, device and group of units has an answer, and none that says nobody knows how."""
    answers = verify(promised, root)
    answered = {(answer.kind, answer.interface, answer.key) for answer in answers}
    assert [setting for setting in promised.settings if setting.identity not in answered] == []
    programs = {("program", program.interface, program.name) for program in promised.programs}
    devices = {("device", device.nic, device.nic) for device in promised.devices}
    assert programs | devices <= answered
    if promised.applications or promised.devices:
        assert ("unit", "", "") in answered
    assert not [answer for answer in answers if answer.reason == wording.UNKNOWN]


@pytest.mark.parametrize("file", COMPILED, ids=lambda file: f"{file.parents[2].name}-{file.parent.name}")
def test_each_promise_of_what_was_compiled_is_read_alike(tmp_path: Path, file: Path) -> None:
    promised = from_json(file.read_text())
    machine(promised, tmp_path / "root")
    unread(promised, tmp_path / "root")
    if (file.parent / "rootfs").is_dir():
        agreed(promised, file.parent, tmp_path / "root")
    else:
        assert verify(promised, tmp_path / "root") == []


def test_a_key_that_nobody_knows_is_not_kept(tmp_path: Path) -> None:
    strange = plan(nic("front", "mystery", "1", *STEERED), interfaces=(FRONT,))
    machine(strange, tmp_path / "root")
    assert [answer.reason for answer in verify(strange, tmp_path / "root")[:1]] == [wording.UNKNOWN]


def test_units_are_those_that_are_written() -> None:
    """Every service and mount among the files is one that is to be active, or the check itself."""
    from netc.backends import artifacts_of
    from netc.promises.units import units_of

    everything = replace(
        plan(*(setting for setting in samples() if setting.value != "masked"), interfaces=(FRONT,)),
        devices=(Device("data", "pci", "0000:19:00.0", "vfio-pci", ASKED, group="dpdk"),),
        applications=(Application("a.service", ("data",), "1-2", (), "/dev/hugepages-1GiB-dpdk", ASKED, group="dpdk"),),
        programs=(
            Program("front", "pass", "p.o", "0", "xdp", "native", 1, "/sys/fs/bpf/x", (), True, (), False, ASKED),
        ),
        objects=(("p.o", b"object"),),
    )
    paths = [Path(artifact.path) for artifact in artifacts_of(everything) if not artifact.target]
    written = {path.name for path in paths if path.parent.name == "system"}
    assert {unit.name for unit in units_of(everything)} == written - {"netc-verify.service"}

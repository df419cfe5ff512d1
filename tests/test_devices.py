"""Ports for applications: what each is bound to, the kernel arguments that takes, what else a file says of them."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from diagnosing import diagnose
from netc import pipeline
from netc.backends import artifacts_of
from netc.diagnostics import Report, Severity
from netc.knowledge.drivers import driver, known_drivers
from netc.plan import Kind
from netc.resolving.files import Files

if TYPE_CHECKING:
    from pathlib import Path

    from netc.plan import Device, Plan

ADMIN = "nic admin { match pci 0000:01:00.0; driver igb; management }"
CPU = "cpu { sockets 1; cores 8 }"
ANY = "distribution generic; systemd 252; tick 250; boot grub; initramfs dracut; network networkd; kernel 6.12"
UUID = "f8615163-0001-1000-2000-000d3a5b0001"


def application(nics: str = "front", *more: str) -> str:
    return f'dpdk "app.service" {{ nics {nics}; lcores 4-7; memory 1GiB; {"; ".join(more)} }}'


def nic(name: str = "i40e", *more: str, match: str = "pci 0000:18:00.0", called: str = "front") -> str:
    return f"nic {called} {{ match {match}; driver {name}; {'; '.join(more or ('dpdk',))} }}"


def host(*lines: str, system: str = ANY) -> str:
    return "\n".join(["host h {", f"system {{ {system} }}", CPU, ADMIN, *lines, "}\n"])


def plan_of(folder: Path, *lines: str, system: str = ANY) -> Plan:
    path = folder / "h.net"
    path.write_text(host(*lines, system=system))
    report = Report()
    (plan,) = pipeline.plans(pipeline.load([str(path)], Files(Files.common_base([str(path)])), report))
    assert not report.failed, [found.message for found in report]
    return plan


def told(folder: Path, monkeypatch: pytest.MonkeyPatch, *lines: str, system: str = ANY) -> list[str]:
    """The codes of ports, devices and applications; whatever else is an error fails the test."""
    (folder / "h.net").write_text(host(*lines, system=system))
    report = diagnose(folder, "h.net", monkeypatch)
    ours = ("N082", "N083")
    assert [d.message for d in report if d.severity is Severity.ERROR and not d.code.startswith(ours)] == []
    return [found.code for found in report if found.code.startswith(ours)]


def the_device(plan: Plan) -> Device:
    (device,) = plan.devices
    return device


def iommu_words(plan: Plan) -> set[str]:
    words = {setting.key for setting in plan.of(Kind.KERNEL_ARGUMENT)}
    return {
        word for word in words if word.partition("=")[0] in ("iommu", "intel_iommu", "amd_iommu", "iommu.passthrough")
    }


def modules(plan: Plan) -> set[str]:
    return {setting.key for setting in plan.of(Kind.MODULE)}


# The IOMMU.


@pytest.mark.parametrize(
    ("system", "words"),
    [
        ("cpu-vendor intel", {"intel_iommu=on", "iommu=pt"}),
        ("cpu-vendor amd", {"iommu=pt"}),
        ("cpu-vendor other", {"intel_iommu=on", "iommu=pt"}),
        ("", {"intel_iommu=on", "iommu=pt"}),
        ("architecture arm64; page 4KiB", {"iommu.passthrough=1"}),
        ("architecture arm64; page 4KiB; cpu-vendor arm", {"iommu.passthrough=1"}),
    ],
)
def test_arguments_are_those_of_the_vendor(system: str, words: set[str], tmp_path: Path) -> None:
    assert iommu_words(plan_of(tmp_path, application(), nic(), system=f"{ANY}; {system}")) == words


@pytest.mark.parametrize(
    ("port", "words"),
    [
        (nic("mlx5_core"), set()),
        (nic("i40e", "queues 2", "dpdk { driver af_xdp }"), set()),
        (nic("hv_netvsc", match=f"vmbus {UUID}"), set()),
        (nic("i40e", "dpdk { driver uio_pci_generic }"), {"iommu=pt"}),
    ],
)
def test_arguments_are_for_ports_that_need_them(port: str, words: set[str], tmp_path: Path) -> None:
    assert iommu_words(plan_of(tmp_path, application(), port)) == words


def test_an_argument_that_is_written_stands(tmp_path: Path) -> None:
    written = 'kernel-argument "intel_iommu=on,sm_on" because "scalable mode"'
    plan = plan_of(tmp_path, application(), nic(), written, system=f"{ANY}; cpu-vendor intel")
    assert iommu_words(plan) == {"intel_iommu=on,sm_on", "iommu=pt"}
    beside = 'kernel-argument "intel_iommu=igfx_off" because "the graphics fail with it"'
    assert iommu_words(plan_of(tmp_path, beside, application(), nic())) == {
        "intel_iommu=on",
        "intel_iommu=igfx_off",
        "iommu=pt",
    }


@pytest.mark.parametrize("argument", ["iommu=off", "intel_iommu=off", "amd_iommu=off", "intel_iommu=sm_on,off"])
def test_an_iommu_that_is_turned_off(argument: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = f'kernel-argument "{argument}" because "x"'
    assert told(tmp_path, monkeypatch, application(), nic(), written) == ["N0834"]
    assert told(tmp_path, monkeypatch, application(), nic("mlx5_core"), written) == []


def test_without_an_iommu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (application("front", "no-iommu on"), nic("virtio_net"))
    plan = plan_of(tmp_path, *lines)
    options = {setting.key: setting.value for setting in plan.of(Kind.MODULE_OPTION)}
    assert options == {"vfio.enable_unsafe_noiommu_mode": "1"}
    assert iommu_words(plan) == set()
    script = {artifact.path: artifact.text for artifact in artifacts_of(plan)}["rootfs/etc/netc/vfio"]
    assert "\nallow_no_iommu\n" in script
    assert told(tmp_path, monkeypatch, *lines) == ["N0836"]
    assert told(tmp_path, monkeypatch, *lines, system="distribution debian 13") == ["N0835"]
    both = (*lines, 'dpdk "b.service" { nics back; lcores 2-3; memory 1GiB }')
    back = nic(match="pci 0000:19:00.0", called="back")
    assert iommu_words(plan_of(tmp_path, *both, back)) == {"intel_iommu=on", "iommu=pt"}


# Devices.


@pytest.mark.parametrize("name", known_drivers())
def test_every_driver_has_its_model(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = driver(name)
    assert known is not None
    match = f"vmbus {UUID}" if known.bus == "vmbus" else "pci 0000:18:00.0"
    lines = (application(), nic(name, match=match))
    codes = told(tmp_path, monkeypatch, *lines)
    if known.dpdk.model == "none" and known.dpdk.verified:
        assert codes == ["N0821"]
        return
    assert codes == ["N0822"] * (not known.dpdk.verified) + ["N0837"] * known.dpdk.guest
    plan = plan_of(tmp_path, *lines)
    device = the_device(plan)
    wanted = {"bifurcated": known.dpdk.bound, "vmbus": "uio_hv_generic"}.get(known.dpdk.model, "vfio-pci")
    assert (device.driver, device.kernel_driver) == (wanted, known.dpdk.bound)
    assert device.bifurcated == (known.dpdk.model == "bifurcated")
    assert modules(plan) >= (set(known.dpdk.modules) or {"vfio_pci"})
    files = {artifact.path: artifact.text for artifact in artifacts_of(plan)}
    assert ("rootfs/etc/systemd/network/10-netc-front.link" in files) == device.bifurcated
    assert ("rootfs/etc/udev/rules.d/05-netc-vfio.rules" in files) != device.bifurcated
    assert f"\n{'kernel_port' if device.bifurcated else 'port'} front {device.bus} " in files["rootfs/etc/netc/vfio"]


@pytest.mark.parametrize(
    ("match", "address"),
    [
        ("pci 18:00.0", "0000:18:00.0"),
        ("{ mac 3c:fd:fe:9e:7a:10; pci 0000:18:00.0 }", "0000:18:00.0"),
        ("path pci-0000:18:00.0", "0000:18:00.0"),
        ("path platform-fd500000.pcie-pci-0000:01:00.1", "0000:01:00.1"),
    ],
)
def test_addresses(match: str, address: str, tmp_path: Path) -> None:
    assert the_device(plan_of(tmp_path, application(), nic(match=match))).address == address


@pytest.mark.parametrize("match", ["mac 3c:fd:fe:9e:7a:10", "path platform-fd500000.ethernet", "driver i40e"])
def test_ports_without_an_address(match: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(tmp_path, monkeypatch, application(), nic(match=match)) == ["N0823"]


def test_facts_tell_an_address(tmp_path: Path) -> None:
    ports = ["{role: front, name: eth1, pci: '0000:18:00.0', mac: '3c:fd:fe:9e:7a:10'}", "{role: admin, name: eth0}"]
    (tmp_path / "f.yaml").write_text("nics:\n" + "".join(f"  - {port}\n" for port in ports))
    plan = plan_of(tmp_path, 'hardware "f.yaml"', application(), nic(match="mac 3c:fd:fe:9e:7a:10"))
    assert the_device(plan).address == "0000:18:00.0"


def test_a_virtual_function_is_told_by_its_physical_one(tmp_path: Path) -> None:
    physical = nic("i40e", "vfs 4", called="port")
    device = the_device(plan_of(tmp_path, application(), physical, nic("iavf", match="vf 2 of port")))
    assert (device.address, device.function, device.kernel_driver) == ("0000:18:00.0", 2, "iavf")


def test_who_has_a_port_and_may_open_it(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, application("front", "group dpdk"), nic("i40e", "optional", "dpdk"))
    device = the_device(plan)
    assert (device.group, device.optional) == ("dpdk", True)
    assert device.why.places == ("h.net: host h, nic front, dpdk", "h.net: host h, dpdk app.service")


def test_a_bifurcated_port_keeps_what_is_the_interfaces(tmp_path: Path) -> None:
    port = nic("mlx5_core", "mtu 9000", "rename front0", "pause { rx off }", "queues 4", "rings { rx 4096 }", "dpdk")
    plan = plan_of(tmp_path, application(), port)
    assert {setting.key for setting in plan.of_interface("front")} == {"name", "mtu", "pause.rx"}
    assert [interface.name for interface in plan.interfaces if interface.nic == "front"] == ["front0"]


def test_a_port_of_af_xdp_stays_with_the_kernel(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, application(), nic("i40e", "queues 2", "offload { lro off }", "dpdk { driver af_xdp }"))
    assert plan.devices == ()
    assert {"name", "channels.combined", "offload.lro"} <= {setting.key for setting in plan.of_interface("front")}
    assert not [artifact.path for artifact in artifacts_of(plan) if "vfio" in artifact.path]
    merging = plan_of(tmp_path, application(), nic("mlx5_core", "queues 2", "dpdk { driver af_xdp }"))
    kept = {setting.key: setting.value for setting in merging.of_interface("front")}
    assert kept["offload.lro"] == kept["offload.gro-hw"] == "off"


def test_mappings_of_many_small_pages(tmp_path: Path) -> None:
    lines = ("hugepages { 2MiB 70000 }", application().replace("memory 1GiB", "memory 130GiB"), nic())
    options = {s.key: s.value for s in plan_of(tmp_path, *lines, system=f"{ANY}; memory 512GiB").of(Kind.MODULE_OPTION)}
    assert options == {"vfio_iommu_type1.dma_entry_limit": "131072"}


# What else the file says.


@pytest.mark.parametrize(
    ("statement", "bifurcated"),
    [
        ("rename front0", False),
        ("pause { rx off }", False),
        ("coalesce { rx 50us }", True),
        ("offload { lro off }", True),
        ("irq { cpus 1-3 }", True),
        ("rss { queues 0-1 }", True),
        ("rps on", True),
        ("rfs on", True),
        ("arfs on", True),
        ("xps by cpu", True),
        ("steer tcp port 443 to queue 1", True),
        ("napi { busy-poll 50us }", True),
        ("qdisc fq", True),
    ],
)
def test_settings_of_the_kernel(
    statement: str, bifurcated: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told(tmp_path, monkeypatch, application(), nic("i40e", statement, "dpdk")) == ["N0824"]
    codes = told(tmp_path, monkeypatch, application(), nic("mlx5_core", statement, "dpdk"))
    assert codes == ["N0824"] * bifurcated
    assert told(tmp_path, monkeypatch, nic("mlx5_core", statement, "dpdk off")) == []


@pytest.mark.parametrize(
    "statement",
    ["queues 8", "rings { rx 4095; tx 1024 }", "mtu 9000", "speed 40Gbps", "rps off", "arfs off", "vectors 8"],
)
def test_settings_that_size_the_application(statement: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(tmp_path, monkeypatch, application(), nic("i40e", statement, "dpdk")) == []


@pytest.mark.parametrize(("name", "codes"), [("i40e", ["N0825"]), ("mlx5_core", [])])
def test_sysctls_of_the_interface(name: str, codes: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("net.ipv4.conf.front.rp_filter", "net.ipv6.conf.front.accept_ra"):
        written = f'set {key} = 1 because "x"'
        assert told(tmp_path, monkeypatch, application(), nic(name), written) == codes
    written = 'set net.ipv4.conf.all.rp_filter = 1 because "x"'
    assert told(tmp_path, monkeypatch, application(), nic(name), written) == []


BACK = nic(match="pci 0000:19:00.0", called="back")
OTHER = 'dpdk "b.service" { nics NICS; lcores 2-3; memory 1GiB }'


@pytest.mark.parametrize(
    ("lines", "codes"),
    [
        ([application(), nic()], []),
        ([nic()], ["N0829"]),
        ([application(), nic("i40e", "mtu 1500")], ["N0830"]),
        ([application("front, back"), nic(), BACK], []),
        ([application(), OTHER.replace("NICS", "front"), nic()], ["N0831"]),
        ([application(), OTHER.replace("NICS", "back"), nic(), BACK], []),
        ([application(), nic("i40e", "management", "dpdk")], ["N0827"]),
        ([application(), nic("i40e", "queues 2", "management", "dpdk { driver af_xdp }")], ["N0827"]),
        ([application(), nic(), "interface bond0 { over front, admin; kind bond }"], ["N0826"]),
        ([application(), nic("i40e", "dpdk { driver vfio_pci }")], ["N0820"]),
        ([application(), nic("i40e", "dpdk { driver mlx5_core }")], ["N0821"]),
        ([application(), nic("mlx5_core", "dpdk { driver mlx5_core }")], []),
        ([application(), nic("mlx5_core", "dpdk { driver uio_pci_generic }")], ["N0821"]),
        ([application(), nic("i40e", "dpdk { driver uio_hv_generic }")], ["N0821"]),
        ([application(), nic("i40e", "dpdk { driver igb_uio }")], ["N0838"]),
        ([application(), nic("i40e", "queues 2", "mtu 3046", "dpdk { driver af_xdp }")], []),
        ([application(), nic("i40e", "queues 2", "mtu 3047", "dpdk { driver af_xdp }")], ["N0839"]),
        ([application(), nic("ena", "queues 2", "dpdk { driver af_xdp }")], ["N0833"]),
    ],
)
def test_ports_and_applications(
    lines: list[str], codes: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told(tmp_path, monkeypatch, *lines) == codes


def test_two_ports_of_a_function_go_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ports = ["{ pci 0000:18:00.0; port 0 }", "{ pci 0000:18:00.0; port 1 }"]
    for name, codes in (("i40e", ["N0832"]), ("mlx4_en", [])):
        lines = (nic(name, match=ports[0]), nic(name, "mtu 1500", match=ports[1], called="back"))
        assert told(tmp_path, monkeypatch, application(), *lines) == codes


GROUPS = """
nics:
  - {role: admin, pci: "0000:01:00.0", driver: igb, iommu_group: 1}
  - {role: front, pci: "0000:18:00.0", driver: i40e, iommu_group: 12}
  - {name: eth2, pci: "0000:18:00.1", driver: i40e, iommu_group: GROUP}
"""


@pytest.mark.parametrize(
    ("group", "back", "codes"),
    [(13, "", []), (12, "", ["N0832"]), (12, "mtu 1500", ["N0832"]), (13, "mtu 1500", []), (12, "dpdk", [])],
)
def test_a_group_goes_as_a_whole(
    group: int, back: str, codes: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "f.yaml").write_text(GROUPS.replace("GROUP", str(group)))
    ports = [nic(), *([nic("i40e", back, match="pci 0000:18:00.1", called="back")] if back else [])]
    names = "front, back" if back == "dpdk" else "front"
    assert told(tmp_path, monkeypatch, 'hardware "f.yaml"', application(names), *ports) == codes


@pytest.mark.parametrize(("other", "codes"), [("", ["N0828"]), ("  - {name: eth0, pci: '0000:01:00.0'}\n", [])])
def test_facts_may_tell_of_another_port(
    other: str, codes: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "f.yaml").write_text(f"nics:\n  - {{name: eth1, pci: '0000:18:00.0'}}\n{other}")
    text = host('hardware "f.yaml"', application(), nic()).replace(ADMIN, "")
    (tmp_path / "h.net").write_text(text)
    report = diagnose(tmp_path, "h.net", monkeypatch)
    assert [found.code for found in report if found.code == "N0828"] == codes


def test_no_advice_leads_to_another_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What helps against a port of a guest without IOMMU is not answered by sending back."""
    for name in ("virtio_net", "ena", "gve", "vmxnet3"):
        (tmp_path / "h.net").write_text(host(application(), nic(name, "queues 2", "dpdk { driver af_xdp }")))
        found = list(itertools.chain(*(d.help for d in diagnose(tmp_path, "h.net", monkeypatch) if d.code == "N0833")))
        assert found == []


def test_a_virtual_function_of_a_nic_that_is_not_there_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "h.net").write_text(host(application(), "nic front { match vf 0 of nobody; dpdk }"))
    assert [found.code for found in diagnose(tmp_path, "h.net", monkeypatch)] == ["N0234"]


def test_two_nics_that_match_one_port_are_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "h.net").write_text(
        host(application(), nic(), nic("i40e", "mtu 1500", match="pci 18:00.0", called="back"))
    )
    assert [found.code for found in diagnose(tmp_path, "h.net", monkeypatch)] == ["N0220"]

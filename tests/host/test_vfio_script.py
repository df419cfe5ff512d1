"""The script that binds ports for applications, on a copy of sysfs in which a small kernel answers each write."""

from __future__ import annotations

import grp
import os
import re
from typing import TYPE_CHECKING

import pytest
from made import NASTY, TARGET, files, plan, run

from netc.plan import Device, Kind, Plan, Setting

if TYPE_CHECKING:
    from pathlib import Path

FRONT, BACK, VIRTUAL = "0000:18:00.0", "0000:18:00.1", "0000:18:02.0"
UUID = "f8615163-0001-1000-2000-000d3a5b0001"
GROUP = grp.getgrgid(os.getgid()).gr_name
KERNEL = """
# records a write, and does what the kernel does on it: Documentation/ABI/testing/sysfs-bus-pci
file=$1 text=$2 root=$NETC_ROOT
printf '%s=%s\\n' "${file#"$root/sys/bus/"}" "$text" >>"$root/writes"
case $file in
    */driver/unbind) rm "${file%/unbind}" ;;
    */driver_override) printf '%s\\n' "$text" >"$file" ;;
    */enable_unsafe_noiommu_mode) printf '%s\\n' "$text" >"$file" ;;
    */drivers_probe)
        bus=${file%/*}
        device=$(readlink -f "$bus/devices/$text")
        [ ! -e "$device/driver" ] || exit 0
        read -r driver <"$device/driver_override"
        if [ -e "$root/comes-between" ]; then
            rm "$root/comes-between"
            driver=$(cat "$device/native")
        fi
        [ -n "$driver" ] || driver=$(cat "$device/native")
        [ -d "$bus/drivers/$driver" ] || exit 0
        if [ "$driver" = vfio-pci ]; then
            [ -e "$device/iommu_group" ] || exit 0
            number=$(readlink "$device/iommu_group")
            touch "$root/dev/vfio/${number##*/}"
        fi
        ln -s "$bus/drivers/$driver" "$device/driver"
        ;;
esac
"""


def port(nic: str = "front", address: str = FRONT, **more: object) -> Device:
    given: dict[str, object] = {"bus": "pci", "driver": "vfio-pci", "kernel_driver": "i40e"}
    return Device(nic=nic, address=address, why=NASTY, **(given | more))  # type: ignore[arg-type] # mixed on purpose


def made(*devices: Device, settings: tuple[Setting, ...] = ()) -> Plan:
    return Plan("h1", ("a.net",), TARGET, "dpdk", "x", (), settings, devices=devices)


class Machine:
    """A copy of sysfs with network cards, and the script of a plan that runs on it."""

    def __init__(self, folder: Path, *devices: Device, settings: tuple[Setting, ...] = ()) -> None:
        self.root = folder / "root"
        for name in ("sys/bus/pci/devices", "sys/bus/vmbus/devices", "sys/class/net", "proc/net", "dev/vfio"):
            (self.root / name).mkdir(parents=True)
        for name in (
            "pci/drivers/vfio-pci",
            "pci/drivers/i40e",
            "vmbus/drivers/uio_hv_generic",
            "vmbus/drivers/hv_netvsc",
        ):
            (self.root / "sys/bus" / name).mkdir(parents=True)
        (self.root / "proc/net/route").write_text("Iface\tDestination\tGateway\neth0\t00000000\t0101A8C0\n")
        (self.root / "kernel").write_text(KERNEL)
        self.script = files(made(*devices, settings=settings), folder / "out") / "etc/netc/vfio"
        text, count = re.subn(
            r"(?m)^write\(\) .*$", 'write() { sh "$NETC_ROOT/kernel" "$1" "$2"; }', self.script.read_text()
        )
        assert count == 1
        self.script.write_text(text)

    def device(
        self, address: str = FRONT, driver: str = "i40e", group: int | None = 12, name: str = "", bus: str = "pci"
    ) -> Path:
        device = self.root / "sys/devices" / bus / address
        device.mkdir(parents=True)
        (device / "native").write_text(driver)
        kind = ("class", "0x020000") if bus == "pci" else ("class_id", "{f8615163-df3e-46c5-913f-f2d2f965ed0e}")
        (device / kind[0]).write_text(f"{kind[1]}\n")
        (device / "driver_override").write_text("\n")
        (self.root / "sys/bus" / bus / "devices" / address).symlink_to(device)
        if driver:
            drivers = self.root / "sys/bus" / bus / "drivers" / driver
            drivers.mkdir(exist_ok=True)
            (device / "driver").symlink_to(drivers)
        if group is not None:
            members = self.root / f"sys/kernel/iommu_groups/{group}"
            (members / "devices").mkdir(parents=True, exist_ok=True)
            (members / "devices" / address).symlink_to(device)
            (device / "iommu_group").symlink_to(members)
        if name:
            (device / "net" / name).mkdir(parents=True)
            (self.root / "sys/class/net" / name).mkdir()
        return device

    def run(self, *words: str) -> tuple[int, list[str]]:
        (self.root / "writes").write_text("")
        path = "/usr/sbin:/usr/bin:/sbin:/bin"
        done = run("sh", self.script, *words, NETC_ROOT=str(self.root), PATH=path)
        assert done.stderr == ""
        return done.returncode, [line.removeprefix("netc: ") for line in done.stdout.splitlines()]

    @property
    def writes(self) -> list[str]:
        lines = (self.root / "writes").read_text().splitlines()
        return [re.sub(r"^\S*/devices/\w+/", "", line) for line in lines]

    def address(self, nic: str = "front") -> str | None:
        path = self.root / "run/netc/dpdk" / f"{nic}.address"
        return path.read_text() if path.exists() else None


BOUND = f"front ({FRONT}): was bound to i40e, is bound to vfio-pci"
ORDER = [f"{FRONT}/driver/unbind={FRONT}", f"{FRONT}/driver_override=vfio-pci", f"pci/drivers_probe={FRONT}"]


def test_the_order_is_unbind_override_probe_and_once(tmp_path: Path) -> None:
    machine = Machine(tmp_path, port())
    machine.device(name="eth1")
    assert machine.run() == (0, [BOUND])
    assert machine.writes == ORDER
    assert machine.address() == f"{FRONT}\n"
    assert machine.run("bind") == (0, [])
    assert machine.writes == []


def test_a_device_without_a_driver_is_only_told(tmp_path: Path) -> None:
    machine = Machine(tmp_path, port())
    machine.device(driver="")
    assert machine.run() == (0, [f"front ({FRONT}): was bound to no driver, is bound to vfio-pci"])
    assert machine.writes == ORDER[1:]


def test_a_driver_that_comes_between_is_unbound_again(tmp_path: Path) -> None:
    machine = Machine(tmp_path, port())
    machine.device()
    (machine.root / "comes-between").touch()
    assert machine.run() == (0, [BOUND])
    assert machine.writes == ORDER * 2


def test_what_the_kernel_refuses_is_told(tmp_path: Path) -> None:
    machine = Machine(tmp_path, port())
    machine.device(group=None)
    status, lines = machine.run()
    assert status == 1
    assert lines == [
        f"front ({FRONT}): bound to no driver, not vfio-pci: the device has no IOMMU group; is the IOMMU on in the "
        "firmware and in the kernel arguments?"
    ]
    assert machine.address() is None
    (machine.root / "sys/bus/pci/drivers/vfio-pci").rmdir()
    assert machine.run()[1] == [f"front ({FRONT}): bound to no driver, not vfio-pci: the kernel has no such driver"]


def test_a_bifurcated_port_is_never_unbound(tmp_path: Path) -> None:
    machine = Machine(tmp_path, port(driver="mlx5_core", kernel_driver="mlx5_core", bifurcated=True))
    device = machine.device(driver="mlx5_core", name="front")
    assert machine.run() == (1, [f"front ({FRONT}): there is no verbs device for it; are its modules loaded?"])
    (device / "infiniband_verbs/uverbs0").mkdir(parents=True)
    assert machine.run() == (0, [])
    assert machine.address() == f"{FRONT}\n"
    assert machine.run("release", "front") == (0, [f"front ({FRONT}): is the kernel's all the time"])
    (device / "driver").unlink()
    (device / "driver").symlink_to(machine.root / "sys/bus/pci/drivers/vfio-pci")
    assert machine.run() == (1, [f"front ({FRONT}): bound to vfio-pci, not mlx5_core"])
    assert machine.writes == []


@pytest.mark.parametrize("driver", ["mlx4_core", "mlx5_core", "mana"])
def test_a_bifurcated_port_of_which_nothing_was_known_is_not_unbound(driver: str, tmp_path: Path) -> None:
    machine = Machine(tmp_path, port(kernel_driver=""))
    machine.device(driver=driver)
    assert machine.run() == (1, [f"front ({FRONT}): left to {driver}, with which DPDK works as it is"])
    assert machine.writes == []


def test_a_port_that_the_host_uses_is_not_taken(tmp_path: Path) -> None:
    machine = Machine(tmp_path, port())
    device = machine.device(name="eth1")
    route = machine.root / "proc/net/route"
    alone = route.read_text()
    route.write_text(f"{alone}eth1\t00000000\t0102A8C0\n")
    assert machine.run() == (1, [f"front ({FRONT}): left to i40e, for the host uses eth1: it has routes"])
    route.write_text(alone)
    six = machine.root / "proc/net/ipv6_route"
    own = f"{'fe80'.ljust(32, '0')} 40 {'0' * 32} 00 {'0' * 32} 00000100 00000001 00000000 00000001     eth1\n"
    six.write_text(own.replace("fe80", "2001"))
    assert machine.run()[0] == 1
    six.write_text(own)
    (machine.root / "sys/class/net/eth1/upper_bond0").touch()
    assert machine.run() == (1, [f"front ({FRONT}): left to i40e, for the host uses eth1: bond0 is built over it"])
    assert machine.writes == []
    assert (device / "driver").exists()
    (machine.root / "sys/class/net/eth1/upper_bond0").unlink()
    assert machine.run() == (0, [BOUND])  # an address of the link alone is nobody's way to the host


def test_the_interface_of_a_virtual_device_is_found(tmp_path: Path) -> None:
    machine = Machine(tmp_path, port(kernel_driver="virtio-pci"))
    device = machine.device(driver="virtio-pci")
    (device / "virtio0/net/eth0").mkdir(parents=True)
    assert machine.run() == (1, [f"front ({FRONT}): left to virtio-pci, for the host uses eth0: it has routes"])


def test_another_device_than_was_meant_is_left_alone(tmp_path: Path) -> None:
    machine = Machine(tmp_path, port())
    device = machine.device(driver="igb")
    assert machine.run() == (
        1,
        [f"front ({FRONT}): left to igb: i40e was expected, so this may be another port"],
    )
    (device / "class").write_text("0x010802\n")
    said = f"front ({FRONT}): left alone, for it is no network controller (class 0x010802)"
    assert machine.run() == (1, [said])
    assert machine.writes == []


def test_a_group_that_the_kernel_has_part_in_is_told(tmp_path: Path) -> None:
    machine = Machine(tmp_path, port())
    machine.device()
    bridge = machine.device("0000:17:00.0", driver="shpchp")
    (bridge / "class").write_text("0x060400\n")
    machine.device("0000:17:01.0", driver="pcieport")
    machine.device("0000:18:00.7", driver="")
    assert machine.run() == (0, [BOUND])
    other = machine.device(BACK, driver="i40e")
    said = f"front ({FRONT}): cannot be opened while the kernel drives others of IOMMU group 12: {BACK} (i40e)"
    assert machine.run() == (1, [said])
    (other / "driver").unlink()
    assert machine.run() == (0, [])


def test_ports_of_one_group_are_bound_before_it_is_looked_at(tmp_path: Path) -> None:
    machine = Machine(tmp_path, port(), port("back", BACK))
    machine.device()
    machine.device(BACK)
    assert machine.run() == (0, [BOUND, f"back ({BACK}): was bound to i40e, is bound to vfio-pci"])


def test_absent_devices(tmp_path: Path) -> None:
    machine = Machine(tmp_path, port(), port("back", BACK, optional=True), port("side", "0000:3b:00.0"))
    machine.device("0000:3b:00.0")
    status, lines = machine.run()
    assert status == 1
    assert lines == [
        f"front ({FRONT}): there is no such device",
        "side (0000:3b:00.0): was bound to i40e, is bound to vfio-pci",
    ]


def test_virtual_functions_are_found_by_their_physical_one(tmp_path: Path) -> None:
    machine = Machine(tmp_path, port(function=1, kernel_driver="iavf"))
    physical = machine.device()
    assert machine.run() == (1, [f"front ({FRONT}): it has no virtual function 1"])
    virtual = machine.device(VIRTUAL, driver="iavf", group=13)
    (physical / "virtfn1").symlink_to(virtual)
    assert machine.run() == (0, [f"front ({VIRTUAL}): was bound to iavf, is bound to vfio-pci"])
    assert machine.writes == [line.replace(FRONT, VIRTUAL) for line in ORDER]
    assert machine.address() == f"{VIRTUAL}\n"
    assert (physical / "driver").resolve().name == "i40e"


def test_a_port_of_hyper_v(tmp_path: Path) -> None:
    device = port(address=UUID, bus="vmbus", driver="uio_hv_generic", kernel_driver="hv_netvsc", group=GROUP)
    machine = Machine(tmp_path, device)
    (machine.device(UUID, driver="hv_netvsc", group=None, bus="vmbus") / "uio/uio0").mkdir(parents=True)
    node = machine.root / "dev/uio0"
    node.touch(mode=0o600)
    assert machine.run() == (0, [f"front ({UUID}): was bound to hv_netvsc, is bound to uio_hv_generic"])
    assert machine.writes == [
        f"{UUID}/driver/unbind={UUID}",
        f"{UUID}/driver_override=uio_hv_generic",
        f"vmbus/drivers_probe={UUID}",
    ]
    assert node.stat().st_mode & 0o777 == 0o660


def test_a_group_may_open_the_port(tmp_path: Path) -> None:
    machine = Machine(tmp_path, port(group=GROUP))
    machine.device()
    machine.run()
    assert (machine.root / "dev/vfio/12").stat().st_mode & 0o777 == 0o660
    (machine.root / "dev/vfio/12").unlink()
    assert machine.run() == (1, [f"front ({FRONT}): there is no /dev/vfio/12"])
    other = Machine(tmp_path / "other", port(group="nobody-here"))
    other.device()
    assert other.run()[1][1:] == [f"front ({FRONT}): /dev/vfio/12 cannot be given to group nobody-here"]


def test_without_an_iommu(tmp_path: Path) -> None:
    option = Setting(Kind.MODULE_OPTION, "vfio.enable_unsafe_noiommu_mode", "1", NASTY)
    machine = Machine(tmp_path, port(group=GROUP), settings=(option,))
    device = machine.device(driver="vfio-pci", group=0)
    (machine.root / "dev/vfio/noiommu-0").touch(mode=0o600)
    said = "vfio takes no device without an IOMMU: is the kernel built with CONFIG_VFIO_NOIOMMU?"
    assert machine.run() == (1, [said])
    switch = machine.root / "sys/module/vfio/parameters/enable_unsafe_noiommu_mode"
    switch.parent.mkdir(parents=True)
    switch.write_text("N\n")
    assert machine.run() == (0, [])
    assert [line.rpartition("/")[2] for line in machine.writes] == ["enable_unsafe_noiommu_mode=Y"]
    assert (machine.root / "dev/vfio/noiommu-0").stat().st_mode & 0o777 == 0o660
    assert (device / "driver").resolve().name == "vfio-pci"


def test_ports_are_given_back(tmp_path: Path) -> None:
    machine = Machine(tmp_path, port(), port("back", BACK))
    device = machine.device()
    machine.device(BACK)
    machine.run()
    assert machine.run("release", "front") == (0, [f"front ({FRONT}): is bound to i40e"])
    assert machine.writes == [ORDER[0], f"{FRONT}/driver_override=", ORDER[2]]
    assert machine.address() is None
    assert machine.address("back") == f"{BACK}\n"
    assert machine.run("release", "front", "frnt")[1][-1] == "there is no port frnt here"
    assert machine.run("release") == (2, ["name the ports to give back"])
    assert machine.run("unbind") == (2, ["there is no action unbind"])
    (device / "native").write_text("gone")
    (machine.root / "sys/bus/pci/devices" / FRONT / "driver").unlink()
    assert machine.run("release", "front") == (1, [f"front ({FRONT}): bound to no driver still"])


EVERY = (
    port(group="dpdk"),
    port("back", "0000:3b:00.0", driver="mlx5_core", kernel_driver="mlx5_core", bifurcated=True, optional=True),
    port("slow", "0000:3c:00.0", driver="uio_pci_generic", group="dpdk"),
    port("virtual", "0000:3d:00.0", function=3),
    port("cloud", UUID, bus="vmbus", driver="uio_hv_generic", kernel_driver="hv_netvsc", group="dpdk"),
)


@pytest.mark.tool("shellcheck")
def test_the_script_is_clean(tmp_path: Path) -> None:
    option = Setting(Kind.MODULE_OPTION, "vfio.enable_unsafe_noiommu_mode", "1", NASTY)
    script = files(made(*EVERY, settings=(option,)), tmp_path) / "etc/netc/vfio"
    assert run("shellcheck", script).stdout == ""


@pytest.mark.tool("systemd-analyze")
def test_the_unit_is_verified(tmp_path: Path) -> None:
    units = files(made(*EVERY), tmp_path) / "etc/systemd/system"
    said = run("systemd-analyze", "verify", "--man=no", units / "netc-vfio.service")
    assert [line for line in (said.stderr + said.stdout).splitlines() if "netc" in line] == []
    assert (units / "multi-user.target.wants/netc-vfio.service").resolve() == units / "netc-vfio.service"


def rules_of(tmp_path: Path) -> list[str]:
    path = files(made(*EVERY), tmp_path) / "etc/udev/rules.d/05-netc-vfio.rules"
    return [line for line in path.read_text().splitlines() if line and not line.startswith("#")]


def test_rules_name_what_is_taken_alone(tmp_path: Path) -> None:
    """No rule for a bifurcated port, none for a virtual function, whose address is known when it is there."""
    rules = rules_of(tmp_path)
    overriding = [line for line in rules if "driver_override" in line]
    assert [re.findall(r'KERNEL=="([^"]+)"', line) for line in overriding] == [[FRONT], ["0000:3c:00.0"], [UUID]]
    for line in overriding:
        assert 'DRIVER==""' in line
        loaded = re.search(r'RUN\{builtin\}\+="kmod load (\S+)", RUN\+="/bin/sh -c \'echo \S+ >(\S+)\'"$', line)
        written = re.search(r'ATTR\{driver_override\}="(\S+)"', line)
        assert loaded is not None
        assert written is not None
        assert loaded[1] == written[1]
        assert loaded[2] in ("/sys/bus/pci/drivers_probe", "/sys/bus/vmbus/drivers_probe")
    looking = [line for line in rules if "try-reload-or-restart netc-vfio.service" in line]
    assert [re.findall(r'KERNEL=="([^"]+)"', line) for line in looking] == [[FRONT], ["0000:3c:00.0"], [UUID]]
    assert sum('GROUP="dpdk"' in line for line in rules) == 4
    assert not any("0000:3b" in line or "0000:3d" in line for line in rules)


@pytest.mark.root
@pytest.mark.tool("udevadm")
def test_rules_are_read(tmp_path: Path) -> None:
    rootfs = files(made(*EVERY), tmp_path)
    script = f"""
        mount --make-rprivate /
        mount -t sysfs sysfs /sys
        mkdir -p /run/udev/rules.d
        mount -t tmpfs tmpfs /run/udev/rules.d
        cd {rootfs}/etc/udev/rules.d
        sed 's/GROUP="dpdk"/GROUP="daemon"/' 05-netc-vfio.rules >/run/udev/rules.d/05-netc-vfio.rules
        udevadm test --action=add /sys/class/net/lo
    """
    said = run("unshare", "--net", "--mount", "sh", "-euc", script)
    text = said.stdout + said.stderr
    assert "05-netc-vfio.rules" in text
    assert not re.search(r"05-netc-vfio\.rules:\d+", text), text


def test_a_plan_without_devices_has_no_such_files(tmp_path: Path) -> None:
    assert not list(files(plan(), tmp_path).rglob("*vfio*"))

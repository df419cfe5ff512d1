"""The script that makes virtual functions, on a copy of /sys whose kernel and `ip` are played by shell functions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from made import TARGET, files, nic, plan, run

from netc.plan import Interface, Setting, Via

if TYPE_CHECKING:
    from pathlib import Path

FRONT = Interface("front", "front", pci="0000:01:00.0")
PHYSICAL = "sys/devices/pci0000:00/0000:01:00.0"
IP = r"""#!/bin/sh
# keeps one value a file in $STATE; refuses what $STATE/refused names, ignores what $STATE/ignored names, and asks once
# for patience where $STATE/busy is there
echo "$*" >>"$STATE/calls"
action=$2; shift 4
value() { cat "$STATE/$1" 2>/dev/null || echo "$2"; }
if [ "$action" = show ]; then
    echo "2: front: <BROADCAST> mtu 1500"
    for n in 0 1 2 3; do
        mac=$(value $n.mac 00:00:00:00:00:00)
        where="    link/ether $mac brd ff:ff:ff:ff:ff:ff"
        [ ! -e "$STATE/old" ] || where=" MAC $mac"
        vlan=$(value $n.vlan 0)
        [ "$vlan" = 0 ] && vlan= || vlan=", vlan $vlan"
        rest="spoof checking $(value $n.spoofchk on), link-state auto, trust $(value $n.trust off)"
        echo "    vf $n $where$vlan, $rest"
    done
elif [ "$1" = up ]; then
    echo 0x1003 >"$ROOT/sys/class/net/front/flags"
else
    number=$2; shift 2
    if [ -e "$STATE/busy" ]; then
        rm "$STATE/busy"; echo "RTNETLINK answers: Resource temporarily unavailable" >&2; exit 2
    fi
    while [ $# -gt 0 ]; do
        if grep -qxs "$1" "$STATE/refused"; then echo "RTNETLINK answers: Operation not supported" >&2; exit 2; fi
        grep -qxs "$1" "$STATE/ignored" || echo "$2" >"$STATE/$number.$1"
        shift 2
    done
fi
"""
KERNEL = r"""
# What the kernel does when a file of sysfs is written (drivers/pci/iov.c, drivers/base/bus.c).
store() {
    echo "${1#"$ROOT/sys/"} $2" | sed 's#^devices/pci0000:00/##; s#^class/net/front/device#PF#' >>"$STATE/calls"
    functions=$ROOT/sys/devices/pci0000:00
    case $1 in
        */sriov_numvfs)
            now=$(value_of "$1")
            if [ "$now" != 0 ] && [ "$2" != 0 ]; then echo "Device or resource busy"; return; fi
            most=$(value_of "$device/sriov_totalvfs")
            if [ "$2" -gt "$most" ]; then echo "Numerical result out of range"; return; fi
            if [ -e "$STATE/only-up" ] && ! is_up front; then return; fi
            rm -f "$device"/virtfn*
            n=0
            while [ $n -lt "$2" ]; do
                mkdir -p "$functions/0000:01:10.$n"
                ln -s "../0000:01:10.$n" "$device/virtfn$n"
                n=$((n + 1))
            done
            echo "$2" >"$1" ;;
        */drivers_probe)
            [ ! -e "$STATE/no-driver" ] || return
            mkdir -p "$ROOT/sys/bus/pci/drivers/igbvf" "$functions/$2/net/eth${2##*.}"
            ln -sf "../../../bus/pci/drivers/igbvf" "$functions/$2/driver"
            cat "$STATE/${2##*.}.mac" >"$functions/$2/net/eth${2##*.}/address" 2>/dev/null
            echo 0x1002 >"$functions/$2/net/eth${2##*.}/flags" ;;
        */unbind) rm "$functions/$2/driver"; rm -r "$functions/$2/net" ;;
        *) echo "$2" >"$1" ;;
    esac
}
"""


class Machine:
    """A copy of /sys with one physical function, and the script of a plan for it."""

    def __init__(
        self, folder: Path, *settings: Setting, front: Interface = FRONT, functions: tuple[int, ...] = (0, 1)
    ) -> None:
        self.root, self.state = folder / "root", folder / "state"
        self.device = self.root / PHYSICAL
        net = self.root / "sys/class/net"
        for path in (self.device / "net/front", net, self.state):
            path.mkdir(parents=True)
        (net / "front").symlink_to(f"../../../{PHYSICAL}/net/front")
        (self.device / "net/front/device").symlink_to("../..")
        self.write("sriov_numvfs", "0")
        self.write("sriov_totalvfs", "7")
        self.write("sriov_drivers_autoprobe", "1")
        self.write("net/front/flags", "0x1002")
        ip = folder / "ip"
        ip.write_text(IP)
        ip.chmod(0o755)
        virtual = tuple(Interface(f"w{n}", f"w{n}", physical_function="front", function=n) for n in functions)
        rootfs = files(
            plan(*settings, interfaces=(front, *virtual), target=replace(TARGET, ip=str(ip))), folder / "out"
        )
        self.script = rootfs / "etc/netc/vfs/front"
        shared = rootfs / "etc/netc/vfs-functions.sh"
        shared.write_text(shared.read_text() + KERNEL)

    def write(self, file: str, value: str) -> None:
        (self.device / file).write_text(f"{value}\n")

    def run(self) -> tuple[int, list[str]]:
        (self.state / "calls").write_text("")
        done = run("sh", self.script, STATE=str(self.state), ROOT=str(self.root), NETC_ROOT=str(self.root))
        assert done.stderr == ""
        return done.returncode, done.stdout.splitlines()

    @property
    def writes(self) -> list[str]:
        """What was written to sysfs, and what `ip` was told to change."""
        calls = (self.state / "calls").read_text().splitlines()
        return [call.removeprefix("link set dev front ") for call in calls if not call.startswith("link show")]


def vfs(number: int) -> Setting:
    return nic("front", "vfs", str(number), Via.FUNCTIONS)


def vf(number: int, value: str) -> Setting:
    return nic("front", f"vf.{number}", value, Via.FUNCTIONS)


MAC = "02:00:00:00:00:01"
WANTED = (vfs(3), vf(0, f"mac {MAC} vlan 100 trust on spoof-check off"), vf(2, "mac 02:00:00:00:00:03 vlan 0"))
MADE = [
    "netc: front: virtual functions were 0, are 3",
    f"netc: front: mac of virtual function 0 is now {MAC}",
    "netc: front: vlan of virtual function 0 is now 100",
    "netc: front: trust of virtual function 0 is now on",
    "netc: front: spoof-check of virtual function 0 is now off",
    "netc: front: mac of virtual function 2 is now 02:00:00:00:00:03",
]


def test_drivers_come_last_and_not_to_those_of_applications(tmp_path: Path) -> None:
    machine = Machine(tmp_path, *WANTED, front=replace(FRONT, functions_apart=(2,), functions_need_link=True))
    assert machine.run() == (0, MADE)
    assert machine.writes == [
        "PF/sriov_drivers_autoprobe 0",
        "PF/sriov_numvfs 3",
        f"vf 0 mac {MAC} vlan 100 trust on spoofchk off",
        "vf 2 mac 02:00:00:00:00:03",
        "up",
        "PF/sriov_drivers_autoprobe 1",
        "bus/pci/drivers_probe 0000:01:10.0",
        "bus/pci/drivers_probe 0000:01:10.1",
    ]
    assert machine.run() == (0, [])
    assert machine.writes == []


def test_what_a_link_file_made_is_left_as_it_is(tmp_path: Path) -> None:
    machine = Machine(tmp_path, *WANTED)
    machine.run()
    for n in (0, 1, 2):
        (machine.root / f"sys/devices/pci0000:00/0000:01:10.{n}/driver").unlink()
    machine.write("sriov_drivers_autoprobe", "0")
    assert machine.run() == (0, [])
    assert machine.writes == [
        "PF/sriov_drivers_autoprobe 1",
        *(f"bus/pci/drivers_probe 0000:01:10.{n}" for n in (0, 1, 2)),
    ]


def test_another_number_goes_by_way_of_none(tmp_path: Path) -> None:
    machine = Machine(tmp_path, vfs(3))
    machine.write("sriov_numvfs", "2")
    assert machine.run() == (0, ["netc: front: virtual functions were 2, are 3"])
    assert machine.writes[:3] == ["PF/sriov_drivers_autoprobe 0", "PF/sriov_numvfs 0", "PF/sriov_numvfs 3"]


def test_more_than_the_device_has(tmp_path: Path) -> None:
    machine = Machine(tmp_path, vfs(8), vf(0, "trust on"), functions=())
    assert machine.run() == (
        1,
        [
            "netc: front: virtual functions are 0, wanted 8; the device has 7 at most: Numerical result out of range",
            "netc: front: virtual function 0 is absent",
        ],
    )


def test_a_driver_that_makes_none_while_the_link_is_down(tmp_path: Path) -> None:
    """As bnxt_en, which reports no error either."""
    machine = Machine(tmp_path, vfs(2))
    (machine.state / "only-up").touch()
    assert machine.run() == (0, ["netc: front: virtual functions were 0, are 2"])
    assert machine.writes[1:4] == ["PF/sriov_numvfs 2", "up", "PF/sriov_numvfs 2"]


def test_one_refusal_does_not_hide_the_others(tmp_path: Path) -> None:
    machine = Machine(tmp_path, *WANTED)
    (machine.state / "refused").write_text("trust\n")
    (machine.state / "ignored").write_text("spoofchk\n")
    assert machine.run() == (
        1,
        [
            *MADE[:3],
            "netc: front: trust of virtual function 0 is off, wanted on: RTNETLINK answers: Operation not supported",
            "netc: front: spoof-check of virtual function 0 is on, wanted off: "
            "RTNETLINK answers: Operation not supported",
            MADE[5],
        ],
    )


def test_a_virtual_function_in_reset_is_asked_again(tmp_path: Path) -> None:
    machine = Machine(tmp_path, vfs(2), vf(1, "vlan 7"))
    (machine.state / "busy").touch()
    assert machine.run()[1][1:] == ["netc: front: vlan of virtual function 1 is now 7"]


def test_lines_of_an_old_ip_are_read(tmp_path: Path) -> None:
    machine = Machine(tmp_path, *WANTED)
    (machine.state / "old").touch()
    assert machine.run() == (0, MADE)
    assert machine.run() == (0, [])


def test_no_vlan_takes_one_away(tmp_path: Path) -> None:
    machine = Machine(tmp_path, vfs(3), vf(2, "vlan 0"))
    (machine.state / "2.vlan").write_text("9\n")
    assert machine.run()[1][1:] == ["netc: front: vlan of virtual function 2 is now 0"]


@pytest.mark.parametrize("up", [False, True])
def test_a_driver_that_came_before_the_address(tmp_path: Path, up: bool) -> None:
    """As where an initramfs has an older copy of the `.link` file: it is bound anew unless somebody uses it."""
    machine = Machine(tmp_path, vfs(2), vf(0, f"mac {MAC}"))
    machine.run()
    net = machine.root / "sys/devices/pci0000:00/0000:01:10.0/net/eth0"
    (net / "address").write_text("52:54:00:00:00:09\n")
    (net / "flags").write_text("0x1003\n" if up else "0x1002\n")
    (machine.root / "sys/class/net/eth0").symlink_to("../../devices/pci0000:00/0000:01:10.0/net/eth0")
    if up:
        told = f"netc: front: virtual function 0 has address 52:54:00:00:00:09, wanted {MAC}, and eth0 is up"
        assert machine.run() == (1, [told])
        return
    assert machine.run() == (0, [f"netc: front: driver of virtual function 0 was bound anew, for address {MAC}"])
    assert machine.writes == ["PF/virtfn0/driver/unbind 0000:01:10.0", "bus/pci/drivers_probe 0000:01:10.0"]


def test_a_driver_that_came_while_nobody_answered(tmp_path: Path) -> None:
    """As igbvf in an initramfs, where the link of the physical function is down."""
    machine = Machine(tmp_path, vfs(2), front=replace(FRONT, functions_need_link=True))
    machine.run()
    machine.write("net/front/flags", "0x1002")
    for n, flags in ((0, "0x1002"), (1, "0x1003")):
        net = f"sys/devices/pci0000:00/0000:01:10.{n}/net/eth{n}"
        (machine.root / net / "flags").write_text(f"{flags}\n")
        (machine.root / f"sys/class/net/eth{n}").symlink_to(f"../../../{net}")
    told = ["netc: front: driver of virtual function 0 was bound anew, for the link was down before"]
    assert machine.run() == (0, told)
    assert machine.writes == ["up", "PF/virtfn0/driver/unbind 0000:01:10.0", "bus/pci/drivers_probe 0000:01:10.0"]
    assert machine.run() == (0, [])


def test_an_interface_of_the_host_without_a_driver(tmp_path: Path) -> None:
    machine = Machine(tmp_path, vfs(3), functions=(1,))
    (machine.state / "no-driver").touch()
    assert machine.run() == (
        1,
        ["netc: front: virtual functions were 0, are 3", "netc: front: virtual function 1 has no driver"],
    )


@pytest.mark.parametrize("optional", [False, True])
def test_an_absent_nic(tmp_path: Path, optional: bool) -> None:
    machine = Machine(tmp_path, vfs(2), front=replace(FRONT, optional=optional))
    (machine.root / "sys/class/net/front").unlink()
    assert machine.run() == ((0, []) if optional else (1, ["netc: nic front is absent"]))


def test_a_device_without_virtual_functions(tmp_path: Path) -> None:
    machine = Machine(tmp_path, vfs(2))
    (machine.device / "sriov_numvfs").unlink()
    assert machine.run() == (1, ["netc: front: its device makes no virtual functions: there is no sriov_numvfs"])


def test_a_kernel_that_refuses_says_why(tmp_path: Path) -> None:
    """With the script's own way to write: the file is none that can be written."""
    machine = Machine(tmp_path, vfs(2), functions=())
    shared = machine.script.parent.parent / "vfs-functions.sh"
    shared.write_text(shared.read_text().removesuffix(KERNEL))
    (machine.device / "sriov_numvfs").unlink()
    (machine.device / "sriov_numvfs").mkdir()
    status, lines = machine.run()
    assert status == 1
    assert lines[0] == "netc: front: virtual functions are unknown, wanted 2; the device has 7 at most: Is a directory"


@pytest.mark.tool("systemd-analyze")
def test_the_unit_is_verified(tmp_path: Path) -> None:
    machine = Machine(tmp_path, *WANTED)
    (unit,) = (machine.script.parents[2] / "systemd/system").glob("netc-vfs-*.service")
    said = run("systemd-analyze", "verify", "--man=no", unit)
    assert [line for line in (said.stderr + said.stdout).splitlines() if "netc" in line] == []


@pytest.mark.tool("shellcheck")
def test_scripts_are_clean(tmp_path: Path) -> None:
    machine = Machine(tmp_path, *WANTED, front=replace(FRONT, functions_apart=(2,), functions_need_link=True))
    shared = machine.script.parent.parent / "vfs-functions.sh"
    shared.write_text(shared.read_text().removesuffix(KERNEL))
    machine.script.write_text(machine.script.read_text().replace("${0%/*/*}", str(machine.script.parent.parent)))
    checked = run("shellcheck", "--external-sources", shared, machine.script)
    assert checked.stdout == ""

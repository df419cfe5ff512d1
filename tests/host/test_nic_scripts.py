"""Scripts of NICs, run on veths and on an ethtool that behaves as awkwardly as drivers do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from made import TARGET, files, nic, plan, run

from netc.plan import Interface, Setting, Via

ISOLATED = ("unshare", "--net", "--mount", "sh", "-euc")
PRESENT = {
    "-l": "Channel parameters for x:\nPre-set maximums:\nRX:\t\tn/a\nTX:\t\tn/a\nOther:\t\t1\nCombined:\t32\n"
    "Current hardware settings:\nRX:\t\tn/a\nTX:\t\tn/a\nOther:\t\t1\nCombined:\tCOMBINED\n",
    "-g": "Ring parameters for x:\nPre-set maximums:\nRX:\t\t4096\nRX Mini:\tn/a\nRX Jumbo:\tn/a\nTX:\t\t4096\n"
    "Current hardware settings:\nRX:\t\tRX\nRX Mini:\tn/a\nRX Jumbo:\tn/a\nTX:\t\tTX\nTX Push:\toff\n",
    "-c": "Coalesce parameters for x:\nAdaptive RX: ADAPTIVE  TX: n/a\nstats-block-usecs: n/a\n\nrx-usecs: USECS\n"
    "rx-frames: n/a\nrx-usecs-irq: 9\n\ntx-usecs: n/a\n",
}
FAKE = """#!/bin/sh
# keeps one value a file in $STATE; refuses what $STATE/refused names, ignores what $STATE/ignored names
echo "$*" >>"$STATE/calls"
option=$1; shift 2
value() { cat "$STATE/$1" 2>/dev/null || echo "$2"; }
case $option in
-l) sed "s/COMBINED/$(value combined 4)/" "$STATE/-l" ;;
-g) sed "s/\\tRX$/\\t$(value rx 512)/; s/\\tTX$/\\t$(value tx 512)/" "$STATE/-g" ;;
-c) sed "s/ADAPTIVE/$(value adaptive-rx on)/; s/USECS/$(value rx-usecs 3)/" "$STATE/-c" ;;
-L|-G|-C)
    for word in "$@"; do
        if grep -qxs "$word" "$STATE/refused"; then echo "netlink error: Invalid argument" >&2; exit 22; fi
    done
    while [ $# -gt 1 ]; do
        grep -qxs "$1" "$STATE/ignored" || echo "$2" >"$STATE/$1"
        shift 2
    done ;;
esac
"""


CPUS = int(Path("/sys/devices/system/cpu/possible").read_text().replace(",", "-").rpartition("-")[2]) + 1
"""As many as this machine may ever have."""


class Awkward:
    """A plan's script with a false ethtool, and what came of running it."""

    def __init__(self, folder: Path, *settings: Setting, pairs: bool = False) -> None:
        self.state = folder / "state"
        self.state.mkdir()
        for option, text in PRESENT.items():
            (self.state / option).write_text(text)
        ethtool = self.state / "ethtool"
        ethtool.write_text(FAKE)
        ethtool.chmod(0o755)
        target = replace(TARGET, ethtool=str(ethtool))
        interfaces = (Interface("front", "lo", match_name="x", pairs_for_programs=pairs),)
        rootfs = files(plan(*settings, interfaces=interfaces, target=target), folder / "out")
        self.script = rootfs / "etc/netc/nic/front"
        self.script.write_text(self.script.read_text().replace("/etc/netc", f"{rootfs}/etc/netc"))

    def run(self) -> tuple[int, list[str]]:
        (self.state / "calls").write_text("")
        done = run("sh", self.script, PATH="/usr/sbin:/usr/bin:/sbin:/bin", STATE=str(self.state))
        assert done.stderr == ""
        return done.returncode, done.stdout.splitlines()

    @property
    def calls(self) -> list[str]:
        return (self.state / "calls").read_text().splitlines()

    @property
    def writes(self) -> list[str]:
        return [call for call in self.calls if call[1].isupper()]


WANTED = [
    nic("front", "coalesce.rx-usecs", "50"),
    nic("front", "ring.tx", "1024"),
    nic("front", "coalesce.adaptive-rx", "off"),
    nic("front", "ring.rx", "max"),
    nic("front", "channels.combined", "16"),
]


def test_settings_are_made_in_order_and_once(tmp_path: Path) -> None:
    awkward = Awkward(tmp_path, *WANTED)
    assert awkward.run() == (
        0,
        [
            "netc: lo: channels combined was 4, is 16",
            "netc: lo: ring rx was 512, is 4096",
            "netc: lo: ring tx was 512, is 1024",
            "netc: lo: coalesce rx-usecs was 3, is 50",
            "netc: lo: coalesce adaptive-rx was on, is off",
        ],
    )
    assert awkward.writes == ["-L lo combined 16", "-G lo rx 4096 tx 1024", "-C lo rx-usecs 50 adaptive-rx off"]
    assert awkward.run() == (0, [])
    assert awkward.calls == ["-l lo", "-g lo", "-c lo"], "a host boots meanwhile: each group is asked for once"


def test_queue_pairs_of_a_program_are_not_channels_too_many(tmp_path: Path) -> None:
    """virtio_net counts them among its channels, and lets nobody change those while it runs a program."""
    awkward = Awkward(tmp_path, nic("front", "channels.combined", "2"), pairs=True)
    (awkward.state / "combined").write_text(str(2 + CPUS))
    (awkward.state / "refused").write_text("combined\n")
    assert awkward.run() == (0, [])
    (awkward.state / "combined").write_text(str(3 + CPUS))
    assert awkward.run()[0] == 1


def test_one_refusal_does_not_stop_the_others(tmp_path: Path) -> None:
    awkward = Awkward(tmp_path, *WANTED)
    (awkward.state / "refused").write_text("tx\n")
    status, lines = awkward.run()
    assert status == 1
    assert "netc: lo: ring tx is 512, wanted 1024: netlink error: Invalid argument" in lines
    assert "netc: lo: ring rx was 512, is 4096" in lines
    assert "netc: lo: coalesce rx-usecs was 3, is 50" in lines


def test_success_that_changes_nothing_is_a_failure(tmp_path: Path) -> None:
    """As drivers do that answer `not supported` with exit status 0."""
    awkward = Awkward(tmp_path, nic("front", "ring.rx", "4096"))
    (awkward.state / "ignored").write_text("rx\n")
    assert awkward.run() == (1, ["netc: lo: ring rx is 512, wanted 4096"])


def test_what_the_device_does_not_have_is_a_failure(tmp_path: Path) -> None:
    awkward = Awkward(tmp_path, nic("front", "coalesce.rx-frames", "64"), nic("front", "channels.rx", "2"))
    (awkward.state / "refused").write_text("rx-frames\nrx\n")
    status, lines = awkward.run()
    assert status == 1
    assert "netc: lo: channels rx is unknown, wanted 2: netlink error: Invalid argument" in lines
    assert "netc: lo: coalesce rx-frames is unknown, wanted 64: netlink error: Invalid argument" in lines


def on_veth(
    tmp_path: Path, interface: Interface, *settings: Setting, before: str = "", after: str = ""
) -> tuple[str, str]:
    """The script's output on a real veth, run twice behind `before`, and what `after` prints."""
    rootfs = files(plan(*settings, interfaces=(interface,)), tmp_path)
    script = rootfs / "etc/netc/nic/front"
    script.write_text(script.read_text().replace("/etc/netc", f"{rootfs}/etc/netc"))
    done = run(
        *ISOLATED,
        f"""
        mount --make-rprivate /
        mount -t sysfs sysfs /sys
        ip link add nic0 numrxqueues 4 numtxqueues 4 type veth peer name peer0
        {before}
        sh {script} || echo "failed $?"
        echo again
        sh {script} || echo "failed $?"
        echo after
        {after}
        """,
    )
    assert done.stderr == ""
    said, _, shown = done.stdout.partition("after\n")
    return said, shown


@pytest.mark.root
@pytest.mark.tool("ethtool")
def test_a_real_interface_is_set_and_stays_so(tmp_path: Path) -> None:
    said, shown = on_veth(
        tmp_path,
        Interface("front", "nic0", match_name="x", raise_first=True),
        nic("front", "mtu", "1400"),
        nic("front", "channels.rx", "2", Via.UNIT),
        nic("front", "offload.gro", "on"),
        nic("front", "offload.tso", "off"),
        nic("front", "offload.tx-checksum", "off"),
        after="ip -o link show nic0 | grep -o 'mtu [0-9]*'; ethtool -k nic0 | grep ^tcp-seg",
    )
    first, again = said.split("again\n")
    assert "netc: nic0: mtu was 1500, is 1400" in first
    assert "netc: nic0: channels rx was 4, is 2" in first
    assert "netc: nic0: offload tso was on, is off" in first
    assert "wanted" not in first
    assert again == ""
    assert shown.splitlines() == ["mtu 1400", "tcp-segmentation-offload: off"]


@pytest.mark.root
@pytest.mark.tool("ethtool")
def test_an_absent_interface(tmp_path: Path) -> None:
    absent = Interface("front", "absent0", match_name="x")
    said, _ = on_veth(tmp_path / "must", absent, nic("front", "mtu", "1400"))
    assert said.startswith("netc: nic front is absent\nfailed 1\n")
    said, _ = on_veth(tmp_path / "may", replace(absent, optional=True), nic("front", "mtu", "1400"))
    assert said == "again\n"


RECORDS = """
mount -t tmpfs none /run
mkdir -p /run/udev/data
echo 'E:NETC_NIC=front-2' >"/run/udev/data/n$(cat /sys/class/net/lo/ifindex)"
printf 'I:1\\nE:ID_BUS=pci\\nE:NETC_NIC=front\\n' >"/run/udev/data/n$(cat /sys/class/net/nic0/ifindex)"
"""
"""As udev keeps what its rules recognised, each interface in a file named after its number."""


@pytest.mark.root
@pytest.mark.tool("ethtool")
def test_an_interface_that_keeps_its_name_is_the_one_udev_recognised(tmp_path: Path) -> None:
    kept = Interface("front", "", mac="52:54:00:00:00:01")
    said, _ = on_veth(tmp_path / "known", kept, nic("front", "mtu", "1400"), before=RECORDS)
    assert said == "netc: nic0: mtu was 1500, is 1400\nagain\n"
    said, _ = on_veth(
        tmp_path / "unknown", kept, nic("front", "mtu", "1400"), before=RECORDS.replace("=front\\n", "=x\\n")
    )
    assert said.startswith("netc: nic front is absent\nfailed 1\n")

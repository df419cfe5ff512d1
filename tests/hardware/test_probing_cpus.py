"""CPUs, nodes and the system, read from small trees."""

from __future__ import annotations

import gzip
import os
from typing import TYPE_CHECKING

import pytest
from machine_tree import link, put, put_cpu, put_node

from netc.cpulist import CpuSet
from netc.hardware.facts import CpuFact, Facts, HugepagesFact, NodeFact
from netc.hardware.probing import probe

if TYPE_CHECKING:
    from pathlib import Path

CPU = "sys/devices/system/cpu"


def cpus(text: str) -> CpuSet:
    return CpuSet.parse(text)


def test_nothing_known_gives_nothing(tmp_path: Path) -> None:
    assert probe(tmp_path) == Facts()
    assert probe(tmp_path / "absent") == Facts()


def test_threads_of_one_core_are_siblings(tmp_path: Path) -> None:
    for number in range(4):
        put_cpu(tmp_path, number, core=number % 2, siblings=f"{number % 2},{number % 2 + 2}", l3="0-3")
    put(tmp_path, {f"{CPU}/possible": "0-7", f"{CPU}/present": "0-3", f"{CPU}/online": "0-3"})
    put_node(tmp_path, 0, "0-3", 1024)
    facts = probe(tmp_path)
    assert facts.possible == cpus("0-7")
    assert facts.cpus[2] == CpuFact(2, 0, 0, 0, cpus("0,2"), cpus("0-3"), True)
    assert facts.cpus[3] == CpuFact(3, 0, 0, 1, cpus("1,3"), cpus("0-3"), True)


def test_offline_cpus_are_listed_as_such(tmp_path: Path) -> None:
    put_cpu(tmp_path, 0, siblings="0")
    put(tmp_path, {f"{CPU}/cpu1/online": "0"})
    put(tmp_path, {f"{CPU}/present": "0-1", f"{CPU}/online": "0"})
    put_node(tmp_path, 0, "0", 1024)
    link(tmp_path, "sys/devices/system/node/node0/cpu1", "../../cpu/cpu1")
    off = probe(tmp_path).cpus[1]
    assert off == CpuFact(1, node=0, online=False)


def test_online_is_told_by_each_cpu_where_the_list_is_missing(tmp_path: Path) -> None:
    put_cpu(tmp_path, 1, siblings="1")
    put(tmp_path, {f"{CPU}/cpu0/topology/core_id": "0", f"{CPU}/cpu2/online": "0"})
    assert [cpu.online for cpu in probe(tmp_path).cpus] == [True, True, False]


def test_nodes_keep_their_numbers(tmp_path: Path) -> None:
    for number in (0, 5, 6):
        put_cpu(tmp_path, number, siblings=str(number))
    put_node(tmp_path, 0, "0", 1000)
    put_node(tmp_path, 33, "5-6", 2000)
    put_node(tmp_path, 72, "", 0)
    facts = probe(tmp_path)
    assert [cpu.id for cpu in facts.cpus] == [0, 5, 6]
    assert [cpu.node for cpu in facts.cpus] == [0, 33, 33]
    pages = (HugepagesFact(2 * 2**20, 0),)
    assert facts.nodes == (
        NodeFact(0, 1000 * 1024, pages),
        NodeFact(33, 2000 * 1024, pages),
        NodeFact(72, 0, pages),
    )


def test_a_node_that_is_off_is_no_node_of_a_cpu(tmp_path: Path) -> None:
    put_cpu(tmp_path, 4, siblings="4")
    link(tmp_path, f"{CPU}/cpu4/node0", "../../node/node0")
    put_node(tmp_path, 1, "5", 1024)
    put(tmp_path, {"sys/devices/system/node/online": "1"})
    facts = probe(tmp_path)
    assert facts.cpus[0].node is None
    assert [node.id for node in facts.nodes] == [1]


def test_possible_is_told_by_softirqs(tmp_path: Path) -> None:
    put_cpu(tmp_path, 0, siblings="0")
    put(tmp_path, {"proc/softirqs": "      CPU0   CPU1   CPU4\n  HI:   0   0   0"})
    assert probe(tmp_path).possible == cpus("0-1,4")


def test_groups_that_cannot_be_right_are_not_known(tmp_path: Path) -> None:
    put_cpu(tmp_path, 0, socket=-1, core=-1, siblings="1", l3="garbage")
    put_cpu(tmp_path, 2, siblings="2,99", l3="2-3")
    facts = probe(tmp_path)
    assert facts.cpus[0] == CpuFact(0)
    assert facts.cpus[1].siblings == cpus("2")
    assert facts.cpus[1].l3 == cpus("2")


def test_third_level_cache_is_told_by_its_level(tmp_path: Path) -> None:
    put_cpu(tmp_path, 0, siblings="0")
    cache = f"{CPU}/cpu0/cache/index2"
    put(tmp_path, {f"{cache}/level": "3", f"{cache}/shared_cpu_list": "0"})
    assert probe(tmp_path).cpus[0].l3 == cpus("0")


def test_cpuinfo_alone(tmp_path: Path) -> None:
    block = "processor\t: {0}\nvendor_id\t: AuthenticAMD\nphysical id\t: 1\ncore id\t\t: {0}\nflags\t\t: fpu lm\n"
    put(tmp_path, {"proc/cpuinfo": "\n".join(block.format(number) for number in (0, 3))})
    facts = probe(tmp_path)
    assert facts.cpus == (CpuFact(0, socket=1, core=0), CpuFact(3, socket=1, core=3))
    assert (facts.architecture, facts.cpu_vendor) == ("x86-64", "amd")


def test_arm_cpuinfo(tmp_path: Path) -> None:
    put(tmp_path, {"proc/cpuinfo": "processor\t: 0\nCPU implementer\t: 0x41\nCPU architecture: 8\n"})
    facts = probe(tmp_path)
    assert (facts.architecture, facts.cpu_vendor) == ("arm64", "arm")


@pytest.mark.parametrize(
    ("name", "text", "version"),
    [
        ("proc/sys/kernel/osrelease", "6.10.3-1-amd64", "6.10"),
        ("proc/version", "Linux version 5.4.0-42-generic (buildd@x) #46", "5.4"),
        ("proc/cmdline", "BOOT_IMAGE=(hd0,gpt3)/boot/a/vmlinuz-5.14.0-427.el9.x86_64 rw", "5.14"),
        ("proc/sys/kernel/osrelease", "$(reboot)", None),
    ],
)
def test_kernel_version(tmp_path: Path, name: str, text: str, version: str | None) -> None:
    put(tmp_path, {name: text})
    assert probe(tmp_path).kernel == version


@pytest.mark.parametrize("name", ["boot/config-6.1.0-1", "usr/lib/modules/6.1.0-1/config", "proc/config.gz"])
def test_tick(tmp_path: Path, name: str) -> None:
    config = "# CONFIG_HZ_100 is not set\nCONFIG_HZ_250=y\nCONFIG_HZ=250\n"
    put(tmp_path, {"proc/sys/kernel/osrelease": "6.1.0-1", name: config})
    if name.endswith(".gz"):
        (tmp_path / name).write_bytes(gzip.compress(config.encode()))
    assert probe(tmp_path).tick == 250


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('ID=debian\nVERSION_ID="12"', "debian 12"),
        ('ID=ubuntu\nVERSION_ID="24.04"', "ubuntu 24.04"),
        ('ID="rhel"\nVERSION_ID="9.4"\nID_LIKE="fedora"', "rhel 9"),
        ("ID='almalinux'\nVERSION_ID='10.0'", "alma 10"),
        ("ID=arch\nBUILD_ID=rolling", "arch"),
        ("ID=flatcar\nVERSION_ID=3815.2.1", "flatcar 3815.2.1"),
        ("ID=plan9\nVERSION_ID=4", None),
        ("ID=debian\nVERSION_ID=`reboot`", "debian"),
    ],
)
def test_distribution(tmp_path: Path, text: str, word: str | None) -> None:
    put(tmp_path, {"etc/os-release": text})
    assert probe(tmp_path).distribution == word


def test_systemd_is_told_by_its_library(tmp_path: Path) -> None:
    put(tmp_path, {"usr/lib/x86_64-linux-gnu/systemd/libsystemd-shared-252.so": ""})
    assert probe(tmp_path).systemd == 252


def test_host_name(tmp_path: Path) -> None:
    put(tmp_path, {"proc/sys/kernel/hostname": "lb-01.fra.example.net"})
    assert probe(tmp_path).host == "lb-01.fra.example.net"
    put(tmp_path, {"proc/sys/kernel/hostname": "-oops"})
    assert probe(tmp_path).host is None


def test_broken_files_are_absent(tmp_path: Path) -> None:
    put_cpu(tmp_path, 0, siblings="0")
    folder = tmp_path / CPU
    (folder / "present").write_bytes(b"\xff\xfe\0garbage")
    (folder / "cpu0/topology/core_id").unlink()
    (folder / "cpu0/topology/core_id").mkdir()
    os.mkfifo(folder / "online")  # reading it would wait for ever
    (folder / "possible").symlink_to("possible")
    put(tmp_path, {"sys/devices/system/node/node0": "a file where a folder belongs"})
    (tmp_path / "proc/net").mkdir(parents=True)
    (tmp_path / "proc/interrupts").write_bytes(b"\0" * 100)
    facts = probe(tmp_path)
    assert facts.cpus == (CpuFact(0, socket=0, siblings=cpus("0")),)
    assert facts.nodes == (NodeFact(0),)


def test_links_out_of_the_copy_are_not_followed(tmp_path: Path) -> None:
    put(tmp_path, {"outside": "0-63"})
    put_cpu(tmp_path / "copy", 0, siblings="0")
    link(tmp_path / "copy", f"{CPU}/possible", str(tmp_path / "outside"))
    assert probe(tmp_path / "copy").possible is None

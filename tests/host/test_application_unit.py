"""What the unit of an application is given: its drop-in as systemd reads it, its arguments as a process gets them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from made import NASTY, TARGET, files, plan, run

from netc.backends.guards import Defect
from netc.plan import Application, Device, EalArgument, Kind, Setting

if TYPE_CHECKING:
    from pathlib import Path

    from netc.plan import Plan

UNIT = """[Unit]
Description=Forwards packets
[Service]
ExecStart=/usr/bin/printf '%%s\\n' $DPDK_EAL_ARGUMENTS -- --auto-start
"""
PAGES = Setting(Kind.HUGEPAGES, "node0/hugepages-2048kB", "512", NASTY)
PHYSICAL = Device("front", "pci", "0000:18:00.0", "vfio-pci", NASTY, group="dpdk")
VIRTUAL = Device("vf3", "pci", "0000:19:00.0", "vfio-pci", NASTY, function=3, group="dpdk")
PERHAPS = replace(VIRTUAL, nic="vf4", function=4, optional=True)


def application(*arguments: EalArgument, unit: str = "fwd.service", group: str = "dpdk") -> Application:
    common = (
        EalArgument("-l", "4-5", NASTY),
        EalArgument("--socket-mem", "1024,0", NASTY),
        EalArgument("--file-prefix", "fwd", NASTY),
    )
    return Application(unit, (), "4-5", (*common, *arguments), "/dev/hugepages-2MiB", NASTY, group)


def opened(device: Device, words: str = "") -> EalArgument:
    return EalArgument("-a", words, NASTY, device=device.nic)


def planned(app: Application, *devices: Device) -> Plan:
    nics = tuple(device.nic for device in devices)
    return replace(plan(PAGES, target=TARGET), applications=(replace(app, nics=nics),), devices=devices)


STATIC = planned(application(opened(PHYSICAL, ",representor=[0-3],x=(1|2)~")), PHYSICAL)
LATE = planned(application(opened(PHYSICAL), opened(VIRTUAL, ",a=[0-3]"), opened(PERHAPS)), PHYSICAL, VIRTUAL, PERHAPS)
WORDS = ["-l", "4-5", "--socket-mem=1024,0", "--file-prefix=fwd"]


def words_of(environment: Path) -> list[str]:
    """What becomes of `$DPDK_EAL_ARGUMENTS`, by a shell: within double quotes without `"`, `\\`, `$` and backquotes it
    and systemd read alike (systemd.exec(5), EnvironmentFile=), and both split at blanks."""
    said = run("sh", "-efc", f". {environment}; printf '%s\\n' $DPDK_EAL_ARGUMENTS")
    assert (said.returncode, said.stderr) == (0, "")
    return said.stdout.splitlines()


def test_a_process_gets_the_words(tmp_path: Path) -> None:
    environment = files(STATIC, tmp_path) / "etc/netc/dpdk/fwd.env"
    assert words_of(environment) == [*WORDS, "-a", "0000:18:00.0,representor=[0-3],x=(1|2)~"]
    others = [line for line in environment.read_text().splitlines() if line and not line.startswith("#")]
    assert len(others) == 1
    assert others[0].startswith('DPDK_EAL_ARGUMENTS="')


class Late:
    """The script of an application with virtual functions, on a copy of /run."""

    def __init__(self, folder: Path) -> None:
        self.rootfs = files(LATE, folder / "out")
        self.run = folder / "root/run/netc/dpdk"
        self.environment = self.run / "fwd.env"
        self.root = folder / "root"

    def told(self, nic: str, address: str) -> None:
        self.run.mkdir(parents=True, exist_ok=True)
        (self.run / f"{nic}.address").write_text(f"{address}\n")

    def start(self) -> tuple[int, str]:
        said = run("sh", self.rootfs / "etc/netc/dpdk/fwd", NETC_ROOT=str(self.root), PATH="/usr/bin:/bin")
        return said.returncode, said.stdout + said.stderr


@pytest.fixture
def late(tmp_path: Path) -> Late:
    return Late(tmp_path)


def test_addresses_of_virtual_functions_are_put_in_at_boot(late: Late) -> None:
    late.told("vf3", "0000:19:02.3")
    late.told("vf4", "0000:19:02.4")
    assert late.start() == (0, "")
    expected = [*WORDS, "-a", "0000:18:00.0", "-a", "0000:19:02.3,a=[0-3]", "-a", "0000:19:02.4"]
    assert words_of(late.environment) == expected
    assert late.start() == (0, "")
    assert words_of(late.environment) == expected


def test_an_optional_port_may_be_absent(late: Late) -> None:
    late.told("vf3", "0000:19:02.3")
    assert late.start() == (0, "")
    assert words_of(late.environment) == [*WORDS, "-a", "0000:18:00.0", "-a", "0000:19:02.3,a=[0-3]"]


def test_a_required_port_may_not(late: Late) -> None:
    late.told("vf3", "0000:19:02.3")
    late.start()
    (late.run / "vf3.address").unlink()
    assert late.start() == (1, "netc: nothing tells the address of vf3: has netc-vfio.service failed?\n")
    assert not late.environment.exists()  # what an earlier start wrote does not count


@pytest.mark.parametrize("address", ['0000:19:02.3" --no-huge "', "$(id)", "../x"])
def test_what_is_no_address_is_not_passed_on(late: Late, address: str) -> None:
    late.told("vf3", address)
    status, said = late.start()
    assert status == 1
    assert said.endswith("is no address of vf3\n")
    assert not late.environment.exists()


@pytest.mark.tool("shellcheck")
def test_the_script_is_clean(late: Late) -> None:
    assert run("shellcheck", late.rootfs / "etc/netc/dpdk/fwd").stdout == ""


@pytest.mark.tool("systemd-analyze")
@pytest.mark.parametrize("given", [STATIC, LATE], ids=["static", "late"])
def test_the_drop_in_is_verified(given: Plan, tmp_path: Path) -> None:
    units = files(given, tmp_path) / "etc/systemd/system"
    (units / "fwd.service").write_text(UNIT)
    said = run("systemd-analyze", "verify", "--man=no", units / "fwd.service")
    assert [line for line in (said.stderr + said.stdout).splitlines() if "fwd.service" in line] == []


@pytest.mark.tool("systemd-analyze")
def test_verification_would_tell_of_a_directive_that_does_not_exist(tmp_path: Path) -> None:
    units = files(STATIC, tmp_path) / "etc/systemd/system"
    (units / "fwd.service").write_text(UNIT)
    drop_in = units / "fwd.service.d/50-netc.conf"
    drop_in.write_text(drop_in.read_text().replace("LimitMEMLOCK", "LimitMemLock"))
    said = run("systemd-analyze", "verify", "--man=no", units / "fwd.service")
    assert "LimitMemLock" in said.stderr + said.stdout


@pytest.mark.tool("systemd-sysusers")
@pytest.mark.root
def test_the_group_is_made(tmp_path: Path) -> None:
    rootfs = files(STATIC, tmp_path)
    said = run("systemd-sysusers", f"--root={rootfs}", rootfs / "etc/sysusers.d/netc-dpdk.conf")
    assert said.returncode == 0, said.stderr
    assert any(line.startswith("dpdk:") for line in (rootfs / "etc/group").read_text().splitlines())


@pytest.mark.parametrize(
    "wrong",
    [
        application(EalArgument("-a", ',x="', NASTY)),
        application(EalArgument("--vdev", "net_null0 --no-huge", NASTY)),
        application(EalArgument("--vdev", "$HOME", NASTY)),
        application(EalArgument("-x; rm", "", NASTY)),
        application(unit="../fwd.service"),
        application(unit="fwd@.service"),
        application(unit="fwd"),
        application(group="a b"),
        application(EalArgument("-a", "", NASTY, device="nobody")),
        replace(application(), folder="/dev/huge pages"),
    ],
)
def test_what_may_not_stand_there_is_a_defect(wrong: Application, tmp_path: Path) -> None:
    with pytest.raises(Defect):
        files(planned(wrong), tmp_path)

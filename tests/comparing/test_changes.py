"""Two plans → changes: each once, with the statement behind it, what it does and what it may break."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest
from compared import changes, host, state_of
from hypothesis import given, settings
from hypothesis import strategies as st

from netc.comparing.causes import Cause
from netc.comparing.changes import COMPARED, SILENT, Change, compare
from netc.comparing.entries import saying
from netc.knowledge.effects import Changed, effect_of, risk_of, words
from netc.plan import Kind, Plan, Setting, Target, Why
from netc.records import fields, replace

NIC = "nic front {{ match pci 0000:18:00.0; driver {}; speed 10Gbps; {} }}"
WHY = Why(("a.net: host x, set k",), "written", "because")


def of(found: tuple[Change, ...], key: str) -> Change:
    (change,) = (change for change in found if change.key == key)
    return change


def plan(*given: Setting) -> Plan:
    target = Target("debian", "12", "6.1", 252, 250, "x86-64", "grub", "none", "none", 4096)
    return Plan("x", ("a.net",), target, "kernel", "", (), given)


def sysctl(key: str, value: str) -> Setting:
    return Setting(Kind.SYSCTL, key, value, WHY)


def test_a_goal_that_changed_is_named_with_both_values(tmp_path: Path) -> None:
    goal = "goal web-server {{ connection-rate {}; connections 100k }}"
    found = changes(host(goal.format("20k/s")), host(goal.format("90k/s")), tmp_path).changes
    change = of(found, "net.core.somaxconn")
    place = "one.net: host edge-1, goal web-server, connection-rate"
    assert change.causes == (Cause(place, "connection-rate 20k/s", "connection-rate 90k/s"),)
    assert (change.old, change.new, change.how) == (None, "16384", "added")
    assert change.effect.word == "new"


def test_a_statement_above_the_one_that_asked_is_found(tmp_path: Path) -> None:
    block = host(NIC.format("i40e", "queues 4")), host(NIC.format("i40e", "queues 4; irq { cpus 2-5 }"))
    change = of(changes(*block, tmp_path).changes, "irq.cpus")
    assert [cause.place for cause in change.causes] == ["one.net: host edge-1, nic front, irq"]


def test_the_machine_is_behind_what_goals_ask_for(tmp_path: Path) -> None:
    goal = host(NIC.format("i40e", "vectors 64") + "\ngoal router { packets 12Mpps }")
    found = changes(goal, goal.replace("cores 8", "cores 16"), tmp_path).changes
    causes = of(found, "channels.combined").causes
    assert [(cause.place.rpartition(", ")[2], cause.old, cause.new) for cause in causes] == [
        ("cores", "cores 8", "cores 16")
    ]


def test_plans_alone_tell_who_asked(tmp_path: Path) -> None:
    one, two = (state_of(host(f'set net.core.somaxconn = {n} because "x"'), tmp_path).plan for n in (5000, 6000))
    (change,) = compare(one, two).changes
    assert change.causes == (Cause("one.net: host edge-1, set net.core.somaxconn"),)


def test_names_of_files_folders_and_hosts_are_no_reasons() -> None:
    one = replace(plan(sysctl("a.b", "1")), sources=("old/a.net",))
    moved = Why(("new/b.net: host y-[1..9], set k",), "written", "because")
    two = replace(plan(Setting(Kind.SYSCTL, "a.b", "1", moved)), sources=("new/b.net",))
    one = replace(one, settings=(replace(one.settings[0], why=replace(WHY, places=("old/a.net: host x, set k",))),))
    assert not compare(one, two)
    included = replace(WHY, places=("old/roles/base.net: profile base, set k",))
    one = replace(one, settings=(replace(one.settings[0], why=included),))
    assert compare(one, two).reworded == ("a.b",)


def test_a_reason_is_no_change_of_the_host(tmp_path: Path) -> None:
    found = changes(*(host(f'set net.core.somaxconn = 9000 because "{w}"') for w in ("this", "that")), tmp_path)
    assert found.changes == ()
    assert found.reworded == ("net.core.somaxconn",)


def test_kernel_arguments_are_pairs_by_name(tmp_path: Path) -> None:
    text = 'kernel-argument "{}" because "x"'
    old, new = (host("\n".join(map(text.format, words))) for words in (["panic=10", "quiet"], ["panic=20"]))
    found = [(c.key, c.old, c.new, c.effect.word) for c in changes(old, new, tmp_path).changes]
    assert found == [("panic", "10", "20", "reboot"), ("quiet", "", None, "reboot")]


def test_arguments_that_stand_twice_are_each_their_own() -> None:
    def one(*words: str) -> Plan:
        return plan(*(Setting(Kind.KERNEL_ARGUMENT, word, "", WHY) for word in words))

    found = compare(one("console=tty0", "console=ttyS0"), one("console=tty0", "console=ttyS1")).changes
    assert [(change.key, change.how) for change in found] == [("console=ttyS1", "added"), ("console=ttyS0", "removed")]


def test_what_is_no_longer_set_stays(tmp_path: Path) -> None:
    written = 'set net.ipv4.tcp_tw_reuse = 1 because "x"'
    change = of(changes(host(written), host(""), tmp_path).changes, "net.ipv4.tcp_tw_reuse")
    assert change.effect.word == "lingers"
    assert change.causes[0].new is None


def test_a_nic_that_goes_and_a_management_port(tmp_path: Path) -> None:
    whole = host(NIC.format("i40e", "queues 2; management"))
    found = changes(whole, whole.replace("queues 2", "queues 4"), tmp_path).changes
    assert of(found, "channels.combined").effect.word == "link"
    risk = of(found, "channels.combined").risk
    assert risk is not None and risk.word == "lockout"
    gone = [change for change in changes(whole, host(""), tmp_path).changes if change.kind == "interface"]
    assert [(change.name, change.how, change.causes[0].place) for change in gone] == [
        ("nic front", "removed", "one.net: host edge-1, nic front")
    ]


def test_what_follows_from_a_target_is_one_change(tmp_path: Path) -> None:
    found = changes(host(""), host("").replace("debian 12", "debian 13"), tmp_path).changes
    kernel = of(found, "kernel")
    assert (kernel.old, kernel.new, kernel.causes[0].new) == ("6.1", "6.12", "distribution debian 13")
    details = of(found, "details")
    assert "ethtool /sbin/ethtool" in str(details.old) and "ethtool /usr/sbin/ethtool" in str(details.new)
    assert [change.key for change in found if change.kind == "target"].count("ethtool") == 0


PROGRAM = """nic front {{ match pci 0000:18:00.0; driver ice; speed 10Gbps; queues 4
xdp "count_pass.o" {{ priority {}; mode {} }} }}"""


def test_a_program_that_changes(tmp_path: Path) -> None:
    shutil.copy(Path(__file__).parents[2] / "examples" / "xdp" / "count_pass.o", tmp_path)
    old, new = (host(PROGRAM.format(*given)) for given in ((10, "native"), (20, "generic")))
    found = [change for change in changes(old, new, tmp_path).changes if change.kind == "program"]
    assert {(change.key.rpartition(" ")[2], change.old, change.new) for change in found} == {
        ("priority", "10", "20"),
        ("mode", "native", "generic"),
    }
    gone = [change for change in changes(old, host(""), tmp_path).changes if change.kind == "program"]
    assert [(change.how, change.risk and change.risk.word) for change in gone] == [("removed", "unfiltered")]


DPDK = """
    nic admin {{ match pci 0000:01:00.0; driver igb; management }}
    nic up {{ match pci 0000:18:00.0; driver i40e; {dpdk} }}
    {application}
"""


def test_a_port_that_goes_to_an_application(tmp_path: Path) -> None:
    application = 'dpdk "pmd.service" { nics up; lcores 4-5; memory 2GiB; page 1GiB }'
    kernels = DPDK.format(dpdk="queues 2", application="")
    old, new = host(kernels), host(DPDK.format(dpdk="dpdk", application=application))
    found = {(c.kind, c.how): c for c in changes(old, new, tmp_path).changes}
    device, started = found["device", "added"], found["application", "added"]
    assert (device.new, device.effect.word, device.risk and device.risk.word) == (
        "vfio-pci, pci 0000:18:00.0",
        "reboot",
        "leaves the kernel",
    )
    assert (started.name, started.new) == ("application pmd.service", "up on CPUs 4-5")
    assert found["hugepages", "added"].effect.word == "reboot"
    back = {(c.kind, c.how): c.effect.word for c in changes(new, old, tmp_path).changes}
    assert back["device", "removed"] == back["hugepages", "removed"] == "lingers"


def test_arguments_of_an_application(tmp_path: Path) -> None:
    application = 'dpdk "pmd.service" {{ nics up; lcores {cpus}; memory 2GiB; page 1GiB }}'
    old, new = (host(DPDK.format(dpdk="dpdk", application=application.format(cpus=cpus))) for cpus in ("4-5", "4-6"))
    found = [c for c in changes(old, new, tmp_path).changes if c.kind == "application"]
    assert {c.key: (c.old, c.new) for c in found}["pmd.service lcores"] == ("4-5", "4-6")
    words = {c.key: (c.old, c.new) for c in found}["pmd.service arguments"]
    assert words[0] is not None and words[0].startswith("-l 4-5 ") and words[0].endswith("-a up")
    assert {c.effect.word for c in found} == {"restart"}


def effect_and_risk(*changed: str | None, driver: str = "", management: bool = False) -> tuple[str, str]:
    kind, key, old, new = changed
    assert kind is not None
    assert key is not None
    change = Changed(kind, key, old, new, driver, management)
    risk = risk_of(change)
    return effect_of(change).word, risk.word if risk else ""


def test_a_port_whose_driver_stays_leaves_nothing() -> None:
    """A bifurcated driver is bound before and after; its NIC may still be handed to vfio-pci."""
    bifurcated, bound = "mlx5_core, pci 0000:a1:00.0", "vfio-pci, pci 0000:a1:00.0"
    assert effect_and_risk("device", "", None, bifurcated, driver="mlx5_core") == ("restart", "")
    assert effect_and_risk("device", "", bifurcated, None, driver="mlx5_core") == ("restart", "")
    assert effect_and_risk("device", "", None, bound, driver="mlx5_core") == ("reboot", "leaves the kernel")
    assert effect_and_risk("device", "", bound, None, driver="mlx5_core") == ("lingers", "")
    assert effect_and_risk("device", "group", "dpdk", "packets", driver="mlx5_core") == ("restart", "")


def test_virtual_functions() -> None:
    assert effect_and_risk("nic", "vfs", None, "2") == ("link", "")
    assert effect_and_risk("nic", "vfs", "2", "4") == ("link", "outage")
    assert effect_and_risk("nic", "vfs", None, "2", management=True) == ("link", "lockout")
    one, two = "mac 02:00:00:00:00:01 trust on", "mac 02:00:00:00:00:02 trust on"
    assert effect_and_risk("nic", "vf.0", one, two) == ("reboot", "")
    assert effect_and_risk("nic", "vf.0", one, "mac 02:00:00:00:00:01 trust off") == ("at-once", "")
    assert effect_and_risk("nic", "vf.0", None, "vlan 100") == ("at-once", "")


def test_a_mask_stops_nothing() -> None:
    assert effect_and_risk("service", "irqbalance.service", None, "masked") == ("reboot", "")
    assert effect_and_risk("service", "dpdk.service", "masked", None) == ("reboot", "")
    assert effect_and_risk("service", "irqbalance.banned-cpus", "1", "2") == ("restart", "")


def test_guards_against_flaws_of_cpus() -> None:
    assert effect_and_risk("kernel-argument", "mitigations", None, "off") == ("reboot", "less protection")
    assert effect_and_risk("kernel-argument", "mitigations", "off", "auto") == ("reboot", "performance")


def test_a_statement_is_told_without_its_word() -> None:
    cause = Cause("a.net: host x, kernel-argument mitigations=off")
    assert saying(cause, 'kernel-argument "mitigations=off" because "x"') == '"mitigations=off" because "x"'
    assert saying(Cause("a.net: host x, set net.a"), 'set net.a = 1 because "x"') == '= 1 because "x"'


def test_drivers_differ_in_what_channels_do() -> None:
    assert effect_of(Changed("nic", "channels.combined", "1", "2", "virtio_net")).word == "at-once"
    assert effect_of(Changed("nic", "channels.combined", "1", "2", "ice")).word == "link"


def test_less_of_a_capacity_is_a_risk() -> None:
    found = compare(plan(sysctl("net.core.rmem_max", "4194304")), plan(sysctl("net.core.rmem_max", "2097152")))
    assert found.changes[0].risk is not None and found.changes[0].risk.word == "less capacity"
    assert risk_of(Changed("sysctl", "net.netfilter.nf_conntrack_max", "1000", "2000")) is None
    risk = risk_of(Changed("sysctl", "net.netfilter.nf_conntrack_max", "2000", "1000"))
    assert risk is not None and risk.word == "outage"


def test_what_is_grave_comes_first(tmp_path: Path) -> None:
    old = host(NIC.format("i40e", "queues 2") + "\ngoal web-server { connection-rate 20k/s }")
    new = host(
        NIC.format("i40e", "queues 4")
        + '\ngoal web-server { connection-rate 90k/s }\nkernel-argument "quiet" because "x"'
    )
    order = list(words())
    ranks = [order.index(change.effect.word) for change in changes(old, new, tmp_path).changes]
    assert ranks == sorted(ranks)
    assert ranks[0] == order.index("reboot")


@pytest.mark.parametrize("kind", [kind.value for kind in Kind])
@pytest.mark.parametrize("old, new", [(None, "1"), ("1", None), ("1", "2")])
def test_every_kind_has_a_rule(kind: str, old: str | None, new: str | None) -> None:
    """A kind that no rule knows would be shown as if nobody had thought about it."""
    assert effect_of(Changed(kind, "any", old, new)) != effect_of(Changed("no such kind", "any", old, new))


def test_every_field_of_a_plan_is_compared_or_left_out_on_purpose() -> None:
    assert sorted((*SILENT, *COMPARED)) == sorted(name for name, _ in fields(Plan))


KEYS = [f"net.k{number}" for number in range(8)]
SIDES = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(["1", "2"]))


@given(SIDES, SIDES)
@settings(deadline=None)
def test_every_setting_that_changes_appears_once(old: dict[str, str], new: dict[str, str]) -> None:
    found = compare(*(plan(*(sysctl(key, value) for key, value in side.items())) for side in (old, new)))
    expected = {key for key in KEYS if old.get(key) != new.get(key)}
    assert Counter(change.key for change in found.changes) == Counter(expected)
    assert all((change.old, change.new) == (old.get(change.key), new.get(change.key)) for change in found.changes)
    assert found.reworded == ()

"""XDP programs: what each driver takes by its table, and where the checks are silent."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from diagnosing import diagnose
from netc import bpf_object
from netc.bpf_object import BpfMap, BpfObject
from netc.diagnostics import Severity
from netc.resolving import programs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.diagnostics import Diagnostic

ROOT = Path(__file__).parents[1]
TABLE: dict[str, Any] = yaml.safe_load(
    (ROOT / "compiler" / "netc" / "knowledge" / "drivers.yaml").read_text(encoding="utf-8")
)
DRIVERS: dict[str, Any] = TABLE["drivers"]
KERNELS = ("5.4", "5.10", "5.15", "6.1", "6.8", "6.12", "6.18", "7.2")
SYSTEM = (
    "distribution arch; systemd 252; tick 250; boot grub; initramfs dracut; network networkd; irqbalance keep; kernel "
)
OURS = tuple(f"N07{tens}" for tens in range(1, 4))


class Check:
    """Checks hosts in a folder of its own, in which all objects lie, and tells the findings about XDP programs."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.monkeypatch = monkeypatch
        for path in (*(ROOT / "examples" / "xdp").glob("*.o"), *(ROOT / "tests" / "objects").glob("*.o")):
            shutil.copy(path, folder)

    def __call__(self, body: str, system: str = "distribution debian 13", **files: str) -> list[str]:
        return [found.code for found in self.found(body, system, **files)]

    def found(self, body: str, system: str = "distribution debian 13", **files: str) -> list[Diagnostic]:
        for name, text in files.items():
            (self.folder / f"{name}.yaml").write_text(text, encoding="utf-8")
        (self.folder / "h.net").write_text(f"host h {{\nsystem {{ {system} }}\n{body}\n}}\n", encoding="utf-8")
        report = diagnose(self.folder, "h.net", self.monkeypatch)
        errors = [d.message for d in report if d.severity is Severity.ERROR and not d.code.startswith(OURS)]
        assert errors == [], "the host is fine but for what is asked"
        return [d for d in report if d.code.startswith((*OURS, "N0409"))]


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    return Check(tmp_path, monkeypatch)


def nic(driver: str, *lines: str, name: str = "n", mac: str = "02:00:00:00:00:01") -> str:
    return "\n".join([f"nic {name} {{ match mac {mac}", f"driver {driver}", *lines, "}"])


def number(kernel: str) -> tuple[int, ...]:
    return tuple(map(int, kernel.split(".")))


def has(kernel: str, since: str | None) -> bool | None:
    """What the table says of a kernel: True, False, or None where it lies between two that were read."""
    if since is None:
        return False
    if number(kernel) >= number(since):
        return True
    tables = TABLE["tables"]
    between = since in tables[1:] and number(kernel) > number(tables[tables.index(since) - 1])
    return None if between else False


def few(driver: str) -> tuple[str, ...]:
    """As few queues as satisfy every rule."""
    return ("queues 1",) if DRIVERS[driver]["xdp"].get("queues") == "half-of-maximum" else ()


def mtu_of(driver: str, kernel: str) -> int | None:
    """The largest MTU of one buffer by the table."""
    limits = DRIVERS[driver]["xdp"].get("mtu")
    if isinstance(limits, dict):
        reached = [limits[first] for first in limits if number(first) <= number(kernel)]
        limit: int = reached[-1] if reached else next(iter(limits.values()))
        return limit
    return None if limits is None else int(limits)


def test_copies_of_objects_are_those_of_the_repository() -> None:
    made = {path.read_bytes() for folder in ("examples/xdp", "tests/objects") for path in (ROOT / folder).glob("*.o")}
    copies = [
        path for path in (ROOT / "tests" / "cases" / "reject").glob("N07*/*.o") if path.read_bytes()[:4] == b"\x7fELF"
    ]
    assert [path for path in copies if path.read_bytes() not in made] == []


# Every driver.


@pytest.mark.parametrize("driver", DRIVERS)
def test_native_xdp_by_kernel(driver: str, check: Check) -> None:
    for kernel in KERNELS:
        found = check(nic(driver, *few(driver), 'xdp "pass.o" { }'), SYSTEM + kernel)
        expected = {True: [], None: ["N0711"], False: ["N0710"]}[has(kernel, DRIVERS[driver]["xdp"]["since"])]
        assert found == expected, kernel
        assert check(nic(driver, 'xdp "pass.o" { mode generic }'), SYSTEM + kernel) == []


@pytest.mark.parametrize("driver", [name for name in DRIVERS if DRIVERS[name]["xdp"].get("mtu")])
def test_mtu_by_kernel(driver: str, check: Check) -> None:
    """One byte more than the limit is refused, but for programs with frags where the driver may have these."""
    for kernel in KERNELS:
        limit, xdp = mtu_of(driver, kernel), DRIVERS[driver]["xdp"]
        if not has(kernel, xdp["since"]) or limit is None or number(kernel) < number("5.18"):
            continue
        found = []
        for mtu in (limit, limit + 1):
            for program in ("pass.o", "pass_frags.o"):
                lines = (*few(driver), f"mtu {mtu}", f'xdp "{program}" {{ }}')
                found.append(check(nic(driver, *lines), SYSTEM + kernel))
        if driver == "veth":  # the MTU that counts is its peer's
            assert found == [[], [], [], []]
            continue
        beyond = [] if has(kernel, xdp.get("frags")) is not False else ["N0712"]
        assert found == [[], [], ["N0712"], beyond], kernel


@pytest.mark.parametrize("driver", [name for name in DRIVERS if DRIVERS[name]["xdp"]["since"]])
def test_offloads_that_must_be_off(driver: str, check: Check) -> None:
    for feature in ("lro", "gro-hw"):
        since = DRIVERS[driver]["features"].get(feature)
        if since is not True and not has("7.2", since):
            continue
        for switch, mode, expected in (
            ("on", "native", ["N0715"] if feature in DRIVERS[driver]["xdp"].get("disable", ()) else []),
            ("on", "generic", ["N0715"]),
            ("off", "native", []),
        ):
            lines = (*few(driver), f"offload {{ {feature} {switch} }}", f'xdp "pass.o" {{ mode {mode} }}')
            assert check(nic(driver, *lines), SYSTEM + "7.2") == expected, (feature, switch, mode)


@pytest.mark.parametrize("driver", DRIVERS)
def test_running_on_the_nic(driver: str, check: Check) -> None:
    found = check(nic(driver, 'xdp "pass.o" { mode offload }'), SYSTEM + "6.12")
    assert found == ([] if driver == "nfp" else ["N0721"])


@pytest.mark.parametrize("driver", [name for name in DRIVERS if DRIVERS[name]["xdp"]["since"]])
def test_queues_of_which_half_is_free(driver: str, check: Check) -> None:
    half = DRIVERS[driver]["xdp"].get("queues") == "half-of-maximum"
    if DRIVERS[driver]["channels"]["model"] == "fixed" or driver == "virtio_net":
        return
    cpu = "cpu { sockets 1; cores 4 }\n"
    for queues, expected in (("2", []), ("3", ["N0716"]), ("4", ["N0716"])):
        lines = ("vectors 4", f"queues {queues}", 'xdp "pass.o" { }')
        assert check(cpu + nic(driver, *lines), SYSTEM + "7.2") == (expected if half else []), queues


# CPUs, queues and functions.


def test_queues_that_follow_from_a_goal_are_halved(check: Check) -> None:
    body = "cpu { sockets 1; cores 8 }\n" + nic("ena", "vectors 8", 'xdp "pass.o" { }')
    assert check(body) == ["N0717"]
    assert check(body + "\ngoal scrubber { packets 3Mpps }") == []
    assert check(body.replace("vectors 8", "vectors 8; queues max")) == []
    assert check(body.replace("vectors 8", "queues max")) == ["N0716"]
    assert check(body.replace("{ }", "{ mode generic }")) == []


@pytest.mark.parametrize(
    ("kernel", "cores", "found"),
    [("5.10", 64, []), ("5.10", 65, ["N0718"]), ("5.15", 128, []), ("6.12", 128, []), ("6.12", 129, ["N0718"])],
)
def test_cpus_of_ixgbe(kernel: str, cores: int, found: list[str], check: Check) -> None:
    body = f"cpu {{ sockets 1; cores {cores} }}\n" + nic("ixgbe", 'xdp "pass.o" { }')
    assert check(body, SYSTEM + kernel) == found
    assert check(body.replace("ixgbe", "i40e"), SYSTEM + kernel) == []


def test_cpus_are_those_that_the_kernel_has_room_for(check: Check) -> None:
    cpu = "cpu { sockets 1; cores 130; offline 64-129 }\n"
    assert check(cpu + nic("ixgbe", 'xdp "pass.o" { }')) == ["N0718"]


@pytest.mark.parametrize(
    ("vectors", "cores", "queues", "found"),
    [(8, 4, "queues 4", []), (7, 4, "queues 4", ["N0719"]), (7, 4, "queues 3", []), (7, 4, "", ["N0719"])],
)
def test_pairs_of_virtio(vectors: int, cores: int, queues: str, found: list[str], check: Check) -> None:
    body = nic("virtio_net", f"vectors {vectors}", queues, 'xdp "pass.o" { }')
    assert check(f"cpu {{ sockets 1; cores {cores} }}\n{body}") == found


def test_programs_that_drop_send_nothing(check: Check) -> None:
    cpu = "cpu { sockets 1; cores 4 }\n"
    assert check(cpu + nic("virtio_net", "vectors 4", 'xdp "prefix_drop.o" { drop 192.0.2.0/24 }')) == []


# What facts tell.

FACTS = "kernel: {kernel}\nnics:\n- {{role: n, mac: 02:00:00:00:00:01, driver: {driver}, xdp: {xdp}}}\n"


@pytest.mark.parametrize(
    ("kernel", "driver", "xdp", "found"),
    [
        ("6.8.12", "gve", "true", []),
        ("6.8.12", "gve", "false", ["N0710"]),
        ("6.1.90", "gve", "false", ["N0711"]),
        ("6.8", "ice", "false", ["N0710"]),
        ("6.8", "tg3", "true", []),
    ],
)
def test_facts_of_the_same_kernel_decide(kernel: str, driver: str, xdp: str, found: list[str], check: Check) -> None:
    facts = FACTS.format(kernel=kernel, driver=driver, xdp=xdp)
    queues = "queues 1\n" if driver == "gve" else ""
    body = f'hardware "facts.yaml"\nnic n {{ {queues} xdp "pass.o" {{ }}\n}}'
    assert check(body, SYSTEM + "6.8", facts=facts) == found


# Packets of several buffers.

BOTH = ('xdp "pass_frags.o" { priority 10 }', 'xdp "two.o" { program back; priority 20 }')


def test_frags_of_several_programs(check: Check) -> None:
    """All must take them, and the dispatcher of Debian 12 passes one buffer on."""
    assert check(nic("i40e", "mtu 9000", *BOTH), "distribution debian 13") == []
    assert check(nic("i40e", "mtu 9000", BOTH[0], BOTH[1].replace("back", "front"))) == ["N0712"]
    body = nic("bnxt_en", "mtu 9000", *BOTH)
    assert check(body, "distribution debian 12") == ["N0712"]
    assert check(body, "distribution debian 13") == []
    assert check(nic("bnxt_en", "mtu 9000", BOTH[0]), "distribution debian 12") == []


def test_limits_are_for_pages_of_4_kib(check: Check) -> None:
    body = nic("mlx5_core", "mtu 9000", 'xdp "pass.o" { }')
    assert check(body, SYSTEM + "6.12; architecture arm64; page 4KiB") == ["N0712"]
    assert check(body, SYSTEM + "6.12; architecture arm64; page 64KiB") == []


def test_backports_may_have_what_is_newer(check: Check) -> None:
    assert check(nic("ice", 'xdp "pass_frags.o" { }'), "distribution rocky 9") == []
    assert check(nic("ice", 'xdp "pass_frags.o" { }'), SYSTEM + "5.14") == ["N0714"]
    assert check(nic("ice", "mtu 9000", 'xdp "pass_frags.o" { }'), "distribution rocky 9") == []


# Several programs.


def test_a_chain_that_runs(check: Check) -> None:
    lines = ('xdp "prefix_drop.o" { maps drop_v4, drop_v6 }', 'xdp "count_pass.o" { priority 60 }')
    assert check(nic("ice", *lines)) == []
    assert check(nic("ice", *lines), "distribution rocky 9") == []


def test_equal_priorities_whose_names_keep_the_order_are_fine(check: Check) -> None:
    lines = ('xdp "count_pass.o" { }', 'xdp "prefix_drop.o" { maps drop_v4, drop_v6 }')
    assert check(nic("ice", *lines)) == []
    assert check(nic("ice", *reversed(lines))) == ["N0725"]


def test_one_program_needs_no_types_and_no_loader(check: Check) -> None:
    assert check(nic("ice", 'xdp "no_types.o" { }'), "distribution debian 11") == []


# Pins, maps and lists.


@pytest.mark.parametrize(
    ("pin", "taken"),
    [
        ("/sys/fs/bpf/netc/n", True),
        ("/sys/fs/bpf/drops/", True),
        ("/sys/fs/bpf/xdp-drops", True),
        ("/sys/fs/bpf", False),
        ("/sys/fs/bpf/", False),
        ("/sys/fs/bpfx/drops", False),
        ("sys/fs/bpf/drops", False),
        ("/sys/fs/bpf/../drops", False),
        ("/sys/fs/bpf/a//b", False),
        ("/sys/fs/bpf/xdp/", False),
        ("/sys/fs/bpf/xdp/dispatch-2-17", False),
        ("/sys/fs/bpf/$(id)", False),
        ("/sys/fs/bpf/ä", False),
    ],
)
def test_folders_of_pins(pin: str, taken: bool, check: Check) -> None:
    assert check(nic("ice", f'xdp "prefix_drop.o" {{ pin "{pin}" }}')) == ([] if taken else ["N0727"])


@pytest.mark.parametrize(
    ("first", "second", "meet"),
    [
        ("", "", False),
        ("/sys/fs/bpf/a", "/sys/fs/bpf/b", False),
        ("/sys/fs/bpf/a", "/sys/fs/bpf/ab", False),
        ("/sys/fs/bpf/a", "/sys/fs/bpf/a/b", True),
        ("/sys/fs/bpf/a/b", "/sys/fs/bpf/a", True),
        ("", "/sys/fs/bpf/netc/one", True),
        ("", "/sys/fs/bpf/netc", True),
    ],
)
def test_pins_of_two_nics(first: str, second: str, meet: bool, check: Check) -> None:
    blocks = [
        nic(
            "ice", f'xdp "prefix_drop.o" {{ {pin and f"""pin "{pin}" """} }}', name=name, mac=f"02:00:00:00:00:0{place}"
        )
        for place, (name, pin) in enumerate((("one", first), ("other", second)))
    ]
    assert check("\n".join(blocks)) == (["N0728"] if meet else [])


DROP_V4 = BpfMap("drop_v4", "lpm_trie", 8, 1, 16, 1, pinned=False)
WRONG = {
    "lacks": None,
    "of another type": replace(DROP_V4, type="hash"),
    "of longer keys": replace(DROP_V4, key_size=20),
    "of longer values": replace(DROP_V4, value_size=4),
    "without its flag": replace(DROP_V4, flags=0),
}


@pytest.fixture
def maps(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[BpfMap]]:
    """The maps that every object has while the test runs."""
    found: list[BpfMap] = []
    real = bpf_object.read_object

    def described(data: bytes) -> BpfObject:
        return replace(real(data), maps=tuple(found))

    monkeypatch.setattr(bpf_object, "read_object", described)
    programs._object.cache_clear()
    yield found
    programs._object.cache_clear()


@pytest.mark.parametrize("what", WRONG)
def test_maps_that_take_no_prefixes(what: str, maps: list[BpfMap], check: Check) -> None:
    if (found := WRONG[what]) is not None:
        maps.append(found)
    body = nic("ice", 'xdp "pass.o" { drop 192.0.2.0/24 }')
    assert check(body) == ["N0733"]
    maps[:] = [DROP_V4]
    programs._object.cache_clear()
    assert check(body) == []  # and none for IPv6, of which there is no prefix


@pytest.mark.parametrize(("prefixes", "found"), [(15, []), (16, []), (17, ["N0734"])])
def test_room_for_prefixes(prefixes: int, found: list[str], maps: list[BpfMap], check: Check) -> None:
    maps.append(DROP_V4)
    listed = ", ".join(f"192.0.{third}.0/24" for third in range(prefixes))
    assert check(nic("ice", f'xdp "pass.o" {{ drop {listed} }}')) == found


def test_what_prefixes_go_into_is_pinned_whatever_maps_says(check: Check) -> None:
    lines = (
        'xdp "prefix_drop.o" { maps counters; drop 192.0.2.0/24 }',
        'xdp "few.o" { priority 60; maps drop_v4; drop 198.51.100.0/24 }',
    )
    assert check(nic("ice", *lines)) == ["N0730", "N0730"]
    assert check(nic("ice", lines[0].replace("; drop 192.0.2.0/24", ""), lines[1])) == []


def test_a_second_nic_keeps_the_host_reachable(check: Check) -> None:
    closed = 'xdp "prefix_drop.o" { on-failure keep-down }'
    other = nic("ice", "management", name="m", mac="02:00:00:00:00:02")
    assert check(nic("ice", closed)) == ["N0737"]
    assert check(nic("ice", closed) + "\n" + other) == []
    assert check(nic("ice", closed, "management")) == ["N0736"]


# Advice for goals beyond the stack.

CPU = "cpu { sockets 1; cores 8 }\n"
FLOOD = "\ngoal scrubber { packets 40Mpps }"


def test_advice_is_silent_where_a_program_runs_in_the_driver(check: Check) -> None:
    assert check(CPU + nic("ice", "speed 100Gbps") + FLOOD) == ["N0409"]
    assert check(CPU + nic("ice", "speed 100Gbps", 'xdp "pass.o" { }') + FLOOD) == []


def test_advice_where_a_program_runs_behind_the_driver(check: Check) -> None:
    (found,) = check.found(CPU + nic("ice", "speed 100Gbps", 'xdp "pass.o" { mode generic }') + FLOOD)
    assert found.code == "N0409"
    assert found.help == ("write `mode native`",)


def test_advice_where_the_driver_runs_none(check: Check) -> None:
    (found,) = check.found(CPU + nic("bnx2x", "speed 20Gbps") + "\ngoal firewall { packets 20Mpps }")
    assert found.code == "N0409"
    assert "driver `bnx2x` has no native XDP" in found.notes[-1]
    assert "xdp" not in "".join(found.help)


def test_advice_for_the_nic_that_is_left(check: Check) -> None:
    one = nic("ice", "speed 100Gbps", 'xdp "pass.o" { }', name="one")
    other = nic("ice", "speed 100Gbps", name="other", mac="02:00:00:00:00:02")
    (found,) = check.found(CPU + one + "\n" + other + FLOOD)
    assert "nic `other`" in found.message
    (found,) = check.found(CPU + one.replace('xdp "pass.o" { }', "") + "\n" + other + FLOOD)
    assert "nic `other`" in "".join(found.notes)

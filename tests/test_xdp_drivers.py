"""Every driver with native XDP takes the example programs, with what must be off or fewer beside them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from running import netc

ROOT = Path(__file__).parents[1]
TABLE: dict[str, Any] = yaml.safe_load((ROOT / "compiler/netc/knowledge/drivers.yaml").read_text())["drivers"]
NATIVE = sorted(name for name, record in TABLE.items() if record["xdp"]["since"] is not None)
MATCH = {"hv_netvsc": "vmbus f8615163-df3e-46c5-913f-f2d2f965ed0e", "veth": "mac 02:00:00:00:00:01"}

if TYPE_CHECKING:
    from collections.abc import Mapping


def compiled(folder: Path, driver: str, mode: str = "native") -> Mapping[str, Any]:
    shutil.copy(ROOT / "examples/xdp/prefix_drop.o", folder)
    settable = TABLE[driver]["channels"]["model"] != "fixed"
    (folder / "h.net").write_text(
        "host h {\n system { distribution debian 13; kernel 6.12 }\n cpu { sockets 1; cores 64; threads 1 }\n"
        f" nic front {{ match {MATCH.get(driver, 'pci 0000:18:00.0')}; driver {driver}; {'vectors 32' * settable}\n"
        f'  xdp "prefix_drop.o" {{ mode {mode}; drop 192.0.2.0/24 }} }}\n'
        " goal scrubber { packets 5Mpps }\n}\n"
    )
    done = netc("compile", folder / "h.net", "-o", folder / "out")
    assert done.status == 0, done.err
    assert (folder / "out/h/rootfs/etc/netc/xdp/front").is_file()
    plan: dict[str, Any] = json.loads((folder / "out/h/plan.json").read_text())
    return plan


@pytest.mark.parametrize("driver", NATIVE)
def test_a_driver_with_native_xdp_takes_a_program(driver: str, tmp_path: Path) -> None:
    plan = compiled(tmp_path, driver)
    (program,) = plan["programs"]
    assert (program["name"], program["mode"], program["drops"]) == ("prefix_drop", "native", ["192.0.2.0/24"])
    settings = {s["key"]: s["value"] for s in plan["settings"] if s.get("interface") == "front"}
    record = TABLE[driver]
    for feature in record["xdp"].get("disable", ()):
        since = record["features"].get(feature)
        known = since is True or (isinstance(since, str) and [*map(int, since.split("."))] <= [6, 12])
        assert (settings.get(f"offload.{feature}") == "off") == known, feature
    if record["xdp"].get("queues") == "half-of-maximum":
        assert {int(v) for k, v in settings.items() if k.startswith("channels.")} == {16}


@pytest.mark.parametrize("driver", sorted(TABLE.keys() - set(NATIVE)))
def test_a_driver_without_it_takes_one_in_generic_mode(driver: str, tmp_path: Path) -> None:
    (program,) = compiled(tmp_path, driver, "generic")["programs"]
    assert program["mode"] == "generic"

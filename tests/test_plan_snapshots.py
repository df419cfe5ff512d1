"""What each example's hosts are planned to have, in short: one line for each value and the rule it follows.

`pytest --snapshot-update` writes `snapshots/` anew; read the difference before committing it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from netc import pipeline
from netc.diagnostics import Report
from netc.resolving.files import Files

if TYPE_CHECKING:
    from netc.plan import Plan, Setting

EXAMPLES = Path(__file__).parent.parent / "examples"
HOSTS = {
    "fw-01.example.net": "firewall.net",
    "cache-001.fra.example.net": "fleet.net",
    "db-1.fra.example.net": "fleet.net",
    "lb-01.fra.example.net": "lb.net",
    "scrub-01.example.net": "scrubber.net",
    "dtn-01.example.net": "transfer.net",
    "gen-01.example.net": "generator.net",
    "trade-01.example.net": "trading.net",
    "upf-01.example.net": "upf.net",
    "app-01.example.net": "vm.net",
    "web-01.example.net": "web.net",
}


def plan_of(host: str) -> Plan:
    files, report = Files(EXAMPLES), Report()
    run = pipeline.load([str(EXAMPLES / HOSTS[host])], files, report, host)
    (plan,) = pipeline.plans(run)
    assert not report.failed
    return plan


def name_of(setting: Setting) -> str:
    return " ".join(filter(None, [setting.kind.value, setting.interface, setting.key]))


def shape(plan: Plan) -> dict[str, Any]:
    return {
        "layer": f"{plan.layer}: {plan.layer_reason}",
        "settings": [f"{name_of(s)} = {s.value} ({s.why.rule})" for s in plan.settings],
        "programs": [
            f"{p.interface} {p.name} of {p.object}, {p.mode}, maps {', '.join(p.maps)}" for p in plan.programs
        ],
        "left alone": [f"{e.key}: {e.wanted} wanted, {e.default} there ({e.why.rule})" for e in plan.left_alone],
    }


@pytest.mark.parametrize("host", HOSTS)
def test_plan(host: str, snapshot: Any) -> None:
    snapshot.assert_match(shape(plan_of(host)), host)

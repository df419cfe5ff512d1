"""`plan.json`: the plan itself, for reviewers, `netc verify` and other programs."""

from __future__ import annotations

from netc.plan import Artifact, Plan
from netc.plan_json import to_json


def render(plan: Plan) -> list[Artifact]:
    return [Artifact("plan.json", to_json(plan))]

"""What a kind of traffic needs before any number is given, from the knowledge of goals."""

from __future__ import annotations

from netc.knowledge.goals import goal_kind
from netc.plan import Why
from netc.planning.draft import Draft, Want


def plan_kinds(draft: Draft) -> None:
    for goal in draft.host.goals:
        kind = goal_kind(goal.kind)
        for sysctl in kind.sysctls if kind is not None else ():
            why = Why((goal.section.place,), sysctl.rule, sysctl.reason)
            want = Want(sysctl.want)
            value: tuple[int, ...] | str = sysctl.value
            if sysctl.value.isdecimal():
                value = (int(sysctl.value),)
            draft.sysctl(sysctl.key, value, why, want)

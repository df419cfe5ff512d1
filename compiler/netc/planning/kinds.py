"""What a kind of traffic needs before any number is given, from the knowledge of goals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.knowledge.goals import goal_kind
from netc.plan import Why
from netc.planning.draft import Draft, Want

if TYPE_CHECKING:
    from netc.knowledge.goals import KindSysctl


def plan_kinds(draft: Draft) -> None:
    for goal in draft.host.goals:
        kind = goal_kind(goal.kind)
        for sysctl in kind.sysctls if kind is not None else ():
            want_sysctl(draft, sysctl, goal.section.place)


def want_sysctl(draft: Draft, sysctl: KindSysctl, place: str) -> None:
    """Want what a kind of traffic needs, asked for by the statement at `place`."""
    value: tuple[int, ...] | str = (int(sysctl.value),) if sysctl.value.isdecimal() else sysctl.value
    draft.sysctl(sysctl.key, value, Why((place,), sysctl.rule, sysctl.reason), Want(sysctl.want))

"""What `ethtool -N` takes of each driver, from `flow_rules.yaml`, whose head explains the fields."""

from __future__ import annotations

from functools import cache

from netc.knowledge.tables import table
from netc.records import dataclass


@dataclass(frozen=True, slots=True)
class FlowRules:
    """The flow rules that a driver takes."""

    types: tuple[str, ...]
    """Flow types of ethtool, such as `tcp4`; none where the driver filters by other things than ports."""
    source: str
    since: str | None = None
    prefixes: bool = True
    bare: bool = True
    alike: str = ""


@cache
def flow_rules(driver: str) -> FlowRules | None:
    """What the driver takes; None for one without filters, and for one that netc does not know."""
    record = table("flow_rules").get(driver)
    if record is None:
        return None
    return FlowRules(**{**record, "types": tuple(record["types"]), "source": f"drivers/net/{record['source']}"})


def flow_types(protocol: str, source: str) -> tuple[str, ...]:
    """The flow types of ethtool that a rule stands for: `tcp` is both IP versions, unless the source tells one."""
    if protocol[-1] in "46":
        return (protocol,)
    if source:
        return (f"{protocol}{6 if ':' in source else 4}",)
    return (f"{protocol}4", f"{protocol}6")

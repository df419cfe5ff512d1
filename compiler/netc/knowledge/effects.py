"""What a changed setting does to a host that runs, and what it may break, from `effects.yaml`."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cache, lru_cache
from typing import Any

from netc.knowledge.tables import table
from netc.records import dataclass


@dataclass(frozen=True, slots=True)
class Effect:
    """When a change begins to count. `word` is its name in data, `because` one sentence."""

    word: str
    because: str


@dataclass(frozen=True, slots=True)
class Risk:
    """What a change may break: a word, and one sentence."""

    word: str
    because: str


@dataclass(frozen=True, slots=True)
class Word:
    """How an effect is shown, and what it means."""

    shown: str
    says: str


@dataclass(frozen=True, slots=True)
class Changed:
    """A change as the rules look at it: of what kind and key, from which value to which.

    `old` or `new` is None where there is no such setting. `driver` and `management` are those of the NIC.
    """

    kind: str
    key: str
    old: str | None
    new: str | None
    driver: str = ""
    management: bool = False

    @property
    def how(self) -> str:
        """added | removed | changed"""
        if self.old is None:
            return "added"
        return "removed" if self.new is None else "changed"


@cache
def words() -> dict[str, Word]:
    """Every word of an effect, in the order in which a review wants them."""
    return {name: Word(**told) for name, told in table("effects")["words"].items()}


def effect_of(change: Changed) -> Effect:
    """What a change does. A kind without a rule is carried out by a boot, as everything netc writes."""
    for rule in _fitting("effects", change.kind, change.key, change.how):
        if _holds(rule, change):
            return Effect(rule["word"], rule["because"])
    return Effect("reboot", "a boot carries out all that netc writes")


def risk_of(change: Changed) -> Risk | None:
    """What a change may break, where the table knows something."""
    for rule in _fitting("risks", change.kind, change.key, change.how):
        if _holds(rule, change):
            return Risk(rule["word"], rule["because"])
    return None


@lru_cache(maxsize=4096)
def _fitting(part: str, kind: str, key: str, how: str) -> tuple[dict[str, Any], ...]:
    """The rules for a key, in their order; hosts of a fleet ask for the same ones."""
    return tuple(
        rule
        for rule in table("effects")[part]
        if rule["kind"] == kind
        and ("keys" not in rule or any(fnmatchcase(key, pattern) for pattern in rule["keys"]))
        and how in rule.get("how", (how,))
    )


def _holds(rule: dict[str, Any], change: Changed) -> bool:
    if change.driver in rule.get("not_drivers", ()):
        return False
    match rule.get("when", ""):
        case "management":
            return change.management
        case "from 0":
            return change.new is not None and change.new != "0"
        case "to 0":
            return change.new == "0"
        case "to off":
            return (change.new or "").partition(",")[0] == "off"
        case "smaller":
            return is_smaller(change.old, change.new)
        case "mac":
            return _mac(change.old) != _mac(change.new)
        case "bifurcated":
            return _first_word(change) == change.driver
        case "bound":
            return _first_word(change) != change.driver
    return True


def _mac(value: str | None) -> str:
    """The address in the settings of a virtual function; empty where there is none."""
    return f" {value or ''}".partition(" mac ")[2].partition(" ")[0]


def _first_word(change: Changed) -> str:
    """Of a port of DPDK that comes or goes, the driver."""
    return (change.new or change.old or "").partition(",")[0]


def is_smaller(old: str | None, new: str | None) -> bool:
    """Whether some number of the new value is less than the one in its place in the old, and none is larger."""
    if old is None or new is None:
        return False
    pairs = list(zip(old.split(), new.split(), strict=False))
    if not all(one.isdecimal() and two.isdecimal() for one, two in pairs):
        return False
    numbers = [(int(one), int(two)) for one, two in pairs]
    return any(two < one for one, two in numbers) and not any(two > one for one, two in numbers)

"""The rules of `myths` and `together` in sysctl.yaml: when each of them holds."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING, Any

from netc.knowledge.kernels import KernelVersion
from netc.knowledge.sysctl_forms import read_numbers
from netc.knowledge.sysctl_table import known_keys, lookup, pattern_of
from netc.knowledge.tables import table
from netc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from netc.knowledge.kernels import Kernel
    from netc.knowledge.sysctl_table import Sysctl

When = dict[str, Any]

# Where the memory of a host is not known, what no host that netc is for has.
_AMPLE = 2**40


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a rule may depend on beside the value: memory in bytes, and whether the host opens connections."""

    kernel: Kernel
    memory: int | None = None
    outgoing: bool = True


@dataclass(frozen=True, slots=True)
class Myth:
    """A rule that holds. `covers_default`: it says all there is to say of a value below the default."""

    kind: str
    key: str
    slug: str
    says: str
    source: str
    covers_default: bool = False


def of(sysctl: Sysctl, numbers: tuple[int, ...], text: str, circumstances: Circumstances) -> Iterator[Myth]:
    """The rules that hold for the value of one key."""
    pattern = pattern_of(sysctl.key)
    for rule in _rules_by_key().get(pattern or "", ()):
        when = rule.get("when", {})
        if _holds(when, sysctl, numbers, text, circumstances):
            covers = rule["kind"] == "no-effect" or "below_default" in when
            yield Myth(rule["kind"], sysctl.key, rule["slug"], rule["says"], rule["source"], covers)


def together(settings: Mapping[str, str], circumstances: Circumstances) -> Iterator[Myth]:
    """The rules that hold for `settings`, by canonical key."""
    for rule in table("sysctl")["together"]:
        if rule["key"] not in settings or _matching(rule.get("absent", ()), rule["key"], settings):
            continue
        conditions = all(
            _any_holds(key, when, rule["key"], settings, circumstances) for key, when in rule.get("all", {}).items()
        )
        if conditions and ("ratio" not in rule or _exceeds(rule["ratio"], settings, circumstances)):
            yield Myth(rule["kind"], rule["key"], rule["slug"], rule["says"], rule["source"])


@cache
def _rules_by_key() -> dict[str, tuple[dict[str, Any], ...]]:
    rules: dict[str, tuple[dict[str, Any], ...]] = {}
    for rule in table("sysctl")["myths"]:
        for pattern in rule["keys"]:
            named = [key for key in known_keys() if fnmatchcase(key, pattern)] if "*" in pattern else [pattern]
            for key in named:
                rules[key] = (*rules.get(key, ()), rule)
    return rules


def _holds(when: When, sysctl: Sysctl, numbers: tuple[int, ...], text: str, circumstances: Circumstances) -> bool:
    """Whether every condition holds for the number that the rule is about."""
    if "from" in when and circumstances.kernel.version < KernelVersion.parse(when["from"]):
        return False
    if "outgoing" in when and circumstances.outgoing is not when["outgoing"]:
        return False
    if "names" in when and text.strip() not in when["names"]:
        return False
    element = when.get("element", 0)
    wants_number = when.keys() & {"equals", "not", "above", "below", "below_default", "over_memory"}
    if not wants_number:
        return True
    return element < len(numbers) and _number_holds(when, numbers[element], element, sysctl, circumstances)


def _number_holds(when: When, number: int, element: int, sysctl: Sysctl, circumstances: Circumstances) -> bool:
    default = sysctl.default(circumstances.memory)
    usual = default[element] if isinstance(default, tuple) else when.get("below_default", 0)
    pages = (circumstances.memory or _AMPLE) // circumstances.kernel.page_size
    return not (
        ("equals" in when and number not in when["equals"])
        or ("not" in when and number in when["not"])
        or ("above" in when and number <= when["above"])
        or ("below" in when and number >= when["below"])
        or ("below_default" in when and number >= usual)
        or ("over_memory" in when and number <= pages)
    )


def _matching(patterns: tuple[str, ...], subject: str, settings: Mapping[str, str]) -> list[str]:
    """The settings that match; a pattern does not match the key that the rule is about."""
    return [
        key
        for pattern in patterns
        for key in ([pattern] if pattern in settings else settings if "*" in pattern else ())
        if key == pattern or (key != subject and fnmatchcase(key, pattern))
    ]


def _any_holds(
    pattern: str, when: When, subject: str, settings: Mapping[str, str], circumstances: Circumstances
) -> bool:
    keys = _matching((pattern,), subject, settings)
    if not keys:
        return bool(when.get("unset", False))
    for key in keys:
        sysctl = lookup(key, circumstances.kernel)
        if sysctl is None:
            continue
        numbers = read_numbers(settings[key], sysctl.count).numbers
        if _holds(when, sysctl, numbers, settings[key], circumstances):
            return True
    return False


def _exceeds(ratio: dict[str, Any], settings: Mapping[str, str], circumstances: Circumstances) -> bool:
    """Whether one key is more than so many times another, which has its default where it is not set."""
    values = []
    for key in (ratio["of"], ratio["to"]):
        sysctl = lookup(key, circumstances.kernel)
        default = sysctl.default(circumstances.memory or _AMPLE) if sysctl else None
        numbers = read_numbers(settings[key], 1).numbers if key in settings else default
        if not isinstance(numbers, tuple) or not numbers:
            return False
        values.append(numbers[0])
    return bool(values[0] > values[1] * ratio["above"])

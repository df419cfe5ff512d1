"""The settings of sysctl.yaml as seen by one kernel.

Names follow sysctl.d(5): `net.ipv4.conf.eth0.rp_filter`, and where an interface has a dot in its name either
`net/ipv4/conf/eth0.100/rp_filter` or `net.ipv4.conf.eth0/100.rp_filter`.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from netc.knowledge.kernels import KernelVersion, standing
from netc.knowledge.sysctl_forms import NUMERIC, limits, read_numbers
from netc.knowledge.sysctl_formulas import formula, full_pages, power_of_two
from netc.knowledge.tables import table
from netc.records import dataclass
from netc.suggest import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from netc.knowledge.kernels import Kernel

Facts = dict[str, Any]

_INTERFACE = 3  # the component of `net.ipv4.conf.eth0.rp_filter` that is a name of the host's own
NS_PER_SECOND = 1_000_000_000
_SWAPPED = str.maketrans("./", "/.")


@dataclass(frozen=True, slots=True)
class Sysctl:
    """One key as one kernel has it.

    `unit` is what its numbers count ("" where they count nothing) and `count` how many it holds.
    `capacity`: less than the default takes something away. `since` and `until` are the first and last table
    that has the key. `certain` is False where the tables around the kernel differ on this key or the kernel
    lies outside them; `judged_by` is the table whose word is taken. `sane` is (least, most), each possibly
    None, with its reason in `sanity`; `source` says where the facts are from.
    """

    key: str
    kernel: Kernel
    type: str
    unit: str
    count: int
    exists: bool
    writable: bool
    capacity: bool
    scope: str
    module: str | None
    config: str | None
    names: str | None
    rounding: str | None
    since: str | None
    until: str | None
    after: tuple[str, ...]
    sane: tuple[int | None, int | None]
    sanity: str
    memory_percent: int | None
    certain: bool
    judged_by: str
    source: str
    _min: int | str | None
    _max: int | str | None
    _default: int | str | tuple[int, ...] | None

    @property
    def numeric(self) -> bool:
        return self.type in NUMERIC

    @property
    def minimum(self) -> int | None:
        """The least number the kernel takes; None for text."""
        return self.bounds()[0]

    @property
    def maximum(self) -> int | None:
        """The greatest number the kernel takes; None for text."""
        return self.bounds()[1]

    def bounds(self, others: Mapping[str, str] | None = None) -> tuple[int | None, int | None]:
        """Least and greatest number taken, given the `others` settings (canonical key to text) of the host.

        A bound that is another key is that key's value among the others, else its default.
        """
        if not self.numeric:
            return (None, None)
        least, most = limits(self.type, self.kernel)
        low, high = self._bound(self._min, others or {}), self._bound(self._max, others or {})
        return (least if low is None else low, most if high is None else high)

    @property
    def bounded_by(self) -> tuple[str, ...]:
        """The keys whose values are this one's bounds."""
        bounds = (self._min, self._max)
        return tuple(bound[1:] for bound in bounds if isinstance(bound, str) and bound.startswith("@"))

    def _bound(self, bound: int | str | None, others: Mapping[str, str]) -> int | None:
        if not isinstance(bound, str):
            return bound
        if bound.startswith("="):
            return _first(_computed(bound, self.kernel, None))
        key = bound[1:]
        if key in others:
            return _first(read_numbers(others[key], 1).numbers)
        other = lookup(key, self.kernel)
        value = other.default() if other else None
        return _first(value) if isinstance(value, tuple) else None

    def default(self, memory_bytes: int | None = None) -> tuple[int, ...] | str | None:
        """What a fresh kernel shows: numbers, or text; None where netc cannot know."""
        if isinstance(self._default, str) and self._default.startswith("="):
            return _computed(self._default, self.kernel, memory_bytes)
        if self._default is None or isinstance(self._default, str):
            return self._default
        return self._default if isinstance(self._default, tuple) else (self._default,)

    @property
    def default_exact(self) -> bool:
        """Whether the default is the very number; else it depends on free pages and is near."""
        if isinstance(self._default, str) and self._default.startswith("="):
            return formula(self._default)[0].exact
        return True

    def stored(self, value: int) -> int:
        """The number that the kernel shows after `value` was written."""
        if self.rounding == "power-of-two":
            return power_of_two(value) if value > 0 else value
        if self.rounding == "page-of-pointers":
            return full_pages(value, self.kernel)
        if self.type == "milliseconds" and self.kernel.tick:
            ticks = -(-value * self.kernel.tick // 1000)
            return ticks * 1000 // self.kernel.tick
        in_ticks = self.key.startswith("net.ipv6.") and self.key.endswith(".retrans_time")  # net/ipv6/ndisc.c
        if self.unit == "hundredths" and self.kernel.tick and not in_ticks:
            # clock_t_to_jiffies and jiffies_to_clock_t of kernel/time/time.c
            nanoseconds = (NS_PER_SECOND + self.kernel.tick // 2) // self.kernel.tick
            return value * self.kernel.tick // 100 * nanoseconds // (NS_PER_SECOND // 100)
        return value


def canonical(key: str) -> str:
    """The dotted form of a key in either form of sysctl.d(5); dots within an interface name become `/`."""
    key = key.strip()
    slash, dot = key.find("/"), key.find(".")
    if slash >= 0 and (dot < 0 or slash < dot):
        return key.translate(_SWAPPED)
    return key


def lookup(key: str, kernel: Kernel) -> Sysctl | None:
    """The key, in either form, as `kernel` has it or lacks it; None for a key without an entry."""
    return _view(canonical(key), kernel)


@lru_cache(maxsize=16384)
def _view(key: str, kernel: Kernel) -> Sysctl | None:
    pattern = pattern_of(key)
    if pattern is None:
        return None
    stand = standing(kernel.version, tables())
    facts = _facts_at(pattern, stand.judge)
    around = (stand.below, stand.above)
    certain = all(version is not None and _facts_at(pattern, version) == facts for version in around)
    default = facts.get("default")
    sane = facts.get("sane", (None, None))
    return Sysctl(
        key=key,
        kernel=kernel,
        type=facts["type"],
        unit=facts.get("unit") or _UNIT_OF_TYPE.get(facts["type"], ""),
        count=facts.get("count", 1),
        exists=facts["exists"],
        writable=not facts.get("readonly", False),
        capacity=facts.get("capacity", False),
        scope=facts["scope"],
        module=facts.get("module"),
        config=facts.get("config"),
        names=facts.get("names"),
        rounding=facts.get("rounding"),
        since=facts.get("since"),
        until=facts.get("until"),
        after=tuple(facts.get("after", ())),
        sane=(sane[0], sane[1]),
        sanity=facts.get("because", ""),
        memory_percent=facts.get("memory_percent"),
        certain=certain,
        judged_by=str(stand.judge),
        source=facts["source"],
        _min=facts.get("min"),
        _max=facts.get("max"),
        _default=tuple(default) if isinstance(default, list) else default,
    )


_UNIT_OF_TYPE = {"seconds": "seconds", "milliseconds": "milliseconds"}


@cache
def tables() -> tuple[KernelVersion, ...]:
    """The kernels whose own tables netc has, in ascending order."""
    return tuple(KernelVersion.parse(text) for text in table("sysctl")["tables"])


@cache
def _entries() -> dict[str, Facts]:
    """Key or pattern → its facts, those of its group filled in."""
    entries: dict[str, Facts] = {}
    for group in table("sysctl")["groups"]:
        common = {name: fact for name, fact in group.items() if name not in ("prefix", "keys")}
        for name, facts in group["keys"].items():
            entries[f"{group['prefix']}.{name}"] = {**common, **facts}
    return entries


@cache
def _facts_at(pattern: str, version: KernelVersion) -> Facts:
    """The facts of one entry at one table: values that differ by kernel chosen, `exists` added."""
    facts = {name: _at(fact, version) for name, fact in _entries()[pattern].items()}
    since, until = facts.get("since"), facts.get("until")
    facts["exists"] = not (
        (since is not None and version < KernelVersion.parse(since))
        or (until is not None and version > KernelVersion.parse(until))
    )
    return facts


def _at(fact: Any, version: KernelVersion) -> Any:
    if not isinstance(fact, dict):
        return fact
    chosen = [value for since, value in fact.items() if KernelVersion.parse(since) <= version]
    return chosen[-1] if chosen else next(iter(fact.values()))


def _computed(text: str, kernel: Kernel, memory: int | None) -> tuple[int, ...] | None:
    rule, arguments = formula(text)
    return rule.compute(kernel, memory, arguments)


def _first(numbers: tuple[int, ...] | None) -> int | None:
    return numbers[0] if numbers else None


def pattern_of(key: str) -> str | None:
    """The entry that describes a canonical key: itself, or the pattern with its interface left open."""
    entries = _entries()
    if key in entries:
        return key
    parts = key.split(".")
    if len(parts) <= _INTERFACE or not parts[_INTERFACE]:
        return None
    parts[_INTERFACE] = "*"
    pattern = ".".join(parts)
    return pattern if pattern in entries else None


def known_keys() -> tuple[str, ...]:
    """Every key netc has an entry for; `*` stands for an interface, `all` or `default`."""
    return tuple(_entries())


def families() -> tuple[str, ...]:
    """Patterns within which netc knows every key of the kernels of its tables."""
    return tuple(table("sysctl")["complete"])


def in_family(key: str) -> bool:
    """Whether netc knows every key of the family that a canonical key would belong to."""
    parts = key.split(".")
    return any(
        len(parts) == len(pattern) and all(map(fnmatchcase, parts, pattern))
        for pattern in (family.split(".") for family in families())
    )


def nearest_key(key: str) -> str | None:
    """The known key that a misspelt one most likely meant, with the interface it named."""
    parts = canonical(key).split(".")
    interface = parts[_INTERFACE] if len(parts) > _INTERFACE + 1 else "all"
    return nearest(".".join(parts), {known.replace("*", interface) for known in known_keys()})

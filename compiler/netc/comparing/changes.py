"""Two plans of one host → what changes on it, setting by setting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.comparing import arguments, devices
from netc.comparing.causes import Cause, Causes
from netc.knowledge.effects import Changed, Effect, Risk, effect_of, is_smaller, risk_of, words
from netc.plan import Kind
from netc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.comparing.causes import Statements
    from netc.plan import Application, Device, Interface, Plan, Program, Setting, Why

SILENT = ("host", "sources", "left_alone", "layer_reason", "objects")
"""Fields of a plan whose change is no change of the host: names, reasons, and contents that digests stand for."""
COMPARED = ("target", "layer", "interfaces", "settings", "programs", "devices", "applications")
"""The others; together they are all fields of a plan."""

NAMED_BY_KIND = ("module", "program", "device", "application", "target", "layer", Kind.KERNEL_ARGUMENT.value)
"""Kinds whose name stands before that of what changes."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changes.

    `kind` is that of a setting (`Kind` in plan.py), or interface | program | device | application | target | layer.
    `key` is empty for a NIC that comes or goes. `old` or `new` is None where there is none. `reason` is why the new
    value is what it is, or what there is instead of the old one.
    """

    kind: str
    interface: str
    key: str
    old: str | None
    new: str | None
    causes: tuple[Cause, ...]
    reason: str
    effect: Effect
    risk: Risk | None

    @property
    def how(self) -> str:
        """added | removed | changed"""
        if self.old is None:
            return "added"
        return "removed" if self.new is None else "changed"

    @property
    def name(self) -> str:
        """What changes, as people call it."""
        words = [self.interface, self.key]
        if self.kind == "interface":
            words = ["nic", *words]
        elif self.kind in NAMED_BY_KIND:
            words = [self.kind.replace("-", " "), *(word for word in words if word != self.kind)]
        return " ".join(filter(None, words))


@dataclass(frozen=True, slots=True)
class Changes:
    """All that changes on one host."""

    changes: tuple[Change, ...] = ()
    """What waits for a boot or stops traffic comes first; else as the plan has it."""
    reworded: tuple[str, ...] = ()
    """Names of settings of which only the reason, or the statement that asks, is another."""
    carried: tuple[str, ...] = ()
    """Names of settings that stay and that another file carries out."""
    left_alone: int = 0
    """How many values that are not set, since the target has them anyway, come, go or change."""

    def __bool__(self) -> bool:
        return bool(self.changes or self.reworded or self.carried or self.left_alone)


def compare(old: Plan, new: Plan, before: Statements | None = None, after: Statements | None = None) -> Changes:
    """What changes from one plan to another. Statements are what the `.net` files say, None where there are none."""
    pair = _Pair(old, new, Causes(old, new, before, after))
    found = [*pair.parts(), *pair.settings(), *pair.kernel_arguments()]
    order = {word: place for place, word in enumerate(words())}
    found.sort(key=lambda change: (order[change.effect.word], change.risk is None))
    reworded, carried = pair.alike()
    here = {(each.key, each.wanted, each.default) for each in old.left_alone}
    there = {(each.key, each.wanted, each.default) for each in new.left_alone}
    return Changes(tuple(found), reworded, carried, len({key for key, *_ in here ^ there}))


class _Pair:
    """The plans of one host on both sides."""

    def __init__(self, old: Plan, new: Plan, causes: Causes) -> None:
        self.old, self.new, self.causes = old, new, causes
        self._interfaces: dict[str, Interface] = {each.nic: each for each in (*old.interfaces, *new.interfaces)}
        self._before = {each.identity: each for each in old.settings if each.kind is not Kind.KERNEL_ARGUMENT}
        self._after = {each.identity: each for each in new.settings if each.kind is not Kind.KERNEL_ARGUMENT}
        self._left_alone = {each.key: each.default for each in new.left_alone}

    def settings(self) -> Iterator[Change]:
        """Settings but for kernel arguments, in the order of the new plan; those that go come last."""
        for identity in [*self._after, *(key for key in self._before if key not in self._after)]:
            one, two = self._before.get(identity), self._after.get(identity)
            if one is not None and two is not None and one.value == two.value:
                continue
            yield self._setting(one, two, one.value if one else None, two.value if two else None)

    def kernel_arguments(self) -> Iterator[Change]:
        for name, one, two in arguments.pairs(self.old, self.new):
            if one is None or two is None or one.key != two.key:
                yield self._setting(one, two, arguments.value_of(one, name), arguments.value_of(two, name), name)

    def parts(self) -> Iterator[Change]:
        """What is no setting: the target, the layer, NICs, programs, ports and applications of DPDK."""
        for name, was, is_ in devices.target(self.old.target, self.new.target):
            yield self._made("target", "", name, was, is_, self.causes.of(None, None), "")
        if self.old.layer != self.new.layer:
            reason = self.new.layer_reason
            yield self._made("layer", "", "layer", self.old.layer, self.new.layer, self.causes.of(None, None), reason)
        for nic, field, one, two in devices.interfaces(self.old, self.new):
            yield self._made("interface", nic, field, one, two, self.causes.below(f"nic {nic}", field), "")
        for kind, before, after, differences in devices.parts(self.old, self.new):
            old, new = _why(before), _why(after)
            for nic, name, one, two in differences:
                yield self._made(kind, nic, name, one, two, self.causes.of(old, new), _reason(old, new))

    def alike(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Names of settings of which only the reason is another, and of those that another file carries out."""
        before = {each.identity: each for each in self.old.settings}
        reworded, carried = [], []
        for two in self.new.settings:
            one = before.get(two.identity)
            if one is None or one is two or one.value != two.value:
                continue
            if (one.via, one.module) != (two.via, two.module):
                carried.append(_name(two))
            elif not self.causes.asks_alike(one.why, two.why):
                reworded.append(_name(two))
        return tuple(reworded), tuple(carried)

    def _setting(
        self, one: Setting | None, two: Setting | None, old: str | None, new: str | None, key: str = ""
    ) -> Change:
        either = two or one
        assert either is not None  # noqa: S101 - a setting that neither side has is in no pair
        reason = _reason(_why(one), _why(two))
        if two is None and either.key in self._left_alone:
            reason = f"the target has {self._left_alone[either.key]} anyway"
        causes = self.causes.of(_why(one), _why(two))
        return self._made(either.kind.value, either.interface, key or either.key, old, new, causes, reason)

    def _made(
        self,
        kind: str,
        interface: str,
        key: str,
        old: str | None,
        new: str | None,
        causes: tuple[Cause, ...],
        reason: str,
    ) -> Change:
        nic = self._interfaces.get(interface)
        driver, management = (nic.driver, nic.management) if nic is not None else ("", False)
        changed = Changed(kind, key, old, new, driver, management)
        risk = risk_of(changed) or (self._less_capacity(key, old, new) if kind == Kind.SYSCTL.value else None)
        return Change(kind, interface, key, old, new, causes, reason, effect_of(changed), risk)

    def _less_capacity(self, key: str, old: str | None, new: str | None) -> Risk | None:
        """What the table of sysctls knows of a smaller number."""
        from netc.knowledge.kernels import Kernel, KernelVersion
        from netc.knowledge.sysctl_table import lookup

        if not is_smaller(old, new):
            return None
        target = self.new.target
        try:
            version = KernelVersion.parse(target.kernel)
        except ValueError:  # a plan that others wrote
            return None
        known = lookup(key, Kernel(version, target.tick or None, target.page, target.architecture))
        if known is None or not known.capacity:
            return None
        return Risk("less capacity", "the number is smaller, and what is beyond it has no room any more")


def _why(asked: Setting | Program | Device | Application | None) -> Why | None:
    return asked.why if asked is not None else None


def _reason(old: Why | None, new: Why | None) -> str:
    if new is not None:
        return new.reason
    return f"it was: {old.reason}" if old is not None else ""


def _name(setting: Setting) -> str:
    return f"{setting.interface} {setting.key}" if setting.interface else setting.key

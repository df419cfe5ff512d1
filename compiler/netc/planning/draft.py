"""A plan while it grows: what planners want, before it is compared with what the kernel does anyway."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from netc import codes
from netc.knowledge.kernels import Kernel
from netc.knowledge.sysctl_table import tables
from netc.knowledge.sysctls import canonical, lookup, modules_needed
from netc.plan import Application, Device, Kind, LeftAlone, Program, Setting, Via, Why
from netc.records import dataclass, field

if TYPE_CHECKING:
    from netc.diagnostics import Report
    from netc.knowledge.sysctls import Sysctl
    from netc.language.sections import Entry
    from netc.language.sentences import Assignment
    from netc.model import Host


class Want(Enum):
    """Which values are as good as the one derived."""

    AT_LEAST = "at-least"
    AT_MOST = "at-most"
    EXACTLY = "exactly"


@dataclass(slots=True)
class Wanted:
    """A sysctl that planners ask for. A number of None is left as the kernel has it (`tcp_rmem`'s first)."""

    key: str
    value: tuple[int | None, ...] | str
    want: Want
    whys: dict[Why, None]
    """The reasons in the order in which they came, each once."""

    @property
    def why(self) -> Why:
        """The first reason."""
        return next(iter(self.whys))

    def join(self, other: Wanted) -> bool:
        """Take over the stronger demand of two; False where both cannot hold."""
        if self.value == other.value:
            self.whys |= other.whys
            return True
        if Want.EXACTLY in (self.want, other.want) or self.want is not other.want:
            return False
        pick = max if self.want is Want.AT_LEAST else min
        assert isinstance(self.value, tuple)  # noqa: S101 - text is only ever wanted exactly
        assert isinstance(other.value, tuple)  # noqa: S101 - the same
        stronger = tuple(
            b if a is None else a if b is None else pick(a, b) for a, b in zip(self.value, other.value, strict=True)
        )
        self.whys = other.whys if stronger == other.value else self.whys
        self.value = stronger
        return True


@dataclass(slots=True)
class Draft:
    """Collects what planners want for one host."""

    host: Host
    report: Report
    wanted: dict[str, Wanted] = field(default_factory=dict)
    settings: dict[tuple[str, str, str], Setting] = field(default_factory=dict)
    left_alone: list[LeftAlone] = field(default_factory=list)
    programs: list[Program] = field(default_factory=list)
    devices: list[Device] = field(default_factory=list)
    applications: list[Application] = field(default_factory=list)
    objects: dict[str, bytes] = field(default_factory=dict)
    _of_nics: dict[str, list[Setting]] = field(default_factory=dict)

    def sysctl(self, key: str, value: tuple[int | None, ...] | int | str, why: Why, want: Want) -> None:
        """Want a sysctl; several demands for one key are joined, the stronger wins."""
        if isinstance(value, int):
            value = (value,)
        new = Wanted(key, value, want, {why: None})
        old = self.wanted.setdefault(key, new)
        decided = any(entry.value.key == key for entry in self.host.assignments)
        if old is not new and not old.join(new) and not decided:
            places = " and ".join(f"`{w.why.places[0]}`" for w in (old, new))
            shown = " and ".join(f"`{_text(w.value, None)}`" for w in (old, new))
            self.report.add(
                codes.GOALS_CONTRADICT.at(
                    self.host.section.span,
                    key=key,
                    values=shown,
                    notes=[f"they are asked for by {places}"],
                    help=[f'decide with `set {key} = … because "…"`'],
                )
            )

    def module(self, name: str, why: Why) -> None:
        self.add(Setting(Kind.MODULE, name, "", why))

    def module_option(self, module: str, parameter: str, value: str, why: Why) -> None:
        self.add(Setting(Kind.MODULE_OPTION, f"{module}.{parameter}", value, why))

    def kernel_argument(self, argument: str, why: Why) -> None:
        self.add(Setting(Kind.KERNEL_ARGUMENT, argument, "", why))

    def cpu(self, key: str, value: str, why: Why) -> None:
        self.add(Setting(Kind.CPU, key, value, why))

    def service(self, key: str, value: str, why: Why) -> None:
        self.add(Setting(Kind.SERVICE, key, value, why))

    def manager(self, directive: str, value: str, why: Why) -> None:
        self.add(Setting(Kind.MANAGER, directive, value, why))

    def nic(self, interface: str, key: str, value: str, why: Why, via: tuple[Via, ...]) -> None:
        self.add(Setting(Kind.NIC, key, value, why, interface=interface, via=via))

    def add(self, setting: Setting) -> None:
        """Add a setting; the first of its identity stays."""
        if self.settings.setdefault(setting.identity, setting) is setting and setting.kind is Kind.NIC:
            self._of_nics.setdefault(setting.interface, []).append(setting)

    def of_nic(self, name: str) -> list[Setting]:
        """The settings that a NIC has so far."""
        return self._of_nics.get(name, [])

    def leave(self, key: str, wanted: str, default: str, why: Why) -> None:
        self.left_alone.append(LeftAlone(key, wanted, default, why))


def settle(draft: Draft) -> None:
    """Turn wanted sysctls into settings: what the user set wins, what the kernel does anyway is left alone."""
    host = draft.host
    own = {entry.value.key: entry for entry in host.assignments}
    for entry in host.assignments:
        _settle_own(draft, entry, draft.wanted.get(entry.value.key))
    for key, wanted in draft.wanted.items():
        if key in own:
            continue
        sysctl = lookup(key, host.system.judged)
        if sysctl is None or not sysctl.exists:
            why = _joined(wanted)
            draft.leave(key, _text(wanted.value, None), f"kernel {host.system.kernel.value} has no such key", why)
            continue
        memory = host.system.memory.value if host.system.memory is not None else None
        default = _default(host, key, sysctl, memory)
        if default is not None and _as_good(wanted, default):
            shown = " ".join(map(str, default)) if isinstance(default, tuple) else default
            draft.leave(key, _text(wanted.value, default), shown, _joined(wanted))
            continue
        if wanted.want is Want.AT_LEAST and sysctl.capacity and _may_be_newer(host, sysctl):
            wanted = _raised(wanted, key, memory)
        _settle_sysctl(draft, key, _text(wanted.value, default), _joined(wanted))


def _may_be_newer(host: Host, sysctl: Sysctl) -> bool:
    """Whether the host may run a newer kernel than the one its settings are judged for."""
    if host.system.judged.version < tables()[0] and host.system.kernel.span is not None:
        return False
    if host.system.kernel.span is not None:
        return not sysctl.certain
    distribution = host.system.distribution
    return not sysctl.certain or distribution.backports or "kernel" in distribution.unverified


def _raised(wanted: Wanted, key: str, memory: int | None) -> Wanted:
    """The demand, but no number below what the newest kernel has by itself: a limit that is too high costs nothing,
    one that is copied onto a newer kernel would shrink it."""
    version = tables()[-1]
    newest = lookup(key, Kernel(version))
    default = newest.default(memory) if newest is not None and newest.exists else None
    if not isinstance(default, tuple) or not isinstance(wanted.value, tuple):
        return wanted
    value = tuple(w if w is None else max(w, d) for w, d in zip(wanted.value, default, strict=False))
    if value == wanted.value or len(value) != len(wanted.value):
        return wanted
    first, *others = wanted.whys
    reason = (
        f"{first.reason}; raised to what Linux {version} has by itself, since the host may come to run a newer kernel"
    )
    return Wanted(wanted.key, value, wanted.want, dict.fromkeys([Why(first.places, first.rule, reason), *others]))


def _settle_own(draft: Draft, entry: Entry[Assignment], derived: Wanted | None) -> None:
    assignment = entry.value
    reason = assignment.reason
    sysctl = lookup(assignment.key, draft.host.system.judged)
    default = sysctl.default() if sysctl is not None else None  # for the numbers that the goals leave open
    if derived is not None and (text := _text(derived.value, default)) != assignment.value:
        reason = f"{reason} (netc would have derived {text})"
        if not _meets(derived, assignment.value):
            notes = [f"{why.rule}: {why.reason}" for why in [derived.why]]
            draft.report.add(
                codes.SETTING_DEFEATS_GOAL.at(
                    entry.span, key=assignment.key, value=assignment.value, wanted=text, notes=notes
                )
            )
    _settle_sysctl(draft, assignment.key, assignment.value, Why((entry.place,), "written", reason))


def _settle_sysctl(draft: Draft, key: str, value: str, why: Why) -> None:
    """The setting, the module that its key needs, and the modules that its value names."""
    kernel = draft.host.system.judged
    sysctl = lookup(key, kernel)
    module = (sysctl.module or "") if sysctl is not None else ""
    draft.add(Setting(Kind.SYSCTL, canonical(key), value, why, module=module))
    for needed in modules_needed(key, value, kernel):
        if not is_builtin(draft.host, needed):
            reason = f"`{key}` needs the module {needed}, and without it the kernel refuses or has no such key"
            draft.module(needed, Why(why.places, "module of a sysctl", reason))


def is_builtin(host: Host, module: str) -> bool:
    """Whether the target's kernel has the module built in, so that there is nothing to load."""
    return getattr(host.system.distribution.modules, module, None) == "y"


def _default(host: Host, key: str, sysctl: Sysctl, memory: int | None) -> tuple[int, ...] | str | None:
    """What the target does by itself: the distribution's word counts before the kernel's."""
    distribution = host.system.distribution
    if key == "net.core.default_qdisc" and distribution.qdisc:
        return distribution.qdisc
    if key == "net.ipv4.tcp_congestion_control" and distribution.congestion:
        return distribution.congestion
    return sysctl.default(memory)


def _as_good(wanted: Wanted, default: tuple[int, ...] | str) -> bool:
    """Whether the kernel's default already meets the demand."""
    if isinstance(wanted.value, str) or isinstance(default, str):
        shown = default if isinstance(default, str) else " ".join(map(str, default))
        return _text(wanted.value, None) == shown
    for want, have in zip(wanted.value, default, strict=False):
        if want is None or want == have:
            continue
        if wanted.want is Want.EXACTLY or (want > have) == (wanted.want is Want.AT_LEAST):
            return False
    return True


def _meets(wanted: Wanted, text: str) -> bool:
    """Whether a value that is set meets what the goals want; text that is no numbers must be the same."""
    words = text.split()
    if isinstance(wanted.value, str) or not all(word.isdecimal() for word in words):
        return text == _text(wanted.value, None)
    return _as_good(wanted, tuple(map(int, words)))


def _text(value: tuple[int | None, ...] | str, default: tuple[int, ...] | str | None) -> str:
    """The value as written to /proc/sys; numbers left open are the default's."""
    if isinstance(value, str):
        return value
    usual = default if isinstance(default, tuple) else ()
    filled = [(usual[i] if i < len(usual) else "…") if number is None else number for i, number in enumerate(value)]
    return " ".join(map(str, filled))


def _joined(wanted: Wanted) -> Why:
    first = wanted.why
    places = tuple(dict.fromkeys(place for why in wanted.whys for place in why.places))
    return Why(places, first.rule, first.reason)

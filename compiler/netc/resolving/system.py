"""The target's operating system: what is written, else what the facts tell, else what the distribution has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netc import codes
from netc.diagnostics import Label
from netc.knowledge.distributions import (
    Distribution,
    distribution,
    known_distributions,
    known_releases,
)
from netc.knowledge.kernels import Kernel, KernelVersion
from netc.language.sections import Entry, Section
from netc.language.sentences import Release
from netc.model import System
from netc.places import value_of
from netc.suggest import did_you_mean
from netc.units import show_size

if TYPE_CHECKING:
    from netc.diagnostics import Report
    from netc.hardware.reading import LocatedFacts
    from netc.source import Span

KERNEL_RESERVE = 0.85
"""A machine's MemTotal is less than its modules by what firmware and kernel keep; below this share of what
is written the two do not describe the same machine."""


USUAL_PAGE = 4096


def title_of(known: Distribution) -> str:
    """A distribution and its release as one says it: `debian 12`."""
    return f"{known.name} {known.release or ''}".strip()


def resolve_system(
    section: Section | None, facts: LocatedFacts | None, report: Report, host: Span | None
) -> System | None:
    """None after an error that leaves the target unknown.

    `host` is the place to point at where nothing tells the target; None where that has been told by other errors.
    """
    resolver = SystemResolver(section, facts, report, host)
    return resolver.resolve()


class SystemResolver:
    def __init__(self, section: Section | None, facts: LocatedFacts | None, report: Report, host: Span | None) -> None:
        self.section = section
        self.host = host
        self.facts = facts
        self.report = report

    def resolve(self) -> System | None:
        release, named = self._release()
        known = self._distribution(release) if release is not None else None
        if known is None:
            return None
        place = f"default of {title_of(known)}"
        kernel = self._pick("kernel", "kernel", known.kernel, place)
        systemd = self._pick("systemd", "systemd", known.systemd, place)
        if kernel.value is None or systemd.value is None:
            self._report_unknown(known, kernel, systemd)
            return None
        architecture = self._pick("architecture", "architecture", "x86-64", "default")
        self._agree("architecture", "architecture")
        self._agree("cpu-vendor", "cpu_vendor")
        tick = self._pick("tick", "tick", known.tick_of(architecture.value), place)
        page = self._pick("page", "", known.page_of(architecture.value) or USUAL_PAGE, place)
        vendor = self._pick("cpu-vendor", "cpu_vendor", None, "")
        version = KernelVersion.parse(kernel.value)
        return System(
            distribution=known,
            named=named,
            kernel=kernel,
            systemd=systemd,
            tick=tick,
            architecture=architecture,
            cpu_vendor=vendor if vendor.value is not None else None,
            boot=self._pick("boot", "", known.boot or "none", place),
            initramfs=self._pick("initramfs", "", known.initramfs or "none", place),
            network=self._pick("network", "", known.network or "none", place),
            page=page,
            memory=self._memory(),
            irqbalance=self._written("irqbalance"),
            judged=Kernel(version, tick.value, page.value, architecture.value),
        )

    def _written(self, word: str) -> Entry[Any] | None:
        return self.section.entry(word) if self.section is not None else None

    def _fact(self, name: str) -> Entry[Any] | None:
        value = getattr(self.facts.facts, name, None) if self.facts is not None and name else None
        if value is None or self.facts is None:
            return None
        return Entry(value, self.facts.span_of(name), f"{self.facts.source.label}: {name}")

    def _pick(self, word: str, fact: str, default: Any, place: str) -> Entry[Any]:
        return self._written(word) or self._fact(fact) or Entry(default, None, place)

    def _release(self) -> tuple[Entry[Release] | None, bool]:
        written = self._written("distribution")
        if written is not None:
            return written, True
        fact = self._fact("distribution")
        if fact is not None:
            name, _, version = fact.value.partition(" ")
            return fact.with_value(Release(name, version)), True
        return Entry(Release("generic", ""), None, "default"), False

    def _distribution(self, release: Entry[Release]) -> Distribution | None:
        name, version = release.value.name, release.value.version
        if name not in known_distributions():
            self._report_distribution(release, name)
            return None
        found = distribution(name, version or None)
        if found is not None and not found.certain and not self._all_written():
            self._report_release(release, found)
        return found

    def _report_distribution(self, release: Entry[Release], name: str) -> None:
        known = ", ".join(f"`{known}`" for known in known_distributions())
        other = "write `distribution generic` with `kernel` and `systemd` for one that netc does not know"
        self.report.add(
            codes.UNKNOWN_DISTRIBUTION.at(
                value_of(release, "distribution"),
                name=name,
                notes=[f"netc knows {known}"],
                help=[*did_you_mean(name, known_distributions()), other],
            )
        )

    def _report_release(self, release: Entry[Release], found: Distribution) -> None:
        name, version = release.value.name, release.value.version
        releases = known_releases(name)
        told = f"`kernel {found.kernel}`, `systemd {found.systemd}` and `tick 250` or whatever it has"
        name_it = [] if version else [f"name the release: `distribution {name} {releases[-1]}`"]
        self.report.add(
            codes.UNKNOWN_RELEASE.at(
                value_of(release, "distribution"),
                name=f"{name} {version}".strip(),
                what="is no release netc knows" if version else "names no release",
                judged=title_of(found),
                notes=[f"netc knows {name} {', '.join(releases)}"],
                help=name_it or [f"write {told} in `system`, and nothing is guessed"],
            )
        )

    def _all_written(self) -> bool:
        """Whether nothing is left to take from the release."""
        return all(self._written(word) or self._fact(word) for word in ("kernel", "systemd", "tick"))

    def _report_unknown(self, known: Distribution, kernel: Entry[Any], systemd: Entry[Any]) -> None:
        if self.host is None:
            return
        missing = [word for word, e in (("kernel", kernel), ("systemd", systemd)) if e.value is None]
        span = self.section.span if self.section is not None else self.host
        named = known.name != "generic"
        notes = [f"`{known.name}` has no fixed versions that netc could know"] if named else []
        examples = " and ".join({"kernel": "`kernel 6.12`", "systemd": "`systemd 257`"}[word] for word in missing)
        name_one = "" if named else "name the distribution, such as `distribution debian 12`, or "
        self.report.add(
            codes.SYSTEM_INCOMPLETE.at(
                span,
                missing=" and ".join(f"`{word}`" for word in missing),
                notes=notes,
                help=[f"{name_one}write {examples}, or what the target has, in `system`"],
            )
        )

    def _agree(self, word: str, fact: str) -> None:
        """Hardware as written must be the hardware the facts tell of."""
        written, told = self._written(word), self._fact(fact)
        if written is None or told is None or written.value == told.value:
            return
        labels = [Label(told.span, "the facts tell it here")] if told.span is not None else []
        self.report.add(
            codes.FACTS_DISAGREE.at(
                value_of(written, word),
                what=f"`{word}`",
                written=str(written.value),
                found=str(told.value),
                labels=labels,
            )
        )

    def _memory(self) -> Entry[int] | None:
        written = self._written("memory")
        nodes = self.facts.facts.nodes if self.facts is not None else ()
        told = sum(node.memory or 0 for node in nodes)
        if self.facts is None or not told or any(node.memory is None for node in nodes):
            return written
        span = self.facts.span_of("nodes")
        if written is None:
            return Entry(told, span, f"{self.facts.source.label}: nodes")
        if not written.value * KERNEL_RESERVE <= told <= written.value:
            least = show_size(int(written.value * KERNEL_RESERVE))
            self.report.add(
                codes.FACTS_DISAGREE.at(
                    value_of(written, "memory"),
                    what="`memory`",
                    written=show_size(written.value),
                    found=show_size(told),
                    labels=[Label(span, "the nodes add up to it")],
                    notes=[f"firmware and kernel keep a part: {least} to {show_size(written.value)} would agree"],
                    help=["leave `memory` out and let the facts speak, or probe the machine again"],
                )
            )
        return written

"""What netc says of a setting that a user insists on: judged for one kernel, alone and with others.

A `Finding` is a value; whoever asks turns it into a diagnostic. `Kind.is_error` follows the language: what
the kernel refuses or lacks is an error, everything else a warning.
"""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

from netc.knowledge import sysctl_myths
from netc.knowledge.kernels import KernelVersion
from netc.knowledge.sysctl_forms import UNSIGNED, Reading, read_numbers, read_text
from netc.knowledge.sysctl_myths import Circumstances
from netc.knowledge.sysctl_table import (
    Sysctl,
    canonical,
    families,
    in_family,
    known_keys,
    lookup,
    nearest_key,
    tables,
)
from netc.knowledge.tables import table
from netc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from netc.knowledge.kernels import Kernel
    from netc.knowledge.sysctl_myths import Myth

__all__ = [
    "Finding",
    "Kind",
    "Sysctl",
    "canonical",
    "families",
    "judge",
    "judge_together",
    "known_keys",
    "lookup",
    "modules_needed",
    "nearest_key",
]

_PARTS_WITH_DOTTED_NAME = 6  # net, family, kind, at least two of the name, key

# A default that depends on free pages lies this far below what the whole memory gives, at most.
_NEARLY = 0.9


class Kind(Enum):
    UNKNOWN_KEY = "unknown-key"
    """A key of a family netc has no complete list of."""
    MISSING_KEY = "missing-key"
    """The kernel lacks the key."""
    REFUSED = "refused"
    """The kernel answers the write with an error."""
    READ_ONLY = "read-only"
    """The kernel shows the key and takes no value."""
    BELOW_DEFAULT = "below-default"
    """Less of a capacity than the kernel gives by itself."""
    NO_EFFECT = "no-effect"
    """The kernel takes the value, or a part of it, and nothing changes."""
    INSANE = "insane"
    """The kernel takes the value, and it does harm."""
    MYTH = "myth"
    """The value does not do what is widely said of it."""

    @property
    def is_error(self) -> bool:
        return self in (Kind.MISSING_KEY, Kind.REFUSED, Kind.READ_ONLY)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to say of a setting.

    `slug` names the rule and never changes: the kind's own word, or that of a myth. `message` stands on its
    own, with names in backticks. `notes` are facts, `source` where they are from. `certain` is False where
    the kernel lies outside or between tables that differ, and `judged_by` (a table) had to speak for it.
    """

    kind: Kind
    key: str
    slug: str
    message: str
    notes: tuple[str, ...] = ()
    source: str = ""
    certain: bool = True
    judged_by: str = ""


def judge(
    key: str,
    value_text: str,
    kernel: Kernel,
    memory: int | None = None,
    *,
    others: Mapping[str, str] | None = None,
    outgoing: bool = True,
) -> list[Finding]:
    """What there is to say of one setting, errors first.

    `memory` is the host's in bytes. `others` are its other settings, for bounds that are other keys.
    `outgoing` is False where the host is known to open no connections itself.
    """
    sysctl = lookup(key, kernel)
    if sysctl is None or not sysctl.exists:
        return [_absent(canonical(key), sysctl, kernel)]
    bounding: tuple[tuple[str, str], ...] = ()
    if others and sysctl.bounded_by:
        own = {canonical(name): text for name, text in others.items()}
        bounding = tuple((name, own[name]) for name in sysctl.bounded_by if name in own)
    return list(_judged(sysctl, value_text, memory, bounding, outgoing))


# A fleet repeats the settings of its profiles on every host.
@lru_cache(maxsize=4096)
def _judged(
    sysctl: Sysctl, value_text: str, memory: int | None, bounding: tuple[tuple[str, str], ...], outgoing: bool
) -> tuple[Finding, ...]:
    if not sysctl.writable:
        return (_finding(sysctl, Kind.READ_ONLY, f"`{sysctl.key}` can be read and not written"),)
    if sysctl.numeric:
        reading = read_numbers(value_text, sysctl.count, signed=sysctl.type not in UNSIGNED)
    else:
        reading = read_text(sysctl.type, value_text)
    refusal = reading.refusal or _refusal(sysctl, reading, value_text, dict(bounding))
    if refusal:
        version = sysctl.kernel.version.series
        message = f"kernel {version} refuses `{value_text}` for `{sysctl.key}`: {refusal}"
        return (_finding(sysctl, Kind.REFUSED, message),)
    circumstances = Circumstances(sysctl.kernel, memory, outgoing)
    myths = list(sysctl_myths.of(sysctl, reading.numbers, value_text, circumstances))
    findings = [_told(myth, value_text) for myth in myths]
    if not any(myth.covers_default for myth in myths):
        findings += _below_default(sysctl, reading.numbers, memory)
    return (*findings, *_insane(sysctl, reading.numbers, memory), *_ill_fitting(sysctl, reading))


def judge_together(settings: Mapping[str, str], kernel: Kernel, memory: int | None = None) -> list[Finding]:
    """What there is to say of a host's settings (key to text) taken together."""
    own = {canonical(key): text for key, text in settings.items()}
    circumstances = Circumstances(kernel, memory)
    return [_told(myth, own[myth.key]) for myth in sysctl_myths.together(own, circumstances)]


def modules_needed(key: str, value_text: str, kernel: Kernel) -> tuple[str, ...]:
    """The modules without which the kernel has not the key, or not what its value names."""
    sysctl = lookup(key, kernel)
    if sysctl is None:
        return ()
    modules = [sysctl.module]
    if sysctl.names:
        known = table("sysctl")["names"][sysctl.names]
        modules += [known.get(name) for name in value_text.split()]
    return tuple(module for module in modules if module)


def _finding(sysctl: Sysctl, kind: Kind, message: str, *notes: str, slug: str = "") -> Finding:
    return Finding(
        kind=kind,
        key=sysctl.key,
        slug=slug or kind.value,
        message=message,
        notes=notes,
        source=sysctl.source,
        certain=sysctl.certain,
        judged_by=sysctl.judged_by,
    )


def _told(myth: Myth, value_text: str) -> Finding:
    message = f"`{myth.key} = {value_text.strip()}`: {myth.says}"
    return Finding(Kind(myth.kind), myth.key, myth.slug, message, source=myth.source)


def _absent(key: str, sysctl: Sysctl | None, kernel: Kernel) -> Finding:
    """The finding for a key that is gone, still to come, or not known."""
    lacks = f"kernel {kernel.version.series} has no `{key}`"
    if sysctl is not None:
        return _finding(sysctl, Kind.MISSING_KEY, lacks, _window(sysctl))
    gone = table("sysctl")["gone"].get(key)
    if gone is not None and not ("removed" in gone and kernel.version < KernelVersion.parse(gone["removed"])):
        when = f"removed in {gone['removed']}; " if "removed" in gone else ""
        return Finding(Kind.MISSING_KEY, key, gone["slug"], lacks, (when + gone["because"],), gone["source"])
    if gone is None and (in_family(key) or _interface_in_parts(key)):
        notes = ("no kernel netc has a table of has this key",)
        if dotted := _interface_in_parts(key):
            notes = (f"a dot within the name of an interface is written `/`: `{dotted}`",)
        return Finding(Kind.MISSING_KEY, key, Kind.MISSING_KEY.value, lacks, notes)
    return Finding(
        Kind.UNKNOWN_KEY, key, Kind.UNKNOWN_KEY.value, f"netc knows nothing of `{key}`, so nothing is checked"
    )


def _window(sysctl: Sysctl) -> str:
    """Between which tables a key came or went."""
    texts = [str(version) for version in tables()]
    if sysctl.since and sysctl.since != texts[0] and not sysctl.until:
        return f"it came after {texts[texts.index(sysctl.since) - 1]}, with {sysctl.since} at the latest"
    if sysctl.until and sysctl.until != texts[-1]:
        return f"it went after {sysctl.until}, with {texts[texts.index(sysctl.until) + 1]} at the latest"
    return f"kernel {sysctl.judged_by} has none either"


def _interface_in_parts(key: str) -> str:
    """`net.ipv4.conf.eth0/100.rp_filter` for a key that leaves a dot in the interface; "" for any other."""
    parts = key.split(".")
    if len(parts) < _PARTS_WITH_DOTTED_NAME or parts[2] not in ("conf", "neigh"):
        return ""
    return ".".join([*parts[:3], "/".join(parts[3:-1]), parts[-1]])


def _refusal(sysctl: Sysctl, reading: Reading, text: str, others: Mapping[str, str]) -> str:
    """Why the kernel refuses a value that it can read; "" where it does not."""
    if sysctl.names:
        known = table("sysctl")["names"][sysctl.names]
        # A congestion control written in BPF registers any name; by custom it begins so.
        strange = [name for name in text.split() if name not in known and not name.startswith("bpf_")]
        return f"no module of the kernel provides `{strange[0]}`" if strange else ""
    least, most = sysctl.bounds(others)
    for number in reading.numbers:
        if (least is not None and number < least) or (most is not None and number > most):
            return f"it takes {least} to {most}"
        if sysctl.rounding == "must-be-power-of-two" and number & (number - 1):
            return "it takes powers of two"
    if sysctl.type == "port-range" and len(reading.numbers) > 1 and reading.numbers[0] > reading.numbers[1]:
        return "the range ends before it begins"
    return ""


def _below_default(sysctl: Sysctl, numbers: tuple[int, ...], memory: int | None) -> Iterator[Finding]:
    default = sysctl.default(memory)
    if not sysctl.capacity or not isinstance(default, tuple):
        return
    shown = " ".join(map(str, default))
    if sysctl.type == "port-range":
        width, usual = numbers[-1] - numbers[0] + 1, default[1] - default[0] + 1
        if len(numbers) == len(default) and width < usual:
            message = f"`{sysctl.key}` leaves {width} ports, the kernel's default `{shown}` gives {usual}"
            yield _finding(sysctl, Kind.BELOW_DEFAULT, message)
        return
    scale = 1 if sysctl.default_exact else _NEARLY
    below = [(own, usual) for own, usual in zip(numbers, default, strict=False) if own < usual * scale]
    if below:
        own, usual = below[-1]
        which = f"`{sysctl.key} = {' '.join(map(str, numbers))}`"
        message = f"{which} is below the default of kernel {sysctl.kernel.version.series}: {own} instead of {usual}"
        yield _finding(sysctl, Kind.BELOW_DEFAULT, message)


def _insane(sysctl: Sysctl, numbers: tuple[int, ...], memory: int | None) -> Iterator[Finding]:
    least, most = sysctl.sane
    for number in numbers:
        if (least is not None and number < least) or (most is not None and number > most):
            bounds = f"from {least}" if most is None else f"{least} to {most}"
            message = f"the kernel takes {number} for `{sysctl.key}`, but only {bounds} makes sense"
            yield _finding(sysctl, Kind.INSANE, message, sysctl.sanity)
            break
    if sysctl.memory_percent and memory and numbers:
        allowed = memory * sysctl.memory_percent // 100 // 1024
        if numbers[0] > allowed:
            message = (
                f"`{sysctl.key} = {numbers[0]}` is more than {sysctl.memory_percent} % of the host's memory, "
                f"{allowed} KiB"
            )
            yield _finding(sysctl, Kind.INSANE, message, sysctl.sanity, slug="share-of-memory")


def _ill_fitting(sysctl: Sysctl, reading: Reading) -> Iterator[Finding]:
    """Values that the kernel takes in part, or reads otherwise than they look."""
    given = len(reading.numbers)
    if reading.octal:
        message = f"the kernel reads `{reading.octal}` as octal, {int(reading.octal, 8)}"
        yield _finding(sysctl, Kind.INSANE, message, slug="octal")
    if reading.rest:
        message = f"`{sysctl.key}` holds {sysctl.count}, and the kernel passes over `{reading.rest}`"
        yield _finding(sysctl, Kind.NO_EFFECT, message, slug="extra-numbers")
    if 0 < given < sysctl.count:
        message = f"`{sysctl.key}` holds {sysctl.count} numbers: with {given} the rest stays what it was"
        yield _finding(sysctl, Kind.INSANE, message, slug="missing-numbers")

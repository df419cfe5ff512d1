"""What a version of systemd can do, from `systemd.yaml`: the directives of `.link` files above all."""

from __future__ import annotations

from functools import cache

from netc.knowledge.tables import table
from netc.records import dataclass


@dataclass(frozen=True, slots=True)
class LinkDirective:
    """A line of a `.link` file, see systemd.link(5)."""

    section: str
    """Match | Link | SR-IOV | EnergyEfficientEthernet"""
    name: str
    since: int
    """The first version that knows it; older ones warn and ignore the line."""
    type: str
    """bool | number | size | bits | time | number-or-max | cpus | mac | word | words | text"""
    max_since: int | None = None
    """The first version that takes `max` for a number; None: none does."""
    setting: str | None = None
    """The netc setting that it expresses."""
    note: str = ""

    def takes_max(self, version: int) -> bool:
        """Whether `max` is a value of it in that version."""
        return self.max_since is not None and version >= self.max_since


@dataclass(frozen=True, slots=True)
class LinkPolicies:
    """What the 99-default.link of a version gives a device. A file that matches before it must repeat it."""

    names: str
    alternative_names: str
    mac_address: str

    @property
    def lines(self) -> tuple[tuple[str, str], ...]:
        """(directive, value) as they stand in the [Link] section."""
        return (
            ("NamePolicy", self.names),
            ("AlternativeNamesPolicy", self.alternative_names),
            ("MACAddressPolicy", self.mac_address),
        )


@dataclass(frozen=True, slots=True)
class Ability:
    """Something systemd can do since a version. Unless `verified` it may warn and may not decide."""

    name: str
    since: int
    source: str
    verified: bool = True


@cache
def link_directives() -> tuple[LinkDirective, ...]:
    """Every directive of every section and version, by section and name."""
    return tuple(
        LinkDirective(
            section=section,
            name=name,
            since=record["since"],
            type=record["type"],
            max_since=record.get("max"),
            setting=record.get("setting"),
            note=record.get("note", ""),
        )
        for section, directives in table("systemd")["directives"].items()
        for name, record in directives.items()
    )


@cache
def _by_setting() -> dict[str, tuple[LinkDirective, ...]]:
    found: dict[str, tuple[LinkDirective, ...]] = {}
    for each in link_directives():
        if each.setting is not None:
            found[each.setting] = (*found.get(each.setting, ()), each)
    return found


def directives(setting: str, version: int) -> tuple[LinkDirective, ...]:
    """All directives that together express a netc setting in that version; none when it cannot.

    `offload.tso` needs two, one for each IP version.
    """
    found = _by_setting().get(setting, ())
    return found if all(each.since <= version for each in found) else ()


def directive(setting: str, version: int) -> LinkDirective | None:
    """The one directive that expresses a netc setting in that version; None when it cannot.

    ValueError for a setting that takes several, which `directives` gives.
    """
    found = directives(setting, version)
    if len(found) > 1:
        raise ValueError(f"`{setting}` takes several directives")
    return found[0] if found else None


def known_settings() -> tuple[str, ...]:
    """Every netc setting that some version of systemd can express, in alphabetical order."""
    return tuple(sorted(_by_setting()))


@cache
def default_link_policies(version: int) -> LinkPolicies:
    """The policies of that version's 99-default.link; before the first of the table, those of the first."""
    records = table("systemd")["default_link"]
    record = ([r for r in records if r["since"] <= version] or records[:1])[-1]
    return LinkPolicies(record["NamePolicy"], record["AlternativeNamesPolicy"], record["MACAddressPolicy"])


@cache
def ability(name: str) -> Ability:
    """The ability called `name`; KeyError when the table has none of that name."""
    return Ability(name, **table("systemd")["abilities"][name])


def able(name: str, version: int) -> bool:
    """Whether that version has the ability; KeyError when the table has none of that name."""
    return version >= ability(name).since

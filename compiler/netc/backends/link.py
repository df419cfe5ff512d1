"""systemd.link(5) files: the name and settings that systemd-udevd gives an interface before others see it."""

from __future__ import annotations

from netc.backends.binding import DEV_PORT, has_link_file, link_match, settings_via
from netc.backends.guards import CPU_LIST, INTERFACE, MAC, NUMBER, NUMBER_OR_MAX, SWITCH, Defect, require
from netc.backends.rendering import render as fill
from netc.backends.wording import Line, because, comment, header
from netc.knowledge.systemd import LinkDirective, default_link_policies, directives
from netc.plan import Artifact, Interface, Plan, Setting, Via
from netc.records import dataclass

FORMS = {
    "bool": SWITCH,
    "number-or-max": NUMBER_OR_MAX,
    "time": NUMBER,
    "number": NUMBER,
    "size": NUMBER,
    "cpus": CPU_LIST,
}
"""The value that a setting must have for a directive of that type."""

BOOLEAN = {"on": "yes", "off": "no"}

FUNCTION_WORDS = {
    "mac": ("MACAddress", MAC),
    "vlan": ("VLANId", NUMBER),
    "trust": ("Trust", SWITCH),
    "spoof-check": ("MACSpoofCheck", SWITCH),
}
"""What is set of a virtual function: the directive of its section, and what the value must be."""


@dataclass(frozen=True, slots=True)
class Function:
    """What the template prints of one virtual function."""

    because: str
    lines: list[tuple[str, str]]


def render(plan: Plan) -> list[Artifact]:
    linked = [interface for interface in plan.interfaces if has_link_file(plan, interface)]
    artifacts = [_link_file(plan, interface) for interface in linked]
    if any(interface.port is not None for interface in linked):
        text = fill("link/79-netc-port.rules", header=header(plan), name=DEV_PORT)
        artifacts.append(Artifact("rootfs/etc/udev/rules.d/79-netc-port.rules", text))
    return artifacts


def _link_file(plan: Plan, interface: Interface) -> Artifact:
    nic = require(INTERFACE, interface.nic, "name of a NIC")
    systemd = plan.target.systemd
    linked = settings_via(plan, interface, Via.LINK)
    policies = default_link_policies(systemd).lines
    # `Name=` counts only where no policy gives a name, so there is no NamePolicy= beside it.
    usual = [line for line in policies if line[1] and not (interface.name and line[0] == "NamePolicy")]
    text = fill(
        "link/10-netc-nic.link",
        header=header(plan),
        matches=link_match(interface, systemd),
        usual=usual,
        directives=[
            *_name(plan, interface),
            *(line for s in linked if not s.key.startswith("vf.") for line in _lines(s, systemd)),
        ],
        functions=[_function(s) for s in sorted(linked, key=_number) if s.key.startswith("vf.")],
    )
    return Artifact(f"rootfs/etc/systemd/network/10-netc-{nic}.link", text)


def _name(plan: Plan, interface: Interface) -> list[Line]:
    if not interface.name:
        return []
    name = require(INTERFACE, interface.name, "interface name")
    reasons = [because(s.why) for s in plan.of_interface(interface.nic) if s.key == "name"]
    return [Line((reasons or [comment(f"the name of nic {interface.nic}")])[0], "Name", name)]


def _lines(setting: Setting, systemd: int) -> list[Line]:
    """The directives of a setting; TSO takes one for each version of IP."""
    found = directives(setting.key, systemd)
    if not found:
        raise Defect(f"systemd {systemd} has no directive for {setting.key}")
    return [Line(because(setting.why), each.name, _value(setting, each)) for each in found]


def _number(setting: Setting) -> int:
    """The number of the virtual function that is set."""
    number = setting.key.removeprefix("vf.")
    return int(number) if number.isdecimal() else -1


def _function(setting: Setting) -> Function:
    """The [SR-IOV] section of one virtual function."""
    words = setting.value.split(" ")
    lines = [("VirtualFunction", require(NUMBER, str(_number(setting)), "virtual function"))]
    for word, value in zip(words[::2], words[1::2], strict=True):
        if word not in FUNCTION_WORDS:
            raise Defect(f"{word} is no setting of a virtual function")
        name, form = FUNCTION_WORDS[word]
        require(form, value, f"{word} of a virtual function")
        # systemd takes VLANs from 1 on; the unit takes one away.
        if (word, value) != ("vlan", "0"):
            lines.append((name, BOOLEAN.get(value, value)))
    return Function(because(setting.why), lines)


def _value(setting: Setting, directive: LinkDirective) -> str:
    if directive.type not in FORMS:
        raise Defect(f"{setting.key} is no setting for {directive.name}=")
    value = require(FORMS[directive.type], setting.value, f"value of {setting.key}")
    if directive.type == "time":
        return f"{value}us"
    return BOOLEAN[value] if directive.type == "bool" else value

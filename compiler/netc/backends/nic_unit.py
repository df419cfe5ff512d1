"""Units that carry out, with ethtool, what `.link` files cannot, or could not while the link was down.

One unit and one script for each NIC that needs it; the shell functions they share are one more file. The unit
belongs to the boot transaction (`multi-user.target.wants`), so that the network waits for a NIC that must be
there, and to the device (`….device.wants`), so that a NIC that comes late or comes back is set again.
"""

from __future__ import annotations

from netc.backends.binding import device_unit, settings_via
from netc.backends.guards import INTERFACE, NUMBER, NUMBER_OR_MAX, PROGRAM, SWITCH, Defect, require
from netc.backends.rendering import render as fill
from netc.backends.services import ask_ethtool, behind_label, known_to_udev_as, service_of_nic
from netc.backends.wording import because, header
from netc.plan import Artifact, Interface, Plan, Setting, Via
from netc.plan_keys import nic_key_order
from netc.promises.ethtool_words import WORDS
from netc.records import dataclass


@dataclass(frozen=True, slots=True)
class Want:
    """One call of the shell function `want`."""

    because: str
    group: str
    word: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Nic:
    """What the templates print of one NIC."""

    nic: str
    name: str
    device: str
    optional: bool
    raise_first: bool
    pairs_for_programs: bool
    wants: list[Want]


def render(plan: Plan) -> list[Artifact]:
    nics = [
        _nic(interface, settings)
        for interface in plan.interfaces
        if (settings := settings_via(plan, interface, Via.UNIT))
    ]
    if not nics:
        return []
    artifacts = [_functions(plan)]
    for nic in nics:
        artifacts += service_of_nic("nic_unit", "nic", header(plan), nic.nic, nic.device, nic, at_boot=not nic.optional)
    return artifacts


def _functions(plan: Plan) -> Artifact:
    text = fill(
        "nic_unit/nic-functions.sh",
        header=header(plan),
        ethtool=require(PROGRAM, plan.target.ethtool, "program"),
        ip=require(PROGRAM, plan.target.ip, "program"),
        known_to_udev_as=known_to_udev_as(),
        ask_ethtool=ask_ethtool(),
        behind_label=behind_label(),
    )
    return Artifact("rootfs/etc/netc/nic-functions.sh", text)


def _nic(interface: Interface, settings: list[Setting]) -> Nic:
    return Nic(
        require(INTERFACE, interface.nic, "name of a NIC"),
        interface.name and require(INTERFACE, interface.name, "interface name"),
        device_unit(interface),
        interface.optional,
        interface.raise_first,
        interface.pairs_for_programs,
        [_want(setting) for setting in sorted(settings, key=lambda s: nic_key_order(s.key))],
    )


def _want(setting: Setting) -> Want:
    what = f"value of {setting.key}"
    if setting.key == "mtu":
        return Want(because(setting.why), "mtu", "mtu", "mtu", require(NUMBER, setting.value, what))
    if setting.key not in WORDS:
        raise Defect(f"ethtool has no word for {setting.key}")
    group, word, label = WORDS[setting.key]
    form = SWITCH
    if group in ("ring", "channels"):
        form = NUMBER_OR_MAX
    elif word.endswith(("-usecs", "-frames")):
        form = NUMBER
    return Want(because(setting.why), group, word, label, require(form, setting.value, what))

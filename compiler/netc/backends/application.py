"""Applications of DPDK: what their units are given, by a drop-in and an environment file.

The unit itself is its user's; `$DPDK_EAL_ARGUMENTS` in its `ExecStart=` stands for the arguments. Where the address of
a device is known at boot alone, a script writes the environment file, and the unit does not start without it.
"""

from __future__ import annotations

from netc.backends.binding import settings_via
from netc.backends.guards import CPU_LIST, GROUP, INTERFACE, Defect, require
from netc.backends.rendering import render as fill
from netc.backends.services import UNITS
from netc.backends.wording import because, header
from netc.patterns import pattern
from netc.plan import Application, Artifact, EalArgument, Kind, Plan, Via
from netc.records import dataclass

FILES = "/etc/netc/dpdk"
ADDRESSES = "/run/netc/dpdk"
"""Where netc-vfio.service tells the addresses of devices, and scripts write environment files."""
UNIT = pattern(r"[A-Za-z0-9][A-Za-z0-9_.:-]*(?:@[A-Za-z0-9_.:-]+)?\.service")
OPTION = pattern(r"-[a-z]|--[a-z]+(?:-[a-z]+)*")
VALUE = pattern(r"[A-Za-z0-9_.,:=/@+~|()\[\]-]+")
"""What systemd keeps as it is within double quotes of an environment file, and splits at blanks alone; so does a
shell."""
FOLDER = pattern(r"/[A-Za-z0-9_./-]+")
PACKAGE = "dpdk.service"
"""The service that the package of DPDK brings."""


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument as the templates print it."""

    because: str
    words: str
    """As it stands among the others."""
    device: str = ""
    """The port whose address is known at boot alone; `words` are the option then."""
    rest: str = ""
    """What follows that address."""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Unit:
    """What the drop-in of one application prints."""

    name: str
    """The application without `.service`."""
    needs: str
    """Units without which it does not start."""
    after: str
    """Units that it follows."""
    folder: str
    group: str
    late: bool
    """Whether its environment file is written when it starts."""
    arguments: list[Argument]

    @property
    def words(self) -> str:
        return " ".join(argument.words for argument in self.arguments)


def render(plan: Plan) -> list[Artifact]:
    artifacts = [artifact for application in plan.applications for artifact in _application(plan, application)]
    named = [require(GROUP, group, "group") for group in plan.groups]
    if named:
        text = fill("application/netc-dpdk.conf", header=header(plan), groups=named)
        artifacts.append(Artifact("rootfs/etc/sysusers.d/netc-dpdk.conf", text))
    if any(setting.key == PACKAGE for setting in plan.of(Kind.SERVICE)):
        artifacts.append(Artifact(f"{UNITS}/{PACKAGE}", target="/dev/null"))
    return artifacts


def _application(plan: Plan, application: Application) -> list[Artifact]:
    unit = _unit(plan, application)
    first = header(plan, "DPDK 20.11 or newer knows these arguments.")
    if unit.late:
        script = fill("application/arguments", header=first, unit=unit, addresses=ADDRESSES)
        environment = Artifact(f"rootfs{FILES}/{unit.name}", script, mode=0o755)
    else:
        environment = Artifact(f"rootfs{FILES}/{unit.name}.env", fill("application/app.env", header=first, unit=unit))
    drop_in = fill(
        "application/50-netc.conf",
        header=header(plan),
        because=because(application.why),
        unit=unit,
        files=FILES,
        addresses=ADDRESSES,
    )
    return [environment, Artifact(f"{UNITS}/{unit.name}.service.d/50-netc.conf", drop_in)]


def _unit(plan: Plan, application: Application) -> Unit:
    name = require(UNIT, application.unit, "unit").removesuffix(".service")
    require(CPU_LIST, application.lcores, "lcores")
    arguments = [_argument(plan, argument) for argument in application.arguments]
    needs = ["netc-hugepages.service"] if plan.of(Kind.HUGEPAGES) else []
    if any(device.nic in application.nics for device in plan.devices):
        needs.append("netc-vfio.service")
    follows = [
        f"netc-{kind}-{require(INTERFACE, interface.nic, 'name of a NIC')}.service"
        for interface in plan.interfaces
        if interface.nic in application.nics
        for kind, via in (("nic", Via.UNIT), ("steering", Via.STEERING))
        if settings_via(plan, interface, via)
    ]
    return Unit(
        name=name,
        needs=" ".join(needs),
        after=" ".join([*needs, *follows]),
        folder=require(FOLDER, application.folder, "folder of huge pages"),
        group=application.group and require(GROUP, application.group, "group"),
        late=any(argument.device for argument in arguments),
        arguments=arguments,
    )


def _argument(plan: Plan, argument: EalArgument) -> Argument:
    option = require(OPTION, argument.option, "option of EAL")
    value = argument.value and require(VALUE, argument.value, f"value of {option}")
    reason = because(argument.why)
    if not argument.device:
        join = "=" if option.startswith("--") else " "
        return Argument(reason, f"{option}{join}{value}" if value else option)
    device = next((each for each in plan.devices if each.nic == argument.device), None)
    if device is None:
        raise Defect(f"{argument.device!r} is no device of the plan")
    if device.function is None:
        address = require(VALUE, device.address, "address of a device")
        return Argument(reason, f"{option} {address}{value}")
    nic = require(INTERFACE, device.nic, "name of a NIC")
    return Argument(reason, option, device=nic, rest=value, optional=device.optional)

"""sysctl.d(5) files, and the udev rule that applies the keys of modules which arrive late."""

from __future__ import annotations

from netc.backends.guards import MODULE, PROGRAM, SYSCTL_KEY, SYSCTL_VALUE, require
from netc.backends.rendering import render as fill
from netc.backends.wording import Line, because, header
from netc.patterns import pattern
from netc.plan import Artifact, Kind, Plan, Setting
from netc.promises.sysctl_forms import PER_INTERFACE, path_of, spelled

FORWARDING = pattern(r"net\.ipv4\.ip_forward|net\.ipv[46]\.conf\.(?:all|default)\.forwarding")
"""Keys whose write resets `conf.*` keys of all interfaces (ip-sysctl.rst, `ip_forward`), so they go first."""

EARLY = {
    # The length of the table is read when the bitmap allocates it (scaling.rst, flow limit).
    "net.core.flow_limit_table_len": 0,
    # Buckets resize the table, and on some kernels the limit with it (nf_conntrack-sysctl.rst).
    "net.netfilter.nf_conntrack_buckets": 0,
}

GENERIC = {"net", "net/core", "net/ipv4", "net/ipv6", "net/unix", "kernel", "vm", "fs", "dev"}
"""Directories that no module owns: re-applying all of one would write keys the module did not bring."""


def render(plan: Plan) -> list[Artifact]:
    settings = sorted(plan.of(Kind.SYSCTL), key=_order)
    forwarding = [s for s in settings if FORWARDING.fullmatch(s.key)]
    others = [s for s in settings if not FORWARDING.fullmatch(s.key)]
    # `99-sysctl.conf` is a link to /etc/sysctl.conf; files are applied in the order of their names.
    names = ("99-zy-netc-forwarding", "99-zz-netc") if plan.target.outranks_sysctl_conf else None
    first, second = names or ("89-netc-forwarding", "90-netc")
    return [
        *_file(plan, f"rootfs/etc/sysctl.d/{first}.conf", "sysctl/89-netc-forwarding.conf", forwarding),
        *_file(plan, f"rootfs/etc/sysctl.d/{second}.conf", "sysctl/90-netc.conf", others),
        *_rules(plan, settings),
    ]


def _file(plan: Plan, path: str, template: str, settings: list[Setting]) -> list[Artifact]:
    if not settings:
        return []
    return [Artifact(path, fill(template, header=header(plan), lines=[_line(s) for s in settings]))]


def _line(setting: Setting) -> Line:
    key = require(SYSCTL_KEY, spelled(setting.key), "sysctl key")
    return Line(because(setting.why), key, require(SYSCTL_VALUE, setting.value, f"value of {key}"))


def _order(setting: Setting) -> tuple[str, int, str]:
    """By family (`net.ipv4`), then by key; what others depend on comes before them."""
    key = setting.key
    family = ".".join(key.split(".")[: 2 if key.startswith("net.") else 1])
    rank = EARLY.get(key, 1)
    found = PER_INTERFACE.fullmatch(key)
    if found is not None:  # `all` reaches into interfaces, so it comes first, then `default`
        rank = {"all": 1, "default": 2}.get(found[2], 3)
    return (family, rank, key)


def _rules(plan: Plan, settings: list[Setting]) -> list[Artifact]:
    modules = sorted({s.module for s in settings if s.module})
    if not modules:
        return []
    late = [(require(MODULE, name, "module").replace("-", "_"), _prefixes(name, settings)) for name in modules]
    program = require(PROGRAM, plan.target.systemd_sysctl, "program")
    text = fill("sysctl/90-netc-sysctl.rules", header=header(plan), modules=late, systemd_sysctl=program)
    return [Artifact("rootfs/etc/udev/rules.d/90-netc-sysctl.rules", text)]


def _prefixes(module: str, settings: list[Setting]) -> list[str]:
    """Prefixes that cover the keys of a module, and of the plan's other keys none."""
    own = [path_of(s.key) for s in settings if s.module == module]
    other = {_directory(path_of(s.key)) for s in settings if s.module != module}
    found = set()
    for path in own:
        directory = _directory(path)
        shared = directory in GENERIC or directory in other
        found.add(require(SYSCTL_KEY, path if shared else directory, "sysctl key"))
    return sorted(found)


def _directory(path: str) -> str:
    return path.rpartition("/")[0]

"""`butane`: what `butane` translates to Ignition; the same as `ignition`, for people to read and to merge.

https://coreos.github.io/butane/config-fcos-v1_5/, https://coreos.github.io/butane/config-flatcar-v1_1/: both become
Ignition's specification 3.4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.backends.wording import header
from netc.formats.host_files import shared_by_twins
from netc.formats.provisioning import data_url, provisions_of, units_of
from netc.formats.yaml_text import Octal, as_yaml
from netc.plan import Artifact

if TYPE_CHECKING:
    from netc.diagnostics import Report
    from netc.formats.host_files import HostFiles

VARIANTS = {"flatcar": ("flatcar", "1.1.0")}
OTHERWISE = ("fcos", "1.5.0")


def render(host: HostFiles, report: Report) -> list[Artifact]:
    return [Artifact("config.bu", _text(host)), *(a for a in host.beside if a.path == "plan.json")]


@shared_by_twins
def _text(host: HostFiles) -> str:
    return f"{header(host.plan)}\n{as_yaml(_configuration(host))}"


def _configuration(host: HostFiles) -> dict[str, object]:
    found = provisions_of(host)
    variant, version = VARIANTS.get(host.plan.target.distribution, OTHERWISE)
    configuration: dict[str, object] = {"variant": variant, "version": version}
    if found.arguments:
        configuration["kernel_arguments"] = {"should_exist": found.arguments}
    configuration["storage"] = {
        "files": [
            {"path": f"/{a.path}", "mode": Octal(a.mode), "overwrite": True, "contents": _contents(a)}
            for a in found.files
        ],
        "links": [{"path": f"/{a.path}", "target": a.target, "overwrite": True} for a in found.links],
    }
    configuration["systemd"] = {"units": units_of(found)}
    return configuration


def _contents(artifact: Artifact) -> dict[str, str]:
    return {"inline": artifact.text} if artifact.text else {"source": data_url(artifact)}

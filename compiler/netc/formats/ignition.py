"""`ignition`: a configuration of Ignition's specification 3.4, for the first boot of a machine.

https://coreos.github.io/ignition/configuration-v3_4/
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from netc.formats.host_files import shared_by_twins
from netc.formats.provisioning import data_url, provisions_of, units_of
from netc.plan import Artifact

if TYPE_CHECKING:
    from netc.diagnostics import Report
    from netc.formats.host_files import HostFiles

VERSION = "3.4.0"


def render(host: HostFiles, report: Report) -> list[Artifact]:
    return [Artifact("config.ign", _text(host)), *(a for a in host.beside if a.path == "plan.json")]


@shared_by_twins
def _text(host: HostFiles) -> str:
    return json.dumps(_configuration(host), indent=1, ensure_ascii=True) + "\n"


def _configuration(host: HostFiles) -> dict[str, object]:
    found = provisions_of(host)
    configuration: dict[str, object] = {"ignition": {"version": VERSION}}
    if found.arguments:
        configuration["kernelArguments"] = {"shouldExist": found.arguments}
    configuration["storage"] = {
        "files": [
            {"path": f"/{a.path}", "mode": a.mode, "overwrite": True, "contents": {"source": data_url(a)}}
            for a in found.files
        ],
        "links": [{"path": f"/{a.path}", "target": a.target, "overwrite": True} for a in found.links],
    }
    configuration["systemd"] = {"units": units_of(found)}
    return configuration

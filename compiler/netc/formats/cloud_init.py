"""`cloud-init`: `user-data` for the first boot of an instance.

Files come through `write_files`, which knows no links; those are made by commands of `runcmd`. Both act when the
network is up already, so the first boot ends in a second one, and that is the one that all is for.
https://docs.cloud-init.io/en/latest/reference/modules.html
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from netc.backends.wording import header
from netc.formats.host_files import AFTER_COPY, content_of, parents_of, shared_by_twins
from netc.formats.yaml_text import Words, as_yaml
from netc.plan import Artifact
from netc.records import replace

if TYPE_CHECKING:
    from netc.diagnostics import Report
    from netc.formats.host_files import HostFiles

STEPS = "etc/netc/after-copy"
FIRST_LINE = "#cloud-config"
"""By which cloud-init knows what the rest is."""


def render(host: HostFiles, report: Report) -> list[Artifact]:
    return [*(a for a in host.beside if a.path == "plan.json"), Artifact("user-data", _text(host))]


@shared_by_twins
def _text(host: HostFiles) -> str:
    return f"{FIRST_LINE}\n{header(host.plan)}\n{as_yaml(_configuration(host))}"


def _configuration(host: HostFiles) -> dict[str, object]:
    steps = [replace(a, path=STEPS) for a in host.beside if a.path == AFTER_COPY]
    files = [a for a in [*host.rootfs, *steps] if not a.target]
    links = [a for a in host.rootfs if a.target]
    commands = [Words(["mkdir", "-p", f"/{path}"]) for path in _last(parents_of(links))]
    commands += [Words(["ln", "-sfn", link.target, f"/{link.path}"]) for link in links]
    commands += [Words(["sh", f"/{STEPS}"])] if steps else []
    return {
        "write_files": [_file(artifact) for artifact in sorted(files, key=lambda a: a.path)],
        "runcmd": commands,
        "power_state": {"mode": "reboot", "message": "netc: the settings act from this reboot on"},
    }


def _last(directories: list[str]) -> list[str]:
    """Those of some directories in which none of the others lies."""
    return [one for one in directories if not any(other.startswith(f"{one}/") for other in directories)]


def _file(artifact: Artifact) -> dict[str, object]:
    described: dict[str, object] = {
        "path": f"/{artifact.path}",
        "owner": "root:root",
        "permissions": f"{artifact.mode:04o}",
    }
    if artifact.data:
        return {**described, "encoding": "b64", "content": base64.b64encode(content_of(artifact)).decode("ascii")}
    return {**described, "content": artifact.text}

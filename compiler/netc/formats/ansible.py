"""`ansible`: the tree of each host, and once for all a role that brings it there, a playbook and an inventory.

The role knows netc's files on a host by the same manifest as `--image-root`, so it removes what is no longer wanted
and refuses to replace what netc did not write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.backends.rendering import render as fill
from netc.formats.host_files import AFTER_COPY
from netc.formats.yaml_text import as_yaml
from netc.packaging.manifest import Manifest, wanted_of
from netc.plan import Artifact
from netc.records import replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from netc.diagnostics import Report
    from netc.formats.host_files import HostFiles

STEPS = "etc/netc/after-copy"
ROLE = {
    "playbook.yaml": "playbook.yaml",
    "roles/netc/defaults/main.yaml": "defaults.yaml",
    "roles/netc/handlers/main.yaml": "handlers.yaml",
    "roles/netc/tasks/main.yaml": "tasks.yaml",
    "roles/netc/vars/main.yaml": "vars.yaml",
}
"""Path below the directory that all hosts share → template."""


def render(host: HostFiles, report: Report) -> list[Artifact]:
    steps = [replace(artifact, path=STEPS) for artifact in host.beside if artifact.path == AFTER_COPY]
    wanted = wanted_of([*host.rootfs, *steps])
    manifest = Manifest(host.plan.sources, {path: each.entry for path, each in wanted.items()})
    return [*host.artifacts, Artifact("on-host.json", manifest.to_json())]


def render_fleet(hosts: Sequence[str]) -> list[Artifact]:
    inventory = as_yaml({"netc": {"hosts": {host: {} for host in sorted(hosts)}}})
    files = [Artifact(path, fill(f"formats/ansible/{template}")) for path, template in ROLE.items()]
    return [Artifact("inventory.yaml", f"# Written by netc.\n{inventory}"), *files]

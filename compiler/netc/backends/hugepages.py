"""The unit that sees to huge pages, and the file systems in which they are used."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from netc.backends.guards import MODULE, NUMBER, Defect, require
from netc.backends.rendering import render as fill
from netc.backends.services import UNITS, Step, enabled
from netc.backends.wording import because, comment, header
from netc.plan import Artifact, Kind, Plan
from netc.promises.huge_pages import folders_of, page_size, pages_of
from netc.promises.units import HUGE_PAGES as UNIT

if TYPE_CHECKING:
    from netc.promises.huge_pages import Folder, Pages

TARGET = "sysinit.target"

KEEPS = 256 * 1024
"""KiB that each node keeps: a server with Debian 12 is up with less, and dies in its boot where nothing is left."""


def render(plan: Plan) -> list[Artifact]:
    pages = [_checked(each) for each in pages_of(plan)]
    if len(pages) != len(plan.of(Kind.HUGEPAGES)):
        raise Defect(f"one of {[setting.key for setting in plan.of(Kind.HUGEPAGES)]} counts no huge pages")
    folders = folders_of(plan)
    if not pages and not folders:
        return []
    first = header(plan)
    script = fill(
        "hugepages/hugepages",
        header=first,
        keeps=KEEPS,
        steps=[Step(because(each.setting.why), _command(each)) for each in pages],
        folders=[_step(folder) for folder in folders if folder.group],
    )
    mounts = [folder.unit for folder in folders]
    return [
        Artifact("rootfs/etc/netc/hugepages", script, mode=0o755),
        Artifact(f"{UNITS}/{UNIT}", fill(f"hugepages/{UNIT}", header=first, mounts=mounts)),
        enabled(UNIT, TARGET),
        *(_mount(first, folder) for folder in folders),
        *(enabled(unit, TARGET) for unit in mounts),
    ]


def _checked(pages: Pages) -> Pages:
    require(NUMBER, pages.setting.value, f"value of {pages.setting.key}")
    return pages


def _command(pages: Pages) -> str:
    node = "all" if pages.node is None else f"node{pages.node}"
    return f'pages {node} {pages.kib} {pages.setting.value} "{_spoken(pages.size)}"'


def _step(folder: Folder) -> Step:
    return Step(_reasons(folder), f"folder {folder.path} {require(MODULE, folder.group, 'name of a group')}")


def _reasons(folder: Folder) -> str:
    places = dict.fromkeys(place for why in folder.whys for place in why.places)
    return "\n".join(comment(f"asked by {place}") for place in places)


def _mount(first: str, folder: Folder) -> Artifact:
    size = page_size(folder.path)
    if not size:
        raise Defect(f"{folder.path} is no folder of huge pages")
    text = fill(
        "hugepages/folder.mount",
        header=f"{first}\n{_reasons(folder)}",
        size=f"{size[:-1]} {size[-1]}iB",
        folder=folder.path,
        pagesize=size,
    )
    return Artifact(f"{UNITS}/{folder.unit}", text)


def _spoken(size: str) -> str:
    """`1 GiB` of `1GiB`."""
    return re.sub(r"(?<=[0-9])(?=[A-Z])", " ", size)

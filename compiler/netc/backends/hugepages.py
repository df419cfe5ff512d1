"""The unit that sees to huge pages, and the file systems in which they are used."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from netc.backends.binding import escaped
from netc.backends.guards import MODULE, NUMBER, Defect, require
from netc.backends.rendering import render as fill
from netc.backends.wording import because, comment, header
from netc.plan import Artifact, Kind, Plan
from netc.records import dataclass
from netc.units import Dimension, with_unit

if TYPE_CHECKING:
    from netc.plan import Setting, Why

UNITS = "rootfs/etc/systemd/system"
UNIT = "netc-hugepages.service"
TARGET = "sysinit.target"

COUNTER = re.compile(r"(?:node([0-9]+)/)?hugepages-([0-9]+)kB")
FOLDER = re.compile(r"/dev/hugepages-([0-9]+)([KMG])iB(?:-[A-Za-z0-9_-]+)?")

KEEPS = 256 * 1024
"""KiB that each node keeps: a server with Debian 12 is up with less, and dies in its boot where nothing is left."""


@dataclass(frozen=True, slots=True)
class Step:
    """One call of a shell function, and the comment above it."""

    because: str
    command: str


@dataclass(frozen=True, slots=True)
class Pages:
    """A setting, taken apart."""

    node: int | None
    kib: int
    setting: Setting

    @property
    def size(self) -> str:
        """`1GiB`."""
        return with_unit(self.kib * 1024, Dimension.SIZE)


@dataclass(frozen=True, slots=True)
class Folder:
    """A file system of huge pages."""

    path: str
    group: str
    whys: tuple[Why, ...]
    """Why there is one: the application's, else those of the pages."""


def render(plan: Plan) -> list[Artifact]:
    pages = sorted(map(_pages, plan.of(Kind.HUGEPAGES)), key=lambda each: (-each.kib, each.node or 0))
    folders = _folders(plan, pages)
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
    mounts = [f"{escaped(folder.path)}.mount" for folder in folders]
    return [
        Artifact("rootfs/etc/netc/hugepages", script, mode=0o755),
        Artifact(f"{UNITS}/{UNIT}", fill(f"hugepages/{UNIT}", header=first, mounts=mounts)),
        Artifact(f"{UNITS}/{TARGET}.wants/{UNIT}", target=f"../{UNIT}"),
        *(_mount(first, folder, unit) for folder, unit in zip(folders, mounts, strict=True)),
        *(Artifact(f"{UNITS}/{TARGET}.wants/{unit}", target=f"../{unit}") for unit in mounts),
    ]


def _pages(setting: Setting) -> Pages:
    match = COUNTER.fullmatch(setting.key)
    if match is None:
        raise Defect(f"{setting.key} counts no huge pages")
    require(NUMBER, setting.value, f"value of {setting.key}")
    return Pages(int(match[1]) if match[1] else None, int(match[2]), setting)


def _command(pages: Pages) -> str:
    node = "all" if pages.node is None else f"node{pages.node}"
    return f'pages {node} {pages.kib} {pages.setting.value} "{_spoken(pages.size)}"'


def _folders(plan: Plan, pages: list[Pages]) -> list[Folder]:
    """Those of applications, then one for each size that no application uses."""
    found: dict[str, Folder] = {}
    for application in plan.applications:
        before = found[application.folder].whys if application.folder in found else ()
        found[application.folder] = Folder(application.folder, application.group, (*before, application.why))
    used = {_pagesize(path) for path in found}
    for each in pages:
        path = f"/dev/hugepages-{each.size}"
        if _pagesize(path) not in used:
            before = found[path].whys if path in found else ()
            found[path] = Folder(path, "", (*before, each.setting.why))
    return [found[path] for path in sorted(found)]


def _pagesize(path: str) -> str:
    """The size of a folder's pages as mount options take it."""
    match = FOLDER.fullmatch(path)
    if match is None:
        raise Defect(f"{path} is no folder of huge pages")
    return f"{match[1]}{match[2]}"


def _step(folder: Folder) -> Step:
    return Step(_reasons(folder), f"folder {folder.path} {require(MODULE, folder.group, 'name of a group')}")


def _reasons(folder: Folder) -> str:
    places = dict.fromkeys(place for why in folder.whys for place in why.places)
    return "\n".join(comment(f"asked by {place}") for place in places)


def _mount(first: str, folder: Folder, unit: str) -> Artifact:
    pagesize = _pagesize(folder.path)
    text = fill(
        "hugepages/folder.mount",
        header=f"{first}\n{_reasons(folder)}",
        size=f"{pagesize[:-1]} {pagesize[-1]}iB",
        folder=folder.path,
        pagesize=pagesize,
    )
    return Artifact(f"{UNITS}/{unit}", text)


def _spoken(size: str) -> str:
    """`1 GiB` of `1GiB`."""
    return re.sub(r"(?<=[0-9])(?=[A-Z])", " ", size)

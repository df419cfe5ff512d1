"""Huge pages: what counts them, who reserves them, and the file systems in which they are used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.patterns import pattern
from netc.plan import Kind
from netc.promises.unit_names import escaped
from netc.records import dataclass
from netc.units import Dimension, with_unit

if TYPE_CHECKING:
    from netc.plan import Plan, Setting, Why

COUNTER = pattern(r"(?:node([0-9]+)/)?hugepages-([0-9]+)kB")
FOLDER = pattern(r"/dev/hugepages-([0-9]+)([KMG])iB(?:-[A-Za-z0-9_-]+)?")


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

    @property
    def unit(self) -> str:
        """The unit that mounts it."""
        return f"{escaped(self.path)}.mount"


def pages_of(plan: Plan) -> list[Pages]:
    """The settings that count huge pages, the largest first, then by node."""
    matches = [(setting, COUNTER.fullmatch(setting.key)) for setting in plan.of(Kind.HUGEPAGES)]
    found = [Pages(int(m[1]) if m[1] else None, int(m[2]), setting) for setting, m in matches if m is not None]
    return sorted(found, key=lambda each: (-each.kib, each.node or 0))


def folders_of(plan: Plan) -> list[Folder]:
    """Those of applications, then one for each size that no application uses."""
    found: dict[str, Folder] = {}
    for application in plan.applications:
        before = found[application.folder].whys if application.folder in found else ()
        found[application.folder] = Folder(application.folder, application.group, (*before, application.why))
    used = {page_size(path) for path in found}
    for each in pages_of(plan):
        path = f"/dev/hugepages-{each.size}"
        if page_size(path) not in used:
            before = found[path].whys if path in found else ()
            found[path] = Folder(path, "", (*before, each.setting.why))
    return [found[path] for path in sorted(found)]


def page_size(path: str) -> str:
    """The size of a folder's pages as mount options and kernel arguments take it; empty where it is no such folder."""
    match = FOLDER.fullmatch(path)
    return f"{match[1]}{match[2]}" if match is not None else ""


def counting_folder(key: str) -> str:
    """Where the kernel counts them: `node0/hugepages-2048kB` of a node, `hugepages-2048kB` of all together."""
    node, _, size = key.rpartition("/")
    return f"sys/devices/system/node/{node}/hugepages/{size}" if node else f"sys/kernel/mm/hugepages/{size}"


def on_command_line(plan: Plan, setting: Setting) -> bool:
    """Whether kernel arguments reserve pages of the size that a setting counts, before the unit sees to them."""
    match = COUNTER.fullmatch(setting.key)
    if match is None:
        return False
    size = page_size(f"/dev/hugepages-{with_unit(int(match[2]) * 1024, Dimension.SIZE)}")
    return any(argument.key == f"hugepagesz={size}" for argument in plan.of(Kind.KERNEL_ARGUMENT))

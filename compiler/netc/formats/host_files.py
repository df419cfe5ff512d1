"""The files of one host, as formats see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.records import dataclass, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from netc.plan import Artifact, Plan

ROOTFS = "rootfs/"
AFTER_COPY = "after-copy"
COMMAND_LINE = "kernel-command-line"


@dataclass(frozen=True, slots=True)
class HostFiles:
    """A plan and the artifacts that back ends made of it, sorted by path."""

    plan: Plan
    artifacts: list[Artifact]
    time: int = 0
    """Seconds since 1970, for formats that demand a time: SOURCE_DATE_EPOCH, or 0."""

    @property
    def rootfs(self) -> list[Artifact]:
        """What lies on the host, by paths on it without the leading `/`."""
        return [replace(a, path=a.path.removeprefix(ROOTFS)) for a in self.artifacts if a.path.startswith(ROOTFS)]

    @property
    def beside(self) -> list[Artifact]:
        """What lies beside `rootfs/` and is for people and builders."""
        return [a for a in self.artifacts if not a.path.startswith(ROOTFS)]

    @property
    def arguments(self) -> list[str]:
        """The kernel arguments, one by one."""
        return self._text(COMMAND_LINE).split()

    @property
    def after_copy(self) -> str:
        """The script of the steps that files cannot replace; empty where there are none."""
        return self._text(AFTER_COPY)

    def _text(self, path: str) -> str:
        return next((artifact.text for artifact in self.artifacts if artifact.path == path), "")


def content_of(artifact: Artifact) -> bytes:
    """The bytes of a file."""
    return artifact.data or artifact.text.encode()


def parents_of(artifacts: list[Artifact]) -> list[str]:
    """All directories on the way to the artifacts, each behind the one it lies in."""
    found = set()
    for artifact in artifacts:
        parent = artifact.path
        while "/" in parent:
            parent = parent.rpartition("/")[0]
            found.add(parent)
    return sorted(found)


def shared_by_twins(write: Callable[[HostFiles], str]) -> Callable[[HostFiles], str]:
    """`write`, a text in which no host's name stands, done once for hosts in a row that differ in their names alone."""
    last: list[tuple[Plan, str]] = []

    def written(host: HostFiles) -> str:
        if not last or not host.plan.is_twin_of(last[0][0]):
            last[:] = [(host.plan, write(host))]
        return last[0][1]

    return written

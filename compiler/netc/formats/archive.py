"""A tar archive that is the same wherever and whenever it is made."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

from netc.formats.host_files import content_of, parents_of

if TYPE_CHECKING:
    from netc.plan import Artifact


def archive(artifacts: list[Artifact], time: int, prefix: str = "") -> bytes:
    """An uncompressed archive in GNU's form, which dpkg reads too where paths are long; all belongs to root.

    Directories come first, then files and links by path, each path behind `prefix`; `time` is that of all, in seconds
    since 1970. Compressing is left to others: what a compressor writes depends on its version.
    """
    written = io.BytesIO()
    with tarfile.TarFile(fileobj=written, mode="w", format=tarfile.GNU_FORMAT) as tar:
        if prefix:
            tar.addfile(_member(prefix, time, tarfile.DIRTYPE, 0o755))
        for path in parents_of(artifacts):
            tar.addfile(_member(prefix + path, time, tarfile.DIRTYPE, 0o755))
        for artifact in sorted(artifacts, key=lambda artifact: artifact.path):
            path = prefix + artifact.path
            if artifact.target:
                member = _member(path, time, tarfile.SYMTYPE, 0o777)
                member.linkname = artifact.target
                tar.addfile(member)
                continue
            content = content_of(artifact)
            member = _member(path, time, tarfile.REGTYPE, artifact.mode)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return written.getvalue()


def _member(path: str, time: int, kind: bytes, mode: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(path)
    member.type, member.mode, member.mtime = kind, mode, time
    member.uname = member.gname = "root"
    return member

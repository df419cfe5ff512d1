"""A cpio archive in the form the kernel unpacks an initramfs from (Documentation/driver-api/early-userspace/
buffer-format.rst), made in memory: the standard library has none, and it is a dozen lines."""

from __future__ import annotations

import stat


class Archive:
    """Files, folders and links of one archive; folders on the way to a file are made as they are needed."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._folders: set[str] = set()

    def file(self, path: str, data: bytes, mode: int = 0o644) -> None:
        self._above(path)
        self._entry(path, stat.S_IFREG | mode, data)

    def link(self, path: str, target: str) -> None:
        self._above(path)
        self._entry(path, stat.S_IFLNK | 0o777, target.encode())

    def folder(self, path: str) -> None:
        if path and path not in self._folders:
            self._above(path)
            self._folders.add(path)
            self._entry(path, stat.S_IFDIR | 0o755, b"")

    def bytes(self) -> bytes:
        """The whole archive, as it may follow another one."""
        self._entry("TRAILER!!!", 0, b"")
        return b"".join(self._parts)

    def _above(self, path: str) -> None:
        self.folder(path.rpartition("/")[0])

    def _entry(self, path: str, mode: int, data: bytes) -> None:
        name = path.encode() + b"\0"
        fields = (len(self._parts), mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0)
        head = b"070701" + b"".join(b"%08X" % field for field in fields)
        self._parts.append(_padded(head + name) + _padded(data))


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)

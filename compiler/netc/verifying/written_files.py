"""The files that netc wrote to a machine: there, and as they were written."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from netc.promises import wording
from netc.promises.written_files import AS_WRITTEN, CHANGED, LIST, NO_LIST, are_written, written_in
from netc.verifying.answers import Promise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.plan import Plan
    from netc.promises.written_files import Written
    from netc.verifying.answers import Answer
    from netc.verifying.machine import Machine


def files(plan: Plan, machine: Machine) -> Iterator[Answer]:
    """One for each file and link of the machine's own list: the digests are not the plan's."""
    if not are_written(plan):
        return
    text = machine.files.text(LIST.strip("/"))
    if text is None and not machine.live:
        yield Promise("file", "", "files of netc", AS_WRITTEN, LIST).unreadable(NO_LIST)
        return
    written = written_in(text or "")
    if written is None:
        yield _promise(LIST).broken(wording.ABSENT if text is None else CHANGED)
        return
    for each in written:
        yield _answer(each, machine)


def _promise(path: str) -> Promise:
    return Promise("file", path, path, AS_WRITTEN, LIST)


def _answer(written: Written, machine: Machine) -> Answer:
    promise = _promise(f"/{written.path}")
    if not machine.exists(written.path):
        return promise.broken(wording.ABSENT)
    if written.is_link:
        return promise.kept() if machine.files.link_target(written.path) == written.mark else promise.broken(CHANGED)
    content = machine.files.content(written.path)
    if content is not None:
        return promise.kept() if sha256(content).hexdigest() == written.mark else promise.broken(CHANGED)
    if machine.files.is_folder(written.path) or machine.files.link_target(written.path) is not None:
        return promise.broken(CHANGED)
    return promise.unreadable(wording.CLOSED)

"""What a machine answers to a promise."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from netc.promises import wording
from netc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable

    from netc.plan import Plan, Setting, Why


class Verdict(Enum):
    KEPT = "kept"
    BROKEN = "broken"
    UNREADABLE = "cannot-be-read"
    """It cannot be told here, which is never taken for kept."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One promise, and what became of it. A setting of queues or CPUs is one promise for each of them."""

    kind: str
    key: str
    subject: str
    verdict: Verdict
    wanted: str = ""
    found: str = ""
    reason: str = ""
    """Why it cannot be read."""
    excused: bool = False
    """It cannot be read and need not be: the NIC is optional, or the machine leaves the choice to nobody."""
    interface: str = ""
    carrier: str = ""
    places: tuple[str, ...] = ()

    @property
    def fails(self) -> bool:
        return self.verdict is not Verdict.KEPT and not self.excused


@dataclass(frozen=True, slots=True)
class Promise:
    """What is asked of the machine; its methods make the answers."""

    kind: str
    key: str
    subject: str
    wanted: str
    carrier: str = ""
    why: Why | None = None
    interface: str = ""

    @classmethod
    def of(cls, plan: Plan, setting: Setting, wanted: str = "") -> Promise:
        return cls(
            setting.kind.value,
            setting.key,
            wording.subject(setting),
            wanted or setting.value,
            wording.carrier(plan, setting),
            setting.why,
            setting.interface,
        )

    def part(self, subject: str, wanted: str) -> Promise:
        """The same for one queue, CPU or interrupt."""
        return Promise(self.kind, self.key, subject, wanted, self.carrier, self.why, self.interface)

    def kept(self, found: str = "") -> Answer:
        return self._answer(Verdict.KEPT, found or self.wanted, "")

    def broken(self, found: str) -> Answer:
        return self._answer(Verdict.BROKEN, found, "")

    def unreadable(self, reason: str, *, excused: bool = False) -> Answer:
        return self._answer(Verdict.UNREADABLE, "", reason, excused)

    def judged(self, found: str) -> Answer:
        """Kept where what was found is what was promised."""
        return self.kept() if found == self.wanted else self.broken(found or wording.ABSENT)

    def _answer(self, verdict: Verdict, found: str, reason: str, excused: bool = False) -> Answer:
        return Answer(
            self.kind,
            self.key,
            self.subject,
            verdict,
            self.wanted,
            found,
            reason,
            excused,
            self.interface,
            self.carrier,
            self.why.places if self.why is not None else (),
        )


def line(answer: Answer) -> str:
    """The sentence of a promise that is not kept."""
    behind = wording.tail(answer.carrier, answer.places)
    if answer.verdict is Verdict.UNREADABLE:
        return wording.unreadable(answer.subject, answer.reason, behind)
    return wording.broken(answer.subject, answer.found, answer.wanted, behind)


def counts(answers: Iterable[Answer]) -> tuple[int, int, int, int]:
    """How many are kept, broken, not to be read, and excused from that."""
    kept = broken = unread = excused = 0
    for answer in answers:
        kept += answer.verdict is Verdict.KEPT
        broken += answer.verdict is Verdict.BROKEN
        unread += answer.verdict is Verdict.UNREADABLE and not answer.excused
        excused += answer.excused
    return (kept, broken, unread, excused)

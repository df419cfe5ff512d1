"""Statements → sections: every word checked against its signature, every value typed, once per block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc import codes
from netc.diagnostics import Label, Sentence
from netc.language.cursor import Cursor, Misread
from netc.language.sections import DEFAULT, STATE, Entry, Key, Section
from netc.language.statements import homes, signatures
from netc.source import Source, Span
from netc.suggest import did_you_mean
from netc.syntax import Argument, Block, Kind, Statement

if TYPE_CHECKING:
    from netc.diagnostics import Report
    from netc.language.signature import Signature

TOP_WORDS = frozenset({"include", "profile", "host", "hosts"})


class Reader:
    """Reads the blocks of one source; mistakes go to the report and the statement is left out."""

    def __init__(self, source: Source, report: Report) -> None:
        self.source = source
        self.report = report

    def read_block(self, block: Block, kind: str, path: str, span: Span) -> Section:
        """A block of a kind as a section. `path` is its place: `profile edge, goal load-balancer`."""
        section = Section(kind, span, f"{self.source.label}: {path}")
        for statement in block.statements:
            self._read_into(section, statement, path)
        return section

    def _read_into(self, section: Section, statement: Statement, path: str) -> None:
        found = self._signature(section, statement)
        if found is None:
            return
        signature, skip = found
        try:
            key, value = self._read(section.block, signature, statement, skip, path)
        except Misread as misread:
            self.report.add(misread.diagnostic)
            return
        earlier = section.entries.get(key)
        if earlier is not None:
            self._report_twice(statement, earlier, key)
            return
        section.entries[key] = value

    def _signature(self, section: Section, statement: Statement) -> tuple[Signature, int] | None:
        """The statement's signature and how many arguments its word takes; None after a report."""
        known = signatures(section.block)
        first = statement.arguments[0]
        if first.kind is Kind.WORD and first.text in known and first.text:
            return known[first.text], 1
        if "" in known and first.text[:1].isdecimal():
            return known[""], 0
        span = self._span(first)
        where = section.place.partition(": ")[2]
        if first.kind is not Kind.WORD:
            self.report.add(codes.NOT_A_STATEMENT.at(span, found=first.text))
        elif first.text in TOP_WORDS:
            help_line = f"close the blocks above with `}}` and put `{first.text}` in a line of its own"
            self.report.add(codes.TOP_LEVEL_ONLY.at(span, word=first.text, block=where, help=[help_line]))
        elif homes(first.text):
            places = " or ".join(f"`{home}`" for home in map(_spoken_block, homes(first.text)))
            note = f"`{first.text}` stands in {places}"
            self.report.add(codes.MISPLACED_STATEMENT.at(span, word=first.text, block=where, notes=[note]))
        else:
            help_lines = did_you_mean(first.text, known)
            self.report.add(codes.UNKNOWN_STATEMENT.at(span, word=first.text, block=where, help=help_lines))
        return None

    def _read(
        self, block: str, signature: Signature, statement: Statement, skip: int, path: str
    ) -> tuple[Key, Entry[object] | Section]:
        word = signature.word or block
        cursor = Cursor(self.source, statement, skip, word)
        span = Span(self.source, statement.start, statement.end)
        taken = self._taken_back(signature, statement)
        if taken is not None:
            return taken, Entry(DEFAULT, span, self._place(path, taken))
        if signature.block:
            return self._read_section(signature, statement, cursor, path)
        if statement.block is not None:
            raise Misread(codes.UNEXPECTED_BLOCK.at(self._brace(statement.block), word=word))
        value: object = True
        if signature.form is not None:
            value = signature.form.read(cursor)
        cursor.finish()
        key: Key = (signature.word,)
        if callable(signature.key):
            key += signature.key(value)
        if cursor.taken_back:
            value = DEFAULT
        return key, Entry(value, span, self._place(path, key))

    def _read_section(
        self, signature: Signature, statement: Statement, cursor: Cursor, path: str
    ) -> tuple[Key, Entry[object] | Section]:
        key: Key = (signature.word,)
        if signature.form is not None:
            key += (str(signature.form.read(cursor)),)
        path = f"{path}, {' '.join(key)}"
        span = Span(self.source, statement.start, statement.end)
        section = Section(signature.block, span, f"{self.source.label}: {path}")
        rest = statement.arguments[cursor.at :]
        if statement.block is None and len(rest) == 1 and _is_default(rest[0]):
            return key, Entry(DEFAULT, span, section.place)
        if statement.block is None and (rest or "" in signature.states):
            self._read_braceless(signature, section, rest, path, span)
        elif rest:
            cursor.finish()
        elif statement.block is None:
            wanted = self._wanted_block(signature)
            written = " ".join(span.text.split())
            raise Misread(codes.MISSING_BLOCK.at(span, word=written, wanted=Sentence(wanted)))
        else:
            for inner in statement.block.statements:
                self._read_into(section, inner, path)
        return key, section

    def _read_braceless(
        self, signature: Signature, section: Section, rest: tuple[Argument, ...], path: str, span: Span
    ) -> None:
        """`rps on` (a state), or `match pci …` (the one statement of the block)."""
        text = rest[0].text if rest else ""
        if len(rest) <= 1 and text in signature.states:
            section.entries[STATE] = Entry(text, span, f"{self.source.label}: {path}")
            return
        known = signatures(signature.block)
        if text not in known and ("" not in known or not text[:1].isdecimal()):
            argument = rest[0]
            wanted = self._wanted_block(signature)
            words = [*signature.states, *known]
            raise Misread(
                codes.WRONG_ARGUMENT.at(
                    self._span(argument),
                    word=signature.word,
                    wanted=Sentence(wanted),
                    found=argument.text,
                    help=did_you_mean(argument.text, words),
                )
            )
        self._read_into(section, Statement(rest, None), path)

    def _taken_back(self, signature: Signature, statement: Statement) -> Key | None:
        """The key that `WORD default` takes back, or None for any other statement."""
        arguments = statement.arguments
        if statement.block is not None or len(arguments) != 2 or not signature.word:
            return None
        return (signature.word,) if _is_default(arguments[1]) else None

    def _report_twice(self, statement: Statement, earlier: Entry[object] | Section, key: Key) -> None:
        labels = []
        if earlier.span is not None:
            labels.append(Label(earlier.span, "it is written here first"))
        span = Span(self.source, statement.start, statement.end)
        self.report.add(codes.WRITTEN_TWICE.at(span, statement=" ".join(filter(None, key)), labels=labels))

    def _wanted_block(self, signature: Signature) -> str:
        words = [f"`{word}`" for word in signature.states if word]
        inner = [f"`{s.word}`" for s in signatures(signature.block).values() if s.word][:3]
        return " or ".join([*words, f"a block with {', '.join(inner)} …"] if inner else [*words, "a block"])

    def _place(self, path: str, key: Key) -> str:
        return f"{self.source.label}: {path}, {' '.join(filter(None, key))}"

    def _span(self, argument: Argument) -> Span:
        return Span(self.source, argument.start, argument.end)

    def _brace(self, block: Block) -> Span:
        return Span(self.source, block.start, block.start + 1)


def _is_default(argument: Argument) -> bool:
    return argument.kind is Kind.WORD and argument.text == "default"


def _spoken_block(block: str) -> str:
    return {"nic-dpdk": "dpdk", "host-dpdk": "dpdk", "host": "host"}.get(block, block)

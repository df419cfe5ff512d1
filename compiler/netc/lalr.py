"""An LALR(1) parser that runs on the tables Lark makes of the grammar.

Lark reads the grammar, finds its conflicts and makes the tables, when netc is built or, in a changed checkout, when
it starts. Running them takes the few lines below; Lark's own runtime does the same, and importing it, or the parser
it can generate, takes longer than compiling a host.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable

    from netc.scanner import Token

END = "$END"
KEEP, DROP, INLINE = 0, 1, 2
"""What becomes of a part of a rule: it is a child, it only separates, or its children are the rule's own."""


@dataclass(frozen=True, slots=True)
class Tables:
    """A grammar ready to run, in lists, dictionaries, numbers and texts, so that JSON holds it too."""

    pattern: str
    """All terminals as one expression, in the order in which Lark's own lexer tries them."""
    ignored: list[str]
    states: list[dict[str, int]]
    """By terminal, the state to go to, or ~n for rule n; by rule name, the state behind it."""
    rules: list[tuple[str, list[int]]]
    """Name, and what becomes of each part. Names that begin with `_` are inlined."""
    start: int
    end: int


def tables_of(grammar: str) -> Tables:
    """What Lark makes of a grammar. ValueError for a grammar that uses more of Lark than `Parser` knows."""
    from lark import Lark
    from lark.grammar import Rule
    from lark.lexer import TerminalDef

    lark = Lark(grammar, parser="lalr", lexer="basic")
    data, memo = lark.memo_serialize([TerminalDef, Rule])
    table = data["parser"]["parser"]
    numbers: dict[Any, int] = {}
    rules: list[tuple[str, list[int]]] = []
    for key, rule in memo.items():
        if rule["__type__"] == "Rule":
            numbers[key] = len(rules)
            rules.append(_rule(rule))
    states: list[dict[str, int]] = [{} for _ in range(max(table["states"]) + 1)]
    for state, actions in table["states"].items():
        for symbol, (reduces, argument) in actions.items():
            states[state][table["tokens"][symbol]] = ~numbers[argument["@"]] if reduces else argument
    (start,), (end,) = table["start_states"].values(), table["end_states"].values()
    terminals = sorted(lark.terminals, key=lambda t: (-t.priority, -t.pattern.max_width, -len(t.pattern.value), t.name))
    pattern = "|".join(f"(?P<{t.name}>{t.pattern.to_regexp()})" for t in terminals)
    return Tables(pattern, sorted(lark.lexer_conf.ignore), states, rules, start, end)


def _rule(rule: dict[str, Any]) -> tuple[str, list[int]]:
    options = rule["options"] or {}
    if rule["alias"] or any(options.get(name) for name in ("keep_all_tokens", "expand1", "empty_indices")):
        raise ValueError(f"the rule {rule['origin']['name']} uses more of Lark than netc.lalr knows")
    return rule["origin"]["name"], [_part(part) for part in rule["expansion"]]


def _part(part: dict[str, Any]) -> int:
    if part["__type__"] == "Terminal":
        return DROP if part["filter_out"] else KEEP
    return INLINE if part["name"].startswith("_") else KEEP


class Parser:
    """Parses streams of tokens by the tables; `builder` has a method for each rule that is no inlined one."""

    def __init__(self, tables: Tables, builder: object) -> None:
        self._tables = tables
        self._rules = [
            (name, len(parts), parts if any(parts) else None, None if name[0] == "_" else getattr(builder, name))
            for name, parts in tables.rules
        ]

    def parse(self, tokens: Iterable[Token]) -> Any:
        """What the builder makes of the whole stream. KeyError at a token that the grammar does not take."""
        table = self._tables.states
        states = [self._tables.start]
        values: list[Any] = []
        for token in tokens:
            while (action := table[states[-1]][token.type]) < 0:
                self._reduce(~action, states, values)
            states.append(action)
            values.append(token)
        while states[-1] != self._tables.end:
            self._reduce(~table[states[-1]][END], states, values)
        return values[-1]

    def _reduce(self, number: int, states: list[int], values: list[Any]) -> None:
        name, size, parts, build = self._rules[number]
        children: list[Any] = []
        if size:
            children = values[-size:]
            del values[-size:], states[-size:]
            if parts is not None:
                children = _children(children, parts)
        states.append(self._tables.states[states[-1]][name])
        values.append(children if build is None else build(children))


def _children(values: list[Any], parts: list[int]) -> list[Any]:
    """The children of a rule; the list of an inlined first part grows on, so that long ones are not copied."""
    children: list[Any] | None = None
    for value, part in zip(values, parts, strict=True):
        if part == INLINE:
            if children:
                children += value
            else:
                children = value
        elif part == KEEP:
            if children is None:
                children = [value]
            else:
                children.append(value)
    return children if children is not None else []

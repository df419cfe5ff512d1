"""Command lines that need no `argparse`: options written in full, and nothing wrong.

Importing argparse and making its parsers takes a tenth of the time in which one host is compiled.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class NotPlain(Exception):  # noqa: N818 - nothing need be wrong
    """What stands there is argparse's to read, or to refuse."""


class _Argument:
    """One argument, as `add_argument` of argparse is told of it."""

    def __init__(
        self,
        *names: str,
        dest: str = "",
        action: str = "store",
        nargs: str = "",
        type: Callable[[str], Any] = str,
        choices: Sequence[str] = (),
        default: Any = None,
        **shown: str,
    ) -> None:
        longest = max(names, key=len)
        self.name = dest or longest.lstrip("-").replace("-", "_")
        self.flag = action == "store_true"
        self.nargs, self.type, self.choices = nargs, type, choices
        self.default = False if self.flag else default
        if not self.flag and (action != "store" or not shown.keys() <= {"help", "metavar"}):
            raise NotPlain

    def value(self, text: str) -> Any:
        try:
            value = self.type(text)
        except Exception as error:
            raise NotPlain from error
        if self.choices and value not in self.choices:
            raise NotPlain
        return value


class Described:
    """Takes the arguments of a command as an `ArgumentParser` does."""

    def __init__(self) -> None:
        self._options: dict[str, _Argument] = {}
        self._positionals: list[_Argument] = []

    def add_argument(self, *names: str, **told: Any) -> None:
        argument = _Argument(*names, **told)
        if names[0].startswith("-"):
            self._options.update(dict.fromkeys(names, argument))
        else:
            self._positionals.append(argument)

    def read(self, words: Sequence[str]) -> SimpleNamespace:
        """What argparse would make of the words; NotPlain where only argparse can say."""
        every = [*self._options.values(), *self._positionals]
        found: dict[str, Any] = {argument.name: argument.default for argument in every}
        positional: list[str] = []
        rest = list(reversed(words))
        ended = False
        while rest:
            word = rest.pop()
            if word == "-" or not word.startswith("-"):
                if ended:
                    raise NotPlain  # of words in two places argparse says which are too many
                positional.append(word)
                continue
            ended = bool(positional)
            name, given, text = word.partition("=")
            argument = self._options.get(name)
            if argument is None or (given and (argument.flag or not name.startswith("--"))):
                raise NotPlain
            found[argument.name] = True if argument.flag else argument.value(text if given else _operand(rest))
        self._place(positional, found)
        return SimpleNamespace(**found)

    def _place(self, words: list[str], found: dict[str, Any]) -> None:
        for number, argument in enumerate(self._positionals, 1):
            if argument.nargs == "+" and number == len(self._positionals) and words:
                found[argument.name] = [argument.value(word) for word in words]
                return
            if words and argument.nargs in ("", "?"):
                found[argument.name] = argument.value(words.pop(0))
            elif argument.nargs != "?":
                raise NotPlain
        if words:
            raise NotPlain


def _operand(rest: list[str]) -> str:
    """The word behind an option, which is no option itself."""
    if not rest or (rest[-1].startswith("-") and rest[-1] != "-"):
        raise NotPlain
    return rest.pop()

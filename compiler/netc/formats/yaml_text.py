"""Values as YAML that people read: texts of several lines as they are, modes in octal, nothing reordered."""

from __future__ import annotations

import yaml


class Octal(int):
    """A mode, written as `0644`, which YAML 1.1 and the parsers of cloud-init, Ansible and Butane take for octal."""


class Words(list[str]):
    """A command with its arguments, written on one line."""


class _Dumper(yaml.SafeDumper):
    """PyYAML's own, in Python, whose output does not hang on the libyaml of a machine."""

    def ignore_aliases(self, data: object) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


def _octal(dumper: yaml.SafeDumper, mode: Octal) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:int", f"0{mode:o}")


def _words(dumper: yaml.SafeDumper, words: Words) -> yaml.SequenceNode:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", words, flow_style=True)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(Words, _words)
_Dumper.add_representer(Octal, _octal)


def as_yaml(value: object) -> str:
    """The value as one YAML document; its parts are dicts, lists, texts, numbers and truth values."""
    text: str = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1 << 16)
    return text

"""A comparison as one HTML page that asks for nothing else: a table for each entry, pictures, files, a filter."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from netc import shipped
from netc.comparing.entries import besides, blocks, counted, files_told, heading, saying, settings_told, shown_changes
from netc.comparing.names import patterns
from netc.comparing.text import GONE, GRAVE
from netc.drawing.markup import element, escaped
from netc.knowledge.effects import words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from netc.comparing.causes import Cause
    from netc.comparing.contents import FileChange
    from netc.comparing.entries import Block, Entry
    from netc.comparing.fleets import Comparison, Group
    from netc.comparing.states import State

PICTURES = 8 << 20
"""Bytes that pictures may take; entries further down do without."""


def render(comparison: Comparison) -> str:
    """The whole page."""
    script, style = (shipped.read("netc.comparing", name).decode() for name in ("page.js", "page.css"))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    # Pictures bring style sheets of their own; nothing else may be loaded, sent or run.
    allowed = f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'"
    policy = f"{allowed}; base-uri 'none'; form-action 'none'"
    title = f"{comparison.old} → {comparison.new}"
    room = PICTURES
    sections = []
    for group in comparison.groups:
        pictures = _pictures(group, room)
        room -= len(pictures)
        sections.append(_group(group, pictures))
    head = [
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width"),
        element("title", escaped(f"netc diff: {title}")),
        element("style", f"\n{style}"),
    ]
    body = [
        element("h1", escaped(title)),
        element("p", escaped(heading(comparison))),
        _filter(comparison),
        *sections,
        *_whole("added", comparison.added, comparison),
        *_whole("removed", comparison.removed, comparison),
        _meanings(comparison),
        element("script", script),
    ]
    inner = element("head", "\n", *(f"{line}\n" for line in head)) + element(
        "body", "\n", *(f"{line}\n" for line in body)
    )
    return f"<!doctype html>\n{element('html', inner, lang='en')}\n"


def _filter(comparison: Comparison) -> str:
    found = shown_changes(comparison)
    kinds = sorted({change.kind for change in found})
    used = {change.effect.word for change in found}
    effects = [(name, word.shown) for name, word in words().items() if name in used]
    return element(
        "form",
        _asked("host", element("input", name="host", type="search", placeholder="part of a name", autocomplete="off")),
        _asked("kind", _choice("kind", [(kind, kind.replace("-", " ")) for kind in kinds])),
        _asked("counts", _choice("effect", effects)),
        _asked("how", _choice("how", [(how, how) for how in ("added", "removed", "changed")])),
        _asked("text", element("input", name="text", type="search", placeholder="setting, value, statement")),
        element("output", ""),
    )


def _asked(word: str, field: str) -> str:
    return element("label", escaped(word), field)


def _choice(name: str, options: Sequence[tuple[str, str]]) -> str:
    every = '<option value="">all</option>'
    return element(
        "select", every, *(element("option", escaped(shown), value=value) for value, shown in options), name=name
    )


def _group(group: Group, pictures: str) -> str:
    count = f" ({counted(len(group.hosts), 'host')})" if len(group.hosts) > 1 else ""
    parts = [element("h2", escaped(", ".join(patterns(group.hosts))), element("span", escaped(count), class_="quiet"))]
    if len(group.hosts) > 1:
        parts.append(_folded("all names", element("p", escaped(", ".join(group.hosts)))))
    found = blocks(group.changes.changes)
    if found:
        names = "".join(element("th", name, scope="col") for name in ("setting", "old", "new", "counts"))
        table = element("table", element("thead", element("tr", names)), *map(_block, found))
        parts.append(element("div", table, class_="scroll"))
    parts += [element("p", escaped(sentence)) for sentence in besides(group)]
    parts.append(pictures)
    if group.files:
        of = f" of {group.hosts[0]}" if len(group.hosts) > 1 else ""
        parts.append(_folded(f"files{of}: {files_told(group.files)}", *map(_file, group.files)))
    return element("section", *(f"{part}\n" for part in parts if part), data_hosts=" ".join(group.hosts))


def _folded(summary: str, *content: str) -> str:
    return element("details", element("summary", escaped(summary)), *content)


def _block(block: Block) -> str:
    told = [element("div", _statement(cause), class_="statement") for cause in block.causes]
    told = told or ["no statement of the files stands behind it"]
    first = element("tr", element("td", *told, colspan=4), class_="cause")
    return element("tbody", first, *map(_entry, block.entries))


def _statement(cause: Cause) -> str:
    """A statement by its place, and what it said and says."""
    place = escaped(cause.place)
    if cause.old is None and cause.new is None:
        return place
    old, new = escaped(saying(cause, cause.old)), escaped(saying(cause, cause.new))
    if cause.old is None:
        return f"{place}: written {element('span', new, class_='new')}"
    if cause.new is None:
        return f"{place}: taken out {element('span', old, class_='old')}"
    return f"{place}: {element('span', old, class_='old')} → {element('span', new, class_='new')}"


def _entry(entry: Entry) -> str:
    change = entry.change
    shown = words()[change.effect.word].shown
    grave = " grave" if change.effect.word in GRAVE else ""
    counts = element("span", escaped(shown), class_=f"effect{grave}") + element(
        "div", escaped(change.effect.because), class_="quiet"
    )
    if change.risk is not None:
        because = element("span", escaped(change.risk.because))
        counts += element("span", f"{escaped(change.risk.word)}: {because}", class_="risk")
    name = element("code", escaped(change.name))
    if change.reason:
        name += element("div", escaped(change.reason), class_="quiet")
    if entry.folded:
        items = [f"{each.key} {each.old or each.new}".rstrip() for each in entry.folded]
        name += _folded(
            f"with {counted(len(items), 'setting')}", *(element("div", element("code", escaped(i))) for i in items)
        )
    return element(
        "tr",
        element("td", name),
        element("td", escaped(change.old or ""), class_="value old"),
        element("td", escaped(change.new or ""), class_="value new"),
        element("td", counts),
        class_="change",
        data_kind=change.kind,
        data_effect=change.effect.word,
        data_how=change.how,
    )


def _file(file: FileChange) -> str:
    note = f": {file.note}" if file.note else ""
    lines = (_line(line) for line in file.lines)
    kind = {"removed": "gone", "added": "new"}.get(file.how, "")
    name = element("p", element("code", escaped(file.path), class_=kind), escaped(f" {file.how}{note}"))
    return name + (element("pre", *lines) if file.lines else "")


def _line(line: str) -> str:
    kind = {"+": "plus", "-": "minus", "@": "hunk"}.get(line[:1], "")
    return element("span", escaped(line), class_=kind)


def _pictures(group: Group, room: int) -> str:
    """The host before and after, once where both look alike; nothing where nobody knows its CPUs."""
    old, new = _picture(group.old), _picture(group.new)
    if not new or len(old) + len(new) > room:
        return ""
    of = f" ({group.hosts[0]})" if len(group.hosts) > 1 else ""
    if old == new:
        return _folded(f"picture{of}: who serves whom stays as it is", _figure("before and after", new))
    if not old:
        return _folded(f"picture{of}", _figure("after", new))
    figures = element("div", _figure("before", old), _figure("after", new), class_="pictures")
    return element("details", element("summary", escaped(f"picture{of} before and after")), figures, open="open")


def _figure(caption: str, picture: str) -> str:
    # A shadow root keeps the style sheet and the names of a picture from those of the page and of other pictures.
    fitted = element("style", "svg{max-width:100%;height:auto}")
    inside = element("div", element("template", fitted, picture, shadowrootmode="open"))
    return element("figure", element("figcaption", escaped(caption)), inside)


def _picture(state: State) -> str:
    """The picture of `netc draw`, without the line that makes it a document of its own."""
    host = state.host
    if host is None or host.topology is None or not host.topology.cores:
        return ""
    from netc.drawing import picture

    rps = {setting.interface: setting.value for setting in state.plan.settings if setting.key == "rps.cpus"}
    return "".join(picture(host, rps).partition("<svg")[1:])


def _whole(verb: str, hosts: Sequence[str], comparison: Comparison) -> Iterator[str]:
    if not hosts:
        return
    note = "; nothing takes netc's files off a host that still runs" if verb == "removed" else ""
    told = f"{counted(len(hosts), 'host')} {verb}, {settings_told(comparison, hosts)}{note}"
    names = element("p", element("code", escaped(", ".join(patterns(hosts)))))
    yield element("section", element("h2", escaped(told)), names, data_hosts=" ".join(hosts))


def _meanings(comparison: Comparison) -> str:
    used = {change.effect.word for change in shown_changes(comparison)}
    lines = [f"{word.shown}: {word.says}" for name, word in words().items() if name in used]
    if any(each.how == "removed" for group in comparison.groups for each in group.files):
        lines.append(f"files: {GONE}")
    return element("div", *(element("p", escaped(line)) for line in lines), class_="quiet")

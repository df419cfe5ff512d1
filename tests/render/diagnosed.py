"""Diagnostics for the tests of renderers: made by hand, and any that hypothesis can think of."""

from __future__ import annotations

from hypothesis import strategies as st

from netc.diagnostics import Code, Diagnostic, Label, Severity
from netc.source import Source, Span

TOO_MANY = Code("N9001", "more queues than CPUs", "nic `{nic}` asks for {wanted} queues")
UNUSED = Code("N9002", "a profile nobody uses", "profile `{name}` is not used", Severity.WARNING)


def span(source: Source, text: str, behind: str = "") -> Span:
    """The range of the first `text` behind the first `behind`."""
    start = source.text.index(text, source.text.index(behind) + len(behind))
    return Span(source, start, start + len(text))


def found(place: Span | None, **more: object) -> Diagnostic:
    """An error at a place, about queues."""
    return TOO_MANY.at(place, nic="up", wanted=32, **more)  # type: ignore[arg-type]


HOSTILE = st.text(
    st.sampled_from("ab {#\n\r\t\0\x1b\x7f\x85\u00ad\u0301\u05d0\u0661\u200b\u202e\u2028\u3164漢ｱ😀\U000e0041\ufeff")
    | st.characters(exclude_categories=["Cs"]),
    max_size=80,
)


@st.composite
def spans(draw: st.DrawFn, sources: list[Source]) -> Span:
    source = draw(st.sampled_from(sources))
    ends = st.integers(0, len(source.text))
    start, end = sorted((draw(ends), draw(ends)))
    return Span(source, start, end)


@st.composite
def diagnostics(draw: st.DrawFn) -> list[Diagnostic]:
    sources = [Source(draw(HOSTILE), draw(HOSTILE | HOSTILE.map(lambda text: text * 30))) for _ in range(2)]
    labels = st.builds(Label, spans(sources), HOSTILE)
    some = st.lists(HOSTILE, max_size=2).map(tuple)
    one = st.builds(
        Diagnostic,
        code=st.sampled_from(["N9001", "N9002", "N9003"]),
        severity=st.sampled_from(Severity),
        message=HOSTILE.map(lambda text: f"m{text}"),
        span=st.none() | spans(sources),
        label=HOSTILE,
        labels=st.lists(labels, max_size=5).map(tuple),
        notes=some,
        help=some,
    )
    return draw(st.lists(one, max_size=3))

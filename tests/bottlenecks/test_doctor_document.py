"""docs/doctor.md has the table of symptoms as the knowledge file has it; NETC_UPDATE=1 writes it anew."""

from __future__ import annotations

import os
from pathlib import Path

from netc.knowledge.bottlenecks import symptoms

DOCUMENT = Path(__file__).parents[2] / "docs" / "doctor.md"
BEGIN, END = "<!-- made from compiler/netc/knowledge/bottlenecks.yaml -->\n", "<!-- end -->\n"


def wanted() -> str:
    rows = ["| symptom | read from | found when | why, and source | statement |", "| --- | --- | --- | --- | --- |"]
    for symptom in symptoms():
        limits = ", ".join(f"{name.replace('_', ' ')} {limit:g}" for name, limit in symptom.limits.items())
        if symptom.statement is None:
            statement = "none: the program must change"
        elif symptom.statement.startswith("{answer"):
            statement = "by what is short"
        else:
            statement = f"`{symptom.statement}`"
        told = (
            f"**{symptom.name}**: {symptom.title}",
            "; ".join(f"`{counter}`" for counter in symptom.counters),
            limits,
            f"{symptom.because}. {symptom.source}",
            statement.replace("{{", "{").replace("}}", "}"),
        )
        rows.append(f"| {' | '.join(told)} |")
    return "\n".join(rows) + "\n"


def test_the_table_is_that_of_the_knowledge_file() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    shown, _, after = rest.partition(END)
    if os.environ.get("NETC_UPDATE") and shown != f"\n{wanted()}\n":
        DOCUMENT.write_text(f"{before}{BEGIN}\n{wanted()}\n{END}{after}", encoding="utf-8")
        shown = f"\n{wanted()}\n"
    assert shown == f"\n{wanted()}\n"

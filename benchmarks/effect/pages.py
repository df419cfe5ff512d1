"""What `docs/` shows of an experiment: `effect/NAME.json`, the plot `effect/NAME.svg` and the table in `effect.md`; and
the table of all in the README."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from benchmarks.effect.experiments import EXPERIMENTS
from benchmarks.effect.plot import plot
from benchmarks.effect.results import as_text, read
from benchmarks.effect.table import summary, table

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.effect.experiments import Experiment
    from benchmarks.effect.results import Result


def write(experiment: Experiment, results: list[Result], docs: Path) -> None:
    folder = docs / "effect"
    folder.mkdir(exist_ok=True)
    (folder / f"{experiment.name}.json").write_text(as_text(experiment.name, results))
    (folder / f"{experiment.name}.svg").write_text(plot(experiment, results))
    page = docs / "effect.md"
    page.write_text(with_table(page.read_text(), experiment.name, shown(experiment, results)))
    readme = docs.parent / "README.md"
    readme.write_text(with_table(readme.read_text(), "summary", summary(measured(docs))))


def shown(experiment: Experiment, results: list[Result]) -> str:
    """The plot and the table, as the page has them."""
    return f"![{experiment.question}](effect/{experiment.name}.svg)\n\n{table(experiment, results)}"


def measured(docs: Path) -> list[tuple[Experiment, list[Result]]]:
    """The experiments that have results, with these."""
    files = {each.name: docs / "effect" / f"{each.name}.json" for each in EXPERIMENTS}
    return [(each, read(files[each.name].read_text())) for each in EXPERIMENTS if files[each.name].exists()]


def with_table(page: str, name: str, text: str) -> str:
    """The page with this table between the comments `table NAME` and `end`."""
    pattern = re.compile(rf"(<!-- table {name} -->)\n.*?(<!-- end -->)", re.DOTALL)
    changed, count = pattern.subn(lambda found: f"{found[1]}\n\n{text}\n\n{found[2]}", page)
    if count != 1:
        raise SystemExit(f"the page has no one place for the table of {name}")
    return changed

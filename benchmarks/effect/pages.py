"""What `docs/` shows of an experiment: `effect/NAME.json`, the plot `effect/NAME.svg` and the table in `effect.md`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from benchmarks.effect.plot import plot
from benchmarks.effect.results import as_text
from benchmarks.effect.table import table

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
    page.write_text(with_table(page.read_text(), experiment.name, table(experiment, results)))


def with_table(page: str, name: str, text: str) -> str:
    """The page with this table between the comments `table NAME` and `end`."""
    pattern = re.compile(rf"(<!-- table {name} -->)\n.*?(<!-- end -->)", re.DOTALL)
    changed, count = pattern.subn(lambda found: f"{found[1]}\n\n{text}\n\n{found[2]}", page)
    if count != 1:
        raise SystemExit(f"effect.md has no one place for the table of {name}")
    return changed

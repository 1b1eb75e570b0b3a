"""Many settings tried on one dataset, each tested against the default."""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from scipy.stats import false_discovery_control

from retrieval.errors import SettingsError
from retrieval.evaluation.compare import Row, compare
from retrieval.evaluation.datasets import Dataset
from retrieval.evaluation.indexes import Open
from retrieval.evaluation.measures import NAMED
from retrieval.evaluation.runs import DEFAULT, Options, Run, run
from retrieval.evaluation.variants import Changes, label, varied
from retrieval.protocols import Progress
from retrieval.settings import Settings

MEASURES = ("nDCG@10", "quote@1", "refusal recall", "false refusals", "AUROC")


class Grid(NamedTuple):
    """The settings to try, and the measures to show."""

    points: tuple[Changes, ...]
    measures: tuple[str, ...]


class Trial(NamedTuple):
    """One point of the grid against the default settings."""

    changes: Changes
    run: Run
    rows: tuple[Row, ...]  # their p-values are adjusted for the number of points


def read_grid(path: Path) -> Grid:
    """The grid in a TOML file: ``[grid]`` with lists of values by setting, and ``measures`` to show.

    :raises SettingsError: where it cannot be read or names what there is not.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"the grid {path} cannot be read: {error}", "it is a TOML file with a table [grid]"
        ) from error
    table, measures = content.get("grid", {}), content.get("measures", list(MEASURES))
    if not isinstance(measures, list) or not all(isinstance(name, str) for name in measures):
        raise SettingsError(f"measures in {path} is no list of names", 'write for instance measures = ["quote@1"]')
    axes = dict(_flat(table)) if isinstance(table, dict) else {}
    if not axes or not all(isinstance(values, list) and values for values in axes.values()):
        raise SettingsError(f"{path} has no lists under [grid]", 'write for instance "search.hits" = [10, 20]')
    if unknown := sorted(set(measures) - set(NAMED)):
        raise SettingsError(f"there is no measure {unknown[0]!r}", f"measures are {', '.join(NAMED)}")
    points = (dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values()))
    return Grid(tuple(points), tuple(measures))


def sweep(
    dataset: Dataset,
    settings: Settings,
    open: Open,
    grid: Grid,
    *,
    options: Options = DEFAULT,
    progress: Progress | None = None,
) -> tuple[Run, list[Trial]]:
    """The run of the default settings, and every point of the grid tested against it.

    An index is made once for each of the settings that shape it. p-values are
    adjusted within a measure for the number of points (Benjamini and Hochberg 1995).
    """
    variants = [
        varied(settings, changes) for changes in grid.points
    ]  # a mistake in the grid shows before the first run
    base = run(dataset, settings, open, options=options, progress=progress)
    runs = [
        run(dataset, variant, open, label=label(changes), options=options, progress=progress)
        for changes, variant in zip(grid.points, variants, strict=True)
    ]
    tables = _adjusted([[row for row in compare(base, r) if row.measure.name in grid.measures] for r in runs])
    return base, [Trial(*parts) for parts in zip(grid.points, runs, tables, strict=True)]


def _adjusted(tables: Sequence[Sequence[Row]]) -> list[tuple[Row, ...]]:
    """The rows with p-values that control the false discovery rate over the tables, measure by measure."""
    adjusted: dict[tuple[int, str], float] = {}
    for name in {row.measure.name for rows in tables for row in rows}:
        found = [(at, row.difference.p) for at, rows in enumerate(tables) for row in rows if row.measure.name == name]
        for (at, _), p in zip(found, false_discovery_control([p for _, p in found]), strict=True):
            adjusted[at, name] = float(p)
    return [
        tuple(row._replace(difference=row.difference._replace(p=adjusted[at, row.measure.name])) for row in rows)
        for at, rows in enumerate(tables)
    ]


def _flat(table: dict[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted names and values, whether the names were quoted or written as nested tables."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield above + name, value

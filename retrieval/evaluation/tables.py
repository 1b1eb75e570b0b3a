"""Results as tables of words, for whatever shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from retrieval.evaluation.bootstrap import Estimate
from retrieval.evaluation.compare import Change, Row
from retrieval.evaluation.growth import FIGURES, Growth
from retrieval.evaluation.measures import NAMED, Measure
from retrieval.evaluation.speed import Speed
from retrieval.evaluation.sweep import Trial


class Table(NamedTuple):
    """A head and rows of as many cells; the first column is text, the others are figures."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def lines(self) -> Iterator[str]:
        """The table as text, two blanks between its columns."""
        widths = [max(map(len, column)) for column in zip(self.head, *self.rows, strict=True)]
        for first, *others in (self.head, *self.rows):
            cells = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
            yield "  ".join((first.ljust(widths[0]), *cells)).rstrip()


def figure(value: float, measure: Measure | None = None) -> str:
    """A number as it is shown: three decimals for shares, "–" where it is not defined."""
    if np.isnan(value):
        return "–"
    return f"{value:.1f} {measure.unit}" if measure and measure.unit else f"{value:.3f}"


def chance(p: float) -> str:
    """A p-value as it is shown."""
    return f"{p:.3f}" if p >= 0.001 else "<0.001"


def measures_table(found: Mapping[str, Estimate]) -> Table:
    """A row for each measure of a run."""
    return Table(
        ("measure", "value", "95 % interval", "questions"),
        tuple(
            (
                name,
                figure(estimate.value, NAMED[name]),
                f"{figure(estimate.low, NAMED[name])} to {figure(estimate.high, NAMED[name])}",
                str(estimate.n),
            )
            for name, estimate in found.items()
        ),
    )


def comparison_table(rows: Sequence[Row]) -> Table:
    """A row for each measure of two runs."""
    return Table(
        ("measure", "first", "second", "difference", "95 % interval", "p", ""),
        tuple(
            (row.measure.name, figure(row.first, row.measure), figure(row.second, row.measure), *_changed(row))
            for row in rows
        ),
    )


def _changed(row: Row) -> tuple[str, str, str, str]:
    """The difference, its interval, its p-value and what it comes to; dashes where one of the runs has no value."""
    value, low, high, p, _ = row.difference
    if np.isnan(value):
        return "–", "–", "–", ""
    verdict = ("better" if row.gain > 0 else "worse") if row.significant else ""
    return f"{value:+.3f}", "–" if np.isnan(low) else f"{low:+.3f} to {high:+.3f}", chance(p), verdict


def sweep_table(found: Mapping[str, Estimate], trials: Sequence[Trial], measures: Sequence[str]) -> Table:
    """A row for each point of a grid under that of the default; + is significantly better, - worse."""
    shown = [name for name in measures if name in found]
    default = ("default", *(figure(found[name].value, NAMED[name]) for name in shown))
    points = []
    for trial in trials:
        rows = {row.measure.name: row for row in trial.rows}
        points.append((trial.run.about.label, *(_marked(rows[name]) if name in rows else "–" for name in shown)))
    return Table(("settings", *shown), (default, *points))


def speed_table(measured: Sequence[Speed]) -> Table:
    """A row for each figure of the benchmark."""
    return Table(
        ("", "Sayso", "naive", "ratio", "aim", ""),
        tuple(
            (
                f"{line.what}, {line.unit}",
                f"{line.sayso:.2f}",
                "–" if line.naive is None else f"{line.naive:.2f}",
                "–" if line.ratio is None else f"{line.ratio:.2f}",
                line.aim,
                "reached" if line.reached else "missed",
            )
            for line in measured
        ),
    )


def growth_table(found: Growth) -> Table:
    """A row for each figure, a column for each number of passages, and how the last is to the first."""
    rows = []
    for name, value, decimals in FIGURES:
        values = [value(size) for size in found.sizes]
        ratio = f"{values[-1] / values[0]:.2f}" if values[0] and values[-1] is not None else "–"
        rows.append((name, *("–" if each is None else f"{each:,.{decimals}f}" for each in values), ratio))
    head = (f"{size.passages:,}{'*' if size.filled else ''}" for size in found.sizes)
    return Table(("passages", *head, "last / first"), tuple(rows))


def change_lines(changes: Sequence[Change], most: int) -> Iterator[str]:
    """How many questions were lost, won and otherwise changed, then at most ``most`` of them, one a line."""
    words = {-1: "lost", 1: "won", 0: "other"}
    counts = (f"{sum(change.gain == gain for change in changes)} {word}" for gain, word in words.items())
    yield f"Questions: {', '.join(counts)}"
    for change in changes[:most]:
        before, after = change.first.stage, change.second.stage
        ended = f"{before} -> {after}" if before != after else f"{after}, another quote"
        yield f"{words[change.gain]:<6}{change.second.id}: {change.second.text} ({ended})"
    if len(changes) > most:
        yield f"… and {len(changes) - most} more"


def _marked(row: Row) -> str:
    mark = ("+" if row.gain > 0 else "-") if row.significant else " "
    return f"{figure(row.second, row.measure)} {mark}"

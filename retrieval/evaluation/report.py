"""One self-contained HTML page about one run or several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

import numpy as np

from retrieval.evaluation.bootstrap import Estimate
from retrieval.evaluation.compare import Row, compare
from retrieval.evaluation.growth import Growth
from retrieval.evaluation.measures import MEASURES, Array, Bin, Measure, reliability, risk_coverage
from retrieval.evaluation.outcomes import Outcome, Stage
from retrieval.evaluation.plots import plots
from retrieval.evaluation.runs import Run, columns, summary
from retrieval.evaluation.tables import chance, figure, growth_table

_CURVE_POINTS = 200
_MANY_KINDS = 12


class Point(NamedTuple):
    """A point of a curve, both coordinates 0 to 1."""

    x: float
    y: float


class Cell(NamedTuple):
    """A measure in one run, and what it is against the first run where both asked the same."""

    estimate: Estimate
    row: Row | None


class Segment(NamedTuple):
    """A part of a bar: the questions of one kind that ended in one way."""

    stage: Stage
    start: float
    share: float
    size: int


class Bar(NamedTuple):
    """The questions of one kind by how they ended."""

    kind: str
    size: int
    segments: tuple[Segment, ...]


class Part(NamedTuple):
    """What the page shows of one run."""

    number: int
    run: Run
    bars: tuple[Bar, ...]
    bins: tuple[Bin, ...]
    curve: tuple[Point, ...]
    area: float


def render(runs: Sequence[Run], growths: Sequence[Growth] = ()) -> str:
    """The page as HTML, of runs, of measured speeds or of both.

    It loads nothing from elsewhere, and all text from outside is escaped.
    """
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"figure": figure, "chance": chance}
    template = environment.from_string(Path(__file__).with_name("report.html").read_text(encoding="utf-8"))
    parts = [_part(number, run) for number, run in enumerate(runs)]
    return template.render(
        parts=parts,
        table=_table(runs) if runs else [],
        speeds=[(found, list(plots(found)), growth_table(found)) for found in growths],
        stages=[stage for stage in Stage if any(o.stage is stage for run in runs for o in run.outcomes)],
        kinds=sorted({outcome.kind for run in runs for outcome in run.outcomes}),
    )


def _table(runs: Sequence[Run]) -> list[tuple[Measure, list[Cell | None]]]:
    """A row for each measure that some run defines, with a cell for each run."""
    summaries = [summary(run.outcomes) for run in runs]
    against = [{row.measure.name: row for row in _against(runs[0], run)} for run in runs]

    def cells(name: str) -> list[Cell | None]:
        pairs = zip(summaries, against, strict=True)
        return [Cell(found[name], rows.get(name)) if name in found else None for found, rows in pairs]

    return [(measure, cells(measure.name)) for measure in MEASURES if any(measure.name in found for found in summaries)]


def _against(first: Run, run: Run) -> list[Row]:
    """The rows of a comparison with the first run that both define; none for itself or of other questions."""
    same = [outcome.id for outcome in run.outcomes] == [outcome.id for outcome in first.outcomes]
    rows = compare(first, run) if run is not first and same else []
    return [row for row in rows if not np.isnan(row.difference.value)]


def _part(number: int, run: Run) -> Part:
    table = columns(run.outcomes)
    judged = ~np.isnan(table["right"])
    confidence, right = table["confidence"][judged], table["right"][judged]
    curve = _curve(risk_coverage(confidence, right)) if judged.any() else ()
    area = float(risk_coverage(confidence, right).mean()) if judged.any() else np.nan
    return Part(number, run, _bars(run.outcomes), tuple(reliability(confidence, right)), curve, area)


def _curve(risk: Array) -> tuple[Point, ...]:
    kept = np.unique(np.linspace(0, len(risk) - 1, min(len(risk), _CURVE_POINTS)).astype(int))
    return tuple(Point((index + 1) / len(risk), float(risk[index])) for index in kept)


def _bars(outcomes: Sequence[Outcome]) -> tuple[Bar, ...]:
    """One bar a kind, the most frequent kinds, in the order of the alphabet."""
    frequent = {kind for kind, _ in Counter(outcome.kind for outcome in outcomes).most_common(_MANY_KINDS)}
    return tuple(_bar(kind, [o.stage for o in outcomes if o.kind == kind]) for kind in sorted(frequent))


def _bar(kind: str, stages: Sequence[Stage]) -> Bar:
    sizes = [(stage, stages.count(stage)) for stage in Stage if stage in stages]
    starts = accumulate((size / len(stages) for _, size in sizes), initial=0.0)
    segments = (
        Segment(stage, start, size / len(stages), size) for (stage, size), start in zip(sizes, starts, strict=False)
    )
    return Bar(kind, len(stages), tuple(segments))

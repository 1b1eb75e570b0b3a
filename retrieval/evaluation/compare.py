"""What changed between two runs of the same questions, and whether it can be chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from retrieval.errors import InputError
from retrieval.evaluation.bootstrap import Difference, difference
from retrieval.evaluation.measures import MEASURES, Array, Measure
from retrieval.evaluation.outcomes import Outcome
from retrieval.evaluation.runs import Run, columns

LEVEL = 0.05  # of significance


class Row(NamedTuple):
    """One measure in two runs."""

    measure: Measure
    first: float
    second: float
    difference: Difference

    @property
    def gain(self) -> float:
        """The difference, positive where the second run is better."""
        return self.difference.value if self.measure.higher_is_better else -self.difference.value

    @property
    def significant(self) -> bool:
        """Whether the difference is hardly chance, at the level of 5 %."""
        return self.difference.p < LEVEL


class Change(NamedTuple):
    """One question whose outcome differs: ``gain`` 1 better, -1 worse, 0 otherwise different."""

    gain: int
    first: Outcome
    second: Outcome


def compare(first: Run, second: Run) -> list[Row]:
    """Every measure that both runs define, with a paired test.

    :raises InputError: where the runs do not ask the same questions.
    """
    same_questions([outcome.id for outcome in first.outcomes], [outcome.id for outcome in second.outcomes])
    one, two = columns(first.outcomes), columns(second.outcomes)
    return rows(one, two, MEASURES)


def rows(first: Mapping[str, Array], second: Mapping[str, Array], measures: Sequence[Measure]) -> list[Row]:
    """The measures defined by both tables of columns, whose rows are the same questions."""
    found = [Row(measure, *_values(measure, first, second)) for measure in measures]
    return [row for row in found if row.difference.n and not np.isnan([row.first, row.second]).all()]


def _values(
    measure: Measure, first: Mapping[str, Array], second: Mapping[str, Array]
) -> tuple[float, float, Difference]:
    valid = ~np.isnan([table[name] for table in (first, second) for name in measure.columns]).any(axis=0)
    if not valid.any():
        return np.nan, np.nan, difference(measure.statistic, [np.empty(0)], [np.empty(0)])
    one, two = ([table[name][valid] for name in measure.columns] for table in (first, second))
    return float(measure.statistic(*one)), float(measure.statistic(*two)), difference(measure.statistic, one, two)


def changes(first: Run, second: Run) -> list[Change]:
    """Questions that ended otherwise: losses, then gains, then the rest, each in the runs' order."""
    pairs = zip(first.outcomes, second.outcomes, strict=True)
    differing = [
        Change(b.stage.good - a.stage.good, a, b) for a, b in pairs if a.stage != b.stage or _words(a) != _words(b)
    ]
    return sorted(differing, key=lambda change: (-1, 1, 0).index(change.gain))


def _words(outcome: Outcome) -> str:
    return outcome.quotes[0].text if outcome.quotes and not outcome.refused else ""


def same_questions(first: Sequence[str], second: Sequence[str]) -> None:
    """Nothing, if both lists name the same questions in the same order.

    :raises InputError: otherwise.
    """
    if list(first) == list(second):
        return
    sides = {"first": set(first) - set(second), "second": set(second) - set(first)}
    told = ", ".join(f"{len(ids)} only in the {side}" for side, ids in sides.items() if ids)
    raise InputError(
        f"the two did not ask the same questions: {told}" if told else "the questions are in another order",
        "compare runs of one dataset; for a gate write a new baseline with --update",
    )

"""The confidence fitted to somebody's own questions, and kept only where it gets better beyond chance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from retrieval.errors import InputError
from retrieval.evaluation.bootstrap import Estimate, estimate
from retrieval.evaluation.fitting import Confidence, Observed, Quality, logistic, measured, probabilities, quality
from retrieval.evaluation.measures import mean

LEAST = 20  # questions with a right first quote, and without one; of fewer, ten weights learn chance
_FOLDS = 5

Fit = Callable[[np.ndarray, np.ndarray], Confidence]


class Calibration(NamedTuple):
    """What a fit to one's own questions would change."""

    before: Quality
    after: Quality  # on questions that it was not fitted on
    gain: Estimate  # in the Brier score, before minus after
    fitted: Confidence  # on all the questions

    @property
    def better(self) -> bool:
        """Whether the gain is beyond chance."""
        return self.gain.low > 0


def check_enough(observed: Sequence[Observed]) -> None:
    """Refuses to fit a confidence to a few questions.

    :raises InputError: there are fewer than ``LEAST`` with a right first quote, or without one.
    """
    rightly = sum(int(data.right.sum()) for data in observed)
    wrongly = sum(len(data.asked) for data in observed) - rightly
    if min(rightly, wrongly) < LEAST:
        raise InputError(
            f"too few questions to fit a confidence to: the first quote is right for {rightly:,} and for {wrongly:,}"
            " it is not or should not be there",
            f"have at least {LEAST} of each; questions that no article answers count among the second",
        )


def calibrate(data: Observed, present: Confidence) -> Calibration:
    """The better of two fits, each tried on a fifth of the questions after it was fitted on the others.

    One moves and stretches the present confidence (Platt 1999), which takes two numbers and keeps its order; the
    other weighs the evidence anew.

    :raises InputError: there are too few questions.
    """
    check_enough([data])

    def moved(x: np.ndarray, y: np.ndarray) -> Confidence:
        logits = present.intercept + x @ np.array(list(present.weights.values()))
        line = logistic(logits[:, None], y, np.ones(len(y)), ["logit"])
        slope = line.weights["logit"]
        weights = {name: round(slope * weight, 4) for name, weight in present.weights.items()}
        return Confidence(round(line.intercept + slope * present.intercept, 4), weights)

    def anew(x: np.ndarray, y: np.ndarray) -> Confidence:
        return logistic(x, y, np.ones(len(y)), data.evidence)

    tried = [(_cross_validated(data, fit), fit) for fit in (moved, anew)]
    predicted, fit = min(tried, key=lambda pair: float(np.mean((pair[0] - data.right) ** 2)))
    gains = (probabilities(data.seen, present) - data.right) ** 2 - (predicted - data.right) ** 2
    return Calibration(
        quality(data, present), measured(predicted, data.right), estimate(mean, [gains]), fit(data.seen, data.right)
    )


def _cross_validated(data: Observed, fit: Fit) -> np.ndarray:
    """The probability of each question by a fit that has not seen it; every fold has its share of right ones."""
    fold = np.empty(len(data.asked), int)
    fold[np.argsort(data.right, kind="stable")] = np.arange(len(fold)) % _FOLDS
    predicted = np.zeros(len(fold))
    for number in range(_FOLDS):
        rest = fold != number
        predicted[~rest] = probabilities(data.seen[~rest], fit(data.seen[rest], data.right[rest]))
    return predicted

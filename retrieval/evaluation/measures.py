"""Measures over a whole run: from columns of per-question numbers to one figure.

A statistic takes arrays of shape ``(..., n)``, one for each of its columns and
without NaN, and gives an array of shape ``(...)``; so it serves the run itself
and two thousand resamples of it alike. NaN in the result is "not defined".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Array = NDArray[np.float64]
Columns = Mapping[str, Array]  # NaN: the question is not one that the column is about

_BINS = 10


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of a run: its name, what it is made from, and which way is better."""

    name: str
    columns: tuple[str, ...]
    statistic: Callable[..., Any]
    meaning: str
    higher_is_better: bool = True
    unit: str = ""

    def data(self, columns: Columns) -> list[Array]:
        """The measure's columns, of the questions that have a value in each of them."""
        chosen = [columns[name] for name in self.columns]
        valid = ~np.isnan(chosen).any(axis=0)
        return [column[valid] for column in chosen]


def mean(values: Array) -> Any:
    """Arithmetic mean."""
    return values.mean(axis=-1)


def median(values: Array) -> Any:
    """Median."""
    return np.median(values, axis=-1)


def _share(part: Array, whole: Array) -> Any:
    """Σ part ÷ Σ whole, NaN where the whole is 0."""
    total = whole.sum(axis=-1)
    return np.divide(part.sum(axis=-1), total, out=np.full_like(total, np.nan), where=total > 0)


def refusal_precision(refused: Array, answerable: Array) -> Any:
    """Of the questions refused, the share that the articles do not answer; NaN where they answer every question."""
    some = (answerable < 1).any(axis=-1, keepdims=True)
    return _share(refused * (1 - answerable), refused * some)


def refusal_recall(refused: Array, answerable: Array) -> Any:
    """Of the questions that the articles do not answer, the share refused."""
    return _share(refused * (1 - answerable), 1 - answerable)


def false_refusals(refused: Array, answerable: Array) -> Any:
    """Of the questions that the articles answer, the share refused."""
    return _share(refused * answerable, answerable)


def auroc(confidence: Array, answerable: Array) -> Any:
    """Chance that an answerable question has more confidence than an unanswerable one; a tie is half a win.

    The Mann–Whitney U over the number of pairs (Hanley and McNeil 1982).
    """
    ranks = rankdata(confidence, axis=-1)
    positives = answerable.sum(axis=-1)
    pairs = positives * (answerable.shape[-1] - positives)
    wins = (ranks * answerable).sum(axis=-1) - positives * (positives + 1) / 2
    return np.divide(wins, pairs, out=np.full_like(pairs, np.nan), where=pairs > 0)


def risk_coverage(confidence: Array, right: Array) -> Array:
    """Risk at each coverage 1/n, 2/n, …, 1: the share of wrong answers among the most confident.

    Equal confidences share their risk evenly, so the order of the questions does
    not matter. Geifman and El-Yaniv 2017, "Selective classification for deep neural networks".
    """
    order = np.argsort(-confidence, axis=-1, kind="stable")
    ranked = np.take_along_axis(confidence, order, axis=-1)
    wrong = 1 - np.take_along_axis(right, order, axis=-1)
    return np.cumsum(_within_ties(wrong, ranked), axis=-1) / np.arange(1, wrong.shape[-1] + 1)


def _within_ties(values: Array, keys: Array) -> Array:
    """``values`` with each run of equal neighbouring ``keys`` replaced by its mean."""
    starts = np.ones(keys.shape, dtype=bool)
    starts[..., 1:] = keys[..., 1:] != keys[..., :-1]
    groups = np.cumsum(starts.ravel()) - 1
    means = np.bincount(groups, weights=values.ravel()) / np.bincount(groups)
    return np.asarray(means[groups].reshape(values.shape), dtype=np.float64)


def risk_coverage_area(confidence: Array, right: Array) -> Any:
    """Mean of :func:`risk_coverage` over all coverages: 0 is perfect."""
    return risk_coverage(confidence, right).mean(axis=-1)


def calibration_error(confidence: Array, right: Array) -> Any:
    """Expected calibration error over ten bins of equal width: Σ |bin| ÷ n · |accuracy − mean confidence|.

    Naeini, Cooper and Hauskrecht 2015, "Obtaining well calibrated probabilities using Bayesian binning".
    """
    bins = _bin(confidence)
    gaps = [np.abs(((right - confidence) * (bins == number)).sum(axis=-1)) for number in range(_BINS)]
    return np.sum(gaps, axis=0) / right.shape[-1]


class Bin(NamedTuple):
    """One bar of a reliability diagram."""

    confidence: float  # mean in the bin
    accuracy: float
    size: int


def reliability(confidence: Array, right: Array) -> list[Bin]:
    """The bins behind :func:`calibration_error` that hold a question, in order of confidence."""
    bins = _bin(confidence)
    members = [bins == number for number in range(_BINS)]
    return [Bin(float(confidence[m].mean()), float(right[m].mean()), int(m.sum())) for m in members if m.any()]


def _bin(confidence: Array) -> NDArray[np.int64]:
    return np.minimum((confidence * _BINS).astype(np.int64), _BINS - 1)


def _mean_of(name: str, meaning: str) -> Measure:
    return Measure(name, (name,), mean, meaning)


MEASURES = (
    _mean_of(
        "nDCG@10",
        "gain of the ten best articles, discounted by rank, over the best possible (Järvelin and Kekäläinen 2002)",
    ),
    _mean_of("hit@1", "the best article is a relevant one"),
    _mean_of("hit@5", "a relevant article is among the best five"),
    _mean_of("MRR", "one over the rank of the first relevant article"),
    _mean_of("recall@10", "share of the relevant articles among the best ten"),
    _mean_of("recall@100", "share of the relevant articles among the best hundred"),
    _mean_of("answer@hits", "a gold answer stands in one of the passages found"),
    _mean_of("quote@1", "the first quote holds a gold answer"),
    _mean_of("quote@shown", "one of the quotes shown holds a gold answer"),
    _mean_of("EM", "the answering words of the first quote are a gold answer (SQuAD)"),
    _mean_of("F1", "words shared by the answering words and a gold answer (SQuAD)"),
    _mean_of("follow-up", "a question that leans on earlier ones is answered rightly"),
    _mean_of("rewrite F1", "words shared by a follow-up as it was understood and a person's rewriting of it"),
    _mean_of("span recall", "reference characters that the five best passages cover"),
    _mean_of("span precision", "characters of the five best passages that are reference"),
    _mean_of("span IoU", "reference characters covered, over those retrieved and those missed"),
    Measure(
        "refusal precision",
        ("refused", "answerable"),
        refusal_precision,
        "refused questions that the articles do not answer",
    ),
    Measure(
        "refusal recall", ("refused", "answerable"), refusal_recall, "questions without an answer that are refused"
    ),
    Measure(
        "false refusals", ("refused", "answerable"), false_refusals, "questions with an answer that are refused", False
    ),
    # ranks, since a paired test exchanges the confidences of two runs that may be on different scales
    Measure(
        "AUROC",
        ("confidence rank", "answerable"),
        auroc,
        "an answerable question has more confidence than one that is not",
    ),
    Measure(
        "risk–coverage area",
        ("confidence rank", "right"),
        risk_coverage_area,
        "mean error at all levels of refusing",
        False,
    ),
    Measure(
        "calibration error",
        ("confidence", "right"),
        calibration_error,
        "gap of confidence and accuracy (ten bins)",
        False,
    ),
    Measure("time", ("ms",), median, "median of one question", False, "ms"),
)

NAMED = {measure.name: measure for measure in MEASURES}

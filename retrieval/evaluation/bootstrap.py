"""How sure a figure and a difference are: bootstrap intervals and paired randomisation tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.evaluation.measures import Array

Statistic = Callable[..., Any]

RESAMPLES = 2_000
_SEED = 20_240_229
_CELLS = 1_000_000  # numbers held at once for one column


class Estimate(NamedTuple):
    """A figure with the ends of its 95 % interval, from ``n`` questions."""

    value: float
    low: float
    high: float
    n: int


class Difference(NamedTuple):
    """Second run minus first: the value, its 95 % interval, the p-value of no difference, the questions."""

    value: float
    low: float
    high: float
    p: float
    n: int


def estimate(statistic: Statistic, data: Sequence[Array]) -> Estimate:
    """The statistic with its percentile bootstrap interval over questions (Efron and Tibshirani 1993, chapter 13).

    The seed is fixed: the same data give the same interval. NaN throughout where there is no data.
    """
    n = len(data[0])
    if not n:
        return Estimate(np.nan, np.nan, np.nan, 0)
    samples = [statistic(*(column[rows] for column in data)) for rows in _draws(n)]
    return Estimate(float(statistic(*data)), *_interval(samples), n)


def difference(statistic: Statistic, first: Sequence[Array], second: Sequence[Array]) -> Difference:
    """What changed from the first to the second run over the same questions, row by row.

    The interval is a paired bootstrap's. The p-value is the two-sided one of a
    paired randomisation test: how often a difference as large comes about when
    each question's two results are exchanged at random (Smucker, Allan and
    Carterette 2007, "A comparison of statistical significance tests for IR evaluation").
    """
    n = len(first[0])
    if not n:
        return Difference(np.nan, np.nan, np.nan, np.nan, 0)
    observed = float(statistic(*second)) - float(statistic(*first))
    samples = [statistic(*(b[rows] for b in second)) - statistic(*(a[rows] for a in first)) for rows in _draws(n)]
    pairs = list(zip(first, second, strict=True))
    extreme = 0
    for swap in _swaps(n):
        one = statistic(*(np.where(swap, b, a) for a, b in pairs))
        other = statistic(*(np.where(swap, a, b) for a, b in pairs))
        # where the figure is not defined the exchange counts as extreme: never to the benefit of significance
        extreme += int((~(np.abs(other - one) < abs(observed) - 1e-12)).sum())
    return Difference(observed, *_interval(samples), (extreme + 1) / (RESAMPLES + 1), n)


def _draws(n: int) -> Iterator[NDArray[np.int64]]:
    """Row numbers drawn with replacement, in blocks of shape ``(resamples, n)``."""
    random = np.random.default_rng(_SEED)
    for size in _blocks(n):
        yield random.integers(n, size=(size, n))


def _swaps(n: int) -> Iterator[NDArray[np.bool_]]:
    """Coin tosses, in blocks of shape ``(resamples, n)``."""
    random = np.random.default_rng(_SEED)
    for size in _blocks(n):
        yield random.random((size, n)) < 0.5


def _blocks(n: int) -> Iterator[int]:
    size = max(1, _CELLS // n)
    for done in range(0, RESAMPLES, size):
        yield min(size, RESAMPLES - done)


def _interval(samples: Sequence[Any]) -> tuple[float, float]:
    values = np.concatenate([np.atleast_1d(sample) for sample in samples])
    defined = values[~np.isnan(values)]
    if not len(defined):
        return np.nan, np.nan
    low, high = np.quantile(defined, [0.025, 0.975])
    return float(low), float(high)

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.evaluation.bootstrap import difference, estimate
from retrieval.evaluation.measures import auroc, mean

values = st.lists(st.integers(0, 1).map(float), min_size=1, max_size=50).map(np.array)


@settings(deadline=None, max_examples=25)
@given(values)
def test_the_interval_holds_the_value_and_stays_within_the_data(data: np.ndarray) -> None:
    found = estimate(mean, [data])
    assert data.min() <= found.low <= found.value <= found.high <= data.max()
    assert found == estimate(mean, [data])


def test_the_interval_of_a_mean_is_about_two_standard_errors_wide() -> None:
    data = np.random.default_rng(1).normal(size=400)
    found = estimate(mean, [data])
    assert found.high - found.low == pytest.approx(2 * 1.96 * data.std() / 20, rel=0.1)


@settings(deadline=None, max_examples=25)
@given(values)
def test_a_run_does_not_differ_from_itself(data: np.ndarray) -> None:
    found = difference(mean, [data], [data])
    assert (found.value, found.low, found.high, found.p) == (0, 0, 0, 1)


@settings(deadline=None, max_examples=25)
@given(values, st.integers(0, 2**32 - 1))
def test_exchanging_the_runs_turns_the_sign_only(data: np.ndarray, seed: int) -> None:
    other = np.random.default_rng(seed).permutation(data)
    one, two = difference(mean, [data], [other]), difference(mean, [other], [data])
    assert one.value == pytest.approx(-two.value)
    assert one.p == pytest.approx(two.p)


def test_p_is_that_of_the_exact_randomisation_test() -> None:
    first, second = np.array([0.0] * 6 + [1.0] * 4), np.array([1.0] * 6 + [1.0] * 4)
    # six gains, no loss: of 64 exchanges two are as extreme
    assert difference(mean, [first], [second]).p == pytest.approx(2 / 64, abs=0.015)


def test_a_clear_difference_is_significant_and_noise_is_not() -> None:
    random = np.random.default_rng(2)
    base = random.random(200)
    assert difference(mean, [base], [base + 0.05 + random.normal(scale=0.1, size=200)]).p < 0.01
    assert difference(mean, [base], [random.permutation(base)]).p > 0.05


def test_several_columns_are_exchanged_together() -> None:
    answerable = np.array([1.0, 0] * 50)
    good, bad = answerable + np.linspace(0, 0.5, 100), np.linspace(0, 1, 100)
    found = difference(auroc, [bad, answerable], [good, answerable])
    assert found.value == pytest.approx(float(auroc(good, answerable) - auroc(bad, answerable)))
    assert found.p < 0.01


def test_no_data_is_not_defined() -> None:
    assert np.isnan(estimate(mean, [np.empty(0)]).value)
    assert difference(mean, [np.empty(0)], [np.empty(0)]).n == 0

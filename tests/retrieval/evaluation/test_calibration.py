"""Calibration on numbers whose answer is known: what helps is kept, what may be chance is not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import InputError
from retrieval.evaluation.calibration import LEAST, calibrate, check_enough
from retrieval.evaluation.fitting import Asked, Confidence, Observed

PRESENT = Confidence(0.0, {"margin": 1.0, "share": 0.0})


def observed(size: int, *, shift: float = 0.0, seed: int = 0) -> Observed:
    """Questions whose first quote is right as often as PRESENT says, were margins not off by ``shift``."""
    rng = np.random.default_rng(seed)
    margins = rng.normal(scale=2, size=size)
    right = rng.random(size) < 1 / (1 + np.exp(-margins))
    shares = rng.normal(size=size)
    features = (np.zeros((1, 1)), np.ones(1, bool))
    asked = [
        Asked(*features, np.array([m + shift, s]), bool(r), True)
        for m, s, r in zip(margins, shares, right, strict=True)
    ]
    return Observed("own", ("margin",), ("margin", "share"), tuple(asked))


def test_a_confidence_that_is_far_off_is_moved() -> None:
    found = calibrate(observed(400, shift=4.0), PRESENT)
    assert found.better
    assert found.after.calibration_error < 0.1 < found.before.calibration_error
    assert found.fitted.intercept == pytest.approx(-4.0, abs=1.0)


def test_a_confidence_that_is_right_stays() -> None:
    assert not calibrate(observed(400), PRESENT).better


@given(st.integers(0, 50))
def test_a_few_questions_hardly_ever_change_a_confidence_that_is_right(seed: int) -> None:
    found = calibrate(observed(100, seed=seed), PRESENT)
    assert not found.better or found.gain.value < 0.05


@pytest.mark.parametrize("rightly", [0, LEAST - 1])
def test_too_few_questions_are_refused_with_their_numbers(rightly: int) -> None:
    data = observed(400)
    kept = [one for one in data.asked if one.right][:rightly] + [one for one in data.asked if not one.right]
    with pytest.raises(InputError, match=f"right for {rightly} and for {len(kept) - rightly} it is not"):
        calibrate(data._replace(asked=tuple(kept)), PRESENT)


def test_several_sets_are_enough_together() -> None:
    check_enough([observed(60, seed=1), observed(60, seed=2)])
    with pytest.raises(InputError, match="too few questions"):
        check_enough([observed(4, seed=1), observed(4, seed=2)])

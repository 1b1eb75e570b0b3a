"""Fits on numbers whose answer is known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from retrieval.errors import InputError
from retrieval.evaluation import fitting
from retrieval.evaluation.fitting import Asked, Confidence, Observed
from retrieval.weights import FITTED, weights_in_use


def asked(rng: np.random.Generator, *, useful: int, certain: bool) -> Asked:
    """Six sentences; the gold one is high in feature ``useful``, and the evidence tells whether the best is right."""
    features = rng.normal(size=(6, 3))
    gold = np.arange(6) == int(rng.integers(6))
    features[gold, useful] += 4
    return Asked(features, gold, np.array([2.0 if certain else -2.0]) + rng.normal(size=1), certain, True)


def observed(name: str, *, useful: int = 1, size: int = 80) -> Observed:
    rng = np.random.default_rng(len(name))
    questions = tuple(asked(rng, useful=useful, certain=i % 2 == 0) for i in range(size))
    return Observed(name, ("a", "b", "margin"), ("margin",), questions)


def test_the_feature_that_tells_gets_the_weight() -> None:
    weights = fitting.sentence_weights([observed("one"), observed("other")])
    assert weights["b"] > 5 * max(abs(weights["a"]), abs(weights["margin"]))
    assert fitting.sentence_accuracy(observed("third set"), weights) > 0.9


def test_datasets_count_the_same_whatever_their_size() -> None:
    weights = fitting.sentence_weights(
        [observed("small", useful=0, size=40), observed("large one", useful=1, size=400)]
    )
    assert weights["a"] == pytest.approx(weights["b"], rel=0.4)


def test_where_every_quote_is_right_there_is_no_confidence_to_fit() -> None:
    data = observed("one")
    right = data._replace(asked=tuple(one for one in data.asked if one.right))
    with pytest.raises(InputError, match="every first quote is right"):
        fitting.confidence([right])


def test_a_fit_is_written_under_its_way_of_reading_and_read_back(tmp_path: Path) -> None:
    fitted = Confidence(-1.0, {"margin": 0.5})
    target = fitting.calibrated(tmp_path)
    fitting.write(target, fitted, {"margin": 1.0})
    used = weights_in_use(tmp_path, reader=True)
    assert (used.intercept, used.confidence, used.sentence) == (-1.0, {"margin": 0.5}, {"margin": 1.0})
    assert json.loads(target.read_text())["without reader"] == json.loads(FITTED.read_text())["without reader"]
    assert fitting.in_use(tmp_path, observed("one")) == fitted

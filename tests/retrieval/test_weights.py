from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.confidence import evidence
from retrieval.errors import SettingsError
from retrieval.types import Reading
from retrieval.weights import Weights, section, weights_in_use
from tests.retrieval.test_confidence import found
from tests.retrieval.test_extract import candidates

NUMBERS = st.floats(-1e6, 1e6)


@given(NUMBERS, st.dictionaries(st.sampled_from("abc"), st.tuples(NUMBERS, NUMBERS)))
def test_a_probability_lies_strictly_between_0_and_1(intercept: float, terms: dict[str, tuple[float, float]]) -> None:
    weights = Weights({}, {name: weight for name, (weight, _) in terms.items()}, intercept)
    assert 0 < weights.probability({name: value for name, (_, value) in terms.items()}) < 1


@given(st.floats(-20, 20), st.floats(-20, 20))
def test_a_probability_is_the_logistic_function_of_the_weighted_sum(intercept: float, value: float) -> None:
    weights = Weights({}, {"a": 0.5}, intercept)
    logit = max(-30.0, min(30.0, intercept + 0.5 * value))
    assert weights.probability({"a": value, "unweighted": 99.0}) == pytest.approx(1 / (1 + math.exp(-logit)))


def test_no_evidence_weighed_leaves_the_intercept() -> None:
    assert Weights({}, {}, 0.0).probability({"a": 4.0}) == 0.5


@pytest.mark.parametrize("reader", [False, True])
def test_fitted_weights_weigh_only_what_is_measured(tmp_path: Path, reader: bool) -> None:
    weights = weights_in_use(tmp_path, reader)
    query, hits, ranked = found("Who built it?", "Ada built the bridge.")
    if reader:
        ranked = [candidate._replace(features={**candidate.features, "margin": 1.0}) for candidate in ranked]
    measured = evidence(query, hits, ranked)
    assert set(weights.sentence) <= ranked[0].features.keys()
    assert set(weights.confidence) <= measured.keys()
    assert 0 < weights.probability(measured) < 1


def test_a_margin_is_measured_where_there_is_a_reader() -> None:
    cut = found("Who?", "Ada.")[2][0].hit.passage
    (candidate,) = candidates("Who?", [cut], readings=[[Reading(1.5, cut.sentences[0])]])
    assert candidate.features["margin"] == 1.5


def test_weights_that_were_calibrated_for_a_data_folder_are_used_there(tmp_path: Path) -> None:
    half = {"sentence": {"news": 2.0}, "confidence": {"weights": {"lead": 3.0}, "intercept": -1.0}}
    (tmp_path / "weights.json").write_text(
        json.dumps({section(False): half, section(True): {**half, "sentence": {"news": 1}}})
    )
    assert weights_in_use(tmp_path, reader=False) == Weights({"news": 2.0}, {"lead": 3.0}, -1.0)
    assert weights_in_use(tmp_path, reader=True).sentence == {"news": 1.0}
    assert weights_in_use(tmp_path / "elsewhere", reader=False) != weights_in_use(tmp_path, reader=False)


HALF = {"sentence": {"news": 2.0}, "confidence": {"weights": {"lead": 3.0}, "intercept": -1.0}}


@pytest.mark.parametrize(
    "damaged",
    [
        {**HALF, "sentence": {}},
        {**HALF, "sentence": {"news": math.nan}},
        {**HALF, "sentence": [1]},
        {**HALF, "confidence": {"weights": {"lead": "a"}, "intercept": -1.0}},
        {**HALF, "confidence": {"weights": {"lead": 3.0}, "intercept": math.nan}},
        {"sentence": {"news": 2.0}},
        [],
    ],
)
def test_weights_that_are_no_numbers_are_refused_with_a_way_out(tmp_path: Path, damaged: object) -> None:
    (tmp_path / "weights.json").write_text(json.dumps({section(True): damaged}))
    with pytest.raises(SettingsError, match="holds no weights") as caught:
        weights_in_use(tmp_path, reader=True)
    assert "delete it" in caught.value.hint


def test_a_weight_of_what_is_no_evidence_is_told() -> None:
    with pytest.raises(SettingsError, match="'wat'"):
        Weights({}, {"wat": 1.0}, 0.0).probability({"margin": 1.0})

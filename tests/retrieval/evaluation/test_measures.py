from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from retrieval.evaluation import measures
from retrieval.evaluation.measures import MEASURES, Array

judged = st.lists(st.tuples(st.integers(0, 20).map(lambda n: n / 20), st.booleans()), min_size=2, max_size=40)


def arrays(pairs: list[tuple[float, bool]]) -> tuple[Array, Array]:
    return np.array([c for c, _ in pairs]), np.array([float(r) for _, r in pairs])


def test_refusals_by_hand() -> None:
    refused, answerable = np.array([1.0, 1, 0, 0, 1]), np.array([0.0, 1, 1, 0, 0])
    assert measures.refusal_precision(refused, answerable) == pytest.approx(2 / 3)
    assert measures.refusal_recall(refused, answerable) == pytest.approx(2 / 3)
    assert measures.false_refusals(refused, answerable) == pytest.approx(1 / 2)


def test_what_divides_by_nothing_is_not_defined() -> None:
    assert np.isnan(measures.refusal_precision(np.zeros(3), np.array([0.0, 1, 1])))
    assert np.isnan(measures.refusal_precision(np.ones(3), np.ones(3)))
    assert np.isnan(measures.refusal_recall(np.ones(3), np.ones(3)))
    assert np.isnan(measures.auroc(np.array([0.1, 0.9]), np.ones(2)))


@settings(deadline=None)
@given(judged.filter(lambda pairs: len({right for _, right in pairs}) == 2))
def test_auroc_is_that_of_scikit_learn(pairs: list[tuple[float, bool]]) -> None:
    confidence, answerable = arrays(pairs)
    assert measures.auroc(confidence, answerable) == pytest.approx(roc_auc_score(answerable, confidence))


@settings(deadline=None)
@given(judged, st.randoms())
def test_the_order_of_the_questions_does_not_matter(pairs: list[tuple[float, bool]], random: object) -> None:
    mixed = list(pairs)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    for statistic in (measures.auroc, measures.risk_coverage_area, measures.calibration_error):
        assert statistic(*arrays(mixed)) == pytest.approx(statistic(*arrays(pairs)), nan_ok=True)


@settings(deadline=None)
@given(judged)
def test_risk_at_full_coverage_is_the_share_of_wrong_answers(pairs: list[tuple[float, bool]]) -> None:
    confidence, right = arrays(pairs)
    assert measures.risk_coverage(confidence, right)[-1] == pytest.approx(1 - right.mean())
    assert 0 <= measures.risk_coverage_area(confidence, right) <= 1


def test_a_perfect_order_has_the_least_risk() -> None:
    right = np.array([1.0, 1, 0])
    assert measures.risk_coverage(np.array([0.9, 0.8, 0.1]), right).tolist() == pytest.approx([0, 0, 1 / 3])
    assert measures.risk_coverage(np.array([0.5, 0.5, 0.5]), right).tolist() == pytest.approx([1 / 3] * 3)


def test_calibration_error_by_hand() -> None:
    confidence, right = np.array([0.95, 0.85, 0.15, 1.0]), np.array([1.0, 0, 0, 1])
    # bins: {0.95, 1.0} gap |0.05 + 0|, {0.85} gap 0.85, {0.15} gap 0.15
    assert measures.calibration_error(confidence, right) == pytest.approx((0.05 + 0.85 + 0.15) / 4)


@settings(deadline=None)
@given(judged)
def test_the_diagram_and_the_error_tell_the_same(pairs: list[tuple[float, bool]]) -> None:
    confidence, right = arrays(pairs)
    bins = measures.reliability(confidence, right)
    error = sum(bin.size * abs(bin.accuracy - bin.confidence) for bin in bins) / len(right)
    assert error == pytest.approx(measures.calibration_error(confidence, right))
    assert sum(bin.size for bin in bins) == len(right)


@settings(deadline=None)
@given(judged, st.integers(0, 2**32 - 1))
def test_every_statistic_takes_a_block_of_resamples(pairs: list[tuple[float, bool]], seed: int) -> None:
    confidence, right = arrays(pairs)
    rows = np.random.default_rng(seed).integers(len(right), size=(3, len(right)))
    for measure in MEASURES:
        # two columns for the measures of confidence, zeros and ones for those of refusing
        data = [confidence if "confidence" in name else right for name in measure.columns]
        together = measure.statistic(*(column[rows] for column in data))
        alone = [float(measure.statistic(*(column[row] for column in data))) for row in rows]
        assert together.tolist() == pytest.approx(alone, nan_ok=True), measure.name


def test_data_leaves_out_questions_that_the_measure_is_not_about() -> None:
    table = {"refused": np.array([1.0, np.nan, 0]), "answerable": np.array([0.0, 1, np.nan])}
    assert [column.tolist() for column in measures.NAMED["refusal recall"].data(table)] == [[1.0], [0.0]]

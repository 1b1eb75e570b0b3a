"""Fits on numbers whose answer is known."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from retrieval.errors import InputError, SettingsError
from retrieval.evaluation import fitting
from retrieval.evaluation.datasets import load
from retrieval.evaluation.fitting import Asked, Confidence, Observed
from retrieval.settings import Settings
from retrieval.weights import FITTED, weights_in_use
from tests.retrieval.evaluation.fakes import FakeCorpus


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


def test_without_a_gold_sentence_there_are_no_weights_to_fit() -> None:
    data = observed("one")
    nothing = data._replace(asked=tuple(replace(one, gold=np.zeros(6, dtype=bool)) for one in data.asked))
    with pytest.raises(InputError, match="no question has its answer"):
        fitting.sentence_weights([nothing])


def test_a_set_without_a_judged_question_is_named(folder: Path, settings: Settings) -> None:
    (folder / "questions.jsonl").write_text(json.dumps({"question": "Who was engineer?"}) + "\n")
    with pytest.raises(InputError, match="no question of lake is judged"):
        fitting.observe(load(folder), settings, FakeCorpus)


@pytest.mark.parametrize("content", [b"once upon", b"[]", b'{"with reader": 1}', b"\xe9"])
def test_a_file_that_holds_no_weights_is_left_alone(content: bytes, tmp_path: Path) -> None:
    target = tmp_path / "notes.txt"
    target.write_bytes(content)
    with pytest.raises(SettingsError, match="no weights file"):
        fitting.write(target, Confidence(-1.0, {"margin": 0.5}))
    assert target.read_bytes() == content


def test_a_fit_is_written_under_its_way_of_reading_and_read_back(tmp_path: Path) -> None:
    fitted = Confidence(-1.0, {"margin": 0.5})
    target = fitting.calibrated(tmp_path)
    fitting.write(target, fitted, {"margin": 1.0})
    used = weights_in_use(tmp_path, reader=True)
    assert (used.intercept, used.confidence, used.sentence) == (-1.0, {"margin": 0.5}, {"margin": 1.0})
    assert json.loads(target.read_text())["without reader"] == json.loads(FITTED.read_text())["without reader"]
    assert fitting.in_use(tmp_path, observed("one")) == fitted

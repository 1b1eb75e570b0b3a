from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.evaluation.ranking import rank_measures, trec_run

names = st.lists(st.sampled_from([f"d{n}" for n in range(12)]), unique=True, max_size=12)


def test_by_hand() -> None:
    found = rank_measures({"q": ["x", "a", "y", "b"]}, {"q": {"a": 1, "b": 1, "c": 1}})["q"]
    ideal = 1 + 1 / math.log2(3) + 1 / 2
    assert found["nDCG@10"] == pytest.approx((1 / math.log2(3) + 1 / math.log2(5)) / ideal, abs=1e-6)
    assert found["hit@1"] == 0
    assert found["hit@5"] == 1
    assert found["MRR"] == 0.5
    assert found["recall@10"] == pytest.approx(2 / 3, abs=1e-6)


def test_a_question_without_a_result_counts_as_a_miss() -> None:
    found = rank_measures({"q": ["a"]}, {"q": {"a": 1}, "silent": {"b": 1}})
    assert set(found) == {"q", "silent"}
    assert set(found["silent"].values()) == {0}
    assert rank_measures({}, {"q": {"a": 1}})["q"]["MRR"] == 0


def test_nothing_judged_gives_nothing() -> None:
    assert rank_measures({"q": ["a"]}, {}) == {}


@settings(deadline=None, max_examples=30)
@given(names, names.filter(bool))
def test_reciprocal_rank_and_recall_agree_with_their_definitions(ranking: list[str], relevant: list[str]) -> None:
    found = rank_measures({"q": ranking}, {"q": dict.fromkeys(relevant, 1)})["q"]
    ranks = [rank for rank, name in enumerate(ranking, start=1) if name in relevant]
    assert found["MRR"] == pytest.approx(1 / ranks[0] if ranks else 0, abs=1e-6)
    assert found["recall@100"] == pytest.approx(len(ranks) / len(relevant), abs=1e-6)
    assert found["hit@5"] == float(any(rank <= 5 for rank in ranks))


def test_a_trec_line_has_six_words_whatever_the_ids_are() -> None:
    lines = trec_run({"q 1": ["my file.txt", "b"]}, "hits=3 int8").splitlines()
    assert lines == ["q_1 Q0 my_file.txt 1 1.000000 hits=3_int8", "q_1 Q0 b 2 0.500000 hits=3_int8"]

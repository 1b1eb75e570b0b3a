from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from retrieval.confidence import evidence, reason
from retrieval.extract import ranked_sentences
from retrieval.question import understood
from retrieval.types import Candidate, Hit, Query
from tests.retrieval.samples import ENCODER, TEXTS, passages

KNOWN = {"bridge", "built", "ferry", "sank"}


def found(asked: str, *texts: str) -> tuple[Query, list[Hit], list[Candidate]]:
    """A question, its hits and their sentences, in a corpus that holds the words of ``KNOWN``."""
    query = understood(asked, lambda word: int(word in KNOWN), passages=10)
    cut = [passage for number, text in enumerate(texts) for passage in passages(text, f"a{number}")]
    hits = [Hit(passage, 1.0 - number / 10, 0.9 - number / 10, 3.0) for number, passage in enumerate(cut)]
    vectors = {p.id: e.sentences for p, e in zip(cut, ENCODER.encode_passages(cut), strict=True)}
    vector = ENCODER.encode_questions([asked])[0]
    return query, hits, ranked_sentences(query, vector, hits, vectors, (), {"sentence cosine": 1.0})


@given(TEXTS, st.lists(TEXTS.filter(str.strip), min_size=1, max_size=3))
def test_evidence_is_finite_and_holds_the_best_sentences_features(asked: str, texts: list[str]) -> None:
    query, hits, candidates = found(asked, *texts)
    known = evidence(query, hits, candidates)
    assert all(math.isfinite(value) for value in known.values())
    assert candidates[0].features.items() <= known.items()
    assert known["score"] == candidates[0].score
    assert known["lead"] >= 0
    assert 0 <= known["unknown terms"] <= 1 + 1e-9


def test_the_names_of_the_evidence_do_not_depend_on_how_much_was_found() -> None:
    assert (
        evidence(*found("Who built it?", "Ada.")).keys()
        == evidence(*found("Who built it?", "Ada. Tom.", "Eve built it.")).keys()
    )


def test_a_question_of_unknown_words_shows_in_the_evidence() -> None:
    assert evidence(*found("Who built the bridge?", "Ada built the bridge."))["unknown terms"] == 0
    assert evidence(*found("Who mined plutonium?", "Ada built the bridge."))["unknown terms"] == 1
    assert 0 < evidence(*found("Who built the zeppelin?", "Ada built the bridge."))["unknown terms"] < 1


def test_a_refusal_gives_its_reason() -> None:
    query, _, candidates = found("Which Zeppelin sank a Canoe?", "The ferry sank.")
    assert reason(query, candidates) == "no article has the word “canoe” or “zeppelin”"
    assert "nothing" in reason(query, [])
    query, _, candidates = found("Who built the ferry?", "The ferry sank.")
    assert "do not seem to answer" in reason(query, candidates)

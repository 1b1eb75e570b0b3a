from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from retrieval.evaluation.projection import Projection
from retrieval.types import Kind, Passage, Span
from tests.fakes import HashingEncoder

WORDS = ["the", "of", "river", "stone", "market", "quiet", "window", "letter", "garden", "winter", "iron", "salt"]
texts = st.lists(st.sampled_from([*WORDS, "unheard"]), max_size=8).map(" ".join)


def passage(text: str) -> Passage:
    half = len(text) // 2
    return Passage("p", "a", 100, 100 + len(text), Kind.BODY, text, (Span(100, 100 + half), Span(100 + half, 200)))


@given(st.lists(texts, max_size=5))
def test_vectors_are_of_unit_length_or_nought_and_shaped_as_the_encoders(found: list[str]) -> None:
    stand_in = Projection(HashingEncoder(), WORDS)
    questions = stand_in.encode_questions([*found, "river"])
    assert questions.shape == (len(found) + 1, stand_in.dimension)
    for text, encoded in zip(found, stand_in.encode_passages([passage(text) for text in found]), strict=True):
        assert encoded.passage.dtype == encoded.sentences.dtype == np.float32
        assert encoded.sentences.shape == (2, stand_in.dimension)
        for vector in (encoded.passage, *encoded.sentences):
            assert np.isclose(np.linalg.norm(vector), 1, atol=1e-5) or not vector.any()
        assert text == "" or encoded.passage.any()


@given(texts)
def test_a_text_has_one_vector_whoever_projects_it(text: str) -> None:
    one, other = Projection(HashingEncoder(), WORDS), Projection(HashingEncoder(), WORDS)
    assert np.array_equal(one.encode_questions([text]), other.encode_passages([passage(text)])[0].passage[None])


def test_texts_that_share_a_rare_word_are_nearer_than_texts_that_share_a_frequent_one() -> None:
    asked, rare, frequent = Projection(HashingEncoder(), WORDS).encode_questions(
        ["the iron salt", "salt iron quiet", "the the winter"]
    )
    assert asked @ rare > asked @ frequent


def test_it_passes_for_the_encoder_that_it_stands_in_for() -> None:
    encoder = HashingEncoder()
    stand_in = Projection(encoder, WORDS)
    assert (stand_in.name, stand_in.dimension, stand_in.max_tokens) == (encoder.name, 256, 256)
    assert stand_in.count_tokens(["the river"]) == encoder.count_tokens(["the river"])

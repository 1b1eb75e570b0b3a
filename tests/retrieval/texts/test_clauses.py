from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.texts.clauses import clauses
from tests.retrieval.samples import TEXTS

WORDS = st.sampled_from(["the mill", "Ada Quill", ", which", ", who", "opened", "in 1874", ",", ".", "has 1,200 lamps"])


@pytest.mark.parametrize(
    ("sentence", "apart"),
    [
        ("The mill, which burned in 1895, was of oak.", ["The mill was of oak.", "The mill burned in 1895"]),
        ("Fell honoured Ada Quill, who died in 1901.", ["Fell honoured Ada Quill.", "Ada Quill died in 1901"]),
        ("The mill, which has 1,200 lamps, burns.", ["The mill burns.", "The mill has 1,200 lamps"]),
        ("The mill burned in 1895, but the barns were saved.", ["The mill burned in 1895"]),
        ("The mill burned in 1895, but never closed.", []),
        ("The mill, which Ada Quill built, burns.", []),
        ("The mill that burned was of oak.", []),
    ],
)  # fmt: skip
def test_a_relative_clause_is_a_sentence_of_its_own(sentence: str, apart: list[str]) -> None:
    assert [" ".join(clause.split()).replace(" .", ".") for clause in clauses(sentence)] == apart


@given(TEXTS | st.lists(WORDS, max_size=12).map(" ".join))
def test_words_stay_where_they_stand(text: str) -> None:
    for clause in clauses(text):
        assert len(clause) == len(text)
        assert all(kept in (" ", there) for kept, there in zip(clause, text, strict=True))

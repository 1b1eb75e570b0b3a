from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.texts.verbs import inverted

WORDS = st.sampled_from(
    ["the mill", "Ada Quill", "built", "visits", "was", "sold by", "and", "of", "at", "opened", "1874"]
)


@pytest.mark.parametrize(
    ("clause", "question"),
    [
        ("Ada Quill built the mill", "did Ada Quill build the mill"),
        ("the guild of Fell stopped the ferry", "did the guild of Fell stop the ferry"),
        ("Norland carries salt to Tarn", "does Norland carry salt to Tarn"),
        ("several visits took place", "did several visits take place"),
        ("the mill was sold", "was the mill sold"),
        ("a boat built by Ada was brought to Tarn", "was a boat built by Ada brought to Tarn"),
        ("Norland will go on", "will Norland go on"),
    ],
)
def test_the_verb_goes_before_its_subject(clause: str, question: str) -> None:
    assert inverted(clause) == question


@pytest.mark.parametrize(
    "clause",
    [
        "at the start Norland sold tugs",
        "Ada wandered",
        "Ada built the mill and opened it",
        "",
        "built",
        "Ada was",
        "the guild wandered off after Norland sold the mill",
    ],
)
def test_what_cannot_be_turned_for_sure_is_left_alone(clause: str) -> None:
    assert inverted(clause) == ""


@given(st.lists(WORDS, max_size=8).map(" ".join) | st.text(max_size=60))
def test_a_question_keeps_all_but_the_verb(clause: str) -> None:
    asked = inverted(clause).split()
    assert not asked or len(set(clause.split()) - set(asked)) <= 1

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.texts.attribution import attribution, said
from tests.retrieval.samples import TEXTS

PIECES = st.lists(
    st.sampled_from(
        ["The mayor", "says", "that", "According to", "the harbour board", ",", "puts", "it", "at 5 crowns", "accounts",
         "show", "But", "it fell", "said", "."]
    ),
    max_size=12,
).map(" ".join)  # fmt: skip


@pytest.mark.parametrize(
    ("sentence", "speaker", "left"),
    [
        ("The mayor says the bridge cost 4 crowns.", "mayor", "the bridge cost 4 crowns."),
        ("The mayor told the council that it fell.", "mayor", "it fell."),
        ("Tom Reed, the mayor, insists that it fell.", "tom reed", "it fell."),
        ("But according to the board, it fell.", "board", "it fell."),
        ("It fell, according to the board.", "board", "It fell."),
        ("It fell, said the board.", "board", "It fell."),
        ("It fell, the board said.", "board", "It fell."),
        ("The board's accounts put the cost at some 5 crowns.", "board", "the cost at some 5 crowns."),
        ("By the board's reckoning, it cost 5 crowns.", "board", "it cost 5 crowns."),
        ("The records of the parish show that it fell.", "parish", "it fell."),
        ("The police counted 900.", "polic", "900."),
        ("Others say it fell.", "other", "it fell."),
    ],
)
def test_who_says_it_and_what_is_said(sentence: str, speaker: str, left: str) -> None:
    found = attribution(sentence)
    assert found is not None
    assert " ".join(found.speaker) in (speaker, f"{speaker} mayor")
    assert " ".join(found.said.split()).replace(" .", ".") == left


@pytest.mark.parametrize(
    "sentence",
    [
        "The bridge cost 4 crowns.",
        "The bridge that the mayor says fell was old.",
        "He says it fell.",
        "It is said that it fell.",
        "Ada Quill found the lamp in 1841.",
        "The flood claimed 30 lives.",
        "The town gave the school a bell at noon.",
        "The mayor did not say that it fell.",
        "The guild maintains three bridges.",
    ],
)
def test_what_a_sentence_tells_itself_has_no_speaker(sentence: str) -> None:
    assert attribution(sentence) is None
    assert said(sentence) == sentence


@pytest.mark.parametrize(
    ("one", "other", "two"),
    [
        ("The mayor", "The board", True),
        ("The mayor", "Mayor Ada Quill", False),
        ("Ada Quill", "Quill", False),
        ("The mayor of Tarn", "The mayor of Fell", True),
        ("The board", "The board's accounts", False),
        ("The harbour board", "The harbour master", True),
    ],
)
def test_two_names_of_one_speaker_are_not_taken_for_two(one: str, other: str, two: bool) -> None:
    a, b = attribution(f"{one} says that it fell."), attribution(f"{other} say that it fell.")
    assert a is not None
    assert b is not None
    assert a.is_of_another(b) is b.is_of_another(a) is two


@given(TEXTS | PIECES)
def test_words_stay_where_they_stand(text: str) -> None:
    left = said(text)
    assert len(left) == len(text)
    assert all(kept in (" ", there) for kept, there in zip(left, text, strict=True))
    found = attribution(text)
    assert found is None or (found.speaker and not found.is_of_another(found))

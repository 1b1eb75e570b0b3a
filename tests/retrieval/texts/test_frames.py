from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.texts.frames import Asks, frames


def first(question: str, *names: str) -> tuple[str, Asks, str] | None:
    """The first frame around one of the names."""
    return next((tuple(frame) for frame in frames(question) if frame.name in names), None)


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("What does Ivo Brandt say about the harbour?", "What about the harbour?"),
        ("what did Ivo Brandt really think of the old harbour", "What about the old harbour?"),
        ("And what does Ivo Brandt argue on tolls?", "What about tolls?"),
        ("What is Ivo Brandt's view on the ferry?", "What about the ferry?"),
        ("What are Ivo Brandt’s main arguments about the ferry?", "What about the ferry?"),
        ("What is the opinion of Ivo Brandt on the ferry?", "What about the ferry?"),
        ("Tell me what Ivo Brandt thinks about the ferry.", "What about the ferry?"),
        ("Summarise Ivo Brandt's position on tolls", "What about tolls?"),
        ("What does Ivo Brandt's latest column say about tolls?", "What about tolls?"),
        ("Where does Ivo Brandt stand on tolls?", "What about tolls?"),
        ("How does Ivo Brandt see the old ferry?", "What about the old ferry?"),
        ("What is Ivo Brandt's take on tolls?", "What about tolls?"),
        ("How does Ivo Brandt feel about tolls?", "What about tolls?"),
        ("Ivo Brandt on the ferry", "What about the ferry?"),
        ("Compare the views of Ivo Brandt on the ferry.", "What about the ferry?"),
    ],
)
def test_what_somebody_says_of_a_subject_is_asked_without_the_name(question: str, asked: str) -> None:
    assert first(question, "Ivo Brandt") == ("Ivo Brandt", Asks.TOPIC, asked)


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("According to Ivo Brandt, why did the talks fail?", "why did the talks fail?"),
        ("according to Ivo Brandt why did the talks fail", "why did the talks fail?"),
        ("Why did the talks fail, according to Ivo Brandt?", "Why did the talks fail?"),
        ("What, according to Ivo Brandt, is wrong with the ferry?", "What is wrong with the ferry?"),
        ("In Ivo Brandt's opinion, should the harbour close?", "should the harbour close?"),
        ("Should the harbour close in Ivo Brandt's view?", "Should the harbour close?"),
        ("In the eyes of Ivo Brandt, who is to blame?", "who is to blame?"),
        ("Why does Ivo Brandt think that the ferry failed?", "Why the ferry failed?"),
        ("Does Ivo Brandt believe the ferry pays?", "the ferry pays?"),
        ("Which towns does Ivo Brandt say lost the ferry?", "Which towns lost the ferry?"),
        ("Why is Ivo Brandt opposing the ferry?", "Why are they opposing the ferry?"),
        ("Why does Ivo Brandt oppose the ferry?", "Why do they oppose the ferry?"),
        ("What did Ivo Brandt write in 2019 about the harbour?", "What in 2019 about the harbour?"),
    ],
)
def test_what_somebody_says_on_something_is_asked_without_the_frame(question: str, asked: str) -> None:
    assert first(question, "Ivo Brandt") == ("Ivo Brandt", Asks.WORDS, asked)


@pytest.mark.parametrize("question", ["Who is Ivo Brandt?", "who was Ivo Brandt", "And who's Ivo Brandt?"])
def test_who_somebody_is(question: str) -> None:
    found = first(question, "Ivo Brandt")
    assert found is not None
    assert found[1] is Asks.SELF


def test_a_possessive_may_lack_its_apostrophe() -> None:
    assert first("whats brandts view on the ferry", "brandt") == ("brandt", Asks.TOPIC, "What about the ferry?")


@pytest.mark.parametrize(
    "question",
    [
        "Who built the Brandt bridge?",
        "Which ships call at Brandt?",
        "When was the Brandt report on tolls published?",
        "Who wrote the view of Brandt?",
        "How do I answer Brandt's argument on tolls?",
        "Who met Brandt in 1990?",
        "Is the Brandt ferry late?",
        "How does Brandt hold a nail?",
        "Is Brandt called another name?",
        "When did Brandt's ferry take off?",
        "Was Brandt described as a spy?",
        "How did Brandt take the ferry to its limits?",
        "When was Brandt not ready for talks?",
        "What did Brandt see?",
        "What will Brandt tell the council?",
        "When did Brandt cross the lake?",
        "Why was Brandt's answer late?",
        "",
        "?",
    ],
)
def test_a_name_that_only_occurs_is_in_no_frame(question: str) -> None:
    assert first(question, "Brandt", "brandt") is None


def test_a_text_is_no_question() -> None:
    assert not list(frames("What does Ivo Brandt say about " + "the harbour and " * 40))


SAID = st.sampled_from(
    ["what", "does", "Brandt", "Ivo", "according", "to", "view", "of", "on", "'s", ",", "?", "say", "who", "is", "in",
     "the"]
)  # fmt: skip


@given(st.lists(SAID, max_size=40).map(" ".join) | st.text(max_size=200))
def test_every_name_stands_in_the_question(question: str) -> None:
    for frame in frames(question):
        assert frame.name
        assert frame.name in question
        assert frame.question


@pytest.mark.parametrize(
    ("question", "whole", "part"),
    [
        ("According to Nell Harker, why do ropes last?", "Nell Harker", "Nell"),
        ("What does Nell Harker Voss say about ropes?", "Nell Harker Voss", "Nell Harker"),
        ("According to Nell Harker and Voss, why do ropes last?", "Nell Harker and Voss", "Nell Harker"),
        ("What do Nell Harker, Ada Voss and Tom say about ropes?", "Nell Harker, Ada Voss and Tom", "Nell Harker"),
        ("Compare the views of Nell Harker and Ada Voss on ropes", "Nell Harker and Ada Voss", "Nell Harker"),
        ("Who are Nell Harker and Ada Voss?", "Nell Harker and Ada Voss", "Nell Harker"),
        ("according to nell harker, why do ropes last?", "nell harker", "nell"),
        ("According to Will Harker, why do ropes last?", "Will Harker", "Harker"),
        ("According to Can Özil, why do ropes last?", "Can Özil", "Özil"),
        ("What do May Harker and Will Voss think of ropes?", "May Harker and Will Voss", "Voss"),
    ],
)
def test_a_name_is_never_cut(question: str, whole: str, part: str) -> None:
    assert first(question, whole) is not None
    assert first(question, part) is None

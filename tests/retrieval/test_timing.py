from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.texts.period import period
from retrieval.timing import timely
from retrieval.types import Candidate, Hit
from tests.conftest import ROOT
from tests.retrieval.samples import passages

MILL = "In 1914 the mill had 340 hands. In 1932 it had 90 hands. The oak was felled nearby."


def read(text: str = MILL, fits: float = 0.0, article: str = "a", score: float = 0.0) -> list[Candidate]:
    (passage,) = passages(text, article, tokens=200)
    hit = Hit(passage, 1.0, 0.5, 2.0, timely=fits)
    return [Candidate(hit, place, {}, score - place) for place in range(len(passage.sentences))]


def first(question: str, candidates: list[Candidate]) -> str:
    best = timely(candidates, period(question))[0]
    start, end = best.hit.passage.sentences[best.position]
    return best.hit.passage.text[start - best.hit.passage.start : end - best.hit.passage.start]


@pytest.mark.parametrize(
    ("question", "best"),
    [
        ("How many hands had the mill in 1932?", "In 1932 it had 90 hands."),
        ("How many hands had the mill in the 1930s?", "In 1932 it had 90 hands."),
        ("How many hands had the mill before 1920?", "In 1914 the mill had 340 hands."),
        ("How many hands had the mill?", "In 1914 the mill had 340 hands."),
    ],
)
def test_a_sentence_of_the_time_asked_about_goes_before_the_others(question: str, best: str) -> None:
    assert first(question, read()) == best


def test_of_what_was_read_the_newest_goes_first_where_the_latest_is_asked_for() -> None:
    old, new = read("The dues are four crowns.", 0.3, "old", score=1.0), read("The dues are nine.", 0.4, "new")
    assert first("What are the latest dues?", [*old, *new]) == "The dues are nine."


def test_a_question_in_an_article_stays_behind_what_says_something() -> None:
    assert (
        first("What was in 1932?", [*read("The oak fell.", score=-9.0), *read("What was in 1932?", 1.0)])
        == "The oak fell."
    )


@given(st.sampled_from(["in 1932", "before 1920", "in the 1960s", "of the latest", ""]), st.floats(0, 10))
def test_no_sentence_is_lost_and_without_a_time_none_moves(when: str, gain: float) -> None:
    candidates = read()
    found = timely(candidates, period(f"What became {when} of the mill?"), gain)
    assert sorted(one.position for one in found) == [one.position for one in candidates]
    assert when or found == candidates


def test_every_question_of_the_set_asks_about_a_time() -> None:
    lines = (ROOT / "tests" / "times" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines]
    assert len(questions) >= 20
    assert all(period(question) for question in questions)

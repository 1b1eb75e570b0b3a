from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.continuity import going_on
from retrieval.followup.turns import Place
from retrieval.question import understood
from retrieval.types import Candidate, Hit, Query, Span
from tests.retrieval.samples import passages

LIGHT = (
    "The keeper sold the lamp to Tom Reed. He needed money for a roof. The lamp was lit in 1874. Reed paid 40 crowns."
)
LAMP, MONEY, LIT, PAID = range(4)


def query(text: str) -> Query:
    return understood(text, lambda word: 1, 10)


def read(
    scores: Sequence[float], answers: Sequence[str] = (), article: str = "a", text: str = LIGHT
) -> list[Candidate]:
    """The sentences of a text, scored as given, each with the words that the reader points at."""
    (passage,) = passages(text, article, tokens=200)
    hit = Hit(passage, 1.0, 0.5, 2.0)
    spans = [Span(text.index(words), text.index(words) + len(words)) if words else None for words in answers]
    spans += [None] * (len(scores) - len(spans))
    return [Candidate(hit, place, {}, score, spans[place]) for place, score in enumerate(scores)]


def said(place: int, answer: str = "", article: str = "a", text: str = LIGHT) -> Place:
    """Where an earlier question was answered: a sentence, and words of it."""
    (passage,) = passages(text, article, tokens=200)
    start = text.index(answer)
    return Place(article, passage.sentences[place], Span(start, start + len(answer)) if answer else None)


def first(question: str, candidates: Sequence[Candidate], *places: Place) -> int:
    return going_on(candidates, query(question), question, places)[0].position


def test_the_words_that_answered_before_give_way_to_others() -> None:
    candidates = read([5.0, 0.0, 0.0, 3.0], ["Tom Reed", "", "", "Reed paid"])
    assert first("Who paid?", candidates) == LAMP
    assert first("Who paid?", candidates, said(LAMP, "Tom Reed")) == PAID
    assert first("Who paid?", candidates, said(LAMP, "Tom Reed"), said(LIT, "in 1874")) == PAID
    assert first("Who paid?", candidates, said(LAMP, "Tom Reed", "b")) == LAMP


def test_a_sentence_with_the_new_words_of_a_question_may_answer_it_too() -> None:
    candidates = read([5.0, 0.0, 0.0, 3.0], ["Tom Reed", "", "", "40 crowns"])
    assert first("and the keeper?", candidates, said(LAMP, "Tom Reed")) == LAMP
    assert first("and the baker?", candidates, said(LAMP, "Tom Reed")) == PAID


def test_other_words_of_the_sentence_just_quoted_may_answer() -> None:
    candidates = read([5.0, 0.0, 0.0, 3.0], ["the lamp", "", "", "40 crowns"])
    assert first("What was sold?", candidates, said(LAMP, "Tom Reed")) == LAMP
    more = read([5.0, 0.0, 0.0, 3.0], ["the lamp to Tom Reed", "", "", "40 crowns"])
    assert first("What was sold?", more, said(LAMP, "Tom Reed")) == LAMP


def test_why_is_answered_beside_a_quote_that_gives_no_reason() -> None:
    candidates = read([5.0, 2.0, 2.5, 2.5])
    assert first("Why did the keeper sell the lamp?", candidates) == LAMP
    assert first("Why did the keeper sell the lamp?", candidates, said(LAMP)) == MONEY
    assert first("Who sold the lamp?", candidates, said(LAMP)) == LAMP


def test_why_is_answered_by_the_quote_that_gives_a_reason() -> None:
    because = LIGHT.replace("to Tom Reed", "because it smoked")
    candidates = read([5.0, 2.0, 2.5, 2.5], text=because)
    assert first("Why did the keeper sell the lamp?", candidates, said(LAMP, text=because)) == LAMP


@pytest.mark.parametrize("quoted", [LAMP, LIT])
def test_the_sentence_before_may_give_the_reason_as_well_as_the_one_after(quoted: int) -> None:
    scores = [3.0, 2.0, 3.0, 0.0]
    assert first("Why was it sold?", read(scores), said(quoted)) == MONEY


def test_a_question_in_an_article_stays_behind_what_says_something() -> None:
    asks = read([9.0], article="b", text="Why was the lamp sold?")
    assert (
        going_on([*read([1.0] * 4), *asks], query("Why was the lamp sold?"), "Why?", [said(LAMP)])[
            -1
        ].hit.passage.article_id
        == "b"
    )


@given(
    st.lists(st.floats(-9, 9), min_size=4, max_size=4),
    st.lists(st.sampled_from([said(LAMP, "Tom Reed"), said(MONEY), said(PAID, "40", "b")]), max_size=3),
    st.sampled_from(["Why was it sold?", "Who paid?", "how many?"]),
)
def test_no_sentence_is_lost_and_without_an_answer_before_none_moves(
    scores: list[float], places: list[Place], question: str
) -> None:
    candidates = read(scores, ["Tom Reed", "", "1874", "40"])
    found = going_on(candidates, query(question), question, places)
    assert sorted(one.position for one in found) == [LAMP, MONEY, LIT, PAID]
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True) or not places
    assert places or found == candidates


@given(st.integers(-50, 50))
def test_where_a_passage_stands_in_its_article_changes_nothing(moved: int) -> None:
    (candidate, *_) = candidates = read([5.0, 2.0, 2.5, 2.5], ["Tom Reed"])
    start = 100 + moved
    passage = replace(
        candidate.hit.passage, start=start, end=start + len(LIGHT),
        sentences=tuple(Span(a + start, b + start) for a, b in candidate.hit.passage.sentences),
    )  # fmt: skip
    hit = replace(candidate.hit, passage=passage)
    shifted = [
        one._replace(hit=hit, answer=one.answer and Span(one.answer.start + start, one.answer.end + start))
        for one in candidates
    ]
    at, place = said(LAMP, "Tom Reed"), said(LAMP, "Tom Reed")
    assert at.answer is not None
    place = Place(
        "a", Span(at.quote.start + start, at.quote.end + start), Span(at.answer.start + start, at.answer.end + start)
    )
    asked = "Why was it sold?"
    here = going_on(candidates, query(asked), asked, [at])
    there = going_on(shifted, query(asked), asked, [place])
    assert [one.position for one in here] == [one.position for one in there]

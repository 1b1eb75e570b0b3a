"""A question in a conversation: part of it, or the beginning of another subject."""

from __future__ import annotations

import pytest

from retrieval.dialogue import Dialogue, Understood
from retrieval.followup.resolving import may_stand_alone
from retrieval.followup.turns import Memory, Place
from retrieval.types import Abstention, Answer, Citation, Filters, Hit, Quote, Reference, Reply, Span, Work
from tests.retrieval.samples import passages

EARLIER = "How many boats did Ada Quill build?"


def understood(asked: str, sure: dict[str, float], *earlier: str) -> str | None:
    """What a question is taken for after ``EARLIER`` and more, where each is answered as surely as given."""

    def answer(question: Understood, filters: Filters) -> Reply:
        return Abstention(question.text, "", (), sure.get(question.text, 0.0), Work())

    made = Dialogue(answer, lambda: 1, Memory()).resolved(asked, [EARLIER, *earlier], Filters())
    return made.text if made else None


def test_a_new_subject_is_asked_as_it_is_where_that_is_answered_far_more_surely() -> None:
    asked = "When did the museum open?"
    within = "Ada Quill's boats: when did the museum open?"
    assert understood(asked, {}) == within
    assert understood(asked, {asked: 0.88, within: 0.13}) is None
    assert understood(asked, {asked: 0.5, within: 0.4}) == within
    assert understood(asked, {asked: 0.97, within: 0.7}) is None, "which is far more surely, too"


@pytest.mark.parametrize(("sure", "alone"), [(0.9, True), (0.8, False)])
def test_where_both_ways_end_at_one_quote_the_question_is_taken_as_it_was_asked(sure: float, alone: bool) -> None:
    (passage,) = passages("Ada Quill built boats. The museum opened in 1987.", "boats", tokens=200)
    asked = "When did the museum open?"

    def answer(question: Understood, filters: Filters) -> Reply:
        span = passage.sentences[0 if question.text == EARLIER else 1]
        quote = Quote(Hit(passage, 1.0, 0.5, 2.0), span.start, span.end, passage.text[slice(*span)], 1.0)
        cited = (Citation(1, Reference("boats", "boats.txt"), quote),)
        return Answer(question.text, cited, sure if question.text == asked else 0.85, Work())

    made = Dialogue(answer, lambda: 1, Memory()).resolved(asked, [EARLIER], Filters())
    assert (made is None) == alone


def test_an_announced_subject_leans_on_nothing_before_it_and_others_lean_on_it() -> None:
    new = "OK, another topic: when did the museum open?"
    assert understood(new, {}) == "When did the museum open?"
    assert understood("What did it cost?", {}, new) == "What did the museum cost?"


@pytest.mark.parametrize("asked", ["Did she paint the museum?", "And the museum?", "Who paid?", "Why there?"])
def test_what_points_back_or_goes_on_is_never_asked_alone(asked: str) -> None:
    assert not may_stand_alone(asked)
    assert understood(asked, {asked: 1.0}) is not None


def test_a_later_follow_up_leans_on_the_new_subject() -> None:
    new = "When did the museum open?"
    assert understood("What did it cost?", {new: 0.88}, new) == "What did the museum cost?"


def test_a_follow_up_knows_where_the_earlier_questions_were_answered() -> None:
    (passage,) = passages("Ada Quill built boats. She built nine of them.", "boats", tokens=200)
    span = passage.sentences[1]
    nine = Span(passage.text.index("nine"), passage.text.index("nine") + 4)
    said = Place("boats", span, nine)

    def answer(question: Understood, filters: Filters) -> Reply:
        quote = Quote(Hit(passage, 1.0, 0.5, 2.0), span.start, span.end, passage.text[slice(*span)], 1.0, {}, nine)
        return Answer(question.text, (Citation(1, Reference("boats", "boats.txt"), quote),), 1.0, Work())

    dialogue = Dialogue(answer, lambda: 1, Memory())
    why = dialogue.resolved("Why?", [EARLIER], Filters())
    assert why == Understood("Why?", "Why did Ada Quill build so many boats?", (said,))
    again = dialogue.resolved("When?", ["Who built boats?"], Filters())
    assert again == Understood("When?", "Who built boats, and when?", (said._replace(answer=None),))
    assert again.article_id == "boats"
    alone = Dialogue(lambda *_: Abstention("", "", (), 0.0, Work()), lambda: 1, Memory())
    nothing = alone.resolved("Why?", [EARLIER], Filters())
    assert nothing and (nothing.said, nothing.article_id) == ((), "")

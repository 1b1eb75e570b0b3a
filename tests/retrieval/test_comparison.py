from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.comparison import asked_about, in_turn, topic, views
from retrieval.question import understood
from retrieval.types import Hit, Quote
from tests.retrieval.samples import passages


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Compare the views on the harbour tax", "the harbour tax"),
        ("Please contrast the different opinions of the authors about herring.", "herring"),
        ("What do the authors say about the bridge?", "the bridge"),
        ("Who says what about Norland?", "Norland"),
        ("Do the sources agree on the date of the fire?", "the date of the fire"),
        ("Do they agree (the fire at Osk)?", "the fire at Osk"),  # as a follow-up is resolved
        ("How do the views on the quay differ?", "the quay"),
        ("What are the different views on whaling?", "whaling"),
        ("What does Jane Marsh say about the bridge?", None),
        ("Who compared the bridges?", None),
        ("When did the views change?", None),
    ],
)
def test_what_voices_are_asked_about(question: str, expected: str | None) -> None:
    assert topic(question) == expected


def hit(text: str, article: str, score: float) -> Hit:
    return Hit(passages(text, article, tokens=200)[0], score, 0.5, 2.0)


@given(st.lists(st.sampled_from("abc"), max_size=10))
def test_each_article_gets_its_turn_and_no_hit_is_lost(articles: list[str]) -> None:
    hits = [hit(f"Word {n}.", article, -n) for n, article in enumerate(articles)]
    turned = in_turn(hits)
    assert sorted(turned, key=lambda h: -h.score) == hits
    assert len({h.passage.article_id for h in turned[: len(set(articles))]}) == len(set(articles))
    assert turned[:1] == hits[:1]


def test_a_voice_is_heard_once_and_only_on_the_topic() -> None:
    said = [("The tax is fair.", "a"), ("The harbour tax is high.", "a"), ("Salt is dear.", "b"),
            ("The harbour tax ruins us.", "b"), ("No tax on the harbour!", "c")]  # fmt: skip
    ranked = [Quote(h, 0, len(text), text, 1.0) for text, article in said for h in [hit(text, article, 1.0)]]
    query = understood(asked_about("the harbour tax"), lambda word: 1, passages=100)
    assert [quote.text for quote in views(query, ranked, 9)] == [
        "The harbour tax is high.", "The harbour tax ruins us.", "No tax on the harbour!"
    ]  # fmt: skip
    assert len(views(query, ranked, 2)) == 2

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.extract import quotes, ranked_sentences, share_of
from retrieval.question import understood
from retrieval.settings import Answers
from retrieval.types import Candidate, Hit, Passage, Query, Reading, Span
from tests.retrieval.samples import ENCODER, SMALL, TEXTS, article, passages

COSINE = {"sentence cosine": 10.0}


def read(asked: str) -> tuple[Query, np.ndarray]:
    return understood(asked, lambda word: 1, passages=100), ENCODER.encode_questions([asked])[0]


def candidates(
    asked: str,
    cut: Sequence[Passage],
    weights: Mapping[str, float] = COSINE,
    readings: Sequence[Sequence[Reading]] = (),
) -> list[Candidate]:
    """The sentences of passages that were found in the order given."""
    query, vector = read(asked)
    hits = [Hit(passage, 1 - number / 10, 0.5, 2.0) for number, passage in enumerate(cut)]
    vectors = {p.id: e.sentences for p, e in zip(cut, ENCODER.encode_passages(cut), strict=True)}
    return ranked_sentences(query, vector, hits, vectors, readings, weights)


def best_quote(asked: str, text: str, **settings: int) -> str:
    return quotes(candidates(asked, passages(text, tokens=200)), Answers(**settings))[0].text


# -- what holds for all passages -------------------------------------------------------------------

FEATURES = st.dictionaries(
    st.sampled_from(
        ["sentence cosine", "overlap with context", "news", "opens passage", "question", "no such feature"]
    ),
    st.floats(-5, 5),
)


@given(st.lists(TEXTS, min_size=1, max_size=3), TEXTS, FEATURES, st.integers(40, 400))
def test_quotes_are_exact_spans_of_whole_sentences(
    texts: list[str], asked: str, weights: dict[str, float], longest: int
) -> None:
    sources = {f"a{number}": article(text, f"a{number}") for number, text in enumerate(texts)}
    cut = [passage for one in sources.values() for passage in replace(SMALL, tokens=60).cut(one)]
    ranked = quotes(candidates(asked, cut, weights), Answers(quote_chars=longest))
    assert sorted(quote.hit.passage.id for quote in ranked) == sorted(passage.id for passage in cut)  # one a passage
    assert [quote.score for quote in ranked] == sorted((quote.score for quote in ranked), reverse=True)
    for quote in ranked:
        assert quote.text == sources[quote.hit.passage.article_id].text[quote.start : quote.end]
        within = [span for span in quote.hit.passage.sentences if quote.start <= span.start and span.end <= quote.end]
        assert (within[0].start, within[-1].end) == (quote.start, quote.end)
        assert len(within) <= 3
        assert len(within) == 1 or len(quote.text) <= longest


@given(st.lists(TEXTS, min_size=1, max_size=3), TEXTS)
def test_every_sentence_is_a_candidate_whose_score_its_features_explain(texts: list[str], asked: str) -> None:
    cut = [passage for number, text in enumerate(texts) for passage in passages(text, f"a{number}")]
    weights = {"sentence cosine": 2.0, "news": 0.1, "question": -1.0}
    ranked = candidates(asked, cut, weights)
    assert sorted((c.hit.passage.id, c.position) for c in ranked) == sorted(
        (p.id, n) for p in cut for n in range(len(p.sentences))
    )
    for candidate in ranked:
        assert all(np.isfinite(value) for value in candidate.features.values())
        assert candidate.score == pytest.approx(
            sum(weights.get(name, 0) * value for name, value in candidate.features.items())
        )
    order = [(asks(c), -c.score, -c.hit.score, c.hit.passage.id, c.position) for c in ranked]
    assert order == sorted(order)


def asks(candidate: Candidate) -> bool:
    passage, span = candidate.hit.passage, candidate.hit.passage.sentences[candidate.position]
    return passage.text[: span.end - passage.start].rstrip("”\"’') ").endswith("?")


def test_an_interviewers_question_is_no_answer() -> None:
    cut = passages("Why did Haddad leave the council? She wanted more time for her boat.", "talk")
    best = candidates("Why did Haddad leave the council?", cut, {"overlap with context": 5.0})[0]
    assert best.position == 1


def test_no_hits_no_candidates_no_quotes() -> None:
    assert candidates("who?", []) == []
    assert quotes([], Answers()) == []


# -- which sentences -------------------------------------------------------------------------------


def test_the_sentence_that_answers_is_quoted_without_its_neighbours() -> None:
    text = "The market opens at dawn. Ada Quill built the iron bridge. Salt is sold by weight."
    assert best_quote("Who built the iron bridge?", text) == "Ada Quill built the iron bridge."


@pytest.mark.parametrize(
    "opening", ["It opened", "She came", "This opened", "“They opened", "But it opened", "However, all opened"]
)
def test_a_sentence_that_leans_on_the_one_before_takes_it_along(opening: str) -> None:
    text = f"Salt is sold by weight. Ada built a bridge. {opening} in 1874 on a cold winter morning. Nobody sang."
    assert best_quote("What came and opened in 1874 on a cold winter morning?", text).startswith(
        f"Ada built a bridge. {opening}"
    )


def test_a_quote_goes_back_to_whom_a_pronoun_means() -> None:
    text = "Salt is dear. Ada Quill drew maps. She hated the sea. She is best known for the iron bridge of Tarn."
    assert best_quote("Who is known for the iron bridge of Tarn?", text) == text.removeprefix("Salt is dear. ")


def test_a_leaning_sentence_stands_alone_where_both_would_be_too_long() -> None:
    text = "Ada, who had been a keeper of lamps, built a bridge of iron. It opened in 1874 on a cold winter morning."
    assert (
        best_quote("opened in 1874 on a cold winter morning", text, quote_chars=60)
        == "It opened in 1874 on a cold winter morning."
    )


def test_neighbours_that_answer_as_well_are_quoted_together_but_no_more_than_three() -> None:
    text = "Tarn has a ferry. Tarn has a bridge. Tarn has a mill. Tarn has a lamp. Tarn has a school."
    assert best_quote("Tarn has what?", text).count("Tarn has") == 3


def test_one_sentence_is_quoted_whole_however_long_it_is() -> None:
    long = "Ada built the bridge " + "of iron and of stone " * 20 + "in 1874."
    assert best_quote("Who built the bridge of iron?", f"{long} Nobody sang.", quote_chars=40) == long


def test_the_words_that_a_reader_points_at_lie_in_the_quote_and_its_margin_counts() -> None:
    (passage,) = passages("Ada built the bridge. Tom rowed the ferry.")
    first, second = passage.sentences
    readings = [[Reading(-3.0, Span(first.start, first.start + 3)), Reading(4.0, Span(second.start, second.start + 3))]]
    best = candidates("Who built the bridge?", [passage], {"margin": 1.0}, readings)[0]
    assert (best.position, best.score, best.features["margin"]) == (1, 4.0, 4.0)
    (quote,) = quotes([*candidates("Who built the bridge?", [passage], {"margin": 1.0}, readings)], Answers())
    assert quote.answer is not None
    assert quote.start <= quote.answer.start < quote.answer.end <= quote.end
    assert passage.text[quote.answer.start - passage.start : quote.answer.end - passage.start] == "Tom"


# -- features --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "holds", "does_not"),
    [
        ("When was the bridge opened?", "It was opened in May 1874.", "It was opened in bad weather."),
        ("Who built the bridge?", "It was built by Ada Quill.", "It was built by some masons."),
        ("How many masons were there?", "There were forty masons.", "There were masons."),
        ("Where is the bridge?", "It stands near Tarn.", "It stands still."),
        ("Why was it built?", "It was built because the ferry sank.", "It was built in haste."),
    ],
)
def test_a_sentence_that_holds_what_was_asked_for_is_told_from_one_that_does_not(
    asked: str, holds: str, does_not: str
) -> None:
    by_text = {
        c.hit.passage.text: c.features for c in candidates(asked, [*passages(does_not, "a"), *passages(holds, "b")])
    }
    kinds = [name for name in by_text[holds] if name.startswith("holds a ")]
    assert sum(by_text[holds][name] for name in kinds) == 1
    assert sum(by_text[does_not][name] for name in kinds) == 0


@given(st.dictionaries(st.sampled_from("abcde"), st.floats(0, 10)), st.sets(st.sampled_from("abcdef")))
def test_a_share_of_the_terms_lies_between_nothing_and_all(weights: dict[str, float], found: set[str]) -> None:
    assert 0 <= share_of(weights, found) <= 1 + 1e-9
    assert share_of(weights, set()) == 0
    assert share_of(weights, set(weights)) == (1 if sum(weights.values()) else 0)

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.evaluation.quoting import contains, exact_match, f1, normalise, overlap, quotes_answer
from retrieval.types import Span

texts = st.text(st.characters(codec="utf-8"), max_size=40)
spans = st.tuples(st.integers(0, 60), st.integers(1, 30)).map(lambda pair: Span(pair[0], pair[0] + pair[1]))
located = st.lists(st.tuples(st.sampled_from(["a", "b"]), spans), max_size=5)


def characters(pairs: list[tuple[str, Span]]) -> set[tuple[str, int]]:
    return {(name, place) for name, span in pairs for place in range(*span)}


def disjoint(pairs: list[tuple[str, Span]]) -> bool:
    return len(characters(pairs)) == sum(span.end - span.start for _, span in pairs)


def test_an_answer_is_found_across_case_and_line_breaks() -> None:
    assert contains("It was opened\n  IN 1874, they say.", ["in 1874"])
    assert not contains("It was opened in 1875.", ["in 1874", "1874"])


def test_a_long_quote_does_not_count_unless_the_answer_is_as_long() -> None:
    page = "word " * 100 + "in 1874"
    assert not quotes_answer(page, ["in 1874"], longest=400)
    assert quotes_answer(page, ["in 1874"], longest=0)
    assert quotes_answer(page, [page], longest=400)


def test_squad_measures_ignore_articles_punctuation_and_case() -> None:
    assert normalise("The  Mill, of an Owl!") == "mill of owl"
    assert exact_match("The Mill.", ["a mill"]) == 1
    assert exact_match("The Mill.", ["mills"]) == 0
    assert f1("in the year 1874", ["1874", "never"]) == pytest.approx(2 / 4)
    assert f1("", ["1874"]) == 0


@settings(deadline=None)
@given(texts, texts)
def test_f1_is_symmetric_and_at_least_exact_match(one: str, other: str) -> None:
    assert f1(one, [other]) == pytest.approx(f1(other, [one]))
    assert 0 <= f1(one, [other]) <= 1
    if normalise(one):
        assert f1(one, [other]) >= exact_match(one, [other])


def test_spans_by_hand() -> None:
    found = overlap([("a", Span(0, 10)), ("b", Span(0, 30))], [("a", Span(5, 15))])
    assert found == pytest.approx((5 / 10, 5 / 40, 5 / 45))


def test_a_character_retrieved_twice_is_paid_for_twice() -> None:
    found = overlap([("a", Span(0, 10)), ("a", Span(5, 15))], [("a", Span(0, 15))])
    assert found == pytest.approx((1.0, 15 / 20, 15 / 20))


def test_nothing_retrieved_scores_nothing() -> None:
    assert overlap([], [("a", Span(0, 5))]) == (0, 0, 0)


@settings(deadline=None)
@given(located.filter(disjoint), located.filter(bool).filter(disjoint))
def test_spans_without_overlap_agree_with_sets_of_characters(
    retrieved: list[tuple[str, Span]], references: list[tuple[str, Span]]
) -> None:
    wanted, taken = characters(references), characters(retrieved)
    found = overlap(retrieved, references)
    assert found.recall == pytest.approx(len(wanted & taken) / len(wanted))
    assert found.precision == pytest.approx(len(wanted & taken) / len(taken) if taken else 0)
    assert found.iou == pytest.approx(len(wanted & taken) / len(wanted | taken))

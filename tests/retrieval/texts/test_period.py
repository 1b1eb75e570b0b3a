from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.texts.period import fit, period, recency
from retrieval.types import Period

EVER = 9999


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("Who visited Tarn in 1874?", 1874, 1874),
        ("what sank in May 1901", 1901, 1901),
        ("Who built lighthouses before 1900?", 0, 1899),
        ("Which ferries ran until 1950?", 0, 1950),
        ("Which ferries have run since March 1950?", 1950, EVER),
        ("What was built after the war, after 1950?", 1951, EVER),
        ("Who ruled between 1971 and 1975?", 1971, 1975),
        ("Who ruled from 1971 to 1975?", 1971, 1975),
        ("the council of 1971–1975", 1971, 1975),
        ("What did ferries carry in the 1960s?", 1960, 1969),
        ("What did ferries carry in the '60s?", 1960, 1969),
        ("What did ferries carry in the sixties?", 1960, 1969),
        ("What did ferries carry in the 19th century?", 1801, 1900),
    ],
)
def test_the_years_asked_about_are_read(asked: str, first: int, last: int) -> None:
    assert period(asked) == Period(first, last)


@pytest.mark.parametrize(
    "asked", ["What is the latest on the bridge?", "which ferry is the newest", "Who rules currently?"]
)
def test_the_newest_is_asked_for_by_its_words(asked: str) -> None:
    assert period(asked) == Period(0, EVER, latest=True)


@pytest.mark.parametrize(
    "asked",
    [
        "Who built the bridge?",
        "How many of the 1500 lamps burn?",
        "Why did it sink since it was new?",
        "By how much did it grow?",
        "Must it be paid on Monday at the latest?",
        "",
    ],
)
def test_a_question_without_a_time_has_no_period(asked: str) -> None:
    assert period(asked) is None


@given(st.text(max_size=80))
def test_a_period_begins_before_it_ends(text: str) -> None:
    found = period(text)
    assert found is None or found.first <= found.last


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("The bridge was opened in 1874.", 1.0),
        ("The bridge was built from 1868-75.", 1.0),
        ("It was the talk of the 1870s.", 1.0),
        ("The depot burned in 1901.", 0.0),
        ("No year is named here, and 18745 is none.", 0.0),
    ],
)
def test_a_passage_that_names_the_time_fits(text: str, fits: float) -> None:
    assert fit(Period(1874, 1874), text, None, {}) == fits


def test_an_article_of_that_time_fits_less_than_a_passage_that_names_it() -> None:
    assert 0 < fit(Period(1870, 1879), "No year.", "1874-05-01", {}) < fit(Period(1870, 1879), "In 1874.", None, {})
    assert fit(Period(1870, 1879), "No year.", "1901", {}) == 0


def test_the_newest_article_fits_best_where_the_newest_is_asked_for() -> None:
    newest = recency(["1901-03", "1874", "1999-01-02", "1901-03"])
    fits = [
        fit(Period(0, EVER, latest=True), "In 1874.", date, newest) for date in ("1874", "1901-03", "1999-01-02", None)
    ]
    assert fits == [0.0, 0.5, 1.0, 0.0]


@given(st.text(max_size=60), st.sampled_from([None, "1874", "1901-03"]), st.integers(0, 2100), st.integers(0, 200))
def test_a_fit_lies_between_0_and_1(text: str, published: str | None, first: int, years: int) -> None:
    for latest in (False, True):
        assert 0 <= fit(Period(first, first + years, latest), text, published, recency(["1874", "1901-03"])) <= 1

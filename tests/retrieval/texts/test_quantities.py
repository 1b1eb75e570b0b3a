from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.texts.quantities import dates, numbers, tokens
from tests.retrieval.samples import TEXTS

PIECES = st.lists(
    st.sampled_from(
        ["3 May 1987", "in", "the 1960s", "2016-17", "two", "hundred", "and", "fifty", "9/11", "12:41", "$3.1",
         "million", "Mi-35M", "46pc", "1,200", "ships", "%", "over", "-", ".", "May", "since 2014", "1st", "…"]
    ),
    max_size=12,
).map(" ".join)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It opened on 3 May 1987.", [(1987, 1987, 5, 3)]),
        ("It opened on May 3, 1987, and burned in June 1990.", [(1987, 1987, 5, 3), (1990, 1990, 6, 0)]),
        ("From 1947 to 1950 and in the 1960s.", [(1947, 1950, 0, 0), (1960, 1969, 0, 0)]),
        ("In 2016-17 and 1999–2003", [(2016, 2017, 0, 0), (1999, 2003, 0, 0)]),
        ("Since 2014 nothing; before 2009 little", [(2014, 9999, 0, 0), (0, 2009, 0, 0)]),
        ("Some 1200 ships sailed to 1,967 ports on 9/11 at 12:41.", []),
        ("The pact of 1972 was signed.", [(1972, 1972, 0, 0)]),
        ("About 1870, circa 1880 or c. 1890", [(1860, 1880, 0, 0), (1870, 1890, 0, 0), (1880, 1900, 0, 0)]),
        ("1870 at the earliest, 1880 at the latest", [(1870, 9999, 0, 0), (0, 1880, 0, 0)]),
        ("The winter of 1873", [(1873, 1874, 0, 0)]),
        ("1870 or 1871", [(1870, 1871, 0, 0)]),
    ],
)
def test_dates_that_name_a_year(text: str, expected: list[tuple[int, ...]]) -> None:
    assert [tuple(date[:4]) for date in dates(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("four Mi-35M attack helicopters", [(4, 4, ("mi-35m", "attack", "helicopter"))]),
        ("forty thousand people came", [(40_000, 40_000, ("peopl", "cam"))]),
        ("two hundred and fifty boats", [(250, 250, ("boat",))]),
        ("thirty-one dead", [(31, 31, ("dead",))]),
        ("$2.4 billion for it", [(2.4e9, 2.4e9, ("dollar",))]),
        ("46pc, 46 per cent, 46%", [(46, 46, ("percent",))] * 3),
        ("more than 50,000 doses", [(50_000, float("inf"), ("dos",))]),
        ("the number of tugs is put at 80", [(80, 80, ("tug",))]),
        ("4.2 million, then 40", [(4.2e6, 4.2e6, ("amount",)), (40, 40, ())]),
        ("up to 12 boats", [(0, 12, ("boat",))]),
        ("no more than 12 boats", [(0, 12, ("boat",))]),
        ("between 3 and 5 boats", [(3, 5, ("boat",))]),
        ("3 to 5 boats, 3–5 boats, 3 or 5 boats", [(3, 5, ("boat",))] * 3),
        ("from 5 to 3 boats", [(5, 5, ()), (3, 3, ("boat",))]),
        ("3 to 5 million tons", [(3e6, 5e6, ("ton",))]),
        ("~400 seats", [(pytest.approx(360), pytest.approx(440), ("seat",))]),
        ("$4.2m, €3bn, $4,200,000", [(4.2e6, 4.2e6, ("dollar",)), (3e9, 3e9, ("euro",)), (4.2e6, 4.2e6, ("dollar",))]),
        ("4 200 000 tons, 1,5 million tons", [(4.2e6, 4.2e6, ("ton",)), (1.5e6, 1.5e6, ("ton",))]),
        ("1.500 trees", [(1.5, 1500, ("tre",))]),
        ("two dozen eggs, a dozen eggs", [(24, 24, ("egg",)), (12, 12, ("egg",))]),
        ("one thousand two hundred men, twelve hundred men", [(1200, 1200, ("men",))] * 2),
        ("2 hours 10 minutes, 3 out of 4", [(2, 2, ()), (10, 10, ()), (3, 3, ()), (4, 4, ())]),
        ("40 rows of 20 seats", [(40, 40, ()), (20, 20, ())]),
        ("the Mi-35, 9/11, 12:41, the 17th and one of them", []),
    ],
)
def test_numbers_and_what_they_count(text: str, expected: list[tuple[float, float, tuple[str, ...]]]) -> None:
    assert [found[:3] for found in numbers(tokens(text))] == expected


@given(TEXTS | PIECES)
def test_dates_and_numbers_stand_where_they_are_said_to(text: str) -> None:
    spans = [found.span for found in (*dates(text), *numbers(tokens(text)))]
    assert all(text[span.start : span.end].strip() for span in spans)
    assert [token.text for token in tokens(text)] == [text[t.span.start : t.span.end] for t in tokens(text)]
    assert all(date.first <= date.last and date.fits(date) for date in dates(text))
    assert all(number.low <= number.high and number.fits(number) for number in numbers(tokens(text)))

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.texts.claims import claim
from retrieval.texts.scope import apart, limits
from tests.retrieval.texts.test_agreement import PAIRS

SENTENCES = st.sampled_from([text for pair in PAIRS for text in (pair.one, pair.other)])


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("It cost 4 million crowns a year.", {"a year"}),
        ("It opened in May 1874, a year late.", set()),
        ("It opened in May.", {"may"}),
        ("It officially opened.", {"officially"}),
        ("Salt costs 4 crowns a pound.", {"a pound"}),
        ("It rose by 4 per cent.", set()),
        ("It made 3 million without the ramps.", {"without"}),
    ],
)
def test_what_limits_a_figure_is_found(sentence: str, said: set[str]) -> None:
    assert limits(sentence) == said


@pytest.mark.parametrize(
    ("one", "other", "parted"),
    [
        ("The minister was born in 1911.", "The foreign minister was born in 1914.", True),
        ("Wages rose by 5 percent.", "Wages for women rose by 9 percent.", True),
        ("The bridge cost 2 million.", "Repairs to the bridge cost 3 million.", True),
        ("The mill was opened by the guild in 1911.", "The mill was opened in 1914.", False),
        ("Quill was born in 1841.", "Ada Quill was born in 1838.", False),
        ("The inn has 9 beds.", "The inn has 12 beds.", False),
        ("At its peak the yard had 400 men.", "In the end the yard had 40 men.", True),
    ],
)
def test_part_of_a_thing_is_apart_from_it(one: str, other: str, parted: bool) -> None:
    assert apart(claim(one), claim(other)) is apart(claim(other), claim(one)) is parted


@given(SENTENCES)
def test_nothing_is_apart_from_itself(sentence: str) -> None:
    assert not apart(claim(sentence), claim(sentence))

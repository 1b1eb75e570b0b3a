from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from retrieval.texts.attribution import attribution
from retrieval.texts.claims import claim
from retrieval.texts.sameness import same
from tests.retrieval.texts.test_agreement import PAIRS

SENTENCES = st.sampled_from([text for pair in PAIRS for text in (pair.one, pair.other)])
NAMES = st.lists(st.sampled_from(["Osk", "Veldt", "Tarn", "Hollin"]), min_size=2, max_size=2, unique=True)
VERBS = st.sampled_from(["beat", "sued", "praised", "invaded", "left", "followed"])


def said(one: str, other: str) -> bool:
    return same(claim(one), claim(other))


@given(NAMES, VERBS)
def test_who_does_it_to_whom_matters(names: list[str], verb: str) -> None:
    one, other = names
    assert said(f"{one} {verb} {other} in 1911.", f"In 1911 {one} {verb} {other}.")
    assert not said(f"{one} {verb} {other} in 1911.", f"{other} {verb} {one} in 1911.")


@given(NAMES)
def test_an_active_and_its_passive_are_the_same(names: list[str]) -> None:
    one, other = names
    assert said(f"{one} praised {other} in 1911.", f"{other} was praised by {one} in 1911.")
    assert not said(f"{one} praised {other} in 1911.", f"{one} was praised by {other} in 1911.")


@given(SENTENCES, st.sampled_from("nearly not almost rarely supposedly once women two old".split()), st.data())  # noqa: SIM905
def test_a_word_more_says_something_else(sentence: str, word: str, data: st.DataObject) -> None:
    words = sentence.split()
    place = data.draw(st.integers(1, len(words) - 1))
    longer = " ".join([*words[:place], word, *words[place:]])
    assume(attribution(sentence) is None and attribution(longer) is None)
    assert not said(sentence, longer)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("The ban on nets was lifted.", "The nets ban was lifted.", True),
        ("The son of the smith sued the guild.", "The smith's son sued the guild.", True),
        ("The smith sued the son of the guild.", "The smith's son sued the guild.", False),
        ("The mill opens in May.", "The mill opened in May.", False),
        ("The mill is closed to carts.", "The mill was closed to carts.", False),
        ("He sued the guild in 1911.", "He sued the guild in 1911.", False),
        ("In 1990 Osk won and in 1991 Tarn won.", "In 1991 Osk won and in 1990 Tarn won.", False),
        ("The toll rose from 4 to 6 crowns.", "The toll rose from 6 to 4 crowns.", False),
    ],
)
def test_order_and_time_matter(one: str, other: str, alike: bool) -> None:
    assert said(one, other) is said(other, one) is alike

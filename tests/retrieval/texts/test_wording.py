from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.texts.wording import wording
from tests.retrieval.samples import TEXTS
from tests.retrieval.texts.test_agreement import PAIRS

SENTENCES = st.sampled_from([text for pair in PAIRS for text in (pair.one, pair.other)])


@pytest.mark.parametrize(
    ("sentence", "items"),
    [
        ("Ada Quill moved from Osk to Veldt in 1920.",
         [("ada", ""), ("quill", ""), ("mov", ""), ("osk", "from"), ("veldt", "to")]),
        ("In 1920 the guild of masons had been sued.", [("guild", ""), ("mason", "of"), ("sued", "")]),
        ("The keeper did not sell the boat.", [("keeper", ""), ("sell", ""), ("boat", "")]),
        ("Moscow sold 12 boats.", [("russia", ""), ("sold", ""), ("12-12 ", ""), ("boat", "")]),
        ("It rose by 5 per cent in May.", [("it", ""), ("grow 1 r", ""), ("5-5 percent", "by"), ("may", "in")]),
    ],
)  # fmt: skip
def test_what_matters_stands_in_order_under_its_preposition(sentence: str, items: list[tuple[str, str]]) -> None:
    names = [(item.name.replace(".0", ""), item.role) for item in wording(sentence).items]
    assert names == items


def test_a_denial_is_counted_and_no_item() -> None:
    assert [wording(text).denials for text in ("It did not burn.", "It didn't burn.", "It burned.")] == [1, 1, 0]


def test_who_buys_does_not_sell() -> None:
    bought, sold = (wording(f"Ada {verb} it.").items[1].name for verb in ("bought", "sold"))
    assert bought != sold


@given(SENTENCES | TEXTS)
def test_nothing_is_governed_by_what_is_no_preposition_of_the_sentence(text: str) -> None:
    spoken = text.lower()
    assert all(item.role in spoken and item.word in spoken.replace("’s", "'s") + " " for item in wording(text).items)

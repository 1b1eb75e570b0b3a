from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.texts.agreement import Stance
from retrieval.texts.dispute import disputed, tells_change
from tests.retrieval.samples import TEXTS
from tests.retrieval.texts.test_agreement import PAIRS

WITHIN = [pair for pair in PAIRS if pair.within]
SENTENCES = st.sampled_from([text for pair in PAIRS for text in (pair.one, pair.other)])


def test_no_two_speakers_are_said_to_differ_who_do_not() -> None:
    told = [pair for pair in WITHIN if disputed(pair.one, pair.other, near=True).stance is Stance.DIFFER]
    assert sum(pair.relation is Stance.DIFFER for pair in told) >= 0.85 * len(told)
    assert len(told) >= 0.7 * sum(pair.relation is Stance.DIFFER for pair in WITHIN) > 0


@pytest.mark.parametrize(
    ("later", "word", "near"),
    [
        ("The accounts of the harbour board put it at 5.1 million.", "5.1 million", True),
        ("According to the board, it cost 5.1 million crowns, a quarter more.", "5.1 million", True),
        ("But the board's accounts put the cost of the bridge at 5.1 million crowns.", "5.1 million", False),
    ],
)
def test_the_words_in_which_they_part_are_pointed_at(later: str, word: str, near: bool) -> None:
    earlier = "The mayor says the bridge cost 4.2 million crowns, no more than was promised."
    found = disputed(earlier, later, near=near)
    assert (found.stance, found.about) == (Stance.DIFFER, "number")
    assert (earlier[slice(*found.one)], later[slice(*found.other)]) == ("4.2 million", word)


def test_it_is_what_was_spoken_of_only_close_by() -> None:
    earlier, later = "The mayor says the bridge cost 4.2 million.", "The harbour board puts it at 5.1 million."
    assert disputed(earlier, later, near=True).stance is Stance.DIFFER
    assert disputed(earlier, later, near=False).stance is Stance.UNRELATED


@pytest.mark.parametrize("pair", [pair for pair in WITHIN if pair.relation is Stance.DIFFER], ids=lambda p: p.one[:30])
def test_without_a_second_speaker_there_is_no_dispute(pair: tuple[str, str]) -> None:
    assert disputed(pair[0], pair[0], near=True).stance is Stance.UNRELATED
    assert disputed(pair[0], "The bridge cost 9 million crowns.", near=True).stance is Stance.UNRELATED


@pytest.mark.parametrize(
    "sentence",
    ["The cost rose from 4 to 5 million.", "It was first planned at 4 million.", "In the end it cost 5 million.",
     "Catches fell to 40 tons."],
)  # fmt: skip
def test_a_change_is_told_by_its_words(sentence: str) -> None:
    assert tells_change("The bridge cost 4 million.", sentence)
    assert not tells_change("The bridge cost 4 million.")


@given(SENTENCES | TEXTS, SENTENCES | TEXTS, st.booleans())
def test_what_differs_is_pointed_at_in_both(earlier: str, later: str, near: bool) -> None:
    found = disputed(earlier, later, near=near)
    for span, text in ((found.one, earlier), (found.other, later)):
        assert 0 <= span.start <= span.end <= len(text)
        assert (found.stance is Stance.DIFFER) == bool(text[span.start : span.end].strip())

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.lists import SEVERAL, collected, enumerations, how_many
from retrieval.question import understood
from retrieval.settings import Answers
from retrieval.types import Hit, Kind, Quote
from tests.retrieval.samples import TEXTS, passages

FLEET = """The council has sent a letter.

The harbour asks the council for three things. First, it wants a deeper basin. The present one is full of silt.

Second, the quay must be mended. Stones fall from it every winter, and the boats suffer.

Finally, the lamp is too weak.

Nobody has replied so far. Second thoughts are common."""
SHOPPING = """The fleet has asked for:

1. trawlers and tugs;
2. nets;
3. a new ice house.

Nothing has been paid."""
ADVICE = (
    "Osk closes with two pieces of advice. The fleet should be small. It should never sail on a Friday. Tarn agrees."
)


def asked(question: str, text: str, at: str, longest: int = 400, tokens: int = 20) -> list[str]:
    """The quotes of the list, for a question whose best quote is the sentence that begins with ``at``."""
    cut = passages(text, tokens=tokens)
    passage = next(p for p in cut if at in p.text)
    start = text.index(at)
    end = next(span.end for span in passage.sentences if span.start <= start < span.end)
    best = Quote(Hit(passage, 1.0, 0.5, 2.0), start, end, text[start:end], 1.0)
    query = understood(question, lambda word: 1, passages=100)
    found = collected(query, [best], lambda article_id: cut, Answers(quote_chars=longest))
    assert all(text[quote.start : quote.end] == quote.text for quote in found)
    assert all(p.start <= quote.start < quote.end <= p.end for quote in found for p in [quote.hit.passage])
    return [quote.text for quote in found]


@pytest.mark.parametrize("at", ["The harbour asks", "First, it wants", "Finally, the lamp"])
def test_an_enumerated_argument_is_collected_in_order_from_neighbouring_passages(at: str) -> None:
    assert asked("What are the three things that the harbour asks the council for?", FLEET, at) == [
        "First, it wants a deeper basin. The present one is full of silt.",
        "Second, the quay must be mended. Stones fall from it every winter, and the boats suffer.",
        "Finally, the lamp is too weak.",
    ]  # fmt: skip


def test_a_list_that_fits_is_one_quote() -> None:
    whole = SHOPPING[: SHOPPING.index("\n\nNothing")]
    assert asked("Which things has the fleet asked for?", SHOPPING, "2. nets", tokens=200) == [whole]
    parts = asked("Which things has the fleet asked for?", SHOPPING, "2. nets", longest=60, tokens=200)
    assert parts == ["The fleet has asked for:\n\n1. trawlers and tugs;\n2. nets;", "3. a new ice house."]


def test_things_announced_by_their_number_are_the_sentences_that_follow() -> None:
    announced = "Osk closes with two pieces of advice. The fleet should be small. It should never sail on a Friday."
    assert asked("What are the two pieces of advice of Osk?", ADVICE, "Osk closes", tokens=200) == [announced]


@pytest.mark.parametrize(
    ("question", "text", "at"),
    [
        ("What does the harbour want?", FLEET, "First, it wants"),  # asks for one thing
        ("What are the four things that the harbour asks for?", FLEET, "First, it wants"),
        ("Which lighthouses did Ada Quill build on the coast?", FLEET, "First, it wants"),
        ("What are the three things that the harbour asks for?", FLEET, "The council has sent"),
        ("What are the three pieces of advice of Osk?", ADVICE, "Osk closes"),
    ],
)
def test_a_list_that_was_not_asked_for_is_left_alone(question: str, text: str, at: str) -> None:
    assert asked(question, text, at, tokens=200) == []


def test_a_last_item_opens_no_list_and_dates_are_no_ordinals() -> None:
    text = (
        "Finally, it rained. Last year it snowed. First came the ferry. Last summer came the train. Second World War."
    )
    assert list(enumerations(passages(text, tokens=200))) == []


def test_readers_comments_are_no_part_of_an_argument() -> None:
    comments = [replace(passage, kind=Kind.COMMENT) for passage in passages(FLEET)]
    assert list(enumerations(comments)) == []


@pytest.mark.parametrize(
    ("question", "count"),
    [
        ("What are the three periods of mistrust?", 3),
        ("Name the 4 main causes of the fire", 4),
        ("Which two problems tie Osk to Tarn?", 2),
        ("Which ships did Norland send?", SEVERAL),
        ("List the keepers of the lighthouse", SEVERAL),
        ("main points of the speech", SEVERAL),
        ("Which ship did Norland send?", None),
        ("How many ships did Norland send?", None),
        ("When did the two ships sail?", None),
        ("What is the second reason?", None),
        ("Who flew the U-2 that was shot down?", None),
    ],
)
def test_how_many_things_a_question_asks_for(question: str, count: int | None) -> None:
    assert how_many(question) == count


LINES = st.lists(
    st.sampled_from(["First, a.", "Second, b is long enough to stand alone.", "Thirdly c.", "Finally d.", "1. one",
                     "2. two", "- x", "* y", "And:", "\n\n", "Plain words here.", "The other is e."]), max_size=20,
).map("\n".join)  # fmt: skip


@given(LINES | TEXTS)
def test_enumerations_are_in_the_articles_order_and_have_at_least_two_items(text: str) -> None:
    for found in enumerations(passages(text)):
        starts = [sentence.span.start for sentence in found.sentences]
        assert len(found.items) >= 2
        assert starts == sorted(starts)
        assert all(text[s.span.start : s.span.end] == s.text for s in found.sentences)

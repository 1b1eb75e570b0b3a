from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.question import understood
from retrieval.selection import Choice, chosen, related
from retrieval.settings import Answers
from retrieval.texts.agreement import Stance
from retrieval.types import Hit, Quote, Span
from tests.retrieval.samples import TEXTS, passages

BRIDGE = "Ada Quill opened the iron bridge at Tarn in 1874."


QUERY = understood("Which bridge was opened at Tarn?", lambda word: 1, passages=100)


def quoted(text: str, score: float = 1.0, article: str = "") -> Quote:
    (passage,) = passages(text, article or text, tokens=200)
    return Quote(Hit(passage, 1.0, 0.5, 2.0), passage.start, passage.end, passage.text, score)


def test_what_another_article_repeats_is_noted_and_not_shown() -> None:
    ranked = [quoted(BRIDGE, 3.0), quoted("In 1874 Ada Quill opened the iron bridge at Tarn.", 2.9),
              quoted("She had built three lighthouses before.", 2.8)]  # fmt: skip
    choice = chosen(QUERY, ranked, [], Answers())
    assert choice.quotes == [ranked[0], ranked[2]]
    assert choice.repeats == [[ranked[1]], []]
    assert not choice.differences


def test_an_article_that_repeats_itself_is_no_second_voice() -> None:
    ranked = [quoted(BRIDGE, 3.0, "a"), quoted("In 1874 Ada Quill opened the iron bridge at Tarn.", 2.9, "a")]
    assert chosen(QUERY, ranked, [], Answers())[:2] == ([ranked[0]], [[]])


def test_what_contradicts_the_best_quote_comes_next_with_the_words_that_differ() -> None:
    ranked = [quoted(BRIDGE, 3.0), quoted("Salt is sold by weight.", 2.9),
              quoted("It was 1876 when Ada Quill opened the iron bridge at Tarn.", -3.0)]  # fmt: skip
    choice = chosen(QUERY, ranked, [], Answers(quotes=2))
    assert choice.quotes == [ranked[0], ranked[2]]
    (difference,) = choice.differences
    assert (difference.numbers, difference.about) == ((1, 2), "date")
    assert ranked[0].text[slice(*difference.words[0])] == "1874"
    assert ranked[2].text[slice(*difference.words[1])] == "1876"


def test_a_question_that_states_a_date_takes_its_side() -> None:
    ranked = [quoted(BRIDGE, 3.0), quoted("In 1876 Ada Quill opened the iron bridge at Tarn.", -3.0)]
    stated = understood("Which bridge was opened in 1874?", lambda word: 1, passages=100)
    assert chosen(stated, ranked, [], Answers()) == (ranked[:1], [[]], [])
    assert len(chosen(QUERY, ranked, [], Answers()).differences) == 1


@pytest.mark.parametrize(
    ("question", "about"),
    [("When was the bridge opened?", ["date"]), ("Which bridge was opened?", ["date"]),
     ("Who opened the bridge, and when?", ["date"]), ("Who opened the bridge?", []),
     ("How many bridges are there?", []), ("Why was the bridge opened?", [])],
)  # fmt: skip
def test_a_difference_counts_where_it_lies_in_what_is_asked(question: str, about: list[str]) -> None:
    ranked = [quoted(BRIDGE, 3.0), quoted("In 1876 Ada Quill opened the iron bridge at Tarn.", -3.0)]
    choice = chosen(understood(question, lambda word: 1, passages=100), ranked, [], Answers())
    assert [difference.about for difference in choice.differences] == about
    assert len(choice.quotes) == 1 + len(about)


def test_a_denial_concerns_any_question() -> None:
    ranked = [
        quoted("The harbour of Fell has been improving.", 3.0),
        quoted("The harbour of Fell did not improve.", -3.0),
    ]
    asked = understood("When did the harbour of Fell improve?", lambda word: 1, passages=100)
    assert [difference.about for difference in chosen(asked, ranked, [], Answers()).differences] == ["negation"]


def test_one_author_contradicts_himself_only_where_the_sentences_are_all_but_the_same() -> None:
    one = quoted("The iron bridge at Tarn was opened to traffic in May 1874.", article="a")
    loose = quoted("The bridge was opened in June 1875 when the mayor had come from Tarn.", article="a")
    close = quoted("The iron bridge at Tarn was opened to traffic in June 1876.", article="a")
    assert related(one, loose).stance is Stance.UNRELATED
    assert related(one, close).stance is Stance.DIFFER


@pytest.mark.parametrize(
    ("text", "later"),
    [
        ("The Osk museum has 4,000 visitors a week.", "The Osk museum has 200,000 visitors a year."),
        ("Wages in Drey rose by 5 percent.", "Wages for women in Drey rose by 9 percent."),
        ("Ada says that the Osk chronicle has 400 pages.", "Tom says that the Osk chronicle has 380 pages of text."),
        ("King Alder was born in 1911.", "King Alder's brother was born in 1914."),
    ],
)
def test_parts_and_rates_in_one_article_are_no_contradiction(text: str, later: str) -> None:
    assert related(quoted(text, article="a"), quoted(later, article="a")).stance is Stance.UNRELATED


def test_the_loser_is_not_credited_with_the_victory() -> None:
    ranked = [quoted("Pell beat Osmar in the final.", 3.0), quoted("Osmar beat Pell in the final.", 2.9)]
    assert not any(chosen(QUERY, ranked, [], Answers()).repeats)


PRICE = understood("How much did the bridge cost?", lambda word: 1, passages=100)
SAID = "The mayor says the bridge cost 4.2 million crowns."
RECORDED = "The accounts of the harbour board put it at 5.1 million."


def part(of: Quote, text: str, score: float = 1.0) -> Quote:
    """The quote of these words of another's passage."""
    start = of.hit.passage.start + of.hit.passage.text.index(text)
    return Quote(of.hit, start, start + len(text), text, score)


def parted(choice: Choice) -> list[tuple[str, str]]:
    """The words in which quotes part, by the numbers of the quotes."""
    return [
        tuple(
            choice.quotes[number - 1].text[a - choice.quotes[number - 1].start : b - choice.quotes[number - 1].start]
            for number, (a, b) in zip(difference.numbers, difference.words, strict=True)
        )
        for difference in choice.differences
    ]


def test_two_speakers_in_one_quote_become_a_quote_of_each() -> None:
    both = quoted(f"{SAID} {RECORDED} Nobody sang.", 3.0)
    choice = chosen(PRICE, [both], [both.hit], Answers())
    assert [quote.text for quote in choice.quotes] == [SAID, f"{RECORDED} Nobody sang."]
    assert parted(choice) == [("4.2 million", "5.1 million")]
    assert choice.differences[0].voiced
    assert chosen(PRICE, [both], [both.hit], Answers(quotes=1)).quotes == [both]


def test_the_speaker_whose_words_answer_comes_first() -> None:
    both = quoted(f"{SAID} {RECORDED}", 3.0)
    answer = Span(both.start + both.text.index("5.1"), both.end)
    choice = chosen(PRICE, [replace(both, answer=answer)], [both.hit], Answers())
    assert [(quote.text, quote.answer) for quote in choice.quotes] == [(RECORDED, answer), (SAID, None)]


@pytest.mark.parametrize("between", ["", "It is handsome. ", "It is handsome. It is tall. "])
def test_another_speaker_beside_the_quote_is_shown_where_it_is_clear_what_he_speaks_of(between: str) -> None:
    whole = quoted(f"{SAID} {between}{RECORDED}")
    best = part(whole, SAID, 3.0)
    choice = chosen(PRICE, [best], [best.hit], Answers())
    clear = between.count(".") < 2
    assert [quote.text for quote in choice.quotes] == ([SAID, RECORDED] if clear else [SAID])


def test_another_speaker_elsewhere_in_the_article_is_shown() -> None:
    best = quoted(SAID, 3.0, "a")
    other = quoted("Salt is dear. According to the harbour board, the bridge cost 5.1 million crowns.", 1.0, "a")
    read = part(other, "Salt is dear.", -3.0)
    choice = chosen(PRICE, [best, read], [best.hit, other.hit], Answers())
    assert parted(choice) == [("4.2 million", "5.1 million")]


@pytest.mark.parametrize(
    "later",
    ["In the end it cost 5.1 million crowns.", "The board says that the bridge cost 5.1 million crowns in the end.",
     "The board says the tunnel cost 5.1 million crowns.", "The mayor says the ramps cost 5.1 million crowns."],
)  # fmt: skip
def test_what_an_author_tells_of_a_change_or_of_two_things_is_one_quote(later: str) -> None:
    both = quoted(f"{SAID} {later}", 3.0)
    assert chosen(PRICE, [both], [both.hit], Answers()) == ([both], [[]], [])


@pytest.mark.parametrize(
    ("titles", "stance"),
    [(("The Rusty Tower", "Storms"), Stance.UNRELATED), (("The Rusty Tower", "Towers of Tin"), Stance.DIFFER),
     (("", "Storms"), Stance.DIFFER)],
)  # fmt: skip
def test_things_without_a_name_are_one_where_the_titles_meet(titles: tuple[str, str], stance: Stance) -> None:
    texts = "The season had 24 episodes of drama.", "The season had 12 episodes of drama."
    one, other = (
        replace(quote, hit=replace(quote.hit, passage=replace(quote.hit.passage, title=title)))
        for quote, title in zip(map(quoted, texts), titles, strict=True)
    )
    assert related(one, other).stance is stance


def test_passages_that_were_not_read_may_repeat_or_contradict_but_never_add() -> None:
    best = quoted(BRIDGE, 3.0)
    unread = [quoted("Salt is sold by weight. The iron bridge at Tarn was opened by Ada Quill in 1876.").hit,
              quoted("In 1874 Ada Quill opened the iron bridge at Tarn. Nobody sang.").hit,
              quoted("Ada Quill built a lighthouse of iron at Fell.").hit]  # fmt: skip
    choice = chosen(QUERY, [best], [best.hit, *unread], Answers())
    assert [quote.text for quote in choice.quotes] == [
        BRIDGE,
        "The iron bridge at Tarn was opened by Ada Quill in 1876.",
    ]
    assert [[quote.text for quote in repeats] for repeats in choice.repeats] == [
        ["In 1874 Ada Quill opened the iron bridge at Tarn."], []
    ]  # fmt: skip


def test_quotes_far_behind_the_best_are_not_shown() -> None:
    ranked = [quoted("Ada built the bridge.", 9.0), quoted("Salt is sold by weight.", -9.0)]
    assert chosen(QUERY, ranked, [], Answers()).quotes == ranked[:1]


def test_nothing_found_nothing_chosen() -> None:
    assert chosen(QUERY, [], [], Answers()) == ((), [], ())


@given(st.integers(1, 10))
def test_no_more_quotes_than_the_setting_allows(most: int) -> None:
    ranked = [quoted(f"Word{n} thing{n} other{n}.") for n in range(12)]
    assert chosen(QUERY, ranked, [], Answers(quotes=most)).quotes == ranked[:most]


@given(st.lists(TEXTS.filter(str.strip), min_size=1, max_size=4), st.integers(1, 4))
def test_every_quote_is_exact_and_stands_in_one_place_only(texts: list[str], most: int) -> None:
    cut = [passage for number, text in enumerate(texts) for passage in passages(text, f"a{number}")]
    ranked = [Quote(Hit(p, 1.0, 0.5, 2.0), p.start, p.end, p.text, 1.0) for p in cut[:3]]
    choice = chosen(QUERY, ranked, [Hit(p, 1.0, 0.5, 2.0) for p in cut], Answers(quotes=most))
    assert choice.quotes[:1] == ranked[:1]
    assert len(choice.quotes) == len(choice.repeats) <= max(most, 0)
    everything = [*choice.quotes, *(quote for repeats in choice.repeats for quote in repeats)]
    places = [(quote.hit.passage.article_id, quote.start, quote.end) for quote in everything]
    assert len(set(places)) == len(places)
    for quote in everything:
        assert texts[int(quote.hit.passage.article_id[1:])][quote.start : quote.end] == quote.text

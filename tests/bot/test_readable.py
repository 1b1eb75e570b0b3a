"""Quotes as people read them: marks go, letters stay, and so do the words that answer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lines import one_line, plain
from bot.readable import readable
from bot.records import citation_record
from bot.render import citation_line, differing_line, quote_line, quote_segments, reply_lines
from retrieval.types import Abstention, Citation, Hit, Kind, Passage, Quote, Reference, Span, Work

MARKDOWN = Reference("pier", "/srv/pier.md", "The Pier")
PLAIN = Reference("pier", "/srv/pier.txt", "The Pier")
START = 40


def cited(text: str, reference: Reference = MARKDOWN, answer: str = "") -> Citation:
    hit = Hit(Passage("p:0", "pier", 0, START + len(text), Kind.BODY, text), 1.0, 0.5, 2.0)
    at = START + text.index(answer)
    span = Span(at, at + len(answer)) if answer else None
    return Citation(1, reference, Quote(hit, START, START + len(text), text, 1.0, answer=span))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("The pier is **very** *old* and __quite__ _long_.", "The pier is very old and quite long."),
        ("***Both*** and **_nested_ marks**, and ~~none~~.", "Both and nested marks, and none."),
        ("See [the plan](https://example.org/a_(b) \"A plan\") of [1874][old].", "See the plan of 1874."),
        ("A [**bold** link](x) and ![the pier](pier.jpg) and <https://example.org>.", "A bold link and the pier and https://example.org."),
        ("Run `make **all**` or ``a`b``.", "Run make **all** or a`b."),
        (r"It cost 5\* and 6\*.", "It cost 5* and 6*."),
        ("**It opened in 1874.", "It opened in 1874."),
        ("It closed in 1990.**", "It closed in 1990."),
        ("- It opened in **1874**.", "It opened in 1874."),
        ("* First * second", "First * second"),
        ("## The pier", "The pier"),
        ("> - It was said.", "It was said."),
        ("**“It will last.”**", "It will last."),
        ("2 * 3 * 4 and 2*3*4 and snake_case_name", "2 * 3 * 4 and 2*3*4 and snake_case_name"),
        ("[sic] he wrote (in 1874)", "[sic] he wrote (in 1874)"),
        ("an [unended](link and **star", "an [unended](link and **star"),
    ],
)  # fmt: skip
def test_marks_of_markdown_are_not_read(text: str, read: str) -> None:
    assert readable(cited(text)) == read


@pytest.mark.parametrize("text", ["The `code` and **bold** of __init__ [x](y).", "# 1 of the list", "2**3**4"])
def test_what_is_no_markdown_keeps_its_marks(text: str) -> None:
    assert readable(cited(text, PLAIN)) == text


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("“The pier stays.”", "The pier stays."),
        ('"The pier stays".', "The pier stays."),
        ("«The pier stays»", "The pier stays"),
        ("„The pier stays.“", "The pier stays."),
        ("- “The pier stays!”", "The pier stays!"),
        ('"The pier" and "the mole"', '"The pier" and "the mole"'),
        ("“The pier stays,” she said.", "“The pier stays,” she said."),
        ("“The pier” and “the mole”", "“The pier” and “the mole”"),
        ("“”", ""),
    ],
)
def test_a_quote_within_quote_marks_is_not_marked_twice(text: str, read: str) -> None:
    assert readable(cited(text, PLAIN)) == read


def test_the_answering_and_differing_words_survive_the_marks() -> None:
    citation = cited("- “The **pier** opened in [May **1874**](x), *late*.”", answer="[May **1874**](x)")
    before, words, after = quote_segments(citation)
    assert (before.text, words.text, after.text) == ("The pier opened in ", "May 1874", ", late.")
    assert plain(quote_line(citation)) == "  “The pier opened in May 1874, late.” [1]"
    assert citation.quote.answer is not None
    assert plain(differing_line(citation, [citation.quote.answer])) == "  “The pier opened in »May 1874«, late.” [1]"


def test_what_other_programs_read_is_exact() -> None:
    citation = cited("- “The **pier** opened.”")
    assert citation_record(citation)["quote"] == "- “The **pier** opened.”"


def test_the_nearest_quotes_are_read_without_marks_too() -> None:
    nearest = (cited("- “Food could be **sold** to the north.”"),)
    told = "\n".join(map(plain, reply_lines(Abstention("?", "unlikely", nearest, 0.1, Work()), Path("/"))))
    assert told.endswith("Nearest: The Pier, on “Food could be sold to the north”.")


def test_the_link_opens_at_the_words_as_the_page_shows_them() -> None:
    reference = replace(MARKDOWN, url="https://example.org/pier")
    assert plain(citation_line(cited("The **pier** [opened](x).", reference), Path("/"))).endswith(
        "https://example.org/pier#:~:text=The%20pier%20opened."
    )


PIECES = st.lists(
    st.sampled_from([*'*_`[]()<>\\~"“”«»!#->. \n', "word", "**", "](", "http://x", "\x1b[31m"]) | st.text(max_size=3)
).map("".join)


@given(PIECES, st.sampled_from([MARKDOWN, PLAIN]), st.data())
def test_nothing_is_added_and_pieces_make_the_whole(text: str, reference: Reference, data: st.DataObject) -> None:
    citation = cited(text, reference)
    whole = readable(citation)
    letters = iter(one_line(text))
    assert all(letter in letters for letter in whole if letter != " "), "a subsequence of the quote"
    cut = data.draw(st.integers(START, START + len(text)))
    if "\x1b" not in text:  # an escape sequence that is cut in two is none
        pieces = readable(citation, end=cut) + readable(citation, cut)
        assert pieces.replace(" ", "") == whole.replace(" ", "")


@given(st.lists(st.from_regex(r"[A-Za-z0-9,;.]{1,9}", fullmatch=True), min_size=1).map(" ".join))
def test_text_without_marks_is_read_as_it_stands(text: str) -> None:
    assert readable(cited(text)) == text


def test_a_very_long_quote_full_of_marks_is_read_in_time_that_grows_with_it() -> None:
    for mark in ("*a ", "[", "`a``", "_a ", "~~a ", "[a](", "“"):
        readable(cited(mark * 20_000))

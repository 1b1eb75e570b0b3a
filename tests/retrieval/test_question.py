from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import InputError
from retrieval.question import checked, share_said, understood
from retrieval.store.archive import Archive
from retrieval.tokens import STOP_WORDS, stem, words
from retrieval.types import Expected, Filters, Period, Query
from tests.retrieval.samples import archive_of, article

KNOWN = {"ferry": 10, "tarn": 2, "sank": 1, "bridge": 5, "1874": 3, "visited": 4, "visits": 4}


def read(text: str) -> Query:
    return understood(text, lambda word: KNOWN.get(word, 0), passages=100)


# -- checked ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("nothing", ["", " ", "\n\t", "\x00\x07", "\u200f\u202e", "\u2028"])
def test_an_empty_question_is_refused_with_an_example(nothing: str) -> None:
    with pytest.raises(InputError, match="empty") as raised:
        checked(nothing, 2_000)
    assert "sayso ask" in raised.value.hint


def test_one_character_is_a_question() -> None:
    assert checked("?", 2_000) == "?"
    assert checked("я", 1) == "я"


def test_a_question_may_be_as_long_as_the_setting_and_no_longer() -> None:
    assert checked("x" * 2_000, 2_000) == "x" * 2_000
    with pytest.raises(InputError, match="20,000 characters, at most 2,000") as raised:
        checked("x" * 20_000, 2_000)
    assert "max_question_chars" in raised.value.hint


@pytest.mark.parametrize(
    ("asked", "clean"),
    [
        ("who\x00 sank\x1b[31m it?\x07", "who sank it?"),
        ("  who \r\n\t sank?  ", "who sank?"),
        ("who sank 👩‍👩‍👧?", "who sank 👩 👩 👧?"),
        ("\u202ewho sank\u202c?", "who sank ?"),
        ("من هو؟", "من هو؟"),
        ("who\udcff sank?", "who sank?"),
        ("<|endoftext|>", "<|endoftext|>"),
    ],
)
def test_control_characters_are_blanks_and_all_other_signs_stay(asked: str, clean: str) -> None:
    assert checked(asked, 2_000) == clean


@given(st.text(max_size=200))
def test_a_checked_question_prints_in_one_line_and_checks_to_itself(text: str) -> None:
    try:
        clean = checked(text, 2_000)
    except InputError:
        assert not any(c.isprintable() and not c.isspace() for c in text)
        return
    assert clean.isprintable()
    assert clean == clean.strip() != ""
    assert checked(clean, 2_000) == clean


# -- understood ------------------------------------------------------------------------------------


def test_terms_are_stems_of_content_words_weighed_by_how_rare_they_are() -> None:
    query = read("When was the ferry of Tarn sunk, and who sank it?")
    assert list(query.terms) == ["ferry", "tarn", "sunk", "sank"]
    assert query.terms["sank"] == pytest.approx(math.log(1 + 99.5 / 1.5))
    assert query.terms["ferry"] < query.terms["tarn"] < query.terms["sank"] < query.terms["sunk"]


def test_words_that_occur_nowhere_are_named_as_they_were_typed() -> None:
    assert read("Which Zeppelins visited Tarn?").unknown == {"zeppelins"}
    assert read("Who visited Tarn?").unknown == frozenset()


def test_names_are_capitalised_words_that_do_not_open_the_question() -> None:
    assert read("Which ferry did Ada Quill sink at Tarn?").names == {stem("ada"), stem("quill"), "tarn"}
    assert read("Ferry to where?").names == frozenset()
    assert read("It sank. Tarn did it.").names == frozenset()
    assert read("Who met The Council?").names == {stem("council")}


def test_numbers_are_words_that_hold_a_digit() -> None:
    assert read("What of 1874, the 20th and 3.5m?").numbers == {"1874", "20th", "3", "5m"}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("Who sank the ferry?", Expected.PERSON),
        ("whose ferry was it", Expected.PERSON),
        ("Which general signed it?", Expected.PERSON),
        ("When did it sink?", Expected.DATE),
        ("In which year was the bridge opened?", Expected.DATE),
        ("how long ago was that", Expected.DATE),
        ("How many ferries sank?", Expected.NUMBER),
        ("How much did it cost?", Expected.NUMBER),
        ("What percentage of them?", Expected.NUMBER),
        ("Where is Tarn?", Expected.PLACE),
        ("Which town has a bridge?", Expected.PLACE),
        ("Why did it sink?", Expected.REASON),
        ("What caused it?", Expected.REASON),
        ("What is a ferry?", Expected.ANYTHING),
        ("ferry", Expected.ANYTHING),
        ("The whole of it", Expected.ANYTHING),
        ("Tell me about Whitby", Expected.ANYTHING),
    ],
)
def test_the_kind_of_words_expected_is_read_off_the_question(asked: str, expected: Expected) -> None:
    assert read(asked).expected is expected


def test_a_question_of_stop_words_is_taken_at_its_words() -> None:
    assert set(read("who are you").terms) == {"who", "are", "you"}


@pytest.mark.parametrize(
    ("asked", "resolved", "share"),
    [("why?", "Why did the ferry leave Tarn?", 0.0), ("Who sank it?", "Who sank the ferry?", 0.5), ("?", "?", 0.0)],
)
def test_what_a_question_says_itself_is_its_share_of_content_words(asked: str, resolved: str, share: float) -> None:
    assert share_said(asked, resolved) == share


def test_the_time_asked_about_is_read() -> None:
    assert read("Who visited Tarn before 1874?").period == Period(0, 1873)
    assert read("Who visited Tarn?").period is None


@pytest.mark.parametrize("asked", ["?", "!!!", "…", "👩"])
def test_a_question_without_words_matches_nothing(asked: str) -> None:
    query = read(asked)
    assert (dict(query.terms), query.match, query.unknown) == ({}, "", frozenset())


def test_a_text_in_place_of_a_question_searches_for_some_of_its_words_only() -> None:
    query = understood(" ".join(f"word{n}" for n in range(4_000)), lambda word: 1, passages=100)
    assert len(query.terms) <= 40
    assert query.match.count(" OR ") <= 39


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    told = article("The ferry NEAR Tarn sank OR not. It visited the bridge in 1874.")
    with closing(archive_of(tmp_path_factory.mktemp("question"), told)) as archive:
        yield archive


@pytest.mark.parametrize(
    "asked",
    ['"', '"ferry', "ferry*", "NEAR(ferry tarn)", "ferry AND NOT tarn", "-ferry", "context:ferry", "{ferry", "^ferry",
     "a\"b'c;--", "ferry + tarn", "NOT", "OR OR", "ferry'); DROP TABLE passages", "\\", "ferry\" OR \"1"],
)  # fmt: skip
def test_the_syntax_of_the_word_index_is_harmless_in_a_question(archive: Archive, asked: str) -> None:
    query = understood(asked, archive.words.document_frequency, passages=1)
    rows = archive.words.best(query.match, 10, Filters()) if query.match else []
    content = [word for word in words(asked) if word not in STOP_WORDS] or words(asked)
    assert bool(rows) == bool(set(content) & set(words("ferry near tarn sank or not visited 1874")))


@given(st.text(max_size=60))
def test_any_question_is_understood_and_searches(archive: Archive, text: str) -> None:
    query = understood(text, archive.words.document_frequency, passages=1)
    assert all(weight >= 0 for weight in query.terms.values())
    assert {stem(word) for word in query.unknown} <= set(query.terms)
    if query.match:
        assert archive.words.best(query.match, 10, Filters())

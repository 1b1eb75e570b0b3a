from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.question import understood
from retrieval.settings import EncoderSettings
from retrieval.store.database import Database
from retrieval.texts.language import foreign_language, refusal, romanised
from retrieval.tokens import words
from retrieval.types import Query

IN_THE_BOX = EncoderSettings()
MULTILINGUAL = EncoderSettings(model="paraphrase-multilingual-MiniLM-L12-v2")


def asked(text: str, *known: str) -> Query:
    return understood(text, lambda word: int(word in known), passages=10)


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Кто построил мост в Тарне?", "Russian"),
        ("پل کس نے بنایا تھا؟", "Urdu"),
        ("من بنى الجسر؟", "Arabic"),
        ("पुल किसने बनाया था?", "Hindi"),
        ("Wer baute die Brücke am Hafen?", "German"),
        ("¿Quién construyó el puente del puerto?", "Spanish"),
    ],
)
def test_a_question_in_another_language_is_told_which(question: str, language: str) -> None:
    assert foreign_language(question) == language
    assert (
        refusal(asked(question), IN_THE_BOX)
        == f"the question seems to be in {language}, and all-MiniLM-L6-v2 reads English"
    )


@pytest.mark.parametrize(
    "question", ["Who built the bridge at Tarn?", "and Ada Quill?", "Tarn Fell 1874", "?", "1874", "Bajwa"]
)
def test_english_and_bare_names_are_not_taken_for_another_language(question: str) -> None:
    assert foreign_language(question) is None
    assert refusal(asked(question), IN_THE_BOX) == ""


def test_articles_that_have_the_words_are_in_the_language_of_the_question() -> None:
    question = "Кто построил мост в Тарне?"
    assert refusal(asked(question, "построил", "мост", "тарне"), IN_THE_BOX) == ""


def test_an_encoder_of_the_users_own_may_read_any_language() -> None:
    assert refusal(asked("Кто построил мост в Тарне?"), MULTILINGUAL) == ""


@pytest.mark.parametrize(
    ("word", "latin"), [("Лавров", "lavrov"), ("Σάμος", "samos"), ("Šarić", "saric"), ("tarn", "tarn")]
)
def test_a_word_is_spelled_in_latin_letters(word: str, latin: str) -> None:
    assert romanised(word) == latin


def test_a_name_in_another_script_finds_the_articles_that_spell_it_in_latin() -> None:
    query = asked("Где Лавров?", "lavrov")
    assert "lavrov" in query.terms and query.match == '"lavrov"'
    assert "lavrov" not in query.unknown


def test_a_name_that_the_articles_have_as_it_is_typed_is_searched_so() -> None:
    assert asked("Где Лавров?", "lavrov", "лавров").match == '"лавров"'


@given(st.text(max_size=60))
def test_any_text_is_judged_and_spelled(text: str) -> None:
    assert foreign_language(text) is None or text
    assert romanised(text).isascii()


@pytest.mark.parametrize(
    "sentence", ["پل کس نے بنایا تھا؟", "من بَنَى الجسر؟", "पुल किसने बनाया था?", "Кто построил мост? ёлка", "می‌خواهم کتاب"]
)
def test_the_word_index_cuts_words_of_other_scripts_as_questions_do(tmp_path: Path, sentence: str) -> None:
    with closing(Database(tmp_path / "archive.sqlite3")) as database, database.writing() as db:
        schema = db.execute("SELECT sql FROM sqlite_master WHERE name = 'words'").fetchone()[0]
    tokenizer = schema[schema.index("tokenize") : schema.rindex(")")]
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute(f"CREATE VIRTUAL TABLE w USING fts5(text, {tokenizer})")
        db.execute("INSERT INTO w VALUES (?)", (sentence,))
        db.execute("CREATE VIRTUAL TABLE v USING fts5vocab(w, 'row')")
        indexed = {term for (term,) in db.execute("SELECT term FROM v")}
    assert indexed == set(words(sentence))

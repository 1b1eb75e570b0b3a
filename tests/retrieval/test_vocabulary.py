from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.question import understood
from retrieval.store.archive import Archive
from retrieval.vocabulary import Vocabulary
from tests.retrieval.samples import archive_of, article

RUSSIAN = "Лавров приехал в Тарн. Речь Лаврова слушали триста человек. Мост построил Кузнецов."


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    made = article(RUSSIAN, "tarn"), article("Salt is sold by weight at Fell.", "salt")
    with closing(archive_of(tmp_path_factory.mktemp("vocabulary"), *made)) as archive:
        yield archive


def test_a_name_in_latin_letters_finds_the_articles_that_spell_it_otherwise(archive: Archive) -> None:
    spelled = Vocabulary(archive).spelled
    assert spelled("lavrov") == ["лавров", "лаврова"]
    query = understood("What did Lavrov say?", archive.words.document_frequency, 2, spelled)
    assert "лавров" in query.terms
    assert query.match == '"лавров" OR "лаврова"'
    assert "lavrov" not in query.unknown


@pytest.mark.parametrize("word", ["salt", "most", "rech", "lav", "lavrovskiye", "Lavrov Fell", ""])
def test_only_what_reads_so_is_found_and_no_short_word(archive: Archive, word: str) -> None:
    assert set(Vocabulary(archive).spelled(word)) <= {"мост", "речь"}


def test_words_that_the_articles_have_in_latin_letters_are_searched_so(archive: Archive) -> None:
    assert understood("salt", archive.words.document_frequency, 2, Vocabulary(archive).spelled).match == '"salt"'


def test_what_is_added_later_is_found_without_a_new_vocabulary(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("later")
    with closing(archive_of(folder, article("Salt.", "salt"))) as archive:
        vocabulary = Vocabulary(archive)
        assert vocabulary.spelled("lavrov") == []
        with closing(archive_of(folder, article(RUSSIAN, "tarn"))):
            assert vocabulary.spelled("lavrov") == ["лавров", "лаврова"]


@given(st.text(max_size=12) | st.sampled_from(["kuznetsov", "prie", "tarn", "rech"]))
def test_every_word_found_is_one_of_the_articles(archive: Archive, word: str) -> None:
    for found in Vocabulary(archive).spelled(word):
        assert archive.words.document_frequency(found)
